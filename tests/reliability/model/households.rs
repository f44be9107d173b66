//! The model's households: the persons that may share an account, and the account that a move or an erasure leaves.

use super::{
    accounts::{Account, Password},
    ops::Status,
    people::{Address, Reach, Who},
    world::{About, Post, Record, World},
};

/// A refusal: the problem's code, and the number of the registration that the answer names.
pub(crate) type Refused = (&'static str, Option<usize>);

impl World {
    /// Returns the registrations of an account.
    pub(crate) fn members(&self, of: Address) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.of == of)
    }

    /// Returns the reach of an account that is staff's.
    pub(crate) fn staff_of(&self, of: Address) -> Option<Reach> {
        match of {
            Address::Staff(who) => self.staff.get(&who).copied(),
            Address::Patron(_) => None,
        }
    }

    /// Returns the mark of an address that has an account.
    pub(crate) fn mark(&self, of: Address) -> Option<&'static str> {
        self.accounts.get(&of)?.mark
    }

    /// Checks that a person may be registered under an address, or moved to it.
    pub(crate) fn joining(&self, by: Who, of: Address, name: usize, confirmed: bool) -> Result<(), Refused> {
        if !self.accounts.contains_key(&of) {
            return Ok(());
        }
        let same = self.members(of).find(|member| member.name == name);
        match same {
            Some(same) if self.reaches(by, same.library) => Err(("already-registered", Some(same.number))),
            _ if !confirmed => Err(("address-shared", None)),
            Some(_) => Err(("already-registered", None)),
            None => Ok(()),
        }
    }

    /// Checks that another name makes a person no other member of their household.
    pub(crate) fn renaming(&self, by: Who, record: &Record, name: usize) -> Result<(), Refused> {
        let is_twin = |member: &&Record| member.number != record.number && member.name == name;
        let Some(twin) = self.members(record.of).find(is_twin) else { return Ok(()) };
        Err(("already-registered", Some(twin.number).filter(|_| self.reaches(by, twin.library))))
    }

    /// Opens the account that a registration has moved to, if it is new, and closes the links of the one that it has
    /// left. Both addresses get a message, the new one if the registration is active, unless they are marked.
    pub(crate) fn move_out(&mut self, which: usize, old: Address) {
        let Record { number, of, .. } = self.records[which];
        if of == old {
            return;
        }
        if self.mark(old).is_none() {
            self.write(About::Moved { old, number });
        } else {
            self.records[which].unsaid += 1;
        }
        self.accounts.entry(of).or_insert_with(|| Account::with(Password::None));
        if self.records[which].status(self.today()) == Status::Active && self.mark(of).is_none() {
            self.write(About::Activation { number });
        }
        self.accounts.entry(old).and_modify(|left| (left.reset_mail, left.link) = (None, None));
        self.end_unless_used(old);
    }

    /// Ends an account that has no registration and is not staff, with its sessions and messages. Returns whether it
    /// has ended.
    pub(crate) fn end_unless_used(&mut self, of: Address) -> bool {
        if self.staff_of(of).is_some() || self.members(of).next().is_some() {
            return false;
        }
        self.end_sessions(of);
        let Some(Account { messages, link_mail, .. }) = self.accounts.remove(&of) else { return false };
        for mail in messages.into_iter().chain(link_mail) {
            self.mails[mail].post = Post::Gone;
        }
        true
    }

    /// Erases a person, and their account if it ends. The staff's history lines remain.
    pub(crate) fn forget(&mut self, which: usize, by: &str) {
        let mut record = self.records.remove(which);
        record.lines.push(("erased", by.to_owned(), self.now));
        if self.end_unless_used(record.of) {
            self.asked.remove(&record.of);
            self.tries.remove(&record.of);
        }
        let of_record = |about: &About| matches!(about, About::Activation { number } | About::Moved { number, .. } if *number == record.number);
        for mail in self.mails.iter_mut().filter(|mail| of_record(&mail.about)) {
            mail.post = Post::Gone;
        }
        self.erased.push(record);
    }
}
