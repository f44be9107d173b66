//! Sessions: opaque tokens, stored as digests. A change of the account takes effect at the session's next request.
//!
//! A token is the account's pseudonym, a dot, and a secret. The pseudonym names the partitions of account and session,
//! so one call reads both. Without the secret it gives no access.

use domain::{Email, account::IDLE};
use jiff::{SignedDuration, Timestamp};
use runtime::{Ids, Secret};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Store, StoredAccount, StoredFactor, Write,
    item::{decode, item_until, text_of},
    keys::{self, Key},
    transaction::{Condition, Transaction},
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionItem {
    generation: String,
    pub(crate) until: Timestamp,
    opened_at: Timestamp,
    /// The last request, to the minute.
    last_used_at: Timestamp,
    /// When the password was last given in it.
    confirmed_at: Timestamp,
    /// Whether it ends when idle: one that staff opened. It stays so when the role is taken away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ends_when_idle: bool,
    /// Whether its account has a second factor, which it was opened with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    second_factor: bool,
}

/// The precision of a session's last use: it is written at most once a minute.
const PRECISION: SignedDuration = SignedDuration::from_mins(1);

/// An open session, with its account as it is now.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// The account.
    pub stored: StoredAccount,
    /// When the password was last given in it.
    pub confirmed_at: Timestamp,
    /// Whether its account has a second factor, which it was opened with.
    pub second_factor: bool,
}

