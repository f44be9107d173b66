//! The history of the directory: who changed which library, resource or member of staff, and who is mailed about it
//! (requirements S2). Lines name fields, never their contents.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Email, Library, LibraryId, Resource, ResourceId, Staff};

/// An entry of the directory that a line is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DirectoryEntry"))]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Entry {
    /// A library.
    Library {
        /// Its code.
        id: LibraryId,
    },
    /// A resource.
    Resource {
        /// Its code.
        id: ResourceId,
    },
    /// A member of staff.
    Staff {
        /// The address of the account.
        email: Email,
    },
}

/// An action on an entry of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DirectoryAction"))]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    /// The entry was added.
    Created,
    /// Fields were changed.
    Changed {
        /// The names of the changed fields, as in the entry's own representation.
        fields: Vec<String>,
    },
    /// The entry was removed.
    Removed,
    /// A member of staff was sent the invitation again.
    Invited,
    /// The sessions of a member of staff were ended.
    SessionsEnded,
    /// The second factor of a member of staff was removed.
    SecondFactorRemoved,
}

/// One line of the directory's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DirectoryLine"))]
pub struct Line {
    /// The instant, in UTC.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Instant"))]
    pub at: Timestamp,
    /// The address of the account that made the change.
    pub by: Email,
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
    /// The action.
    #[serde(flatten)]
    pub action: Action,
}

/// A change of the directory, to be traced in the transaction that makes it.
///
/// ```
/// use domain::{Library, directory::Change};
///
/// let vez = |email: &str| Library {
///     id: "LI1".parse().unwrap(),
///     name: "Bibliothèque".into(),
///     town: "Vez".into(),
///     postal_code: "60117".parse().unwrap(),
///     email: Some(email.parse().unwrap()),
///     active: true,
/// };
/// let (old, new) = (vez("vez@oise.example"), vez("autre@oise.example"));
/// let county = "mdo@oise.example".parse().unwrap();
///
/// // A changed address is mailed to the county, the old address and the new one ...
/// let change = Change::of_library(Some(&old), &new).unwrap();
/// let recipients: Vec<_> = change.recipients(&county).iter().map(ToString::to_string).collect();
/// assert_eq!(recipients, ["mdo@oise.example", "vez@oise.example", "autre@oise.example"]);
///
/// // ... another name is a line without mail, and saving an entry unchanged is no change.
/// let renamed = Library { name: "Médiathèque".into(), ..old.clone() };
/// assert!(Change::of_library(Some(&old), &renamed).unwrap().recipients(&county).is_empty());
/// assert_eq!(Change::of_library(Some(&old), &old), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The entry.
    pub entry: Entry,
    /// The action.
    pub action: Action,
    mailed: Mailed,
}

/// Who is mailed about a change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mailed {
    Nobody,
    /// The county, except where its address is that of the new member.
    CountyUnless(Email),
    /// The county, and the addresses that the change is about.
    CountyAnd(Vec<Email>),
}

impl Change {
    /// Returns the change that puts `after` in place of `before`; `None` if they are equal. Its address is mailed about.
    pub fn of_library(before: Option<&Library>, after: &Library) -> Option<Self> {
        let fields = before.map(|before| {
            // Without `..`, so that the compiler names a field that is forgotten here.
            let Library { id: _, name, town, postal_code, email, active } = before;
            changed(&[
                ("name", *name != after.name),
                ("town", *town != after.town),
                ("postalCode", *postal_code != after.postal_code),
                ("email", *email != after.email),
                ("active", *active != after.active),
            ])
        });
        let old = before.and_then(|before| before.email.as_ref());
        let moved = old != after.email.as_ref();
        let concerned = || Mailed::CountyAnd(old.into_iter().chain(&after.email).cloned().collect());
        let mailed = if moved { concerned() } else { Mailed::Nobody };
        Self::made(Entry::Library { id: after.id.clone() }, fields, mailed)
    }

    /// Returns the change that puts `after` in place of `before`; `None` if they are equal. Its URL is mailed about.
    pub fn of_resource(before: Option<&Resource>, after: &Resource) -> Option<Self> {
        let fields = before.map(|before| {
            let Resource { id: _, name, active, url } = before;
            changed(&[("name", *name != after.name), ("active", *active != after.active), ("url", *url != after.url)])
        });
        let moved = before.and_then(|before| before.url.as_ref()) != after.url.as_ref();
        let mailed = if moved { Mailed::CountyAnd(Vec::new()) } else { Mailed::Nobody };
        Self::made(Entry::Resource { id: after.id.clone() }, fields, mailed)
    }

