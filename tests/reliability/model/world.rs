//! The model of the procedure in its simplest form: no table, no network, no faults.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::{
    accounts::{Account, Session, Tries},
    ops::{Event, Form, LIBRARIES, Status},
    people::{Address, Reach, Who},
};
use crate::support::FLEURY;

pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A history line: action, actor, time.
pub(crate) type Line = (&'static str, String, Timestamp);

/// One registration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// Sequence number of the registration. It identifies the record, because the real id is random.
    pub(crate) number: usize,
    /// Index of the last name. Two persons differ only by it: they have the same first name and birth date.
    pub(crate) name: usize,
    pub(crate) library: &'static str,
    /// The address, and so the account that holds the registration.
    pub(crate) of: Address,
    pub(crate) town: usize,
    pub(crate) resource: usize,
    pub(crate) registered_on: Date,
    pub(crate) expires_on: Date,
    pub(crate) activated_on: Option<Date>,
    pub(crate) activated_by: Option<String>,
    pub(crate) renewed_on: Option<Date>,
    pub(crate) warned_on: Option<Date>,
    pub(crate) escalated_on: Option<Date>,
    pub(crate) lines: Vec<Line>,
    /// The number of address changes without a message, because the old address was marked.
    pub(crate) unsaid: usize,
    /// Whether it joined an account when it was registered.
    pub(crate) joined: bool,
}

/// The subject of a message: its kind, and the recipient or the registrations that it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum About {
    Activation { number: usize },
    Link { of: Address },
    Chosen { of: Address },
    Waits { of: Address },
    Moved { old: Address, number: usize },
    Invited { of: Address },
    Changed { to: String },
    Warning { library: &'static str, numbers: BTreeSet<usize> },
    Escalation { numbers: BTreeSet<usize> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Post {
    Unsent,
    Sent,
    Dropped,
    /// The message was erased with the person.
    Gone,
}

#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) about: About,
    pub(crate) written_at: Timestamp,
    pub(crate) post: Post,
    /// End of the wait or the lease that a failed delivery may have left.
    pub(crate) held_until: Timestamp,
    /// Deliveries that may have failed.
    pub(crate) failed: usize,
    /// The recipient, once sent.
    pub(crate) to: Option<String>,
    /// The worst delivery event so far.
    pub(crate) worst: Option<Event>,
}

/// A used idempotency key.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) body: Form,
    pub(crate) until: Timestamp,
    pub(crate) number: usize,
}

/// The trace of an export of a library's list, or of the whole county's.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub(crate) scope: Option<&'static str>,
    pub(crate) by: Who,
    pub(crate) at: Timestamp,
    pub(crate) status: Option<Status>,
    /// The registrations in the workbook.
    pub(crate) held: BTreeSet<usize>,
    /// The number of lines of each history at the time of the export.
    pub(crate) lines: BTreeMap<usize, usize>,
}

/// The complete state of the desk.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) records: Vec<Record>,
    pub(crate) erased: Vec<Record>,
    pub(crate) mails: Vec<Mail>,
    /// Index of each library's address; absent if it has none.
    pub(crate) libraries: BTreeMap<&'static str, usize>,
    /// Whether each resource is active.
    pub(crate) resources: [bool; 2],
    pub(crate) staff: BTreeMap<Who, Reach>,
    pub(crate) accounts: BTreeMap<Address, Account>,
    /// Sessions in the order in which they were opened.
    pub(crate) sessions: Vec<Session>,
    pub(crate) tries: BTreeMap<Address, Tries>,
    pub(crate) keys: BTreeMap<(Who, usize), Key>,
    /// Instants of the last links asked for, by address.
    pub(crate) asked: BTreeMap<Address, Vec<Timestamp>>,
    pub(crate) traces: Vec<Trace>,
    /// Whether the password was given within 15 minutes in the session of the present request.
    pub(crate) confirmed: bool,
    /// Libraries that were saved by a request, under the name of its form.
    pub(crate) renamed: BTreeSet<&'static str>,
    /// The lines of the directory's history.
    pub(crate) directory: Vec<String>,
}

impl World {
    /// Returns the world at the start of a sequence: the staff have a password and are signed in.
    pub(crate) fn new(now: Timestamp) -> Self {
        let staff = Who::ALL.map(|who| (who, who.first_reach()));
        let addresses = Who::ALL.map(Address::Staff);
        let mut world = Self {
            now,
            records: Vec::new(),
            erased: Vec::new(),
            mails: Vec::new(),
            libraries: LIBRARIES.map(|library| (library, 0)).into(),
            resources: [true; 2],
            staff: staff.into(),
            accounts: addresses.map(|of| (of, Account::with(super::accounts::Password::Chosen(0)))).into(),
            sessions: Vec::new(),
            tries: BTreeMap::new(),
            keys: BTreeMap::new(),
            asked: BTreeMap::new(),
            traces: Vec::new(),
            confirmed: true,
            renamed: BTreeSet::new(),
            directory: Vec::new(),
        };
        for of in addresses {
            world.open_session(of);
        }
        world
    }

    pub(crate) fn today(&self) -> Date {
        jiff::tz::get!("Europe/Paris").to_datetime(self.now).date()
    }

    /// Returns the reach of a caller, or the status of the refusal: 403 for a patron who is not staff.
    pub(crate) fn reach(&self, by: Who) -> Result<Reach, u16> {
        let refused = if self.accounts.contains_key(&Address::Staff(by)) { 403 } else { 401 };
        self.staff.get(&by).copied().ok_or(refused)
    }

    pub(crate) fn reaches(&self, by: Who, library: &str) -> bool {
        self.staff.get(&by).is_some_and(|reach| reach.holds(library))
    }

    pub(crate) fn is_county(&self, by: Who) -> bool {
        self.staff.get(&by) == Some(&Reach::County)
    }

    pub(crate) fn by_number(&self, number: usize) -> Option<&Record> {
        self.records.iter().find(|record| record.number == number)
    }

    /// Returns the registrations in a caller's list.
    pub(crate) fn listed(&self, by: Who, status: Option<Status>) -> Vec<&Record> {
        let today = self.today();
        let of_status = |record: &&Record| status.is_none_or(|status| status == record.status(today));
        self.records.iter().filter(|record| self.reaches(by, record.library)).filter(of_status).collect()
    }

    pub(crate) fn write(&mut self, about: About) {
        let (written_at, held_until) = (self.now, self.now);
        self.mails.push(Mail { about, written_at, post: Post::Unsent, held_until, failed: 0, to: None, worst: None });
    }
}

impl Record {
    pub(crate) fn status(&self, today: Date) -> Status {
        match self.activated_on {
            None => Status::Pending,
            Some(_) if today < self.expires_on => Status::Active,
            Some(_) => Status::Expired,
        }
    }
}

pub(crate) fn days(date: Date, days: i64) -> Date {
    date + days.days()
}

pub(crate) fn library_email(library: &str, n: usize) -> String {
    let town = if library == FLEURY { "fleury" } else { "auneuil" };
    format!("{town}{}@oise.example", ["", "-bis"][n])
}

/// Returns a last name. It is one word, because digests are searched for it.
pub(crate) fn last_name(name: usize) -> String {
    format!("Nom{}", ["alpha", "beta", "gamma", "delta"][name])
}
