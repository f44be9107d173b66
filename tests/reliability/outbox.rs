//! Messages that wait: how long, and whether they still concern their recipient (RE15, and C5 to C21 of
//! docs/reliability.md).

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::StaffRole;
use jiff::SignedDuration;
use reqwest::Method;
use runtime::Aws;
use serde_json::json;
use store::LISTED;

use crate::support::{
    AUNEUIL, Desk, FLEURY, Fault, Meddling, PASSWORD, Reply, Session, Wire, asked_once,
    hands::{A_MINUTE, deliver_on, escalate_on},
    meddled,
};

/// Opens a desk on which only the test delivers messages.
async fn desk_by_hand() -> (Desk, Session) {
    let desk = Desk::open_on(&Wire::without_deliver()).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY, AUNEUIL]).await;
    (desk, marie)
}

/// Leaves messages of every kind to an address unsent, and moves the patron to another address. Returns the id.
async fn patron_with_unsent_messages(desk: &Desk, marie: &Session) -> String {
    let id = desk.seed_registration(FLEURY, "canari@orange.example", "Canarisson").await;
    let (email, store) = ("canari@orange.example".parse().unwrap(), desk.store());
    for message in ["0a", "0b"] {
        store.ask_reset(&email, message, desk.now()).await.unwrap();
    }
    let token = runtime::Ids::System.secret();
    assert!(store.make_link(&email, "0b", &token.digest(), desk.now()).await.unwrap());
    desk.open_put(&format!("/password-resets/{}", token.reveal()), &json!({ "password": PASSWORD })).await.expect(204);
    let path = format!("/registrations/{id}");
    desk.patch(&path, marie, "*", &json!({ "email": "serin@orange.example" })).await.expect(200);
    desk.act(&format!("{path}/activation"), marie).await.expect(200);
    desk.open_post("/password-resets", &json!({ "email": "serin@orange.example" })).await.expect(202);
    id
}

#[tokio::test]
async fn c6_unsent_messages_are_erased_with_the_person() {
    for purged in [false, true] {
        let (desk, marie) = desk_by_hand().await;
        let id = patron_with_unsent_messages(&desk, &marie).await;
        // The messages of the account that was left have gone with it.
        assert_eq!(desk.outbox().await.len(), 3);
        let before = desk.dump().await;
        assert!(before.contains("canari@") && before.contains("serin@"), "the dump sees what is there");
        if purged {
            desk.pass_days(731).await;
            assert_eq!(desk.run("purge").await, json!({ "erased": 1 }));
        } else {
            let path = format!("/registrations/{id}");
            Reply::of(desk.request(Method::DELETE, &path).bearer_auth(&marie.token)).await.expect(204);
        }
        let after = desk.dump().await;
        for canary in ["canari@", "serin@", "Canarisson"] {
            assert!(!after.contains(canary), "{canary} is still there, purged: {purged}");
        }
        assert_eq!(desk.outbox().await, [""; 0]);
    }
}

#[tokio::test]
async fn c7_a_waiting_digest_names_only_its_library_s_patrons() {
    let (desk, marie) = desk_by_hand().await;
    let moved = desk.seed_registration(FLEURY, "a@orange.example", "Partie").await;
    desk.seed_registration(FLEURY, "b@orange.example", "Restee").await;
    desk.pass_days(8).await;
    assert_eq!(escalate_on(&desk, |aws| aws).run().await.unwrap().warned, 2);
    let marie = desk.seed_session(&marie.email).await;
    let change = json!({ "libraryId": AUNEUIL, "lastName": "Corrigee" });
    desk.patch(&format!("/registrations/{moved}"), &marie, "*", &change).await.expect(200);
    assert_eq!(desk.deliver_all().await, [""; 0]);
    let digest = desk.mails_to("fleury@oise.example", "library-digest").await.pop().expect("it went out");
    let text = digest["text"].as_str().unwrap();
    assert!(text.contains("RESTEE") || text.contains("Restee"), "{text}");
    assert!(!text.to_lowercase().contains("corrigee") && !text.to_lowercase().contains("partie"), "{text}");
}

/// Minutes between two runs of the schedule.
const EVERY: i64 = 5;

/// Returns a change of the connection by which each call to SES fails so, and a counter of these calls.
fn failing_ses(fault: Fault) -> (Arc<AtomicUsize>, impl FnOnce(Aws) -> Aws) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let change = move |aws| {
        meddled(aws, move |request| {
            if request.headers().contains_key("x-amz-target") {
                return Meddling::Pass;
            }
            counted.fetch_add(1, Ordering::SeqCst);
            Meddling::Fail(fault)
        })
    };
    (calls, change)
}

async fn activated(desk: &Desk, marie: &Session) {
    let id = desk.seed_registration(FLEURY, "camille@orange.example", "Exemple").await;
    desk.act(&format!("/registrations/{id}/activation"), marie).await.expect(200);
}

