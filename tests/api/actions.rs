//! `actions` of a registration: the operations that its reader may do today (contract, registrations).

use serde_json::{Value, json};

use crate::support::{Desk, Reply, Session, camille, with};

/// Returns the `actions` of one registration, as `by` reads them.
async fn actions(desk: &Desk, id: &str, by: &Session) -> Value {
    desk.get(&format!("/registrations/{id}"), by).await.expect(200).json()["actions"].clone()
}

/// Acts, and checks that the answer is the one that `actions` announced.
async fn acted(desk: &Desk, id: &str, what: &str, by: &Session) -> Reply {
    let said = actions(desk, id, by).await[what].clone();
    let reply = desk.act(&format!("/registrations/{id}/{what}"), by).await;
    if said["allowed"] == true || said["reason"] == "already-active" {
        return reply.expect(200);
    }
    let problem = reply.clone().problem(409, said["reason"].as_str().unwrap());
    assert_eq!(problem["possibleFrom"], said["possibleFrom"]);
    reply
}

#[tokio::test]
async fn section_4_a_library_may_activate_when_the_county_may_not() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let renewal = json!({ "allowed": false, "reason": "renewal-too-early", "possibleFrom": "2027-10-25" });
    let library_s = json!({
        "activation": { "allowed": true, "accessUntil": "2027-11-23" },
        "renewal": renewal,
        "countyFrom": "2026-12-02",
    });
    let county_s = json!({
        "activation": { "allowed": false, "reason": "county-too-early", "possibleFrom": "2026-12-02" },
        "renewal": renewal,
        "countyFrom": "2026-12-02",
    });
    for (by, expected) in [(&marie, &library_s), (&county, &county_s)] {
        assert_eq!(actions(&desk, &id, by).await, *expected);
        let page = desk.get("/registrations", by).await.expect(200).json();
        assert_eq!(page["items"][0]["actions"], *expected, "in the list");
        let found = desk.get("/registrations?q=camille@orange.example", by).await.expect(200).json();
        assert_eq!(found["items"][0]["actions"], *expected, "found by its address");
        let corrected = desk.patch(&format!("/registrations/{id}"), by, "*", &json!({ "town": "Auneuil" })).await;
        assert_eq!(corrected.expect(200).json()["actions"], *expected, "corrected, or as it was");
        let data = desk.get(&format!("/registrations/{id}/data"), by).await.expect(200).json();
        assert_eq!(data["registration"]["actions"], *expected);
    }
    acted(&desk, &id, "activation", &county).await.expect(409);
    acted(&desk, &id, "renewal", &marie).await.expect(409);
    let made = desk.post("/registrations", &marie, &with(camille(), "email", "zoe@orange.example")).await.expect(201);
    assert_eq!(made.json()["actions"], library_s, "just registered");
}

#[tokio::test]
async fn section_2_an_activation_answers_with_the_next_actions() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let next = json!({
        "activation": { "allowed": false, "reason": "already-active" },
        "renewal": { "allowed": false, "reason": "renewal-too-early", "possibleFrom": "2027-10-25" },
    });
    for by in [&marie, &marie, &county] {
        assert_eq!(acted(&desk, &id, "activation", by).await.json()["actions"], next);
    }
}

#[tokio::test]
async fn section_3_a_possible_renewal_has_its_new_end() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (waits, _) = desk.register(&marie, "a@orange.example").await;
    let (id, _) = desk.register(&marie, "b@orange.example").await;
    acted(&desk, &id, "activation", &marie).await;
    desk.pass_days(365).await;
    let marie = desk.sign_in(&marie.email).await;
    let past = json!({ "allowed": false, "reason": "past-expiry" });
    for (id, activates) in [(&id, false), (&waits, true)] {
        let now = actions(&desk, id, &marie).await;
        assert_eq!(now["activation"], past);
        assert_eq!(now["renewal"], json!({ "allowed": true, "expiresOn": "2028-11-23", "activates": activates }));
        acted(&desk, id, "activation", &marie).await.expect(409);
        let renewed = acted(&desk, id, "renewal", &marie).await.json();
        assert_eq!((&renewed["status"], &renewed["expiresOn"]), (&json!("active"), &json!("2028-11-23")));
        let early = json!({ "allowed": false, "reason": "renewal-too-early", "possibleFrom": "2028-10-24" });
        assert_eq!(renewed["actions"]["renewal"], early);
    }
}

#[tokio::test]
async fn ap3_a_patron_s_own_registration_has_no_actions() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    let patron = desk.arrive("camille@orange.example").await;
    let own = desk.get("/me", &patron).await.expect(200).json()["registrations"][0].clone();
    assert_eq!((own.get("actions"), &own["status"]), (None, &json!("pending")));
}
