//! Who did what when.

use domain::{
    LibraryId, Registration,
    history::{Action, Author, Export, Line},
};

use crate::{
    Attributes, Error, Store,
    item::{item, item_until, read},
    keys, text,
    transaction::Condition,
};

/// How long the trace of an export is kept: 1 year (CNIL, délibération 2021-122: traces live 6 to 12 months).
const TRACE_HOURS: i64 = 365 * 24;

/// The item of the line that a change to `version` leaves.
pub(crate) fn line(registration: &Registration, version: u64, line: &Line) -> Result<Attributes, Error> {
    item(keys::history_line(&registration.id, version), line)
}

impl Store {
    /// A registration's history, oldest first: how it was made (from the record itself), its own lines, and the
    /// exports that held it.
    pub async fn history(&self, registration: &Registration) -> Result<Vec<Line>, Error> {
        let made = Line {
            at: registration.created_at,
            by: Author::Account(registration.created_by.clone()),
            action: Action::Created,
        };
        let partition = keys::registration(&registration.id).pk;
        let own: Vec<Line> = self.after(&partition, keys::HISTORY).await?;
        let since = keys::instant(registration.created_at);
        let of_library: Vec<Export> = self.after(&keys::exports(Some(&registration.library_id)), &since).await?;
        let of_county: Vec<Export> = self.after(&keys::exports(None), &since).await?;
        let exports = of_library.into_iter().chain(of_county).filter(|export| export.held(registration));
        let exported = exports.map(|e| Line { at: e.at, by: Author::Account(e.by), action: Action::Exported });
        let mut lines: Vec<Line> = [made].into_iter().chain(own).chain(exported).collect();
        lines.sort_by_key(|line| line.at);
        Ok(lines)
    }

    /// Traces an export of one library or of the whole county.
    pub async fn trace_export(&self, library: Option<&LibraryId>, export: &Export, tail: &str) -> Result<(), Error> {
        let until = export.at + jiff::SignedDuration::from_hours(TRACE_HOURS);
        let item = item_until(keys::export(library, export.at, tail), export, until)?;
        self.transaction().put(item, Condition::absent())?.commit().await
    }

    /// The items of a partition from a sort key on (`H#` sorts before the registration's own `REG`), page by page.
    async fn after<T: serde::de::DeserializeOwned>(&self, partition: &str, from: &str) -> Result<Vec<T>, Error> {
        let upto = if from == keys::HISTORY { "H$" } else { "~" };
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :upto")
            .expression_attribute_values(":pk", text(partition))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":upto", text(upto))
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(attributes) = pages.next().await {
            items.push(read(attributes.map_err(Error::from_sdk)?)?);
        }
        Ok(items)
    }
}
