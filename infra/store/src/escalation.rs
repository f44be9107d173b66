//! What the daily job reads and writes (rules, section 4).

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Registration,
    history::{Action, Author, Job, Line},
    message::{Message, MessageState},
};
use jiff::{Timestamp, civil::Date};

use crate::{
    Error, Store, Versioned, Write,
    item::RegistrationItem,
    keys::{self, Half},
    text,
    transaction::Condition,
};

/// Registrations that one transaction can mark: each takes two of its 100 writes, the digest one.
pub const MARKS: usize = 49;

/// A digest that is being written, part by part, while the registrations it lists are marked.
#[derive(Debug, Clone)]
pub struct Digest {
    /// The message's id.
    pub message_id: String,
    /// Which digest.
    pub message: Message,
    /// When.
    pub at: Timestamp,
}

/// A registration to be marked and listed.
#[derive(Debug, Clone)]
pub struct Mark {
    /// As it was when its duty was decided.
    pub before: Versioned,
    /// With the day it was warned or escalated.
    pub after: Registration,
    /// What happens to it.
    pub action: Action,
}

impl Store {
    /// The registrations that have been pending since before a day, and no others.
    pub async fn pending_since_before(&self, day: Date) -> Result<Vec<Versioned>, Error> {
        let mut found = Vec::new();
        for shard in 0..keys::SHARDS {
            let partition = keys::shard_half(shard, Half::Pending);
            for item in self.older_than(partition, day.to_string(), None).await? {
                found.push(RegistrationItem::from_attributes(item)?.into());
            }
        }
        Ok(found)
    }

    /// Marks up to [`MARKS`] registrations and lists them in a digest, all or nothing. The digest is a draft until its
    /// `last` part, and sent from then on.
    ///
    /// [`Error::Lost`]: one of them has changed meanwhile; read them again.
    pub async fn add_to_digest(&self, digest: &Digest, marks: &[Mark], last: bool) -> Result<(), Error> {
        let ids = marks.iter().map(|mark| mark.after.id.to_string()).collect();
        let expression = "SET messageId = :id, message = :message, writtenAt = :at, messageState = :state, \
                          shardHalf = :half, dateKey = :date ADD patrons :patrons";
        let state = if last { MessageState::Queued } else { MessageState::Draft };
        let open = Condition::new(
            "attribute_not_exists(pk) OR messageState = :draft",
            [
                (":id", text(&digest.message_id)),
                (":message", serde_dynamo::to_attribute_value(&digest.message)?),
                (":at", text(keys::instant(digest.at))),
                (":state", serde_dynamo::to_attribute_value(state)?),
                (":draft", serde_dynamo::to_attribute_value(MessageState::Draft)?),
                (":half", text(keys::unsent_messages(keys::shard_of(&digest.message_id)))),
                (":date", text(format!("{} {}", keys::instant(digest.at), digest.message_id))),
                (":patrons", AttributeValue::Ss(ids)),
            ],
        );
        let mut transaction =
            self.transaction().update(Write::Message, keys::message(&digest.message_id), expression, open)?;
        for mark in marks {
            let line = Line { at: digest.at, by: Author::Job(Job::Escalate), action: mark.action.clone() };
            let activation_mail = mark.before.activation_mail.clone();
            transaction = transaction.change(&mark.before, &mark.after, &line, activation_mail)?;
        }
        transaction.commit().await
    }
}
