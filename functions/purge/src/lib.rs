//! The nightly job, 03:30 Europe/Paris: erases whose registration has been over for a year (requirements GD3), as a
//! library would at their request. What remains is who did what, by id, for a year more.
//!
//! Decides from stored dates only and erases under the version it has read, so it may run twice, late, or be killed
//! midway; who was renewed in that moment stays. A scheduled function fails on purpose, so that it is retried and its
//! alarm rings.

use domain::{
    calendar::day_in_paris,
    history::{Author, Job},
};
use runtime::{Clock, Misconfigured, Runtime};
use serde::Serialize;
use store::Store;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// People who were erased.
    pub erased: usize,
}

/// The function.
#[derive(Debug)]
pub struct Purge {
    store: Store,
    clock: Clock,
}

impl Purge {
    /// Reads the environment and makes the clients. Sends nothing yet.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { store: Store::new(runtime)?, clock: runtime.clock.clone() })
    }

    /// One run. What it had erased when it fails stays erased; the next run does the rest.
    pub async fn run(&self) -> Result<Report, store::Error> {
        let now = self.clock.now();
        let today = day_in_paris(now);
        let mut report = Report::default();
        for found in self.store.outlived(today).await? {
            // The index tells what to look at, the rule decides.
            if found.registration.is_outlived(today) && self.store.erase(&found, Author::Job(Job::Purge), now).await? {
                tracing::info!(registration = %found.registration.id, "erased");
                report.erased += 1;
            }
        }
        tracing::info!(report.erased, "the purge has run");
        Ok(report)
    }
}
