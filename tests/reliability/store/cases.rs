//! The cases of the store's contract. Every case begins with an empty table.

use std::collections::BTreeSet;

use domain::{
    Account, Email, Library, LibraryId, Registration, RegistrationId, Resource, Staff, StaffRole,
    delivery::{AddressState, DeliveryEvent, DeliveryState},
    history::{Action, Author, Export, Line},
    message::Message,
    person::BirthDate,
    tries::{End, Setback},
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp, civil::Date};
use runtime::{Ids, Secret};
use store::{
    Change, Claim, Creation, DeliveryReport, Digest, DirectoryEntry, Error, Filter, Holder, Holding, Lease, Mark,
    Member, NewMessage, Order, Raising, Remains, Saved, Scope, StaffChange, Store, Versioned, keys::ExportOf,
};

fn now() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().unwrap()
}

fn today() -> Date {
    "2026-11-24".parse().unwrap()
}

fn email(text: &str) -> Email {
    text.parse().unwrap()
}

fn library(id: &str) -> LibraryId {
    id.parse().unwrap()
}

fn registration(last_name: &str, address: &str, of: &str, on: Date) -> Registration {
    let person = domain::Person {
        last_name: last_name.parse().unwrap(),
        first_name: "Camille".parse().unwrap(),
        birth_date: BirthDate::parse("1988-02-29", today()).unwrap(),
        email: email(address),
        phone: None,
        address: None,
        postal_code: None,
        town: None,
        card_number: None,
    };
    let by = email("marie@fleury.example");
    Registration::new(Ids::System.registration_id(), library(of), person, vec![], by, now(), on)
}

async fn create(store: &Store, registration: &Registration) -> Creation {
    let holder = Holder::New { credentials: None, generation: Ids::System.id() };
    store.create(registration, &holder, None).await.unwrap()
}

async fn created(store: &Store, last_name: &str, address: &str, of: &str) -> Versioned {
    let made = registration(last_name, address, of, today());
    assert_eq!(create(store, &made).await, Creation::Done);
    store.registration(&made.id).await.unwrap().expect("it is there")
}

fn change<'a>(before: &'a Versioned, after: Registration, mail: Option<&str>) -> Change<'a> {
    let message = Message::Activation { registration_id: after.id.clone() };
    let line = Line { at: now(), by: Author::Account(email("marie@fleury.example")), action: Action::Activated };
    Change {
        before,
        after,
        line,
        messages: mail.map(|id| NewMessage { id: id.to_owned(), message }).into_iter().collect(),
        holding: Holding::Same,
    }
}

fn activated(before: &Registration) -> Registration {
    let Member { email, staff } = member("marie@fleury.example", StaffRole::Librarian);
    before.activate(&Account::of_staff(email, staff), today()).unwrap().expect("it was pending")
}

fn member(address: &str, role: StaffRole) -> Member {
    let staff = Staff { role, display_name: "Marie".into(), library_ids: vec![library("LI1")] };
    Member { email: email(address), staff }
}

/// Adds or changes a member of staff, as the county does.
async fn put_member(store: &Store, before: Option<&DirectoryEntry<Member>>, member: &Member) -> StaffChange {
    let account = store.account(&member.email).await.unwrap();
    let raising = Raising { generation: "first", link: None, credentials: None };
    store.put_staff(before, account.as_ref(), member, raising).await.unwrap()
}

async fn remove(store: &Store, before: &DirectoryEntry<Member>) -> StaffChange {
    let account = store.account(&before.content.email).await.unwrap();
    store.remove_staff(before, account.as_ref()).await.unwrap()
}

fn all() -> Filter {
    Filter { today: today(), status: None, overdue: false, query: None, last_name: None }
}

pub(crate) async fn an_address_is_unique_and_a_lost_creation_leaves_nothing(store: &Store) {
    let (one, other) = (registration("A", "a@x.fr", "LI1", today()), registration("B", "a@x.fr", "LI2", today()));
    let mut outcomes = join_all([create(store, &one), create(store, &other)]).await;
    outcomes.sort_by_key(|outcome| *outcome != Creation::Done);
    assert_eq!(outcomes, [Creation::Done, Creation::AccountChanged]);
    let there = [&one, &other].map(|made| store.registration(&made.id));
    let there = join_all(there).await.into_iter().filter(|found| found.as_ref().unwrap().is_some()).count();
    assert_eq!(there, 1);
}

