//! The outbox, from the table's stream to SES.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{Desk, camille, with};

/// A stream record as the table's stream brings it.
fn record(mail_id: &str, name: &str, sequence: usize) -> Value {
    json!({
        "eventID": format!("{sequence}"), "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-3",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_507_200.0, "SizeBytes": 60, "StreamViewType": "KEYS_ONLY",
            "SequenceNumber": format!("{sequence}"),
            "Keys": { "pk": { "S": format!("MAIL#{mail_id}") }, "sk": { "S": "MAIL" } },
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-3:123456789012:table/Table/stream/2026",
    })
}

async fn deliver(desk: &Desk, records: &[Value]) -> Value {
    let runtime = desk.portal().runtime("deliver").expect("wired");
    let deliver = deliver::Deliver::wire(runtime).unwrap();
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    serde_json::to_value(deliver.deliver(event).await).unwrap()
}

fn nothing_failed() -> Value {
    json!({ "batchItemFailures": [] })
}

#[tokio::test]
async fn section_6_each_mail_goes_to_one_recipient_as_text_and_html_in_french() {
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
async fn re3_records_that_come_again_late_or_out_of_order_send_nothing_twice() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    let before = desk.mails().await;
    let store = store::Store::new(desk.portal().runtime("deliver").unwrap()).unwrap();
    assert!(store.unsent_before(desk.now() + SignedDuration::from_hours(1)).await.unwrap().is_empty());
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
    let (_, marie) = desk.staffed().await;
    let hostile = "<img src=x onerror=alert(1)>, eve@evil.example";
    let form = with(with(camille(), "firstName", hostile), "lastName", hostile);
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
        assert!(!mail["subject"].as_str().unwrap().contains("evil"));
    }
}

#[tokio::test]
async fn re4_a_mail_that_ses_does_not_take_is_sent_later_and_holds_nobody_up() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    let before = desk.mails().await.len();
    wire.cut_ses(true);
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    assert_eq!(desk.mails().await.len(), before, "SES is away, and the desk works on");
    wire.cut_ses(false);
    desk.pass(SignedDuration::from_hours(2)).await;
    desk.escalate().await;
    assert_eq!(desk.mails_to("camille@orange.example", "activation").await.len(), 1);
}
