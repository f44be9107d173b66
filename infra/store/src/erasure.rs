//! The data held on one person, and its erasure (requirements GD2).

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Email, RegistrationId,
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
const INCLUDED: usize = 34;
// Registration, two lines, a message, the patron's farewells; then account, password, second factor, link, tries,
// resets, a message, the account's messages, sessions and lines.
const _: () = assert!(4 + MESSAGES + 7 + MESSAGES + 2 * INCLUDED <= 100);
/// Tries of an erasure while the account changes.
const ROUNDS: usize = 10;

impl Store {
    /// Returns the end of each session of an account. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn ends_of_sessions(&self, email: &Email) -> Result<Vec<Timestamp>, Error> {
        let sessions = self.sessions_of(email).await?;
        sessions.into_iter().map(|item| Ok(decode::<SessionItem>(item)?.until)).collect()
    }

    /// Erases a person: registration and their messages, sent or not. The account that they share with others, or that
    /// is staff's, goes on; otherwise it is erased with its password, sessions, link, throttles and messages (rules,
    /// section 7). History lines remain for a year, by id: who made, changed and erased the registration. Returns
    /// `false` if the record changed meanwhile. The record itself need not be readable (requirements RE12).
    ///
    /// Costs 14 WRU, 2 more for each session, message and earlier line, and the reads of the latter. With more than 34
    /// earlier lines, the rest follows after the erasure; the purge continues if that is interrupted.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`; `Busy` also if the account changes in ten tries.
    pub async fn erase(&self, before: &Remains, by: Author, now: Timestamp) -> Result<bool, Error> {
        for _ in 0..ROUNDS {
            match Box::pin(self.try_to_erase(before, &by, now)).await {
                Ok(()) => return Ok(true),
                // Another member joined, left or was marked since the account was read.
                Err(Error::Lost(Write::Account)) => {}
                Err(Error::Lost(_)) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy)
    }

    async fn try_to_erase(&self, before: &Remains, by: &Author, now: Timestamp) -> Result<(), Error> {
        let Remains { id, version, email, messages, made, .. } = before;
        let until = now + history::TRACE_LIFE;
        let erased = Line { at: now, by: by.clone(), action: Action::Erased };
        let mut erased = line(id, version + 1, &erased, until)?;
        // One transaction can't write an item twice, and the line of the erasure is put below.
        let last = keys::history_line(id, version + 1);
        let lines: Vec<Key> = self.lines(id).await?.iter().filter_map(key_of).filter(|k| *k != last).collect();
        let (included, rest) = lines.split_at(lines.len().min(INCLUDED));
        if !rest.is_empty() {
            erased.extend(unfinished(id, now));
        }
        let same = Condition::new("entry.version = :version", [(":version", number(*version))]);
        let mut erasure = self.transaction().delete(Write::Registration, keys::registration(id), same)?.put(
            Write::HistoryLine,
            erased,
            Condition::absent(),
        )?;
        // The first line is part of the record, which is deleted here: it gets an item of its own.
        if let Some(made) = made {
            erasure = erasure.put(Write::HistoryLine, line(id, 0, made, until)?, Condition::absent())?;
        }
        if let Some(account) = self.account(email).await? {
            erasure = if let Some(left) = account.account.without(id) {
                erasure.change_members(Write::Account, &account, &left)?
            } else {
                self.erase_account(erasure, &account).await?
            };
        }
        erasure = messages.iter().try_fold(erasure, |erasure, message| {
            erasure.delete(Write::Message, keys::message(message), Condition::default())
        })?;
        erasure = included.iter().try_fold(erasure, |erasure, key| erasure.expire(key.clone(), until))?;
        erasure.commit().await?;
        // The person is erased: a failure from here on is not the caller's, and the purge finishes the rest.
        if !rest.is_empty()
            && let Err(error) = self.expire_all(rest, last, until).await
        {
            tracing::warn!(registration = %id, %error, "history lines of an erased registration remain");
        }
        Ok(())
    }

    /// Adds the end of an account, with all that is held on its address.
    async fn erase_account<'a>(
        &self,
        erasure: Transaction<'a>,
        account: &StoredAccount,
    ) -> Result<Transaction<'a>, Error> {
        let email = &account.account.email;
        let erasure = erasure
            .end_account(Write::Account, account)?
            .delete(Write::Tries, keys::tries(email), Condition::default())?
            .delete(Write::ResetRequests, keys::resets(email), Condition::default())?;
        // Sessions opened after this read are void as well: they are of an account that is gone.
        let sessions = self.sessions_of(email).await?;
        sessions
            .iter()
            .filter_map(key_of)
            .take(INCLUDED)
            .try_fold(erasure, |erasure, session| erasure.delete(Write::Session, session, Condition::default()))
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

    /// Reads an account's sessions.
    pub(crate) async fn sessions_of(&self, email: &Email) -> Result<Vec<Attributes>, Error> {
        self.key_range(&keys::sessions(&keys::pseudonym(email)), " ", "~").await
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

impl Transaction<'_> {
    fn expire(self, line: Key, until: Timestamp) -> Result<Self, Error> {
        let there = Condition::new("attribute_exists(pk)", [(":until", number(until.as_second()))]);
        self.update(Write::HistoryLine, line, "SET expiresAt = :until", there)
    }
}

fn line(of: &RegistrationId, version: u64, line: &Line, until: Timestamp) -> Result<Attributes, Error> {
    item_until(keys::history_line(of, version), line, until)
}