pub(crate) async fn re1_change_line_and_mail_commit_together_or_not_at_all(store: &Store) {
    let before = created(store, "A", "a@x.fr", "LI1").await;
    let saved = store.save(change(&before, activated(&before.registration), Some("mail-1"))).await.unwrap();
    let Saved::Done(first) = saved else { panic!("{saved:?}") };
    // The message id is in use: the message can't be written, so neither the change nor its line may be.
    let renewed = Registration { renewed_on: Some(today()), ..first.registration.clone() };
    let lost = store.save(change(&first, renewed, Some("mail-1"))).await.unwrap();
    assert_eq!(lost, Saved::Stale);
    assert_eq!(store.registration(&first.registration.id).await.unwrap(), Some(first.clone()));
    assert_eq!(store.history(&first.registration).await.unwrap().len(), 2);
}

pub(crate) async fn a_stale_change_is_refused(store: &Store) {
    let before = created(store, "A", "a@x.fr", "LI1").await;
    let after = activated(&before.registration);
    let saves = join_all((0..10).map(|_| store.save(change(&before, after.clone(), None)))).await;
    let done = saves.into_iter().filter(|saved| matches!(saved.as_ref().unwrap(), Saved::Done(_))).count();
    assert_eq!(done, 1);
}

pub(crate) async fn s1_a_moved_registration_leaves_the_account_behind(store: &Store) {
    let before = created(store, "A", "old@x.fr", "LI1").await;
    created(store, "B", "taken@x.fr", "LI1").await;
    let account = async |address| store.account(&email(address)).await.unwrap();
    let moved = async |address: &str| {
        let mut after = before.registration.clone();
        after.person.email = email(address);
        let from = account("old@x.fr").await.expect("its account");
        let to = Holder::New { credentials: None, generation: "next".into() };
        let holding = Holding::Moved { left: from.account.without(&after.id), from, to };
        store.save(Change { holding, ..change(&before, after, None) }).await.unwrap()
    };
    assert_eq!(moved("taken@x.fr").await, Saved::Stale);
    assert!(matches!(moved("new@x.fr").await, Saved::Done(_)));
    assert!(account("old@x.fr").await.is_none());
    assert_eq!(
        account("new@x.fr").await.expect("moved").account.registrations,
        std::slice::from_ref(&before.registration.id)
    );
}

pub(crate) async fn hh1_of_two_joins_decided_at_once_one_is_done(store: &Store) {
    let first = created(store, "A", "home@x.fr", "LI1").await;
    let account = async || store.account(&email("home@x.fr")).await.unwrap().expect("an account");
    let before = account().await;
    let join = async |last_name| {
        let made = registration(last_name, "home@x.fr", "LI2", today());
        let mut after = before.account.clone();
        after.registrations.push(made.id.clone());
        store.create(&made, &Holder::Existing { before: before.clone(), after }, None).await.unwrap()
    };
    let mut outcomes = join_all(["B", "C"].map(join)).await;
    outcomes.sort_by_key(|outcome| *outcome != Creation::Done);
    assert_eq!(outcomes, [Creation::Done, Creation::AccountChanged]);
    assert_eq!(account().await.account.registrations.len(), 2);
    let by = Author::Account(email("marie@fleury.example"));
    assert!(store.erase(&Remains::from(&first), by, now()).await.unwrap());
    assert_eq!(account().await.account.registrations.len(), 1);
}

/// Found by attack: a join that was decided on an account that ended meanwhile entered the one that was opened after it.
pub(crate) async fn hh1_a_join_does_not_enter_an_account_opened_since(store: &Store) {
    let first = created(store, "A", "home@x.fr", "LI1").await;
    let account = async || store.account(&email("home@x.fr")).await.unwrap().expect("an account");
    let before = account().await;
    let by = Author::Account(email("marie@fleury.example"));
    assert!(store.erase(&Remains::from(&first), by, now()).await.unwrap());
    let second = created(store, "B", "home@x.fr", "LI1").await;
    assert_eq!(account().await.revision, before.revision);
    let late = registration("C", "home@x.fr", "LI2", today());
    let mut after = before.account.clone();
    after.registrations.push(late.id.clone());
    let join = Holder::Existing { before, after };
    assert_eq!(store.create(&late, &join, None).await.unwrap(), Creation::AccountChanged);
    assert_eq!(account().await.account.registrations, [second.registration.id]);
}

