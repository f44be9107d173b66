//! Notes delivery events (requirements RE4), which SES's configuration set publishes through EventBridge.
//!
//! | SES reports | the message is | its address |
//! |---|---|---|
//! | `Delivery` | delivered | |
//! | `Bounce`, transient or undetermined | bounced | |
//! | `Bounce`, permanent | bounced | is written to no more, and shown as `bounced` |
//! | `Complaint` | complained | is written to no more, and shown as `complained` |
//! | `Complaint` that says it is none (`not-spam`) | delivered | |
//! | `Reject` | dropped | |
//! | `DeliveryDelay` | as it was: a delivery or a bounce follows | |
//!
//! Events may come twice, late and in any order: the worst that was told stands, and what is told again changes nothing.
//! An address is marked only while it is still an account's. An event about a mail that nobody remembers is let go; one
//! that does not read as SES's fails on purpose, and ends in the failure queue. What an event quotes of a mail or of a
//! server's answer is neither kept nor logged.

mod event;

use domain::delivery::DeliveryEvent;
use runtime::{Clock, Metric, Metrics, Misconfigured, Runtime};
use serde::Serialize;
use serde_json::Value;
use store::Store;

/// Why an event must come again, or be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The table.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Not a delivery event of one of our messages.
    #[error("not a delivery event of one of our messages")]
    Malformed,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noted {
    /// It is noted.
    Noted,
    /// It changes nothing, or its message is no longer remembered.
    NothingNew,
    /// The message is still under way.
    UnderWay,
}

/// The function.
#[derive(Debug)]
pub struct Bounce {
    store: Store,
    clock: Clock,
    metrics: Metrics,
}

impl Bounce {
    /// Reads the environment and makes the clients. Sends nothing yet.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let (clock, metrics) = (runtime.clock.clone(), runtime.metrics.clone());
        Ok(Self { store: Store::new(runtime)?, clock, metrics })
    }

    /// Notes one event. A failure has Lambda bring it again, and then leave it in the failure queue.
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

/// As what it is counted: what says something of the address for good.
fn counted(event: DeliveryEvent) -> Option<Metric> {
    match event {
        DeliveryEvent::BouncedForGood => Some(Metric::MailsBounced),
        DeliveryEvent::Complained => Some(Metric::MailsComplained),
        DeliveryEvent::Rejected | DeliveryEvent::Delivered | DeliveryEvent::BouncedForNow => None,
    }
}
