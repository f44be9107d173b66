//! Bulk-loads a whole county.

use std::{collections::BTreeMap, ops::Range, sync::mpsc, thread};

use demo::County;
use domain::Registration;
use dynoxide::Item;
use runtime::Runtime;

use super::Backing;
use crate::{Error, database::stored_item};

/// Patrons per batch of items.
const BATCH: usize = 2_000;

impl Backing {
    /// Writes a county's directory through the store, and imports its patrons past the functions and the stream. One
    /// thread generates the patrons while this one imports them; it blocks until all are imported.
    pub(crate) async fn seed(
        &self,
        runtimes: &BTreeMap<String, Runtime>,
        county: &County,
        mut seen: impl FnMut(&Registration) + Send,
    ) -> Result<(), Error> {
        county.open(&self.store(runtimes)?).await?;
        thread::scope(|scope| {
            let (batches, made) = mpsc::sync_channel(2);
            scope.spawn(move || {
                for from in (0..county.patrons()).step_by(BATCH) {
                    let batch = items(county, from..(from + BATCH).min(county.patrons()), &mut seen);
                    // The receiver is gone if an earlier batch could not be imported.
                    if batches.send(batch).is_err() {
                        return;
                    }
                }
            });
            self.database.import(&self.stack.table.name, made)
        })
    }
}

/// Returns the table items of a range of a county's patrons, and passes each registration to `seen`.
fn items(county: &County, patrons: Range<usize>, seen: &mut impl FnMut(&Registration)) -> Result<Vec<Item>, Error> {
    let mut items = Vec::with_capacity(2 * patrons.len());
    for index in patrons {
        let registration = county.registration(index)?;
        seen(&registration);
        for item in store::seed_items(&registration, registration.id.to_string())? {
            items.push(stored_item(item)?);
        }
    }
    Ok(items)
}
