//! Draws random sequences of operations.

use proptest::{prelude::*, sample::select};

use super::{
    ops::{Change, Choice, EMAILS, Event, Form, LIBRARIES, Op, PASSWORDS, PEOPLE, Status, Step},
    people::{Address, Reach, Who},
};
use crate::support::Fault;

fn who() -> impl Strategy<Value = Who> {
    select(&Who::ALL[..])
}

/// Draws who changes the directory: usually the county, sometimes a librarian, who may not.
fn keeper() -> impl Strategy<Value = Who> {
    prop_oneof![4 => Just(Who::County), 1 => who()]
}

fn library() -> impl Strategy<Value = &'static str> {
    select(&LIBRARIES[..])
}

fn which() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 0..2_usize, 1 => 2..5_usize]
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![1 => who().prop_map(Address::Staff), 1 => (0..EMAILS).prop_map(Address::Patron)]
}

/// Draws the address of a registration: usually a patron's, sometimes one of the staff's.
fn home() -> impl Strategy<Value = Address> {
    prop_oneof![1 => who().prop_map(Address::Staff), 4 => (0..EMAILS).prop_map(Address::Patron)]
}

fn form() -> impl Strategy<Value = Form> {
    (library(), home(), 0..PEOPLE, any::<bool>(), 0..2_usize, prop::bool::weighted(0.2)).prop_map(
        |(library, of, name, household, resource, provisional)| Form {
            library,
            of,
            name,
            household,
            resource,
            provisional,
        },
    )
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => (0..3_usize).prop_map(Change::Town),
        1 => (0..PEOPLE).prop_map(Change::Name),
        3 => (home(), any::<bool>()).prop_map(|(of, household)| Change::Email { of, household }),
        1 => library().prop_map(Change::Library),
        1 => (0..2_usize).prop_map(Change::Resource),
    ]
}

fn status() -> impl Strategy<Value = Option<Status>> {
    select(&[None, None, Some(Status::Pending), Some(Status::Active), Some(Status::Expired)][..])
}

/// Draws an operation on registrations.
fn of_registrations() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (who(), form(), prop::option::weighted(0.4, 0..3_usize))
            .prop_map(|(by, form, key)| Op::Register { by, form, key }),
        6 => (who(), which(), change(), prop::bool::weighted(0.2))
            .prop_map(|(by, which, change, stale)| Op::Correct { by, which, change, stale }),
        4 => (who(), which()).prop_map(|(by, which)| Op::Activate { by, which }),
        2 => (who(), which()).prop_map(|(by, which)| Op::Renew { by, which }),
        1 => (who(), which()).prop_map(|(by, which)| Op::Erase { by, which }),
        1 => (who(), which()).prop_map(|(by, which)| Op::Read { by, which }),
        2 => (who(), which()).prop_map(|(by, which)| Op::History { by, which }),
        1 => (who(), status()).prop_map(|(by, status)| Op::List { by, status }),
        2 => (who(), status()).prop_map(|(by, status)| Op::Export { by, status }),
    ]
}

/// Draws two persons who share an address, a link that is asked for, and then one of them leaves or is renamed.
fn of_households() -> impl Strategy<Value = Vec<Op>> {
    let leaves = prop_oneof![
        3 => (who(), which(), change())
            .prop_map(|(by, which, change)| Op::Correct { by, which, change, stale: false }),
        1 => (who(), which()).prop_map(|(by, which)| Op::Erase { by, which }),
    ];
    (who(), form(), 1..PEOPLE, prop::option::of(address()), leaves).prop_map(|(by, form, next, link, leaves)| {
        let form = Form { household: true, ..form };
        let other = Form { name: (form.name + next) % PEOPLE, ..form };
        let registered = [form, other].map(|form| Op::Register { by, form, key: None });
        let asked = link.map(|of| Op::AskLink { of });
        registered.into_iter().chain(asked).chain([leaves]).collect()
    })
}

/// Draws an operation on libraries, resources or staff.
fn of_the_directory() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (keeper(), library(), prop::option::of(0..2_usize))
            .prop_map(|(by, library, email)| Op::Library { by, library, email }),
        1 => (keeper(), 0..2_usize, prop::bool::weighted(0.6))
            .prop_map(|(by, resource, active)| Op::Resource { by, resource, active }),
        2 => (keeper(), who(), prop::option::weighted(0.7, select(&Reach::ALL[..])))
            .prop_map(|(by, who, reach)| Op::Staff { by, who, reach }),
    ]
}

fn choice() -> impl Strategy<Value = Choice> {
    let password = (0..PASSWORDS.len() - 1).prop_map(Choice::Password);
    prop_oneof![1 => Just(Choice::Look), 1 => Just(Choice::Weak), 3 => password]
}

/// Draws a second factor: enrolled, with a password chosen before, used after the next code, confirmed with, taken off.
fn factor() -> impl Strategy<Value = Vec<Op>> {
    let one = (0..4_usize, 0..4_usize).prop_map(|(nth, which)| match which {
        0 => vec![Op::BeginEnrolment { nth }],
        1 => vec![Op::Enrol { nth }],
        2 => vec![Op::TakeFactorOff { nth }],
        _ => vec![Op::BeginEnrolment { nth }, Op::Enrol { nth }],
    });
    let deliver = Op::Deliver { from: 0, count: 3, backwards: false, times: 1 };
    let whole = (who(), 0..2_usize, any::<bool>()).prop_map(move |(who, password, takes_off)| {
        let of = Address::Staff(who);
        let chosen = Op::FollowLink { nth: 0, choice: Choice::Password(password) };
        let arrived = vec![Op::AskLink { of }, deliver.clone(), chosen, Op::SignIn { of, password }];
        let used = vec![Op::Minutes(1), Op::SignIn { of, password }, Op::Me { nth: 0 }];
        let confirmed = vec![Op::Minutes(14), Op::Confirm { nth: 0, password }];
        let end = if takes_off { Op::TakeFactorOff { nth: 0 } } else { Op::SignOutEverywhere { nth: 0 } };
        let enrolled = vec![Op::BeginEnrolment { nth: 0 }, Op::Enrol { nth: 0 }];
        [arrived, enrolled, used, confirmed, vec![end]].concat()
    });
    prop_oneof![2 => one, 1 => whole]
}

