//! What the daily job reads and writes (rules, section 4).

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Registration,
    history::{Action, Author, Job, Line},
    notice::Notice,
};
use jiff::{Timestamp, civil::Date};

use crate::{
    Error, Store, Versioned, Write,
    item::RegistrationItem,
    keys::{self, Tray},
    text,
    transaction::Condition,
};

/// Registrations that one transaction can mark: each takes two of its 100 writes, the digest one.
pub const MARKS: usize = 49;

/// A digest mail that is being written, part by part, while the registrations it lists are marked.
#[derive(Debug, Clone)]
pub struct Digest {
    /// The mail's id.
    pub mail_id: String,
    /// Which digest.
    pub notice: Notice,
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
            let tray = keys::shard_tray(shard, Tray::Pending);
            for item in self.older_than(tray, day.to_string(), None).await? {
                found.push(RegistrationItem::read(item)?.into());
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
        let expression = "SET mailId = :id, notice = :notice, writtenAt = :at, outbox = :outbox, shardTray = :tray, \
                          dateKey = :date ADD patrons :patrons";
        let open = Condition::new(
            "attribute_not_exists(pk) OR outbox = :draft",
            [
                (":id", text(&digest.mail_id)),
                (":notice", serde_dynamo::to_attribute_value(&digest.notice)?),
                (":at", text(keys::instant(digest.at))),
                (":outbox", text(if last { "unsent" } else { "draft" })),
                (":draft", text("draft")),
                (":tray", text(keys::unsent_mails(keys::shard_of(&digest.mail_id)))),
                (":date", text(format!("{} {}", keys::instant(digest.at), digest.mail_id))),
                (":patrons", AttributeValue::Ss(ids)),
            ],
        );
        let mut transaction =
            self.transaction().update(Write::Message, keys::mail(&digest.mail_id), expression, open)?;
        for mark in marks {
            let line = Line { at: digest.at, by: Author::Job(Job::Escalate), action: mark.action.clone() };
            let activation_mail = mark.before.activation_mail.clone();
            transaction = transaction.change(&mark.before, &mark.after, &line, activation_mail)?;
        }
        transaction.commit().await
    }
}
