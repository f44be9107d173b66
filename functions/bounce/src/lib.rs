//! Notes delivery events (requirements RE4), which SES's configuration set publishes through EventBridge.
//!
//! | SES reports | the message is | its address |
//! |---|---|---|
//! | `Delivery` | delivered | |
//! | `Bounce`, transient or undetermined | bounced | |
//! | `Bounce`, permanent | bounced | is marked and shown as `bounced` |
//! | `Complaint` | complained | is marked and shown as `complained` |
//! | `Complaint` of type `not-spam` | delivered | |
//! | `Reject` | dropped | |
//! | `DeliveryDelay` | unchanged: a delivery or a bounce follows | |
//!
//! A marked address gets no further messages (rules, section 6).
//!
//! Events may come twice, late and in any order, so they are ranked: a later, milder event never overrides a worse one,
//! and a repeated event changes nothing. An address is marked only while an account has it. An event about a message
//! that is no longer stored is ignored. One that can't be parsed is returned as an error, and ends in the failure
//! queue. Quotations of a message or of a server's answer are neither stored nor logged.

mod event;

use domain::delivery::DeliveryEvent;
use runtime::{Clock, Metric, Metrics, Misconfigured, Runtime};
use serde::Serialize;
use serde_json::Value;
use store::Store;

/// Why an event was not noted.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Not a delivery event of one of our messages.
    #[error("not a delivery event of one of our messages")]
    Malformed,
}

/// The result of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noted {
    /// It is noted.
    Noted,
    /// Nothing changed: it was noted before, or its message is no longer stored.
    NothingNew,
    /// The message is still under way.
    UnderWay,
}

/// Notes SES's delivery events.
#[derive(Debug)]
pub struct Bounce {
    store: Store,
    clock: Clock,
    metrics: Metrics,
}

impl Bounce {
    /// Reads the environment and makes the clients. Sends nothing yet.
    ///
    /// # Errors
    /// [`Misconfigured`] when a variable is missing or malformed.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let (clock, metrics) = (runtime.clock.clone(), runtime.metrics.clone());
        Ok(Self { store: Store::new(runtime)?, clock, metrics })
    }

    /// Notes one event.
    ///
    /// # Errors
    /// [`Failure`]: Lambda tries the event again, and then moves it to the failure queue.
    pub async fn note(&self, event: Value) -> Result<Noted, Failure> {
        let event::Parsed { message_id, report } = event::parse(event).ok_or(Failure::Malformed)?;
        let Some(report) = report else {
            tracing::info!(message_id, "a message is late");
            return Ok(Noted::UnderWay);
        };
        let new = self.store.note_delivery_event(&report).await?;
        tracing::info!(message_id, event = ?report.event, new, "SES reported on a message");
        if !new {
            return Ok(Noted::NothingNew);
        }
        if let Some(metric) = counted(report.event) {
            self.metrics.count(self.clock.now(), metric);
        }
        Ok(Noted::Noted)
    }
}

/// Returns the metric of an event: only events that mark an address have one.
fn counted(event: DeliveryEvent) -> Option<Metric> {
    match event {
        DeliveryEvent::BouncedForGood => Some(Metric::MailsBounced),
        DeliveryEvent::Complained => Some(Metric::MailsComplained),
        DeliveryEvent::Rejected | DeliveryEvent::Delivered | DeliveryEvent::BouncedForNow => None,
    }
}
