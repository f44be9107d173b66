//! Now. The one place that reads the system's clock.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::calendar::day_in_paris;
use jiff::{Timestamp, civil::Date};

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system.
    System,
    /// A clock that can be set, for the local desk and tests. Until set it follows the system; once set it stands
    /// still, so that what is computed from it can be foretold to the second.
    Settable(Arc<Mutex<Option<Timestamp>>>),
    /// Another clock, and how often it was read: for the tests that a request reads it once.
    Counted(Box<Self>, Arc<AtomicUsize>),
}

impl Clock {
    /// A settable clock standing at `now`, or following the system.
    pub fn settable(now: Option<Timestamp>) -> Self {
        Self::Settable(Arc::new(Mutex::new(now)))
    }

    /// The instant, UTC, to the millisecond.
    pub fn now(&self) -> Timestamp {
        let set = match self {
            Self::System => None,
            Self::Settable(set) => *set.lock().unwrap_or_else(PoisonError::into_inner),
            Self::Counted(clock, reads) => {
                reads.fetch_add(1, Ordering::Relaxed);
                return clock.now();
            }
        };
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
        let now = set.unwrap_or_else(Timestamp::now);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// The civil date in Europe/Paris.
    pub fn today(&self) -> Date {
        day_in_paris(self.now())
    }

    /// How long it is until an instant in epoch milliseconds, as Lambda gives its deadlines; nothing once it is past.
    pub fn until(&self, epoch_millis: u64) -> Duration {
        let now = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        Duration::from_millis(epoch_millis.saturating_sub(now))
    }

    /// Sets a settable clock, or gives it back to the system; the system's own can't be set.
    pub fn set(&self, now: Option<Timestamp>) {
        match self {
            Self::System => {}
            Self::Settable(set) => *set.lock().unwrap_or_else(PoisonError::into_inner) = now,
            Self::Counted(clock, _) => clock.set(now),
        }
    }
}