#[tokio::test]
async fn re15_queued_messages_leave_within_15_minutes_of_ses() {
    for hours_away in [1, 23] {
        let (desk, marie) = desk_by_hand().await;
        activated(&desk, &marie).await;
        let (calls, change) = failing_ses(Fault::Refused);
        let deliver = deliver_on(&desk, change);
        for _ in 0..hours_away * 60 / EVERY {
            deliver.redrive(A_MINUTE).await.unwrap();
            desk.pass(SignedDuration::from_mins(EVERY)).await;
        }
        let tried = calls.load(Ordering::SeqCst);
        assert!(tried > 5 * usize::try_from(hours_away).unwrap(), "{tried} tries");
        for _ in 0..15 / EVERY {
            deliver_on(&desk, |aws| aws).redrive(A_MINUTE).await.unwrap();
            desk.pass(SignedDuration::from_mins(EVERY)).await;
        }
        assert_eq!(desk.mails().await.len(), 1);
    }
}

#[tokio::test]
async fn re15_what_stays_unsent_for_a_day_is_dropped_with_an_alarm() {
    let (desk, marie) = desk_by_hand().await;
    activated(&desk, &marie).await;
    let deliver = deliver_on(&desk, failing_ses(Fault::Denied).1);
    for _ in 0..24 * 60 / EVERY {
        deliver.redrive(A_MINUTE).await.unwrap();
        desk.pass(SignedDuration::from_mins(EVERY)).await;
    }
    let given_up = || desk.emitted().iter().filter(|line| line.contains("MailsGivenUp")).count();
    assert_eq!(given_up(), 0, "not before");
    for _ in 0..4 {
        deliver.redrive(A_MINUTE).await.unwrap();
        desk.pass(SignedDuration::from_mins(EVERY)).await;
    }
    assert_eq!(given_up(), 1);
    assert_eq!(deliver_on(&desk, |aws| aws).redrive(A_MINUTE).await.unwrap().redriven, 0);
    assert!(desk.mails().await.is_empty());
}

#[tokio::test]
async fn c13_three_copies_at_most_are_sent_while_ses_is_not_heard() {
    for fault in [Fault::Unanswered, Fault::TimedOut, Fault::Torn] {
        let (desk, marie) = desk_by_hand().await;
        activated(&desk, &marie).await;
        let deliver = deliver_on(&desk, failing_ses(fault).1);
        let mut waits = Vec::new();
        for minute in 0..60 {
            let tried = deliver.redrive(A_MINUTE).await.unwrap().redriven;
            waits.extend((tried > 0).then_some(minute));
            desk.pass(SignedDuration::from_mins(1)).await;
        }
        assert_eq!(waits, [0, 10, 20, 30], "{fault:?}: the last gives it up");
        assert_eq!(desk.mails().await.len(), 3);
        assert!(desk.emitted().iter().any(|line| line.contains("MailsGivenUp")), "an alarm rings");
    }
}

#[tokio::test]
async fn c13_a_message_whose_mark_fails_is_sent_three_times_at_most() {
    let (desk, marie) = desk_by_hand().await;
    activated(&desk, &marie).await;
    for _ in 0..12 {
        let writes = AtomicUsize::new(0);
        let deliver = deliver_on(&desk, |aws| {
            meddled(asked_once(aws), move |request| {
                let write = request.headers().get("x-amz-target").is_some_and(|target| target.ends_with("WriteItems"));
                // The first write is the lease, the second the mark.
                let mark = write && writes.fetch_add(1, Ordering::SeqCst) == 1;
                if mark { Meddling::Fail(Fault::Denied) } else { Meddling::Pass }
            })
        });
        deliver.redrive(A_MINUTE).await.unwrap();
        desk.pass(SignedDuration::from_mins(EVERY)).await;
    }
    assert_eq!(desk.mails().await.len(), 3);
}

#[tokio::test]
async fn c5_a_failed_read_gives_the_lease_back() {
    let (desk, marie) = desk_by_hand().await;
    activated(&desk, &marie).await;
    let deliver = deliver_on(&desk, |aws| {
        meddled(aws, |request| {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            if target.ends_with("BatchGetItem") { Meddling::Fail(Fault::Denied) } else { Meddling::Pass }
        })
    });
    assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 1);
    desk.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(deliver_on(&desk, |aws| aws).redrive(A_MINUTE).await.unwrap().redriven, 1, "after a minute");
    assert_eq!(desk.mails().await.len(), 1);
}

