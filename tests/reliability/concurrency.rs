//! Concurrent requests: whichever is first, they have one outcome and leave nothing half done.

use std::collections::BTreeSet;

use domain::{
    StaffRole,
    delivery::DeliveryEvent,
    history::{Action, Author, Job, Line},
    tries::Setback,
};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use store::{Change, Claim, DeliveryReport, Holding, Saved};

use super::audit::audit;
use crate::support::{
    AUNEUIL, Desk, FLEURY, PASSWORD, Reply, Session, Wire, camille,
    hands::{deliver_on, escalate_on, hand, record},
    soak, with,
};

const AT_ONCE: usize = 50;

/// Returns the number of runs. Which requests collide is chance; of fifty, many collide in one run. `make soak` repeats
/// it.
fn runs() -> usize {
    if soak().is_some() { 20 } else { 1 }
}

/// Opens a desk with two libraries and a librarian of each.
async fn two_libraries() -> (Desk, Session, Session) {
    let desk = Desk::open_on(&Wire::without_deliver()).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    let paul = desk.seed_staff("paul@auneuil.example", StaffRole::Librarian, &[AUNEUIL]).await;
    (desk, marie, paul)
}

/// Counts the replies of each status, in order of status.
fn statuses(replies: &[Reply]) -> Vec<(u16, usize)> {
    let seen: BTreeSet<u16> = replies.iter().map(|reply| reply.status).collect();
    seen.into_iter().map(|status| (status, replies.iter().filter(|reply| reply.status == status).count())).collect()
}

#[tokio::test]
async fn re5_one_address_50_times_at_once_is_one_registration() {
    for _ in 0..runs() {
        let (desk, marie, paul) = two_libraries().await;
        let replies = join_all((0..AT_ONCE).map(|n| {
            let (by, library) = if n % 2 == 0 { (&marie, FLEURY) } else { (&paul, AUNEUIL) };
            let (desk, form) = (&desk, with(camille(), "libraryId", library));
            async move { desk.post("/registrations", by, &form).await }
        }))
        .await;
        assert_eq!(statuses(&replies), [(201, 1), (409, AT_ONCE - 1)]);
        let first = replies.iter().position(|reply| reply.status == 201).expect("one");
        for (n, reply) in replies.into_iter().enumerate().filter(|(n, _)| *n != first) {
            let here = n % 2 == first % 2;
            reply.problem(409, if here { "already-registered" } else { "address-shared" });
        }
        let items = desk.items().await;
        audit(&items);
        assert_eq!(items.iter().filter(|item| item["sk"] == "REG").count(), 1);
    }
}

#[tokio::test]
async fn re6_one_etag_fifty_times_at_once_is_one_change() {
    for _ in 0..runs() {
        let (desk, marie, _) = two_libraries().await;
        let id = desk.seed_registration(FLEURY, "camille@orange.example", "Exemple").await;
        let path = format!("/registrations/{id}");
        let replies = join_all((0..AT_ONCE).map(|n| {
            let (desk, path, marie) = (&desk, &path, &marie);
            // Every second patch changes the e-mail address, and so moves the account as well.
            let patch = if n % 2 == 0 {
                json!({ "town": format!("Commune {n}") })
            } else {
                json!({ "email": format!("nouvelle{n}@orange.example") })
            };
            async move { desk.patch(path, marie, "\"v1\"", &patch).await }
        }))
        .await;
        assert_eq!(statuses(&replies), [(200, 1), (412, AT_ONCE - 1)]);
        audit(&desk.items().await);
        assert_eq!(desk.get(&path, &marie).await.header("etag"), "\"v2\"");
    }
}

