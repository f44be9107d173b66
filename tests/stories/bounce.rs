//! Delivery events from SES, and their effects (requirements RE4).

use bounce::{Bounce, Failure, Noted};
use serde_json::{Value, json};

use crate::support::{COUNTY, Desk, Session, hands::delivery_event, logged};

fn permanent() -> Value {
    json!({ "bounceType": "Permanent", "bounceSubType": "General" })
}

fn bounce(desk: &Desk) -> Bounce {
    Bounce::from_runtime(desk.local().runtime("bounce").expect("wired")).unwrap()
}

async fn note(desk: &Desk, event: Value) -> Result<Noted, Failure> {
    bounce(desk).note(event).await
}

/// Returns a message of the failure queue, as its event source hands it over.
fn queued(id: &str, body: &str) -> Value {
    json!({
        "messageId": id, "receiptHandle": "r", "body": body, "attributes": { "ApproximateReceiveCount": "1" },
        "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
        "eventSourceARN": "arn:aws:sqs:eu-west-3:123456789012:BounceFailures",
    })
}

/// Returns Lambda's record of an asynchronous invocation that failed at every attempt.
fn failed_invocation(event: &Value) -> String {
    let record = json!({
        "version": "1.0", "timestamp": "2026-11-24T08:05:00.000Z",
        "requestContext": {
            "requestId": "e4b46cbf-b738-4880-b7cc-2a4b2a4b2a4b", "condition": "RetriesExhausted",
            "functionArn": "arn:aws:lambda:eu-west-3:123456789012:function:Bounce:$LATEST", "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": { "errorType": "Failure", "errorMessage": "the table failed" },
    });
    record.to_string()
}

/// An activated patron, with the id of the activation message.
struct Patron {
    path: String,
    etag: String,
    mail: String,
}

impl Patron {
    async fn activated(desk: &Desk, by: &Session, email: &str) -> Self {
        let (id, _) = desk.register(by, email).await;
        let path = format!("/registrations/{id}");
        let etag = desk.act(&format!("{path}/activation"), by).await.expect(200).header("etag").to_owned();
        desk.mails().await;
        let found = desk.store().registration(&id.parse().unwrap()).await.unwrap().unwrap();
        Self { path, etag, mail: found.activation_mail.expect("a mail") }
    }

    async fn mail_state(&self, desk: &Desk, by: &Session) -> Value {
        desk.get(&self.path, by).await.expect(200).json()["mailState"].clone()
    }

    /// Returns `kind state` of each message, newest first.
    async fn mails(&self, desk: &Desk, by: &Session) -> Vec<String> {
        let page = desk.get(&format!("{}/mails", self.path), by).await.expect(200);
        page.column("kind")
            .into_iter()
            .zip(page.column("state"))
            .map(|(kind, state)| format!("{kind} {state}"))
            .collect()
    }
}

#[tokio::test]
async fn re4_a_permanent_bounce_marks_the_address_and_stops_mails() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let email = "bounce@simulator.amazonses.com";
    let patron = Patron::activated(&desk, &marie, email).await;
    assert_eq!(patron.mails(&desk, &marie).await, ["activation bounced"]);
    for by in [&marie, &county] {
        assert_eq!(patron.mail_state(&desk, by).await, "bounced");
        assert_eq!(desk.get("/registrations", by).await.column("mailState"), ["bounced"]);
    }
    desk.pass(jiff::SignedDuration::from_mins(1)).await;
    desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
    assert!(desk.mails_to(email, "password-link").await.is_empty());
    assert_eq!(patron.mails(&desk, &marie).await, ["password-link dropped", "activation bounced"]);
    let history = desk.get(&format!("{}/history", patron.path), &marie).await;
    assert_eq!(history.column("action"), ["created", "activated"], "a mark is not a change");
}

#[tokio::test]
async fn w2_a_suppressed_message_is_dropped_and_its_address_unmarked() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let email = "suppressionlist@simulator.amazonses.com";
    let patron = Patron::activated(&desk, &marie, email).await;
    assert_eq!(patron.mails(&desk, &marie).await, ["activation dropped"]);
    assert_eq!(patron.mail_state(&desk, &marie).await, Value::Null);
    // The bounce rate does not count it: SES sent nothing. The alarm on messages that were given up does.
    let counted = |metric: &str| desk.emitted().iter().filter(|line| line.contains(metric)).count();
    assert_eq!((counted("MailsBounced"), counted("MailsGivenUp")), (0, 1));
    desk.pass(jiff::SignedDuration::from_mins(1)).await;
    desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
    assert_eq!(desk.mails_to(email, "password-link").await.len(), 1, "the address is still written to");
}

#[tokio::test]
async fn re4_an_activation_is_not_mailed_to_a_bounced_address() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let email = "camille@rebond.example";
    let (id, _) = desk.register(&marie, email).await;
    desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
    desk.mails().await;
    let path = format!("/registrations/{id}");
    assert_eq!(desk.get(&path, &marie).await.json()["mailState"], "bounced");
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    assert!(desk.mails_to(email, "activation").await.is_empty());
    let mails = desk.get(&format!("{path}/mails"), &marie).await;
    let mut states = mails.column("state");
    states.sort();
    assert_eq!(states, ["bounced", "dropped"]);
}

