//! The outbox (rules, section 6): a message is an item, written in the transaction of the change that causes it.
//! `deliver` takes a lease on it, sends it, and marks it.
//!
//! ```text
//!  draft ──(a digest's last part)──► queued ──(leased, sent)──► sent
//!    └──(its job has died)──────────►   └──(no recipient left, or given up)──► dropped
//! ```
//!
//! An unsent message is in the index `county-date`, ordered by the instant of its next try. A lease moves that instant
//! 90 s ahead, a failed try as far as its wait ([`Tries`]), and a draft is due once its job must have ended. So one
//! attribute says who may send a message and when, and the re-driving reads only what is due.
//!
//! Each of these changes comes back through the table's stream, and finds the message not due.
//!
//! Delivery events are noted in other attributes and do not change the state: see `delivery`.

use std::collections::BTreeSet;

use domain::{
    RegistrationId,
    message::{Message, MessageKind, MessageState},
    tries::{End, Setback, Tries},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Error, Store, Write,
    index::IndexQuery,
    item::{decode, item, text_of},
    keys, number, text,
    transaction::Condition,
};

/// How long a lease is valid: longer than `deliver` may run (60 s), so that two runs never send the same message.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);
/// Age at which a draft's job must have ended: longer than `escalate` may run (300 s). The draft is sent as it is.
pub const DRAFT: SignedDuration = SignedDuration::from_mins(6);
/// How long a message is stored once it is sent or dropped: 90 days.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A message as it is stored in the outbox, until it is sent or dropped.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutboxItem {
    /// Its id.
    pub message_id: String,
    /// Its kind and recipient.
    pub message: Message,
    /// When it was written.
    pub written_at: Timestamp,
    /// The registrations that a digest lists.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub patrons: BTreeSet<RegistrationId>,
    /// Whether another digest lists more registrations.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continued: bool,
    message_state: MessageState,
    shard_half: String,
    date_key: String,
}

/// The right to send a message, until its instant ([`LEASE`]) has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The message's id.
    pub message_id: String,
    kind: Option<MessageKind>,
    tries: Tries,
    date_key: String,
}

/// A message to put into the outbox with a change.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id.
    pub id: String,
    /// The message.
    pub message: Message,
}

/// The result of claiming a message.
#[derive(Debug)]
pub enum Claim {
    /// The caller has the lease and sends the message, if its item can be read.
    Yours(Lease, Result<OutboxItem, Error>),
    /// The message is not to be tried again: the caller drops it.
    Over(Lease, End),
    /// There is nothing to send: the message is sent, dropped, or no longer stored.
    Done,
    /// It is not due: another run has the lease, it waits for its next try, or its job still adds to it.
    NotDue,
}

/// The attributes of a message that decide whether it is due. They can be read even if the rest can't.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schedule {
    message_state: Option<MessageState>,
    written_at: Option<String>,
    /// The instant of the next try, and the id. Absent once the message is sent or dropped.
    date_key: Option<String>,
    #[serde(default)]
    tries: Tries,
}

/// Encodes a new, queued message.
pub(crate) fn queued(id: &str, message: &Message, at: Timestamp) -> Result<Attributes, Error> {
    let queued = OutboxItem {
        message_id: id.to_owned(),
        message: message.clone(),
        written_at: at,
        patrons: BTreeSet::new(),
        continued: false,
        message_state: MessageState::Queued,
        shard_half: keys::unsent_messages(keys::shard_of(id)),
        date_key: keys::due_key(at, id),
    };
    item(keys::message(id), &queued)
}

