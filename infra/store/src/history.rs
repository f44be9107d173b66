//! The history of a registration: who did what when (requirements GD1).

use domain::{
    Email, LibraryId, Registration, RegistrationId,
    history::{Action, Author, Export, Line},
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Attributes, Error, Store, Write,
    item::{decode, item, item_until, text_of},
    keys::{self, ExportOf},
    reading::all_pages,
    text,
    transaction::Condition,
};

/// Retention of the traces of an export or of an erased registration: 1 year (CNIL, délibération 2021-122: 6 to 12
/// months).
pub(crate) const TRACE_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Attribute of the line of a move: the library that the registration left. Only [`stays`] reads it, to find the
/// exports of that library; it is not part of the answer.
const LEFT: &str = "left";

/// Encodes the history line of the change that made `version`.
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

/// A registration's time in one library.
struct Stay {
    library: LibraryId,
    since: Timestamp,
    /// `None` if it is still there.
    until: Option<Timestamp>,
}

/// Returns the libraries that a registration has been in, from the lines of its moves.
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

/// Returns the first history line, which is not stored: the record contains its author and instant.
pub(crate) fn made(registration: &Registration) -> Line {
    made_by(registration.created_by.clone(), registration.created_at)
}

pub(crate) fn made_by(by: Email, at: Timestamp) -> Line {
    Line { at, by: Author::Account(by), action: Action::Created }
}

impl Store {
    /// Returns a registration's history, oldest first: its first line, which is part of the record, its other lines,
    /// and the exports that contained it.
    ///
    /// Costs 1 RRU per 4 KB of its lines, of its own exports, and of those of the county and of each library that it
    /// was in; at least 4 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn history(&self, registration: &Registration) -> Result<Vec<Line>, Error> {
        let (made, mut lines) = (made(registration), self.lines(&registration.id).await?);
        // An erasure since the record was read has given the first line an item of its own.
        let first = keys::history_line(&registration.id, 0).sk;
        lines.retain(|line| text_of(line, keys::SK) != Some(&first));
        // Exports are traced once for each library, or once for the county, not for each of their rows.
        let mut exports = self.exports(ExportOf::County, registration, registration.created_at, None).await?;
        for Stay { library, since, until } in stays(registration, &lines)? {
            exports.extend(self.exports(ExportOf::Library(&library), registration, since, until).await?);
        }
        exports.retain(|export| export.held(registration));
        let own = ExportOf::Registration(&registration.id);
        exports.extend(self.exports(own, registration, registration.created_at, None).await?);
        let own = lines.into_iter().map(decode).collect::<Result<Vec<Line>, Error>>()?;
        let exported = exports.into_iter().map(|Export { at, by, narrowed, .. }| {
            (at, Line { at, by: Author::Account(by), action: Action::Exported { possibly: narrowed } })
        });
        // The clock may have been set back between two changes. Each line sorts under the latest instant so far, so
        // lines keep the order of their versions, and exports come between them by their own instants.
        let mut latest = Timestamp::MIN;
        let in_order = [made].into_iter().chain(own).map(|line| {
            latest = latest.max(line.at);
            (latest, line)
        });
        let mut lines: Vec<(Timestamp, Line)> = in_order.chain(exported).collect();
        // A stable sort: lines under the same instant keep their order.
        lines.sort_by_key(|(at, _)| *at);
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }

    /// Traces an export under each of these, which are 100 at most. `tail` makes the keys unique. Costs 2 WRU each.
    ///
    /// # Errors
    /// Those of a [write](Error#writes).
    pub async fn trace_export(&self, of: &[ExportOf<'_>], export: &Export, tail: &str) -> Result<(), Error> {
        let mut tracing = self.transaction();
        for of in of {
            let item = item_until(keys::export(*of, export.at, tail), export, export.at + TRACE_LIFE)?;
            tracing = tracing.put(Write::Export, item, Condition::absent())?;
        }
        tracing.commit().await
    }

    /// Reads the history lines of a registration as they are stored, in the order of versions.
    pub(crate) async fn lines(&self, id: &RegistrationId) -> Result<Vec<Attributes>, Error> {
        let (from, upto) = keys::HISTORY;
        self.key_range(&keys::registration(id).pk, from, upto).await
    }

    /// Reads the exports that may have held a registration, in a span of time. Empty if the span ends before it begins,
    /// as it does when the clock was set back.
    async fn exports(
        &self,
        of: ExportOf<'_>,
        registration: &Registration,
        since: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<Vec<Export>, Error> {
        if until.is_some_and(|until| until <= since) {
            return Ok(Vec::new());
        }
        let until = until.map_or_else(|| "~".to_owned(), keys::instant);
        let id = text(registration.id.as_str());
        // Traces of version 0.1.0 hold the ids of a narrowed export, which may be thousands: they stay in the table.
        let held = Condition::new("attribute_not_exists(#only) OR contains(#only, :id)", [(":id", id)]);
        let query = self.key_range_query(&keys::exports(of), &keys::instant(since), &until);
        let query = held.filtering(query).projection_expression("#at, #by, #status, #narrowed");
        let query = ["at", "by", "status", "narrowed"]
            .into_iter()
            .fold(query, |query, name| query.expression_attribute_names(format!("#{name}"), name));
        all_pages(query).await?.into_iter().map(decode).collect()
    }
}
