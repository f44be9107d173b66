//! Waits: counted before a password is tried, under a condition, so that fifty guesses at once count as fifty. The
//! same reads and writes are done for every address, known or not, waiting or not.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::{
    Email,
    throttle::{Resets, Tries, source_window},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Attributes, Error, Store, Write,
    item::{decode, item_until},
    keys::{self, Key},
    number,
    transaction::Condition,
};

/// Rounds in which a count may be overtaken by another before the try is turned away.
const ROUNDS: usize = 60;

#[derive(Debug, Deserialize)]
struct Requests {
    requests: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counted<T> {
    pub(crate) count: T,
    pub(crate) revision: u64,
}

impl Store {
    /// Counts a request of a network address; answers how many it has made in this window, this one included. Not
    /// conditional: a count that was lost on the way and repeated counts twice, which harms nobody.
    pub async fn count_source(&self, address: &str, now: Timestamp) -> Result<u64, Error> {
        let (since, until) = source_window(now);
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(keys::source(address, since).into_attributes()))
            .update_expression("SET expiresAt = :until ADD requests :one")
            .expression_attribute_values(":until", number(until.as_second()))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(Error::from_sdk)?;
        let counted: Requests = decode(answer.attributes.unwrap_or_default())?;
        Ok(counted.requests)
    }

    /// Counts a try to sign in; `false` while the address waits.
    pub async fn count_try(&self, email: &Email, now: Timestamp) -> Result<bool, Error> {
        for _ in 0..ROUNDS {
            let before: Option<Counted<Tries>> = self.get(keys::tries(email)).await?;
            let revision = before.as_ref().map_or(0, |counted| counted.revision);
            let was = before.map(|counted| counted.count);
            let next = Tries::another(was, now);
            let Some(count) = next.or(was) else { return Ok(false) };
            match self.recount(keys::tries(email), count, revision, count.forgotten_at()).await {
                Err(Error::Lost(_)) => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(next.is_some()),
            }
        }
        Ok(false)
    }

    /// Notes that the try just counted was right.
    pub async fn try_succeeded(&self, email: &Email, now: Timestamp) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let Some(Counted { count, revision }) = self.get::<Counted<Tries>>(keys::tries(email)).await? else {
                return Ok(());
            };
            let count = count.succeeded(now);
            match self.recount(keys::tries(email), count, revision, count.forgotten_at()).await {
                Err(Error::Lost(_)) => {}
                done => return done,
            }
        }
        Ok(())
    }

    async fn recount<T: Serialize + DeserializeOwned>(
        &self,
        key: Key,
        count: T,
        revision: u64,
        forgotten_at: Timestamp,
    ) -> Result<(), Error> {
        let (item, unchanged) = next_count(key, count, revision, forgotten_at)?;
        self.transaction().put(Write::Tries, item, unchanged)?.commit().await
    }

    /// The reset requests of an address, with the write that counts one more; `None` beyond three an hour.
    pub(crate) async fn count_reset(
        &self,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<(Attributes, Condition)>, Error> {
        let before: Option<Counted<Resets>> = self.get(keys::resets(email)).await?;
        let revision = before.as_ref().map_or(0, |counted| counted.revision);
        let Some(count) = Resets::another(before.map(|counted| counted.count), now) else { return Ok(None) };
        next_count(keys::resets(email), count, revision, count.forgotten_at()).map(Some)
    }
}

fn next_count<T: Serialize>(
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
