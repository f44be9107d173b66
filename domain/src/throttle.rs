//! Throttles of sign-in attempts and of requested messages, by e-mail address (contract, accounts; requirements PW3 and
//! S5).
//!
//! An attempt is counted before its password is verified, so that concurrent guesses all count.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The number of wrong passwords in a row after which an account waits.
pub const FREE_TRIES: u32 = 5;
/// The number of wrong passwords within a [`WINDOW`] after which an account waits until the oldest has left it.
pub const TRIES_A_WINDOW: u32 = 25;
/// The window in which attempts are counted: 24 h.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// The first wait, doubled by each further wrong password: 1 minute.
pub const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// The greatest number of reset messages in one [`RESET_WINDOW`].
pub const RESETS_A_WINDOW: usize = 3;
/// The window in which reset messages are counted: 1 h.
pub const RESET_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// The time in which only one wait of an address is announced to its owner: 24 h.
pub const ANNOUNCEMENT: SignedDuration = SignedDuration::from_hours(24);
/// The number of passwords that a reset link may be refused (requirements S10).
pub const REFUSALS_A_LINK: u32 = 20;

/// The sign-in attempts of one e-mail address, with or without an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tries {
    /// The wrong attempts of the last 24 hours, the oldest first.
    #[serde(default)]
    wrong: Vec<Timestamp>,
    /// Wrong attempts in a row.
    in_a_row: u32,
    /// No attempt is accepted before this instant.
    wait_until: Timestamp,
    /// The last announcement of a wait to the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announced_at: Option<Timestamp>,
}

impl Tries {
    /// Counts one more attempt at `now`. Returns `None` while the account waits.
    pub fn another(before: Option<&Self>, now: Timestamp) -> Option<Self> {
        if before.is_some_and(|before| before.waits(now)) {
            return None;
        }
        let mut wrong = within(before.map_or(&[], |before| &before.wrong), WINDOW, now);
        wrong.push(now);
        let (oldest, count) = (wrong[0], u32::try_from(wrong.len()).unwrap_or(u32::MAX));
        // Else one wrong password a day would keep an account waiting for good, once it has waited for long.
        let in_a_row = before.map_or(0, |before| before.in_a_row).saturating_add(1).min(count);
        let wait = now + wait_after(in_a_row);
        let wait_until = if count >= TRIES_A_WINDOW { wait.max(oldest + WINDOW) } else { wait };
        Some(Self { wrong, in_a_row, wait_until, announced_at: before.and_then(|before| before.announced_at) })
    }

    /// Returns whether the account waits at `now`.
    pub fn waits(&self, now: Timestamp) -> bool {
        now < self.wait_until
    }

    /// Returns how long the account waits from `now`; `None` if it does not.
    pub fn wait(&self, now: Timestamp) -> Option<SignedDuration> {
        self.waits(now).then(|| self.wait_until.duration_since(now))
    }

    /// Notes the announcement, at `now`, of the wait that has begun. Returns `None` if there is no wait, or if one was
    /// announced within the last 24 hours (requirements S5).
    pub fn announced(self, now: Timestamp) -> Option<Self> {
        let recently = self.announced_at.is_some_and(|at| now.duration_since(at) < ANNOUNCEMENT);
        (self.waits(now) && !recently).then_some(Self { announced_at: Some(now), ..self })
    }

    /// Takes note of the right password: the row ends, and this attempt does not count as wrong.
    #[must_use]
    pub fn succeeded(mut self, now: Timestamp) -> Self {
        self.wrong.pop();
        Self { in_a_row: 0, wait_until: now, ..self }
    }

    /// Returns the instant from which the counts have no effect and may be deleted.
    pub fn forgotten_at(&self) -> Timestamp {
        let counted = self.wrong.last().map(|last| *last + WINDOW);
        let announced = self.announced_at.map(|at| at + ANNOUNCEMENT);
        [counted, announced].into_iter().flatten().fold(self.wait_until, Timestamp::max)
    }
}

/// Returns the instants that are less than `window` before `now`. One ahead of `now`, of a clock that was set back, stays.
fn within(instants: &[Timestamp], window: SignedDuration, now: Timestamp) -> Vec<Timestamp> {
    instants.iter().copied().filter(|at| now.duration_since(*at) < window).collect()
}

/// Returns the wait after the n-th wrong password in a row: none up to the 4th, then 1 minute, doubling, 24 h at most.
fn wait_after(in_a_row: u32) -> SignedDuration {
    match in_a_row.checked_sub(FREE_TRIES) {
        None => SignedDuration::ZERO,
        Some(doublings) => (FIRST_WAIT * 2_i32.pow(doublings.min(11))).min(WINDOW),
    }
}

