//! Back-off from SES's limit of messages a second (requirements RE4). A throttled message waits and is tried again
//! while there is time. The wait is random, so that many runs do not return together, and its bound doubles with each
//! try.

use std::time::Duration;

use domain::Email;
use mail::{Content, SendError};
use runtime::Ids;
use tokio::time::Instant;

use crate::Deliver;

/// Time reserved for one more call of SES and for noting its outcome: each may take 6 s.
const SENDING: Duration = Duration::from_secs(15);
/// Time reserved for claiming a message: a read and a write, each of which may take 6 s.
const CLAIMING: Duration = Duration::from_secs(12);
/// Upper bound of the first wait. It doubles with each try.
const FIRST: Duration = Duration::from_millis(250);
/// Upper bound of every wait.
const LONGEST: Duration = Duration::from_secs(8);

/// The last instant at which a call of SES may begin. Lambda kills a function whose time is over, and a call that is cut
/// off there may have been accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLeft(Instant);

impl TimeLeft {
    pub(crate) fn new(time: Duration) -> Self {
        Self(Instant::now() + time.saturating_sub(SENDING))
    }

    /// Returns whether there is time to claim another message and to send it.
    pub(crate) fn allows_another(self) -> bool {
        self.allows(CLAIMING)
    }

    /// Runs a preparation. Returns `None` if it leaves no time to send.
    pub(crate) async fn limit<T>(self, preparation: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.0, preparation).await.ok()
    }

    fn allows(self, wait: Duration) -> bool {
        Instant::now() + wait < self.0
    }
}

impl Deliver {
    /// Sends a message; tries again while SES throttles and time is left.
    pub(crate) async fn send(
        &self,
        message_id: &str,
        to: &Email,
        content: &Content,
        time_left: TimeLeft,
    ) -> Result<String, SendError> {
        let mut tried = 0;
        loop {
            let sent = self.mailer.send(message_id, to, content).await;
            let wait = jitter(&self.ids, tried);
            if !matches!(sent, Err(SendError::Throttled)) || !time_left.allows(wait) {
                return sent;
            }
            tried += 1;
            tracing::info!(message_id, tried, "SES throttles");
            pause(wait).await;
        }
    }
}

/// Returns a random wait between zero and the bound of this try ("full jitter").
fn jitter(ids: &Ids, tried: u32) -> Duration {
    let longest = FIRST.saturating_mul(2_u32.saturating_pow(tried)).min(LONGEST);
    longest.mul_f64(f64::from(u32::from_be_bytes(ids.bytes())) / f64::from(u32::MAX))
}

#[expect(clippy::disallowed_methods, reason = "the wait is a back-off from SES")]
async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn re4_waits_are_random_grow_and_have_a_bound() {
        let ids = Ids::System;
        let longest = |tried| (0..200).map(|_| jitter(&ids, tried)).max().unwrap_or_default();
        assert!(longest(0) <= FIRST && longest(2) <= 4 * FIRST && longest(u32::MAX) <= LONGEST);
        assert!(longest(2) > 2 * FIRST && longest(30) > LONGEST / 2);
        assert_ne!(jitter(&ids, 5), jitter(&ids, 5));
    }

    #[test]
    fn re4_no_wait_takes_the_time_reserved_for_marking() {
        assert!(!TimeLeft::new(SENDING).allows(Duration::ZERO));
        assert!(TimeLeft::new(4 * SENDING).allows(LONGEST));
        assert!(!TimeLeft::new(SENDING + FIRST).allows(LONGEST));
    }

    #[tokio::test(start_paused = true)]
    async fn c15_nothing_begins_that_the_time_left_does_not_cover() {
        assert!(!TimeLeft::new(SENDING + CLAIMING).allows_another());
        assert!(TimeLeft::new(Duration::from_mins(1)).allows_another());
        let began = Instant::now();
        assert_eq!(TimeLeft::new(SENDING + FIRST).limit(std::future::pending::<()>()).await, None);
        assert!(began.elapsed() < 2 * FIRST, "{:?}", began.elapsed());
    }
}
