//! Sessions: opaque tokens, stored as digests. A change of the account takes effect at the session's next request.
//!
//! A token is the account's pseudonym, a dot, and a secret. The pseudonym names the partitions of account and session,
//! so one call reads both. Without the secret it gives no access.

use domain::{Email, account::IDLE};
use jiff::{SignedDuration, Timestamp};
use runtime::{Ids, Secret};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Store, StoredAccount, Write,
    item::{decode, item_until, text_of},
    keys::{self, Key},
    transaction::Condition,
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionItem {
    generation: String,
    pub(crate) until: Timestamp,
    /// The last request, to the minute, in a session that ends when idle: one that staff opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

/// The precision of a session's last use: it is written at most once a minute.
const PRECISION: SignedDuration = SignedDuration::from_mins(1);

impl Store {
    /// Opens a session of an account at `now`, until an instant. Returns its token, which is not stored. Costs 2 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes).
    pub async fn open_session(
        &self,
        stored: &StoredAccount,
        ids: &Ids,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Secret, Error> {
        let token = token(&stored.account.email, ids);
        let session = SessionItem {
            generation: stored.generation.clone(),
            until,
            last_used_at: stored.account.is_staff().then_some(now),
        };
        let key = keys::session(&keys::pseudonym(&stored.account.email), &token.digest());
        let item = item_until(key, &session, until)?;
        self.transaction().put(Write::Session, item, Condition::absent())?.commit().await?;
        Ok(token)
    }

    /// Returns the account of a session's token, as it is now. `None` if the session is unknown, over, idle for too long
    /// (requirements S3), ended, or of an earlier generation of the account. Costs 2 RRU, in one call; consistent. 1 RRU
    /// more at the first call in a process, and 1 WRU a minute for a session that ends when idle.
    ///
    /// # Errors
    /// Those of a [read](Error#reads), and of the write of its last use.
    pub async fn session(&self, token: &Secret, now: Timestamp) -> Result<Option<StoredAccount>, Error> {
        let Some(pseudonym) = pseudonym(token) else { return Ok(None) };
        let key = keys::session(pseudonym, &token.digest());
        let wanted = [keys::account_of(pseudonym), key.clone()].into_iter().chain(self.missing_log_key());
        let (mut account, mut session) = (None, None);
        for item in self.batch_get(wanted.collect()).await? {
            match text_of(&item, keys::SK) {
                Some(keys::ACCOUNT) => account = Some(item),
                Some(keys::LOG_KEY) => self.keep_log_key(item)?,
                _ => session = Some(decode::<SessionItem>(item)?),
            }
        }
        // An invented token costs the same whether its account exists: that is not decoded without a session.
        let (Some(item), Some(session)) = (account, session) else { return Ok(None) };
        let stored: StoredAccount = decode(item)?;
        if stored.generation != session.generation || session.is_over(now) {
            return Ok(None);
        }
        let open = !session.is_use_due(now) || self.touch(key, now).await?;
        Ok(open.then_some(stored))
    }

    /// Notes a session's last use. Returns `false` if the session was ended meanwhile. Costs 1 WRU.
    async fn touch(&self, key: Key, now: Timestamp) -> Result<bool, Error> {
        let open = Condition::new("attribute_exists(pk)", [(":now", serde_dynamo::to_attribute_value(now)?)]);
        self.update_if(key, "SET lastUsedAt = :now", open).await
    }

    /// Ends a session. Succeeds if there is none. Costs 2 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn end_session(&self, token: &Secret) -> Result<(), Error> {
        let Some(pseudonym) = pseudonym(token) else { return Ok(()) };
        let key = keys::session(pseudonym, &token.digest());
        self.transaction().delete(Write::Session, key, Condition::default())?.commit().await
    }
}

impl SessionItem {
    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.until || self.last_used_at.is_some_and(|last| now.duration_since(last) >= IDLE)
    }

    /// Returns whether a use at `now` has to be noted.
    fn is_use_due(&self, now: Timestamp) -> bool {
        self.last_used_at.is_some_and(|last| now.duration_since(last) >= PRECISION)
    }
}

fn token(email: &Email, ids: &Ids) -> Secret {
    Secret::new(format!("{}.{}", keys::pseudonym(email), ids.secret().reveal()))
}

/// Returns the pseudonym in a token; `None` if the text can't be a token, which saves the read.
fn pseudonym(token: &Secret) -> Option<&str> {
    let (pseudonym, secret) = token.reveal().split_once('.')?;
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (pseudonym.len() == keys::PSEUDONYM && secret.len() == 43 && pseudonym.chars().all(known)).then_some(pseudonym)
}
