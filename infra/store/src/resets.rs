//! Password resets ("Mot de passe oublié"): requests a link, makes it, uses it.
//!
//! ```text
//!  ask_reset        account: resetMail = the message      the older link is void
//!  make_link        account: linkDigest = the token's     by `deliver`, when it sends the message
//!  choose_password  account: both removed                 the link is used
//! ```
//!
//! The link's token is made when its message is sent, not when the link is requested. So only its digest is ever
//! stored, its hour begins when the patron can read it, and a message that is sent twice brings a new link in place of
//! the old.

use domain::{
    Email, Staff, StaffRole,
    message::Message,
    throttle::{MailRequests, REFUSALS_A_LINK},
};
use jiff::{SignedDuration, Timestamp};
use runtime::Ids;
use serde::{Deserialize, Serialize};

use crate::{
    Credentials, Editor, Error, PasswordState, StaffChange, Store, StoredAccount, Write,
    item::item_until,
    keys, number, outbox,
    staff::{Member, Raising},
    text,
    throttle::{Counted, ROUNDS, next_count},
    transaction::{Condition, Transaction},
};

/// How long a link is valid: 1 h (requirements PW6).
pub const LINK_LIFE: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkItem {
    pseudonym: String,
    until: Timestamp,
    /// The number of passwords that were refused.
    #[serde(default)]
    refusals: u32,
}

/// Content of the item that is written in place of a message: its keys in the index, and no address.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageDecoy {
    shard_half: String,
    date_key: String,
}