    /// Returns the change that gives an address the place `after` in the staff; `None` if it has it already. A new member
    /// gets the invitation alone, so only the county is mailed.
    ///
    /// ```
    /// use domain::{Staff, StaffRole, directory::Change};
    ///
    /// let (anne, county) = ("anne@oise.example".parse().unwrap(), "mdo@oise.example".parse().unwrap());
    /// let place = |role| Staff { role, display_name: "Anne".into(), library_ids: vec![] };
    /// let (librarian, raised) = (place(StaffRole::Librarian), place(StaffRole::County));
    /// let recipients = |change: Change| change.recipients(&county);
    /// assert_eq!(recipients(Change::of_staff(&anne, None, &librarian).unwrap()), [county.clone()]);
    /// assert_eq!(recipients(Change::of_staff(&anne, Some(&librarian), &raised).unwrap()), [county.clone(), anne.clone()]);
    /// // One mail for each different address.
    /// assert_eq!(recipients(Change::of_staff(&county, Some(&raised), &librarian).unwrap()), [county.clone()]);
    /// ```
    pub fn of_staff(email: &Email, before: Option<&Staff>, after: &Staff) -> Option<Self> {
        let fields = before.map(|before| {
            let Staff { role, display_name, library_ids } = before;
            changed(&[
                ("role", *role != after.role),
                ("displayName", *display_name != after.display_name),
                ("libraryIds", *library_ids != after.library_ids),
            ])
        });
        let person = email.clone();
        let mailed = if before.is_some() { Mailed::CountyAnd(vec![person]) } else { Mailed::CountyUnless(person) };
        Self::made(Entry::Staff { email: email.clone() }, fields, mailed)
    }

    /// Returns the removal of a member of staff.
    pub fn removal(email: &Email) -> Self {
        Self::about(email, Action::Removed)
    }

    /// Returns the end of a member's sessions by the county.
    pub fn sessions_ended(email: &Email) -> Self {
        Self::about(email, Action::SessionsEnded)
    }

    /// Returns the removal of a member's second factor by the county.
    pub fn second_factor_removed(email: &Email) -> Self {
        Self::about(email, Action::SecondFactorRemoved)
    }

    /// Returns that a member was invited again. The invitation itself is the only message.
    pub fn invitation(email: &Email) -> Self {
        Self { mailed: Mailed::Nobody, ..Self::about(email, Action::Invited) }
    }

    fn about(email: &Email, action: Action) -> Self {
        let mailed = Mailed::CountyAnd(vec![email.clone()]);
        Self { entry: Entry::Staff { email: email.clone() }, action, mailed }
    }

    /// Returns the creation of an entry, or the change of these fields if there are any.
    fn made(entry: Entry, fields: Option<Vec<String>>, mailed: Mailed) -> Option<Self> {
        let action = match fields {
            None => Action::Created,
            Some(fields) if fields.is_empty() => return None,
            Some(fields) => Action::Changed { fields },
        };
        Some(Self { entry, action, mailed })
    }

    /// Returns the addresses that are mailed about the change, each once, the county's first.
    pub fn recipients(&self, county: &Email) -> Vec<Email> {
        let concerned = match &self.mailed {
            Mailed::Nobody => return Vec::new(),
            Mailed::CountyUnless(member) => {
                return Some(county).filter(|county| *county != member).cloned().into_iter().collect();
            }
            Mailed::CountyAnd(concerned) => concerned,
        };
        let mut recipients = vec![county.clone()];
        for email in concerned {
            if !recipients.contains(email) {
                recipients.push(email.clone());
            }
        }
        recipients
    }

    /// Returns the history line of the change.
    pub fn line(&self, by: &Email, at: Timestamp) -> Line {
        Line { at, by: by.clone(), entry: self.entry.clone(), action: self.action.clone() }
    }
}

/// Returns the names of the fields that changed.
fn changed(fields: &[(&str, bool)]) -> Vec<String> {
    fields.iter().filter(|(_, changed)| *changed).map(|(name, _)| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_a_line_is_flat_in_json() {
        let email: Email = "anne@oise.example".parse().unwrap();
        let (by, at) = ("mdo@oise.example".parse().unwrap(), "2026-11-24T08:00:00Z".parse().unwrap());
        for (change, action) in [
            (Change::removal(&email), "removed"),
            (Change::invitation(&email), "invited"),
            (Change::sessions_ended(&email), "sessions-ended"),
            (Change::second_factor_removed(&email), "second-factor-removed"),
        ] {
            let line = change.line(&by, at);
            let json = serde_json::json!({
                "at": "2026-11-24T08:00:00Z", "by": "mdo@oise.example", "kind": "staff", "email": "anne@oise.example",
                "action": action,
            });
            assert_eq!(serde_json::to_value(&line).unwrap(), json);
            assert_eq!(serde_json::from_value::<Line>(json).unwrap(), line);
        }
    }

    #[test]
    fn s2_the_county_founded_by_its_own_address_is_not_mailed() {
        let county: Email = "mdo@oise.example".parse().unwrap();
        let staff = Staff { role: crate::StaffRole::County, display_name: "MDO".into(), library_ids: vec![] };
        let founding = Change::of_staff(&county, None, &staff).unwrap();
        assert_eq!(founding.recipients(&county), []);
    }
}
