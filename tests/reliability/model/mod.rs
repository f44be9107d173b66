//! RE10: random sequences of all operations, by several people. Connections fail, clocks jump and step back, stream
//! records repeat and arrive out of order, and jobs run concurrently. After each step the whole desk is compared with a
//! model of the procedure: registrations, history lines, messages, and what each person may read.
//!
//! `SOAK=<sequences>` sets their number. A failed sequence is shrunk, kept beside the tests, and run first afterwards.

mod accounts;
mod asking;
mod by_hand;
mod callers;
mod directory;
mod draws;
mod driver;
mod families;
mod holders;
mod households;
mod jobs;
mod ops;
mod people;
mod post;
mod reading;
mod rules;
mod table;
mod world;

use std::sync::Mutex;

use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence},
};

use super::audit::{Audit, audit_but};
use crate::support::{AUNEUIL, FLEURY, soak};
use driver::{Driver, Figures};
use ops::{Change, Choice, Event, Form, Op, Status, Step};
use people::{Address, Reach, Who};

/// The number of sequences, of 30 to 60 steps, in `make test`.
const SEQUENCES: u32 = 20;

static FIGURES: Mutex<Figures> = Mutex::new(Figures { steps: 0, faults: 0, failed: 0, mails: 0, repeated: 0 });

fn sequences() -> u32 {
    soak().unwrap_or(SEQUENCES)
}

fn config() -> Config {
    let kept = FileFailurePersistence::Direct(concat!(env!("CARGO_MANIFEST_DIR"), "/reliability/model/kept.txt"));
    Config { cases: sequences(), failure_persistence: Some(Box::new(kept)), max_shrink_iters: 100, ..Config::default() }
}

/// Runs one sequence, then lets time pass and checks that no message is left unsent.
async fn run(steps: &[Step], retries: bool) {
    let mut driver = Driver::start(retries).await;
    for step in steps {
        driver.step(step).await;
    }
    // A message that waits for its next try also waits for the hours by which the clock was set back.
    let set_back = steps.iter().filter(|(op, _)| matches!(op, Op::HourBack)).count();
    driver.step(&(Op::Minutes(180 + 60 * i64::try_from(set_back).unwrap()), None)).await;
    driver.step(&(Op::Jobs { at_once: 1 }, None)).await;
    let all: Vec<usize> = (0..driver.names.mails.len()).collect();
    driver.deliver(&all, None).await;
    for by in Who::ALL {
        driver.step(&(Op::List { by, status: None }, None)).await;
        for which in 0..driver.world.records.len() {
            driver.step(&(Op::History { by, which }, None)).await;
        }
    }
    for nth in 0..driver.world.sessions.len() {
        driver.step(&(Op::Me { nth }, None)).await;
    }
    let items = driver.desk.items().await;
    audit_but(&items, driver.world.records.iter().map(|record| record.unsaid).sum());
    assert!(Audit::of(&items).outbox().iter().all(|mail| !mail.ends_with("queued")), "every mail is closed");
    let mut all = FIGURES.lock().unwrap();
    let one = driver.figures;
    (all.steps, all.faults, all.failed) = (all.steps + one.steps, all.faults + one.faults, all.failed + one.failed);
    (all.mails, all.repeated) = (all.mails + one.mails, all.repeated + one.repeated);
}

proptest! {
    #![proptest_config(config())]

    fn sequences_at_random(steps in draws::steps(), retries in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(run(&steps, retries));
    }
}

#[test]
fn re10_random_sequences_match_the_model_of_the_procedure() {
    sequences_at_random();
    let figures = *FIGURES.lock().unwrap();
    println!("RE10: {} sequences, {figures:?}", sequences());
    assert!(figures.steps >= 30 * sequences() as usize && figures.faults > 0 && figures.failed > 0);
}

/// Returns a registration of the first address, of a person who joins its household if it has one.
fn registering(by: Who, name: usize, key: Option<usize>) -> Op {
    let of = Address::Patron(0);
    let form = Form { library: FLEURY, of, name, household: true, resource: 0, provisional: false };
    Op::Register { by, form, key }
}

async fn without_faults(ops: &[Op]) {
    run(&ops.iter().map(|op| (op.clone(), None)).collect::<Vec<_>>(), true).await;
}

// Each test below was shrunk from a random sequence that found a fault.

/// Found a history out of order.
#[tokio::test]
async fn re10_a_clock_that_is_set_back_between_two_changes() {
    without_faults(&[registering(Who::County, 0, None), Op::HourBack, Op::Activate { by: Who::Marie, which: 0 }]).await;
}

/// Found an export in the histories of patrons who came to its library later, and missing from those of the patrons
/// that it contained.
#[tokio::test]
async fn re10_an_export_is_in_the_history_of_patrons_who_moved_since() {
    let export = |by| Op::Export { by, status: None };
    let moves = |library| Op::Correct { by: Who::Anne, which: 0, change: Change::Library(library), stale: false };
    let read = Op::History { by: Who::Anne, which: 0 };
    without_faults(&[
        registering(Who::Marie, 0, None),
        export(Who::Marie),
        export(Who::Paul),
        export(Who::Anne),
        moves(AUNEUIL),
        read.clone(),
        export(Who::Marie),
        export(Who::Paul),
        moves(FLEURY),
        export(Who::County),
        export(Who::Paul),
        read,
    ])
    .await;
}

/// Found an idempotency key that still showed a registration that had moved to another library.
#[tokio::test]
async fn re10_a_key_shows_nobody_what_is_another_library_s_since() {
    let again = registering(Who::Marie, 0, Some(0));
    let moves = Op::Correct { by: Who::County, which: 0, change: Change::Library(AUNEUIL), stale: false };
    without_faults(&[again.clone(), moves, again]).await;
}

/// Covers cases that random sequences rarely reach: the recipient is marked, has asked again, or is gone when the
/// message is sent.
#[tokio::test]
async fn re10_an_outdated_message_is_not_sent() {
    let (of, who) = (Address::Staff(Who::Anne), Who::Anne);
    let ask = Op::AskLink { of };
    let deliver = Op::Deliver { from: 0, count: 9, backwards: false, times: 1 };
    let choose = Op::FollowLink { nth: 0, choice: Choice::Password(1) };
    let event = Op::DeliveryEvent { nth: 0, event: Event::Complained };
    let staff = |reach| Op::Staff { by: Who::County, who, reach };
    let marked = [ask.clone(), deliver.clone(), event, choose, deliver.clone()];
    let outdated = [staff(Some(Reach::County)), ask.clone(), ask.clone(), Op::Minutes(61), deliver.clone()];
    let gone = [ask, staff(None), deliver];
    without_faults(&[&marked[..], &outdated, &gone].concat()).await;
}

#[tokio::test]
async fn section_5_the_file_of_a_status_holds_those_who_have_it() {
    let files = [Status::Pending, Status::Active, Status::Expired]
        .map(|status| Op::Export { by: Who::Marie, status: Some(status) });
    let (activate, history) = (Op::Activate { by: Who::Marie, which: 0 }, Op::History { by: Who::Marie, which: 0 });
    let (first, year) = (registering(Who::Marie, 0, None), Op::Days(365));
    without_faults(&[&[first][..], &files, &[activate], &files, &[year], &files, &[history]].concat()).await;
}
