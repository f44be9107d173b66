//! Accounts and their credentials, which only sign-in and password resets read.

use std::fmt;

use domain::{Account, Email, delivery::AddressState};
use serde::{Deserialize, Serialize};

use crate::{Attributes, Error, Store, Write, item::item, keys, text, transaction::Condition};

/// Number of messages that an account remembers: more than one person causes in a day, after which none is unsent.
pub(crate) const MESSAGES: usize = 10;

/// The credentials of an account.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The password's PHC string; `None` until one is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Whether a librarian typed the password. Such a password opens no session (rules, section 1).
    #[serde(default)]
    pub provisional: bool,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// An account as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredAccount {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// Its credentials.
    #[serde(flatten)]
    pub credentials: Credentials,
    /// Changes whenever all sessions must end. A session is valid only while its generation is the account's.
    pub generation: String,
    /// Id of the message with the newest reset link, until the link is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_mail: Option<String>,
    /// Digest of the only valid reset link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_digest: Option<String>,
    /// Id of the last message with a reset link, kept after the link was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_mail: Option<String>,
    /// Ids of the last messages to the account's addresses, which are erased with it. At most ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
    /// Why no messages are sent to the address; `None` if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_state: Option<AddressState>,
}

impl StoredAccount {
    /// Makes a new account, without sessions or links.
    pub fn new(account: Account, credentials: Credentials, generation: String) -> Self {
        Self {
            account,
            credentials,
            generation,
            reset_mail: None,
            link_digest: None,
            link_mail: None,
            messages: Vec::new(),
            mail_state: None,
        }
    }

    /// Returns the account's messages with one more. Those that are omitted were closed long ago, and hold no address.
    pub(crate) fn messages_with(&self, id: &str) -> Vec<String> {
        let first = (self.messages.len() + 1).saturating_sub(MESSAGES);
        self.messages.iter().skip(first).cloned().chain([id.to_owned()]).collect()
    }

    pub(crate) fn into_attributes(self) -> Result<Attributes, Error> {
        item(keys::account(&self.account.email), &self)
    }
}

impl Store {
    /// Returns the account of an address. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn account(&self, email: &Email) -> Result<Option<StoredAccount>, Error> {
        self.get(keys::account(email)).await
    }

    /// Replaces a password hash by a stronger one of the same password (requirements PW1). Does nothing if the
    /// account's generation has changed. Costs 2 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn strengthen(&self, stored: &StoredAccount, password_hash: &str) -> Result<(), Error> {
        let unchanged = Condition::new(
            "generation = :generation",
            [(":generation", text(&stored.generation)), (":hash", text(password_hash))],
        );
        let key = keys::account(&stored.account.email);
        let stronger = self.transaction().update(Write::Account, key, "SET passwordHash = :hash", unchanged)?;
        stronger.won().await.map(|_| ())
    }
}