/// Draws one operation on an account, or several in a row.
fn of_accounts() -> impl Strategy<Value = Vec<Op>> {
    let deliver = Op::Deliver { from: 0, count: 3, backwards: false, times: 1 };
    let again = deliver.clone();
    prop_oneof![
        2 => address().prop_map(|of| vec![Op::AskLink { of }]),
        2 => (0..3_usize, choice()).prop_map(|(nth, choice)| vec![Op::FollowLink { nth, choice }]),
        1 => (address(), 0..PASSWORDS.len()).prop_map(|(of, password)| vec![Op::SignIn { of, password }]),
        1 => (0..4_usize).prop_map(|nth| vec![Op::SignOut { nth }]),
        3 => (0..8_usize).prop_map(|nth| vec![Op::Me { nth }]),
        1 => (0..8_usize).prop_map(|nth| vec![Op::SignOutEverywhere { nth }]),
        2 => (0..8_usize, 0..PASSWORDS.len()).prop_map(|(nth, password)| vec![Op::Confirm { nth, password }]),
        2 => factor(),
        // A forgotten password: the person asks for a link and follows it.
        2 => (address(), prop::bool::weighted(0.2), 0..2_usize).prop_map(move |(of, older, password)| {
            let chosen = Op::FollowLink { nth: usize::from(older), choice: Choice::Password(password) };
            vec![Op::AskLink { of }, deliver.clone(), chosen, Op::SignIn { of, password }, Op::Me { nth: 0 }]
        }),
        // A message bounces or is complained about, and the link is asked for again.
        1 => (address(), prop::bool::ANY).prop_map(move |(of, for_good)| {
            let event = if for_good { Event::BouncedForGood } else { Event::Complained };
            let asked = [Op::AskLink { of }, again.clone()];
            [&asked[..], &[Op::DeliveryEvent { nth: 0, event }], &asked[..]].concat()
        }),
        // Someone guesses passwords until the account must wait, and then the owner signs in.
        1 => (address(), 4..7_usize, select(&[0_i64, 1, 2][..])).prop_map(|(of, tries, minutes)| {
            let wrong = vec![Op::SignIn { of, password: PASSWORDS.len() - 1 }; tries];
            [wrong, vec![Op::Minutes(minutes), Op::SignIn { of, password: 0 }]].concat()
        }),
    ]
}

/// Draws repeats, with other operations between: the same form under its idempotency key, or an export's histories.
fn again() -> impl Strategy<Value = Vec<Op>> {
    let between = || prop::collection::vec(prop_oneof![2 => of_registrations(), 1 => of_the_directory()], 0..3);
    let sent_again = (who(), form(), 0..3_usize, between()).prop_map(|(by, form, key, between)| {
        let register = Op::Register { by, form, key: Some(key) };
        [vec![register.clone()], between, vec![register]].concat()
    });
    let moved = (who(), which(), library()).prop_map(|(by, which, library)| {
        vec![Op::Correct { by, which, change: Change::Library(library), stale: false }]
    });
    let exported = (who(), who(), which(), status(), prop_oneof![between(), moved]).prop_map(
        |(by, reader, which, status, between)| {
            [vec![Op::Export { by, status }], between, vec![Op::History { by: reader, which }]].concat()
        },
    );
    prop_oneof![sent_again, exported]
}

/// Draws an operation without a request: time, jobs, deliveries and delivery events.
fn of_nobody() -> impl Strategy<Value = Op> {
    let events = [Event::BouncedForNow, Event::BouncedForGood, Event::Complained];
    prop_oneof![
        8 => (1..4_usize).prop_map(|at_once| Op::Jobs { at_once }),
        1 => Just(Op::Purge),
        8 => (0..12_usize, 1..12_usize, any::<bool>(), 1..3_usize)
            .prop_map(|(from, count, backwards, times)| Op::Deliver { from, count, backwards, times }),
        4 => (0..6_usize, select(events.to_vec())).prop_map(|(nth, event)| Op::DeliveryEvent { nth, event }),
        6 => select(&[1_i64, 2, 3, 8, 30, 335, 365][..]).prop_map(Op::Days),
        4 => select(&[1_i64, 2, 61, 120][..]).prop_map(Op::Minutes),
        4 => Just(Op::HourBack),
    ]
}

/// Draws two years passing, followed by the nightly purge.
fn years() -> impl Strategy<Value = Vec<Op>> {
    select(&[728_i64, 730, 731, 1100][..]).prop_map(|days| vec![Op::Days(days), Op::Purge])
}

/// Draws a sequence, with a fault at about every third step.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ops = prop_oneof![
        24 => of_registrations().prop_map(|op| vec![op]),
        4 => of_households(),
        5 => of_the_directory().prop_map(|op| vec![op]),
        6 => of_accounts(),
        3 => again(),
        16 => of_nobody().prop_map(|op| vec![op]),
        1 => years(),
    ];
    let fault = || prop::option::weighted(0.4, (1..7_i64, select(&Fault::ALL[..])));
    let steps = (ops, prop::collection::vec(fault(), 12)).prop_map(|(ops, faults)| ops.into_iter().zip(faults));
    prop::collection::vec(steps, 30..60).prop_map(|steps| steps.into_iter().flatten().collect())
}
