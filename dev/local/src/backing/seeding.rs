//! Bulk-loads a whole county.

use std::{collections::BTreeMap, ops::Range, sync::mpsc, thread};

use demo::County;
use domain::Registration;
use dynoxide::Item;
use runtime::Runtime;

use super::Backing;
use crate::{Error, database::stored_item};

/// Patrons whose items go into the table at a time.
const BATCH: usize = 2_000;

impl Backing {
    /// Its directory as the functions write it, its patrons past them and past the stream. One thread makes the patrons,
    /// this one puts them in place; it has nothing else to do until they are.
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
                    // Nobody takes it where an earlier one could not be put in place.
                    if batches.send(batch).is_err() {
                        return;
                    }
                }
            });
            self.database.import(&self.stack.table.name, made)
        })
    }
}

/// What lies of some of a county's patrons in the table.
fn items(county: &County, patrons: Range<usize>, seen: &mut impl FnMut(&Registration)) -> Result<Vec<Item>, Error> {
    let mut items = Vec::with_capacity(2 * patrons.len());
    for index in patrons {
        let registration = county.registration(index)?;
        seen(&registration);
        for item in store::settled(&registration, registration.id.to_string())? {
            items.push(stored_item(item)?);
        }
    }
    Ok(items)
}
