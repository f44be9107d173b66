//! From the table's stream to SES (RE3, RE4). A failed message is retried by itself and does not delay others. It is
//! found even if the stream was away for longer than it keeps its records.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use domain::{StaffRole, delivery::DeliveryEvent};
use jiff::SignedDuration;
use runtime::{Aws, Runtime};
use serde_json::{Value, json};
use store::{DeliveryReport, Store};
use tokio::sync::Notify;

use super::audit::{Audit, audit};
use crate::support::{
    AUNEUIL, Death, Desk, FLEURY, Fault, Meddling, Session, Wire, asked_once, camille,
    hands::{A_MINUTE, deliver_on, hand, record},
    impatient, meddled,
};

/// Opens a desk on which only the test delivers, with activated patrons. Returns it with the records of their unsent
/// messages.
async fn waiting(patrons: usize) -> (Desk, Vec<Value>) {
    let desk = Desk::open_on(&Wire::without_deliver()).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY, AUNEUIL]).await;
    for n in 0..patrons {
        let id = desk.seed_registration(FLEURY, &format!("r{n}@orange.example"), "Exemple").await;
        desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    }
    let records = desk.outbox().await.iter().enumerate().map(|(at, id)| record(id, "INSERT", at)).collect();
    (desk, records)
}

/// Returns a change of the connection that makes the n-th call fail, and a counter of its calls.
fn faulty(n: usize, fault: Fault, retries: bool) -> (Arc<AtomicUsize>, impl FnOnce(Aws) -> Aws) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let change = move |aws: Aws| {
        let aws = if retries { aws } else { asked_once(aws) };
        meddled(aws, move |request| {
            let strikes = counted.fetch_add(1, Ordering::SeqCst) + 1 == n && fault.fits(request);
            if strikes { Meddling::Fail(fault) } else { Meddling::Pass }
        })
    };
    (calls, change)
}

#[tokio::test]
async fn re4_one_failed_call_repeats_a_mail_only_if_ses_was_not_heard() {
    let (mut faults, mut repeats) = (0, 0);
    for fault in Fault::ALL {
        for retries in [true, false] {
            for n in 1.. {
                let (desk, records) = waiting(1).await;
                let (calls, change) = faulty(n, fault, retries);
                assert_eq!(hand(&deliver_on(&desk, change), &records).await, [""; 0], "what failed waits");
                if calls.load(Ordering::SeqCst) < n {
                    break;
                }
                desk.pass(SignedDuration::from_mins(10)).await;
                assert_eq!(desk.deliver_all().await, [""; 0]);
                let sent = desk.mails_to("r0@orange.example", "activation").await.len();
                // The fifth call is to SES; the sixth records that SES accepted the message.
                let unheard = n == 5 && fault.is_carried_out();
                let unnoted = n == 6 && !retries && matches!(fault, Fault::Lost | Fault::Refused);
                let wanted = 1 + usize::from(unheard || unnoted);
                assert_eq!(sent, wanted, "{fault:?} at call {n}, retries {retries}");
                let items = desk.items().await;
                audit(&items);
                assert_eq!(Audit::of(&items).outbox(), ["activation sent"]);
                faults += 1;
                repeats += usize::from(sent == 2);
            }
        }
    }
    println!("RE4: {faults} faults in a delivery, {repeats} mails repeated");
    assert!(faults >= 70, "{faults} faults");
}

#[tokio::test]
async fn c5_a_failed_message_waits_and_holds_up_no_other() {
    for refused in 0..3 {
        let (desk, records) = waiting(3).await;
        let sends = Arc::new(AtomicUsize::new(0));
        let deliver = deliver_on(&desk, |aws| {
            meddled(aws, move |request| {
                let to_ses = !request.headers().contains_key("x-amz-target");
                if to_ses && sends.fetch_add(1, Ordering::SeqCst) == refused {
                    Meddling::Fail(Fault::Refused)
                } else {
                    Meddling::Pass
                }
            })
        });
        assert_eq!(hand(&deliver, &records).await, [""; 0], "no record comes again");
        assert_eq!(desk.mails().await.len(), 2);
        assert_eq!(hand(&deliver, &records[refused..=refused]).await, [""; 0]);
        assert_eq!(desk.mails().await.len(), 2, "its own change of the message is no try");
        desk.pass(SignedDuration::from_mins(1)).await;
        assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 1);
        assert_eq!(desk.mails().await.len(), 3);
    }
}

