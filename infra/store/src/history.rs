//! Who did what when.

use domain::{
    LibraryId, Registration,
    history::{Action, Author, Export, Line},
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    Attributes, Error, Store, Write,
    item::{decode, item, item_until, text_of},
    keys, text,
    transaction::Condition,
};

/// How long the trace of an export, or of an erased registration, is kept: 1 year (CNIL, délibération 2021-122: traces live 6 to 12 months).
pub(crate) const TRACE_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// On the line of a move: the library that was left. Not told with the line: an export is looked for where the
/// registration was then.
const LEFT: &str = "left";

/// The item of the line that a change to `version` leaves.
pub(crate) fn line(
    before: &Registration,
    after: &Registration,
    version: u64,
    line: &Line,
) -> Result<Attributes, Error> {
    let mut item = item(keys::history_line(&after.id, version), line)?;
    if before.library_id != after.library_id {
        item.insert(LEFT.to_owned(), text(before.library_id.as_str()));
    }
    Ok(item)
}

/// Where a registration was, from when, until when.
struct Stay {
    library: LibraryId,
    since: Timestamp,
    /// `None` is today.
    until: Option<Timestamp>,
}

/// The libraries that a registration has been in, as its lines tell.
fn stays(registration: &Registration, lines: &[Attributes]) -> Result<Vec<Stay>, Error> {
    let (mut stays, mut since) = (Vec::new(), registration.created_at);
    for item in lines {
        let Some(left) = text_of(item, LEFT).and_then(|id| id.parse().ok()) else { continue };
        let Line { at, .. } = decode(item.clone())?;
        stays.push(Stay { library: left, since, until: Some(at) });
        since = at;
    }
    stays.push(Stay { library: registration.library_id.clone(), since, until: None });
    Ok(stays)
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
        let (made, lines) = (made(registration), self.lines(registration).await?);
        let mut exports = self.exports(None, registration.created_at, None).await?;
        for Stay { library, since, until } in stays(registration, &lines)? {
            exports.extend(self.exports(Some(&library), since, until).await?);
        }
        let own = lines.into_iter().map(decode).collect::<Result<Vec<Line>, Error>>()?;
        let exports = exports.into_iter().filter(|export| export.held(registration));
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
        self.transaction().put(Write::Export, item, Condition::absent())?.commit().await
    }

    /// The history lines of a registration, as they lie in the table.
    pub(crate) async fn lines(&self, registration: &Registration) -> Result<Vec<Attributes>, Error> {
        let (from, upto) = keys::HISTORY;
        self.key_range(&keys::registration(&registration.id).pk, from, upto).await
    }

    /// The exports of one library or of the whole county in a span of time; none where the clock was set back in it.
    async fn exports(
        &self,
        library: Option<&LibraryId>,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<Vec<Export>, Error> {
        if until.is_some_and(|until| until <= since) {
            return Ok(Vec::new());
        }
        let until = until.map_or_else(|| "~".to_owned(), keys::instant);
        let exports = self.key_range(&keys::exports(library), &keys::instant(since), &until).await?;
        exports.into_iter().map(decode).collect()
    }
}