impl Store {
    /// Requests a link for `email`, to be sent as the message `message_id`. Older links become void.
    ///
    /// For an unknown address, or beyond three requests an hour, the same items are read and decoys written (requirements
    /// PW7): under keys of the address where a real request's are, with conditions of the same kind, and with the
    /// message's index entry. So concurrent requests conflict alike. Costs 2 RRU and 7 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn ask_reset(&self, email: &Email, message_id: &str, now: Timestamp) -> Result<(), Error> {
        // Both are read in any case, before either decides: the time must not show whether there is an account.
        let known = self.account(email).await?;
        let Counted { count: was, revision } = self.resets(email).await?;
        let next = known.as_ref().and_then(|_| MailRequests::another(was.as_ref(), now));
        // Where no link is sent, the count is written unchanged.
        let count = next.as_ref().or(was.as_ref());
        let forgotten_at = count.map_or(now + LINK_LIFE, |count| count.forgotten_at(now));
        let (count, unchanged) = next_count(keys::resets(email), count, revision, forgotten_at)?;
        let asked = self.transaction().put(Write::ResetRequests, count, unchanged)?;
        let asked = if let (Some(known), Some(_)) = (known, &next) {
            let message = Message::PasswordLink { to: email.clone() };
            let expression = "SET resetMail = :mail, linkMail = :mail, messages = :mails REMOVE linkDigest";
            let mails = serde_dynamo::to_attribute_value(known.messages_with([message_id]))?;
            let exists = Condition::new("attribute_exists(pk)", [(":mail", text(message_id)), (":mails", mails)]);
            asked.update(Write::Account, keys::account(email), expression, exists)?.put(
                Write::Message,
                outbox::queued(message_id, &message, now)?,
                Condition::absent(),
            )?
        } else {
            asked.decoys(email, message_id, now)?
        };
        // A concurrent request that came first, or the removal of the account, makes this one void. The caller must not
        // see the difference, so the result is not returned.
        asked.won().await.map(|_| ())
    }

    /// Makes the link of a message that is about to be sent. Returns `false` if a newer link was requested or the
    /// account was removed. Costs 4 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes). `Lost` means that the digest exists already.
    pub async fn make_link(
        &self,
        email: &Email,
        message_id: &str,
        digest: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let until = now + LINK_LIFE;
        let link =
            item_until(keys::link(digest), &LinkItem { pseudonym: keys::pseudonym(email), until, refusals: 0 }, until)?;
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

    /// Returns the account of a valid link; `None` if the link is unknown, used, too old, replaced, or was refused 20
    /// passwords (requirements S10). Costs 2 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn link(&self, digest: &str, now: Timestamp) -> Result<Option<StoredAccount>, Error> {
        let Some(link) = self.get::<LinkItem>(keys::link(digest)).await? else { return Ok(None) };
        if now >= link.until || link.refusals >= REFUSALS_A_LINK {
            return Ok(None);
        }
        // A newer request removes the digest from the account, not the old link's item, which TTL deletes.
        let stored: Option<StoredAccount> = self.get(keys::account_of(&link.pseudonym)).await?;
        Ok(stored.filter(|stored| stored.link_digest.as_deref() == Some(digest)))
    }

    /// Counts a refused password of a link. Returns `false` if the link was refused 20 passwords before, or was used
    /// meanwhile (requirements S10). Costs 1 WRU.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn refuse(&self, digest: &str) -> Result<bool, Error> {
        let left = Condition::new(
            "attribute_exists(pk) AND refusals < :most",
            [(":most", number(REFUSALS_A_LINK)), (":one", number(1))],
        );
        self.update_if(keys::link(digest), "SET refusals = refusals + :one", left).await
    }

    /// Uses a link: sets the password, ends all sessions, removes the sign-in throttle, gives the link's request back
    /// (requirements S5), queues the message. Of concurrent calls exactly one succeeds (requirements PW6); the others
    /// return `false`. Costs 1 RRU and 13 WRU a round; one round without concurrent requests of a link.
    ///
    /// # Errors
    /// Those of a [write](Error#writes). `Lost` means that the message's id exists already, or that 60 concurrent
    /// requests came first.
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
        let credentials = Credentials { password_hash: password_hash.to_owned(), provisional: false };
        let message = Message::PasswordChanged { to: email.clone() };
        let mut rounds = 1..ROUNDS;
        loop {
            let expression = "SET generation = :generation, passwordState = :chosen, messages = :mails \
                              REMOVE linkDigest, resetMail";
            let still_good = Condition::new(
                "linkDigest = :digest",
                [
                    (":digest", text(digest)),
                    (":generation", text(generation)),
                    (":chosen", serde_dynamo::to_attribute_value(PasswordState::Chosen)?),
                    (":mails", serde_dynamo::to_attribute_value(stored.messages_with([message_id]))?),
                ],
            );
            let chosen = self
                .transaction()
                .delete(Write::Link, keys::link(digest), Condition::present())?
                .update(Write::Account, keys::account(email), expression, still_good)?
                .put_secret(email, &credentials, generation)?
                .delete(Write::Tries, keys::tries(email), Condition::default())?
                .put(Write::Message, outbox::queued(message_id, &message, now)?, Condition::absent())?;
            match self.give_back(chosen, email, now).await?.commit().await {
                Ok(()) => return Ok(true),
                Err(Error::Lost(Write::Link | Write::Account)) => return Ok(false),
                Err(Error::Lost(Write::ResetRequests)) if rounds.next().is_some() => {}
                // Of many at once, one may only meet the others' transactions, of which one has used the link.
                Err(Error::Busy) if self.get_item(keys::link(digest)).await?.is_none() => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// Adds that the request of a used link no longer counts.
    async fn give_back<'a>(
        &self,
        chosen: Transaction<'a>,
        email: &Email,
        now: Timestamp,
    ) -> Result<Transaction<'a>, Error> {
        let Counted { count: Some(count), revision } = self.resets(email).await? else { return Ok(chosen) };
        let count = count.used();
        let (count, unchanged) = next_count(keys::resets(email), Some(&count), revision, count.forgotten_at(now))?;
        chosen.put(Write::ResetRequests, count, unchanged)
    }

    /// Makes the account of this address the county's, if there is no county account. It is created if need be, and
    /// loses its password and sessions otherwise (requirements S1). The history names the address itself as the author.
    /// Concurrent calls have one effect.
    ///
    /// Costs 1 RRU, and unless the address is the county's the read of the staff; 8 WRU when it writes.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn found_county(&self, email: &Email, ids: &Ids, now: Timestamp) -> Result<(), Error> {
        let known = self.account(email).await?;
        if known.as_ref().is_some_and(|stored| stored.account.is_county()) {
            return Ok(());
        }
        let members = self.staff().await?;
        if members.iter().any(|member| member.content.is_county()) {
            return Ok(());
        }
        let display_name = "Médiathèque départementale".into();
        let staff = Staff { role: StaffRole::County, display_name, library_ids: vec![] };
        let before = members.into_iter().find(|member| member.content.email == *email);
        let member = Member { email: email.clone(), staff };
        let generation = ids.id();
        let raising = Raising { generation: &generation, credentials: None };
        let editor = Editor { by: email, at: now, county: email, ids };
        let _founded: StaffChange =
            self.put_staff(before.as_ref(), known.as_ref(), &member, raising, Some(&editor)).await?;
        Ok(())
    }
}

impl Transaction<'_> {
    /// Adds the writes in place of those to an account and its message. TTL removes the items.
    pub(crate) fn decoys(self, email: &Email, message_id: &str, now: Timestamp) -> Result<Self, Error> {
        let until = now + LINK_LIFE;
        let expression = "SET resetMail = :mail, linkMail = :mail, expiresAt = :until REMOVE linkDigest";
        // Holds always. It has to be evaluated, like an account's.
        let there_or_not = Condition::new(
            "attribute_exists(pk) OR attribute_not_exists(pk)",
            [(":mail", text(message_id)), (":until", number(until.as_second()))],
        );
        let message = MessageDecoy {
            shard_half: keys::unsent_decoys(keys::shard_of(message_id)),
            date_key: keys::due_key(now, message_id),
        };
        let message = item_until(keys::message_decoy(message_id), &message, until)?;
        self.update(Write::Decoy, keys::account_decoy(email), expression, there_or_not)?.put(
            Write::Decoy,
            message,
            Condition::absent(),
        )
    }
}
