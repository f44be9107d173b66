//! The daily job, 07:00 Europe/Paris (rules, section 4): warns each library of its overdue patrons, and escalates to
//! the county those that are still pending after `GRACE_DAYS`.
//!
//! The job decides from stored dates only. It may run twice, concurrently, days late, or be killed midway: each
//! registration is marked in the transaction that lists it in a digest, under the version that was read. A registration
//! that was activated in the meantime fails that condition and is omitted.
//!
//! A digest that fails does not keep others from being written. The run fails at its end, so that it is retried and its
//! alarm fires.

mod digest;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    LibraryId,
    calendar::{PATIENCE_DAYS, day_in_paris},
    registration::Duty,
};
use jiff::{Timestamp, civil::Date};
use runtime::{Clock, Ids, Metric, Metrics, Misconfigured, Runtime};
use serde::Serialize;
use store::{Store, Versioned};

use digest::Recipient;

/// Why a run failed. Its committed digests stay; the next run does the rest.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Registrations kept changing while they were being marked.
    #[error("registrations kept changing while they were being marked")]
    Restless,
}

/// The counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Registrations listed in a warning to their library.
    pub warned: usize,
    /// Registrations listed in the county's digest.
    pub escalated: usize,
}

/// The daily escalation job.
#[derive(Debug)]
pub struct Escalate {
    store: Store,
    clock: Clock,
    ids: Ids,
    metrics: Metrics,
    grace_days: i32,
}

impl Escalate {
    /// Reads the environment and makes the clients. Sends nothing yet.
    ///
    /// # Errors
    /// [`Misconfigured`] when a variable is missing or malformed.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let store = Store::new(runtime)?;
        let grace_days = runtime.env.parsed("GRACE_DAYS")?;
        let metrics = runtime.metrics.clone();
        Ok(Self { store, clock: runtime.clock.clone(), ids: runtime.ids.clone(), metrics, grace_days })
    }

    /// Runs the job once.
    ///
    /// # Errors
    /// [`Error`]: the table failed, or registrations kept changing. The next run does the rest.
    pub async fn run(&self) -> Result<Report, Error> {
        let now = self.clock.now();
        let today = day_in_paris(now);
        let overdue = self.overdue(today).await?;
        let found_overdue = overdue.len();
        let reachable = self.reachable(&overdue).await?;
        let mut to_warn: BTreeMap<LibraryId, Vec<Versioned>> = BTreeMap::new();
        let mut to_escalate = Vec::new();
        for found in overdue {
            let library = found.registration.library_id.clone();
            match found.registration.duty(today, self.grace_days, reachable.contains(&library)) {
                Duty::WarnLibrary => to_warn.entry(library).or_default().push(found),
                Duty::EscalateToCounty => to_escalate.push(found),
                Duty::Nothing => {}
            }
        }
        let warnings = to_warn.into_iter().map(|(id, found)| (Recipient::Library(id), found));
        let (mut report, mut failure) = (Report::default(), None);
        for (to, found) in warnings.chain([(Recipient::County, to_escalate)]) {
            let marked = match to {
                Recipient::Library(_) => &mut report.warned,
                Recipient::County => &mut report.escalated,
            };
            if let Err(why) = self.write_digests(now, &to, &found, marked).await {
                tracing::error!(?to, %why, "a digest could not be written");
                failure.get_or_insert(why);
            }
        }
        if let Some(why) = failure {
            return Err(why);
        }
        tracing::info!(report.warned, report.escalated, "the escalation job has finished");
        self.emit_metrics(now, found_overdue, &report);
        Ok(report)
    }

    /// Emits the run's metrics. One of them counts finished runs: its absence sets off an alarm.
    fn emit_metrics(&self, now: Timestamp, overdue: usize, report: &Report) {
        let figures = [
            (Metric::EscalationRuns, 1),
            (Metric::Overdue, overdue),
            (Metric::Warned, report.warned),
            (Metric::Escalated, report.escalated),
        ];
        self.metrics.emit(now, &figures);
    }

    /// Returns the registrations pending for more than 7 days. The index is eventually consistent; a registration that
    /// changed in the meantime is found when it is marked.
    async fn overdue(&self, today: Date) -> Result<Vec<Versioned>, Error> {
        let first_patient_day = domain::calendar::plus_days(today, -PATIENCE_DAYS);
        Ok(self.store.pending_since_before(first_patient_day).await?)
    }

    /// Returns those of the overdue registrations' libraries that have an address.
    async fn reachable(&self, overdue: &[Versioned]) -> Result<BTreeSet<LibraryId>, Error> {
        let libraries: BTreeSet<LibraryId> =
            overdue.iter().map(|found| found.registration.library_id.clone()).collect();
        let catalog = self.store.catalog(&Vec::from_iter(libraries), &[]).await?;
        let with_address = catalog.libraries.into_values().filter(|library| library.email.is_some());
        Ok(with_address.map(|library| library.id).collect())
    }
}
