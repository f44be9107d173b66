//! What is held on one person, and its erasure (requirements GD2).

use domain::{
    Email, Registration,
    history::{Action, Author, Line},
};
use jiff::Timestamp;

use crate::{
    Attributes, Error, Store, StoredAccount, Versioned, Write, history,
    item::{decode, item_until, key_of, text_of},
    keys, number,
    sessions::SessionItem,
    transaction::Condition,
};

/// Sessions and history lines that an erasure's one transaction takes along; 100 writes are its limit. What is beyond
/// holds nothing of the person: a session without its account is dead, and a line says who of the staff did what.
const TAKEN_ALONG: usize = 40;
// Registration, tries, resets, two lines, a link, two mails; then sessions and lines.
const _: () = assert!(8 + 2 * TAKEN_ALONG <= 100);

/// What is held on a person beside their registration and its history.
#[derive(Debug, Default)]
pub struct Held {
    /// Their account.
    pub account: Option<StoredAccount>,
    /// Until when each of their sessions lasts.
    pub sessions: Vec<Timestamp>,
}

impl Store {
    /// What is held on a patron beside the registration and its history.
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

    /// Erases a person: registration, account, sessions, links, waits, the mails known as theirs. What remains are lines by id, for a year: who
    /// made the registration, who changed it, who erased it. `false` when the record has changed meanwhile.
    pub async fn erase(&self, before: &Versioned, by: Author, now: Timestamp) -> Result<bool, Error> {
        let Versioned { registration, version, activation_mail } = before;
        let email = &registration.person.email;
        let until = now + history::TRACE_LIFE;
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
        if let Some(mail) = activation_mail {
            erasure = erasure.delete(Write::Message, keys::message(mail), Condition::default())?;
        }
        for item in self.account_items(email).await?.iter().take(TAKEN_ALONG) {
            let Some(key) = key_of(item) else { continue };
            let write = if key.sk == keys::ACCOUNT { Write::Account } else { Write::Session };
            erasure = erasure.delete(write, key, Condition::default())?;
            if let Some(link) = text_of(item, "linkDigest") {
                erasure = erasure.delete(Write::Link, keys::link(link), Condition::default())?;
            }
            if let Some(mail) = text_of(item, "linkMail") {
                erasure = erasure.delete(Write::Message, keys::message(mail), Condition::default())?;
            }
        }
        let last = keys::history_line(&registration.id, version + 1);
        let lines = self.lines(registration).await?;
        for key in lines.iter().filter_map(key_of).filter(|key| *key != last).take(TAKEN_ALONG) {
            let there = Condition::new("attribute_exists(pk)", [(":until", number(until.as_second()))]);
            erasure = erasure.update(Write::HistoryLine, key, "SET expiresAt = :until", there)?;
        }
        erasure.won().await
    }

    /// The account's item first, then its sessions.
    async fn account_items(&self, email: &Email) -> Result<Vec<Attributes>, Error> {
        self.key_range(&keys::account(email).pk, keys::ACCOUNT, "~").await
    }
}

fn line(of: &Registration, version: u64, line: &Line, until: Timestamp) -> Result<Attributes, Error> {
    item_until(keys::history_line(&of.id, version), line, until)
}
