//! The history of a registration: who did what, and when (requirements GD1). Lines name fields, never their contents.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Email, Person, Registration, Status, calendar::day_in_paris};

/// An action on a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase", tag = "action")]
pub enum Action {
    /// The registration was created.
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
    /// The library was warned that this registration is overdue.
    Warned,
    /// The overdue registration was reported to the county.
    Escalated,
    /// The registration was exported in an Excel file.
    Exported {
        /// Whether the file only may have held it: a filter had narrowed a file of more than 100 rows, and their ids are
        /// not kept.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        possibly: bool,
    },
    /// The person was erased. The history remains for a year.
    Erased,
}

/// The author of a history line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Author {
    /// A person, by the e-mail address of their account.
    Account(Email),
    /// A scheduled job.
    Job(Job),
}

/// A scheduled job's name in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Job {
    /// Warns and escalates (rules, section 4).
    Escalate,
    /// Erases old registrations (requirements GD3).
    Purge,
}

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Line {
    /// The instant, in UTC.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Instant"))]
    pub at: Timestamp,
    /// The author.
    pub by: Author,
    /// The action.
    #[serde(flatten)]
    pub action: Action,
}

/// Highest number of rows of a narrowed export that are traced one by one.
pub const TRACED_ROWS: usize = 100;

/// The trace of an export. One item is for all its rows, because a line for each would cost a write per patron. Only a
/// narrowed export of up to [`TRACED_ROWS`] rows is traced for each of its registrations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// The instant, in UTC.
    pub at: Timestamp,
    /// The account that exported.
    pub by: Email,
    /// The status that the list was filtered by, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Whether a search or another filter had narrowed the file. The search text is not stored: it may be a name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub narrowed: bool,
}

impl Export {
    /// Returns whether a registration was in the file, or may have been in a narrowed one, judged by its present record.
    /// For a file of one status the answer may be wrong if the registration was renewed since.
    pub fn held(&self, registration: &Registration) -> bool {
        let then = day_in_paris(self.at);
        self.at >= registration.created_at && self.status.is_none_or(|status| status == registration.status_on(then))
    }
}

/// Returns the names of the changed fields, in the representation's order.
pub fn changed_fields(before: &Registration, after: &Registration) -> Vec<String> {
    // Without `..`, so that the compiler names a field that is forgotten here.
    let Person { last_name, first_name, birth_date, email, phone, address, postal_code, town, card_number } =
        &before.person;
    let b = &after.person;
    [
        ("libraryId", before.library_id != after.library_id),
        ("lastName", *last_name != b.last_name),
        ("firstName", *first_name != b.first_name),
        ("birthDate", *birth_date != b.birth_date),
        ("email", *email != b.email),
        ("phone", *phone != b.phone),
        ("address", *address != b.address),
        ("postalCode", *postal_code != b.postal_code),
        ("town", *town != b.town),
        ("cardNumber", *card_number != b.card_number),
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

    /// Returns a registration of 24 November 2026, 10:00 in Paris, activated on 1 December.
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
        Export { at: instant(at), by: "marie@fleury.example".parse().unwrap(), status: None, narrowed: false }
    }

    #[test]
    fn an_export_held_all_registered_by_then() {
        assert!(export("2026-11-24T09:00:00Z").held(&activated()));
        assert!(!export("2026-11-24T08:59:59Z").held(&activated()));
    }

    #[test]
    fn an_export_of_one_status_held_those_in_it_on_that_day() {
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
    fn a_change_names_only_the_changed_fields() {
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
