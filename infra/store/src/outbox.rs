//! The outbox: a message is an item written with the change that causes it. `deliver` claims it, sends it, marks it.
//!
//! ```text
//!  draft ──(a digest's last part)──► queued ──(claimed, sent)──► sent
//!                                      └──(no recipient left)──► dropped
//! ```
//!
//! Delivery events are noted beside this state, and change none of it: see `delivery`.
//!
//! A claim is an item of its own: whatever changes a message's item comes back through the table's stream, and a try that
//! fails must not cause the next one.

use std::collections::BTreeSet;

use domain::{
    RegistrationId,
    message::{Message, MessageState},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Error, Store, Write,
    item::{decode, item, item_until, text_of},
    keys, number, text,
    transaction::Condition,
};

/// How long a claim holds: longer than `deliver` may run (60 s), so that two never send the same mail.
pub const CLAIM: SignedDuration = SignedDuration::from_secs(90);
/// How long a message is remembered once sent or dropped: 90 days.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A message as it is stored in the outbox, until it is sent or dropped.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutboxItem {
    /// Its id.
    pub message_id: String,
    /// What it is about, and to whom it goes.
    pub message: Message,
    /// When it was written.
    pub written_at: Timestamp,
    /// Whom a digest lists.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub patrons: BTreeSet<RegistrationId>,
    message_state: MessageState,
    /// In `county-date` while unsent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard_half: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date_key: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimItem {
    claimed_until: String,
}

/// A message to be written with a change.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id.
    pub id: String,
    /// The message.
    pub message: Message,
}

/// What became of taking a message to send.
#[derive(Debug, Clone)]
pub enum Claim {
    /// It is the caller's to send, until the claim lapses.
    Yours(OutboxItem),
    /// There is nothing to send: sent, dropped, not ready, or gone.
    Done,
    /// Another one holds it: come back later.
    Held,
}

/// The item of a new message.
pub(crate) fn queued(id: &str, message: &Message, at: Timestamp) -> Result<Attributes, Error> {
    let queued = OutboxItem {
        message_id: id.to_owned(),
        message: message.clone(),
        written_at: at,
        patrons: BTreeSet::new(),
        message_state: MessageState::Queued,
        shard_half: Some(keys::unsent_messages(keys::shard_of(id))),
        date_key: Some(format!("{} {id}", keys::instant(at))),
    };
    item(keys::message(id), &queued)
}

impl Store {
    /// Takes a message to send, for 90 s.
    pub async fn claim(&self, id: &str, now: Timestamp) -> Result<Claim, Error> {
        if self.queued_item(id).await?.is_none() {
            return Ok(Claim::Done);
        }
        let until = now + CLAIM;
        let claim = item_until(keys::claim(id), &ClaimItem { claimed_until: keys::instant(until) }, until)?;
        let free =
            Condition::new("attribute_not_exists(pk) OR claimedUntil <= :now", [(":now", text(keys::instant(now)))]);
        if !self.transaction().put(Write::Claim, claim, free)?.won().await? {
            return Ok(Claim::Held);
        }
        // Read again: another one may have sent it and given its claim back since.
        if let Some(item) = self.queued_item(id).await? {
            return Ok(Claim::Yours(item));
        }
        self.release(id).await?;
        Ok(Claim::Done)
    }

    async fn queued_item(&self, id: &str) -> Result<Option<OutboxItem>, Error> {
        let Some(item) = self.get_item(keys::message(id)).await? else { return Ok(None) };
        let state = item.get("messageState").cloned().map(serde_dynamo::from_attribute_value).transpose()?;
        (state == Some(MessageState::Queued)).then(|| decode(item)).transpose()
    }

    /// Gives a claimed message back at once, after a failure that another try may mend.
    pub async fn release(&self, id: &str) -> Result<(), Error> {
        self.transaction().delete(Write::Claim, keys::claim(id), Condition::default())?.commit().await
    }

    /// Notes that SES accepted a message.
    pub async fn mark_sent(&self, id: &str, ses_id: &str, now: Timestamp) -> Result<(), Error> {
        self.close(id, MessageState::Sent, ses_id, now).await
    }

    /// Notes that a message will not be sent, and why.
    pub async fn mark_dropped(&self, id: &str, why: &str, now: Timestamp) -> Result<(), Error> {
        self.close(id, MessageState::Dropped, why, now).await
    }

    async fn close(&self, id: &str, state: MessageState, note: &str, now: Timestamp) -> Result<(), Error> {
        // The message names its recipient; only its kind is kept.
        let expression = "SET messageState = :state, note = :note, closedAt = :now, expiresAt = :expires, \
                          kind = message.kind REMOVE shardHalf, dateKey, message";
        let there = Condition::new(
            "attribute_exists(message)",
            [
                (":state", serde_dynamo::to_attribute_value(state)?),
                (":note", text(note)),
                (":now", text(keys::instant(now))),
                (":expires", number((now + KEPT).as_second())),
            ],
        );
        let closing = self.transaction().update(Write::Message, keys::message(id), expression, there)?;
        closing.delete(Write::Claim, keys::claim(id), Condition::default())?.won().await.map(|_| ())
    }

    /// The ids of messages written before an instant and not sent, drafts among them.
    pub async fn unsent_before(&self, instant: Timestamp) -> Result<Vec<String>, Error> {
        let mut ids = Vec::new();
        for shard in 0..keys::SHARDS {
            let items = self.older_than(keys::unsent_messages(shard), keys::instant(instant), None).await?;
            ids.extend(
                items.iter().filter_map(|item| text_of(item, keys::PK).and_then(keys::message_id)).map(str::to_owned),
            );
        }
        Ok(ids)
    }

    /// Touches an unsent message, so that the table's stream brings it to `deliver` again; a draft left by a job that was
    /// killed is sent as it stands. Must not be a draft that a running job still adds to: ask for those that are an
    /// hour old.
    pub async fn redrive(&self, id: &str, now: Timestamp) -> Result<(), Error> {
        let waiting = Condition::new(
            "messageState = :queued OR messageState = :draft",
            [
                (":queued", serde_dynamo::to_attribute_value(MessageState::Queued)?),
                (":draft", serde_dynamo::to_attribute_value(MessageState::Draft)?),
                (":now", text(keys::instant(now))),
            ],
        );
        let expression = "SET messageState = :queued, redrivenAt = :now";
        let touched = self.transaction().update(Write::Message, keys::message(id), expression, waiting)?;
        touched.won().await.map(|_| ())
    }
}
