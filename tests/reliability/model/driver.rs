//! Runs each step at a real desk and in the model's world, and then compares the two completely.

use jiff::SignedDuration;

use super::{
    ops::{Op, Step},
    people::{Reach, Who},
    table::Names,
    world::World,
};
use crate::support::{App, Desk, Fault, Reply, Session, Wire};

/// The counts of a run, for `docs/reliability.md`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Figures {
    pub(crate) steps: usize,
    pub(crate) faults: usize,
    pub(crate) failed: usize,
    pub(crate) mails: usize,
    pub(crate) repeated: usize,
}

pub(crate) struct Driver {
    pub(crate) desk: Desk,
    pub(crate) wire: Wire,
    pub(crate) world: World,
    pub(crate) names: Names,
    /// Sessions in the world's order; `None` if the answer with the token was lost.
    pub(super) sessions: Vec<Option<Session>>,
    /// Links that were sent, in order.
    pub(crate) links: Vec<String>,
    /// The authenticator apps in the order of enrolments; `None` if the answer with the secret was lost.
    pub(crate) apps: Vec<Option<App>>,
    /// The desk's faults that [`Figures`] already counts.
    pub(crate) felt: usize,
    /// The number of messages that SES has accepted so far.
    pub(crate) accepted: usize,
    pub(crate) figures: Figures,
}

impl Driver {
    pub(crate) async fn start(retries: bool) -> Self {
        let wire = Wire::without_deliver();
        let wire = if retries { wire } else { wire.without_retries() };
        let desk = Desk::open_on(&wire).await;
        desk.seed_directory().await;
        let mut sessions = Vec::new();
        for who in Who::ALL {
            let reach = who.first_reach();
            let role = if reach == Reach::County { domain::StaffRole::County } else { domain::StaffRole::Librarian };
            sessions.push(Some(desk.seed_staff(who.email(), role, reach.libraries().unwrap_or_default()).await));
        }
        Self {
            world: World::new(desk.now()),
            desk,
            wire,
            names: Names::default(),
            sessions,
            links: Vec::new(),
            apps: Vec::new(),
            felt: 0,
            accepted: 0,
            figures: Figures::default(),
        }
    }

    pub(crate) async fn step(&mut self, (op, fault): &Step) {
        self.figures.steps += 1;
        // Each step has an instant of its own.
        self.pass(SignedDuration::from_secs(1));
        match op {
            Op::Days(n) => self.pass(SignedDuration::from_hours(24 * n)),
            Op::Minutes(n) => self.pass(SignedDuration::from_mins(*n)),
            Op::HourBack => self.pass(-SignedDuration::from_hours(1)),
            Op::Deliver { from, count, backwards, times } => {
                self.deliver(&picked(self.names.mails.len(), *from, *count, *backwards, *times), *fault).await;
            }
            Op::DeliveryEvent { nth, event } => self.deliver_event(*nth, *event, *fault).await,
            Op::Jobs { at_once } => self.jobs(*at_once, *fault).await,
            Op::Purge => self.purge(*fault).await,
            _ => self.ask(op, *fault).await,
        }
    }

    /// Sends a request, then checks the answer and the table.
    async fn ask(&mut self, op: &Op, fault: Option<(i64, Fault)>) {
        let by = self.caller(op).await;
        let sent_with =
            self.sessions.iter().position(|known| known.as_ref().is_some_and(|known| known.token == by.token));
        let mut after = self.world.clone();
        if let Some(at) = sent_with {
            after.use_session(at);
            after.confirmed = after.is_confirmed(at);
        }
        let used = after.clone();
        let (status, on_the_way) = self.done_in(&mut after, op);
        let reply = self.faulty(fault, Reply::of(self.request(op, &by))).await;
        if reply.status == status {
            if reply.status < 300 {
                self.check_read(op, &reply, &after);
            }
            if reply.status == 409 {
                self.check_refusal(op, &reply);
            }
            self.adopt(&[after], op).await;
        } else {
            self.expect_fault(op, &reply, status);
            let worlds: Vec<World> = [self.world.clone(), used].into_iter().chain(on_the_way).chain([after]).collect();
            self.adopt(&worlds, op).await;
        }
        if matches!(op, Op::BeginEnrolment { .. }) {
            self.apps
                .push((reply.status == 200).then(|| App::with(reply.json()["secret"].as_str().expect("a secret"))));
        }
        let opened = (reply.status == 201 && matches!(op, Op::SignIn { .. })).then(|| Session::opened_by(&reply));
        self.sessions.resize_with(self.world.sessions.len(), || opened.clone());
    }

