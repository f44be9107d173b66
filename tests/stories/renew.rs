//! `POST /registrations/{id}/renewal`.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn section_3_renewal_opens_30_days_before_the_end_and_adds_365() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    let path = format!("/registrations/{id}/renewal");
    desk.pass_days(334).await;
    let marie = desk.sign_in(&marie.email).await;
    let early = desk.act(&path, &marie).await.problem(409, "renewal-too-early");
    assert_eq!(early["possibleFrom"], "2027-10-25");
    assert!(early["detail"].as_str().unwrap().contains("25/10/2027"));
    desk.pass_days(1).await;
    let marie = desk.sign_in(&marie.email).await;
    let renewed = desk.act(&path, &marie).await.expect(200).json();
    assert_eq!((&renewed["expiresOn"], &renewed["renewedOn"]), (&json!("2028-11-23"), &json!("2027-10-25")));
    assert_eq!(renewed["activatedOn"], "2026-11-24");
}

#[tokio::test]
async fn section_3_a_late_renewal_starts_today_and_restores_access() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    desk.pass_days(400).await;
    let marie = desk.sign_in(&marie.email).await;
    let path = format!("/registrations/{id}");
    assert_eq!(desk.get(&path, &marie).await.json()["status"], "expired");
    let patron = desk.arrive("camille@orange.example").await;
    assert_eq!(desk.get("/me", &patron).await.json()["access"], json!([]));
    let renewed = desk.act(&format!("{path}/renewal"), &marie).await.expect(200).json();
    assert_eq!((&renewed["status"], &renewed["expiresOn"]), (&json!("active"), &json!("2028-12-28")));
    assert_eq!(desk.get("/me", &patron).await.json()["access"], json!(["musicme", "skilleos"]));
}

#[tokio::test]
async fn section_3_a_double_click_renews_once() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    desk.pass_days(350).await;
    let marie = desk.sign_in(&marie.email).await;
    let path = format!("/registrations/{id}/renewal");
    let clicks = join_all((0..10).map(|_| desk.act(&path, &marie))).await;
    assert_eq!(clicks.iter().filter(|reply| reply.status == 200).count(), 1);
    let now = desk.get(&format!("/registrations/{id}"), &marie).await.json();
    assert_eq!(now["expiresOn"], "2028-11-23");
}
