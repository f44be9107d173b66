//! Accounts: their roles, and the libraries that they may reach.

use serde::{Deserialize, Serialize};

use crate::{Email, LibraryId, RegistrationId};

/// The role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads their own registration and opens its resources.
    Patron,
    /// Staff of one or several libraries; sees and changes these only.
    Librarian,
    /// Staff of the county library; sees all libraries, and may activate overdue registrations.
    County,
}

/// An account that can sign in. Contains no password hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The e-mail address, which identifies the account.
    pub email: Email,
    /// The role.
    pub role: Role,
    /// The name that the pages show. For a patron they show the registration's name instead.
    pub display_name: String,
    /// A librarian's libraries; empty for the county and for patrons.
    pub library_ids: Vec<LibraryId>,
    /// A patron's registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_id: Option<RegistrationId>,
}

impl Account {
    /// Returns whether this is library or county staff.
    pub fn is_staff(&self) -> bool {
        matches!(self.role, Role::Librarian | Role::County)
    }

    /// Returns whether this is county staff.
    pub fn is_county(&self) -> bool {
        self.role == Role::County
    }

    /// Returns whether the account may see and change the registrations of `library`.
    pub fn reaches(&self, library: &LibraryId) -> bool {
        match self.role {
            Role::County => true,
            Role::Librarian => self.library_ids.contains(library),
            Role::Patron => false,
        }
    }

    /// Returns how long a session of this account is valid, in hours (contract, conventions).
    pub fn session_hours(&self) -> i64 {
        if self.is_staff() { 12 } else { 24 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(role: Role, libraries: &[&str]) -> Account {
        Account {
            email: "a@oise.fr".parse().unwrap(),
            role,
            display_name: "A".into(),
            library_ids: libraries.iter().map(|id| id.parse().unwrap()).collect(),
            registration_id: None,
        }
    }

    #[test]
    fn a_librarian_reaches_their_own_libraries_only() {
        let librarian = account(Role::Librarian, &["LI1", "LI2"]);
        assert!(librarian.reaches(&"LI2".parse().unwrap()));
        assert!(!librarian.reaches(&"LI3".parse().unwrap()));
    }

    #[test]
    fn the_county_reaches_all_and_a_patron_none() {
        assert!(account(Role::County, &[]).reaches(&"LI3".parse().unwrap()));
        assert!(!account(Role::Patron, &["LI3"]).reaches(&"LI3".parse().unwrap()));
    }

    #[test]
    fn sessions_last_12_hours_for_staff_24_for_patrons() {
        assert_eq!(account(Role::County, &[]).session_hours(), 12);
        assert_eq!(account(Role::Librarian, &[]).session_hours(), 12);
        assert_eq!(account(Role::Patron, &[]).session_hours(), 24);
    }
}
