//! Sends the outbox's messages (rules, section 6): from the table's stream, and every 5 minutes those that are unsent.
//!
//! A stream record only names an item; the item itself has the message's state. So a record may come twice, late, or
//! out of order (requirements RE3). A message is leased, sent, and marked: it is sent twice only if this process dies
//! between SES's acceptance and the mark, or if SES's answer does not arrive.
//!
//! What can't be sent stays in the outbox, and the schedule finds it when its wait is over (requirements RE15). Its
//! record counts as processed, so that it holds up no other. Only records for which there was no time are reported:
//! Lambda brings them again at once.

mod content;
mod pace;
mod sending;

use std::time::Duration;

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use domain::Email;
use futures_util::{StreamExt, stream};
use mail::Mailer;
use runtime::{Clock, Ids, Metric, Metrics, Misconfigured, Runtime};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Store;

use pace::TimeLeft;
use sending::Fate;

/// Highest number of unsent messages that a run reads from each shard of the index. The next run reads the others.
const MOST: usize = 250;
/// Messages that a run sends at the same time.
const AT_ONCE: usize = 10;

/// Sends the outbox's messages.
#[derive(Debug)]
pub struct Deliver {
    store: Store,
    mailer: Mailer,
    clock: Clock,
    ids: Ids,
    metrics: Metrics,
    county_email: Email,
}

/// The counts of a run of the schedule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Messages that were tried again.
    pub redriven: usize,
    /// Messages for which there was no time.
    pub left: usize,
}

/// Why an invocation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table failed. The next run finds the same messages.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The event is neither the stream's nor the schedule's.
    #[error(transparent)]
    Event(#[from] serde_json::Error),
}

impl Deliver {
    /// Reads the environment and makes the clients. Sends nothing yet.
    ///
    /// # Errors
    /// [`Misconfigured`] when a variable is missing or malformed.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self {
            store: Store::new(runtime)?,
            mailer: Mailer::new(runtime)?,
            clock: runtime.clock.clone(),
            ids: runtime.ids.clone(),
            metrics: runtime.metrics.clone(),
            county_email: runtime.env.parsed("COUNTY_EMAIL")?,
        })
    }

    /// Processes an invocation within `time_left`: a batch of the stream, which has records, or the schedule's.
    ///
    /// # Errors
    /// [`Error`]: the table failed, or the event is malformed.
    pub async fn answer(&self, event: Value, time_left: Duration) -> Result<Value, Error> {
        let answer = match event.get("Records") {
            Some(_) => serde_json::to_value(Box::pin(self.deliver(serde_json::from_value(event)?, time_left)).await),
            None => serde_json::to_value(Box::pin(self.redrive(time_left)).await?),
        };
        Ok(answer?)
    }

    /// Processes a batch of stream records. Returns the records that must be delivered again, for lack of time.
    pub async fn deliver(&self, event: Event, time_left: Duration) -> DynamoDbEventResponse {
        let time_left = TimeLeft::new(time_left);
        let mut again = DynamoDbEventResponse::default();
        for record in event.records {
            let Some(message_id) = message_id(&record) else { continue };
            if self.process(&message_id, time_left).await == Fate::NotBegun {
                let mut failure = DynamoDbBatchItemFailure::default();
                failure.item_identifier = record.change.sequence_number;
                again.batch_item_failures.push(failure);
            }
        }
        again
    }

    /// Tries the unsent messages that are due, within `time_left`.
    ///
    /// # Errors
    /// [`store::Error`] if the table does not return them.
    pub async fn redrive(&self, time_left: Duration) -> Result<Report, store::Error> {
        let time_left = TimeLeft::new(time_left);
        let due = self.store.due(self.clock.now(), MOST).await?;
        let tries = stream::iter(due).map(|id| async move { self.process(&id, time_left).await });
        let fates: Vec<Fate> = tries.buffer_unordered(AT_ONCE).collect().await;
        let count = |fate| fates.iter().filter(|other| **other == fate).count();
        let report = Report { redriven: count(Fate::Tried), left: count(Fate::NotBegun) };
        tracing::info!(report.redriven, report.left, "the unsent messages were tried again");
        self.metrics.emit(self.clock.now(), &[(Metric::Redriven, report.redriven)]);
        Ok(report)
    }

    fn count(&self, metric: Metric) {
        self.metrics.count(self.clock.now(), metric);
    }
}

/// Returns the id of the message that a record is about; `None` for other items, and for a removed one.
fn message_id(record: &EventRecord) -> Option<String> {
    #[derive(Deserialize)]
    struct Keys {
        pk: String,
    }
    if record.event_name == "REMOVE" {
        return None;
    }
    let keys: Keys = serde_dynamo::from_item(record.change.keys.clone()).ok()?;
    store::keys::message_id(&keys.pk).map(str::to_owned)
}
