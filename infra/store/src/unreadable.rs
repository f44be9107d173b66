//! Stored rows that can't be decoded: because an older rule accepted them, or because they were changed by hand
//! (requirements RE12). The one place where rows that are read in numbers are decoded: such a row is left out, logged by
//! its id and counted, and an alarm rings. The other rows are read.

use domain::{Email, LibraryId, Registration, RegistrationId, history::Line};

use crate::{
    Attributes, Error, Store, Versioned, history,
    item::{ENTRY, RegistrationItem, key_of, short, text_of},
    keys::{self, Key},
};

/// The parts of a registration that its erasure needs. They can be read when the rest can't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    /// Its id.
    pub id: RegistrationId,
    /// The version that its `ETag` names.
    pub version: u64,
    /// The address of its account.
    pub email: Email,
    /// Its library, if that can be read.
    pub library_id: Option<LibraryId>,
    /// Ids of the messages to the patron that the registration names.
    pub(crate) messages: Vec<String>,
    /// The first line of its history, if that can be read.
    pub(crate) made: Option<Line>,
}

impl Remains {
    /// Reads them from the item of a registration. `None` if the id, the version or the address can't be read.
    pub(crate) fn from_attributes(attributes: &Attributes) -> Option<Self> {
        let entry = attributes.get(ENTRY)?.as_m().ok()?;
        let field = |name| text_of(entry, short(name));
        let made = || Some(history::made_by(field("createdBy")?.parse().ok()?, field("createdAt")?.parse().ok()?));
        Some(Self {
            id: text_of(attributes, keys::PK).and_then(keys::registration_id)?.parse().ok()?,
            version: entry.get("version")?.as_n().ok()?.parse().ok()?,
            email: field("email")?.parse().ok()?,
            library_id: field("libraryId").and_then(|id| id.parse().ok()),
            messages: field("activationMail").into_iter().chain(farewells(entry)).map(str::to_owned).collect(),
            made: made(),
        })
    }
}

fn farewells(entry: &Attributes) -> impl Iterator<Item = &str> {
    let ids = entry.get(short("farewells")).and_then(|ids| ids.as_l().ok()).into_iter().flatten();
    ids.filter_map(|id| id.as_s().ok().map(String::as_str))
}

impl From<&Versioned> for Remains {
    fn from(found: &Versioned) -> Self {
        let Registration { id, library_id, person, .. } = &found.registration;
        Self {
            id: id.clone(),
            version: found.version,
            email: person.email.clone(),
            library_id: Some(library_id.clone()),
            messages: found.activation_mail.iter().chain(&found.farewells).cloned().collect(),
            made: Some(history::made(&found.registration)),
        }
    }
}

impl Store {
    /// Decodes rows. Leaves out those that can't be decoded.
    pub(crate) fn readable<T>(
        &self,
        rows: Vec<Attributes>,
        decode: impl Fn(Attributes) -> Result<T, Error>,
    ) -> impl Iterator<Item = T> {
        rows.into_iter().filter_map(move |row| {
            let key = key_of(&row);
            decode(row).inspect_err(|_| self.report_unreadable(key.as_ref())).ok()
        })
    }

    /// Decodes registrations, from the table or an index. Leaves out those that can't be decoded.
    pub(crate) fn readable_registrations(&self, rows: Vec<Attributes>) -> impl Iterator<Item = RegistrationItem> {
        self.readable(rows, RegistrationItem::from_attributes)
    }

    /// Logs and counts an unreadable row. The cause is not logged, because it may quote the row's personal data.
    pub(crate) fn report_unreadable(&self, key: Option<&Key>) {
        tracing::error!(row = key.map(Key::without_personal_data), "a stored row can't be decoded and is left out");
        self.metrics.count(self.clock.now(), runtime::Metric::UnreadableRows);
    }
}
