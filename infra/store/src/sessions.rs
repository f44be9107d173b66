//! Sessions: opaque tokens, stored as digests. A change of the account takes effect at the session's next request.
//!
//! A token is the account's pseudonym, a dot, and a secret. The pseudonym names the partitions of account and session,
//! so one call reads both. Without the secret it gives no access.

use domain::Email;
use jiff::Timestamp;
use runtime::{Ids, Secret};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Store, StoredAccount, Write,
    item::{decode, item_until, text_of},
    keys,
    transaction::Condition,
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionItem {
    generation: String,
    pub(crate) until: Timestamp,
}

impl Store {
    /// Opens a session of an account until an instant. Returns its token, which is not stored. Costs 2 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes).
    pub async fn open_session(&self, stored: &StoredAccount, ids: &Ids, until: Timestamp) -> Result<Secret, Error> {
        let token = token(&stored.account.email, ids);
        let session = SessionItem { generation: stored.generation.clone(), until };
        let key = keys::session(&keys::pseudonym(&stored.account.email), &token.digest());
        let item = item_until(key, &session, until)?;
        self.transaction().put(Write::Session, item, Condition::absent())?.commit().await?;
        Ok(token)
    }

    /// Returns the account of a session's token, as it is now. `None` if the session is unknown, over, ended, or of an
    /// earlier generation of the account. Costs 2 RRU, in one call; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn session(&self, token: &Secret, now: Timestamp) -> Result<Option<StoredAccount>, Error> {
        let Some(pseudonym) = pseudonym(token) else { return Ok(None) };
        let both = vec![keys::account_of(pseudonym), keys::session(pseudonym, &token.digest())];
        let (mut account, mut session) = (None, None);
        for item in self.batch_get(both).await? {
            if text_of(&item, keys::SK) == Some(keys::ACCOUNT) {
                account = Some(decode::<StoredAccount>(item)?);
            } else {
                session = Some(decode::<SessionItem>(item)?);
            }
        }
        let session = session.filter(|session| now < session.until);
        Ok(account.zip(session).filter(|(account, session)| account.generation == session.generation).map(|(a, _)| a))
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

fn token(email: &Email, ids: &Ids) -> Secret {
    Secret::new(format!("{}.{}", keys::pseudonym(email), ids.secret().reveal()))
}

/// Returns the pseudonym in a token; `None` if the text can't be a token, which saves the read.
fn pseudonym(token: &Secret) -> Option<&str> {
    let (pseudonym, secret) = token.reveal().split_once('.')?;
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (pseudonym.len() == keys::PSEUDONYM && secret.len() == 43 && pseudonym.chars().all(known)).then_some(pseudonym)
}
