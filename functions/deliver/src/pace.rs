//! Back-off from SES's limit of messages a second (requirements RE4). A throttled message waits and is tried again
//! while there is time.

use std::time::Duration;

use domain::Email;
use mail::{Content, SendError};
use runtime::Backoff;
use tokio::time::Instant;

use crate::Deliver;

/// Time reserved for one more call of SES and for noting its outcome: each may take 6 s.
const SENDING: Duration = Duration::from_secs(15);
/// Time reserved for claiming a message: a read and a write, each of which may take 6 s.
const CLAIMING: Duration = Duration::from_secs(12);
/// The waits between the tries of one message.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(250), longest: Duration::from_secs(8) };

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
            if !matches!(sent, Err(SendError::Throttled)) {
                return sent;
            }
            tried += 1;
            tracing::info!(message_id, tried, "SES throttles");
            if !BACKOFF.pause_if(&self.ids, tried, |wait| time_left.allows(wait)).await {
                return sent;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn re4_no_wait_takes_the_time_reserved_for_marking() {
        assert!(!TimeLeft::new(SENDING).allows(Duration::ZERO));
        assert!(TimeLeft::new(4 * SENDING).allows(BACKOFF.longest));
        assert!(!TimeLeft::new(SENDING + BACKOFF.first).allows(BACKOFF.longest));
    }

    #[tokio::test(start_paused = true)]
    async fn c15_nothing_begins_that_the_time_left_does_not_cover() {
        assert!(!TimeLeft::new(SENDING + CLAIMING).allows_another());
        assert!(TimeLeft::new(Duration::from_mins(1)).allows_another());
        let began = Instant::now();
        assert_eq!(TimeLeft::new(SENDING + BACKOFF.first).limit(std::future::pending::<()>()).await, None);
        assert!(began.elapsed() < 2 * BACKOFF.first, "{:?}", began.elapsed());
    }
}
