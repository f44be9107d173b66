//! Where people live: the towns of the Oise by postal code (`data/oise_communes.json`, from the state's geographic
//! interface).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Error;

const COMMUNES: &str = include_str!("../../data/oise_communes.json");

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Commune {
    nom: String,
    codes_postaux: Vec<String>,
}

/// The towns that share each postal code.
pub(super) fn by_postal_code() -> Result<BTreeMap<String, Vec<String>>, Error> {
    let communes: Vec<Commune> = serde_json::from_str(COMMUNES).map_err(Error::Communes)?;
    let mut towns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for commune in communes {
        for code in commune.codes_postaux {
            towns.entry(code).or_default().push(commune.nom.clone());
        }
    }
    Ok(towns)
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
