//! Life cycles of registrations up to today. Each step goes through the procedure's rules on the day it was due.

use domain::{
    Account, Registration,
    calendar::{RENEWAL_WINDOW_DAYS, VALIDITY_DAYS, overdue_from, plus_days},
    history::{Action, Author, Job, Line},
};
use jiff::{
    Timestamp,
    civil::{Date, time},
    tz::TimeZone,
};

use crate::{Error, draw::Draw};

static PARIS: TimeZone = jiff::tz::get!("Europe/Paris");
/// Days between the library's warning and the county's, the template's default.
const GRACE_DAYS: i32 = 2;

/// The state that a registration has reached today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Story {
    /// Pending for at most a week.
    Fresh,
    /// Pending for longer; not processed by the daily job yet.
    Overdue,
    /// Its library was warned yesterday.
    Warned,
    /// The county was warned as well.
    Escalated,
    /// Still pending after its `expires_on`: can only be renewed.
    Lapsed,
    /// Activated by its library.
    Active,
    /// Activated by the county (rules, section 4).
    Unblocked,
    /// Active for at most another 30 days: can be renewed.
    Expiring,
    /// Renewed at the end of its first year.
    Renewed,
    /// Its year is over.
    Expired,
    /// Its second year is over.
    ExpiredAgain,
}

impl Story {
    /// Returns the story of the registration at `index`. Each twenty registrations contain every common story.
    pub(crate) fn of(index: usize) -> Self {
        let seldom = (index / 20).is_multiple_of(3);
        match index % 20 {
            0 | 1 => Self::Fresh,
            2 => Self::Overdue,
            3 => Self::Warned,
            4 => Self::Escalated,
            12 => Self::Unblocked,
            13 => Self::Expiring,
            14 | 15 => Self::Renewed,
            16 | 17 => Self::Expired,
            18 if seldom => Self::Lapsed,
            19 if seldom => Self::ExpiredAgain,
            _ => Self::Active,
        }
    }

    /// Returns the registration's age in days.
    pub(crate) fn age(self, draw: &mut Draw) -> i32 {
        let (from, to) = match self {
            Self::Fresh => (0, 7),
            Self::Overdue => (8, 20),
            Self::Warned => (9, 15),
            Self::Escalated => (10, 40),
            Self::Lapsed => (VALIDITY_DAYS + 5, VALIDITY_DAYS + 35),
            Self::Active => (1, VALIDITY_DAYS - RENEWAL_WINDOW_DAYS - 1),
            Self::Unblocked => (15, 200),
            Self::Expiring => (VALIDITY_DAYS - RENEWAL_WINDOW_DAYS, VALIDITY_DAYS - 1),
            Self::Renewed => (VALIDITY_DAYS + 15, 2 * VALIDITY_DAYS - 40),
            Self::Expired => (VALIDITY_DAYS, VALIDITY_DAYS + 250),
            Self::ExpiredAgain => (2 * VALIDITY_DAYS + 15, 2 * VALIDITY_DAYS + 200),
        };
        draw.days(from, to)
    }
}

/// One change and its history line.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) after: Registration,
    pub(crate) line: Line,
}

/// The accounts that change a registration.
#[derive(Debug)]
pub(crate) struct Actors<'a> {
    pub(crate) librarian: &'a Account,
    pub(crate) county: &'a Account,
    /// Whether the library has an e-mail address. Without one, the county is warned at once.
    pub(crate) library_has_address: bool,
}

/// Builds the steps of one registration.
#[derive(Debug)]
pub(crate) struct Timeline<'a> {
    pub(crate) record: Registration,
    pub(crate) steps: Vec<Step>,
    pub(crate) actors: Actors<'a>,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
}

impl Timeline<'_> {
    /// Adds the steps of a story, from the registration day on.
    pub(crate) fn play(&mut self, story: Story, draw: &mut Draw) -> Result<(), Error> {
        let (day, year) = (self.record.registered_on, self.record.expires_on);
        match story {
            Story::Fresh | Story::Overdue => Ok(()),
            Story::Warned if self.actors.library_has_address => self.warn(plus_days(self.today, -1)),
            Story::Warned | Story::Escalated | Story::Lapsed => self.escalate(overdue_from(day)),
            Story::Unblocked => {
                self.escalate(overdue_from(day))?;
                let by = self.actors.county;
                self.activate(by, plus_days(overdue_from(day), GRACE_DAYS + draw.days(1, 4)), draw)
            }
            _ => {
                let by = self.actors.librarian;
                self.activate(by, plus_days(day, draw.days(0, 6)).min(self.today), draw)?;
                if matches!(story, Story::Renewed | Story::ExpiredAgain) {
                    self.renew(plus_days(year, draw.days(-20, 10)), draw)?;
                }
                Ok(())
            }
        }
    }

    fn warn(&mut self, day: Date) -> Result<(), Error> {
        self.add(self.record.warned(day), Author::Job(Job::Escalate), Action::Warned, day, (7, 0))
    }

    /// Warns the library, and the county [`GRACE_DAYS`] later; without a library address the county at once.
    fn escalate(&mut self, overdue_from: Date) -> Result<(), Error> {
        let mut day = overdue_from;
        if self.actors.library_has_address {
            self.warn(day)?;
            day = plus_days(day, GRACE_DAYS);
        }
        self.add(self.record.escalated(day), Author::Job(Job::Escalate), Action::Escalated, day, (7, 0))
    }

    fn activate(&mut self, by: &Account, day: Date, draw: &mut Draw) -> Result<(), Error> {
        let active = self.record.activate(by, day).map_err(Error::Refused)?;
        let active = active.unwrap_or_else(|| self.record.clone());
        self.add(active, Author::Account(by.email.clone()), Action::Activated, day, afternoon(draw))
    }

    fn renew(&mut self, day: Date, draw: &mut Draw) -> Result<(), Error> {
        let by = self.actors.librarian;
        let renewed = self.record.renew(by, day).map_err(Error::Refused)?;
        self.add(renewed, Author::Account(by.email.clone()), Action::Renewed, day, afternoon(draw))
    }

    fn add(&mut self, after: Registration, by: Author, action: Action, day: Date, hour: (i8, i8)) -> Result<(), Error> {
        let line = Line { at: instant(day, hour, self.now)?, by, action };
        self.steps.push(Step { after: after.clone(), line });
        self.record = after;
        Ok(())
    }
}

/// Returns a random morning hour and minute.
pub(crate) fn morning(draw: &mut Draw) -> (i8, i8) {
    (if draw.chance(50) { 9 } else { 11 }, minute(draw))
}

fn afternoon(draw: &mut Draw) -> (i8, i8) {
    (if draw.chance(50) { 14 } else { 17 }, minute(draw))
}

fn minute(draw: &mut Draw) -> i8 {
    i8::try_from(draw.below(60)).unwrap_or(0)
}

/// Returns the instant of a time of day in Paris, at most `now`.
pub(crate) fn instant(day: Date, (hour, minute): (i8, i8), now: Timestamp) -> Result<Timestamp, Error> {
    let at = PARIS.to_timestamp(day.to_datetime(time(hour, minute, 0, 0))).map_err(Error::Day)?;
    Ok(at.min(now))
}
