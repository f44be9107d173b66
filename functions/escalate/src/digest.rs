//! Writes a digest. Registrations are marked in the transaction that lists them.

use domain::{LibraryId, calendar::day_in_paris, history::Action, message::Message};
use jiff::{Timestamp, civil::Date};
use store::{Digest, Error as StoreError, LISTED, MARKS, Mark, Versioned};

use crate::{Error, Escalate};

/// Tries of a part whose registrations keep changing.
const ROUNDS: usize = 5;

/// The recipient of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recipient {
    /// A library, to warn it.
    Library(LibraryId),
    /// The county, to escalate registrations that are still pending after the warning.
    County,
}

impl Recipient {
    fn message(&self) -> Message {
        match self {
            Self::Library(id) => Message::LibraryDigest { library_id: id.clone() },
            Self::County => Message::CountyDigest,
        }
    }

    fn mark(&self, before: &Versioned, today: Date) -> Mark {
        let (after, action) = match self {
            Self::Library(_) => (before.registration.warned(today), Action::Warned),
            Self::County => (before.registration.escalated(today), Action::Escalated),
        };
        Mark { before: before.clone(), after, action }
    }
}

impl Escalate {
    /// Writes the digests to one recipient, each with at most [`LISTED`] registrations. Counts in `marked` those that
    /// were marked, also if it fails.
    pub(crate) async fn write_digests(
        &self,
        now: Timestamp,
        to: &Recipient,
        found: &[Versioned],
        marked: &mut usize,
    ) -> Result<(), Error> {
        let digests = found.chunks(LISTED);
        let count = digests.len();
        for (at, listed) in digests.enumerate() {
            let continued = at + 1 < count;
            let digest = Digest { message_id: self.ids.id(), message: to.message(), at: now, continued };
            self.write_digest(&digest, to, listed, marked).await?;
        }
        Ok(())
    }

    /// Writes a digest, in as many parts as transactions need.
    ///
    /// The message is queued with its last part. A run that is killed between parts leaves a draft, which lists exactly
    /// the registrations it marked, and is sent as it is. The next run lists the others in a digest of its own.
    async fn write_digest(
        &self,
        digest: &Digest,
        to: &Recipient,
        listed: &[Versioned],
        marked: &mut usize,
    ) -> Result<(), Error> {
        let parts = listed.chunks(MARKS);
        let count = parts.len();
        for (at, part) in parts.enumerate() {
            *marked += self.write_part(to, digest, part.to_vec(), at + 1 == count).await?;
        }
        Ok(())
    }

    async fn write_part(
        &self,
        to: &Recipient,
        digest: &Digest,
        mut part: Vec<Versioned>,
        last: bool,
    ) -> Result<usize, Error> {
        let today = day_in_paris(digest.at);
        for _ in 0..ROUNDS {
            let marks: Vec<Mark> = part.iter().map(|found| to.mark(found, today)).collect();
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

    /// Reads a part again. Omits registrations that were activated, moved, or marked by another run.
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

    /// Queues the digest if its last part has no registration left: the earlier parts must still be sent.
    async fn close(&self, digest: &Digest, last: bool) -> Result<usize, Error> {
        if last {
            self.store.queue_draft(&digest.message_id, digest.at).await?;
        }
        Ok(0)
    }
}
