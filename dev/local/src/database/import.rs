//! Bulk import of items. It writes no stream records, as if the items had always been stored.

use dynoxide::{AttributeValue as Stored, ImportOptions, Item};
use store::{AttributeValue, Attributes};

use super::Database;
use crate::Error;

impl Database {
    /// Imports batches of items. If the process is killed meanwhile, the table may be corrupt.
    ///
    /// # Errors
    /// The first error of `batches` or of the engine; later batches are not imported.
    pub(crate) fn import(
        &self,
        table: &str,
        batches: impl IntoIterator<Item = Result<Vec<Item>, Error>>,
    ) -> Result<(), Error> {
        self.0.enable_bulk_loading()?;
        for batch in batches {
            self.0.import_items(table, batch?, ImportOptions::default())?;
        }
        Ok(self.0.disable_bulk_loading()?)
    }
}

/// Converts an item to the engine's type.
pub(crate) fn stored_item(item: Attributes) -> Result<Item, Error> {
    item.into_iter().map(|(name, value)| Ok((name, stored(value)?))).collect()
}

fn stored(value: AttributeValue) -> Result<Stored, Error> {
    Ok(match value {
        AttributeValue::S(text) => Stored::S(text),
        AttributeValue::N(number) => Stored::N(number),
        AttributeValue::Bool(bool) => Stored::BOOL(bool),
        AttributeValue::Null(null) => Stored::NULL(null),
        AttributeValue::Ss(texts) => Stored::SS(texts),
        AttributeValue::Ns(numbers) => Stored::NS(numbers),
        AttributeValue::L(list) => Stored::L(list.into_iter().map(stored).collect::<Result<_, _>>()?),
        AttributeValue::M(map) => Stored::M(stored_item(map)?),
        other => return Err(Error::UnknownValue(format!("{other:?}"))),
    })
}
