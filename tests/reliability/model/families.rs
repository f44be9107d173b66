//! Sequences by hand: households, and staff who are patrons.

use super::{
    ops::{Change, Choice, Event, Form, Op},
    people::{Address, Reach, Who},
    registering, without_faults,
};
use crate::support::FLEURY;

const DELIVER: Op = Op::Deliver { from: 0, count: 9, backwards: false, times: 1 };

fn correct(which: usize, change: Change) -> Op {
    Op::Correct { by: Who::Marie, which, change, stale: false }
}

/// A family: three register, one of them chooses a password and signs in. One gets an address of their own, one is
/// erased, and the last is purged.
#[tokio::test]
async fn re10_a_family_shares_an_account_until_its_last_one_leaves() {
    let (of, own) = (Address::Patron(0), Address::Patron(1));
    let enter = |of| {
        let choose = Op::FollowLink { nth: 0, choice: Choice::Password(1) };
        [Op::AskLink { of }, DELIVER, choose, Op::SignIn { of, password: 1 }, Op::Me { nth: 0 }]
    };
    let of_family = |which| [Op::Activate { by: Who::Marie, which }, Op::Read { by: Who::Marie, which }];
    let family = [0, 1, 2, 2].map(|name| registering(Who::Marie, name, None));
    let twin = correct(0, Change::Name(1));
    let (moves, me) = (correct(1, Change::Email { of: own, household: false }), Op::Me { nth: 0 });
    let back = [false, true].map(|household| correct(1, Change::Email { of, household }));
    let (erase, read) = (Op::Erase { by: Who::Marie, which: 0 }, Op::History { by: Who::Marie, which: 0 });
    let end = [Op::Days(730), Op::Purge, Op::SignIn { of, password: 1 }];
    without_faults(
        &[
            &family[..],
            &[twin],
            &of_family(1),
            &enter(of),
            &[Op::AskLink { of }, moves, me.clone(), DELIVER],
            &enter(own),
            &back,
            &[erase, me, read, DELIVER],
            &end,
        ]
        .concat(),
    )
    .await;
}

/// A librarian who is a patron as well: the place in the staff is added, raised and removed.
#[tokio::test]
async fn hh4_staff_who_are_patrons_gain_and_lose_their_place() {
    let (who, of) = (Who::Paul, Address::Staff(Who::Paul));
    let form = Form { library: FLEURY, of, name: 0, household: true, resource: 0, provisional: true };
    let register = Op::Register { by: Who::Marie, form, key: Some(0) };
    let staff = |reach| Op::Staff { by: Who::County, who, reach };
    let (list, me) = (Op::List { by: who, status: None }, Op::Me { nth: 0 });
    let sign_in = Op::SignIn { of, password: 0 };
    let places = [None, Some(Reach::Libraries(&[FLEURY])), Some(Reach::County), Some(Reach::Libraries(&[FLEURY]))];
    let changes = places.map(|reach| [staff(reach), sign_in.clone(), list.clone(), me.clone()]).concat();
    let erase = Op::Erase { by: Who::Marie, which: 0 };
    without_faults(&[&[register.clone(), register][..], &changes, &[DELIVER, erase, me, list, staff(None)]].concat())
        .await;
}

/// A mark belongs to the address: each registration under it is marked, and one that leaves is not.
#[tokio::test]
async fn section_7_a_bounce_marks_each_member_until_they_leave() {
    let (of, own, staff) = (Address::Patron(0), Address::Patron(1), Address::Staff(Who::Paul));
    let bounce = |of, event| [Op::AskLink { of }, DELIVER, Op::DeliveryEvent { nth: 0, event }];
    let register = |name| registering(Who::Marie, name, None);
    let activate = |which| Op::Activate { by: Who::Marie, which };
    let to = |which, of| correct(which, Change::Email { of, household: true });
    let confirm = Op::Staff { by: Who::County, who: Who::Paul, reach: Some(Reach::Libraries(&[FLEURY])) };
    let list = Op::List { by: Who::Marie, status: None };
    without_faults(
        &[
            &[register(0), register(1), activate(0)][..],
            &bounce(of, Event::BouncedForGood),
            &[register(2), list.clone(), activate(2), DELIVER],
            &[to(0, own), list.clone(), to(2, staff), DELIVER],
            &bounce(staff, Event::Complained),
            &[to(0, staff), list.clone(), confirm, list, DELIVER],
        ]
        .concat(),
    )
    .await;
}

/// A librarian enrols a second factor, signs in and confirms with it, replaces it, and takes it off.
#[tokio::test]
async fn ap15_a_second_factor_from_its_enrolment_to_its_end() {
    let of = Address::Staff(Who::Marie);
    let sign_in = Op::SignIn { of, password: 1 };
    let (begin, enrol) = (Op::BeginEnrolment { nth: 0 }, Op::Enrol { nth: 0 });
    let confirm = Op::Confirm { nth: 0, password: 1 };
    without_faults(&[
        Op::AskLink { of },
        DELIVER,
        Op::FollowLink { nth: 0, choice: Choice::Password(1) },
        sign_in.clone(),
        enrol.clone(),
        begin.clone(),
        enrol.clone(),
        enrol.clone(),
        sign_in.clone(),
        Op::Minutes(1),
        sign_in.clone(),
        Op::Minutes(15),
        begin.clone(),
        confirm.clone(),
        confirm,
        begin.clone(),
        Op::Minutes(1),
        enrol,
        Op::Minutes(1),
        sign_in.clone(),
        Op::Me { nth: 1 },
        Op::SignOutEverywhere { nth: 0 },
        Op::Minutes(1),
        sign_in.clone(),
        Op::TakeFactorOff { nth: 0 },
        sign_in,
    ])
    .await;
}
