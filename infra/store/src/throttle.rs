//! Throttling: an attempt is counted before the password is verified, under a condition, so fifty concurrent guesses
//! count as fifty (requirements PW3). Every address costs the same reads and writes, whether it has an account or has to
//! wait.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::{
    Email,
    message::Message,
    network::{Limited, source_window},
    throttle::{MailRequests, Tries},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Error, Store, StoredAccount, Write,
    item::{decode, item_until},
    keys::{self, Key},
    number, outbox,
    transaction::Condition,
};

/// Rounds in which other tries may change the count first, before an attempt is refused.
pub(crate) const ROUNDS: usize = 60;

#[derive(Debug, Deserialize)]
struct Requests {
    requests: i64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counted<T> {
    pub(crate) count: T,
    pub(crate) revision: u64,
}

impl Store {
    /// Counts a request of a network. Returns the number of its requests of this kind in this window, this one included.
    ///
    /// Not conditional: a retry of a call whose answer was lost counts twice, which does no harm. Costs 1 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Busy` and `Lost`.
    pub async fn count_source(&self, limited: Limited, network: &str, now: Timestamp) -> Result<i64, Error> {
        self.add_to_source(limited, network, now, 1).await
    }

    /// Takes a request of a network back, which has turned out not to count. Costs 1 WRU.
    ///
    /// # Errors
    /// As [`count_source`](Self::count_source).
    pub async fn excuse_source(&self, limited: Limited, network: &str, now: Timestamp) -> Result<(), Error> {
        self.add_to_source(limited, network, now, -1).await.map(|_| ())
    }

    async fn add_to_source(&self, limited: Limited, network: &str, now: Timestamp, more: i64) -> Result<i64, Error> {
        let (since, until) = source_window(now);
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::source(limited.name(), network, since).into_attributes()))
            .update_expression("SET expiresAt = :until ADD requests :more")
            .expression_attribute_values(":until", number(until.as_second()))
            .expression_attribute_values(":more", number(more))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(Error::from_sdk)?;
        let counted: Requests = decode(answer.attributes.unwrap_or_default())?;
        Ok(counted.requests)
    }

    /// Counts a sign-in attempt. Returns `None` while the address has to wait, and if 60 concurrent attempts came first.
    /// Costs 1 RRU and 2 WRU a round; one round without concurrent attempts.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn count_try(&self, email: &Email, now: Timestamp) -> Result<Option<Tries>, Error> {
        for _ in 0..ROUNDS {
            let before: Option<Counted<Tries>> = self.get(keys::tries(email)).await?;
            let revision = before.as_ref().map_or(0, |counted| counted.revision);
            let was = before.map(|counted| counted.count);
            let next = Tries::another(was.as_ref(), now);
            // An address that has to wait gets its count written unchanged: the same work, so the same time.
            let Some(count) = next.as_ref().or(was.as_ref()) else { return Ok(None) };
            match self.recount(keys::tries(email), count, revision, count.forgotten_at()).await {
                Err(Error::Lost(_)) => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(next),
            }
        }
        Ok(None)
    }

    /// Returns how long an address has to wait still; `None` if it need not. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn wait(&self, email: &Email, now: Timestamp) -> Result<Option<SignedDuration>, Error> {
        let counted = self.get::<Counted<Tries>>(keys::tries(email)).await?;
        Ok(counted.and_then(|counted| counted.count.wait(now)))
    }

    /// Notes that the attempt just counted had the right password: no wait follows. Costs 1 RRU and 2 WRU a round.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn try_succeeded(&self, email: &Email, now: Timestamp) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let Some(Counted { count, revision }) = self.get::<Counted<Tries>>(keys::tries(email)).await? else {
                return Ok(());
            };
            let count = count.succeeded(now);
            match self.recount(keys::tries(email), &count, revision, count.forgotten_at()).await {
                Err(Error::Lost(_)) => {}
                done => return done,
            }
        }
        Ok(())
    }

    /// Announces to the owner of an address that it has to wait, by the message `message_id`, at most once in 24 hours
    /// (requirements S5). Without an account, decoys are written (requirements PW2). Costs 1 RRU, and 8 WRU a round
    /// when it writes.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn announce_wait(
        &self,
        email: &Email,
        known: Option<&StoredAccount>,
        message_id: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let counted = self.get::<Counted<Tries>>(keys::tries(email)).await?;
            let Some((count, revision)) = counted.and_then(|c| Some((c.count.announced(now)?, c.revision))) else {
                return Ok(());
            };
            let (count, unchanged) = next_count(keys::tries(email), &count, revision, count.forgotten_at())?;
            let announced = self.transaction().put(Write::Tries, count, unchanged)?;
            let announced = match known {
                Some(known) => {
                    let mails = serde_dynamo::to_attribute_value(known.messages_with([message_id]))?;
                    let exists = Condition::new("attribute_exists(pk)", [(":mails", mails)]);
                    let message = Message::SignInWaits { to: email.clone() };
                    announced.update(Write::Account, keys::account(email), "SET messages = :mails", exists)?.put(
                        Write::Message,
                        outbox::queued(message_id, &message, now)?,
                        Condition::absent(),
                    )?
                }
                None => announced.decoys(email, message_id, now)?,
            };
            match announced.commit().await {
                Err(Error::Lost(Write::Tries)) => {}
                // The account was removed meanwhile, and its owner needs no message.
                Err(Error::Lost(_)) => return Ok(()),
                done => return done,
            }
        }
        Ok(())
    }

    async fn recount<T: Serialize>(
        &self,
        key: Key,
        count: T,
        revision: u64,
        forgotten_at: Timestamp,
    ) -> Result<(), Error> {
        let (item, unchanged) = next_count(key, count, revision, forgotten_at)?;
        self.transaction().put(Write::Tries, item, unchanged)?.commit().await
    }

    /// Reads the reset requests of an address. Costs 1 RRU.
    pub(crate) async fn resets(&self, email: &Email) -> Result<Counted<Option<MailRequests>>, Error> {
        self.requests_of(keys::resets(email)).await
    }

    /// Reads a count of messages that were asked for. Costs 1 RRU.
    pub(crate) async fn requests_of(&self, key: Key) -> Result<Counted<Option<MailRequests>>, Error> {
        Ok(self.get(key).await?.unwrap_or(Counted { count: None, revision: 0 }))
    }
}

/// Returns the write of an address's next count, and the condition that no other came first.
pub(crate) fn next_count<T: Serialize>(
    key: Key,
    count: T,
    revision: u64,
    forgotten_at: Timestamp,
) -> Result<(Attributes, Condition), Error> {
    let item = item_until(key, &Counted { count, revision: revision + 1 }, forgotten_at)?;
    let unchanged = match revision {
        0 => Condition::absent(),
        _ => Condition::new("revision = :revision", [(":revision", number(revision))]),
    };
    Ok((item, unchanged))
}
