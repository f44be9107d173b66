//! The outbox: a mail is an item written with the change that causes it. `deliver` claims it, sends it, marks it.
//!
//! ```text
//!  draft ──(a digest's last part)──► unsent ──(claimed, sent)──► sent
//!                                      └──(nobody to write to any more)──► dropped
//! ```
//!
//! What SES tells afterwards is noted beside this, and changes none of it: see `feedback`.
//!
//! A claim is an item of its own: whatever changes a mail's item comes back through the table's stream, and a try that
//! fails must not cause the next one.

use std::collections::BTreeSet;

use domain::{RegistrationId, notice::Notice};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Error, Store, Write,
    item::{item, item_until, read, text_of},
    keys, number, text,
    transaction::Condition,
};

/// How long a claim holds: longer than `deliver` may run (60 s), so that two never send the same mail.
pub const CLAIM: SignedDuration = SignedDuration::from_secs(90);
/// How long a mail is remembered once sent or dropped: 90 days.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A mail as it lies in the outbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// Its id.
    pub mail_id: String,
    /// What it is about.
    pub notice: Notice,
    /// When it was written.
    pub written_at: Timestamp,
    /// Whom a digest lists.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub patrons: BTreeSet<RegistrationId>,
    outbox: String,
    /// In `county-date` while unsent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard_tray: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date_key: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClaimItem {
    claimed_until: String,
}

/// What became of taking a mail to send.
#[derive(Debug, Clone)]
pub enum Claim {
    /// It is the caller's to send, until the claim lapses.
    Yours(Letter),
    /// There is nothing to send: sent, dropped, not ready, or gone.
    Done,
    /// Another one holds it: come back later.
    Held,
}

/// The item of a new mail.
pub(crate) fn unsent(id: &str, notice: &Notice, at: Timestamp) -> Result<Attributes, Error> {
    let letter = Letter {
        mail_id: id.to_owned(),
        notice: notice.clone(),
        written_at: at,
        patrons: BTreeSet::new(),
        outbox: "unsent".to_owned(),
        shard_tray: Some(keys::unsent_mails(keys::shard_of(id))),
        date_key: Some(format!("{} {id}", keys::instant(at))),
    };
    item(keys::mail(id), &letter)
}

impl Store {
    /// Takes a mail to send, for 90 s.
    pub async fn claim(&self, id: &str, now: Timestamp) -> Result<Claim, Error> {
        if self.unsent_letter(id).await?.is_none() {
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
        if let Some(letter) = self.unsent_letter(id).await? {
            return Ok(Claim::Yours(letter));
        }
        self.release(id).await?;
        Ok(Claim::Done)
    }

    async fn unsent_letter(&self, id: &str) -> Result<Option<Letter>, Error> {
        let item = self.get_item(keys::mail(id)).await?;
        item.filter(|item| text_of(item, "outbox") == Some("unsent")).map(read).transpose()
    }

    /// Gives a claimed mail back at once, after a failure that another try may mend.
    pub async fn release(&self, id: &str) -> Result<(), Error> {
        self.transaction().delete(Write::Claim, keys::claim(id), Condition::default())?.commit().await
    }

    /// Notes that SES accepted a mail.
    pub async fn mark_sent(&self, id: &str, ses_id: &str, now: Timestamp) -> Result<(), Error> {
        self.close(id, "sent", ses_id, now).await
    }

    /// Notes that a mail has nobody to go to any more, and why.
    pub async fn mark_dropped(&self, id: &str, why: &str, now: Timestamp) -> Result<(), Error> {
        self.close(id, "dropped", why, now).await
    }

    async fn close(&self, id: &str, outcome: &str, note: &str, now: Timestamp) -> Result<(), Error> {
        // The notice holds whom it went to; what remains says of which kind it was.
        let expression = "SET outbox = :outcome, note = :note, closedAt = :now, expiresAt = :expires, \
                          kind = notice.kind REMOVE shardTray, dateKey, notice";
        let there = Condition::new(
            "attribute_exists(notice)",
            [
                (":outcome", text(outcome)),
                (":note", text(note)),
                (":now", text(keys::instant(now))),
                (":expires", number((now + KEPT).as_second())),
            ],
        );
        let closing = self.transaction().update(Write::Message, keys::mail(id), expression, there)?;
        closing.delete(Write::Claim, keys::claim(id), Condition::default())?.won().await.map(|_| ())
    }

    /// The ids of mails written before an instant and not sent, drafts among them.
    pub async fn unsent_before(&self, instant: Timestamp) -> Result<Vec<String>, Error> {
        let mut ids = Vec::new();
        for shard in 0..keys::SHARDS {
            let items = self.older_than(keys::unsent_mails(shard), keys::instant(instant), None).await?;
            ids.extend(
                items.iter().filter_map(|item| text_of(item, keys::PK).and_then(keys::mail_id)).map(str::to_owned),
            );
        }
        Ok(ids)
    }

    /// Touches an unsent mail, so that the table's stream brings it to `deliver` again; a draft left by a job that was
    /// killed is sent as it stands. Must not be a draft that a running job still adds to: ask for those that are an
    /// hour old.
    pub async fn redrive(&self, id: &str, now: Timestamp) -> Result<(), Error> {
        let waiting = Condition::new(
            "outbox = :unsent OR outbox = :draft",
            [(":unsent", text("unsent")), (":draft", text("draft")), (":now", text(keys::instant(now)))],
        );
        let expression = "SET outbox = :unsent, redrivenAt = :now";
        let touched = self.transaction().update(Write::Message, keys::mail(id), expression, waiting)?;
        touched.won().await.map(|_| ())
    }
}