#[tokio::test]
async fn re6_one_key_50_times_at_once_is_one_registration_and_answer() {
    for _ in 0..runs() {
        let (desk, marie, _) = two_libraries().await;
        let replies = join_all((0..AT_ONCE).map(|_| {
            let request = desk.request(Method::POST, "/registrations").bearer_auth(&marie.token);
            Reply::of(request.header("Idempotency-Key", "clic").json(&camille()))
        }))
        .await;
        assert_eq!(statuses(&replies), [(201, AT_ONCE)]);
        let bodies: BTreeSet<&[u8]> = replies.iter().map(|reply| &reply.body[..]).collect();
        assert_eq!(bodies.len(), 1, "byte for byte");
        let items = desk.items().await;
        audit(&items);
        assert_eq!(items.iter().filter(|item| item["sk"] == "REG").count(), 1);
    }
}

#[tokio::test]
async fn re6_concurrent_changes_each_happen_once_or_are_refused() {
    for _ in 0..runs() {
        let (desk, marie, _) = two_libraries().await;
        let id = desk.seed_registration(FLEURY, "camille@orange.example", "Exemple").await;
        desk.pass_days(340).await;
        let marie = desk.seed_session(&marie.email).await;
        let path = format!("/registrations/{id}");
        let replies = join_all((0..24).map(|n| {
            let (desk, path, marie) = (&desk, &path, &marie);
            async move {
                match n % 4 {
                    0 => desk.act(&format!("{path}/activation"), marie).await,
                    1 => desk.act(&format!("{path}/renewal"), marie).await,
                    2 => desk.patch(path, marie, "*", &json!({ "town": format!("Commune {n}") })).await,
                    _ if n == 23 => desk.delete(path, marie).await,
                    _ => desk.get(path, marie).await,
                }
            }
        }))
        .await;
        assert!(replies.iter().all(|reply| reply.status < 500), "{:?}", statuses(&replies));
        audit(&desk.items().await);
    }
}

#[tokio::test]
async fn pw3_wrong_passwords_at_once_count_each() {
    for wrong in 1..=6 {
        let (desk, marie, _) = two_libraries().await;
        let body = |password: &str| json!({ "email": marie.email, "password": password });
        let guess = body("Faux-Girafe-77!");
        let guesses: Vec<Reply> = join_all((0..wrong).map(|_| desk.open_post("/sessions", &guess))).await;
        assert_eq!(statuses(&guesses), [(401, wrong)]);
        let tries = desk.items().await.into_iter().find(|item| item["sk"] == "TRIES").expect("they are counted");
        // After five wrong passwords the account waits. Tries during the wait are refused and not counted.
        assert_eq!(tries["count"]["inARow"], wrong.min(5));
        let right = desk.open_post("/sessions", &body(PASSWORD)).await;
        assert_eq!(right.status, if wrong < 5 { 201 } else { 401 }, "after {wrong} wrong ones");
    }
}

#[tokio::test]
async fn pw6_one_link_fifty_times_at_once_is_one_password() {
    let (desk, marie, _) = two_libraries().await;
    let email = marie.email.parse().unwrap();
    for run in 0..2 {
        let (store, token) = (desk.store(), runtime::Ids::System.secret());
        store.ask_reset(&email, &format!("{run:02}"), desk.now()).await.unwrap();
        assert!(store.make_link(&email, &format!("{run:02}"), &token.digest(), desk.now()).await.unwrap());
        let path = format!("/password-resets/{}", token.reveal());
        let body = json!({ "password": "Nouvelle-Girafe-42!" });
        let replies: Vec<Reply> = join_all((0..AT_ONCE).map(|_| desk.open_put(&path, &body))).await;
        assert_eq!(statuses(&replies), [(204, 1), (404, AT_ONCE - 1)]);
        let messages = desk.items().await.iter().filter(|item| item["message"]["kind"] == "password-changed").count();
        assert_eq!(messages, run + 1, "one message for one change");
    }
}

