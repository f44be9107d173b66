//! The model's rules: each operation on a registration changes the world and returns a status.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    accounts::{Account, Password},
    ops::{Change, Form, Status},
    people::{Reach, Who},
    world::{About, HOUR, Key, Record, World, days},
};

impl World {
    /// Returns the record at an index, or the status of the refusal if it is out of this person's reach.
    pub(crate) fn visible(&mut self, by: Who, which: usize) -> Result<&mut Record, u16> {
        let reach = self.reach(by)?;
        self.records.get_mut(which).filter(|record| reach.holds(record.library)).ok_or(404)
    }

    pub(crate) fn register(&mut self, by: Who, form: Form, key: Option<usize>) -> u16 {
        if let Err(refused) = self.reach(by) {
            return refused;
        }
        // The key of an erased registration is new.
        let known = key.and_then(|key| self.keys.get(&(by, key))).filter(|known| self.now < known.until);
        if let Some((known, record)) = known.and_then(|known| Some((known, self.by_number(known.number)?))) {
            return match known.body == form {
                false => 422,
                true if self.reaches(by, record.library) => 201,
                true => 404,
            };
        }
        if !self.reaches(by, form.library) || !self.resources[form.resource] {
            return 422;
        }
        if self.joining(by, form.of, form.name, form.household).is_err() {
            return 409;
        }
        let number = self.records.len() + self.erased.len();
        self.records.push(self.registered(by, form, number));
        let password = if form.provisional { Password::Provisional(0) } else { Password::None };
        self.accounts.entry(form.of).or_insert_with(|| Account::with(password));
        if let Some(key) = key {
            self.keys.insert((by, key), Key { body: form, until: self.now + HOUR * 24, number });
        }
        201
    }

    fn registered(&self, by: Who, form: Form, number: usize) -> Record {
        Record {
            number,
            name: form.name,
            library: form.library,
            of: form.of,
            town: 0,
            resource: form.resource,
            registered_on: self.today(),
            expires_on: days(self.today(), 365),
            activated_on: None,
            activated_by: None,
            renewed_on: None,
            warned_on: None,
            escalated_on: None,
            lines: vec![("created", by.email().to_owned(), self.now)],
            unsaid: 0,
            joined: self.accounts.contains_key(&form.of),
        }
    }

    pub(crate) fn correct(&mut self, by: Who, which: usize, change: &Change, stale: bool) -> u16 {
        let before = match self.visible(by, which) {
            Err(refused) => return refused,
            Ok(_) if stale => return 412,
            Ok(record) => record.clone(),
        };
        let mut record = before.clone();
        match change {
            Change::Town(town) => record.town = *town,
            Change::Name(name) if self.renaming(by, &before, *name).is_err() => return 409,
            Change::Name(name) => record.name = *name,
            Change::Email { of, .. } if *of == before.of => {}
            Change::Email { of, household } if self.joining(by, *of, before.name, *household).is_err() => return 409,
            Change::Email { of, .. } => record.of = *of,
            Change::Resource(resource) if *resource == before.resource => {}
            Change::Resource(resource) if !self.resources[*resource] => return 422,
            Change::Resource(resource) => record.resource = *resource,
            Change::Library(library) if *library == before.library => {}
            Change::Library(library) if !self.reaches(by, library) => return 422,
            Change::Library(library) => {
                (record.library, record.warned_on, record.escalated_on) = (library, None, None);
            }
        }
        if record != before {
            record.lines.push(("changed", by.email().to_owned(), self.now));
            self.records[which] = record;
            self.move_out(which, before.of);
        }
        200
    }

    pub(crate) fn activate(&mut self, by: Who, which: usize) -> u16 {
        let (now, today) = (self.now, self.today());
        let county = self.is_county(by);
        let record = match self.visible(by, which) {
            Ok(record) => record,
            Err(refused) => return refused,
        };
        if today >= record.expires_on {
            return 409;
        }
        if record.activated_on.is_some() {
            return 200;
        }
        let overdue = today > days(record.registered_on, 7);
        let warned = record.warned_on.is_some_and(|warned| warned < today);
        let unreachable = record.warned_on.is_none() && record.escalated_on.is_some();
        if county && !(overdue && (warned || unreachable)) {
            return 409;
        }
        (record.activated_on, record.activated_by) = (Some(today), Some(by.email().to_owned()));
        record.lines.push(("activated", by.email().to_owned(), now));
        let number = record.number;
        self.write(About::Activation { number });
        200
    }

    /// Returns the actions that a caller may take, in the contract's form. Repeats the rules of [`Self::activate`] and
    /// [`Self::renew`].
    pub(crate) fn actions(&self, by: Who, record: &Record) -> Value {
        let today = self.today();
        let no = |reason: &str| json!({ "allowed": false, "reason": reason });
        let from = |reason: &str, day: Date| json!({ "allowed": false, "reason": reason, "possibleFrom": day });
        let eighth = days(record.registered_on, 8);
        let notified = match (record.warned_on, record.escalated_on) {
            (Some(warned), _) => warned < today,
            (None, escalated) => escalated.is_some(),
        };
        let pending = record.activated_on.is_none();
        let activation = match (record.status(today), self.is_county(by)) {
            _ if today >= record.expires_on => no("past-expiry"),
            (Status::Active | Status::Expired, _) => no("already-active"),
            (Status::Pending, true) if today < eighth => from("county-too-early", eighth),
            (Status::Pending, true) if !notified => no("library-not-warned"),
            (Status::Pending, _) => json!({ "allowed": true, "accessUntil": days(record.expires_on, -1) }),
        };
        let window = days(record.expires_on, -30);
        let renewal = if today < window {
            from("renewal-too-early", window)
        } else {
            json!({ "allowed": true, "expiresOn": days(today.max(record.expires_on), 365), "activates": pending })
        };
        let mut actions = json!({ "activation": activation, "renewal": renewal });
        if pending {
            actions["countyFrom"] = json!(eighth);
        }
        actions
    }

    pub(crate) fn renew(&mut self, by: Who, which: usize) -> u16 {
        let (now, today) = (self.now, self.today());
        let record = match self.visible(by, which) {
            Ok(record) => record,
            Err(refused) => return refused,
        };
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
        if self.reach(by) == Ok(Reach::County) && !self.confirmed {
            return 403;
        }
        if let Err(refused) = self.visible(by, which) {
            return refused;
        }
        self.forget(which, by.email());
        204
    }
}
