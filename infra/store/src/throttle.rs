//! Throttling: a try is counted before the password is verified, under a condition, so fifty concurrent guesses count
//! as fifty (requirements PW3). Every address costs the same reads and writes, whether it has an account or has to
//! wait.

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

/// Rounds in which other tries may change the count first, before a try is refused.
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
    /// Counts a request of an IP address. Returns the number of its requests in this window, this one included.
    ///
    /// Not conditional: a retry of a call whose answer was lost counts twice, which does no harm. Costs 1 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Busy` and `Lost`.
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

    /// Counts a sign-in try. Returns `false` while the address has to wait, and if 60 concurrent tries came first.
    /// Costs 1 RRU and 2 WRU a round; one round without concurrent tries.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn count_try(&self, email: &Email, now: Timestamp) -> Result<bool, Error> {
        for _ in 0..ROUNDS {
            let before: Option<Counted<Tries>> = self.get(keys::tries(email)).await?;
            let revision = before.as_ref().map_or(0, |counted| counted.revision);
            let was = before.map(|counted| counted.count);
            let next = Tries::another(was, now);
            // An address that has to wait gets its count written unchanged: the same work, so the same time.
            let Some(count) = next.or(was) else { return Ok(false) };
            match self.recount(keys::tries(email), count, revision, count.forgotten_at()).await {
                Err(Error::Lost(_)) => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(next.is_some()),
            }
        }
        Ok(false)
    }

    /// Notes that the try just counted had the right password: no wait follows. Costs 1 RRU and 2 WRU a round.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
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

    /// Reads the reset requests of an address. Costs 1 RRU.
    pub(crate) async fn resets(&self, email: &Email) -> Result<Counted<Option<Resets>>, Error> {
        let counted = self.get(keys::resets(email)).await?;
        Ok(counted.unwrap_or(Counted { count: None, revision: 0 }))
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
