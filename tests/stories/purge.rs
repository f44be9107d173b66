//! The purge: registrations that expired a year ago are erased (requirements GD3).

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Desk, camille, with};

#[tokio::test]
async fn gd3_the_job_erases_only_registrations_expired_for_a_year() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    // Camille is activated and never returns, Zoé is renewed, Abel was never activated.
    let (camille_id, _) = desk.register_as(&marie, &with(camille(), "lastName", "Zzcanary")).await;
    let (zoe, _) = desk.register(&marie, "zoe@orange.example").await;
    let (abel, _) = desk.register(&marie, "abel@orange.example").await;
    for id in [&camille_id, &zoe] {
        desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    }
    desk.pass_days(364).await;
    let marie = desk.sign_in(&marie.email).await;
    desk.act(&format!("/registrations/{zoe}/renewal"), &marie).await.expect(200);
    desk.pass_days(365).await;
    assert_eq!(desk.run("purge").await, json!({ "erased": 0 }), "the last day of the year");
    desk.pass_days(1).await;
    assert_eq!(desk.run("purge").await, json!({ "erased": 2 }));
    assert_eq!(desk.run("purge").await, json!({ "erased": 0 }));
    let marie = desk.sign_in(&marie.email).await;
    assert_eq!(desk.get("/registrations", &marie).await.column("id"), [zoe.as_str()]);
    for gone in [&camille_id, &abel] {
        desk.get(&format!("/registrations/{gone}"), &marie).await.problem(404, "not-found");
    }
    let table = desk.dump().await.to_lowercase();
    assert!(!table.contains("zzcanary") && !table.contains("abel@"), "no canary");
    assert!(table.contains("purge") && table.contains(&camille_id), "who did what remains, by id");
    // The address can be registered again.
    desk.register(&marie, "abel@orange.example").await;
}

#[tokio::test]
async fn gd3_who_is_renewed_at_that_moment_stays() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    desk.pass(SignedDuration::from_hours(24 * 730)).await;
    let marie = desk.sign_in(&marie.email).await;
    let renewal = format!("/registrations/{id}/renewal");
    let (renewed, purged) = tokio::join!(desk.act(&renewal, &marie), desk.run("purge"));
    let after = desk.get(&format!("/registrations/{id}"), &marie).await.status;
    match renewed.status {
        200 => assert_eq!((after, purged), (200, json!({ "erased": 0 }))),
        404 | 412 => assert_eq!((after, purged), (404, json!({ "erased": 1 }))),
        other => panic!("{other}"),
    }
}
