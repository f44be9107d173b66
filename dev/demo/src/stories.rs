//! What may have become of a registration by today, each step taken by the procedure's own rules on the day it was due.

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
/// From the library's warning to the county's, as the template has it.
const GRACE_DAYS: i32 = 2;

/// How a registration stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Story {
    /// Pending for a week at most.
    Fresh,
    /// Pending for longer; the daily job has not seen it yet.
    Overdue,
    /// Its library was warned yesterday.
    Warned,
    /// The county was told as well.
    Escalated,
    /// Still pending though its year is over: can only be renewed.
    Lapsed,
    /// Validated by its library.
    Active,
    /// Validated by the county, in last resort.
    Unblocked,
    /// Active for a month at most: can be renewed.
    Expiring,
    /// Renewed at the end of its first year.
    Renewed,
    /// Its year is over.
    Expired,
    /// Its second year is over.
    ExpiredAgain,
}

impl Story {
    /// The story of the registration at `index`: in each twenty of them, every usual one.
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

    /// How many days ago it began.
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

/// One change, with the line that its history has of it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) after: Registration,
    pub(crate) line: Line,
}

/// Who may have had a hand in it.
#[derive(Debug)]
pub(crate) struct Hands<'a> {
    pub(crate) librarian: &'a Account,
    pub(crate) county: &'a Account,
    /// Without one, its library can't be warned: the county is told at once.
    pub(crate) library_has_address: bool,
}

/// A registration on its way.
#[derive(Debug)]
pub(crate) struct Telling<'a> {
    pub(crate) record: Registration,
    pub(crate) steps: Vec<Step>,
    pub(crate) hands: Hands<'a>,
    pub(crate) now: Timestamp,
    pub(crate) today: Date,
}

impl Telling<'_> {
    /// Tells a story from the day it was registered to its end.
    pub(crate) fn tell(&mut self, story: Story, draw: &mut Draw) -> Result<(), Error> {
        let (day, year) = (self.record.registered_on, self.record.expires_on);
        match story {
            Story::Fresh | Story::Overdue => Ok(()),
            Story::Warned if self.hands.library_has_address => self.warn(plus_days(self.today, -1)),
            Story::Warned | Story::Escalated | Story::Lapsed => self.escalate(overdue_from(day)),
            Story::Unblocked => {
                self.escalate(overdue_from(day))?;
                let by = self.hands.county;
                self.activate(by, plus_days(overdue_from(day), GRACE_DAYS + draw.days(1, 4)), draw)
            }
            _ => {
                let by = self.hands.librarian;
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

    /// The library's warning, and the county's when its days of grace are over.
    fn escalate(&mut self, overdue_from: Date) -> Result<(), Error> {
        let mut day = overdue_from;
        if self.hands.library_has_address {
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
        let by = self.hands.librarian;
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

/// A morning's hour and minute at the desk.
pub(crate) fn morning(draw: &mut Draw) -> (i8, i8) {
    (if draw.chance(50) { 9 } else { 11 }, minute(draw))
}

fn afternoon(draw: &mut Draw) -> (i8, i8) {
    (if draw.chance(50) { 14 } else { 17 }, minute(draw))
}

fn minute(draw: &mut Draw) -> i8 {
    i8::try_from(draw.below(60)).unwrap_or(0)
}

/// An hour of a day in Paris, unless that is still to come: then now.
pub(crate) fn instant(day: Date, (hour, minute): (i8, i8), now: Timestamp) -> Result<Timestamp, Error> {
    let at = PARIS.to_timestamp(day.to_datetime(time(hour, minute, 0, 0))).map_err(Error::Day)?;
    Ok(at.min(now))
}
