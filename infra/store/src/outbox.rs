//! The outbox (rules, section 6): a message is an item, written in the transaction of the change that causes it.
//! `deliver` claims it, sends it, and marks it.
//!
//! ```text
//!  draft ──(a digest's last part)──► queued ──(claimed, sent)──► sent
//!                                      └──(no recipient left)──► dropped
//! ```
//!
//! Delivery events are noted in other attributes and do not change this state: see `delivery`.
//!
//! A claim is an item of its own. A change of the message's item would come back through the table's stream, and so a
//! failed try would cause the next one.

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

/// How long a claim is valid: longer than `deliver` may run (60 s), so that two runs never send the same message.
pub const CLAIM: SignedDuration = SignedDuration::from_secs(90);
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
    message_state: MessageState,
    /// Key in the index `county-date`, only while the message is unsent.
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

/// A message to put into the outbox with a change.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id.
    pub id: String,
    /// The message.
    pub message: Message,
}

/// The result of claiming a message.
#[derive(Debug, Clone)]
pub enum Claim {
    /// The caller has the claim and sends the message.
    Yours(OutboxItem),
    /// There is nothing to send: the message is sent, dropped, a draft, or no longer stored.
    Done,
    /// Another run has the claim.
    Held,
}

/// Encodes a new, queued message.
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
    /// Claims a message for 90 s ([`CLAIM`]). Costs 1 RRU per 4 KB of the message, twice, and 2 WRU; consistent.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
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
        // Read again: between the first read and the claim, another run may have sent it and released its claim.
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

    /// Releases the claim on a message, so that the next run need not wait for its end. Costs 2 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn release(&self, id: &str) -> Result<(), Error> {
        self.transaction().delete(Write::Claim, keys::claim(id), Condition::default())?.commit().await
    }

    /// Marks a message as sent, with SES's id, and releases its claim. Does nothing if it is closed. Costs 5 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn mark_sent(&self, id: &str, ses_id: &str, now: Timestamp) -> Result<(), Error> {
        self.close(id, MessageState::Sent, ses_id, now).await
    }

    /// Marks a message as dropped, with the reason, and releases its claim. Does nothing if it is closed. Costs 5 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn mark_dropped(&self, id: &str, why: &str, now: Timestamp) -> Result<(), Error> {
        self.close(id, MessageState::Dropped, why, now).await
    }

    async fn close(&self, id: &str, state: MessageState, note: &str, now: Timestamp) -> Result<(), Error> {
        // The message contains its recipient's address: it is removed, and only its kind stays.
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

    /// Returns the ids of unsent messages written before an instant, drafts included. Costs ½ RRU per 4 KB, at least
    /// 2 RRU; eventually consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
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

    /// Updates an unsent message, so that the table's stream delivers it to `deliver` again. A draft that a killed job
    /// left is queued as it is; it must be old enough (an hour) that no running job still adds to it. Costs 2 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
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
