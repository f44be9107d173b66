//! Delivery events of messages, and the last messages to a patron (requirements RE4).
//!
//! A delivery event is noted on the message's item. A permanent bounce or a complaint also marks the address's account
//! and its registrations; `deliver` reads the mark before it sends, and lists show it. The mark does not change
//! the registration's version: the record is the same, and a librarian's `If-Match` stays valid.

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

/// Tries to note an event while its account keeps changing.
const ROUNDS: usize = 5;

/// A delivery event of one message.
#[derive(Debug, Clone)]
pub struct DeliveryReport {
    /// The message's id.
    pub message_id: String,
    /// Its recipient.
    pub to: Email,
    /// The event that SES reported.
    pub event: DeliveryEvent,
    /// When it happened.
    pub at: Timestamp,
}

/// One of the last messages to a patron.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Mail"))]
pub struct MessageSummary {
    /// Its kind.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub kind: MessageKind,
    /// Its state.
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
    /// Epoch seconds after which the item counts as deleted.
    expires_at: Option<i64>,
}

impl MessageItem {
    /// Returns `None` for an item without a kind, which this crate never writes.
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
    /// Returns the last messages to a patron, newest first: of their activation and, with their account, of their last
    /// password link, unless they were sent more than 90 days ago. Costs 1 RRU for each message; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn messages_of(
        &self,
        found: &Versioned,
        account: Option<&StoredAccount>,
        now: Timestamp,
    ) -> Result<Vec<MessageSummary>, Error> {
        let link = account.and_then(|stored| stored.link_mail.as_ref());
        let ids = found.activation_mail.iter().chain(link);
        let items = self.batch_get(ids.map(|id| keys::message(id)).collect()).await?;
        let items = items.into_iter().map(decode).collect::<Result<Vec<MessageItem>, Error>>()?;
        let remembered = items.into_iter().filter(|item| item.expires_at.is_none_or(|over| now.as_second() < over));
        let mut messages: Vec<MessageSummary> = remembered.filter_map(MessageItem::summary).collect();
        messages.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.kind.cmp(&a.kind)));
        Ok(messages)
    }

    /// Notes a delivery event. Returns `false` if nothing changes: this event or a worse one is noted already, or the
    /// message is no longer stored. Costs 2 WRU; an event that marks an address, 1 RRU, 2 WRU, and 6 for each registration.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`; `Busy` also if the account changes in five tries.
    pub async fn note_delivery_event(&self, report: &DeliveryReport) -> Result<bool, Error> {
        for _ in 0..ROUNDS {
            let mut noting = self.transaction().update(
                Write::Message,
                keys::message(&report.message_id),
                "SET deliveryEvent = :event, deliveryRank = :rank, deliveryAt = :at",
                outranks(report)?,
            )?;
            if let Some(state) = report.event.of_address()
                && let Some(stored) = self.account(&report.to).await?.filter(|stored| stored.mail_state < Some(state))
            {
                noting = noting.mark(&stored, state)?;
            }
            match noting.commit().await {
                Ok(()) => return Ok(true),
                Err(Error::Lost(Write::Message)) => return Ok(false),
                // The account was removed, moved or marked since it was read: decide again about the mark.
                Err(Error::Lost(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::Busy)
    }
}

/// Holds if the message exists and no event of this rank or a higher one is noted on it. So the order of events does
/// not matter: a later, milder event never overrides a worse one.
fn outranks(report: &DeliveryReport) -> Result<Condition, Error> {
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
    /// Adds the marks of an account and of its registrations.
    ///
    /// The condition on the account also covers the registrations: the account's revision changes in the transaction
    /// that moves one of them, so while it is unchanged they still have this address.
    fn mark(self, stored: &StoredAccount, state: AddressState) -> Result<Self, Error> {
        let value = || (":state", text(state.name()));
        let key = keys::account(&stored.account.email);
        let expression = "SET mailState = :state, revision = :next";
        let marked = self.update(Write::Account, key, expression, stored.unchanged([value()]))?;
        stored.account.registrations.iter().try_fold(marked, |marked, id| {
            let there = Condition::new("attribute_exists(pk)", [value()]);
            marked.update(Write::Registration, keys::registration(id), "SET entry.mailState = :state", there)
        })
    }

    /// Adds the removal of the marks of an account's registrations, if it is marked itself.
    pub(crate) fn unmark(self, stored: &StoredAccount) -> Result<Self, Error> {
        let marked = stored.account.registrations.iter().filter(|_| stored.mail_state.is_some());
        marked.into_iter().try_fold(self, |unmarked, id| {
            let key = keys::registration(id);
            unmarked.update(Write::Registration, key, "REMOVE entry.mailState", Condition::present())
        })
    }
}