#[tokio::test]
async fn re2_jobs_and_deliveries_at_once_warn_escalate_and_send_once() {
    for jobs in 2..=4 {
        let (desk, _, _) = two_libraries().await;
        for (n, library) in [FLEURY, FLEURY, FLEURY, AUNEUIL, AUNEUIL].into_iter().enumerate() {
            desk.seed_registration(library, &format!("r{n}@orange.example"), "Retard").await;
        }
        for (days, kind, mails, marked) in [(8, "library-digest", 2, (5, 0)), (2, "county-digest", 1, (0, 5))] {
            desk.pass_days(days).await;
            let escalates: Vec<_> = (0..jobs).map(|_| escalate_on(&desk, |aws| aws)).collect();
            let reports: Vec<_> = join_all(escalates.iter().map(escalate::Escalate::run)).await;
            let reports: Vec<_> = reports.into_iter().map(|report| report.expect("each ends well")).collect();
            let sum = |of: fn(&escalate::Report) -> usize| reports.iter().map(of).sum::<usize>();
            assert_eq!((sum(|report| report.warned), sum(|report| report.escalated)), marked);
            let records: Vec<Value> =
                desk.outbox().await.iter().enumerate().map(|(at, id)| record(id, "INSERT", at)).collect();
            let delivers: Vec<_> = (0..jobs).map(|_| deliver_on(&desk, |aws| aws)).collect();
            join_all(delivers.iter().map(|deliver| hand(deliver, &records))).await;
            assert_eq!(desk.deliver_all().await, [""; 0], "what was held is done by now");
            let sent: Vec<_> = desk.mails().await.into_iter().filter(|mail| mail["kind"] == kind).collect();
            assert_eq!(sent.len(), mails, "one digest each");
            audit(&desk.items().await);
        }
    }
}

#[tokio::test]
async fn re2_a_mail_that_fifty_would_send_is_one_s_to_send() {
    let (desk, marie, _) = two_libraries().await;
    desk.store().ask_reset(&marie.email.parse().unwrap(), "0a", desk.now()).await.unwrap();
    for _ in 0..runs() {
        let store = desk.store();
        let claims = join_all((0..AT_ONCE).map(|_| store.claim("0a", desk.now()))).await;
        let held = claims.iter().filter(|claim| matches!(claim.as_ref().unwrap(), Claim::NotDue)).count();
        let mut yours = claims.into_iter().filter_map(|claim| match claim.unwrap() {
            Claim::Yours(lease, _) => Some(lease),
            _ => None,
        });
        let lease = yours.next().expect("one wins");
        assert_eq!((yours.count(), held), (0, AT_ONCE - 1));
        store.set_back(&lease, Setback::NotBegun, desk.now()).await.unwrap();
    }
}

#[tokio::test]
async fn re1_a_change_decided_before_a_bounce_keeps_the_bounce_mark() {
    let (desk, marie, _) = two_libraries().await;
    let id = desk.seed_registration(FLEURY, "camille@orange.example", "Exemple").await;
    let path = format!("/registrations/{id}");
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    assert_eq!(desk.deliver_all().await, [""; 0]);
    let store = desk.store();
    let before = store.registration(&id.parse().unwrap()).await.unwrap().unwrap();
    let report = DeliveryReport {
        message_id: desk.outbox().await.remove(0),
        to: "camille@orange.example".parse().unwrap(),
        event: DeliveryEvent::BouncedForGood,
        at: desk.now(),
    };
    assert!(store.note_delivery_event(&report).await.unwrap());
    let line = Line { at: desk.now(), by: Author::Job(Job::Escalate), action: Action::Warned };
    let after = before.registration.warned(desk.local().clock().today());
    let change = Change { before: &before, after, line, messages: vec![], holding: Holding::Same };
    assert_eq!(store.save(change).await.unwrap(), Saved::Stale, "decided on what is no longer so: again");
    desk.patch(&path, &marie, "*", &json!({ "town": "Auneuil" })).await.expect(200);
    assert_eq!(desk.get(&path, &marie).await.json()["mailState"], "bounced");
    audit(&desk.items().await);
}
