//! The 234 libraries of the Oise, with the county's own and two offices (`data/libraries.csv`).
//!
//! The rows come from the ministry's register of libraries. Names and towns were tidied once and are corrected in the
//! file. The register has hardly any e-mail addresses. So that digests can be seen, most libraries have an invented
//! one, `bibliotheque.<town>.<id>@oise.example`. Five small ones have none, since such libraries exist: their overdue
//! patrons go straight to the county, marked "bibliothèque sans adresse".

use domain::{Email, Library, LibraryId, person::PostalCode};
use serde::Deserialize;

use crate::Error;

const ROWS: &str = include_str!("../data/libraries.csv");

/// A library of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) library: Library,
    /// Whether the library is open to the public. Closed ones have no registrations.
    pub(crate) open: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: LibraryId,
    name: String,
    postal_code: PostalCode,
    town: String,
    email: Option<Email>,
    open: bool,
}

/// Returns all libraries, in the register's order.
pub(crate) fn all() -> Result<Vec<Listed>, Error> {
    let rows = csv::Reader::from_reader(ROWS.as_bytes()).into_deserialize();
    rows.map(|row| row.map(listed).map_err(Error::Libraries)).collect()
}

fn listed(Row { id, name, postal_code, town, email, open }: Row) -> Listed {
    Listed { library: Library { id, name, town, postal_code, email, active: true }, open }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::collation::fold;

    use super::*;

    fn libraries() -> Vec<Library> {
        all().unwrap().into_iter().map(|listed| listed.library).collect()
    }

    #[test]
    fn the_list_has_234_libraries_with_unique_ids() {
        let ids: BTreeSet<_> = libraries().into_iter().map(|library| library.id).collect();
        assert_eq!(ids.len(), 234);
        assert_eq!(ROWS.lines().count(), 234 + 1);
        let closed = all().unwrap().into_iter().filter(|listed| !listed.open).count();
        assert_eq!(closed, 3, "two offices and the county's own");
    }

    #[test]
    fn names_and_towns_are_tidy() {
        for library in libraries() {
            let label = library.label();
            for text in [&library.name, &library.town] {
                assert!(text.starts_with(char::is_uppercase), "{label}");
                assert!(!text.contains("  ") && !text.contains("' ") && !text.contains(['\\', '"']), "{label}");
                assert_eq!(text.trim(), text, "{label}");
            }
            assert!(!label.split(|c: char| !c.is_alphabetic()).any(shouts), "{label}");
            assert!(!label.contains("theque") && !label.contains("théque"), "{label}");
            assert!(library.name.split(' ').skip(1).all(|word| !["De", "Municipale"].contains(&word)), "{label}");
        }
    }

    #[test]
    fn library_names_spell_their_town_like_the_town_column() {
        let plain = |text: &str| text.split([' ', '-']).map(fold).collect::<String>();
        for library in libraries() {
            let town = library.town.trim_start_matches("Les ").trim_start_matches("Le ");
            assert!(library.name.contains(town) || !plain(&library.name).contains(&plain(town)), "{}", library.label());
        }
    }

    fn shouts(word: &str) -> bool {
        word.chars().count() > 3 && word.chars().all(char::is_uppercase)
    }

    #[test]
    fn an_email_is_real_or_under_a_reserved_domain_or_absent() {
        let libraries = libraries();
        let email = |id: &str| {
            let library = libraries.iter().find(|library| library.id.as_str() == id).unwrap();
            library.email.as_ref().map(Email::as_str)
        };
        assert_eq!(email("LI10524"), Some("bibstleger@orange.fr"));
        assert_eq!(email("LI2623"), Some("tracythequeb@gmail.com"));
        assert_eq!(email("LI10511"), Some("bibliotheque.fleury.li10511@oise.example"));
        assert_eq!(email("LI8871"), Some("bibliotheque.rouvillers.li8871@oise.example"));
        let without = libraries.iter().filter(|library| library.email.is_none()).map(|library| library.id.as_str());
        // Braisnes-sur-Aronde, Flavy-le-Meldeux, Puits-la-Vallée, Reilly, Rotangy.
        let expected = BTreeSet::from(["LI8727", "LI8767", "LI8861", "LI8865", "LI8869"]);
        assert_eq!(without.collect::<BTreeSet<_>>(), expected);
        let written: BTreeSet<_> = libraries.iter().filter_map(|library| library.email.as_ref()).collect();
        assert_eq!(written.len(), 234 - 5, "addresses are unique");
    }
}
