//! The tries to send a message: how long it waits after each, and when they end (requirements RE15).
//!
//! ```text
//!                  ┌── not accepted: 1, 2, 4, 8, then 10 minutes ──┐
//!  queued ── try ──┼── unknown: 10 minutes, at most three times ───┼──► queued, or dropped after a day
//!                  └── accepted ──► sent
//! ```

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Minutes to wait after the first tries; after all later ones as after the last.
const WAITS: [i64; 5] = [1, 2, 4, 8, 10];
/// How long a message is tried.
const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Tries of unknown outcome after which a message is not tried again: SES may have accepted each of them.
const UNKNOWN: u32 = 3;

/// The tries to send a message so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// Tries that were begun.
    #[serde(rename = "tries", default)]
    begun: u32,
    /// Tries whose outcome is unknown. A try counts as one from its beginning, so that a process that dies is counted.
    #[serde(default)]
    unknown: u32,
}

/// The outcome of a try after which the message is still unsent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setback {
    /// No call to SES was made, for lack of time.
    NotBegun,
    /// SES certainly did not accept the message.
    NotAccepted,
    /// SES may have accepted the message.
    Unknown,
}

/// Why a message is not tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was tried for 24 hours.
    TooOld,
    /// SES may have accepted it three times.
    TooOftenUnknown,
}

impl Tries {
    /// Returns the tries with one more, which has just begun.
    #[must_use]
    pub fn begin(self) -> Self {
        Self { begun: self.begun.saturating_add(1), unknown: self.unknown.saturating_add(1) }
    }

    /// Returns the tries after the last one ended in a setback, and how long the message waits for the next.
    #[must_use]
    pub fn after(self, setback: Setback) -> (Self, SignedDuration) {
        let known = Self { unknown: self.unknown.saturating_sub(1), ..self };
        match setback {
            Setback::NotBegun => (Self { begun: self.begun.saturating_sub(1), ..known }, SignedDuration::ZERO),
            Setback::NotAccepted => (known, wait(self.begun)),
            Setback::Unknown => (self, wait(u32::MAX)),
        }
    }

    /// Returns why a message that was written at this instant is not tried again; `None` if it is. Every message is
    /// tried at least once, however old it is.
    pub fn end(self, written_at: Timestamp, now: Timestamp) -> Option<End> {
        if self.unknown >= UNKNOWN {
            Some(End::TooOftenUnknown)
        } else if self.begun > 0 && now.duration_since(written_at) >= LIFE {
            Some(End::TooOld)
        } else {
            None
        }
    }
}

impl End {
    /// Returns the reason for the log and the outbox.
    pub fn why(self) -> &'static str {
        match self {
            Self::TooOld => "it could not be sent within a day",
            Self::TooOftenUnknown => "SES may have accepted it three times",
        }
    }
}

fn wait(tries: u32) -> SignedDuration {
    let nth = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    SignedDuration::from_mins(WAITS[nth])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_at() -> Timestamp {
        "2026-11-24T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn re15_waits_grow_to_ten_minutes_and_stay_there() {
        let mut tries = Tries::default();
        let mut waited = Vec::new();
        for _ in 0..7 {
            let (after, wait) = tries.begin().after(Setback::NotAccepted);
            waited.push(wait.as_mins());
            tries = after;
        }
        assert_eq!(waited, [1, 2, 4, 8, 10, 10, 10]);
        assert_eq!(tries.end(written_at(), written_at()), None, "what SES did not accept is no copy");
    }

    #[test]
    fn re15_a_message_is_tried_for_a_day_and_at_least_once() {
        let (day, late) = (SignedDuration::from_hours(24), SignedDuration::from_hours(25));
        let (tries, _) = Tries::default().begin().after(Setback::NotAccepted);
        assert_eq!(tries.end(written_at(), written_at() + day - SignedDuration::from_secs(1)), None);
        assert_eq!(tries.end(written_at(), written_at() + day), Some(End::TooOld));
        assert_eq!(Tries::default().end(written_at(), written_at() + late), None, "it was never tried");
        let (unbegun, wait) = Tries::default().begin().after(Setback::NotBegun);
        assert_eq!((unbegun, wait), (Tries::default(), SignedDuration::ZERO));
    }

    #[test]
    fn c13_three_tries_of_unknown_outcome_are_the_last() {
        let mut tries = Tries::default();
        for _ in 0..2 {
            let (after, wait) = tries.begin().after(Setback::Unknown);
            assert_eq!((wait.as_mins(), after.end(written_at(), written_at())), (10, None));
            tries = after.begin().after(Setback::NotAccepted).0;
        }
        // The process dies in the third.
        assert_eq!(tries.begin().end(written_at(), written_at()), Some(End::TooOftenUnknown));
    }
}
