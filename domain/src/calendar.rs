//! Calendar days in Europe/Paris. All dates of the procedure are such days.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// Rules, section 2: a registration is valid this many days from the registration date.
pub const VALIDITY_DAYS: i32 = 365;
/// Rules, section 3: renewal opens this many days before `expiresOn`.
pub const RENEWAL_WINDOW_DAYS: i32 = 30;
/// Rules, section 4: pending for *more than* this many days is overdue.
pub const PATIENCE_DAYS: i32 = 7;

/// Requirements GD3: personal data is erased this many days after `expiresOn`.
pub const RETENTION_DAYS: i32 = 365;

static PARIS: TimeZone = jiff::tz::get!("Europe/Paris");

/// Returns the civil date in Europe/Paris at an instant.
///
/// ```
/// let at = "2026-06-30T22:30:00Z".parse().unwrap();
/// assert_eq!(domain::calendar::day_in_paris(at).to_string(), "2026-07-01");
/// ```
pub fn day_in_paris(at: Timestamp) -> Date {
    PARIS.to_datetime(at).date()
}

/// Returns the date `days` calendar days after `date`. Saturates at the calendar's ends (years −9999 and 9999).
pub fn plus_days(date: Date, days: i32) -> Date {
    date.saturating_add(days.days())
}

/// Returns the first day on which a pending registration is overdue (rules, section 4).
pub fn overdue_from(registered_on: Date) -> Date {
    plus_days(registered_on, PATIENCE_DAYS + 1)
}

/// Returns the last day with access. Pages, mails and workbooks name this day; `expiresOn` is the first day without access.
pub fn last_day(expires_on: Date) -> Date {
    plus_days(expires_on, -1)
}

/// Formats a date the French way: `24/11/2026`.
pub fn french(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// Formats an instant the French way, by the clocks of Paris: `24/11/2026 à 23:59`.
///
/// ```
/// let at = "2026-11-24T22:59:00Z".parse().unwrap();
/// assert_eq!(domain::calendar::french_instant(at), "24/11/2026 à 23:59");
/// ```
pub fn french_instant(at: Timestamp) -> String {
    let there = PARIS.to_datetime(at);
    format!("{} à {:02}:{:02}", french(there.date()), there.hour(), there.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn paris(text: &str) -> Date {
        day_in_paris(text.parse().unwrap())
    }

    #[test]
    fn re9_365_days_cross_leap_years() {
        for (registered, expires) in [
            ("2027-03-01", "2028-02-29"),
            ("2028-02-29", "2029-02-28"),
            ("2027-12-31", "2028-12-30"),
            ("2026-11-24", "2027-11-24"),
        ] {
            assert_eq!(plus_days(day(registered), VALIDITY_DAYS), day(expires), "from {registered}");
        }
    }

    #[test]
    fn re9_seven_days_are_calendar_days_whatever_the_clock_change() {
        assert_eq!(plus_days(paris("2026-03-28T23:30:00+01:00"), PATIENCE_DAYS), day("2026-04-04"));
        assert_eq!(plus_days(paris("2026-10-25T00:30:00+02:00"), PATIENCE_DAYS), day("2026-11-01"));
    }

    #[test]
    fn re9_a_day_begins_at_midnight_in_paris() {
        assert_eq!(paris("2026-07-01T00:30:00+02:00"), day("2026-07-01"));
        assert_eq!(paris("2026-06-30T21:59:59Z"), day("2026-06-30"));
        assert_eq!(paris("2026-12-31T23:00:00Z"), day("2027-01-01"));
    }

    #[test]
    fn section_4_overdue_from_the_8th_calendar_day() {
        assert_eq!(overdue_from(day("2026-11-24")), day("2026-12-02"));
    }

    #[test]
    fn plus_days_saturates_at_the_calendar_s_end() {
        assert_eq!(plus_days(Date::MAX, 1), Date::MAX);
    }

    #[test]
    fn dates_are_formatted_the_french_way() {
        assert_eq!(french(day("2026-01-05")), "05/01/2026");
    }
}
