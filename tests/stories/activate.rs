//! `POST /registrations/{id}/activation`.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::{Desk, Reply};

#[tokio::test]
async fn section_2_access_works_at_once_and_the_patron_is_mailed() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let done = desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    let body = done.json();
    assert_eq!((&body["status"], &body["activatedOn"]), (&json!("active"), &json!("2026-11-24")));
    assert_eq!(body["activatedBy"], marie.email);
    assert_ne!(done.header("etag"), etag);
    let patron = desk.arrive("camille@orange.example").await;
    assert_eq!(desk.get("/me", &patron).await.json()["access"], json!(["musicme", "skilleos"]));
    let mail = desk.mails_to("camille@orange.example", "activation").await.pop().expect("an activation mail");
    let text = mail["text"].as_str().unwrap();
    for said in ["MusicMe", "Skilleos", "23/11/2027", "mot de passe"] {
        assert!(text.contains(said), "{said} is missing: {text}");
    }
}

#[tokio::test]
async fn a_closed_resource_stays_recorded_and_gives_no_access() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    let patron = desk.arrive("camille@orange.example").await;
    desk.put("/resources/skilleos", &county, &json!({ "name": "Skilleos", "active": false })).await.expect(200);
    let me = desk.get("/me", &patron).await.expect(200).json();
    assert_eq!(me["access"], json!(["musicme"]));
    assert_eq!(me["registrations"][0]["resources"], json!(["musicme", "skilleos"]));
}

#[tokio::test]
async fn section_2_50_concurrent_activations_happen_once() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}/activation");
    for reply in join_all((0..50).map(|_| desk.act(&path, &marie))).await {
        assert_eq!(reply.expect(200).json()["status"], "active");
    }
    desk.act(&path, &marie).await.expect(200);
    assert_eq!(desk.mails_to("camille@orange.example", "activation").await.len(), 1);
    let history = desk.get(&format!("/registrations/{id}/history"), &marie).await.expect(200);
    assert_eq!(history.column("action"), ["created", "activated"]);
}

#[tokio::test]
async fn section_2_past_its_expiry_it_can_only_be_renewed() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.pass_days(365).await;
    let marie = desk.sign_in(&marie.email).await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.problem(409, "past-expiry");
    let renewed = desk.act(&format!("/registrations/{id}/renewal"), &marie).await.expect(200).json();
    assert_eq!((&renewed["status"], &renewed["expiresOn"]), (&json!("active"), &json!("2028-11-23")));
    assert_eq!(desk.mails_to("camille@orange.example", "activation").await.len(), 1);
}

#[tokio::test]
async fn if_match_is_honoured_when_sent() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    desk.patch(&path, &marie, &etag, &json!({ "town": "Auneuil" })).await.expect(200);
    let activate = |etag: String| {
        let request = desk.request(Method::POST, &format!("{path}/activation")).bearer_auth(&marie.token);
        Reply::of(request.header("If-Match", etag))
    };
    activate(etag.clone()).await.problem(412, "stale");
    activate(format!("W/{etag}")).await.problem(412, "stale");
    activate("*".into()).await.expect(200);
}
