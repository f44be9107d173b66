//! A fault at each call in turn (requirements RE7): a lost call is made again, one whose answer was lost is not done twice.

use serde_json::json;

use crate::support::{Desk, Fault, PASSWORD, Wire, camille, with};

const FAULTS: [Fault; 2] = [Fault::Lost, Fault::Unanswered];
/// More calls than any request makes.
const CALLS: i64 = 100;

/// Runs an act again and again, with a fault at its first call, its second, and so on until it makes no more calls.
async fn at_each_call(wire: &Wire, mut act: impl AsyncFnMut(String)) {
    for fault in FAULTS {
        for n in 1..=CALLS {
            wire.fail_once(n, fault);
            act(format!("{}-{n}", if fault == Fault::Lost { "lost" } else { "unanswered" })).await;
            if !wire.has_failed() {
                assert!(n > 2, "the act calls DynamoDB");
                break;
            }
            assert!(n < CALLS, "an act of {CALLS} calls");
        }
    }
    wire.fail_once(-1, Fault::Lost);
}

#[tokio::test]
async fn re7_a_registering_is_done_once_whichever_call_fails() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    let mut made = 0;
    at_each_call(&wire, async |name| {
        desk.post("/registrations", &marie, &with(camille(), "email", format!("{name}@orange.example")))
            .await
            .expect(201);
        made += 1;
    })
    .await;
    assert_eq!(desk.get("/registrations?limit=100", &marie).await.column("id").len(), made);
}

#[tokio::test]
async fn re7_activation_correction_and_renewal_are_done_once_with_one_line_and_one_mail() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    at_each_call(&wire, async |name| {
        let email = format!("{name}@orange.example");
        // What is registered here is not what may fail.
        let fault = wire.pause();
        let (id, etag) = desk.register(&marie, &email).await;
        let path = format!("/registrations/{id}");
        fault.resume();
        let corrected = desk.patch(&path, &marie, &etag, &json!({ "town": "Auneuil" })).await.expect(200);
        assert_eq!(corrected.header("etag"), "\"v2\"");
        desk.act(&format!("{path}/activation"), &marie).await.expect(200);
        let history = desk.get(&format!("{path}/history"), &marie).await;
        assert_eq!(history.column("action"), ["created", "changed", "activated"]);
        assert_eq!(desk.mails_to(&email, "activation").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn re7_a_password_is_chosen_and_a_session_opened_whichever_call_fails() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    at_each_call(&wire, async |_| {
        let fault = wire.pause();
        desk.pass(jiff::SignedDuration::from_hours(1)).await;
        desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
        let token = desk.link_token(&marie.email).await;
        fault.resume();
        desk.open_put(&format!("/password-resets/{token}"), &json!({ "password": PASSWORD })).await.expect(204);
        let marie = desk.sign_in(&marie.email).await;
        desk.get("/me", &marie).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn re7_the_daily_job_warns_once_whichever_call_fails() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (county, _) = desk.staffed().await;
    let county_email = county.email.clone();
    at_each_call(&wire, async |name| {
        let fault = wire.pause();
        let county = desk.sign_in(&county_email).await;
        let form = with(camille(), "email", format!("{name}@orange.example"));
        let (id, _) = desk.register_as(&county, &form).await;
        desk.pass_days(8).await;
        let before = desk.mails_to("fleury@oise.example", "library-digest").await.len();
        fault.resume();
        assert_eq!(desk.escalate().await["warned"], 1, "{name}");
        let fault = wire.pause();
        assert_eq!(desk.mails_to("fleury@oise.example", "library-digest").await.len(), before + 1);
        let county = desk.sign_in(&county_email).await;
        let history = desk.get(&format!("/registrations/{id}/history"), &county).await;
        assert_eq!(history.column("action"), ["created", "warned"]);
        desk.delete(&format!("/registrations/{id}"), &county).await.expect(204);
        fault.resume();
    })
    .await;
}

#[tokio::test]
async fn re7_a_bounce_is_noted_on_mail_account_and_registration_whichever_call_fails() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    at_each_call(&wire, async |name| {
        let fault = wire.pause();
        let (id, _) = desk.register(&marie, &format!("{name}@orange.example")).await;
        let path = format!("/registrations/{id}");
        desk.act(&format!("{path}/activation"), &marie).await.expect(200);
        desk.mails().await;
        let found = desk.store().registration(&id.parse().unwrap()).await.unwrap().unwrap();
        let to = found.registration.person.email.clone();
        let bounced = store::Told {
            mail_id: found.activation_mail.expect("a mail"),
            to: to.clone(),
            feedback: domain::feedback::Feedback::BouncedForGood,
            at: desk.now(),
        };
        fault.resume();
        assert!(desk.store_of("bounce").note_feedback(&bounced).await.unwrap(), "{name}");
        let fault = wire.pause();
        assert_eq!(desk.get(&path, &marie).await.json()["mailState"], "bounced");
        assert!(desk.store().account(&to).await.unwrap().unwrap().mail_state.is_some());
        fault.resume();
    })
    .await;
}