#[tokio::test]
async fn re3_an_unreadable_message_holds_up_no_other_and_is_given_up() {
    let (desk, records) = waiting(2).await;
    let poison = json!({
        "pk": { "S": "MAIL#poison" }, "sk": { "S": "MAIL" }, "messageState": { "S": "queued" },
        "message": { "S": "unknown" }, "writtenAt": { "S": "2026-11-24T08:00:00Z" },
        "shardHalf": { "S": "mail#0" }, "dateKey": { "S": "2026-11-24T08:00:00.000Z poison" },
    });
    let put = json!({ "TableName": "Table", "Item": poison });
    crate::support::engine::call(&desk.local().dynamodb_url(), "PutItem", &put).await;
    let batch = [records[0].clone(), record("poison", "INSERT", 9), records[1].clone()];
    let deliver = deliver_on(&desk, |aws| aws);
    assert_eq!(hand(&deliver, &batch).await, [""; 0]);
    assert_eq!(desk.mails().await.len(), 2);
    desk.pass(SignedDuration::from_hours(24)).await;
    assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 1);
    assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 0, "for good");
    assert!(desk.emitted().iter().any(|line| line.contains("MailsGivenUp")), "an alarm rings");
}

#[tokio::test]
async fn re3_mails_lost_by_a_stream_outage_of_25_hours_are_sent_once() {
    let (desk, _) = waiting(2).await;
    desk.pass(SignedDuration::from_hours(25)).await;
    for redriven in [2, 0] {
        let report = deliver_on(&desk, |aws| aws).redrive(A_MINUTE).await.unwrap();
        assert_eq!((report.redriven, report.left), (redriven, 0));
    }
    assert_eq!(desk.deliver_all().await, [""; 0]);
    assert_eq!(desk.mails().await.len(), 2);
}

/// Returns a bounce that SES reports for a message to the first patron.
fn bounced(message_id: String, at: jiff::Timestamp) -> DeliveryReport {
    let to = "r0@orange.example".parse().unwrap();
    DeliveryReport { message_id, to, event: DeliveryEvent::BouncedForGood, at }
}

#[tokio::test]
async fn re7_a_bounce_is_noted_everywhere_whichever_call_fails() {
    for fault in Fault::ALL {
        for n in 1.. {
            let (desk, _) = waiting(1).await;
            assert_eq!(desk.deliver_all().await, [""; 0]);
            let bounce = bounced(desk.outbox().await.remove(0), desk.now());
            let (calls, change) = faulty(n, fault, true);
            let runtime = desk.runtime("bounce");
            let store = Store::new(&Runtime { aws: change(runtime.aws.clone()), ..runtime }).unwrap();
            assert!(store.note_delivery_event(&bounce).await.unwrap(), "{fault:?} at call {n}");
            let items = desk.items().await;
            audit(&items);
            assert_eq!(items.iter().filter(|item| item["mailState"] == "bounced").count(), 2);
            if calls.load(Ordering::SeqCst) < n {
                break;
            }
        }
    }
}

/// Registers at a desk whose function hangs once: at its n-th call, after the call was carried out. Returns the desk,
/// the librarian's session, the answer's status and the number of calls.
async fn registering_with_a_hanging_call(n: usize) -> (Desk, Session, u16, usize) {
    let calls = Arc::new(AtomicUsize::new(0));
    let desk = Desk::open_on(&Wire::without_deliver()).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    let (mut runtime, counted) = (desk.runtime("register"), Arc::clone(&calls));
    runtime.aws = meddled(impatient(runtime.aws), move |_| {
        let hangs = counted.fetch_add(1, Ordering::SeqCst) + 1 == n;
        if hangs { Meddling::Die(Death::new(true, Arc::new(Notify::new()))) } else { Meddling::Pass }
    });
    let event = json!({
        "version": "2.0", "routeKey": "POST /registrations", "rawPath": "/registrations", "rawQueryString": "",
        "headers": { "content-type": "application/json", "authorization": format!("Bearer {}", marie.token) },
        "requestContext": {
            "routeKey": "POST /registrations", "stage": "$default", "timeEpoch": 0,
            "http": { "method": "POST", "path": "/registrations", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1" },
        },
        "body": camille().to_string(), "isBase64Encoded": false,
    });
    let request = edge::request(&event.to_string()).unwrap();
    let answer = local::function("register", &runtime).unwrap()(request).await;
    (desk, marie, answer.status().as_u16(), calls.load(Ordering::SeqCst))
}

#[tokio::test]
async fn re8_a_call_that_never_answers_is_given_up_and_made_again() {
    for n in 1.. {
        let (desk, marie, status, calls) = registering_with_a_hanging_call(n).await;
        assert_eq!(status, 201, "call {n} hangs");
        audit(&desk.items().await);
        assert_eq!(desk.get("/registrations", &marie).await.column("id").len(), 1);
        if calls < n {
            assert!(n > 3, "it calls DynamoDB");
            break;
        }
    }
}