/// An open session in the list of its account's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSummary {
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Its last request, to the minute.
    pub last_used_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Store {
    /// Opens a session of an account at `now`, until an instant, with the second factor as the code has left it. Returns
    /// its token, which is not stored. Notes the sign-in of staff in their account. Costs 2 WRU, and 2 each for staff and
    /// for a second factor.
    ///
    /// # Errors
    /// Those of a [write](Error#writes). `Lost` means that the code was used, or that a sign-in of staff met a change of
    /// their password or role.
    pub async fn open_session(
        &self,
        stored: &StoredAccount,
        factor: Option<&StoredFactor>,
        ids: &Ids,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Secret, Error> {
        let email = &stored.account.email;
        let token = token(email, ids);
        let session = SessionItem {
            generation: stored.generation.clone(),
            until,
            opened_at: now,
            last_used_at: now,
            confirmed_at: now,
            ends_when_idle: stored.account.is_staff(),
            second_factor: factor.is_some(),
        };
        let key = keys::session(&keys::pseudonym(email), &token.digest());
        let item = item_until(key, &session, until)?;
        let mut opened = self.transaction().put(Write::Session, item, Condition::absent())?;
        if stored.account.is_staff() {
            let unchanged = stored.same_generation([(":now", serde_dynamo::to_attribute_value(now)?)]);
            opened = opened.update(Write::Account, keys::account(email), "SET lastSignInAt = :now", unchanged)?;
        }
        opened.with_factor(email, factor)?.commit().await?;
        Ok(token)
    }

    /// Returns the account of a session's token, as it is now. `None` if the session is unknown, over, idle for too long
    /// (requirements S3), ended, or of an earlier generation of the account. Costs 2 RRU, in one call; consistent. 1 RRU
    /// more at the first call in a process, and 1 WRU a minute.
    ///
    /// # Errors
    /// Those of a [read](Error#reads), and of the write of its last use.
    pub async fn session(&self, token: &Secret, now: Timestamp) -> Result<Option<OpenSession>, Error> {
        let Some(pseudonym) = pseudonym(token) else { return Ok(None) };
        let key = keys::session(pseudonym, &token.digest());
        let wanted = [keys::account_of(pseudonym), key.clone()].into_iter().chain(self.missing_log_key());
        let (mut account, mut session) = (None, None);
        for item in self.batch_get(wanted.collect()).await? {
            match text_of(&item, keys::SK) {
                Some(keys::ACCOUNT) => account = Some(item),
                Some(keys::LOG_KEY) => self.keep_log_key(item)?,
                // One that an earlier release stored may be unreadable. It is void: its owner signs in again.
                _ => session = decode::<SessionItem>(item).ok(),
            }
        }
        // An invented token costs the same whether its account exists: that is not decoded without a session.
        let (Some(item), Some(session)) = (account, session) else { return Ok(None) };
        let stored: StoredAccount = decode(item)?;
        if !session.is_open(&stored, now) {
            return Ok(None);
        }
        let open = !session.is_use_due(now) || self.touch(key, now).await?;
        let SessionItem { confirmed_at, second_factor, .. } = session;
        Ok(open.then_some(OpenSession { stored, confirmed_at, second_factor }))
    }

    /// Notes a session's last use. Returns `false` if the session was ended meanwhile. Costs 1 WRU.
    async fn touch(&self, key: Key, now: Timestamp) -> Result<bool, Error> {
        let open = Condition::new("attribute_exists(pk)", [(":now", serde_dynamo::to_attribute_value(now)?)]);
        self.update_if(key, "SET lastUsedAt = :now", open).await
    }

    /// Returns the open sessions of an account, the newest first. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn open_sessions(
        &self,
        stored: &StoredAccount,
        token: &Secret,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, Error> {
        let own = token.digest();
        let mut found = Vec::new();
        for item in self.sessions_of(&stored.account.email).await? {
            let current = text_of(&item, keys::SK) == Some(&own);
            let Ok(session) = decode::<SessionItem>(item) else { continue };
            if session.is_open(stored, now) {
                let SessionItem { opened_at, last_used_at, .. } = session;
                found.push(SessionSummary { opened_at, last_used_at, current });
            }
        }
        found.sort_by_key(|session| std::cmp::Reverse(session.opened_at));
        Ok(found)
    }

    /// Notes that the password was given again in a session, with the second factor as the code has left it. Returns
    /// `false` if the session was ended, or the code used, meanwhile. Costs 2 WRU, and 2 for a second factor.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn confirm_session(
        &self,
        email: &Email,
        token: &Secret,
        factor: Option<&StoredFactor>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let Some(key) = key(token) else { return Ok(false) };
        let open = Condition::new("attribute_exists(pk)", [(":now", serde_dynamo::to_attribute_value(now)?)]);
        let confirmed = self.transaction().update(Write::Session, key, "SET confirmedAt = :now", open)?;
        confirmed.with_factor(email, factor)?.won().await
    }

    /// Ends a session. Succeeds if there is none. Costs 2 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn end_session(&self, token: &Secret) -> Result<(), Error> {
        let Some(key) = key(token) else { return Ok(()) };
        self.transaction().delete(Write::Session, key, Condition::default())?.commit().await
    }

    /// Ends all sessions of an account. Another change that ended them meanwhile is as good. Costs 4 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn end_sessions(&self, stored: &StoredAccount, generation: &str) -> Result<(), Error> {
        self.transaction().renew_generation(stored, generation)?.won().await.map(|_| ())
    }
}

impl SessionItem {
    fn is_open(&self, stored: &StoredAccount, now: Timestamp) -> bool {
        let idle = self.ends_when_idle && now.duration_since(self.last_used_at) >= IDLE;
        stored.generation == self.generation && now < self.until && !idle
    }

    /// Returns whether a use at `now` has to be noted.
    fn is_use_due(&self, now: Timestamp) -> bool {
        now.duration_since(self.last_used_at) >= PRECISION
    }
}

impl Transaction<'_> {
    /// Adds the second factor as a code has left it, if one was used.
    fn with_factor(self, email: &Email, factor: Option<&StoredFactor>) -> Result<Self, Error> {
        match factor {
            Some(factor) => self.put_factor(email, factor),
            None => Ok(self),
        }
    }
}

/// Returns the key of a session by its token; `None` if the text can't be a token.
pub(crate) fn key(token: &Secret) -> Option<Key> {
    Some(keys::session(pseudonym(token)?, &token.digest()))
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
