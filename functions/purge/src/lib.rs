//! The nightly job, 03:30 Europe/Paris: erases patrons whose registration has been over for a year (requirements GD3),
//! as a library does at their request. History lines by id remain for another year.
//!
//! It also finishes erasures of more than 40 history lines that were interrupted.
//!
//! The job decides from stored dates only, and erases under the version that it read. So it may run twice, late, or be
//! killed midway, and a patron who is renewed at that moment stays. A scheduled function returns its errors, so that it
//! is retried and its alarm fires.

use domain::{
    calendar::day_in_paris,
    history::{Author, Job},
};
use runtime::{Clock, Misconfigured, Runtime};
use serde::Serialize;
use store::{Remains, Store};

/// The counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Patrons that were erased.
    pub erased: usize,
}

/// The nightly purge job.
#[derive(Debug)]
pub struct Purge {
    store: Store,
    clock: Clock,
}

impl Purge {
    /// Reads the environment and makes the clients. Sends nothing yet.
    ///
    /// # Errors
    /// [`Misconfigured`] when a variable is missing or malformed.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { store: Store::new(runtime)?, clock: runtime.clock.clone() })
    }

    /// Runs the job once.
    ///
    /// # Errors
    /// Those of the table. Patrons erased until then stay erased; the next run does the rest.
    pub async fn run(&self) -> Result<Report, store::Error> {
        let now = self.clock.now();
        let today = day_in_paris(now);
        let mut report = Report::default();
        for found in self.store.outlived(today).await? {
            // The index gives candidates, by a filter in the store; the rule is in `domain`.
            let is_due = found.registration.is_outlived(today);
            if is_due && self.store.erase(&Remains::from(&found), Author::Job(Job::Purge), now).await? {
                tracing::info!(registration = %found.registration.id, "erased");
                report.erased += 1;
            }
        }
        for erasure in self.store.unfinished_erasures().await? {
            self.store.finish_erasure(&erasure).await?;
            tracing::info!(registration = %erasure.id, "finished an erasure");
        }
        tracing::info!(report.erased, "the purge job has finished");
        Ok(report)
    }
}
