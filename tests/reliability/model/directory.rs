//! The model's libraries, resources, staff, exports and delivery events.

use std::collections::BTreeMap;

use super::{
    accounts::{Account, Password},
    ops::{Event, RESOURCES, Status},
    people::{Address, Reach, Who},
    world::{About, Post, Trace, World, library_email},
};

impl World {
    /// Returns the status with which a county-only request refuses this caller.
    pub(crate) fn refused(&self, by: Who) -> Option<u16> {
        match self.reach(by) {
            Err(refused) => Some(refused),
            Ok(Reach::Libraries(_)) => Some(403),
            Ok(Reach::County) => None,
        }
    }

    pub(crate) fn put_library(&mut self, by: Who, library: &'static str, email: Option<usize>) -> u16 {
        if let Some(refused) = self.refused(by) {
            return refused;
        }
        if self.libraries.get(library) != email.as_ref() && !self.confirmed {
            return 403;
        }
        let before = match email {
            Some(email) => self.libraries.insert(library, email),
            None => self.libraries.remove(library),
        };
        let renamed = self.renamed.insert(library);
        if before != email || renamed {
            self.trace("changed", library, by);
        }
        if before != email {
            self.write_to_county_and(before.into_iter().chain(email).map(|n| library_email(library, n)).collect());
        }
        200
    }

    /// Adds a line to the directory's history.
    fn trace(&mut self, action: &str, entry: &str, by: Who) {
        self.directory.push(format!("{entry} {action} {} {}", by.email(), self.now));
    }

    /// Writes to the county and to these addresses about a change of the directory, once to each.
    fn write_to_county_and(&mut self, concerned: Vec<String>) {
        let mut recipients = vec![Who::County.email().to_owned()];
        recipients.extend(concerned.into_iter().filter(|to| to != Who::County.email()));
        for to in recipients {
            self.write(About::Changed { to });
        }
    }

    pub(crate) fn put_resource(&mut self, by: Who, resource: usize, active: bool) -> u16 {
        if let Some(refused) = self.refused(by) {
            return refused;
        }
        if self.resources[resource] != active {
            self.trace("changed", RESOURCES[resource].0, by);
        }
        self.resources[resource] = active;
        200
    }

    /// Adds, changes or removes a member of staff. The last account of the county can't be removed.
    pub(crate) fn put_staff(&mut self, by: Who, who: Who, reach: Option<Reach>) -> u16 {
        if let Some(refused) = self.refused(by) {
            return refused;
        }
        if !self.confirmed {
            return 403;
        }
        let of = Address::Staff(who);
        let others = self.staff.iter().any(|(other, reach)| *other != who && *reach == Reach::County);
        match (self.staff.get(&who), reach) {
            (None, None) => 404,
            (None, Some(reach)) => {
                self.staff.insert(who, reach);
                let known = self.accounts.contains_key(&of);
                let invitation = self.mails.len();
                self.accounts.entry(of).or_insert(Account::with(Password::None)).remember(invitation);
                self.write(About::Invited { of });
                if known {
                    self.raise(of);
                }
                self.trace("created", who.email(), by);
                if who != Who::County {
                    self.write_to_county_and(Vec::new());
                }
                201
            }
            (Some(Reach::County), None | Some(Reach::Libraries(_))) if !others => 409,
            (Some(Reach::County), Some(Reach::Libraries(_))) if who == by => 409,
            (Some(_), None) => {
                self.staff.remove(&who);
                self.end_unless_used(of);
                self.trace("removed", who.email(), by);
                self.write_to_county_and(vec![of.email()]);
                204
            }
            (Some(was), Some(reach)) => {
                let was = *was;
                if was != Reach::County && reach == Reach::County {
                    self.raise(of);
                }
                if was != reach {
                    self.trace("changed", who.email(), by);
                    self.write_to_county_and(vec![of.email()]);
                }
                self.staff.insert(who, reach);
                // Entering an address again confirms it, so its mark is removed.
                self.accounts.entry(of).and_modify(|account| account.mark = None);
                200
            }
        }
    }

    /// Exports a workbook. Returns the status, and the world before each of its traces.
    pub(crate) fn export(&mut self, by: Who, status: Option<Status>) -> (u16, Vec<Self>) {
        let reach = match self.reach(by) {
            Ok(reach) => reach,
            Err(refused) => return (refused, Vec::new()),
        };
        if reach == Reach::County && !self.confirmed {
            return (403, Vec::new());
        }
        let lines: BTreeMap<_, _> = self.records.iter().map(|record| (record.number, record.lines.len())).collect();
        let scopes = reach.libraries().map_or(vec![None], |own| own.iter().copied().map(Some).collect());
        let mut on_the_way = Vec::new();
        for scope in scopes {
            let rows = self.listed(by, status).into_iter();
            let of_scope = rows.filter(|record| scope.is_none_or(|library| library == record.library));
            let held = of_scope.map(|record| record.number).collect();
            on_the_way.push(self.clone());
            self.traces.push(Trace { scope, by, at: self.now, status, held, lines: lines.clone() });
        }
        (200, on_the_way)
    }

    /// Applies a delivery event. Returns whether it changes the message: a milder or equal event does not override a
    /// worse one.
    pub(crate) fn apply_event(&mut self, mail: usize, event: Event) -> bool {
        let mail = &mut self.mails[mail];
        if mail.post != Post::Sent || mail.worst >= Some(event) {
            return false;
        }
        mail.worst = Some(event);
        let marked = match event {
            Event::BouncedForNow => return true,
            Event::BouncedForGood => "bounced",
            Event::Complained => "complained",
        };
        let is_recipient = |of: &Address| Some(of.email()) == mail.to;
        if let Some((_, account)) = self.accounts.iter_mut().find(|(of, _)| is_recipient(of)) {
            account.mark = account.mark.max(Some(marked));
        }
        true
    }
}
