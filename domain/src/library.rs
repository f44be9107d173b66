//! A member library of the county.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Email, Fault,
    person::{PostalCode, parsed_text},
    text,
};

parsed_text! {
    /// The ministry's `Code_bib`: `LI` and digits, as in `LI10511`; any short code of capitals and digits is accepted.
    LibraryId, |typed| {
        let id = text::line(typed, 20)?;
        if id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            Ok(id)
        } else {
            Err(Fault::new("invalid-id", "Un code de bibliothèque est fait de capitales et de chiffres : LI10511."))
        }
    }, { "pattern": "^[A-Z0-9]{1,20}$" }
}

/// A member library. A third of them have the name "Bibliothèque municipale", so show town and postal code too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Library {
    /// The ministry's code.
    pub id: LibraryId,
    /// Its name, not unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 150)))]
    pub name: String,
    /// Its town.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100)))]
    pub town: String,
    /// Its postal code.
    pub postal_code: PostalCode,
    /// The address of its digests. Without one, its overdue registrations are reported to the county only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// False for a closed library: it can't be chosen again, and keeps its registrations and its staff.
    #[serde(default = "open")]
    pub active: bool,
}

/// A library is open unless it says otherwise, as all were in version 0.1.0.
fn open() -> bool {
    true
}

impl Library {
    /// Returns the text that a choice shows: `Fleury (60240), Bibliothèque municipale`.
    pub fn label(&self) -> String {
        format!("{} ({}), {}", self.town, self.postal_code, self.name)
    }

    /// Checks that the library may be chosen, for a registration or for a member of staff.
    ///
    /// # Errors
    /// A fault if it is closed, unless it is `kept` where it was chosen before.
    pub fn choose(&self, kept: bool) -> Result<(), Fault> {
        if self.active || kept {
            return Ok(());
        }
        Err(Fault::new("closed-library", "Cette bibliothèque est fermée : choisissez-en une qui est ouverte."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleury(active: bool) -> Library {
        Library {
            id: "LI10511".parse().unwrap(),
            name: "Bibliothèque municipale".into(),
            town: "Fleury".into(),
            postal_code: "60240".parse().unwrap(),
            email: None,
            active,
        }
    }

    #[test]
    fn section_1_a_choice_shows_town_and_postal_code() {
        assert_eq!(fleury(true).label(), "Fleury (60240), Bibliothèque municipale");
    }

    #[test]
    fn a_closed_library_stays_and_can_t_be_chosen_again() {
        assert!(fleury(true).choose(false).is_ok() && fleury(false).choose(true).is_ok());
        assert_eq!(fleury(false).choose(false).unwrap_err().code, "closed-library");
    }
}
