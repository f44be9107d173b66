//! Each step is done at a real desk and in the world, and then the two are compared whole.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::{
    asking,
    ops::{Op, Step, Who},
    table::Names,
    world::World,
};
use crate::{
    reliability::hands::escalate_on,
    support::{Desk, Fault, Reply, Session, Wire},
};

/// What a run has done, for the figures.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) steps: usize,
    pub(crate) faults: usize,
    pub(crate) told: usize,
    pub(crate) mails: usize,
    pub(crate) repeated: usize,
}

pub(crate) struct Driver {
    pub(crate) desk: Desk,
    wire: Wire,
    pub(crate) world: World,
    pub(crate) names: Names,
    sessions: BTreeMap<Who, (Session, Timestamp)>,
    /// Faults on the desk's wire that were there to be felt so far.
    felt: usize,
    /// Mails that SES has accepted so far.
    pub(crate) accepted: usize,
    pub(crate) figures: Figures,
}

impl Driver {
    pub(crate) async fn start(retries: bool) -> Self {
        let wire = Wire::without_deliver();
        let wire = if retries { wire } else { wire.without_retries() };
        let desk = Desk::open_on(&wire).await;
        desk.seed_directory().await;
        for who in Who::ALL {
            let role = if who == Who::County { domain::Role::County } else { domain::Role::Librarian };
            let libraries = super::ops::LIBRARIES.into_iter().filter(|library| who.reaches(library));
            let libraries: Vec<&str> = libraries.filter(|_| who != Who::County).collect();
            desk.seed_staff(who.email(), role, &libraries).await;
        }
        let mut driver = Self {
            world: World::new(desk.now()),
            desk,
            wire,
            names: Names::default(),
            sessions: BTreeMap::new(),
            felt: 0,
            accepted: 0,
            figures: Figures::default(),
        };
        for library in super::ops::LIBRARIES {
            driver.step(&(Op::Address { library, there: true }, None)).await;
        }
        driver
    }

    pub(crate) async fn step(&mut self, (op, fault): &Step) {
        self.figures.steps += 1;
        match op {
            Op::Days(n) => return self.pass(SignedDuration::from_hours(24 * n)),
            Op::Minutes(n) => return self.pass(SignedDuration::from_mins(*n)),
            Op::HourBack => return self.pass(-SignedDuration::from_hours(1)),
            Op::Deliver { from, count, backwards, times } => {
                return self.deliver(&picked(self.names.mails.len(), *from, *count, *backwards, *times), *fault).await;
            }
            Op::Jobs { at_once } => return self.jobs(*at_once, *fault).await,
            _ => {}
        }
        let mut after = self.world.clone();
        let status = done_in(&mut after, op);
        let by = self.session(who(op)).await;
        let reply = self.faulty(*fault, Reply::of(self.request(op, &by))).await;
        if reply.status == status {
            asking::check_read(op, &reply, &after);
            self.adopt(&[after], op).await;
        } else {
            self.told_of_failure(op, &reply, status);
            self.adopt(&[self.world.clone(), after], op).await;
        }
    }

    fn pass(&mut self, time: SignedDuration) {
        self.world.now += time;
        self.desk.portal().clock().set(Some(self.world.now));
    }

    /// Does something with a fault in it.
    async fn faulty<T>(&mut self, fault: Option<(i64, Fault)>, act: impl Future<Output = T>) -> T {
        if let Some((n, fault)) = fault {
            self.wire.fail_once(n, fault);
        }
        let done = act.await;
        self.wire.calm();
        done
    }

    fn told_of_failure(&mut self, op: &Op, reply: &Reply, wanted: u16) {
        assert!(matches!(reply.status, 500 | 503), "{op:?}: {} instead of {wanted}: {}", reply.status, reply.text());
        assert!(self.wire.struck() > self.felt, "{op:?} failed without a fault: {}", reply.text());
        self.figures.told += 1;
    }

    /// Takes on the first of these worlds that the table is like.
    pub(crate) async fn adopt(&mut self, worlds: &[World], op: &Op) {
        self.figures.faults += self.wire.struck() - self.felt;
        self.felt = self.wire.struck();
        let items = self.desk.items().await;
        let mut why = Vec::new();
        for world in worlds {
            match self.names.matched(world, &items) {
                Ok(names) => {
                    (self.names, self.world) = (names, world.clone());
                    return;
                }
                Err(differs) => why.push(differs),
            }
        }
        panic!("after {op:?} the table is like none of {} worlds: {}", worlds.len(), why.join("\n or "));
    }

    async fn session(&mut self, who: Who) -> Session {
        match self.sessions.get(&who) {
            Some((session, until)) if self.world.now < *until => session.clone(),
            _ => {
                let session = self.desk.seed_session(who.email()).await;
                self.sessions.insert(who, (session.clone(), self.world.now + SignedDuration::from_hours(12)));
                session
            }
        }
    }

    /// The daily job, once with a fault in it, or several at the same time.
    async fn jobs(&mut self, at_once: usize, fault: Option<(i64, Fault)>) {
        let mut worlds = vec![self.world.clone()];
        for about in self.world.owed() {
            let mut next = worlds.last().unwrap().clone();
            next.tell(about);
            worlds.push(next);
        }
        let runs = if let Some(fault) = fault {
            let wired = self.desk.portal().runtime("escalate").unwrap().clone();
            let escalate = escalate::Escalate::wire(&wired).unwrap();
            vec![self.faulty(Some(fault), escalate.run()).await]
        } else {
            let escalates: Vec<_> = (0..at_once).map(|_| escalate_on(&self.desk, |aws| aws)).collect();
            join_all(escalates.iter().map(escalate::Escalate::run)).await
        };
        let failed = runs.iter().any(Result::is_err);
        assert!(!failed || self.wire.struck() > self.felt, "a job failed without a fault: {runs:?}");
        self.figures.told += usize::from(failed);
        // One that failed has done its first digests, or all of them; one that did not has done all.
        worlds.reverse();
        self.adopt(if failed { &worlds } else { &worlds[..1] }, &Op::Jobs { at_once }).await;
    }
}

fn who(op: &Op) -> Who {
    match op {
        Op::Register { by, .. }
        | Op::Correct { by, .. }
        | Op::Activate { by, .. }
        | Op::Renew { by, .. }
        | Op::Erase { by, .. }
        | Op::Read { by, .. }
        | Op::List { by } => *by,
        _ => Who::County,
    }
}

/// The world after a request, and what it answers.
fn done_in(world: &mut World, op: &Op) -> u16 {
    match op {
        Op::Register { by, library, email, key } => world.register(*by, library, *email, *key),
        Op::Correct { by, which, change, stale } => world.correct(*by, *which, change, *stale),
        Op::Activate { by, which } => world.activate(*by, *which),
        Op::Renew { by, which } => world.renew(*by, *which),
        Op::Erase { by, which } => world.erase(*by, *which),
        Op::AskLink { email } => world.ask_link(*email),
        Op::Read { by, which } => {
            if world.records.get(*which).is_some_and(|record| by.reaches(record.library)) {
                200
            } else {
                404
            }
        }
        Op::Address { library, there } => {
            if *there {
                world.reachable.insert(library)
            } else {
                world.reachable.remove(library)
            };
            200
        }
        _ => 200,
    }
}

/// Which mails' records are handed over, in which order.
fn picked(mails: usize, from: usize, count: usize, backwards: bool, times: usize) -> Vec<usize> {
    let mut picked: Vec<usize> = (0..mails).skip(mails.saturating_sub(from + count)).take(count).collect();
    if backwards {
        picked.reverse();
    }
    picked.repeat(times)
}
