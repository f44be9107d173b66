//! Reads and writes of the daily escalation job (rules, section 4).

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Registration,
    calendar::day_in_paris,
    history::{Action, Author, Job, Line},
    message::{Message, MessageState},
};
use jiff::{Timestamp, civil::Date};

use crate::{
    Error, Store, Versioned, Write,
    keys::{self, Half},
    outbox::DRAFT,
    text,
    transaction::Condition,
};

/// Highest number of registrations in one digest. Each part rewrites the whole item, which is 13 KB then.
pub const LISTED: usize = 500;
/// Highest number of registrations in one transaction: each takes two of its 100 writes, the digest one.
pub const MARKS: usize = 49;

/// A digest, written in parts. Each part lists registrations and marks them in one transaction.
#[derive(Debug, Clone)]
pub struct Digest {
    /// The message's id.
    pub message_id: String,
    /// The message.
    pub message: Message,
    /// When it is written.
    pub at: Timestamp,
    /// Whether another digest lists more registrations.
    pub continued: bool,
}

/// A registration to mark and list.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The registration that the decision was made on.
    pub before: Versioned,
    /// The registration with the day of the warning or escalation.
    pub after: Registration,
    /// The action for its history.
    pub action: Action,
}

impl Store {
    /// Returns the registrations that have been pending since before a day. Reads only those: ½ RRU per 4 KB, at least
    /// 2 RRU; eventually consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn pending_since_before(&self, day: Date) -> Result<Vec<Versioned>, Error> {
        let mut found = Vec::new();
        for shard in 0..keys::SHARDS {
            let partition = keys::shard_half(shard, Half::Pending);
            let rows = self.older_than(partition, day.to_string(), None).await?;
            found.extend(self.readable_registrations(rows).map(Versioned::from));
        }
        Ok(found)
    }

    /// Marks up to [`MARKS`] registrations and lists them in a digest, all or nothing. The digest is a draft until its
    /// `last` part is committed, which queues it. Costs 8 WRU for each registration and 3 to 27 for the digest, by its
    /// length.
    ///
    /// # Errors
    /// Those of a [write](Error#writes). `Lost` means that a registration changed meanwhile: read them again.
    pub async fn add_to_digest(&self, digest: &Digest, marks: &[Mark], last: bool) -> Result<(), Error> {
        let ids = marks.iter().map(|mark| mark.after.id.to_string()).collect();
        let expression = "SET messageId = :id, message = :message, writtenAt = :at, messageState = :state, \
                          shardHalf = :half, dateKey = :due, continued = :continued ADD patrons :patrons";
        // `ADD` to a set of ids, so that each part adds its own and a draft lists exactly the marked registrations.
        let (state, due) =
            if last { (MessageState::Queued, digest.at) } else { (MessageState::Draft, digest.at + DRAFT) };
        let open = Condition::new(
            "attribute_not_exists(pk) OR messageState = :draft",
            [
                (":id", text(&digest.message_id)),
                (":message", serde_dynamo::to_attribute_value(&digest.message)?),
                (":at", text(keys::instant(digest.at))),
                (":state", serde_dynamo::to_attribute_value(state)?),
                (":draft", serde_dynamo::to_attribute_value(MessageState::Draft)?),
                (":half", text(keys::unsent_messages(keys::shard_of(&digest.message_id)))),
                (":due", text(keys::due_key(due, &digest.message_id))),
                (":continued", AttributeValue::Bool(digest.continued)),
                (":patrons", AttributeValue::Ss(ids)),
            ],
        );
        let mut transaction =
            self.transaction().update(Write::Message, keys::message(&digest.message_id), expression, open)?;
        for mark in marks {
            let line = Line { at: digest.at, by: Author::Job(Job::Escalate), action: mark.action.clone() };
            transaction = transaction.change(&mark.before, mark.before.next(mark.after.clone()), &line)?;
        }
        transaction.commit().await
    }

    /// Dates the warnings of a digest that is about to be sent on a later day than it was written: the grace period
    /// counts from the sending (rules, section 4). Those already escalated keep their day. Costs nothing on the day of
    /// the marks, else 8 WRU for each registration; up to [`MARKS`] are dated all or nothing.
    ///
    /// # Errors
    /// Those of a [write](Error#writes). `Lost` means that a registration changed meanwhile: read them again.
    pub async fn date_warnings(&self, listed: &[Versioned], at: Timestamp) -> Result<(), Error> {
        let today = day_in_paris(at);
        let is_late = |found: &&Versioned| {
            let registration = &found.registration;
            registration.warned_on.is_some_and(|day| day < today) && registration.escalated_on.is_none()
        };
        let late: Vec<&Versioned> = listed.iter().filter(is_late).collect();
        for part in late.chunks(MARKS) {
            let mut transaction = self.transaction();
            for before in part {
                let line = Line { at, by: Author::Job(Job::Escalate), action: Action::Warned };
                transaction = transaction.change(before, before.next(before.registration.warned(today)), &line)?;
            }
            transaction.commit().await?;
        }
        Ok(())
    }
}
