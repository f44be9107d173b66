//! Notes delivery events (requirements RE4), which SES's configuration set publishes through EventBridge.
//!
//! | SES reports | the message is | its address |
//! |---|---|---|
//! | `Delivery` | delivered | |
//! | `Bounce`, transient or undetermined | bounced | |
//! | `Bounce` of a suppressed address | dropped, and counted as given up | |
//! | `Bounce`, permanent | bounced | is marked and shown as `bounced` |
//! | `Complaint` | complained | is marked and shown as `complained` |
//! | `Complaint` of type `not-spam` | delivered | |
//! | `Reject` | dropped, and counted as given up | |
//! | `DeliveryDelay` | unchanged: a delivery or a bounce follows | |
//!
//! A marked address gets no further messages (rules, section 6).
//!
//! Events may come twice, late and in any order, so they are ranked: a later, milder event never overrides a worse one,
//! and a repeated event changes nothing. An address is marked only while an account has it. An event about a message
//! that is no longer stored is ignored. One that can't be parsed is returned as an error, and ends in the failure
//! queue. Quotations of a message or of a server's answer are neither stored nor logged.
//!
//! The failure queue is an event source as well, which is off by default: `docs/operations.md` says when to enable it.

mod event;
mod queue;

use domain::delivery::DeliveryEvent;
use runtime::{Clock, Metric, Metrics, Misconfigured, Runtime};
use serde::Serialize;
use serde_json::{Value, json};
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

    /// Processes an invocation: an event, or a batch of the failure queue, of which the messages that fail again are
    /// returned. They stay in the queue.
    ///
    /// # Errors
    /// [`Failure`]: an event could not be noted. Lambda tries it again, and then moves it to the failure queue.
    pub async fn answer(&self, event: Value) -> Result<Value, Failure> {
        if !queue::is_batch(&event) {
            return self.note(event).await.map(|noted| json!(noted));
        }
        let mut failed = Vec::new();
        for queued in queue::parse(event).ok_or(Failure::Malformed)? {
            if let Err(why) = self.note(queued.event()).await {
                tracing::warn!(queued = queued.message_id, %why, "an event of the failure queue failed again");
                failed.push(json!({ "itemIdentifier": queued.message_id }));
            }
        }
        Ok(json!({ "batchItemFailures": failed }))
    }

    /// Notes one event.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn note(&self, event: Value) -> Result<Noted, Failure> {
        let event::Parsed { message_id, suppressed, report } = event::parse(event).ok_or(Failure::Malformed)?;
        let Some(report) = report else {
            tracing::info!(message_id, "a message is late");
            return Ok(Noted::UnderWay);
        };
        let new = self.store.note_delivery_event(&report).await?;
        tracing::info!(message_id, event = ?report.event, suppressed, new, "SES reported on a message");
        if !new {
            return Ok(Noted::NothingNew);
        }
        if let Some(metric) = counted(report.event) {
            self.metrics.count(self.clock.now(), metric);
        }
        Ok(Noted::Noted)
    }
}

/// Returns the metric of an event: those that mark an address, and those of messages that SES accepted and did not send.
fn counted(event: DeliveryEvent) -> Option<Metric> {
    match event {
        DeliveryEvent::BouncedForGood => Some(Metric::MailsBounced),
        DeliveryEvent::Complained => Some(Metric::MailsComplained),
        DeliveryEvent::Rejected => Some(Metric::MailsGivenUp),
        DeliveryEvent::Delivered | DeliveryEvent::BouncedForNow => None,
    }
}
