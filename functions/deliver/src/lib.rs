//! Sends the outbox's messages (rules, section 6), from the table's stream.
//!
//! A stream record only names an item; the item itself has the message's state. So a record may come twice, late, or
//! out of order (requirements RE3). A message is claimed, sent, and marked: it is sent twice only if this process dies
//! between SES's acceptance and the mark.
//!
//! Failures are reported by record, so that the rest of the batch proceeds. A message that can never be sent is dropped
//! with a reason, as is one to an address that bounced for good or complained. When SES throttles, a message waits
//! within the time left, and then for another run (requirements RE4).

mod content;
mod pace;

use std::time::Duration;

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use domain::Email;
use mail::{Mailer, SendError};
use runtime::{Clock, Ids, Metric, Metrics, Misconfigured, Runtime};
use serde::Deserialize;
use store::{Claim, Store};

use content::Prepared;
use pace::TimeLeft;

/// Why a record must be delivered again.
#[derive(Debug, thiserror::Error)]
enum Again {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Mail(SendError),
    #[error("another run holds this message")]
    Held,
}

/// The result of a claimed message.
enum Outcome {
    /// SES accepted it, with this id.
    Sent(String),
    /// It will not be sent, for this reason.
    Dropped(String),
    /// Another run may send it.
    Deferred(SendError),
}

impl From<Result<String, SendError>> for Outcome {
    fn from(sent: Result<String, SendError>) -> Self {
        match sent {
            Ok(ses_id) => Self::Sent(ses_id),
            Err(SendError::Never(why)) => Self::Dropped(why),
            Err(why @ (SendError::Throttled | SendError::Later(_))) => Self::Deferred(why),
        }
    }
}

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

    /// Processes a batch of stream records within `time_left`. Returns the records that must be delivered again.
    pub async fn deliver(&self, event: Event, time_left: Duration) -> DynamoDbEventResponse {
        let time_left = TimeLeft::new(time_left);
        let mut again = DynamoDbEventResponse::default();
        for record in event.records {
            let Some(message_id) = message_id(&record) else { continue };
            if let Err(why) = self.deliver_one(&message_id, time_left).await {
                tracing::warn!(message_id, why = %why, "a message will be tried again");
                let mut failure = DynamoDbBatchItemFailure::default();
                failure.item_identifier = record.change.sequence_number;
                again.batch_item_failures.push(failure);
            }
        }
        again
    }

    async fn deliver_one(&self, message_id: &str, time_left: TimeLeft) -> Result<(), Again> {
        let item = match self.store.claim(message_id, self.clock.now()).await? {
            Claim::Yours(item) => item,
            Claim::Done => return Ok(()),
            Claim::Held => return Err(Again::Held),
        };
        let outcome = match self.fetch_content(&item).await? {
            Prepared::Send(to, content) => self.send(message_id, &to, &content, time_left).await.into(),
            Prepared::Drop(why) => Outcome::Dropped(why.to_owned()),
        };
        match outcome {
            Outcome::Sent(ses_id) => {
                self.count(Metric::MailsSent);
                self.store.mark_sent(message_id, &ses_id, self.clock.now()).await?;
            }
            Outcome::Dropped(why) => {
                tracing::warn!(message_id, why, "a message was dropped");
                self.store.mark_dropped(message_id, &why, self.clock.now()).await?;
                self.count(Metric::MailsDropped);
            }
            Outcome::Deferred(why) => {
                self.count(Metric::MailsFailed);
                self.store.release(message_id).await?;
                return Err(Again::Mail(why));
            }
        }
        Ok(())
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
