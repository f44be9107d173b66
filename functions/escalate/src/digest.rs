//! One digest: the registrations it lists are marked in the transaction that lists them.

use domain::{calendar::day_in_paris, history::Action, notice::Notice};
use jiff::{Timestamp, civil::Date};
use store::{Digest, Error as StoreError, MARKS, Mark, Versioned};

use crate::{Error, Escalate};

/// Times that a part is tried on registrations that keep changing.
const ROUNDS: usize = 5;

/// To whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To a library.
    Warning,
    /// To the county.
    Escalation,
}

impl Escalate {
    /// Writes one digest in as many parts as transactions need; the mail is sent from its last part on. A run that is
    /// killed between parts leaves a draft, which lists just what was marked and is sent by the next run's re-drive;
    /// what was not marked is listed in the next run's own digest. Answers how many registrations were marked.
    pub(crate) async fn write_digest(
        &self,
        now: Timestamp,
        kind: Kind,
        notice: Notice,
        found: Vec<Versioned>,
    ) -> Result<usize, Error> {
        let digest = Digest { mail_id: self.ids.id(), notice, at: now };
        let mut marked = 0;
        let parts = found.chunks(MARKS);
        let count = parts.len();
        for (at, part) in parts.enumerate() {
            let last = at + 1 == count;
            marked += self.write_part(kind, &digest, part.to_vec(), last).await?;
        }
        Ok(marked)
    }

    async fn write_part(
        &self,
        kind: Kind,
        digest: &Digest,
        mut part: Vec<Versioned>,
        last: bool,
    ) -> Result<usize, Error> {
        let today = day_in_paris(digest.at);
        for _ in 0..ROUNDS {
            let marks: Vec<Mark> = part.iter().map(|found| mark(kind, found, today)).collect();
            if marks.is_empty() {
                return self.close(digest, last).await;
            }
            match self.store.add_to_digest(digest, &marks, last).await {
                Ok(()) => return Ok(marks.len()),
                Err(StoreError::Lost(_)) => part = self.still_due(&part, today).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Restless)
    }

    /// The part as it is now: what was activated, moved, or marked by another run is left out.
    async fn still_due(&self, part: &[Versioned], today: Date) -> Result<Vec<Versioned>, Error> {
        let ids: Vec<_> = part.iter().map(|found| found.registration.id.clone()).collect();
        let mut now = self.store.registrations_of(&ids).await?;
        now.retain(|found| {
            let before = part.iter().find(|before| before.registration.id == found.registration.id);
            let same = |before: &Versioned| {
                let (a, b) = (&before.registration, &found.registration);
                a.library_id == b.library_id && a.warned_on == b.warned_on && a.escalated_on == b.escalated_on
            };
            found.registration.is_overdue(today) && before.is_some_and(same)
        });
        Ok(now)
    }

    /// A last part of which nothing is left still has the earlier ones to send.
    async fn close(&self, digest: &Digest, last: bool) -> Result<usize, Error> {
        if last {
            self.store.redrive(&digest.mail_id, digest.at).await?;
        }
        Ok(0)
    }
}

fn mark(kind: Kind, before: &Versioned, today: Date) -> Mark {
    let (after, action) = match kind {
        Kind::Warning => (before.registration.warned(today), Action::Warned),
        Kind::Escalation => (before.registration.escalated(today), Action::Escalated),
    };
    Mark { before: before.clone(), after, action }
}
