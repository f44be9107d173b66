//! Who did what when, to one registration. Names of fields, never contents.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Email, Registration, RegistrationId, Status, calendar::day_in_paris};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase", tag = "action")]
pub enum Action {
    /// The registration was made.
    Created,
    /// Fields were changed.
    Changed {
        /// The names of the changed fields, as in the representation.
        fields: Vec<String>,
    },
    /// Access was opened.
    Activated,
    /// Access was prolonged.
    Renewed,
    /// The library was told that this registration is overdue.
    Warned,
    /// The county was told.
    Escalated,
    /// The registration was in an Excel file.
    Exported,
    /// The person was erased; the lines about what was done remain for a year.
    Erased,
}

/// Whose hand it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Author {
    /// A person, by their account.
    Account(Email),
    /// The daily job.
    Job(Job),
}

/// The daily job's name in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Job {
    /// Rules, section 4.
    Escalate,
}

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Line {
    /// When, UTC.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Instant"))]
    pub at: Timestamp,
    /// Who.
    pub by: Author,
    /// What.
    #[serde(flatten)]
    pub action: Action,
}

/// An export as it is traced: once for all the rows it holds, since a line on each of them would cost as many writes
/// as the county has patrons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// When, UTC.
    pub at: Timestamp,
    /// Who.
    pub by: Email,
    /// The list's status filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Of an export that a search had narrowed: just what it held. What was typed is not kept, it may be a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<BTreeSet<RegistrationId>>,
}

impl Export {
    /// Whether a registration was in the file, as far as its record still tells: one that was renewed since may be told
    /// wrong of a file of one status, never of a file of all.
    pub fn held(&self, registration: &Registration) -> bool {
        let then = day_in_paris(self.at);
        self.at >= registration.created_at
            && self.status.is_none_or(|status| status == registration.status_on(then))
            && self.only.as_ref().is_none_or(|only| only.contains(&registration.id))
    }
}

/// The list of a registration's changed fields, in the representation's order.
pub fn changed_fields(before: &Registration, after: &Registration) -> Vec<String> {
    let (a, b) = (&before.person, &after.person);
    [
        ("libraryId", before.library_id != after.library_id),
        ("lastName", a.last_name != b.last_name),
        ("firstName", a.first_name != b.first_name),
        ("birthDate", a.birth_date != b.birth_date),
        ("email", a.email != b.email),
        ("phone", a.phone != b.phone),
        ("address", a.address != b.address),
        ("postalCode", a.postal_code != b.postal_code),
        ("town", a.town != b.town),
        ("cardNumber", a.card_number != b.card_number),
        ("resources", before.resources != after.resources),
    ]
    .into_iter()
    .filter(|(_, changed)| *changed)
    .map(|(name, _)| name.to_owned())
    .collect()
}
