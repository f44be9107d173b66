//! Sessions: opaque tokens, stored as digests, felt by the very next request when anything of the account changes.

use domain::Email;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, Store, StoredAccount, item::item_until, keys, transaction::Condition};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionItem {
    email: Email,
    generation: String,
    until: Timestamp,
}

impl Store {
    /// Opens a session of `stored` under a token's digest, until an instant.
    pub async fn open_session(&self, stored: &StoredAccount, digest: &str, until: Timestamp) -> Result<(), Error> {
        let session = SessionItem { email: stored.account.email.clone(), generation: stored.generation.clone(), until };
        let item = item_until(keys::session(digest), &session, until)?;
        self.transaction().put(item, Condition::absent())?.commit().await
    }

    /// The account behind a token's digest, as it is now; `None` when the session is unknown, over, ended, or of an
    /// account that has changed since.
    pub async fn session(&self, digest: &str, now: Timestamp) -> Result<Option<StoredAccount>, Error> {
        let Some(session) = self.get::<SessionItem>(keys::session(digest)).await? else { return Ok(None) };
        if now >= session.until {
            return Ok(None);
        }
        let stored = self.account(&session.email).await?;
        Ok(stored.filter(|stored| stored.generation == session.generation))
    }

    /// Ends one session; ending it twice is no error.
    pub async fn end_session(&self, digest: &str) -> Result<(), Error> {
        self.transaction().delete(keys::session(digest), Condition::default())?.commit().await
    }
}
