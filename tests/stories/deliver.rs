//! Delivery of the outbox, from the table's stream to SES.

use std::{collections::BTreeMap, time::Duration};

use deliver::Deliver;
use jiff::SignedDuration;
use runtime::Ids;
use serde_json::{Value, json};

use crate::support::{
    COUNTY, Desk, camille,
    engine::create_table,
    hands::{A_MINUTE, record},
    store_over, with,
};

/// The id of a message.
const MAIL: &str = "0123456789abcdef01234567";

async fn deliver(desk: &Desk, records: &[Value]) -> Value {
    let runtime = desk.local().runtime("deliver").expect("wired");
    deliver_by(&Deliver::from_runtime(runtime).unwrap(), records, A_MINUTE).await
}

async fn deliver_by(deliver: &Deliver, records: &[Value], time: Duration) -> Value {
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    serde_json::to_value(deliver.deliver(event, time).await).unwrap()
}

fn nothing_failed() -> Value {
    json!({ "batchItemFailures": [] })
}

#[tokio::test]
async fn section_6_each_mail_has_one_recipient_and_is_in_french() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    let mails = desk.mails().await;
    assert!(!mails.is_empty());
    for mail in mails {
        for part in ["id", "kind", "to", "subject", "text", "html", "sentAt"] {
            assert!(!mail[part].as_str().unwrap().is_empty(), "{part}");
        }
        assert!(mail["html"].as_str().unwrap().contains("lang=\"fr\""));
        assert!(mail["text"].as_str().unwrap().contains("03 44 10 83 00"));
    }
}

#[tokio::test]
async fn re3_repeated_late_or_reordered_records_send_nothing_twice() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    let before = desk.mails().await;
    assert!(desk.store().due(desk.now() + SignedDuration::from_hours(1), 100).await.unwrap().is_empty());
    let foreign = json!({ "pk": { "S": "REG#0a" }, "sk": { "S": "REG" } });
    let mut other = record("x", "INSERT", 3);
    other["dynamodb"]["Keys"] = foreign;
    let records =
        [record("unknown", "MODIFY", 2), record("unknown", "INSERT", 1), other, record("unknown", "REMOVE", 4)];
    assert_eq!(deliver(&desk, &records).await, nothing_failed());
    assert_eq!(desk.mails().await, before);
}

#[tokio::test]
async fn ap7_a_hostile_name_adds_no_header_no_recipient_and_no_markup() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    // A person's name has no `<` and no `@`; a library's may.
    let hostile = "<img src=x onerror=alert(1)>, eve@evil.example";
    let library = json!({ "name": hostile, "town": "Fleury", "postalCode": "60240", "email": "fleury@oise.example" });
    desk.put("/libraries/LI10511", &county, &library).await.expect(200);
    let name = "&#60;b&#62; \"Co\", evil";
    let form = with(with(camille(), "firstName", name), "lastName", name);
    let (id, _) = desk.register_as(&marie, &with(form, "email", "camille@orange.example")).await;
    desk.pass_days(8).await;
    desk.escalate().await;
    let marie = desk.sign_in(&marie.email).await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    for (to, kind) in [("camille@orange.example", "activation"), ("fleury@oise.example", "library-digest")] {
        let mail = desk.mails_to(to, kind).await.pop().expect(kind);
        assert!(mail["text"].as_str().unwrap().contains(hostile));
        let html = mail["html"].as_str().unwrap();
        assert!(!html.contains("<img") && html.contains("&#60;img"), "{html}");
        assert!(!html.contains(name) && html.contains("&#38;#60;b"), "{html}");
        assert!(!mail["subject"].as_str().unwrap().contains("evil"));
    }
}

#[tokio::test]
async fn re4_a_mail_refused_by_ses_is_sent_later_and_blocks_no_other() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    let before = desk.mails().await.len();
    wire.cut_ses(true);
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    assert_eq!(desk.mails().await.len(), before, "SES is away, and the desk works on");
    wire.cut_ses(false);
    assert_eq!(desk.mails().await.len(), before, "it waits");
    desk.pass(SignedDuration::from_mins(5)).await;
    assert_eq!(desk.mails_to("camille@orange.example", "activation").await.len(), 1);
}

/// A `deliver` on a table of its own, whose stream has no other reader, with one message in its outbox.
async fn one_mail_apart(desk: &Desk) -> Deliver {
    create_table(&desk.local().dynamodb_url(), "Apart").await;
    let stack = local::template::Template::built_in().unwrap().resolve(&BTreeMap::new()).unwrap();
    let function = stack.functions.into_iter().find(|function| function.name == "deliver").unwrap();
    let environment = function.environment.into_iter().chain([("TABLE_NAME".to_owned(), "Apart".to_owned())]);
    let env = runtime::Env::of(environment);
    let runtime = runtime::Runtime { env, ..desk.local().runtime("deliver").unwrap().clone() };
    let store = store_over(runtime.clone());
    let (email, now) = (COUNTY.parse().unwrap(), desk.now());
    store.found_county(&email, &Ids::System, now).await.unwrap();
    store.ask_reset(&email, MAIL, now).await.unwrap();
    Deliver::from_runtime(&runtime).unwrap()
}

async fn mails_of_the_county(desk: &Desk) -> usize {
    desk.mails_to(COUNTY, "password-link").await.len()
}

#[tokio::test]
async fn re4_a_mail_too_many_a_second_waits_within_the_time_left() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let deliver = one_mail_apart(&desk).await;
    wire.throttle_ses(5);
    assert_eq!(deliver_by(&deliver, &[record(MAIL, "INSERT", 1)], A_MINUTE).await, nothing_failed());
    assert_eq!((mails_of_the_county(&desk).await, wire.still_throttled()), (1, 0));
}

#[tokio::test]
async fn re4_a_throttled_mail_without_time_left_waits_a_minute() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let deliver = one_mail_apart(&desk).await;
    wire.throttle_ses(1000);
    let record = [record(MAIL, "INSERT", 7)];
    // There is time to claim and to send once, and none to wait.
    assert_eq!(deliver_by(&deliver, &record, Duration::from_secs(28)).await, nothing_failed());
    assert!(wire.still_throttled() < 1000, "it was tried");
    wire.throttle_ses(0);
    assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 0, "it waits for a minute");
    desk.pass(SignedDuration::from_mins(1)).await;
    assert_eq!(deliver.redrive(A_MINUTE).await.unwrap().redriven, 1);
    assert_eq!(mails_of_the_county(&desk).await, 1);
}

#[tokio::test]
async fn c15_a_record_without_time_left_is_reported_and_not_begun() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let deliver = one_mail_apart(&desk).await;
    wire.throttle_ses(1000);
    let record = [record(MAIL, "INSERT", 7)];
    let failed = deliver_by(&deliver, &record, Duration::from_secs(20)).await;
    assert_eq!(failed, json!({ "batchItemFailures": [{ "itemIdentifier": "7" }] }));
    assert_eq!(wire.still_throttled(), 1000, "SES was not called");
    wire.throttle_ses(0);
    assert_eq!(deliver_by(&deliver, &record, A_MINUTE).await, nothing_failed(), "nobody holds it");
    assert_eq!(mails_of_the_county(&desk).await, 1);
}