pub(crate) async fn pages_merge_many_partitions_in_one_order(store: &Store) {
    let names = ["Zola", "Éluard", "elan", "Œdipe", "D'Hérouville", "Oda", "Dédreux", "Ozanne", "李"];
    for (n, name) in names.iter().enumerate() {
        let on = domain::calendar::plus_days(today(), -i32::try_from(n).unwrap());
        let made = registration(name, &format!("p{n}@x.fr"), ["LI1", "LI2"][n % 2], on);
        create(store, &made).await;
        if n % 3 == 0 {
            let before = store.registration(&made.id).await.unwrap().unwrap();
            store.save(change(&before, activated(&made), None)).await.unwrap();
        }
    }
    let own = [library("LI1"), library("LI2")];
    let sorted = ["Dédreux", "D'Hérouville", "elan", "Éluard", "Oda", "Œdipe", "Ozanne", "Zola", "李"];
    for scope in [Scope::Libraries(&own), Scope::County] {
        for limit in [1, 2, 4, 9, 50] {
            assert_eq!(walk(store, scope, Order::Name, limit).await, sorted);
            assert_eq!(walk(store, scope, Order::Newest, limit).await, names);
        }
    }
    let starting = Filter { last_name: Some("o".into()), ..all() };
    let page = store.list(Scope::County, Order::Name, &starting, None, 2).await.unwrap();
    assert_eq!(last_names(&page.items), ["Oda", "Œdipe"]);
    let page = store.list(Scope::County, Order::Name, &starting, page.next.as_deref(), 2).await.unwrap();
    assert_eq!((last_names(&page.items), page.next), (vec!["Ozanne".to_owned()], None));
}

