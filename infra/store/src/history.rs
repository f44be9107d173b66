//! Who did what when.

use domain::{
    LibraryId, Registration,
    history::{Action, Author, Export, Line},
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    Attributes, Error, Store,
    item::{item, item_until, read},
    keys,
    transaction::Condition,
};

/// How long the trace of an export, or of an erased registration, is kept: 1 year (CNIL, délibération 2021-122: traces live 6 to 12 months).
pub(crate) const TRACE_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The item of the line that a change to `version` leaves.
pub(crate) fn line(registration: &Registration, version: u64, line: &Line) -> Result<Attributes, Error> {
    item(keys::history_line(&registration.id, version), line)
}

/// How a registration was made, as its record tells.
pub(crate) fn made(registration: &Registration) -> Line {
    let by = Author::Account(registration.created_by.clone());
    Line { at: registration.created_at, by, action: Action::Created }
}

impl Store {
    /// A registration's history, oldest first: how it was made (from the record itself), its own lines, and the
    /// exports that held it. Lines stand in the order of their versions, whatever the clock said when they were written:
    /// it may have been set back meanwhile.
    pub async fn history(&self, registration: &Registration) -> Result<Vec<Line>, Error> {
        let made = made(registration);
        let own = self.lines(registration).await?.into_iter().map(read).collect::<Result<Vec<Line>, Error>>()?;
        let of_library = self.exports(Some(&registration.library_id), registration).await?;
        let of_county = self.exports(None, registration).await?;
        let exports = of_library.into_iter().chain(of_county).filter(|export| export.held(registration));
        let exported = exports.map(|e| (e.at, Line { at: e.at, by: Author::Account(e.by), action: Action::Exported }));
        let mut latest = Timestamp::MIN;
        let in_order = [made].into_iter().chain(own).map(|line| {
            latest = latest.max(line.at);
            (latest, line)
        });
        let mut lines: Vec<(Timestamp, Line)> = in_order.chain(exported).collect();
        lines.sort_by_key(|(at, _)| *at);
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }

    /// Traces an export of one library or of the whole county.
    pub async fn trace_export(&self, library: Option<&LibraryId>, export: &Export, tail: &str) -> Result<(), Error> {
        let item = item_until(keys::export(library, export.at, tail), export, export.at + TRACE_LIFE)?;
        self.transaction().put(item, Condition::absent())?.commit().await
    }

    /// The history lines of a registration, as they lie in the table.
    pub(crate) async fn lines(&self, registration: &Registration) -> Result<Vec<Attributes>, Error> {
        let (from, upto) = keys::HISTORY;
        self.stretch(&keys::registration(&registration.id).pk, from, upto).await
    }

    /// The exports of one library or of the whole county that may have held a registration.
    async fn exports(&self, library: Option<&LibraryId>, registration: &Registration) -> Result<Vec<Export>, Error> {
        let since = keys::instant(registration.created_at);
        let exports = self.stretch(&keys::exports(library), &since, "~").await?;
        exports.into_iter().map(read).collect()
    }
}
