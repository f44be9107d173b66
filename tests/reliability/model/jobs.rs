//! The model's jobs, and its decision which messages go out.

use std::collections::BTreeSet;

use super::{
    ops::LIBRARIES,
    people::{Address, Who},
    world::{About, HOUR, Record, World, days, library_email},
};

impl World {
    /// Returns the digests that the daily job has to write, in order. Each is a separate change.
    pub(crate) fn owed(&self) -> Vec<About> {
        let today = self.today();
        let overdue = |r: &&Record| r.activated_on.is_none() && today > days(r.registered_on, 7);
        let due: Vec<&Record> = self.records.iter().filter(overdue).filter(|r| r.escalated_on.is_none()).collect();
        let of = |wanted: &dyn Fn(&Record) -> bool| -> BTreeSet<usize> {
            due.iter().filter(|record| wanted(record)).map(|record| record.number).collect()
        };
        let mut owed = Vec::new();
        for library in LIBRARIES.into_iter().filter(|library| self.libraries.contains_key(library)) {
            owed.push(About::Warning { library, numbers: of(&|r| r.library == library && r.warned_on.is_none()) });
        }
        let grace_over = |r: &Record| match r.warned_on {
            Some(warned) => today >= days(warned, 2),
            None => !self.libraries.contains_key(r.library),
        };
        owed.push(About::Escalation { numbers: of(&grace_over) });
        owed.retain(|about| !matches!(about, About::Warning { numbers, .. } | About::Escalation { numbers } if numbers.is_empty()));
        owed
    }

    /// Writes a digest and marks the registrations that it lists.
    pub(crate) fn write_digest(&mut self, about: About) {
        let (now, today) = (self.now, self.today());
        let (About::Warning { numbers, .. } | About::Escalation { numbers }) = &about else { return };
        for record in self.records.iter_mut().filter(|record| numbers.contains(&record.number)) {
            let warns = matches!(about, About::Warning { .. });
            *(if warns { &mut record.warned_on } else { &mut record.escalated_on }) = Some(today);
            record.lines.push((if warns { "warned" } else { "escalated" }, "escalate".to_owned(), now));
        }
        self.write(about);
    }

    /// Returns those of a digest's registrations that were warned on an earlier day than that of its sending.
    pub(crate) fn warned_late(&self, listed: &BTreeSet<usize>) -> BTreeSet<usize> {
        let is_late = |r: &&Record| r.warned_on.is_some_and(|day| day < self.today()) && r.escalated_on.is_none();
        let late = self.records.iter().filter(is_late).map(|record| record.number);
        late.filter(|number| listed.contains(number)).collect()
    }

    /// Dates warnings by the sending of their digest.
    pub(crate) fn date_warnings(&mut self, late: &BTreeSet<usize>) {
        let (now, today) = (self.now, self.today());
        for record in self.records.iter_mut().filter(|record| late.contains(&record.number)) {
            record.warned_on = Some(today);
            record.lines.push(("warned", "escalate".to_owned(), now));
        }
    }

    /// Returns the registrations that expired at least 365 days ago.
    pub(crate) fn outlived(&self) -> BTreeSet<usize> {
        let over = |record: &&Record| self.today() >= days(record.expires_on, 365);
        self.records.iter().filter(over).map(|record| record.number).collect()
    }

    /// Erases registrations as the nightly purge does.
    pub(crate) fn purge(&mut self, numbers: &BTreeSet<usize>) {
        for number in numbers {
            let which = self.records.iter().position(|record| record.number == *number);
            self.forget(which.expect("it is there"), "purge");
        }
    }

    /// Returns the recipient of a message that is handed over now, and the registrations that a digest names. `None` if
    /// the message is dropped.
    pub(crate) fn goes_out(&self, at: usize) -> Option<(String, BTreeSet<usize>)> {
        let mail = &self.mails[at];
        let of = |library: &'static str, numbers: &BTreeSet<usize>| -> BTreeSet<usize> {
            let there = |number: &&usize| self.by_number(**number).is_some_and(|record| record.library == library);
            numbers.iter().filter(there).copied().collect()
        };
        let pending = |numbers: &BTreeSet<usize>| -> BTreeSet<usize> {
            let waits = |number: &&usize| self.by_number(**number).is_some_and(|record| record.activated_on.is_none());
            numbers.iter().filter(waits).copied().collect()
        };
        match &mail.about {
            About::Activation { number } => {
                let of = self.by_number(*number)?.of;
                self.mark(of).is_none().then(|| (of.email(), BTreeSet::new()))
            }
            About::Moved { old, number } => self.written_to(*old).filter(|_| self.by_number(*number).is_some()),
            About::Chosen { of } | About::Waits { of } => {
                self.written_to(*of).filter(|_| self.accounts.contains_key(of))
            }
            About::Invited { of } => self.written_to(*of).filter(|_| self.staff_of(*of).is_some()),
            About::Changed { to } => match self.accounts.keys().find(|of| of.email() == *to) {
                Some(of) => self.written_to(*of),
                None => Some((to.clone(), BTreeSet::new())),
            },
            About::Link { of } => {
                let newest = self.accounts.get(of)?.reset_mail == Some(at);
                let fresh = self.now < mail.written_at + HOUR;
                self.written_to(*of).filter(|_| newest || fresh)
            }
            About::Warning { library, numbers } => {
                let (patrons, address) = (of(library, &pending(numbers)), self.libraries.get(library)?);
                (!patrons.is_empty()).then(|| (library_email(library, *address), patrons))
            }
            About::Escalation { numbers } => {
                let patrons = pending(numbers);
                (!patrons.is_empty()).then(|| (crate::support::COUNTY.to_owned(), patrons))
            }
        }
    }

    /// Returns whether a message that failed before may be given up: after a day, or as often unknown as SES may be.
    pub(crate) fn may_be_given_up(&self, at: usize) -> bool {
        let mail = &self.mails[at];
        mail.failed >= 3 || mail.failed > 0 && self.now.duration_since(mail.written_at) >= HOUR * 24
    }

    /// Returns the recipient, unless the address is marked. The county's own address is exempt.
    fn written_to(&self, of: Address) -> Option<(String, BTreeSet<usize>)> {
        (self.mark(of).is_none() || of == Address::Staff(Who::County)).then(|| (of.email(), BTreeSet::new()))
    }
}

impl About {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Activation { .. } => "activation",
            Self::Link { .. } => "password-link",
            Self::Chosen { .. } => "password-changed",
            Self::Waits { .. } => "sign-in-waits",
            Self::Moved { .. } => "email-changed",
            Self::Invited { .. } => "invitation",
            Self::Changed { .. } => "directory-changed",
            Self::Warning { .. } => "library-digest",
            Self::Escalation { .. } => "county-digest",
        }
    }
}