async fn walk(store: &Store, scope: Scope<'_>, order: Order, limit: usize) -> Vec<String> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.list(scope, order, &all(), after.as_deref(), limit).await.unwrap();
        assert!(page.items.len() <= limit);
        seen.extend(last_names(&page.items));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

fn last_names(items: &[Registration]) -> Vec<String> {
    items.iter().map(|item| item.person.last_name.to_string()).collect()
}

pub(crate) async fn the_sweep_finds_the_overdue_and_no_others(store: &Store) {
    for days in 0..12 {
        let on = domain::calendar::plus_days(today(), -days);
        create(store, &registration("A", &format!("d{days}@x.fr"), "LI1", on)).await;
    }
    let eight_days_old = registration("B", "b@x.fr", "LI1", domain::calendar::plus_days(today(), -9));
    create(store, &eight_days_old).await;
    let before = store.registration(&eight_days_old.id).await.unwrap().unwrap();
    store.save(change(&before, activated(&eight_days_old), None)).await.unwrap();
    let found = store.pending_since_before(domain::calendar::plus_days(today(), -7)).await.unwrap();
    assert_eq!(found.len(), 4, "those of 8, 9, 10 and 11 days");
    assert!(found.iter().all(|found| found.registration.is_overdue(today())));
}

pub(crate) async fn a_session_ends_by_time_by_sign_out_and_by_generation(store: &Store) {
    let marie = member("marie@x.fr", StaffRole::County);
    assert_eq!(put_member(store, None, &marie).await, StaffChange::Done(1));
    let stored = store.account(&marie.email).await.unwrap().unwrap();
    let until = now() + SignedDuration::from_hours(12);
    let one = store.open_session(&stored, None, &Ids::System, now(), until).await.unwrap();
    let two = store.open_session(&stored, None, &Ids::System, now(), until).await.unwrap();
    let lives = async |token: &Secret, at| store.session(token, at).await.unwrap().is_some();
    assert!(lives(&one, now()).await);
    assert!(!lives(&one, until).await);
    let idle = now() + domain::account::IDLE;
    assert!(lives(&one, idle - SignedDuration::from_secs(1)).await, "which notes its use");
    assert!(!lives(&two, idle).await, "unused for an hour");
    assert!(lives(&one, idle + SignedDuration::from_mins(58)).await);
    let (pseudonym, _) = one.reveal().split_once('.').unwrap();
    for invented in
        ["x".to_owned(), format!("{pseudonym}.{}", "A".repeat(43)), format!("{}.{}", "#".repeat(22), "A".repeat(43))]
    {
        assert!(!lives(&Secret::new(invented), now()).await);
    }
    store.end_session(&one).await.unwrap();
    store.end_session(&one).await.unwrap();
    assert!(!lives(&one, now()).await && lives(&two, now()).await);
    store.ask_reset(&marie.email, "mail", now()).await.unwrap();
    store.make_link(&marie.email, "mail", "link", now()).await.unwrap();
    let stored = store.link("link", now()).await.unwrap().unwrap();
    assert!(store.choose_password(&stored, "link", "hash", "second", "notice", now()).await.unwrap());
    assert!(!lives(&two, now()).await);
}

pub(crate) async fn a_link_is_made_at_sending_and_used_once(store: &Store) {
    let marie = member("marie@x.fr", StaffRole::County);
    assert_eq!(put_member(store, None, &marie).await, StaffChange::Done(1));
    let to = &marie.email;
    store.ask_reset(to, "old", now()).await.unwrap();
    assert!(store.make_link(to, "old", "old-link", now()).await.unwrap());
    store.ask_reset(to, "new", now()).await.unwrap();
    assert!(store.link("old-link", now()).await.unwrap().is_none(), "a newer one was asked for");
    assert!(!store.make_link(to, "old", "late", now()).await.unwrap(), "its mail comes too late");
    assert!(store.make_link(to, "new", "twice-1", now()).await.unwrap());
    assert!(store.make_link(to, "new", "twice-2", now()).await.unwrap(), "its mail is sent again");
    assert!(store.link("twice-1", now()).await.unwrap().is_none());
    let later = now() + store::LINK_LIFE;
    assert!(store.link("twice-2", later).await.unwrap().is_none(), "an hour is over");
    let stored = store.link("twice-2", later - SignedDuration::from_secs(1)).await.unwrap().expect("good");
    let choices: Vec<String> = (0..20).map(|n| format!("notice-{n}")).collect();
    let chosen = choices.iter().map(|id| store.choose_password(&stored, "twice-2", "hash", "second", id, now()));
    let won = join_all(chosen).await.into_iter().filter(|chosen| *chosen.as_ref().unwrap()).count();
    assert_eq!(won, 1);
}

pub(crate) async fn tries_are_counted_before_they_are_made(store: &Store) {
    let marie = email("marie@x.fr");
    let free = join_all((0..12).map(|_| store.count_try(&marie, now()))).await;
    assert_eq!(free.into_iter().filter(|free| free.as_ref().unwrap().is_some()).count(), 5);
    let later = now() + SignedDuration::from_mins(1);
    assert!(store.count_try(&marie, later).await.unwrap().is_some());
    store.try_succeeded(&marie, later).await.unwrap();
    assert!(store.count_try(&marie, later).await.unwrap().is_some());
    assert!(store.count_try(&email("autre@x.fr"), now()).await.unwrap().is_some());
}

async fn posted(store: &Store, id: &str) {
    let before = created(store, "A", &format!("{id}@x.fr"), "LI1").await;
    let saved = store.save(change(&before, activated(&before.registration), Some(id))).await.unwrap();
    assert!(matches!(saved, Saved::Done(_)));
}

async fn leased(store: &Store, id: &str, at: Timestamp) -> Lease {
    match store.claim(id, at).await.unwrap() {
        Claim::Yours(lease, item) => {
            assert_eq!(item.unwrap().message_id, id);
            lease
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_mail_is_claimed_sent_and_marked(store: &Store) {
    posted(store, "mail").await;
    let claims = join_all((0..10).map(|_| store.claim("mail", now()))).await;
    let yours = claims.into_iter().filter(|claim| matches!(claim.as_ref().unwrap(), Claim::Yours(..))).count();
    assert_eq!(yours, 1);
    let lapsed = now() + SignedDuration::from_secs(90);
    assert!(matches!(store.claim("mail", lapsed - SignedDuration::from_secs(1)).await.unwrap(), Claim::NotDue));
    let lease = leased(store, "mail", lapsed).await;
    store.set_back(&lease, Setback::NotBegun, lapsed).await.unwrap();
    let lease = leased(store, "mail", lapsed).await;
    store.mark_sent(&lease, "ses-1", lapsed).await.unwrap();
    store.mark_dropped(&lease, "late", lapsed).await.unwrap();
    store.set_back(&lease, Setback::NotAccepted, lapsed).await.unwrap();
    store.make_due("mail", lapsed).await.unwrap();
    assert!(matches!(store.claim("mail", now() + SignedDuration::from_hours(9)).await.unwrap(), Claim::Done));
    assert!(matches!(store.claim("unknown", now()).await.unwrap(), Claim::Done));
}

pub(crate) async fn a_mail_that_stays_unsent_is_found_when_it_is_due(store: &Store) {
    for id in ["mail-1", "mail-2"] {
        posted(store, id).await;
    }
    let before = now() - SignedDuration::from_millis(1);
    assert!(store.due(before, 9).await.unwrap().is_empty(), "none is due before it is written");
    assert_eq!(store.due(now(), 9).await.unwrap(), ["mail-1", "mail-2"]);
    let dropped = leased(store, "mail-2", now()).await;
    store.mark_dropped(&dropped, "nobody", now()).await.unwrap();
    assert!(matches!(store.claim("mail-2", now()).await.unwrap(), Claim::Done), "dropped stays dropped");
    let failed = leased(store, "mail-1", now()).await;
    store.set_back(&failed, Setback::NotAccepted, now()).await.unwrap();
    assert!(store.due(now() + SignedDuration::from_secs(59), 9).await.unwrap().is_empty(), "it waits a minute");
    assert_eq!(store.due(now() + SignedDuration::from_mins(1), 9).await.unwrap(), ["mail-1"]);
    store.make_due("mail-1", now()).await.unwrap();
    store.make_due("unknown", now()).await.unwrap();
    leased(store, "mail-1", now()).await;
}

pub(crate) async fn re15_a_mail_is_tried_for_a_day_or_to_three_unknown_ends(store: &Store) {
    for id in ["old", "unheard"] {
        posted(store, id).await;
    }
    let failed = leased(store, "old", now()).await;
    store.set_back(&failed, Setback::NotAccepted, now()).await.unwrap();
    let day = now() + SignedDuration::from_hours(24);
    assert!(matches!(store.claim("old", day).await.unwrap(), Claim::Over(_, End::TooOld)));
    for n in 0..3 {
        let at = now() + SignedDuration::from_mins(10 * n);
        let lease = leased(store, "unheard", at).await;
        store.set_back(&lease, Setback::Unknown, at).await.unwrap();
    }
    let last = now() + SignedDuration::from_mins(30);
    let Claim::Over(lease, End::TooOftenUnknown) = store.claim("unheard", last).await.unwrap() else {
        panic!("a fourth try")
    };
    store.mark_dropped(&lease, End::TooOftenUnknown.why(), last).await.unwrap();
    assert!(matches!(store.claim("unheard", day).await.unwrap(), Claim::Done));
}

fn report(message_id: &str, to: &str, event: DeliveryEvent) -> DeliveryReport {
    DeliveryReport { message_id: message_id.to_owned(), to: email(to), event, at: now() + SignedDuration::from_secs(9) }
}

async fn there(store: &Store, found: &Versioned) -> Versioned {
    store.registration(&found.registration.id).await.unwrap().expect("it is there")
}

async fn mail_states(store: &Store, found: &Versioned, at: Timestamp) -> Vec<DeliveryState> {
    let found = there(store, found).await;
    let account = store.account(&found.registration.person.email).await.unwrap();
    store.messages_of(&found, account.as_ref(), at).await.unwrap().into_iter().map(|line| line.state).collect()
}

pub(crate) async fn re4_a_mail_s_state_is_known_from_the_outbox_to_its_end(store: &Store) {
    let before = created(store, "A", "a@x.fr", "LI1").await;
    assert!(mail_states(store, &before, now()).await.is_empty());
    store.save(change(&before, activated(&before.registration), Some("mail"))).await.unwrap();
    assert_eq!(mail_states(store, &before, now()).await, [DeliveryState::Waiting]);
    store.mark_sent(&leased(store, "mail", now()).await, "ses-1", now()).await.unwrap();
    assert_eq!(mail_states(store, &before, now()).await, [DeliveryState::Sent]);
    let later = now() + SignedDuration::from_secs(1);
    store.ask_reset(&email("a@x.fr"), "link", later).await.unwrap();
    assert_eq!(mail_states(store, &before, now()).await, [DeliveryState::Waiting, DeliveryState::Sent], "newest first");
    store.mark_dropped(&leased(store, "link", later).await, "nobody", later).await.unwrap();
    assert_eq!(mail_states(store, &before, now()).await, [DeliveryState::Dropped, DeliveryState::Sent]);
    assert!(store.note_delivery_event(&report("mail", "a@x.fr", DeliveryEvent::Delivered)).await.unwrap());
    assert_eq!(mail_states(store, &before, now()).await, [DeliveryState::Delivered, DeliveryState::Dropped]);
    let forgotten = now() + SignedDuration::from_hours(24 * 91);
    assert!(mail_states(store, &before, forgotten).await.is_empty(), "whether or not the table has deleted it");
}

pub(crate) async fn re4_the_worst_delivery_event_stands_in_any_order(store: &Store) {
    use DeliveryEvent::{BouncedForGood, BouncedForNow, Complained, Delivered};
    let stories: [(&[DeliveryEvent], DeliveryState, Option<AddressState>); 8] = [
        (&[Delivered, BouncedForGood], DeliveryState::Bounced, Some(AddressState::Bounced)),
        (&[BouncedForGood, Delivered], DeliveryState::Bounced, Some(AddressState::Bounced)),
        (&[BouncedForNow, BouncedForGood], DeliveryState::Bounced, Some(AddressState::Bounced)),
        (&[BouncedForGood, BouncedForNow], DeliveryState::Bounced, Some(AddressState::Bounced)),
        (&[Complained, Delivered, BouncedForGood], DeliveryState::Complained, Some(AddressState::Complained)),
        (&[BouncedForGood, Complained], DeliveryState::Complained, Some(AddressState::Complained)),
        (&[Delivered, BouncedForNow, Delivered], DeliveryState::Bounced, None),
        (&[DeliveryEvent::Rejected], DeliveryState::Dropped, None),
    ];
    for (n, (events, state, of_address)) in stories.into_iter().enumerate() {
        let (to, mail) = (format!("p{n}@x.fr"), format!("mail-{n}"));
        let before = created(store, "A", &to, "LI1").await;
        store.save(change(&before, activated(&before.registration), Some(&mail))).await.unwrap();
        for event in events {
            store.note_delivery_event(&report(&mail, &to, *event)).await.unwrap();
            assert!(!store.note_delivery_event(&report(&mail, &to, *event)).await.unwrap(), "reported again");
        }
        assert_eq!(mail_states(store, &before, now()).await, [state], "{events:?}");
        assert_eq!(there(store, &before).await.registration.mail_state, of_address, "{events:?}");
        let account = store.account(&email(&to)).await.unwrap().unwrap();
        assert_eq!(account.mail_state, of_address, "{events:?}");
    }
    assert!(!store.note_delivery_event(&report("unknown", "p0@x.fr", Delivered)).await.unwrap());
}

pub(crate) async fn re4_a_mark_is_not_lost_to_a_change_that_did_not_see_it(store: &Store) {
    let made = created(store, "A", "a@x.fr", "LI1").await;
    store.save(change(&made, activated(&made.registration), Some("mail"))).await.unwrap();
    let before = there(store, &made).await;
    assert!(store.note_delivery_event(&report("mail", "a@x.fr", DeliveryEvent::BouncedForGood)).await.unwrap());
    let renewed = |of: &Versioned| Registration { renewed_on: Some(today()), ..of.registration.clone() };
    assert_eq!(store.save(change(&before, renewed(&before), None)).await.unwrap(), Saved::Stale);
    let seen = there(store, &made).await;
    assert_eq!(seen.version, before.version, "the record is unchanged");
    assert!(matches!(store.save(change(&seen, renewed(&seen), None)).await.unwrap(), Saved::Done(_)));
    let after = there(store, &made).await;
    assert_eq!(after.registration.mail_state, Some(AddressState::Bounced));
    assert_eq!(after.activation_mail.as_deref(), Some("mail"));
    assert_eq!(store.history(&after.registration).await.unwrap().len(), 3, "a mark is not a change");
}

pub(crate) async fn a_digest_is_sent_from_its_last_part_on(store: &Store) {
    let message = Message::LibraryDigest { library_id: library("LI1") };
    let digest = Digest { message_id: "digest".into(), message, at: now(), continued: false };
    let mut marks = Vec::new();
    for n in 0..3 {
        let before = created(store, "A", &format!("m{n}@x.fr"), "LI1").await;
        let after = before.registration.warned(today());
        marks.push(Mark { before, after, action: Action::Warned });
    }
    store.add_to_digest(&digest, &marks[..2], false).await.unwrap();
    assert!(matches!(store.claim("digest", now()).await.unwrap(), Claim::NotDue), "a draft");
    assert!(store.due(now(), 9).await.unwrap().is_empty());
    assert_eq!(store.due(now() + store::DRAFT, 9).await.unwrap(), ["digest"], "its job has ended");
    let again = store.add_to_digest(&digest, &marks[..1], true).await;
    assert!(matches!(again, Err(Error::Lost(_))), "marked already: {again:?}");
    store.add_to_digest(&digest, &marks[2..], true).await.unwrap();
    let Claim::Yours(_, item) = store.claim("digest", now()).await.unwrap() else { panic!("it can be sent") };
    let ids: BTreeSet<_> = marks.iter().map(|mark| mark.after.id.clone()).collect();
    assert_eq!(item.unwrap().patrons, ids);
}

pub(crate) async fn a_history_holds_lines_and_exports(store: &Store) {
    let before = created(store, "A", "a@x.fr", "LI1").await;
    let Saved::Done(saved) = store.save(change(&before, activated(&before.registration), None)).await.unwrap() else {
        panic!("saved")
    };
    let export = |hours| Export {
        at: now() + SignedDuration::from_hours(hours),
        by: email("marie@fleury.example"),
        status: None,
        narrowed: false,
    };
    let (own, other) = (library("LI1"), library("LI2"));
    let trace = async |of, export: &Export, tail| store.trace_export(&[of], export, tail).await.unwrap();
    trace(ExportOf::Library(&own), &export(1), "a").await;
    trace(ExportOf::Library(&other), &export(2), "b").await;
    trace(ExportOf::County, &export(3), "c").await;
    trace(ExportOf::County, &export(-1), "before it was made").await;
    trace(ExportOf::County, &Export { narrowed: true, ..export(4) }, "d").await;
    let history = store.history(&saved.registration).await.unwrap();
    let actions: Vec<Action> = history.into_iter().map(|line| line.action).collect();
    let exported = |possibly| Action::Exported { possibly };
    assert_eq!(actions, [Action::Created, Action::Activated, exported(false), exported(false), exported(true)]);
}

pub(crate) async fn c11_an_export_of_100_registrations_is_one_transaction(store: &Store) {
    let made = created(store, "A", "a@x.fr", "LI1").await.registration;
    let others: Vec<RegistrationId> = (0..99).map(|_| Ids::System.registration_id()).collect();
    let of: Vec<ExportOf<'_>> = others.iter().chain([&made.id]).map(ExportOf::Registration).collect();
    let export = Export { at: now(), by: email("marie@fleury.example"), status: None, narrowed: false };
    store.trace_export(&of, &export, "a").await.unwrap();
    let exports = store.history(&made).await.unwrap().into_iter().filter(|line| line.action != Action::Created);
    assert_eq!(exports.map(|line| line.action).collect::<Vec<_>>(), [Action::Exported { possibly: false }]);
}

pub(crate) async fn c19_an_erasure_of_200_lines_and_60_sessions_is_finished(store: &Store) {
    let mut before = created(store, "A", "a@x.fr", "LI1").await;
    let stored = store.account(&email("a@x.fr")).await.unwrap().unwrap();
    for _ in 0..60 {
        store.open_session(&stored, None, &Ids::System, now(), now()).await.unwrap();
    }
    for n in 0..200 {
        let mut after = before.registration.clone();
        after.person.town = Some(format!("Commune {n}").parse().unwrap());
        let Saved::Done(saved) = store.save(change(&before, after, None)).await.unwrap() else { panic!("saved") };
        before = saved;
    }
    assert!(store.erase(&Remains::from(&before), Author::Account(email("marie@fleury.example")), now()).await.unwrap());
    assert!(store.registration(&before.registration.id).await.unwrap().is_none());
    assert!(store.unfinished_erasures().await.unwrap().is_empty());
}

pub(crate) async fn the_last_county_account_stays(store: &Store) {
    let [one, other] = ["one@x.fr", "other@x.fr"].map(|address| member(address, StaffRole::County));
    let entry = async |member: &Member| store.member(&member.email).await.unwrap().expect("a member of staff");
    assert_eq!(put_member(store, None, &one).await, StaffChange::Done(1));
    assert_eq!(put_member(store, None, &one).await, StaffChange::Stale);
    let first = entry(&one).await;
    assert_eq!(remove(store, &first).await, StaffChange::LastCounty);
    let demoted = member("one@x.fr", StaffRole::Librarian);
    assert_eq!(put_member(store, Some(&first), &demoted).await, StaffChange::LastCounty);
    assert_eq!(put_member(store, None, &other).await, StaffChange::Done(1));
    let entries = [first, entry(&other).await];
    let removals = join_all(entries.iter().map(|entry| remove(store, entry))).await;
    assert_eq!(removals.into_iter().filter(|change| *change == StaffChange::Done(1)).count(), 1);
    assert_eq!(store.staff().await.unwrap().len(), 1);
}

pub(crate) async fn c17_an_entry_is_replaced_only_as_it_was_read(store: &Store) {
    let named = |name: &str| Resource { id: "musicme".parse().unwrap(), name: name.into(), active: true, url: None };
    let put = async |name, before| store.put_resource(&named(name), before).await.unwrap();
    assert_eq!(put("MusicMe", None).await, Some(1));
    assert_eq!(put("Other", None).await, None, "it is there already");
    let first = store.resource(&named("").id).await.unwrap().expect("it is there");
    assert_eq!(put("MusicMe", Some(&first)).await, Some(1), "saved unchanged");
    let changes = join_all(["A", "B", "C"].map(|name| put(name, Some(&first)))).await;
    assert_eq!(changes.iter().flatten().collect::<Vec<_>>(), [&2], "one of three");
    assert_eq!(put("D", Some(&first)).await, None);
    let mut anne = member("anne@x.fr", StaffRole::Librarian);
    assert_eq!(put_member(store, None, &anne).await, StaffChange::Done(1));
    let before = store.member(&anne.email).await.unwrap().expect("a member of staff");
    anne.staff.display_name = "Anne".into();
    assert_eq!(put_member(store, Some(&before), &anne).await, StaffChange::Done(2));
    assert_eq!(put_member(store, Some(&before), &anne).await, StaffChange::Stale);
    assert_eq!(remove(store, &before).await, StaffChange::Stale);
}

pub(crate) async fn more_keys_than_one_batch_holds(store: &Store) {
    let ids: Vec<LibraryId> = (0..230).map(|n| library(&format!("LI{n}"))).collect();
    for id in &ids {
        let postal_code = "60000".parse().unwrap();
        let place = Library { id: id.clone(), name: "B".into(), town: "T".into(), postal_code, email: None };
        assert_eq!(store.put_library(&place, None).await.unwrap(), Some(1));
    }
    assert_eq!(store.catalog(&ids, &[]).await.unwrap().libraries.len(), 230);
    assert_eq!(store.libraries().await.unwrap().len(), 230);
}

pub(crate) async fn a_card_number_is_found_folded(store: &Store) {
    let mut made = registration("A", "a@x.fr", "LI1", today());
    made.person.card_number = Some("C-0042 É".parse().unwrap());
    create(store, &made).await;
    assert_eq!(store.by_card_number("c0042e").await.unwrap(), [made]);
    assert!(store.by_card_number("c0042").await.unwrap().is_empty());
    assert!(store.by_card_number("-").await.unwrap().is_empty());
}

/// Each Hangul syllable folds to three letters of 3 bytes, the ligature to 15 Arabic letters of 2 bytes. `DynamoDB`
/// takes 1,024 bytes of a sort key and 2,048 of a partition key.
pub(crate) async fn c12_names_beyond_the_limits_of_keys_are_kept(store: &Store) {
    let (syllables, ligatures) = ("각".repeat(100), "ﷺ".repeat(100));
    let mut names: Vec<String> = ["나", "각"].iter().map(|last| format!("{}{last}", "각".repeat(99))).collect();
    names.sort_by_key(|name| domain::collation::fold(name));
    let mut ids = Vec::new();
    for (n, name) in names.iter().enumerate() {
        let mut made = registration(name, &format!("k{n}@x.fr"), "LI1", today());
        made.person.first_name = syllables.parse().unwrap();
        made.person.card_number = Some("ﷺ".repeat(40).parse().unwrap());
        assert_eq!(create(store, &made).await, Creation::Done);
        ids.push(made.id);
    }
    let own = [library("LI1")];
    for scope in [Scope::Libraries(&own), Scope::County] {
        for order in [Order::Name, Order::Newest] {
            let mut seen = walk(store, scope, order, 1).await;
            seen.sort_by_key(|name| domain::collation::fold(name));
            assert_eq!(seen, names);
        }
    }
    let searching = |start: &str| Filter { last_name: Some(domain::collation::fold(start)), ..all() };
    for (start, found) in [(names[0].as_str(), 1), (&syllables[..syllables.len() - 3], 2), (&ligatures, 0)] {
        let page = store.list(Scope::County, Order::Name, &searching(start), None, 50).await.unwrap();
        assert_eq!(page.items.len(), found);
    }
    assert_eq!(store.by_card_number(&"ﷺ".repeat(40)).await.unwrap().len(), 2);
    assert!(store.by_card_number(&ligatures).await.unwrap().is_empty());
}

pub(crate) async fn an_erased_person_leaves_lines_by_id_only(store: &Store) {
    let before = created(store, "Canari", "canari@x.fr", "LI1").await;
    let Saved::Done(saved) = store.save(change(&before, activated(&before.registration), Some("mail"))).await.unwrap()
    else {
        panic!("saved")
    };
    let stored = store.account(&email("canari@x.fr")).await.unwrap().unwrap();
    for _ in 0..60 {
        store.open_session(&stored, None, &Ids::System, now(), now()).await.unwrap();
    }
    store.count_try(&email("canari@x.fr"), now()).await.unwrap();
    assert_eq!(store.ends_of_sessions(&saved.registration.person.email).await.unwrap().len(), 60);
    let by = || domain::history::Author::Account(email("marie@fleury.example"));
    assert!(!store.erase(&Remains::from(&before), by(), now()).await.unwrap(), "the record has changed since");
    assert!(store.erase(&Remains::from(&saved), by(), now()).await.unwrap());
    assert!(store.registration(&saved.registration.id).await.unwrap().is_none());
    assert!(store.account(&email("canari@x.fr")).await.unwrap().is_none());
    created(store, "Autre", "canari@x.fr", "LI2").await;
}
