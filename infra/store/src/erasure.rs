//! The data held on one person, and its erasure (requirements GD2).

use std::collections::BTreeSet;

use domain::{
    Email, Registration,
    history::{Action, Author, Line},
};
use jiff::Timestamp;

use crate::{
    Attributes, Error, Store, StoredAccount, Versioned, Write,
    accounts::MESSAGES,
    history,
    item::{decode, item_until, key_of, text_of},
    keys, number,
    sessions::SessionItem,
    transaction::Condition,
};

/// Highest number of sessions, and of history lines, in an erasure's transaction, which holds 100 writes at most. The
/// rest contains no personal data of the patron: a session without its account is void, a line names staff and action.
const INCLUDED: usize = 40;
// Registration, tries, resets, two lines, a link, two messages; then the account's messages, sessions and lines.
const _: () = assert!(8 + MESSAGES + 2 * INCLUDED <= 100);

/// The data held on a person besides their registration and its history.
#[derive(Debug, Default)]
pub struct Held {
    /// Their account.
    pub account: Option<StoredAccount>,
    /// The end of each of their sessions.
    pub sessions: Vec<Timestamp>,
}

impl Store {
    /// Returns the data held on a patron besides the registration and its history. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn held(&self, registration: &Registration) -> Result<Held, Error> {
        let mut held = Held::default();
        for item in self.account_items(&registration.person.email).await? {
            if text_of(&item, keys::SK) == Some(keys::ACCOUNT) {
                held.account = Some(decode(item)?);
            } else {
                held.sessions.push(decode::<SessionItem>(item)?.until);
            }
        }
        Ok(held)
    }

    /// Erases a person: registration, account, sessions, link, throttles, and their messages, sent or not. History
    /// lines remain for a year, by id: who made, changed and erased the registration. Returns `false` if the record
    /// changed meanwhile.
    ///
    /// Costs 14 WRU, 2 more for each account, session, link, message and earlier line, and the reads of the latter.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn erase(&self, before: &Versioned, by: Author, now: Timestamp) -> Result<bool, Error> {
        let Versioned { registration, version, activation_mail } = before;
        let email = &registration.person.email;
        let until = now + history::TRACE_LIFE;
        // The first line is part of the record, which is deleted here: it gets an item of its own.
        let made = history::made(registration);
        let erased = Line { at: now, by, action: Action::Erased };
        let same = Condition::new("entry.version = :version", [(":version", number(*version))]);
        let mut erasure = self
            .transaction()
            .delete(Write::Registration, keys::registration(&registration.id), same)?
            .delete(Write::Tries, keys::tries(email), Condition::default())?
            .delete(Write::ResetRequests, keys::resets(email), Condition::default())?
            .put(Write::HistoryLine, line(registration, 0, &made, until)?, Condition::absent())?
            .put(Write::HistoryLine, line(registration, version + 1, &erased, until)?, Condition::absent())?;
        let mut messages: BTreeSet<String> = activation_mail.iter().cloned().collect();
        // Sessions opened after this read are void as well: they are of an account that is gone.
        for item in self.account_items(email).await?.iter().take(INCLUDED) {
            let Some(key) = key_of(item) else { continue };
            let write = if key.sk == keys::ACCOUNT { Write::Account } else { Write::Session };
            erasure = erasure.delete(write, key, Condition::default())?;
            if let Some(link) = text_of(item, "linkDigest") {
                erasure = erasure.delete(Write::Link, keys::link(link), Condition::default())?;
            }
            messages.extend(text_of(item, "linkMail").map(str::to_owned));
            let others = item.get("messages").and_then(|ids| ids.as_l().ok()).into_iter().flatten();
            messages.extend(others.filter_map(|id| id.as_s().ok().cloned()));
        }
        for message in messages {
            erasure = erasure.delete(Write::Message, keys::message(&message), Condition::default())?;
        }
        // One transaction can't write an item twice, and the line of the erasure is put above.
        let last = keys::history_line(&registration.id, version + 1);
        let lines = self.lines(registration).await?;
        for key in lines.iter().filter_map(key_of).filter(|key| *key != last).take(INCLUDED) {
            let there = Condition::new("attribute_exists(pk)", [(":until", number(until.as_second()))]);
            erasure = erasure.update(Write::HistoryLine, key, "SET expiresAt = :until", there)?;
        }
        erasure.won().await
    }

    /// Reads the items of an account's partition: first the account, then its sessions.
    async fn account_items(&self, email: &Email) -> Result<Vec<Attributes>, Error> {
        self.key_range(&keys::account(email).pk, keys::ACCOUNT, "~").await
    }
}

fn line(of: &Registration, version: u64, line: &Line, until: Timestamp) -> Result<Attributes, Error> {
    item_until(keys::history_line(&of.id, version), line, until)
}
