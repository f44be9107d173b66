//! In whose name something is asked, and with which of the tokens and links that were seen.

use super::{
    driver::Driver,
    ops::Op,
    people::{Address, Who},
};
use crate::support::Session;

impl Driver {
    /// Whose token a request is sent with.
    pub(super) async fn caller(&mut self, op: &Op) -> Session {
        let nobody = Session { token: String::new(), email: String::new() };
        match op {
            Op::Me { nth } | Op::SignOut { nth } => self.sessions[self.opened(*nth)].clone().expect("a token"),
            _ => match who(op) {
                Some(who) => self.session(who).await,
                None => nobody,
            },
        }
    }

    /// The newest session of somebody that is good, or a new one; of whoever has no account any more, an old one.
    async fn session(&mut self, who: Who) -> Session {
        let of = Address::Staff(who);
        let own = |at: &usize| self.world.sessions[*at].of == of && self.sessions[*at].is_some();
        let own: Vec<usize> = (0..self.sessions.len()).filter(own).collect();
        let good = own.iter().rev().find(|at| self.world.is_signed_in(**at));
        if let Some(at) = good.or(own.last().filter(|_| !self.world.staff.contains_key(&who))) {
            return self.sessions[*at].clone().expect("a token");
        }
        let session = self.desk.seed_session(who.email()).await;
        self.world.open_session(of);
        self.sessions.push(Some(session.clone()));
        session
    }

    /// The nth newest session of which the token is known.
    pub(crate) fn opened(&self, nth: usize) -> usize {
        let known: Vec<usize> = (0..self.sessions.len()).filter(|at| self.sessions[*at].is_some()).collect();
        known[known.len() - 1 - nth % known.len()]
    }

    /// The nth newest link that was mailed.
    pub(crate) fn mailed(&self, nth: usize) -> Option<usize> {
        self.links.len().checked_sub(nth + 1)
    }
}

/// Who of the staff asks.
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