    fn pass(&mut self, time: SignedDuration) {
        self.world.now += time;
        self.desk.local().clock().set(Some(self.world.now));
    }

    /// Runs `act` with a fault injected.
    pub(crate) async fn faulty<T>(&mut self, fault: Option<(i64, Fault)>, act: impl Future<Output = T>) -> T {
        if let Some((n, fault)) = fault {
            self.wire.fail_once(n, fault);
        }
        let done = act.await;
        self.wire.calm();
        done
    }

    fn expect_fault(&mut self, op: &Op, reply: &Reply, wanted: u16) {
        assert!(matches!(reply.status, 500 | 503), "{op:?}: {} instead of {wanted}: {}", reply.status, reply.text());
        assert!(self.wire.struck() > self.felt, "{op:?} failed without a fault: {}", reply.text());
        self.figures.failed += 1;
    }

    /// Continues with the first of these worlds that matches the table.
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

    /// Applies a request to the world. Returns the status, and the worlds that a failure on the way may leave.
    fn done_in(&self, world: &mut World, op: &Op) -> (u16, Vec<World>) {
        let status = match op {
            Op::Register { by, form, key } => world.register(*by, *form, *key),
            Op::Correct { by, which, change, stale } => world.correct(*by, *which, change, *stale),
            Op::Activate { by, which } => world.activate(*by, *which),
            Op::Renew { by, which } => world.renew(*by, *which),
            Op::Erase { by, which } => world.erase(*by, *which),
            Op::Read { by, which } | Op::History { by, which } => world.visible(*by, *which).err().unwrap_or(200),
            Op::List { by, .. } => world.reach(*by).err().unwrap_or(200),
            Op::Export { by, status } => return world.export(*by, *status),
            Op::AskLink { of } => world.ask_link(*of),
            Op::FollowLink { nth, choice } => world.follow_link(self.mailed(*nth), *choice),
            Op::SignIn { of, password } => return world.sign_in(*of, *password),
            Op::SignOut { nth } => world.sign_out(self.opened(*nth)),
            Op::SignOutEverywhere { nth } => world.sign_out_everywhere(self.opened(*nth)),
            Op::Confirm { nth, password } => return world.confirm(self.opened(*nth), *password),
            Op::BeginEnrolment { nth } => world.begin_enrolment(self.opened(*nth), self.apps.len()),
            Op::Enrol { nth } => world.enrol(self.opened(*nth), self.app_that_waits(*nth)),
            Op::TakeFactorOff { nth } => world.take_factor_off(self.opened(*nth)),
            Op::Me { nth } if !world.is_signed_in(self.opened(*nth)) => 401,
            Op::Library { by, library, email } => world.put_library(*by, library, *email),
            Op::Resource { by, resource, active } => world.put_resource(*by, *resource, *active),
            Op::Staff { by, who, reach } => world.put_staff(*by, *who, *reach),
            _ => 200,
        };
        (status, Vec::new())
    }
}

/// Returns the messages whose records are handed over, in order.
fn picked(mails: usize, from: usize, count: usize, backwards: bool, times: usize) -> Vec<usize> {
    let mut picked: Vec<usize> = (0..mails).skip(mails.saturating_sub(from + count)).take(count).collect();
    if backwards {
        picked.reverse();
    }
    picked.repeat(times)
}
