//! What became of the mails: what SES tells of them, and the last ones to a patron (requirements RE4).
//!
//! What SES tells is noted on the mail's item. What it tells for good of an address is noted as well on the address's
//! account, which `deliver` asks before it writes, and on its patron's registration, which shows it. A registration's
//! version stays as it is: nobody has changed the record, and no librarian's `If-Match` grows stale by it.

use domain::{
    Email,
    feedback::{AddressState, Feedback, MailState},
    notice::Notice,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Error, Store, StoredAccount, Versioned, Write,
    item::read,
    keys, number, text,
    transaction::{Condition, Transaction},
};

/// Times that an account is looked at anew because it has changed under the note.
const ROUNDS: usize = 5;

/// What SES tells of one mail.
#[derive(Debug, Clone)]
pub struct Told {
    /// The mail's id.
    pub mail_id: String,
    /// Whom it was sent to.
    pub to: Email,
    /// What became of it.
    pub feedback: Feedback,
    /// When.
    pub at: Timestamp,
}

/// A mail that the desk knows of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Mail"))]
pub struct MailLine {
    /// What it was about: its [`Notice`]'s kind.
    pub kind: String,
    /// Where it is.
    pub state: MailState,
    /// Since when, UTC.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Instant"))]
    pub at: Timestamp,
}

/// A mail's item, whatever has become of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MailItem {
    outbox: String,
    notice: Option<Notice>,
    kind: Option<String>,
    written_at: Timestamp,
    closed_at: Option<Timestamp>,
    feedback: Option<Feedback>,
    feedback_at: Option<Timestamp>,
    /// In epoch seconds.
    expires_at: Option<i64>,
}

impl MailItem {
    fn line(self) -> MailLine {
        let (state, at) = match (self.feedback, &*self.outbox) {
            (Some(feedback), _) => (feedback.state(), self.feedback_at),
            (None, "sent") => (MailState::Sent, self.closed_at),
            (None, "dropped") => (MailState::Dropped, self.closed_at),
            (None, _) => (MailState::Waiting, None),
        };
        let kind = self.kind.or_else(|| self.notice.map(|notice| notice.kind().to_owned())).unwrap_or_default();
        MailLine { kind, state, at: at.unwrap_or(self.written_at) }
    }
}

impl Store {
    /// The last mails to a patron, newest first: that of their activation and that of their last password link, as far
    /// as they are remembered.
    pub async fn mails_of(&self, found: &Versioned, now: Timestamp) -> Result<Vec<MailLine>, Error> {
        let account = self.account(&found.registration.person.email).await?;
        let link = account.and_then(|stored| stored.link_mail);
        let ids = found.activation_mail.iter().chain(link.iter());
        let items = self.batch_get(ids.map(|id| keys::mail(id)).collect()).await?;
        let mails = items.into_iter().map(read).collect::<Result<Vec<MailItem>, Error>>()?;
        let remembered = mails.into_iter().filter(|mail| mail.expires_at.is_none_or(|over| now.as_second() < over));
        let mut lines: Vec<MailLine> = remembered.map(MailItem::line).collect();
        lines.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.kind.cmp(&a.kind)));
        Ok(lines)
    }

    /// Notes what SES tells of a mail; `false` when it is nothing new: told before, outdone by worse, or about a mail
    /// that nobody remembers.
    pub async fn note_feedback(&self, told: &Told) -> Result<bool, Error> {
        for _ in 0..ROUNDS {
            let mut noting = self.transaction().update(
                Write::Message,
                keys::mail(&told.mail_id),
                "SET feedback = :feedback, feedbackRank = :rank, feedbackAt = :at",
                outdone(told)?,
            )?;
            if let Some(state) = told.feedback.of_address()
                && let Some(stored) = self.account(&told.to).await?.filter(|stored| stored.mail_state < Some(state))
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

/// The mail is there, and nothing as bad was told of it yet.
fn outdone(told: &Told) -> Result<Condition, Error> {
    Ok(Condition::new(
        "attribute_exists(pk) AND (attribute_not_exists(feedbackRank) OR feedbackRank < :rank)",
        [
            (":feedback", serde_dynamo::to_attribute_value(told.feedback)?),
            (":rank", number(told.feedback.rank())),
            (":at", text(keys::instant(told.at))),
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
