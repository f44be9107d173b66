//! One message: its lease, the call to SES, and the note of the outcome.

use domain::tries::Setback;
use mail::SendError;
use runtime::Metric;
use store::{Claim, Error, Lease, OutboxItem};

use crate::{Deliver, content::Prepared, pace::TimeLeft};

/// What this run did with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It was sent, dropped, or waits for its next try.
    Tried,
    /// It was not this run's to send.
    Skipped,
    /// There was no time for it. It is due as before.
    NotBegun,
}

/// The outcome of a leased message.
enum Outcome {
    /// SES accepted it, with this id.
    Sent(String),
    /// It concerns nobody any longer.
    Dropped(&'static str),
    /// It is not tried again, though it should have been sent. This sets off an alarm.
    GivenUp(String),
    /// It is tried again.
    SetBack(Setback, String),
}

impl From<Result<String, SendError>> for Outcome {
    fn from(sent: Result<String, SendError>) -> Self {
        match sent {
            Ok(ses_id) => Self::Sent(ses_id),
            Err(SendError::Never(why)) => Self::GivenUp(why),
            Err(why @ SendError::Unknown(_)) => Self::SetBack(Setback::Unknown, why.to_string()),
            Err(why) => Self::SetBack(Setback::NotAccepted, why.to_string()),
        }
    }
}

impl Deliver {
    /// Sends a message if it is due and time is left. A failure is logged and counted; the message stays in the outbox.
    pub(crate) async fn process(&self, message_id: &str, time_left: TimeLeft) -> Fate {
        if !time_left.allows_another() {
            return Fate::NotBegun;
        }
        match self.claim_and_send(message_id, time_left).await {
            Ok(fate) => fate,
            Err(why) => {
                // The lease, if there is one, ends by itself. The try counts as one of unknown outcome.
                tracing::error!(message_id, %why, "the table failed; the message will be tried again");
                self.count(Metric::MailsFailed);
                Fate::Tried
            }
        }
    }

    async fn claim_and_send(&self, message_id: &str, time_left: TimeLeft) -> Result<Fate, Error> {
        let (lease, outcome) = match self.store.claim(message_id, self.clock.now()).await? {
            Claim::Yours(lease, Ok(item)) => {
                let outcome = self.send_leased(&item, time_left).await;
                (lease, outcome)
            }
            Claim::Yours(lease, Err(_)) => {
                // The error's own text may quote the item (requirements AP8).
                (lease, Outcome::SetBack(Setback::NotAccepted, "its item can't be read".to_owned()))
            }
            Claim::Over(lease, end) => (lease, Outcome::GivenUp(end.why().to_owned())),
            Claim::Done | Claim::NotDue => return Ok(Fate::Skipped),
        };
        self.note(&lease, outcome).await
    }

    /// Reads the content and sends it. A call to SES is begun only with time for its answer and for the note of it.
    async fn send_leased(&self, item: &OutboxItem, time_left: TimeLeft) -> Outcome {
        match time_left.limit(self.fetch_content(item)).await {
            Some(Ok(Prepared::Send(to, content))) => self.send(&item.message_id, &to, &content, time_left).await.into(),
            Some(Ok(Prepared::Drop(why))) => Outcome::Dropped(why),
            Some(Err(why)) => Outcome::SetBack(Setback::NotAccepted, why.to_string()),
            None => Outcome::SetBack(Setback::NotBegun, "no time was left".to_owned()),
        }
    }

    async fn note(&self, lease: &Lease, outcome: Outcome) -> Result<Fate, Error> {
        let (message_id, now) = (lease.message_id.as_str(), self.clock.now());
        match outcome {
            Outcome::Sent(ses_id) => {
                self.count(Metric::MailsSent);
                self.store.mark_sent(lease, &ses_id, now).await?;
            }
            Outcome::Dropped(why) => {
                tracing::warn!(message_id, why, "a message was dropped");
                self.store.mark_dropped(lease, why, now).await?;
                self.count(Metric::MailsDropped);
            }
            Outcome::GivenUp(why) => {
                tracing::error!(message_id, why, "a message was given up");
                self.store.mark_dropped(lease, &why, now).await?;
                self.count(Metric::MailsGivenUp);
            }
            Outcome::SetBack(setback, why) => {
                tracing::warn!(message_id, ?setback, why, "a message will be tried again");
                self.store.set_back(lease, setback, now).await?;
                if setback == Setback::NotBegun {
                    return Ok(Fate::NotBegun);
                }
                self.count(Metric::MailsFailed);
            }
        }
        Ok(Fate::Tried)
    }
}
