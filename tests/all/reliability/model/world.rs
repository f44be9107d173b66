//! The procedure as plainly as it can be said: what there should be, without a table, a network or a fault.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::ops::{LIBRARIES, Who};

/// What a history says: action, whose hand, when.
pub(crate) type Line = (&'static str, String, Timestamp);

/// One registration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// Counts registerings: what a record is known by, since its id is drawn at random.
    pub(crate) number: usize,
    /// Under which last name: that of the address they were registered with.
    pub(crate) name: usize,
    pub(crate) library: &'static str,
    pub(crate) email: usize,
    pub(crate) town: usize,
    pub(crate) registered_on: Date,
    pub(crate) expires_on: Date,
    pub(crate) activated_on: Option<Date>,
    pub(crate) activated_by: Option<String>,
    pub(crate) renewed_on: Option<Date>,
    pub(crate) warned_on: Option<Date>,
    pub(crate) escalated_on: Option<Date>,
    pub(crate) lines: Vec<Line>,
    /// The mail of the newest link asked for.
    pub(crate) reset_mail: Option<usize>,
    /// The same; it goes along when the address is corrected, and goes when the person is erased.
    pub(crate) link_mail: Option<usize>,
}

/// Whom a mail is for, or about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum About {
    Activation { number: usize },
    Link { email: usize },
    Moved { old: usize },
    Warning { library: &'static str, numbers: BTreeSet<usize> },
    Escalation { numbers: BTreeSet<usize> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    Unsent,
    Sent,
    Dropped,
    /// Erased with the person.
    Gone,
}

#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) about: About,
    pub(crate) written_at: Timestamp,
    pub(crate) post: Post,
    /// Until when a delivery that went wrong may hold it.
    pub(crate) held_until: Timestamp,
}

/// All of it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) records: Vec<Record>,
    pub(crate) erased: Vec<Record>,
    pub(crate) mails: Vec<Mail>,
    /// Libraries with an address.
    pub(crate) reachable: BTreeSet<&'static str>,
    pub(crate) keys: BTreeMap<(Who, usize), Key>,
    /// Links asked for by address: since when, how many.
    pub(crate) asked: BTreeMap<usize, (Timestamp, usize)>,
}

/// What an idempotency key stands for.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) body: (&'static str, usize),
    pub(crate) until: Timestamp,
    pub(crate) number: usize,
}

impl World {
    pub(crate) fn new(now: Timestamp) -> Self {
        let reachable = LIBRARIES.into_iter().collect();
        Self {
            now,
            records: Vec::new(),
            erased: Vec::new(),
            mails: Vec::new(),
            reachable,
            keys: BTreeMap::new(),
            asked: BTreeMap::new(),
        }
    }

    pub(crate) fn today(&self) -> Date {
        jiff::tz::get!("Europe/Paris").to_datetime(self.now).date()
    }

    pub(crate) fn by_email(&self, email: usize) -> Option<&Record> {
        self.records.iter().find(|record| record.email == email)
    }

    pub(crate) fn by_number(&self, number: usize) -> Option<&Record> {
        self.records.iter().find(|record| record.number == number)
    }

    pub(crate) fn write(&mut self, about: About) {
        self.mails.push(Mail { about, written_at: self.now, post: Post::Unsent, held_until: self.now });
    }

    /// Whether a mail that is handed over now goes out, to whom, and whose names a digest holds.
    pub(crate) fn goes_out(&self, at: usize) -> Option<(String, BTreeSet<usize>)> {
        let mail = &self.mails[at];
        let pending = |numbers: &BTreeSet<usize>| -> BTreeSet<usize> {
            let waits = |number: &&usize| self.by_number(**number).is_some_and(|record| record.activated_on.is_none());
            numbers.iter().filter(waits).copied().collect()
        };
        match &mail.about {
            About::Activation { number } => {
                self.by_number(*number).map(|record| (email(record.email), BTreeSet::new()))
            }
            About::Moved { old } => Some((email(*old), BTreeSet::new())),
            About::Link { email: to } => {
                let account = self.by_email(*to)?;
                let newest = account.reset_mail == Some(at);
                let fresh = self.now < mail.written_at + SignedDuration::from_hours(1);
                (newest || fresh).then(|| (email(*to), BTreeSet::new()))
            }
            About::Warning { library, numbers } => {
                let patrons = pending(numbers);
                let listed = self.reachable.contains(library) && !patrons.is_empty();
                listed.then(|| (library_email(library), patrons))
            }
            About::Escalation { numbers } => {
                let patrons = pending(numbers);
                (!patrons.is_empty()).then(|| (crate::support::COUNTY.to_owned(), patrons))
            }
        }
    }
}

pub(crate) fn days(date: Date, days: i64) -> Date {
    date + days.days()
}

pub(crate) fn email(n: usize) -> String {
    format!("usager{n}@orange.example")
}

pub(crate) fn library_email(library: &str) -> String {
    format!("{}@oise.example", library.to_lowercase())
}

/// A last name: one word, since a digest is searched for it.
pub(crate) fn last_name(name: usize) -> String {
    format!("Nom{}", ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"][name])
}

impl About {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Activation { .. } => "activation",
            Self::Link { .. } => "password-link",
            Self::Moved { .. } => "email-changed",
            Self::Warning { .. } => "library-digest",
            Self::Escalation { .. } => "county-digest",
        }
    }
}