#[tokio::test]
async fn re4_a_corrected_address_is_mailed_and_if_match_stays_fresh() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let patron = Patron::activated(&desk, &marie, "camille@rebond.example").await;
    let town = json!({ "town": "Auneuil" });
    let kept = desk.patch(&patron.path, &marie, &patron.etag, &town).await.expect(200);
    assert_eq!(kept.json()["mailState"], "bounced", "another correction leaves it");
    let email = json!({ "email": "camille@orange.example" });
    let corrected = desk.patch(&patron.path, &marie, kept.header("etag"), &email).await.expect(200).json();
    assert!(corrected.get("mailState").is_none());
    assert!(desk.mails_to("camille@rebond.example", "email-changed").await.is_empty(), "the old address bounces");
    desk.arrive("camille@orange.example").await;
    assert_eq!(patron.mails(&desk, &marie).await.len(), 2);
    assert_eq!(patron.mail_state(&desk, &marie).await, Value::Null);
    desk.patch(&patron.path, &marie, "*", &json!({ "mailState": "bounced" })).await.problem(422, "invalid-fields");
}

#[tokio::test]
async fn re4_who_complains_is_written_to_no_more() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let email = "complaint@simulator.amazonses.com";
    let patron = Patron::activated(&desk, &marie, email).await;
    assert_eq!(patron.mails(&desk, &marie).await, ["activation complained"]);
    assert_eq!(patron.mail_state(&desk, &marie).await, "complained");
    desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
    assert!(desk.mails_to(email, "password-link").await.is_empty());
}

#[tokio::test]
async fn re4_a_bounce_that_passes_says_nothing_of_the_address() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let email = "camille@orange.example";
    let patron = Patron::activated(&desk, &marie, email).await;
    for passing in ["Transient", "Undetermined"] {
        note(&desk, delivery_event("Bounce", &patron.mail, email, json!({ "bounceType": passing }))).await.unwrap();
    }
    assert_eq!(patron.mails(&desk, &marie).await, ["activation bounced"]);
    assert_eq!(patron.mail_state(&desk, &marie).await, Value::Null);
    desk.arrive(email).await;
}

#[tokio::test]
async fn re4_a_late_delivery_hides_no_bounce_and_replays_do_nothing() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let email = "camille@orange.example";
    let patron = Patron::activated(&desk, &marie, email).await;
    let bounced = delivery_event("Bounce", &patron.mail, email, permanent());
    let delivered = delivery_event("Delivery", &patron.mail, email, json!({}));
    assert_eq!(
        note(&desk, delivered.clone()).await.unwrap(),
        Noted::NothingNew,
        "the local desk's SES has reported it"
    );
    assert_eq!(note(&desk, bounced.clone()).await.unwrap(), Noted::Noted);
    let table = async || serde_json::from_str::<Value>(&desk.dump().await).unwrap();
    let noted = table().await;
    for late in [delivered, bounced.clone()] {
        assert_eq!(note(&desk, late).await.unwrap(), Noted::NothingNew);
    }
    assert_eq!(table().await, noted);
    // The address is corrected, and corrected back: the earlier bounce does not mark it again.
    for to in ["autre@orange.example", email] {
        desk.patch(&patron.path, &marie, "*", &json!({ "email": to })).await.expect(200);
    }
    assert_eq!(note(&desk, bounced).await.unwrap(), Noted::NothingNew);
    assert_eq!(patron.mail_state(&desk, &marie).await, Value::Null);
}

#[tokio::test]
async fn re4_a_delay_is_no_news_and_a_rejected_mail_is_dropped() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let email = "camille@orange.example";
    let patron = Patron::activated(&desk, &marie, email).await;
    let late = delivery_event("DeliveryDelay", &patron.mail, email, json!({ "delayType": "MailboxFull" }));
    assert_eq!(note(&desk, late).await.unwrap(), Noted::UnderWay);
    let rejected = delivery_event("Reject", &patron.mail, email, json!({ "reason": "Bad content" }));
    assert_eq!(note(&desk, rejected).await.unwrap(), Noted::NothingNew, "it was delivered");
    assert_eq!(patron.mails(&desk, &marie).await, ["activation delivered"]);
}

#[tokio::test]
async fn re4_an_unknown_mail_or_a_changed_address_sets_no_mark() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let email = "camille@orange.example";
    let patron = Patron::activated(&desk, &marie, email).await;
    let unknown = delivery_event("Bounce", "0123456789abcdef01234567", email, permanent());
    assert_eq!(note(&desk, unknown).await.unwrap(), Noted::NothingNew);
    assert_eq!(patron.mail_state(&desk, &marie).await, Value::Null);
    desk.patch(&patron.path, &marie, &patron.etag, &json!({ "email": "autre@orange.example" })).await.expect(200);
    note(&desk, delivery_event("Bounce", &patron.mail, email, permanent())).await.unwrap();
    assert_eq!(patron.mail_state(&desk, &marie).await, Value::Null);
    assert_eq!(desk.mails_to("autre@orange.example", "activation").await.len(), 1, "access is open there");
    assert_eq!(patron.mails(&desk, &marie).await, ["activation delivered"]);
    desk.arrive("autre@orange.example").await;
}

