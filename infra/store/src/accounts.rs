//! Accounts, and the secrets that only sign-in and reset look at.

use std::fmt;

use domain::{Account, Email, delivery::AddressState};
use serde::{Deserialize, Serialize};

use crate::{Attributes, Error, Store, Write, item::item, keys, text, transaction::Condition};

/// What an account signs in with.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The password's PHC string; `None` until one is chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Whether a librarian typed the password: it opens no session (rules, section 1).
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
    /// Who.
    #[serde(flatten)]
    pub account: Account,
    /// How they prove it.
    #[serde(flatten)]
    pub credentials: Credentials,
    /// Changes whenever all sessions must end; a session holds the one it was opened under.
    pub generation: String,
    /// The mail that will bring, or has brought, the newest reset link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_mail: Option<String>,
    /// The digest of the only reset link that is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_digest: Option<String>,
    /// The last mail that was to bring a reset link, whatever has become of the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_mail: Option<String>,
    /// Why the address is written to no more; `None` while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_state: Option<AddressState>,
}

impl StoredAccount {
    /// A new account, without sessions or links.
    pub fn new(account: Account, credentials: Credentials, generation: String) -> Self {
        Self {
            account,
            credentials,
            generation,
            reset_mail: None,
            link_digest: None,
            link_mail: None,
            mail_state: None,
        }
    }

    pub(crate) fn into_attributes(self) -> Result<Attributes, Error> {
        item(keys::account(&self.account.email), &self)
    }
}

impl Store {
    /// The account of an address.
    pub async fn account(&self, email: &Email) -> Result<Option<StoredAccount>, Error> {
        self.get(keys::account(email)).await
    }

    /// Replaces a hash by a stronger one of the same password, unless the password has changed meanwhile.
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
