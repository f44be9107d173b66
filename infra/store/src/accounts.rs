//! Accounts, and their credentials, which only sign-in reads.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Account, Email, delivery::AddressState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Error, Store, Write,
    item::{decode, item, text_of},
    keys, number,
    second_factor::StoredFactor,
    text,
    transaction::{Condition, Transaction},
};

/// Number of messages that an account remembers: more than one person causes in a day, after which none is unsent.
pub(crate) const MESSAGES: usize = 10;

/// The credentials of an account. One without a password has none.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The password's PHC string.
    pub password_hash: String,
    /// Whether a librarian typed the password. Such a password opens no session (rules, section 1).
    pub provisional: bool,
}

impl Credentials {
    fn state(&self) -> PasswordState {
        if self.provisional { PasswordState::Provisional } else { PasswordState::Chosen }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// The item of an account's credentials. They are valid only while their generation is the account's: the two items
/// are read in one call, but not at one instant.
#[derive(Serialize, Deserialize)]
struct SecretItem {
    #[serde(flatten)]
    credentials: Credentials,
    generation: String,
}

/// Whether an account has a password. Kept beside the account, so that only sign-in reads the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasswordState {
    /// A librarian typed it.
    Provisional,
    /// The holder chose it.
    Chosen,
}

/// An account as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredAccount {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// Changes whenever all sessions must end. A session is valid only while its generation is the account's.
    pub generation: String,
    /// `None` until there is a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_state: Option<PasswordState>,
    /// Number of the last change of its registrations, of its place in the staff, or of the mark of its address.
    pub revision: u64,
    /// Id of the message with the newest reset link, until the link is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset_mail: Option<String>,
    /// Digest of the only valid reset link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_digest: Option<String>,
    /// Id of the last message with a reset link, kept after the link was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_mail: Option<String>,
    /// Ids of the last messages about the account, which are erased with it. At most ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
    /// Why no messages are sent to the address; `None` if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_state: Option<AddressState>,
    /// When a session was last opened; noted for staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<Timestamp>,
    /// Whether a second factor was ever set up. Its item is deleted with the account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_factor: bool,
}

impl StoredAccount {
    /// Makes a new account, without sessions or links.
    pub fn new(account: Account, generation: String) -> Self {
        Self {
            account,
            generation,
            password_state: None,
            revision: 1,
            reset_mail: None,
            link_digest: None,
            link_mail: None,
            messages: Vec::new(),
            mail_state: None,
            last_sign_in_at: None,
            second_factor: false,
        }
    }

    /// Returns the account's messages with some more. Those that are omitted were closed long ago, and hold no address.
    pub(crate) fn messages_with<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        ids.into_iter().fold(self.messages.clone(), |messages, id| last_with(&messages, id))
    }

    pub(crate) fn into_attributes(self) -> Result<Attributes, Error> {
        item(keys::account(&self.account.email), &self)
    }

    /// Holds while the account has the revision that a decision was made on. Revisions begin again in an account that was
    /// ended and opened again; its generation is another one.
    pub(crate) fn as_read(&self) -> Condition {
        Condition::new(AS_READ, self.read())
    }

    /// Holds as [`as_read`](Self::as_read), for an expression that sets the next revision.
    pub(crate) fn unchanged(&self, values: impl IntoIterator<Item = (&'static str, AttributeValue)>) -> Condition {
        let next = (":next", number(self.revision + 1));
        Condition::new(AS_READ, values.into_iter().chain(self.read()).chain([next]))
    }

    /// Holds while no change has ended all sessions of the account.
    pub(crate) fn same_generation(
        &self,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Condition {
        Condition::new("generation = :read", values.into_iter().chain([(":read", text(&self.generation))]))
    }

    fn read(&self) -> [(&'static str, AttributeValue); 2] {
        [(":revision", number(self.revision)), (":read", text(&self.generation))]
    }
}

/// The condition of a decision on an account.
const AS_READ: &str = "revision = :revision AND generation = :read";

/// An account, and the secrets that sign-in compares with.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// The account.
    pub stored: StoredAccount,
    /// Its credentials; `None` without a password.
    pub credentials: Option<Credentials>,
    /// Its second factor, or the enrolment of one.
    pub factor: Option<StoredFactor>,
}

/// Returns ids of messages with one more, at most [`MESSAGES`].
pub(crate) fn last_with(messages: &[String], id: &str) -> Vec<String> {
    let first = (messages.len() + 1).saturating_sub(MESSAGES);
    messages.iter().skip(first).cloned().chain([id.to_owned()]).collect()
}

impl Store {
    /// Returns the account of an address. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn account(&self, email: &Email) -> Result<Option<StoredAccount>, Error> {
        self.get(keys::account(email)).await
    }

    /// Returns the accounts of those of these addresses that have one. Costs 1 RRU each; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn accounts(&self, of: impl Iterator<Item = &Email>) -> Result<BTreeMap<Email, StoredAccount>, Error> {
        let items = self.batch_get(of.map(keys::account).collect()).await?;
        let accounts = self.readable(items, decode::<StoredAccount>);
        Ok(accounts.map(|stored| (stored.account.email.clone(), stored)).collect())
    }

    /// Returns the account of an address, its credentials if it has a password, and its second factor. Costs 3 RRU, in one
    /// call, whether or not there is an account; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn account_with_secrets(&self, email: &Email) -> Result<Option<Secrets>, Error> {
        let (mut stored, mut secret, mut factor) = (None, None, None);
        let wanted = vec![keys::account(email), keys::secret(email), keys::second_factor(email)];
        for item in self.batch_get(wanted).await? {
            match text_of(&item, keys::SK) {
                Some(keys::ACCOUNT) => stored = Some(decode::<StoredAccount>(item)?),
                Some(keys::FACTOR) => factor = Some(decode::<StoredFactor>(item)?),
                _ => secret = Some(decode::<SecretItem>(item)?),
            }
        }
        let Some(stored) = stored else { return Ok(None) };
        let current = secret.filter(|secret| secret.generation == stored.generation);
        Ok(Some(Secrets { stored, credentials: current.map(|secret| secret.credentials), factor }))
    }

    /// Returns the credentials of an account, if it has a password. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn credentials(&self, email: &Email) -> Result<Option<Credentials>, Error> {
        let secret: Option<SecretItem> = self.get(keys::secret(email)).await?;
        Ok(secret.map(|secret| secret.credentials))
    }

    /// Replaces a password hash by a stronger one of the same password (requirements PW1). Does nothing if the
    /// account's generation has changed. Costs 2 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn strengthen(&self, stored: &StoredAccount, password_hash: &str) -> Result<(), Error> {
        let unchanged = stored.same_generation([(":hash", text(password_hash))]);
        let key = keys::secret(&stored.account.email);
        let stronger = self.transaction().update(Write::Secret, key, "SET passwordHash = :hash", unchanged)?;
        stronger.won().await.map(|_| ())
    }
}