#[tokio::test]
async fn c21_a_run_is_bounded_and_one_failure_is_not_another_s() {
    let (desk, marie) = desk_by_hand().await;
    for n in 0..3 {
        let id = desk.seed_registration(FLEURY, &format!("r{n}@orange.example"), "Exemple").await;
        desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    }
    let sends = AtomicUsize::new(0);
    let deliver = deliver_on(&desk, |aws| {
        meddled(aws, move |request| {
            let to_ses = !request.headers().contains_key("x-amz-target");
            let first = to_ses && sends.fetch_add(1, Ordering::SeqCst) == 0;
            if first { Meddling::Fail(Fault::Refused) } else { Meddling::Pass }
        })
    });
    let report = deliver.redrive(A_MINUTE).await.unwrap();
    assert_eq!((report.redriven, report.left, desk.mails().await.len()), (3, 0, 2));
    desk.pass(SignedDuration::from_mins(1)).await;
    let report = deliver.redrive(Duration::from_secs(20)).await.unwrap();
    assert_eq!((report.redriven, report.left, desk.mails().await.len()), (0, 1, 2), "no time to begin");
    assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 1);
}

#[tokio::test]
async fn c20_a_draft_is_sent_once_its_job_must_have_ended() {
    let (desk, _) = desk_by_hand().await;
    for n in 0..=store::MARKS {
        desk.seed_registration(FLEURY, &format!("r{n}@orange.example"), "Retard").await;
    }
    desk.pass_days(8).await;
    let parts = AtomicUsize::new(0);
    let dies = escalate_on(&desk, |aws| {
        meddled(asked_once(aws), move |request| {
            let write = request.headers().get("x-amz-target").is_some_and(|target| target.ends_with("WriteItems"));
            let second = write && parts.fetch_add(1, Ordering::SeqCst) == 1;
            if second { Meddling::Fail(Fault::Denied) } else { Meddling::Pass }
        })
    });
    dies.run().await.unwrap_err();
    let deliver = deliver_on(&desk, |aws| aws);
    desk.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 0, "the job may still run");
    desk.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 1);
    assert_eq!(desk.mails_to("fleury@oise.example", "library-digest").await.len(), 1);
}

#[tokio::test]
async fn c20_the_grace_counts_from_the_sending_of_the_digest() {
    let (desk, marie) = desk_by_hand().await;
    let id = desk.seed_registration(FLEURY, "r@orange.example", "Retard").await;
    desk.pass_days(8).await;
    let escalate = escalate_on(&desk, |aws| aws);
    assert_eq!(escalate.run().await.unwrap().warned, 1);
    desk.pass_days(1).await;
    assert_eq!(deliver_on(&desk, |aws| aws).redrive(A_MINUTE).await.unwrap().redriven, 1);
    let marie = desk.seed_session(&marie.email).await;
    let path = format!("/registrations/{id}");
    assert_eq!(desk.get(&path, &marie).await.expect(200).json()["warnedOn"], "2026-12-03");
    let history = desk.get(&format!("{path}/history"), &marie).await.expect(200);
    assert_eq!(history.column("action"), ["created", "warned", "warned"]);
    for (days, escalated) in [(1, 0), (1, 1)] {
        desk.pass_days(days).await;
        assert_eq!(escalate.run().await.unwrap().escalated, escalated);
    }
}

#[tokio::test]
async fn c10_a_digest_ends_at_500_and_a_second_one_follows() {
    let (desk, _) = desk_by_hand().await;
    for n in 0..LISTED + 2 {
        desk.seed_registration(FLEURY, &format!("r{n}@orange.example"), "Retard").await;
    }
    desk.pass_days(8).await;
    assert_eq!(escalate_on(&desk, |aws| aws).run().await.unwrap().warned, LISTED + 2);
    assert_eq!(desk.deliver_all().await, [""; 0]);
    let mut listed: Vec<(usize, bool)> = Vec::new();
    for mail in desk.mails_to("fleury@oise.example", "library-digest").await {
        let text = mail["text"].as_str().unwrap();
        listed.push((text.matches("\n- ").count(), text.contains("Suite dans un second message.")));
    }
    listed.sort_unstable();
    assert_eq!(listed, [(2, false), (LISTED, true)]);
}

#[tokio::test]
async fn c10_one_library_s_failure_is_not_another_s_and_the_run_fails() {
    let (desk, _) = desk_by_hand().await;
    for library in [AUNEUIL, FLEURY] {
        desk.seed_registration(library, &format!("{library}@orange.example"), "Retard").await;
    }
    desk.pass_days(8).await;
    let writes = AtomicUsize::new(0);
    let escalate = escalate_on(&desk, |aws| {
        meddled(asked_once(aws), move |request| {
            let write = request.headers().get("x-amz-target").is_some_and(|target| target.ends_with("WriteItems"));
            let first = write && writes.fetch_add(1, Ordering::SeqCst) == 0;
            if first { Meddling::Fail(Fault::Denied) } else { Meddling::Pass }
        })
    });
    escalate.run().await.unwrap_err();
    assert_eq!(desk.outbox().await.len(), 1, "the other library's digest is written");
    assert!(!desk.emitted().iter().any(|line| line.contains("EscalationRuns")), "the run has not finished");
    assert_eq!(escalate_on(&desk, |aws| aws).run().await.unwrap().warned, 1);
}