#[tokio::test]
async fn w5_the_failure_queue_is_read_in_both_its_shapes() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (bare, wrapped) = ("camille@orange.example", "zoe@orange.example");
    let patrons = [Patron::activated(&desk, &marie, bare).await, Patron::activated(&desk, &marie, wrapped).await];
    let event = |patron: &Patron, email| delivery_event("Bounce", &patron.mail, email, permanent());
    // EventBridge's dead letters are the events themselves.
    let batch = json!({ "Records": [
        queued("a", &event(&patrons[0], bare).to_string()),
        queued("b", "{\"detail\":\"canarifile\"}"),
        queued("c", &failed_invocation(&event(&patrons[1], wrapped))),
        queued("d", "not JSON"),
        queued("e", &failed_invocation(&json!("canarifile"))),
        { "messageId": "f" },
    ] });
    let answer = bounce(&desk).answer(batch.clone()).await.unwrap();
    let failed = ["b", "d", "e", "f"].map(|id| json!({ "itemIdentifier": id }));
    assert_eq!(answer, json!({ "batchItemFailures": failed }), "what is unreadable stays in the queue");
    for patron in &patrons {
        assert_eq!(patron.mail_state(&desk, &marie).await, "bounced");
    }
    assert_eq!(bounce(&desk).answer(batch).await.unwrap(), answer, "a message may come twice");
    assert!(!logged().contains("canarifile"));
}

#[tokio::test]
async fn w5_what_the_table_refuses_stays_in_the_failure_queue() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    let email = "camille@orange.example";
    let patron = Patron::activated(&desk, &marie, email).await;
    let event = delivery_event("Bounce", &patron.mail, email, permanent());
    let batch = json!({ "Records": [queued("a", &event.to_string())] });
    wire.cut_dynamodb(true);
    let answer = bounce(&desk).answer(batch.clone()).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "a" }] }));
    wire.cut_dynamodb(false);
    assert_eq!(bounce(&desk).answer(batch).await.unwrap(), json!({ "batchItemFailures": [] }));
    assert_eq!(patron.mail_state(&desk, &marie).await, "bounced");
}

#[tokio::test]
async fn re4_a_malformed_event_fails_on_purpose_and_is_not_quoted() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let email = "canaribond@orange.example";
    let patron = Patron::activated(&desk, &marie, email).await;
    let good = delivery_event("Bounce", &patron.mail, email, permanent());
    let hostile = "canaribond\u{1b}[31m\n<script>{\"$ne\":1}";
    for (pointer, wrong) in [
        ("/detail/eventType", json!(hostile)),
        ("/detail/bounce/timestamp", json!(hostile)),
        ("/detail/mail/destination/0", json!(hostile)),
        ("/detail/mail/tags/mail/0", json!(hostile)),
        ("/detail/mail/tags", json!({})),
        ("/detail/mail", json!(null)),
    ] {
        let mut broken = good.clone();
        *broken.pointer_mut(pointer).expect(pointer) = wrong;
        let failure = note(&desk, broken).await.expect_err(pointer);
        assert!(matches!(failure, Failure::Malformed), "{pointer}");
        assert!(!failure.to_string().contains("canari"));
    }
    let before = desk.dump().await;
    let mut odd = good;
    odd["detail"]["bounce"]["bouncedRecipients"] = json!([{ "emailAddress": hostile, "diagnosticCode": hostile }]);
    odd["detail"]["mail"]["commonHeaders"] = json!({ "subject": hostile, "to": [hostile] });
    assert_eq!(note(&desk, odd).await.unwrap(), Noted::Noted);
    assert_eq!(before.matches("canaribond").count(), desk.dump().await.matches("canaribond").count());
    assert!(!logged().contains("canaribond"));
}

#[tokio::test]
async fn re4_bounced_staff_are_marked_until_entered_again() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let email = "paul@rebond.example";
    let staff = json!({ "displayName": "Paul", "role": "librarian", "libraryIds": ["LI10511"] });
    desk.put(&format!("/staff/{email}"), &county, &staff).await.expect(201);
    let links = async || {
        desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
        desk.mails_to(email, "password-link").await.len()
    };
    assert_eq!(links().await, 1);
    assert_eq!(links().await, 1, "written to no more");
    desk.put(&format!("/staff/{email}"), &county, &staff).await.expect(200);
    assert_eq!(links().await, 2);
}

#[tokio::test]
async fn re4_the_county_s_own_address_is_always_written_to() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let store = desk.store();
    let mail = store.account(&county.email.parse().unwrap()).await.unwrap().unwrap().link_mail.unwrap();
    note(&desk, delivery_event("Complaint", &mail, COUNTY, json!({}))).await.unwrap();
    assert!(store.account(&county.email.parse().unwrap()).await.unwrap().unwrap().mail_state.is_some());
    desk.arrive(COUNTY).await;
}
