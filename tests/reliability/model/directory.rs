//! Libraries, resources, staff and Excel files in small, and what SES tells.

use std::collections::BTreeMap;

use super::{
    accounts::{Account, Password},
    ops::{Status, Told},
    people::{Address, Reach, Who},
    world::{Post, Trace, World},
};

impl World {
    /// What is the county's alone answers others with this.
    pub(crate) fn refused(&self, by: Who) -> Option<u16> {
        match self.staff.get(&by) {
            None => Some(401),
            Some(Reach::Libraries(_)) => Some(403),
            Some(Reach::County) => None,
        }
    }

    pub(crate) fn put_library(&mut self, by: Who, library: &'static str, email: Option<usize>) -> u16 {
        if let Some(refused) = self.refused(by) {
            return refused;
        }
        match email {
            Some(email) => self.libraries.insert(library, email),
            None => self.libraries.remove(library),
        };
        200
    }

    pub(crate) fn put_resource(&mut self, by: Who, resource: usize, active: bool) -> u16 {
        if let Some(refused) = self.refused(by) {
            return refused;
        }
        self.resources[resource] = active;
        200
    }

    /// Takes on, changes or removes; there is always somebody of the county.
    pub(crate) fn put_staff(&mut self, by: Who, who: Who, reach: Option<Reach>) -> u16 {
        if let Some(refused) = self.refused(by) {
            return refused;
        }
        let of = Address::Staff(who);
        let others = self.staff.iter().any(|(other, reach)| *other != who && *reach == Reach::County);
        match (self.staff.get(&who), reach) {
            (None, None) => 404,
            (None, Some(reach)) => {
                self.staff.insert(who, reach);
                self.accounts.insert(of, Account::with(Password::None));
                201
            }
            (Some(Reach::County), None | Some(Reach::Libraries(_))) if !others => 409,
            (Some(_), None) => {
                self.staff.remove(&who);
                self.accounts.remove(&of);
                self.end_sessions(of);
                204
            }
            (Some(_), Some(reach)) => {
                self.staff.insert(who, reach);
                // Whoever enters an address anew says that it is right.
                self.accounts.entry(of).and_modify(|account| account.mark = None);
                200
            }
        }
    }

    /// An Excel file; and the world with each but the last of its traces.
    pub(crate) fn export(&mut self, by: Who, status: Option<Status>) -> (u16, Vec<Self>) {
        let Some(reach) = self.staff.get(&by) else { return (401, Vec::new()) };
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

    /// SES tells something of a mail that went out. Whether it is news: the worst that was told stands.
    pub(crate) fn tell_of(&mut self, mail: usize, told: Told) -> bool {
        let mail = &mut self.mails[mail];
        if mail.post != Post::Sent || mail.told >= Some(told) {
            return false;
        }
        mail.told = Some(told);
        let marked = match told {
            Told::BouncedForNow => return true,
            Told::BouncedForGood => "bounced",
            Told::Complained => "complained",
        };
        let theirs = |of: &Address| Some(of.email()) == mail.to;
        if let Some((_, account)) = self.accounts.iter_mut().find(|(of, _)| theirs(of)) {
            account.mark = account.mark.max(Some(marked));
        }
        true
    }
}
