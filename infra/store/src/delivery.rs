//! Delivery events of messages, and the last messages to a patron (requirements RE4).
//!
//! A delivery event is noted on the message's item. Where it says for good that an address takes no mail, the address's
//! account is marked, which `deliver` asks before it writes, and its patron's registration, which shows it. A registration's
//! version stays as it is: nobody has changed the record, and no librarian's `If-Match` grows stale by it.

use domain::{
    Email,
    delivery::{AddressState, DeliveryEvent, DeliveryState},
    message::{Message, MessageKind, MessageState},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Error, Store, StoredAccount, Versioned, Write,
    item::decode,
    keys, number, text,
    transaction::{Condition, Transaction},
};

/// Times that an account is looked at anew because it has changed under the note.
const ROUNDS: usize = 5;

/// A delivery event of one message.
#[derive(Debug, Clone)]
pub struct DeliveryReport {
    /// The message's id.
    pub message_id: String,
    /// Its recipient.
    pub to: Email,
    /// What SES reported.
    pub event: DeliveryEvent,
    /// When.
    pub at: Timestamp,
}

/// A message that the desk remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Mail"))]
pub struct MessageSummary {
    /// Its kind.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub kind: MessageKind,
    /// Where it is.
    pub state: DeliveryState,
    /// Since when, UTC.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Instant"))]
    pub at: Timestamp,
}

/// The item of a message in any state.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageItem {
    message_state: MessageState,
    message: Option<Message>,
    kind: Option<MessageKind>,
    written_at: Timestamp,
    closed_at: Option<Timestamp>,
    delivery_event: Option<DeliveryEvent>,
    delivery_at: Option<Timestamp>,
    /// In epoch seconds.
    expires_at: Option<i64>,
}

impl MessageItem {
    /// `None` for an item of no kind, which is not written.
    fn summary(self) -> Option<MessageSummary> {
        let (state, at) = match (self.delivery_event, self.message_state) {
            (Some(event), _) => (event.state(), self.delivery_at),
            (None, MessageState::Sent) => (DeliveryState::Sent, self.closed_at),
            (None, MessageState::Dropped) => (DeliveryState::Dropped, self.closed_at),
            (None, MessageState::Draft | MessageState::Queued) => (DeliveryState::Waiting, None),
        };
        let kind = self.kind.or_else(|| self.message.map(|message| message.kind()))?;
        Some(MessageSummary { kind, state, at: at.unwrap_or(self.written_at) })
    }
}

impl Store {
    /// The last messages to a patron, newest first: that of their activation and that of their last password link, as far
    /// as they are remembered.
    pub async fn messages_of(&self, found: &Versioned, now: Timestamp) -> Result<Vec<MessageSummary>, Error> {
        let account = self.account(&found.registration.person.email).await?;
        let link = account.and_then(|stored| stored.link_mail);
        let ids = found.activation_mail.iter().chain(link.iter());
        let items = self.batch_get(ids.map(|id| keys::message(id)).collect()).await?;
        let items = items.into_iter().map(decode).collect::<Result<Vec<MessageItem>, Error>>()?;
        let remembered = items.into_iter().filter(|item| item.expires_at.is_none_or(|over| now.as_second() < over));
        let mut messages: Vec<MessageSummary> = remembered.filter_map(MessageItem::summary).collect();
        messages.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.kind.cmp(&a.kind)));
        Ok(messages)
    }

    /// Notes a delivery event. Returns `false` if it changes nothing: it was noted before, a worse one was, or the message
    /// is no longer remembered.
    pub async fn note_delivery_event(&self, report: &DeliveryReport) -> Result<bool, Error> {
        for _ in 0..ROUNDS {
            let mut noting = self.transaction().update(
                Write::Message,
                keys::message(&report.message_id),
                "SET deliveryEvent = :event, deliveryRank = :rank, deliveryAt = :at",
                milder(report)?,
            )?;
            if let Some(state) = report.event.of_address()
                && let Some(stored) = self.account(&report.to).await?.filter(|stored| stored.mail_state < Some(state))
            {
                noting = noting.mark(&stored, state)?;
            }
            match noting.commit().await {
                Ok(()) => return Ok(true),
                Err(Error::Lost(Write::Message)) => return Ok(false),
                // The account has gone, moved, or was marked meanwhile.
                Err(Error::Lost(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy)
    }
}

/// The message is there, and no event of this rank or a worse one was noted on it.
fn milder(report: &DeliveryReport) -> Result<Condition, Error> {
    Ok(Condition::new(
        "attribute_exists(pk) AND (attribute_not_exists(deliveryRank) OR deliveryRank < :rank)",
        [
            (":event", serde_dynamo::to_attribute_value(report.event)?),
            (":rank", number(report.event.rank())),
            (":at", text(keys::instant(report.at))),
        ],
    ))
}

impl Transaction<'_> {
    /// Marks an account and its patron's registration. That the account is still the same says that the address is
    /// still theirs: it moves in the transaction that changes the address.
    fn mark(self, stored: &StoredAccount, state: AddressState) -> Result<Self, Error> {
        let value = || (":state", text(state.name()));
        let generation = (":generation", text(&stored.generation));
        let same = match stored.mail_state {
            None => {
                Condition::new("generation = :generation AND attribute_not_exists(mailState)", [value(), generation])
            }
            Some(before) => Condition::new(
                "generation = :generation AND mailState = :before",
                [value(), generation, (":before", text(before.name()))],
            ),
        };
        let key = keys::account(&stored.account.email);
        let marked = self.update(Write::Account, key, "SET mailState = :state", same)?;
        let Some(id) = &stored.account.registration_id else { return Ok(marked) };
        let there = Condition::new("attribute_exists(pk)", [value()]);
        marked.update(Write::Registration, keys::registration(id), "SET entry.mailState = :state", there)
    }
}
