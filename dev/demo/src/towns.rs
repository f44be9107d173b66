//! The towns of the Oise by postal code, from the state's geographic API. The file belongs to the portal, whose form
//! offers the towns of the postal code that a librarian types.

use std::collections::BTreeMap;

use crate::Error;

const TOWNS: &str = include_str!("../../../functions/portal/static/towns.json");

/// The towns that share each postal code, in alphabetical order.
pub(crate) type Towns = BTreeMap<String, Vec<String>>;

/// Returns the towns of all postal codes.
pub(crate) fn by_postal_code() -> Result<Towns, Error> {
    serde_json::from_str(TOWNS).map_err(Error::Towns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_towns_may_share_a_postal_code() {
        let towns = by_postal_code().unwrap();
        assert!(towns["60240"].iter().any(|town| town == "Fleury"));
        assert!(towns["60240"].len() > 10);
    }
}
