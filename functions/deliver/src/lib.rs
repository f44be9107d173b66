//! Sends the outbox's mails (rules, section 6), from the table's stream.
//!
//! A stream record names an item, nothing more; whether there is something to send, the item itself says. So a record
//! may come twice, late, or out of order. A mail is claimed, sent, and marked: it is sent twice only if this process
//! dies between SES's acceptance and the mark. What fails is reported by record, so that its batch goes on; what can
//! never be sent is dropped and said so, and so is what would go to an address that bounced for good or complained.
//! Where SES asks to slow down, a mail waits within the time left, and then for another run (requirements RE4).

mod letter;
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

use letter::Outcome;
use pace::TimeLeft;

/// Why a record must come again.
#[derive(Debug, thiserror::Error)]
enum Again {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Mail(SendError),
    #[error("another run holds this mail")]
    Held,
}

/// The function.
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
    /// Makes it ready.
    pub fn wire(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self {
            store: Store::new(runtime)?,
            mailer: Mailer::new(runtime)?,
            clock: runtime.clock.clone(),
            ids: runtime.ids.clone(),
            metrics: runtime.metrics.clone(),
            county_email: runtime.env.parsed("COUNTY_EMAIL")?,
        })
    }

    /// Works through a batch of stream records, with so much time for all of it; answers those that must come again.
    pub async fn deliver(&self, event: Event, time_left: Duration) -> DynamoDbEventResponse {
        let time_left = TimeLeft::of(time_left);
        let mut again = DynamoDbEventResponse::default();
        for record in event.records {
            let Some(mail_id) = mail_id(&record) else { continue };
            if let Err(why) = self.deliver_one(&mail_id, time_left).await {
                tracing::warn!(mail_id, why = %why, "a mail must come again");
                let mut failure = DynamoDbBatchItemFailure::default();
                failure.item_identifier = record.change.sequence_number;
                again.batch_item_failures.push(failure);
            }
        }
        again
    }

    async fn deliver_one(&self, mail_id: &str, time_left: TimeLeft) -> Result<(), Again> {
        let letter = match self.store.claim(mail_id, self.clock.now()).await? {
            Claim::Yours(letter) => letter,
            Claim::Done => return Ok(()),
            Claim::Held => return Err(Again::Held),
        };
        let sent = match self.read(&letter).await? {
            Outcome::Send(to, message) => self.send(mail_id, &to, &message, time_left).await,
            Outcome::Drop(why) => Err(SendError::Never(why.to_owned())),
        };
        match sent {
            Ok(ses_id) => {
                self.count(Metric::MailsSent);
                self.store.mark_sent(mail_id, &ses_id, self.clock.now()).await?;
            }
            Err(SendError::Never(why)) => {
                tracing::warn!(mail_id, why, "a mail was dropped");
                self.store.mark_dropped(mail_id, &why, self.clock.now()).await?;
                self.count(Metric::MailsDropped);
            }
            Err(later @ (SendError::Throttled | SendError::Later(_))) => {
                self.count(Metric::MailsFailed);
                self.store.release(mail_id).await?;
                return Err(Again::Mail(later));
            }
        }
        Ok(())
    }

    fn count(&self, metric: Metric) {
        self.metrics.count(self.clock.now(), metric);
    }
}

/// The mail that a record is about; `None` for any other item, and for one that has gone.
fn mail_id(record: &EventRecord) -> Option<String> {
    #[derive(Deserialize)]
    struct Keys {
        pk: String,
    }
    if record.event_name == "REMOVE" {
        return None;
    }
    let keys: Keys = serde_dynamo::from_item(record.change.keys.clone()).ok()?;
    store::keys::mail_id(&keys.pk).map(str::to_owned)
}
