//! Operations without a request: the jobs and SES's delivery events.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use super::{
    driver::Driver,
    ops::{Event, Op},
    post::Countdown,
    world::World,
};
use crate::support::{
    Fault,
    hands::{bounce_on, delivery_event, escalate_on},
};

impl Driver {
    /// Runs the daily job, once with a fault in it, or several times concurrently.
    pub(crate) async fn jobs(&mut self, at_once: usize, fault: Option<(i64, Fault)>) {
        let mut worlds = vec![self.world.clone()];
        for about in self.world.owed() {
            for mut next in worlds.clone() {
                next.write_digest(about.clone());
                worlds.push(next);
            }
        }
        let runs = if let Some(fault) = fault {
            let wired = self.desk.local().runtime("escalate").unwrap().clone();
            let escalate = escalate::Escalate::from_runtime(&wired).unwrap();
            vec![self.faulty(Some(fault), escalate.run()).await]
        } else {
            let escalates: Vec<_> = (0..at_once).map(|_| escalate_on(&self.desk, |aws| aws)).collect();
            join_all(escalates.iter().map(escalate::Escalate::run)).await
        };
        let failed = self.has_failed(&runs);
        // A failed run has written any of its digests; a run without failure has written all.
        worlds.reverse();
        self.adopt(if failed { &worlds } else { &worlds[..1] }, &Op::Jobs { at_once }).await;
    }

    /// Runs the nightly purge. A failed run has erased some of the outdated registrations, in no particular order.
    pub(crate) async fn purge(&mut self, fault: Option<(i64, Fault)>) {
        let due = self.world.outlived();
        let wired = self.desk.local().runtime("purge").unwrap().clone();
        let purge = purge::Purge::from_runtime(&wired).unwrap();
        let run = self.faulty(fault, purge.run()).await;
        let mut after = self.world.clone();
        if self.has_failed(std::slice::from_ref(&run)) {
            let there: BTreeSet<usize> = self.names.numbers(&self.desk.items().await);
            after.purge(&due.difference(&there).copied().collect());
        } else {
            assert_eq!(run.expect("it has not failed").erased, due.len());
            after.purge(&due);
        }
        self.adopt(&[after], &Op::Purge).await;
    }

    /// Returns whether a run has failed, which is allowed only if a fault was injected.
    fn has_failed<T, E: std::fmt::Debug>(&mut self, runs: &[Result<T, E>]) -> bool {
        let failed = runs.iter().find_map(|run| run.as_ref().err());
        assert!(failed.is_none() || self.wire.struck() > self.felt, "a job failed without a fault: {failed:?}");
        self.figures.failed += usize::from(failed.is_some());
        failed.is_some()
    }

    /// Delivers an event from SES about the nth newest message that went out.
    pub(crate) async fn deliver_event(&mut self, nth: usize, event: Event, fault: Option<(i64, Fault)>) {
        let sent: Vec<usize> = (0..self.world.mails.len()).filter(|at| self.world.mails[*at].to.is_some()).collect();
        let Some(mail) = sent.len().checked_sub(nth + 1).map(|at| sent[at]) else { return };
        let mut after = self.world.clone();
        let news = after.apply_event(mail, event);
        let to = self.world.mails[mail].to.clone().expect("it went out");
        let (kind, what) = match event {
            Event::BouncedForNow => ("Bounce", json!({ "bounceType": "Transient" })),
            Event::BouncedForGood => ("Bounce", json!({ "bounceType": "Permanent" })),
            Event::Complained => ("Complaint", json!({ "complaintFeedbackType": "abuse" })),
        };
        let countdown = Countdown::of(fault);
        let bounce = bounce_on(&self.desk, |aws| countdown.on(aws));
        let worlds: Vec<World> = match bounce.note(delivery_event(kind, &self.names.mails[mail], &to, what)).await {
            Ok(noted) => {
                assert_eq!(noted == bounce::Noted::Noted, news, "{event:?} of {:?}", self.world.mails[mail]);
                vec![after]
            }
            Err(failure) => {
                assert!(countdown.has_struck(), "{failure} without a fault");
                self.figures.failed += 1;
                vec![self.world.clone(), after]
            }
        };
        self.figures.faults += usize::from(countdown.has_struck());
        self.adopt(&worlds, &Op::DeliveryEvent { nth, event }).await;
    }
}
