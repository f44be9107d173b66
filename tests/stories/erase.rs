//! `GET /registrations/{id}/data` and `DELETE /registrations/{id}`: a person's data is shown, and erased.

use domain::StaffRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, FLEURY, Fault, PASSWORD, Reply, Session, Wire, camille, with};

/// Texts that no item of the table may contain after this person is erased.
const CANARIES: [&str; 6] = ["Canarisson", "Serinette", "canari@", "1 rue des Canaris", "CANARI-7", "06 39 98 01 01"];

fn canary() -> Value {
    json!({
        "lastName": "Canarisson", "firstName": "Serinette", "birthDate": "1971-07-17", "email": "canari@orange.example",
        "phone": "06 39 98 01 01", "address": "1 rue des Canaris", "postalCode": "60240", "town": "Fleury",
        "cardNumber": "CANARI-7", "resources": ["musicme"], "libraryId": "LI10511", "password": "Zèbre-Cactus-77?",
    })
}

#[tokio::test]
async fn gd2_everything_held_on_a_person_in_one_json() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register_as(&marie, &canary()).await;
    desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    desk.arrive("canari@orange.example").await;
    let reply = desk.get(&format!("/registrations/{id}/data"), &marie).await.expect(200);
    let data = reply.json();
    assert_eq!(data["registration"], desk.get(&format!("/registrations/{id}"), &marie).await.json());
    assert_eq!(
        data["account"],
        json!({
            "email": "canari@orange.example",
            "passwordSet": true, "passwordProvisional": false, "resetLinkOpen": false,
        })
    );
    assert_eq!(data["sessions"], json!([{ "expiresAt": "2026-11-25T08:00:00Z" }]));
    assert_eq!(data["history"].as_array().unwrap().len(), 2);
    for secret in [PASSWORD, "Cactus", "argon2"] {
        assert!(!reply.text().contains(secret));
    }
}

#[tokio::test]
async fn gd2_an_erased_person_is_nowhere_but_in_traces_by_id() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register_as(&marie, &canary()).await;
    let path = format!("/registrations/{id}");
    desk.patch(&path, &marie, &etag, &json!({ "town": "Auneuil" })).await.expect(200);
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    let patron = desk.arrive("canari@orange.example").await;
    desk.open_post("/password-resets", &json!({ "email": "canari@orange.example" })).await.expect(202);
    let link = desk.link_token("canari@orange.example").await;
    desk.get("/registrations?q=canarisson", &marie).await.expect(200);
    desk.get("/registrations.xlsx?q=canarisson", &marie).await.expect(200);
    let before = desk.dump().await;
    assert!(CANARIES.iter().all(|canary| before.contains(canary)), "the dump sees what is there");

    desk.delete(&path, &marie).await.expect(204);

    let after = desk.dump().await;
    for canary in CANARIES {
        assert!(!after.contains(canary), "{canary} is still there");
    }
    assert!(after.contains(&id), "who did what remains, by id");
    desk.get("/me", &patron).await.problem(401, "not-signed-in");
    desk.open_put(&format!("/password-resets/{link}"), &json!({ "password": PASSWORD }))
        .await
        .problem(404, "reset-link-dead");
    desk.get(&path, &marie).await.problem(404, "not-found");
    desk.delete(&path, &marie).await.problem(404, "not-found");
    assert!(desk.get("/registrations", &marie).await.column("id").is_empty());
    desk.register_as(&marie, &canary()).await;
}

#[tokio::test]
async fn an_erasure_honours_if_match_and_stays_within_the_library() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let paul = desk.librarian(&county, "paul@auneuil.example", &["LI2575"]).await;
    let (id, etag) = desk.register_as(&marie, &with(camille(), "email", "a@orange.example")).await;
    let path = format!("/registrations/{id}");
    desk.delete(&path, &paul).await.problem(404, "not-found");
    desk.get(&format!("{path}/data"), &paul).await.problem(404, "not-found");
    desk.patch(&path, &marie, &etag, &json!({ "town": "Auneuil" })).await.expect(200);
    let request = desk.request(Method::DELETE, &path).bearer_auth(&marie.token).header("If-Match", etag);
    Reply::of(request).await.problem(412, "stale");
    desk.delete(&path, &county).await.expect(204);
}

/// Registers Camille and corrects the registration 45 times: more lines than one transaction expires.
async fn corrected_often(desk: &Desk, marie: &Session) -> String {
    let (id, _) = desk.register(marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    for n in 0..45 {
        desk.patch(&path, marie, "*", &json!({ "town": format!("Commune {n}") })).await.expect(200);
    }
    path
}

/// Returns for each history line in the table whether it expires.
async fn expiring(desk: &Desk) -> Vec<bool> {
    let lines = desk.items().await.into_iter().filter(|item| item["sk"].as_str().unwrap().starts_with("H#"));
    lines.map(|line| line["expiresAt"].is_number()).collect()
}

#[tokio::test]
async fn c19_all_lines_of_an_erased_registration_expire() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let path = corrected_often(&desk, &marie).await;
    assert_eq!(expiring(&desk).await, [false; 45]);
    desk.delete(&path, &marie).await.expect(204);
    assert_eq!(expiring(&desk).await, [true; 47], "its first line, 45 corrections, the erasure");
}

#[tokio::test]
async fn c19_the_purge_ends_an_erasure_that_was_interrupted() {
    // Without `deliver`, whose calls would be counted as well.
    let wire = Wire::without_deliver().without_retries();
    let desk = Desk::open_on(&wire).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    let path = corrected_often(&desk, &marie).await;
    // The erasure commits by the sixth call: after session, record, lines, account and its sessions are read.
    wire.fail_once(7, Fault::Lost);
    desk.delete(&path, &marie).await.expect(204);
    assert!(wire.calm(), "there was a seventh call");
    assert!(expiring(&desk).await.contains(&false));
    desk.run("purge").await;
    assert_eq!(expiring(&desk).await, [true; 47]);
    assert!(!desk.dump().await.contains("erased#"), "nothing is left to do");
}
