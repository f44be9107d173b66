//! The daily job, 07:00 Europe/Paris (rules, section 4): warns each library of its overdue patrons, and tells the county
//! of those still pending after the grace.
//!
//! Decides from stored dates only, so it may run twice, at the same time as itself, days late, or be killed midway: each
//! registration is marked in the transaction that lists it in a digest, under the version it was read at. What was
//! activated meanwhile loses that condition and is left out. It also re-drives messages that are unsent for over an hour.
//!
//! A scheduled function fails on purpose, so that it is retried and its alarm rings.

mod digest;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    LibraryId,
    calendar::{PATIENCE_DAYS, day_in_paris},
    registration::Duty,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use runtime::{Clock, Ids, Metric, Metrics, Misconfigured, Runtime};
use serde::Serialize;
use store::{Store, Versioned};

use digest::Recipient;

/// How long a message may be unsent before it is re-driven.
const UNSENT: SignedDuration = SignedDuration::from_hours(1);

/// Why a run failed. What it had committed stays; the next run does the rest.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Registrations kept changing while they were being marked.
    #[error("registrations kept changing while they were being marked")]
    Restless,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Registrations of which a library was warned.
    pub warned: usize,
    /// Registrations of which the county was told.
    pub escalated: usize,
    /// Mails that were re-driven.
    pub redriven: usize,
}

/// The function.
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
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let store = Store::new(runtime)?;
        let grace_days = runtime.env.parsed("GRACE_DAYS")?;
        let metrics = runtime.metrics.clone();
        Ok(Self { store, clock: runtime.clock.clone(), ids: runtime.ids.clone(), metrics, grace_days })
    }

    /// One run.
    pub async fn run(&self) -> Result<Report, Error> {
        let now = self.clock.now();
        let today = day_in_paris(now);
        let redriven = self.redrive(now).await?;
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
        let mut report = Report { redriven, ..Report::default() };
        for (library_id, found) in to_warn {
            report.warned += self.write_digest(now, Recipient::Library(library_id), found).await?;
        }
        report.escalated = self.write_digest(now, Recipient::County, to_escalate).await?;
        tracing::info!(report.warned, report.escalated, report.redriven, "escalation has run");
        self.tell(now, found_overdue, &report);
        Ok(report)
    }

    /// That a run came to its end is a figure too: its absence rings.
    fn tell(&self, now: Timestamp, overdue: usize, report: &Report) {
        let figures = [
            (Metric::EscalationRuns, 1),
            (Metric::Overdue, overdue),
            (Metric::Warned, report.warned),
            (Metric::Escalated, report.escalated),
            (Metric::Redriven, report.redriven),
        ];
        self.metrics.emit(now, &figures);
    }

    /// Registrations pending for more than 7 days, as the index knows them.
    async fn overdue(&self, today: Date) -> Result<Vec<Versioned>, Error> {
        let first_patient_day = domain::calendar::plus_days(today, -PATIENCE_DAYS);
        Ok(self.store.pending_since_before(first_patient_day).await?)
    }

    /// Which of the overdue registrations' libraries have an address.
    async fn reachable(&self, overdue: &[Versioned]) -> Result<BTreeSet<LibraryId>, Error> {
        let libraries: BTreeSet<LibraryId> =
            overdue.iter().map(|found| found.registration.library_id.clone()).collect();
        let catalog = self.store.catalog(&Vec::from_iter(libraries), &[]).await?;
        let with_address = catalog.libraries.into_values().filter(|library| library.email.is_some());
        Ok(with_address.map(|library| library.id).collect())
    }

    async fn redrive(&self, now: Timestamp) -> Result<usize, Error> {
        let unsent = self.store.unsent_before(now - UNSENT).await?;
        for id in &unsent {
            self.store.redrive(id, now).await?;
        }
        Ok(unsent.len())
    }
}
