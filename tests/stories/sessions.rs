//! Sessions listed and ended, and sensitive calls that want the password again (requirements S14, AP15).

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{COUNTY, Desk, PASSWORD, camille, with};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

#[tokio::test]
async fn s14_an_account_lists_its_open_sessions() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.pass(MINUTE * 10).await;
    let other = desk.sign_in(&marie.email).await;
    let items = desk.get("/sessions", &marie).await.expect(200).json()["items"].clone();
    let flags: Vec<bool> = items.as_array().unwrap().iter().map(|item| item["current"].as_bool().unwrap()).collect();
    assert_eq!(flags, [false, true], "the newest first");
    for item in items.as_array().unwrap() {
        assert!(item["openedAt"].as_str() <= item["lastUsedAt"].as_str(), "{item}");
    }
    let used = |n: usize| items[n]["lastUsedAt"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(desk.now().duration_since(used(1)) < MINUTE, "this request is its last use");
    desk.delete("/sessions/current", &other).await.expect(204);
    assert_eq!(desk.get("/sessions", &marie).await.json()["items"].as_array().unwrap().len(), 1);
    desk.pass(MINUTE * 59).await;
    let third = desk.sign_in(&marie.email).await;
    desk.pass(MINUTE * 2).await;
    let open = desk.get("/sessions", &third).await.json();
    assert_eq!(open["items"].as_array().unwrap().len(), 1, "one that has been idle for an hour is over");
}

#[tokio::test]
async fn s14_signing_out_everywhere_ends_every_session() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let other = desk.sign_in(&marie.email).await;
    desk.delete("/sessions", &marie).await.expect(204);
    for session in [&marie, &other] {
        desk.get("/me", session).await.problem(401, "not-signed-in");
    }
    desk.get("/me", &county).await.expect(200);
    desk.sign_in(&marie.email).await;
}

#[tokio::test]
async fn s14_a_patron_lists_and_ends_sessions_too() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    let camille = desk.arrive("camille@orange.example").await;
    assert_eq!(desk.get("/sessions", &camille).await.json()["items"].as_array().unwrap().len(), 1);
    desk.delete("/sessions", &camille).await.expect(204);
    desk.get("/me", &camille).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn ap15_sensitive_calls_want_the_password_again() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.pass(MINUTE * 15).await;
    let staff = json!({ "displayName": "Paul", "role": "librarian", "libraryIds": ["LI10511"] });
    let library = json!({ "name": "Bibliothèque", "town": "Fleury", "postalCode": "60240", "email": "a@b.example" });
    let resource = json!({ "name": "MusicMe", "active": true, "url": "https://musicme.example" });
    let refused = async || {
        desk.put("/staff/paul@fleury.example", &county, &staff).await.problem(403, "confirmation-needed");
        desk.delete("/staff/marie@fleury.example", &county).await.problem(403, "confirmation-needed");
        desk.put("/libraries/LI10511", &county, &library).await.problem(403, "confirmation-needed");
        desk.put("/resources/musicme", &county, &resource).await.problem(403, "confirmation-needed");
        desk.delete(&format!("/registrations/{id}"), &county).await.problem(403, "confirmation-needed");
        desk.get("/registrations.xlsx", &county).await.problem(403, "confirmation-needed");
        desk.act("/me/second-factor", &county).await.problem(403, "confirmation-needed");
        desk.delete("/me/second-factor", &county).await.problem(403, "confirmation-needed");
    };
    refused().await;
    desk.confirm(&county).await;
    desk.pass(MINUTE * 14).await;
    desk.put("/staff/paul@fleury.example", &county, &staff).await.expect(201);
    desk.put("/libraries/LI10511", &county, &library).await.expect(200);
    desk.put("/resources/musicme", &county, &resource).await.expect(200);
    desk.get("/registrations.xlsx", &county).await.expect(200);
    desk.act("/me/second-factor", &county).await.expect(200);
    desk.pass(MINUTE).await;
    let library = with(library, "email", "c@b.example");
    desk.put("/libraries/LI10511", &county, &library).await.problem(403, "confirmation-needed");
}

#[tokio::test]
async fn ap15_other_calls_want_no_confirmation() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    desk.pass(MINUTE * 20).await;
    desk.get("/staff", &county).await.expect(200);
    let library =
        json!({ "name": "Autre nom", "town": "Fleury", "postalCode": "60240", "email": "fleury@oise.example" });
    desk.put("/libraries/LI10511", &county, &library).await.expect(200);
    desk.put("/resources/musicme", &county, &json!({ "name": "MusicMe 2", "active": true })).await.expect(200);
    desk.get("/registrations.xlsx?libraryId=LI10511", &county).await.expect(200);
    desk.register_as(&county, &with(camille(), "email", "autre@orange.example")).await;
    // A librarian erases at a patron's request without it.
    desk.delete(&format!("/registrations/{id}"), &marie).await.expect(204);
}

#[tokio::test]
async fn ap15_a_wrong_confirmation_counts_as_a_wrong_password() {
    let desk = Desk::open().await;
    let (county, _) = desk.staffed().await;
    desk.pass(MINUTE * 15).await;
    let wrong = json!({ "password": "Faux-Faux-77!" });
    for _ in 0..5 {
        desk.post("/sessions/current/confirmation", &county, &wrong).await.problem(403, "confirmation-refused");
    }
    let right = json!({ "password": PASSWORD });
    let waiting = desk.post("/sessions/current/confirmation", &county, &right).await;
    assert_eq!(waiting.header("retry-after"), "60");
    waiting.problem(429, "sign-in-waits");
    assert_eq!(desk.mails_to(COUNTY, "sign-in-waits").await.len(), 1);
    desk.pass(MINUTE).await;
    desk.confirm(&county).await;
    desk.get("/registrations.xlsx", &county).await.expect(200);
}

#[tokio::test]
async fn ap15_a_confirmation_wants_the_code_too() {
    let desk = Desk::open().await;
    let (county, _) = desk.staffed().await;
    let app = desk.enrol(&county).await;
    desk.pass(MINUTE * 15).await;
    let confirm = async |code: &str| {
        let body = json!({ "password": PASSWORD, "code": code });
        desk.post("/sessions/current/confirmation", &county, &body).await
    };
    confirm("").await.problem(403, "confirmation-refused");
    confirm("000000").await.problem(403, "confirmation-refused");
    let code = app.code(desk.now());
    confirm(&code).await.expect(204);
    confirm(&code).await.problem(403, "confirmation-refused");
    desk.get("/registrations.xlsx", &county).await.expect(200);
}

#[tokio::test]
async fn ap15_nobody_changes_their_own_role() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let own = format!("/staff/{COUNTY}");
    let librarian = json!({ "displayName": "X", "role": "librarian", "libraryIds": ["LI10511"] });
    desk.put(&own, &county, &librarian).await.problem(409, "last-county-account");
    desk.put("/staff/anne@oise.example", &county, &json!({ "displayName": "Anne", "role": "county" }))
        .await
        .expect(201);
    desk.put(&own, &county, &librarian).await.problem(409, "own-account");
    desk.put(&own, &county, &json!({ "displayName": "Autre nom", "role": "county" })).await.expect(200);
    let anne = desk.arrive("anne@oise.example").await;
    desk.put(&own, &anne, &librarian).await.expect(200);
}
