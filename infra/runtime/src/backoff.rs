//! The pause before another try.

use std::time::Duration;

use crate::Ids;

/// A back-off with full jitter: each pause is random between zero and a bound, so that many processes do not return
/// together. The bound doubles with each try.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// Bound of the first pause.
    pub first: Duration,
    /// Bound of all pauses.
    pub longest: Duration,
}

impl Backoff {
    /// Pauses after the `tried`-th try, counted from 1.
    pub async fn pause(self, ids: &Ids, tried: u32) {
        self.pause_if(ids, tried, |_| true).await;
    }

    /// Pauses after the `tried`-th try if a pause of that length is allowed. Returns `false` if it is not.
    #[expect(clippy::disallowed_methods, reason = "the wait is a back-off")]
    pub async fn pause_if(self, ids: &Ids, tried: u32, allowed: impl FnOnce(Duration) -> bool) -> bool {
        let wait = self.wait(ids, tried);
        let allowed = allowed(wait);
        if allowed {
            tokio::time::sleep(wait).await;
        }
        allowed
    }

    fn wait(self, ids: &Ids, tried: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(tried.saturating_sub(1));
        let bound = self.first.saturating_mul(doubled).min(self.longest);
        bound.mul_f64(f64::from(u32::from_be_bytes(ids.bytes())) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_millis(20), longest: Duration::from_millis(500) };

    #[test]
    fn c14_pauses_are_random_grow_and_have_a_bound() {
        let ids = Ids::System;
        let longest = |tried| (0..200).map(|_| BACKOFF.wait(&ids, tried)).max().unwrap_or_default();
        assert!(longest(1) <= BACKOFF.first && longest(3) <= 4 * BACKOFF.first && longest(u32::MAX) <= BACKOFF.longest);
        assert!(longest(3) > 2 * BACKOFF.first && longest(30) > BACKOFF.longest / 2);
        assert_ne!(BACKOFF.wait(&ids, 5), BACKOFF.wait(&ids, 5));
    }
}
