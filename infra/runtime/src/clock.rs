//! The clock: the only place that reads the system's time.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::calendar::day_in_paris;
use jiff::{Timestamp, civil::Date};

/// The source of time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system.
    System,
    /// A clock that can be set, for the local desk and tests. Until set it follows the system; once set it stands
    /// still, so that tests can predict results to the second.
    Settable(Arc<Mutex<Option<Timestamp>>>),
    /// Another clock, with a count of its reads: for the tests that a request reads it once.
    Counted(Box<Self>, Arc<AtomicUsize>),
}

impl Clock {
    /// Creates a settable clock that stands at `now`, or follows the system.
    pub fn settable(now: Option<Timestamp>) -> Self {
        Self::Settable(Arc::new(Mutex::new(now)))
    }

    /// Returns the present instant in UTC, to the millisecond.
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

    /// Returns the present civil date in Europe/Paris.
    pub fn today(&self) -> Date {
        day_in_paris(self.now())
    }

    /// Returns the time until an instant in epoch milliseconds, the form of Lambda's deadlines; zero if it has passed.
    pub fn until(&self, epoch_millis: u64) -> Duration {
        let now = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        Duration::from_millis(epoch_millis.saturating_sub(now))
    }

    /// Sets a settable clock, or lets it follow the system again. Has no effect on the system's clock.
    pub fn set(&self, now: Option<Timestamp>) {
        match self {
            Self::System => {}
            Self::Settable(set) => *set.lock().unwrap_or_else(PoisonError::into_inner) = now,
            Self::Counted(clock, _) => clock.set(now),
        }
    }
}
