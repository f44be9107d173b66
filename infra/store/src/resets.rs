//! "Mot de passe oublié": asking for a link, making it, using it.
//!
//! The link's token is made when its mail is sent, not when it is asked for: so it is never stored but as a digest,
//! its hour begins when the patron can read it, and a mail that is sent twice brings a new link in place of the old.

use domain::{Account, Email, Role, message::Message};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Credentials, Error, Store, StoredAccount, Write,
    directory::StaffEntry,
    item::{item, item_until},
    keys::{self, Key},
    outbox, text,
    transaction::Condition,
};

/// How long a link is good: 1 h (contract, accounts).
pub const LINK_LIFE: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkItem {
    handle: String,
    until: Timestamp,
}

/// Written in place of a real change, so that a request for nobody costs what one for somebody costs.
#[derive(Debug, Serialize)]
struct Decoy {}

impl Store {
    /// Asks for a link for `email`, to be sent as the message `message_id`. Any older link dies. For an unknown address, or
    /// beyond three an hour, as much is read and written, and nothing comes of it (requirements PW7).
    pub async fn ask_reset(&self, email: &Email, message_id: &str, now: Timestamp) -> Result<(), Error> {
        let known = self.account(email).await?;
        let counted = self.count_reset(email, now).await?;
        let asked = if let (Some(_), Some((count, unchanged))) = (known, counted) {
            let message = Message::PasswordLink { to: email.clone() };
            let expression = "SET resetMail = :mail, linkMail = :mail REMOVE linkDigest";
            let exists = Condition::new("attribute_exists(pk)", [(":mail", text(message_id))]);
            self.transaction()
                .put(Write::ResetRequests, count, unchanged)?
                .update(Write::Account, keys::account(email), expression, exists)?
                .put(Write::Message, outbox::queued(message_id, &message, now)?, Condition::absent())?
        } else {
            let decoy = |sk: &str| {
                let key = Key { pk: format!("DECOY#{message_id}"), sk: sk.to_owned() };
                item_until(key, &Decoy {}, now + LINK_LIFE)
            };
            self.transaction()
                .put(Write::Decoy, decoy("count")?, Condition::absent())?
                .put(Write::Decoy, decoy("account")?, Condition::absent())?
                .put(Write::Decoy, decoy("mail")?, Condition::absent())?
        };
        // Where somebody else asked at the same moment, or the account went, theirs counts, and the answer is the same.
        asked.won().await.map(|_| ())
    }

    /// Makes the link of a message that is about to be sent; `false` when a newer one was asked for, or the account went.
    pub async fn make_link(
        &self,
        email: &Email,
        message_id: &str,
        digest: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let until = now + LINK_LIFE;
        let link = item_until(keys::link(digest), &LinkItem { handle: keys::handle(email), until }, until)?;
        let newest = Condition::new("resetMail = :mail", [(":mail", text(message_id)), (":digest", text(digest))]);
        let made = self
            .transaction()
            .update(Write::Account, keys::account(email), "SET linkDigest = :digest", newest)?
            .put(Write::Link, link, Condition::absent())?
            .commit()
            .await;
        match made {
            Ok(()) => Ok(true),
            Err(Error::Lost(Write::Account)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The account that a link is good for; `None` for one that is unknown, used, too old, or replaced.
    pub async fn link(&self, digest: &str, now: Timestamp) -> Result<Option<StoredAccount>, Error> {
        let Some(link) = self.get::<LinkItem>(keys::link(digest)).await? else { return Ok(None) };
        if now >= link.until {
            return Ok(None);
        }
        let stored: Option<StoredAccount> = self.get(keys::account_of(&link.handle)).await?;
        Ok(stored.filter(|stored| stored.link_digest.as_deref() == Some(digest)))
    }

    /// Uses a link: sets the password, ends all sessions, forgets the waits, queues the message. Of many at once exactly
    /// one wins; `false` for the others.
    pub async fn choose_password(
        &self,
        stored: &StoredAccount,
        digest: &str,
        password_hash: &str,
        generation: &str,
        message_id: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let email = &stored.account.email;
        let expression = "SET passwordHash = :hash, provisional = :no, generation = :generation \
                          REMOVE linkDigest, resetMail";
        let still_good = Condition::new(
            "linkDigest = :digest",
            [
                (":digest", text(digest)),
                (":hash", text(password_hash)),
                (":no", aws_sdk_dynamodb::types::AttributeValue::Bool(false)),
                (":generation", text(generation)),
            ],
        );
        let message = Message::PasswordChanged { to: email.clone() };
        let chosen = self
            .transaction()
            .delete(Write::Link, keys::link(digest), Condition::present())?
            .update(Write::Account, keys::account(email), expression, still_good)?
            .delete(Write::Tries, keys::tries(email), Condition::default())?
            .put(Write::Message, outbox::queued(message_id, &message, now)?, Condition::absent())?
            .commit()
            .await;
        match chosen {
            Ok(()) => Ok(true),
            Err(Error::Lost(Write::Link | Write::Account)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Creates the first county account, while there is none (contract, accounts).
    pub async fn found_county(&self, email: &Email, generation: &str) -> Result<(), Error> {
        if self.account(email).await?.is_some() || self.staff().await?.iter().any(Account::is_county) {
            return Ok(());
        }
        let account = Account {
            email: email.clone(),
            role: Role::County,
            display_name: "Médiathèque départementale".into(),
            library_ids: vec![],
            registration_id: None,
        };
        let entry = item(keys::staff(email), &StaffEntry::from(&account))?;
        let stored = StoredAccount::new(account, Credentials::default(), generation.to_owned());
        self.transaction()
            .put(Write::Account, stored.into_attributes()?, Condition::absent())?
            .put(Write::StaffEntry, entry, Condition::absent())?
            .won()
            .await
            .map(|_| ())
    }
}
