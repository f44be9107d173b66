//! Networks, and the windows in which their requests are counted (requirements S7).

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

/// The window in which the requests of one network are counted: 10 minutes.
pub const SOURCE_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// The requests of a network that are counted, each kind apart (requirements S7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limited {
    /// Failed sign-ins.
    SignIns,
    /// Requests of a reset link.
    Resets,
}

impl Limited {
    /// Returns the name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIns => "sign-ins",
            Self::Resets => "resets",
        }
    }
}

/// Returns the network that an IP address stands for: the address itself in IPv4; in IPv6 its first 64 bits, because
/// one customer has all addresses below them. A text that is no address stands for itself.
///
/// ```
/// use domain::network::network;
///
/// assert_eq!(network("192.0.2.1"), "192.0.2.1");
/// assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
/// assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
/// ```
pub fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        Err(_) => address.to_owned(),
    }
}

/// Returns the start and the end of the window that contains `now`.
pub fn source_window(now: Timestamp) -> (Timestamp, Timestamp) {
    let length = SOURCE_WINDOW.as_secs();
    let since = Timestamp::from_second(now.as_second().div_euclid(length) * length).unwrap_or(now);
    (since, since.saturating_add(SOURCE_WINDOW).unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_address_is_counted_in_windows_of_10_minutes() {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        let (since, until) = (instant("2026-11-24T08:10:00Z"), instant("2026-11-24T08:20:00Z"));
        assert_eq!(source_window(since), (since, until));
        assert_eq!(source_window(instant("2026-11-24T08:19:59Z")), (since, until));
        assert_eq!(source_window(until).0, until);
    }
}
