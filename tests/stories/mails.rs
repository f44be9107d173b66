//! `GET /registrations/{id}/mails`: the state of the last messages to a patron.

use serde_json::json;

use crate::support::{Desk, PASSWORD};

#[tokio::test]
async fn re4_the_last_mails_to_a_patron_are_listed_newest_first() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    let mails = async || desk.get(&format!("{path}/mails"), &marie).await.expect(200).json();
    assert_eq!(mails().await, json!({ "items": [] }), "none was written yet");
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    desk.mails().await;
    let activation = json!({ "kind": "activation", "state": "delivered", "at": "2026-11-24T08:00:00Z" });
    assert_eq!(mails().await, json!({ "items": [activation] }));
    desk.pass(jiff::SignedDuration::from_mins(5)).await;
    desk.open_post("/password-resets", &json!({ "email": "camille@orange.example" })).await.expect(202);
    desk.mails().await;
    let link = json!({ "kind": "password-link", "state": "delivered", "at": "2026-11-24T08:05:00Z" });
    assert_eq!(mails().await, json!({ "items": [link, activation] }));
    let token = desk.link_token("camille@orange.example").await;
    desk.open_put(&format!("/password-resets/{token}"), &json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(mails().await, json!({ "items": [link, activation] }), "a link that was used was mailed all the same");
    assert_eq!(desk.get(&format!("{path}/data"), &marie).await.json()["mails"], json!([link, activation]));
}

#[tokio::test]
async fn re4_a_mail_that_ses_does_not_take_is_shown_as_waiting() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    desk.mails().await;
    wire.cut_ses(true);
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    desk.mails().await;
    let states = async || desk.get(&format!("/registrations/{id}/mails"), &marie).await.expect(200).column("state");
    assert_eq!(states().await, ["waiting"]);
    wire.cut_ses(false);
    desk.pass(jiff::SignedDuration::from_mins(5)).await;
    desk.mails().await;
    assert_eq!(states().await, ["delivered"]);
}

#[tokio::test]
async fn gd2_an_erased_person_s_mails_are_forgotten() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@rebond.example").await;
    let path = format!("/registrations/{id}");
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    desk.open_post("/password-resets", &json!({ "email": "camille@rebond.example" })).await.expect(202);
    desk.mails().await;
    let store = desk.store();
    let found = store.registration(&id.parse().unwrap()).await.unwrap().unwrap();
    let account = store.account(&found.registration.person.email).await.unwrap().unwrap();
    let ids = [found.activation_mail.unwrap(), account.link_mail.unwrap()];
    let before = desk.dump().await;
    assert!(ids.iter().all(|mail| before.contains(mail)));
    assert_eq!(before.matches("rebond").count(), 2, "registration and account alone name the address");
    desk.delete(&path, &marie).await.expect(204);
    let after = desk.dump().await;
    assert!(ids.iter().all(|mail| !after.contains(mail)) && !after.contains("rebond"));
}