impl Store {
    /// Takes a lease on a message that is due, for 90 s ([`LEASE`]). Costs 1 RRU per 4 KB of the message, and 4 WRU,
    /// more for a long digest; consistent.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn claim(&self, id: &str, now: Timestamp) -> Result<Claim, Error> {
        let Some(item) = self.get_item(keys::message(id)).await? else { return Ok(Claim::Done) };
        let Schedule { message_state, written_at, date_key, tries } = decode(item.clone())?;
        let Some(before) = date_key else { return Ok(Claim::Done) };
        // A message that was never tried is due, though the clock that wrote it may be ahead of this one.
        let waits = message_state == Some(MessageState::Draft) || tries != Tries::default();
        if waits && before > keys::due_by(now) {
            return Ok(Claim::NotDue);
        }
        let content: Result<OutboxItem, Error> = decode(item);
        let kind = content.as_ref().ok().map(|item| item.message.kind());
        let lease = |tries, date_key| Lease { message_id: id.to_owned(), kind, tries, date_key };
        let written_at = written_at.and_then(|at| at.parse().ok()).unwrap_or(Timestamp::MIN);
        if let Some(end) = tries.end(written_at, now) {
            return Ok(Claim::Over(lease(tries, before), end));
        }
        let mine = lease(tries.begin(), keys::due_key(now + LEASE, id));
        let won = self.reschedule(id, &before, mine.tries, &mine.date_key).await?;
        Ok(if won { Claim::Yours(mine, content) } else { Claim::NotDue })
    }

    /// Gives a lease back after a setback: the message waits for its next try. Does nothing if the lease is over. Costs
    /// 4 WRU, more for a long digest.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn set_back(&self, lease: &Lease, setback: Setback, now: Timestamp) -> Result<(), Error> {
        let (tries, wait) = lease.tries.after(setback);
        let due = keys::due_key(now + wait, &lease.message_id);
        self.reschedule(&lease.message_id, &lease.date_key, tries, &due).await.map(|_| ())
    }

    /// Makes an unsent message due now, even if another run has a lease on it. Costs 1 RRU and 4 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn make_due(&self, id: &str, now: Timestamp) -> Result<(), Error> {
        let Some(item) = self.get_item(keys::message(id)).await? else { return Ok(()) };
        let Schedule { date_key: Some(before), tries, .. } = decode(item)? else { return Ok(()) };
        self.reschedule(id, &before, tries, &keys::due_key(now, id)).await.map(|_| ())
    }

    /// Sets the instant of an unsent message's next try. Returns `false` if it was changed since it was read: the old
    /// instant is the condition. A draft is queued by it.
    async fn reschedule(&self, id: &str, before: &str, tries: Tries, due: &str) -> Result<bool, Error> {
        let unchanged = Condition::new(
            "dateKey = :before",
            [
                (":before", text(before)),
                (":due", text(due)),
                (":queued", serde_dynamo::to_attribute_value(MessageState::Queued)?),
                (":tries", serde_dynamo::to_attribute_value(tries)?),
            ],
        );
        let expression = "SET messageState = :queued, dateKey = :due, tries = :tries";
        self.transaction().update(Write::Message, keys::message(id), expression, unchanged)?.won().await
    }

    /// Queues a draft, so that the table's stream delivers it. Does nothing to another message. Costs 4 WRU, more for a
    /// long digest.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn queue_draft(&self, id: &str, now: Timestamp) -> Result<(), Error> {
        let draft = Condition::new(
            "messageState = :draft",
            [
                (":draft", serde_dynamo::to_attribute_value(MessageState::Draft)?),
                (":queued", serde_dynamo::to_attribute_value(MessageState::Queued)?),
                (":due", text(keys::due_key(now, id))),
            ],
        );
        let expression = "SET messageState = :queued, dateKey = :due";
        self.transaction().update(Write::Message, keys::message(id), expression, draft)?.won().await.map(|_| ())
    }

    /// Marks a message as sent, with SES's id. Does nothing if it is closed. Costs 3 WRU, more for a long digest.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn mark_sent(&self, lease: &Lease, ses_id: &str, now: Timestamp) -> Result<(), Error> {
        self.close(lease, MessageState::Sent, ses_id, now).await
    }

    /// Marks a message as dropped, with the reason. Does nothing if it is closed. Costs 3 WRU, more for a long digest.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn mark_dropped(&self, lease: &Lease, why: &str, now: Timestamp) -> Result<(), Error> {
        self.close(lease, MessageState::Dropped, why, now).await
    }

    async fn close(&self, lease: &Lease, state: MessageState, note: &str, now: Timestamp) -> Result<(), Error> {
        // The message contains its recipient's address: it is removed, and only its kind stays.
        let mut expression =
            "SET messageState = :state, note = :note, closedAt = :now, expiresAt = :expires".to_owned();
        let mut values = vec![
            (":state", serde_dynamo::to_attribute_value(state)?),
            (":note", text(note)),
            (":now", text(keys::instant(now))),
            (":expires", number((now + KEPT).as_second())),
        ];
        if let Some(kind) = lease.kind {
            expression.push_str(", kind = :kind");
            values.push((":kind", serde_dynamo::to_attribute_value(kind)?));
        }
        expression.push_str(" REMOVE shardHalf, dateKey, message");
        let open = Condition::new("attribute_exists(dateKey)", values);
        let key = keys::message(&lease.message_id);
        self.transaction().update(Write::Message, key, &expression, open)?.won().await.map(|_| ())
    }

    /// Returns the ids of at most `most` unsent messages per shard of the index that are due at an instant, those that
    /// wait longest first. Costs ½ RRU per 4 KB, at least 2 RRU; eventually consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn due(&self, at: Timestamp, most: usize) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let due = keys::due_by(at);
        for shard in 0..keys::SHARDS {
            let partition = keys::unsent_messages(shard);
            let between = Some((" ", due.as_str()));
            let query = IndexQuery { index: keys::COUNTY_DATE, partition: &partition, between, filter: None };
            found.extend(self.index_page(query, false, most).await?.rows);
        }
        found.sort_by(|a, b| text_of(a, "dateKey").cmp(&text_of(b, "dateKey")));
        let ids = found.iter().filter_map(|item| text_of(item, keys::PK).and_then(keys::message_id));
        Ok(ids.map(str::to_owned).collect())
    }
}
