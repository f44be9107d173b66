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
    /// A scheduled job.
    Job(Job),
}

/// A scheduled job's name in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Job {
    /// Rules, section 4.
    Escalate,
    /// Requirements, GD3.
    Purge,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::tests::camille;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Registered on 24 November 2026 at 10:00 in Paris, activated on 1 December.
    fn activated() -> Registration {
        let made = Registration::new(
            "0123456789abcdef01234567".parse().unwrap(),
            "LI10511".parse().unwrap(),
            camille(),
            vec!["musicme".parse().unwrap()],
            "marie@fleury.example".parse().unwrap(),
            instant("2026-11-24T09:00:00Z"),
            "2026-11-24".parse().unwrap(),
        );
        Registration { activated_on: Some("2026-12-01".parse().unwrap()), ..made }
    }

    fn export(at: &str) -> Export {
        Export { at: instant(at), by: "marie@fleury.example".parse().unwrap(), status: None, only: None }
    }

    #[test]
    fn an_export_held_all_registered_by_then() {
        assert!(export("2026-11-24T09:00:00Z").held(&activated()));
        assert!(!export("2026-11-24T08:59:59Z").held(&activated()));
    }

    #[test]
    fn an_export_of_one_status_held_those_who_had_it_then() {
        let held = |at, status| Export { status: Some(status), ..export(at) }.held(&activated());
        for (at, status) in [
            ("2026-11-30T22:59:59Z", Status::Pending),
            ("2026-11-30T23:00:00Z", Status::Active),
            ("2027-11-23T22:59:59Z", Status::Active),
            ("2027-11-23T23:00:00Z", Status::Expired),
        ] {
            for other in [Status::Pending, Status::Active, Status::Expired] {
                assert_eq!(held(at, other), other == status, "{other:?} at {at}");
            }
        }
    }

    #[test]
    fn an_export_that_a_search_had_narrowed_held_what_it_found() {
        let only = |id: &str| Export { only: Some([id.parse().unwrap()].into()), ..export("2026-12-24T09:00:00Z") };
        assert!(only("0123456789abcdef01234567").held(&activated()));
        assert!(!only("76543210fedcba9876543210").held(&activated()));
        let too_early = Export { at: instant("2026-11-01T09:00:00Z"), ..only("0123456789abcdef01234567") };
        assert!(!too_early.held(&activated()));
    }

    #[test]
    fn a_change_names_just_the_fields_that_changed() {
        let before = activated();
        assert_eq!(changed_fields(&before, &before), [""; 0]);
        let after = |change: &dyn Fn(&mut Registration)| {
            let mut after = before.clone();
            change(&mut after);
            changed_fields(&before, &after)
        };
        assert_eq!(after(&|r| r.library_id = "LI2575".parse().unwrap()), ["libraryId"]);
        assert_eq!(after(&|r| r.person.last_name = "Autre".parse().unwrap()), ["lastName"]);
        assert_eq!(after(&|r| r.person.first_name = "Paul".parse().unwrap()), ["firstName"]);
        let birth = crate::person::BirthDate::parse("1990-01-01", "2026-11-24".parse().unwrap()).unwrap();
        assert_eq!(after(&|r| r.person.birth_date = birth), ["birthDate"]);
        assert_eq!(after(&|r| r.person.email = "autre@orange.fr".parse().unwrap()), ["email"]);
        assert_eq!(after(&|r| r.person.phone = None), ["phone"]);
        assert_eq!(after(&|r| r.person.address = None), ["address"]);
        assert_eq!(after(&|r| r.person.postal_code = None), ["postalCode"]);
        assert_eq!(after(&|r| r.person.town = None), ["town"]);
        assert_eq!(after(&|r| r.person.card_number = None), ["cardNumber"]);
        assert_eq!(after(&|r| r.resources.clear()), ["resources"]);
    }
}
