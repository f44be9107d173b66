//! The data held on one person, and its erasure (requirements GD2).

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Email, Registration, RegistrationId,
    history::{Action, Author, Line},
};
use jiff::Timestamp;

use crate::{
    Attributes, Error, Remains, Store, StoredAccount, Write,
    accounts::MESSAGES,
    history,
    item::{decode, item_until, key_of, text_of},
    keys::{self, Key},
    number,
    sessions::SessionItem,
    text,
    transaction::{Condition, Transaction},
};

/// Highest number of sessions, and of history lines, in an erasure's transaction, which holds 100 writes at most. The
/// rest contains no personal data of the patron. A session without its account is void. A line names staff and action,
/// and expires by [`Store::finish_erasure`].
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
    /// changed meanwhile. The record itself need not be readable (requirements RE12).
    ///
    /// Costs 14 WRU, 2 more for each account, session, link, message and earlier line, and the reads of the latter. With
    /// more than 40 earlier lines, the rest follows after the erasure; the purge continues if that is interrupted.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn erase(&self, before: &Remains, by: Author, now: Timestamp) -> Result<bool, Error> {
        let Remains { id, version, email, activation_mail, made, .. } = before;
        let until = now + history::TRACE_LIFE;
        // The first line is part of the record, which is deleted here: it gets an item of its own.
        let erased = Line { at: now, by, action: Action::Erased };
        let mut erased = line(id, version + 1, &erased, until)?;
        // One transaction can't write an item twice, and the line of the erasure is put below.
        let last = keys::history_line(id, version + 1);
        let lines: Vec<Key> = self.lines(id).await?.iter().filter_map(key_of).filter(|k| *k != last).collect();
        let (included, rest) = lines.split_at(lines.len().min(INCLUDED));
        if !rest.is_empty() {
            erased.extend(unfinished(id, now));
        }
        let same = Condition::new("entry.version = :version", [(":version", number(*version))]);
        let mut erasure = self
            .transaction()
            .delete(Write::Registration, keys::registration(id), same)?
            .delete(Write::Tries, keys::tries(email), Condition::default())?
            .delete(Write::ResetRequests, keys::resets(email), Condition::default())?
            .put(Write::HistoryLine, erased, Condition::absent())?;
        if let Some(made) = made {
            erasure = erasure.put(Write::HistoryLine, line(id, 0, made, until)?, Condition::absent())?;
        }
        // Sessions opened after this read are void as well: they are of an account that is gone.
        let items = self.account_items(email).await?;
        erasure = items.iter().take(INCLUDED).try_fold(erasure, Transaction::erase)?;
        let messages: BTreeSet<&str> =
            activation_mail.iter().map(String::as_str).chain(items.iter().flat_map(messages_of)).collect();
        erasure = messages.into_iter().try_fold(erasure, |erasure, message| {
            erasure.delete(Write::Message, keys::message(message), Condition::default())
        })?;
        erasure = included.iter().try_fold(erasure, |erasure, key| erasure.expire(key.clone(), until))?;
        if !erasure.won().await? {
            return Ok(false);
        }
        // The person is erased: a failure from here on is not the caller's, and the purge finishes the rest.
        if !rest.is_empty()
            && let Err(error) = self.expire_all(rest, last, until).await
        {
            tracing::warn!(registration = %id, %error, "history lines of an erased registration remain");
        }
        Ok(true)
    }

    /// Returns the erasures whose history lines do not all expire yet: an interruption left them. Costs ½ RRU per 4 KB,
    /// at least 2 RRU; eventually consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn unfinished_erasures(&self) -> Result<Vec<UnfinishedErasure>, Error> {
        let mut found = Vec::new();
        for shard in 0..keys::SHARDS {
            for item in self.older_than(keys::unfinished_erasures(shard), "~".to_owned(), None).await? {
                // The index projects only keys.
                let place = text_of(&item, "dateKey").and_then(|place| place.split_once(' '));
                let of = place.and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
                found.extend(key_of(&item).zip(of).map(|(last, (at, id))| UnfinishedErasure { id, last, at }));
            }
        }
        Ok(found)
    }

    /// Makes all history lines of an erased registration expire. Costs the read of its lines and 2 WRU for each.
    ///
    /// # Errors
    /// Those of a [write](Error#writes). The rest is done by the next call.
    pub async fn finish_erasure(&self, erasure: &UnfinishedErasure) -> Result<(), Error> {
        let UnfinishedErasure { id, last, at } = erasure;
        let lines = self.lines(id).await?;
        let rest: Vec<Key> =
            lines.iter().filter(|line| !line.contains_key(keys::EXPIRES_AT)).filter_map(key_of).collect();
        self.expire_all(&rest, last.clone(), *at + history::TRACE_LIFE).await
    }

    /// Makes lines expire, and then removes the mark of the unfinished erasure from its line, the `last`.
    async fn expire_all(&self, lines: &[Key], last: Key, until: Timestamp) -> Result<(), Error> {
        for some in lines.chunks(2 * INCLUDED) {
            some.iter()
                .try_fold(self.transaction(), |transaction, key| transaction.expire(key.clone(), until))?
                .commit()
                .await?;
        }
        let finished =
            self.transaction().update(Write::HistoryLine, last, "REMOVE shardHalf, dateKey", Condition::present())?;
        finished.commit().await
    }

    /// Reads the items of an account's partition: first the account, then its sessions.
    async fn account_items(&self, email: &Email) -> Result<Vec<Attributes>, Error> {
        self.key_range(&keys::account(email).pk, keys::ACCOUNT, "~").await
    }
}

/// An erasure whose history lines do not all expire yet.
#[derive(Debug, Clone)]
pub struct UnfinishedErasure {
    /// The erased registration.
    pub id: RegistrationId,
    /// The key of the line of the erasure.
    last: Key,
    at: Timestamp,
}

/// Returns the keys of an unfinished erasure in the index `county-date`.
fn unfinished(id: &RegistrationId, at: Timestamp) -> [(String, AttributeValue); 2] {
    let shard = keys::unfinished_erasures(keys::shard_of(id.as_str()));
    [("shardHalf".to_owned(), text(shard)), ("dateKey".to_owned(), text(keys::due_key(at, id.as_str())))]
}

/// Returns the ids of the messages that an account's item names.
fn messages_of(item: &Attributes) -> impl Iterator<Item = &str> {
    let last = item.get("messages").and_then(|ids| ids.as_l().ok()).into_iter().flatten();
    last.filter_map(|id| id.as_s().ok().map(String::as_str)).chain(text_of(item, "linkMail"))
}

impl Transaction<'_> {
    /// Adds the deletion of an account with its link, or of a session.
    fn erase(mut self, item: &Attributes) -> Result<Self, Error> {
        let Some(key) = key_of(item) else { return Ok(self) };
        let write = if key.sk == keys::ACCOUNT { Write::Account } else { Write::Session };
        self = self.delete(write, key, Condition::default())?;
        if let Some(link) = text_of(item, "linkDigest") {
            self = self.delete(Write::Link, keys::link(link), Condition::default())?;
        }
        Ok(self)
    }

    fn expire(self, line: Key, until: Timestamp) -> Result<Self, Error> {
        let there = Condition::new("attribute_exists(pk)", [(":until", number(until.as_second()))]);
        self.update(Write::HistoryLine, line, "SET expiresAt = :until", there)
    }
}

fn line(of: &RegistrationId, version: u64, line: &Line, until: Timestamp) -> Result<Attributes, Error> {
    item_until(keys::history_line(of, version), line, until)
}
