//! The daily job (rules, section 4).

use serde_json::json;

use crate::support::{COUNTY, Desk, Session, camille, with};

/// Activates, and checks that the answer is the one that `actions` announced.
async fn activation(desk: &Desk, id: &str, by: &Session) -> crate::support::Reply {
    let by = desk.sign_in(&by.email).await;
    let path = format!("/registrations/{id}");
    let said = desk.get(&path, &by).await.expect(200).json()["actions"]["activation"].clone();
    let reply = desk.act(&format!("{path}/activation"), &by).await;
    match said["reason"].as_str() {
        Some(reason) => assert_eq!(reply.json()["type"], format!("urn:problem:{reason}")),
        None => assert_eq!(reply.status, 200),
    }
    reply
}

#[tokio::test]
async fn section_4_library_is_warned_on_day_8_county_2_days_later() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.pass_days(7).await;
    assert_eq!(desk.escalate().await, json!({ "warned": 0, "escalated": 0 }));
    activation(&desk, &id, &county).await.problem(409, "county-too-early");
    desk.pass_days(1).await;
    activation(&desk, &id, &county).await.problem(409, "library-not-warned");
    assert_eq!(desk.escalate().await["warned"], 1);
    assert_eq!(desk.escalate().await["warned"], 0, "run twice");
    activation(&desk, &id, &county).await.problem(409, "library-not-warned");
    let digest = desk.mails_to("fleury@oise.example", "library-digest").await;
    assert_eq!(digest.len(), 1);
    assert!(digest[0]["text"].as_str().unwrap().contains("Exemple"));
    desk.pass_days(1).await;
    assert_eq!(desk.escalate().await["escalated"], 0);
    desk.pass_days(1).await;
    assert_eq!(desk.escalate().await["escalated"], 1);
    assert_eq!(desk.escalate().await["escalated"], 0, "run twice");
    let digest = desk.mails_to(COUNTY, "county-digest").await;
    assert_eq!(digest.len(), 1);
    assert!(digest[0]["text"].as_str().unwrap().contains("Fleury"));
    let done = activation(&desk, &id, &county).await.expect(200).json();
    assert_eq!((&done["status"], &done["activatedBy"]), (&json!("active"), &json!(COUNTY)));
    assert_eq!((&done["warnedOn"], &done["escalatedOn"]), (&json!("2026-12-02"), &json!("2026-12-04")));
}

#[tokio::test]
async fn section_4_one_digest_a_library_one_for_the_county() {
    let desk = Desk::open().await;
    let (county, _) = desk.staffed().await;
    for (n, library) in ["LI10511", "LI10511", "LI2575"].into_iter().enumerate() {
        let form = with(with(camille(), "libraryId", library), "lastName", format!("Retard{n}"));
        desk.register_as(&county, &with(form, "email", format!("r{n}@orange.example"))).await;
    }
    desk.pass_days(8).await;
    assert_eq!(desk.escalate().await["warned"], 3);
    let fleury = desk.mails_to("fleury@oise.example", "library-digest").await;
    let auneuil = desk.mails_to("auneuil@oise.example", "library-digest").await;
    assert_eq!((fleury.len(), auneuil.len()), (1, 1));
    for name in ["Retard0", "Retard1"] {
        assert!(fleury[0]["text"].as_str().unwrap().contains(name));
        assert!(fleury[0]["html"].as_str().unwrap().contains(name));
        assert!(!auneuil[0].to_string().contains(name), "another library's patron");
    }
    desk.pass_days(2).await;
    assert_eq!(desk.escalate().await["escalated"], 3);
    assert_eq!(desk.mails_to(COUNTY, "county-digest").await.len(), 1);
}

#[tokio::test]
async fn section_4_without_a_library_address_the_county_acts_at_once() {
    let desk = Desk::open().await;
    let (county, _) = desk.staffed().await;
    let library = json!({ "name": "Bibliothèque", "town": "Vez", "postalCode": "60117" });
    desk.put("/libraries/LI14783", &county, &library).await.expect(201);
    let (id, _) = desk.register_as(&county, &with(camille(), "libraryId", "LI14783")).await;
    desk.pass_days(8).await;
    assert_eq!(desk.escalate().await, json!({ "warned": 0, "escalated": 1 }));
    let digest = desk.mails_to(COUNTY, "county-digest").await.pop().unwrap();
    assert!(digest["text"].as_str().unwrap().contains("bibliothèque sans adresse"));
    activation(&desk, &id, &county).await.expect(200);
}

#[tokio::test]
async fn section_4_three_days_late_or_activated_meanwhile() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (activated, _) = desk.register(&marie, "a@orange.example").await;
    let (late, _) = desk.register(&marie, "b@orange.example").await;
    desk.pass_days(11).await;
    assert_eq!(desk.escalate().await["warned"], 2);
    activation(&desk, &activated, &marie).await.expect(200);
    desk.pass_days(5).await;
    assert_eq!(desk.escalate().await, json!({ "warned": 0, "escalated": 1 }));
    let marie = desk.sign_in(&marie.email).await;
    let history = desk.get(&format!("/registrations/{late}/history"), &marie).await;
    assert_eq!(history.column("action"), ["created", "warned", "escalated"]);
}

#[tokio::test]
async fn section_4_two_jobs_at_the_same_time_warn_once() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for n in 0..60 {
        desk.register(&marie, &format!("r{n}@orange.example")).await;
    }
    desk.pass_days(8).await;
    let reports = futures_util::future::join_all((0..4).map(|_| desk.escalate())).await;
    let warned: u64 = reports.iter().map(|report| report["warned"].as_u64().unwrap()).sum();
    assert_eq!(warned, 60);
    let marie = desk.sign_in(&marie.email).await;
    for id in desk.get("/registrations?limit=100", &marie).await.column("id") {
        let history = desk.get(&format!("/registrations/{id}/history"), &marie).await;
        assert_eq!(history.column("action"), ["created", "warned"]);
    }
}

#[tokio::test]
async fn re8_more_than_one_transaction_s_worth_is_still_one_mail() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for n in 0..120 {
        let form = with(camille(), "lastName", format!("Retard{n:03}"));
        desk.register_as(&marie, &with(form, "email", format!("r{n}@orange.example"))).await;
    }
    desk.pass_days(8).await;
    assert_eq!(desk.escalate().await["warned"], 120);
    let digest = desk.mails_to("fleury@oise.example", "library-digest").await;
    assert_eq!(digest.len(), 1);
    let text = digest[0]["text"].as_str().unwrap();
    assert!((0..120).all(|n| text.contains(&format!("Retard{n:03}"))));
}