/// The messages of one kind that were requested for one e-mail address: reset links, or repeated invitations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRequests {
    /// The requests of the last hour, the oldest first.
    #[serde(default)]
    asked: Vec<Timestamp>,
}

impl MailRequests {
    /// Counts one more request at `now`. Returns `None` when three were made within the hour.
    pub fn another(before: Option<&Self>, now: Timestamp) -> Option<Self> {
        let mut asked = within(before.map_or(&[], |before| &before.asked), RESET_WINDOW, now);
        if asked.len() >= RESETS_A_WINDOW {
            return None;
        }
        asked.push(now);
        Some(Self { asked })
    }

    /// Returns the instant from which another request is accepted, seen from `now`.
    pub fn free_at(&self, now: Timestamp) -> Timestamp {
        let asked = within(&self.asked, RESET_WINDOW, now);
        let oldest = asked.len().checked_sub(RESETS_A_WINDOW).and_then(|first| asked.get(first));
        oldest.map_or(now, |at| *at + RESET_WINDOW)
    }

    /// Gives one request back, because its link was used (requirements S5).
    #[must_use]
    pub fn used(mut self) -> Self {
        self.asked.pop();
        self
    }

    /// Returns the instant from which the count has no effect and may be deleted; `now` if it has none.
    pub fn forgotten_at(&self, now: Timestamp) -> Timestamp {
        self.asked.last().map_or(now, |last| *last + RESET_WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_795_500_000 + seconds).unwrap()
    }

    #[test]
    fn pw3_five_wrong_ones_then_one_minute_doubling() {
        let mut tries = None;
        for second in 0..5 {
            tries = Some(Tries::another(tries.as_ref(), at(second)).expect("five are free"));
        }
        let mut now = 4;
        for wait in [60, 120, 240, 480] {
            assert_eq!(Tries::another(tries.as_ref(), at(now + wait - 1)), None, "a second before {wait}");
            now += wait;
            tries = Some(Tries::another(tries.as_ref(), at(now)).expect("the wait is over"));
        }
    }

    #[test]
    fn pw3_at_most_25_tries_in_24_hours() {
        let mut tries: Option<Tries> = None;
        let mut made = 0;
        // An attempt in every minute of a day: never more than 25, whatever the waits.
        for minute in 0..1440 {
            if let Some(more) = Tries::another(tries.as_ref(), at(minute * 60)) {
                tries = Some(more);
                made += 1;
            }
        }
        assert!(made <= 25, "{made} tries");
        // The owner's success every fourth attempt resets the row, not the day's count of wrong ones.
        let (mut tries, mut wrong): (Option<Tries>, u32) = (None, 0);
        for minute in 0..1440 {
            if let Some(more) = Tries::another(tries.as_ref(), at(minute * 60)) {
                let owner = minute % 4 == 3;
                tries = Some(if owner { more.succeeded(at(minute * 60)) } else { more });
                wrong += u32::from(!owner);
            }
        }
        assert_eq!(wrong, 25);
    }

    #[test]
    fn pw3_no_24_hours_hold_more_than_25_tries() {
        // One early try, then as many as possible at the end of its 24 hours and right after.
        let mut tries = Tries::another(None, at(0));
        let mut made = vec![0];
        for second in (23 * 3600..26 * 3600).step_by(10) {
            if let Some(more) = Tries::another(tries.as_ref(), at(second)) {
                made.push(second);
                // An owner who signs in after each fourth try ends the row, not the day's count.
                tries = Some(if made.len() % 4 == 0 { Tries { in_a_row: 0, wait_until: at(0), ..more } } else { more });
            }
        }
        for (n, first) in made.iter().enumerate() {
            let within = made[n..].iter().filter(|second| **second - first < WINDOW.as_secs()).count();
            assert!(within <= 25, "{within} from {first}");
        }
    }

    #[test]
    fn pw3_a_librarian_may_sign_in_all_day() {
        let mut tries = None;
        for minute in 0..200 {
            let now = at(minute * 60);
            tries = Some(Tries::another(tries.as_ref(), now).expect("a right password causes no wait").succeeded(now));
        }
    }

    #[test]
    fn pw3_the_right_password_ends_the_row() {
        let mut tries = None;
        for _ in 0..4 {
            tries = Tries::another(tries.as_ref(), at(0));
        }
        let tries = Tries::another(tries.as_ref(), at(0)).unwrap().succeeded(at(0));
        assert!(Tries::another(Some(&tries), at(0)).is_some());
    }

