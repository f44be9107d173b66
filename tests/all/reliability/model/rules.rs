//! What each operation does to the world, and what it answers.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{
    ops::{Change, LIBRARIES, Who},
    world::{About, Key, Post, Record, World, days},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl World {
    /// The record at a place, if it is this person's to touch.
    fn theirs(&mut self, by: Who, which: usize) -> Option<&mut Record> {
        self.records.get_mut(which).filter(|record| by.reaches(record.library))
    }

    pub(crate) fn register(&mut self, by: Who, library: &'static str, email: usize, key: Option<usize>) -> u16 {
        if let Some(known) = key.and_then(|key| self.keys.get(&(by, key))).filter(|known| self.now < known.until) {
            return match (known.body == (library, email), self.by_number(known.number)) {
                (false, _) => 422,
                (true, Some(_)) => 201,
                (true, None) => 404,
            };
        }
        if !by.reaches(library) {
            return 422;
        }
        if self.by_email(email).is_some() {
            return 409;
        }
        let (number, today) = (self.records.len() + self.erased.len(), self.today());
        self.records.push(Record {
            number,
            name: email,
            library,
            email,
            town: 0,
            registered_on: today,
            expires_on: days(today, 365),
            activated_on: None,
            activated_by: None,
            renewed_on: None,
            warned_on: None,
            escalated_on: None,
            lines: vec![("created", by.email().to_owned(), self.now)],
            reset_mail: None,
            link_mail: None,
        });
        if let Some(key) = key {
            let until = self.now + HOUR * 24;
            self.keys.insert((by, key), Key { body: (library, email), until, number });
        }
        201
    }

    pub(crate) fn correct(&mut self, by: Who, which: usize, change: &Change, stale: bool) -> u16 {
        let (now, taken) = (self.now, |email| self.by_email(email).is_some());
        let taken = matches!(change, Change::Email(email) if taken(*email));
        let Some(record) = self.theirs(by, which) else { return 404 };
        if stale {
            return 412;
        }
        let before = record.clone();
        match change {
            Change::Town(town) => record.town = *town,
            Change::Email(email) if *email == record.email => {}
            Change::Email(_) if taken => return 409,
            Change::Email(email) => (record.email, record.reset_mail) = (*email, None),
            Change::Library(library) if *library == record.library => {}
            Change::Library(library) if !by.reaches(library) => return 422,
            Change::Library(library) => {
                (record.library, record.warned_on, record.escalated_on) = (library, None, None);
            }
        }
        if *record != before {
            record.lines.push(("changed", by.email().to_owned(), now));
            if record.email != before.email {
                self.write(About::Moved { old: before.email });
            }
        }
        200
    }

    pub(crate) fn activate(&mut self, by: Who, which: usize) -> u16 {
        let (now, today) = (self.now, self.today());
        let Some(record) = self.theirs(by, which) else { return 404 };
        if today >= record.expires_on {
            return 409;
        }
        if record.activated_on.is_some() {
            return 200;
        }
        let overdue = today > days(record.registered_on, 7);
        let warned = record.warned_on.is_some_and(|warned| warned < today);
        let unreachable = record.warned_on.is_none() && record.escalated_on.is_some();
        if by == Who::County && !(overdue && (warned || unreachable)) {
            return 409;
        }
        (record.activated_on, record.activated_by) = (Some(today), Some(by.email().to_owned()));
        record.lines.push(("activated", by.email().to_owned(), now));
        let number = record.number;
        self.write(About::Activation { number });
        200
    }

    pub(crate) fn renew(&mut self, by: Who, which: usize) -> u16 {
        let (now, today) = (self.now, self.today());
        let Some(record) = self.theirs(by, which) else { return 404 };
        if today < days(record.expires_on, -30) {
            return 409;
        }
        let opens = record.activated_on.is_none().then_some(record.number);
        if opens.is_some() {
            (record.activated_on, record.activated_by) = (Some(today), Some(by.email().to_owned()));
        }
        (record.expires_on, record.renewed_on) = (days(today.max(record.expires_on), 365), Some(today));
        record.lines.push(("renewed", by.email().to_owned(), now));
        if let Some(number) = opens {
            self.write(About::Activation { number });
        }
        200
    }

    pub(crate) fn erase(&mut self, by: Who, which: usize) -> u16 {
        let Some(email) = self.theirs(by, which).map(|record| record.email) else { return 404 };
        let mut record = self.records.remove(which);
        record.lines.push(("erased", by.email().to_owned(), self.now));
        let theirs = |mail: &About| *mail == About::Activation { number: record.number };
        for (at, mail) in self.mails.iter_mut().enumerate() {
            if theirs(&mail.about) || record.link_mail == Some(at) {
                mail.post = Post::Gone;
            }
        }
        self.erased.push(record);
        self.asked.remove(&email);
        204
    }

    /// Three an hour, of which nobody is told.
    pub(crate) fn ask_link(&mut self, email: usize) -> u16 {
        let (now, mail) = (self.now, self.mails.len());
        let Some(record) = self.records.iter_mut().find(|record| record.email == email) else { return 202 };
        let asked = self.asked.entry(email).or_insert((now, 0));
        if now.duration_since(asked.0) >= HOUR {
            *asked = (now, 0);
        }
        if asked.1 < 3 {
            asked.1 += 1;
            (record.reset_mail, record.link_mail) = (Some(mail), Some(mail));
            self.write(About::Link { email });
        }
        202
    }

    /// The digests that the daily job owes, in order; each is a change of its own.
    pub(crate) fn owed(&self) -> Vec<About> {
        let today = self.today();
        let overdue = |r: &&Record| r.activated_on.is_none() && today > days(r.registered_on, 7);
        let due: Vec<&Record> = self.records.iter().filter(overdue).filter(|r| r.escalated_on.is_none()).collect();
        let of = |wanted: &dyn Fn(&Record) -> bool| -> BTreeSet<usize> {
            due.iter().filter(|record| wanted(record)).map(|record| record.number).collect()
        };
        let mut owed = Vec::new();
        for library in LIBRARIES.into_iter().filter(|library| self.reachable.contains(library)) {
            owed.push(About::Warning { library, numbers: of(&|r| r.library == library && r.warned_on.is_none()) });
        }
        let grace_over = |r: &Record| match r.warned_on {
            Some(warned) => today >= days(warned, 2),
            None => !self.reachable.contains(r.library),
        };
        owed.push(About::Escalation { numbers: of(&grace_over) });
        owed.retain(|about| !matches!(about, About::Warning { numbers, .. } | About::Escalation { numbers } if numbers.is_empty()));
        owed
    }

    /// Marks whom a digest lists, and writes it.
    pub(crate) fn tell(&mut self, about: About) {
        let (now, today) = (self.now, self.today());
        let (About::Warning { numbers, .. } | About::Escalation { numbers }) = &about else { return };
        for record in self.records.iter_mut().filter(|record| numbers.contains(&record.number)) {
            let warns = matches!(about, About::Warning { .. });
            *(if warns { &mut record.warned_on } else { &mut record.escalated_on }) = Some(today);
            record.lines.push((if warns { "warned" } else { "escalated" }, "escalate".to_owned(), now));
        }
        self.write(about);
    }
}
