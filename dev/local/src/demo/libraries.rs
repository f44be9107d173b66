//! The libraries of the Oise as the ministry's register has them (`data/oise_libraries.csv`), tidied. All 234 of them:
//! the towns' libraries, and the county's own with two offices.
//!
//! The register has hardly any addresses to write to. So that digests can be seen, a library without one is given an
//! invented one, `bibliotheque.<town>.<id>@oise.example`; [`WITHOUT_EMAIL`] are left without, since there are such too:
//! their overdue patrons go straight to the county, marked "bibliothèque sans adresse".

use domain::{Email, Fault, Library};
use serde::Deserialize;

use super::{Error, spelling};

const REGISTER: &str = include_str!("../../data/oise_libraries.csv");
/// What the register calls a place that people can go to.
const OPEN: &str = "Bâtiment ouvert";

/// Five small libraries that nobody can write to.
pub(super) const WITHOUT_EMAIL: [&str; 5] = [
    "LI8727", // Braisnes-sur-Aronde
    "LI8767", // Flavy-le-Meldeux
    "LI8861", // Puits-la-Vallée
    "LI8865", // Reilly
    "LI8869", // Rotangy
];

/// A library of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) library: Library,
    /// Whether people can go there; if not, nobody registers there either.
    pub(super) open: bool,
}

/// A row, as far as the procedure needs it.
#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "Code_bib")]
    id: String,
    #[serde(rename = "nom_de_l_etablissement")]
    name: String,
    #[serde(rename = "CP")]
    postal_code: String,
    #[serde(rename = "Ville")]
    town: String,
    #[serde(rename = "type_adresse")]
    kind: String,
    #[serde(rename = "site_internet")]
    site: String,
}

/// All of them, in the register's order.
pub(super) fn all() -> Result<Vec<Listed>, Error> {
    csv::Reader::from_reader(REGISTER.as_bytes())
        .deserialize()
        .map(|row| row.map_err(Error::Register).and_then(listed))
        .collect()
}

fn listed(row: Row) -> Result<Listed, Error> {
    let library = library(&row).map_err(|fault| Error::Row { what: row.id, fault })?;
    Ok(Listed { library, open: row.kind == OPEN })
}

fn library(row: &Row) -> Result<Library, Fault> {
    let town = spelling::place(&row.town)?;
    Ok(Library {
        id: row.id.parse()?,
        name: spelling::name(&row.name, &town)?,
        postal_code: row.postal_code.parse()?,
        email: email(row, &town)?,
        town,
    })
}

/// What stands under `site_internet` is sometimes an e-mail address; else one is invented.
fn email(row: &Row, town: &str) -> Result<Option<Email>, Fault> {
    if let Ok(real) = row.site.parse() {
        return Ok(Some(real));
    }
    if WITHOUT_EMAIL.contains(&row.id.as_str()) {
        return Ok(None);
    }
    format!("bibliotheque.{}.{}@oise.example", spelling::slug(town), row.id).parse().map(Some)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn libraries() -> Vec<Library> {
        all().unwrap().into_iter().map(|listed| listed.library).collect()
    }

    #[test]
    fn all_234_are_there_under_their_own_ids() {
        let ids: BTreeSet<_> = libraries().into_iter().map(|library| library.id).collect();
        assert_eq!(ids.len(), 234);
        assert_eq!(REGISTER.lines().count(), 234 + 1);
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

    fn shouts(word: &str) -> bool {
        word.chars().count() > 3 && word.chars().all(char::is_uppercase)
    }

    #[test]
    fn an_address_is_the_real_one_or_a_reserved_one_or_none() {
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
        assert_eq!(without.collect::<BTreeSet<_>>(), BTreeSet::from(WITHOUT_EMAIL));
        let written: BTreeSet<_> = libraries.iter().filter_map(|library| library.email.as_ref()).collect();
        assert_eq!(written.len(), 234 - WITHOUT_EMAIL.len(), "each has its own");
    }
}
