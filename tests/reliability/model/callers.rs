//! Chooses the session or link that a request is sent with.

use super::{
    driver::Driver,
    ops::Op,
    people::{Address, Who},
};
use crate::support::Session;

impl Driver {
    /// Returns the session that a request is sent with.
    pub(super) async fn caller(&mut self, op: &Op) -> Session {
        let nobody = Session { token: String::new(), email: String::new() };
        match op {
            Op::Me { nth }
            | Op::SignOut { nth }
            | Op::SignOutEverywhere { nth }
            | Op::Confirm { nth, .. }
            | Op::BeginEnrolment { nth }
            | Op::Enrol { nth }
            | Op::TakeFactorOff { nth } => self.sessions[self.opened(*nth)].clone().expect("a token"),
            _ => match who(op) {
                Some(who) => self.session(who).await,
                None => nobody,
            },
        }
    }

    /// Returns the newest valid session of a member of staff, or opens one. Without an account, returns an ended one.
    async fn session(&mut self, who: Who) -> Session {
        let of = Address::Staff(who);
        let own = |at: &usize| self.world.sessions[*at].of == of && self.sessions[*at].is_some();
        let own: Vec<usize> = (0..self.sessions.len()).filter(own).collect();
        let good = own.iter().rev().find(|at| self.world.is_signed_in(**at));
        if let Some(at) = good.or(own.last().filter(|_| !self.world.accounts.contains_key(&of))) {
            return self.sessions[*at].clone().expect("a token");
        }
        let session = self.desk.seed_session(who.email()).await;
        self.world.open_session(of);
        self.sessions.push(Some(session.clone()));
        session
    }

    /// Returns the index of the nth newest session whose token is known.
    pub(crate) fn opened(&self, nth: usize) -> usize {
        let known: Vec<usize> = (0..self.sessions.len()).filter(|at| self.sessions[*at].is_some()).collect();
        known[known.len() - 1 - nth % known.len()]
    }

    /// Returns the index of the nth newest link that was sent.
    pub(crate) fn mailed(&self, nth: usize) -> Option<usize> {
        self.links.len().checked_sub(nth + 1)
    }
}

/// Returns the member of staff that an operation names.
fn who(op: &Op) -> Option<Who> {
    match op {
        Op::Register { by, .. }
        | Op::Correct { by, .. }
        | Op::Activate { by, .. }
        | Op::Renew { by, .. }
        | Op::Erase { by, .. }
        | Op::Read { by, .. }
        | Op::History { by, .. }
        | Op::List { by, .. }
        | Op::Export { by, .. }
        | Op::Library { by, .. }
        | Op::Resource { by, .. }
        | Op::Staff { by, .. } => Some(*by),
        _ => None,
    }
}
