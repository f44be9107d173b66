//! SES takes so many mails a second. Whoever is told to slow down waits, a random time that may be longer at each try so
//! that many do not come back together, and tries again while there is time (requirements RE4).

use std::time::Duration;

use domain::Email;
use mail::{Content, SendError};
use runtime::Ids;
use tokio::time::Instant;

use crate::Deliver;

/// Kept for one more call of SES and for noting what became of the mail: each may take 6 s.
const RESERVE: Duration = Duration::from_secs(15);
/// The longest first wait; each next one may be twice as long.
const FIRST: Duration = Duration::from_millis(250);
/// The longest wait of all.
const LONGEST: Duration = Duration::from_secs(8);

/// Until when there is time to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeLeft(Instant);

impl TimeLeft {
    pub(crate) fn new(time: Duration) -> Self {
        Self(Instant::now() + time.saturating_sub(RESERVE))
    }

    fn allows(self, wait: Duration) -> bool {
        Instant::now() + wait < self.0
    }
}

impl Deliver {
    /// Sends a message, however often SES asks to slow down, within the time left. The SDK's own tries, four in a moment,
    /// are one of these.
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
            tracing::info!(message_id, tried, "SES asks to slow down");
            pause(wait).await;
        }
    }
}

/// Anything between nothing and the longest wait of this try: "full jitter".
fn jitter(ids: &Ids, tried: u32) -> Duration {
    let longest = FIRST.saturating_mul(2_u32.saturating_pow(tried)).min(LONGEST);
    longest.mul_f64(f64::from(u32::from_be_bytes(ids.bytes())) / f64::from(u32::MAX))
}

#[expect(clippy::disallowed_methods, reason = "slowing down is a wait in itself")]
async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn re4_waits_are_random_grow_and_end() {
        let ids = Ids::System;
        let longest = |tried| (0..200).map(|_| jitter(&ids, tried)).max().unwrap_or_default();
        assert!(longest(0) <= FIRST && longest(2) <= 4 * FIRST && longest(u32::MAX) <= LONGEST);
        assert!(longest(2) > 2 * FIRST && longest(30) > LONGEST / 2);
        assert_ne!(jitter(&ids, 5), jitter(&ids, 5));
    }

    #[test]
    fn re4_nobody_waits_into_the_time_that_noting_takes() {
        assert!(!TimeLeft::new(RESERVE).allows(Duration::ZERO));
        assert!(TimeLeft::new(4 * RESERVE).allows(LONGEST));
        assert!(!TimeLeft::new(RESERVE + FIRST).allows(LONGEST));
    }
}