    #[test]
    fn pw3_three_resets_an_hour() {
        let mut resets = None;
        for _ in 0..3 {
            resets = Some(MailRequests::another(resets.as_ref(), at(0)).unwrap());
        }
        assert_eq!(MailRequests::another(resets.as_ref(), at(3599)), None);
        let spread =
            [0, 3598, 3599].into_iter().fold(None, |before, second| MailRequests::another(before.as_ref(), at(second)));
        let next = MailRequests::another(spread.as_ref(), at(3600)).expect("the first has left the hour");
        assert_eq!(MailRequests::another(Some(&next), at(3601)), None, "any hour holds three");
        assert_eq!(next.free_at(at(3601)), at(3598 + 3600));
        assert_eq!(next.free_at(at(9000)), at(9000));
        assert!(MailRequests::another(resets.as_ref(), at(3600)).is_some());
    }

    #[test]
    fn pw3_the_25th_wrong_one_waits_for_the_oldest_to_leave() {
        let mut tries = None;
        for n in 1..=25 {
            let so_far = Tries::another(tries.as_ref(), at(n)).unwrap();
            // An owner's success in between ends the row, not the 24 hours.
            tries = Some(if n < 25 { Tries { in_a_row: 0, wait_until: at(0), ..so_far } } else { so_far });
        }
        assert_eq!(tries.unwrap().wait_until, at(1) + WINDOW);
    }

    #[test]
    fn s5_a_wait_ends_with_its_24_hours() {
        let before = Tries { in_a_row: 16, ..Tries::another(None, at(0)).unwrap() };
        let day = WINDOW.as_secs();
        let next = Tries::another(Some(&before), at(day)).unwrap();
        assert!(!next.waits(at(day)), "one wrong password a day does not make an account wait");
        let same_day = Tries::another(Some(&before), at(day - 1)).unwrap();
        assert!(!same_day.waits(at(day - 1)), "nor do two in 24 hours");
    }

    #[test]
    fn s5_the_first_wait_in_24_hours_is_announced() {
        let wait_at = |before: Option<Tries>, second: i64| {
            let five = (0..5).fold(before, |tries, _| Some(Tries::another(tries.as_ref(), at(second)).unwrap()));
            five.unwrap()
        };
        let free = Tries::another(None, at(0)).unwrap();
        assert_eq!(free.clone().announced(at(0)), None, "no wait, nothing to tell");
        let told = wait_at(None, 0).announced(at(0)).expect("the first wait");
        assert_eq!(told.clone().announced(at(0)), None, "once");
        let later = Tries::another(Some(&told), at(60)).unwrap();
        assert_eq!(later.clone().announced(at(60)), None, "a longer wait of the same day");
        let day = WINDOW.as_secs();
        let signed_in = later.succeeded(at(61));
        assert_eq!(
            wait_at(Some(signed_in.clone()), day - 1).announced(at(day - 1)),
            None,
            "another wait within 24 hours"
        );
        assert!(wait_at(Some(signed_in), day).announced(at(day)).is_some(), "a day later");
        assert_eq!(told.forgotten_at(), at(0) + WINDOW);
        assert_eq!(Tries { announced_at: Some(at(50)), ..free }.forgotten_at(), at(50) + ANNOUNCEMENT);
    }

    #[test]
    fn s5_a_used_link_gives_its_request_back() {
        let three =
            (0..3).fold(None, |resets, _| Some(MailRequests::another(resets.as_ref(), at(0)).unwrap())).unwrap();
        assert_eq!(MailRequests::another(Some(&three), at(1)), None);
        assert!(MailRequests::another(Some(&three.used()), at(1)).is_some());
        assert_eq!(MailRequests { asked: vec![] }.used(), MailRequests { asked: vec![] });
    }

    #[test]
    fn counts_are_forgotten_when_they_no_longer_matter() {
        let tries = Tries::another(None, at(0)).unwrap();
        assert_eq!(tries.forgotten_at(), at(0) + WINDOW);
        assert_eq!(Tries { wait_until: at(90_000), ..tries }.forgotten_at(), at(90_000));
        assert_eq!(MailRequests::another(None, at(0)).unwrap().forgotten_at(at(9)), at(0) + RESET_WINDOW);
        assert_eq!(MailRequests { asked: vec![] }.forgotten_at(at(9)), at(9));
    }

    proptest! {
        #[test]
        fn no_sequence_of_tries_overflows_or_waits_for_ever(gaps in proptest::collection::vec(0_i64..200_000, 1..80)) {
            let (mut tries, mut now) = (None, 0);
            for gap in gaps {
                now += gap;
                if let Some(more) = Tries::another(tries.as_ref(), at(now)) {
                    prop_assert!(more.wait_until <= at(now) + WINDOW);
                    tries = Some(more);
                }
            }
        }
    }
}