impl Transaction<'_> {
    /// Adds a new account, with its credentials if it has a password, and the ids of the messages that it is sent.
    pub(crate) fn open_account(
        self,
        account: Account,
        credentials: Option<&Credentials>,
        generation: &str,
        messages: Vec<String>,
    ) -> Result<Self, Error> {
        let email = account.email.clone();
        let mut stored = StoredAccount::new(account, generation.to_owned());
        stored.messages = messages;
        stored.password_state = credentials.map(Credentials::state);
        let opened = self.put(Write::Account, stored.into_attributes()?, Condition::absent())?;
        match credentials {
            Some(credentials) => opened.put_secret(&email, credentials, generation),
            None => Ok(opened),
        }
    }

    /// Adds the credentials of an account, in place of those that it has.
    pub(crate) fn put_secret(self, email: &Email, credentials: &Credentials, generation: &str) -> Result<Self, Error> {
        let secret = SecretItem { credentials: credentials.clone(), generation: generation.to_owned() };
        self.put(Write::Secret, item(keys::secret(email), &secret)?, Condition::default())
    }

    /// Adds the end of an account's second factor, if there ever was one.
    pub(crate) fn without_factor(self, stored: &StoredAccount) -> Result<Self, Error> {
        let key = || keys::second_factor(&stored.account.email);
        if stored.second_factor { self.delete(Write::SecondFactor, key(), Condition::default()) } else { Ok(self) }
    }

    /// Adds another generation of an account, which ends all its sessions and keeps its password.
    pub(crate) fn renew_generation(self, stored: &StoredAccount, generation: &str) -> Result<Self, Error> {
        let unchanged = || stored.same_generation([(":generation", text(generation))]);
        let expression = "SET generation = :generation";
        let email = &stored.account.email;
        let renewed = self.update(Write::Account, keys::account(email), expression, unchanged())?;
        match stored.password_state {
            Some(_) => renewed.update(Write::Secret, keys::secret(email), expression, unchanged()),
            None => Ok(renewed),
        }
    }

    /// Adds a change of an account's registrations, under its revision.
    pub(crate) fn change_members(self, write: Write, before: &StoredAccount, after: &Account) -> Result<Self, Error> {
        let registrations = serde_dynamo::to_attribute_value(&after.registrations)?;
        let unchanged = before.unchanged([(":registrations", registrations)]);
        let expression = "SET registrations = :registrations, revision = :next";
        self.update(write, keys::account(&before.account.email), expression, unchanged)
    }

    /// Adds the end of an account: of its item, its password, its link and its messages. Its sessions are void without
    /// the item.
    pub(crate) fn end_account(self, write: Write, before: &StoredAccount) -> Result<Self, Error> {
        let email = &before.account.email;
        let ended = self.delete(write, keys::account(email), before.as_read())?.delete(
            Write::Secret,
            keys::secret(email),
            Condition::default(),
        )?;
        let ended = before
            .link_digest
            .iter()
            .try_fold(ended, |ended, digest| ended.delete(Write::Link, keys::link(digest), Condition::default()))?;
        let ended = ended.without_factor(before)?;
        let messages: BTreeSet<&String> = before.messages.iter().chain(&before.link_mail).collect();
        messages.into_iter().try_fold(ended, |ended, message| {
            ended.delete(Write::Message, keys::message(message), Condition::default())
        })
    }
}
