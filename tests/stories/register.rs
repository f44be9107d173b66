//! `POST /registrations`.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, Reply, Session, camille, with};

#[tokio::test]
async fn section_1_a_new_registration_is_pending_for_365_days() {
    let desk = Desk::open().await;
    let (_, librarian) = desk.staffed().await;
    let made = desk.post("/registrations", &librarian, &camille()).await.expect(201);
    let body = made.json();
    let id = body["id"].as_str().unwrap();
    assert_eq!(made.header("location"), format!("/registrations/{id}"));
    assert!(made.header("etag").starts_with('"'));
    let mut expected = camille();
    for (field, value) in
        [("id", id), ("status", "pending"), ("registeredOn", "2026-11-24"), ("expiresOn", "2027-11-24")]
    {
        expected[field] = value.into();
    }
    expected["actions"] = json!({
        "activation": { "allowed": true, "accessUntil": "2027-11-23" },
        "renewal": { "allowed": false, "reason": "renewal-too-early", "possibleFrom": "2027-10-25" },
        "countyFrom": "2026-12-02",
    });
    assert_eq!(body, expected);
    assert_eq!(desk.get(&format!("/registrations/{id}"), &librarian).await.expect(200).json(), expected);
    assert!(desk.mails_to("camille.exemple@orange.example", "activation").await.is_empty());
}

#[tokio::test]
async fn all_faulty_fields_are_listed_at_once_and_nothing_is_stored() {
    let desk = Desk::open().await;
    let (_, librarian) = desk.staffed().await;
    let form = json!({
        "lastName": "🎉", "birthDate": "2027-01-01", "email": format!("{}@oise.fr", "a".repeat(300)),
        "phone": "zéro", "postalCode": "6000", "resources": ["musicme", "nothing", "lebook"], "libraryId": "LI1",
        "password": "abc", "status": "active", "expiresOn": "2099-01-01", "surprise": 1,
    });
    let faults = desk.post("/registrations", &librarian, &form).await.faults();
    assert_eq!(
        faults,
        [
            "/birthDate in-the-future",
            "/email too-long",
            "/expiresOn unknown-field",
            "/firstName required",
            "/lastName illegal-character",
            "/libraryId unknown-library",
            "/password too-short",
            "/phone invalid-phone",
            "/postalCode invalid-postal-code",
            "/resources/1 unknown-resource",
            "/resources/2 unknown-resource",
            "/status unknown-field",
            "/surprise unknown-field",
        ]
    );
    assert!(desk.get("/registrations", &librarian).await.expect(200).column("id").is_empty());
}

#[tokio::test]
async fn ap3_malformed_json_and_a_key_twice_are_refused() {
    let desk = Desk::open().await;
    let (_, librarian) = desk.staffed().await;
    let send = |body: &'static str| {
        let request = desk.request(Method::POST, "/registrations").bearer_auth(&librarian.token);
        Reply::of(request.header("Content-Type", "application/json").body(body))
    };
    for body in ["", "{", "[]", "null", "\u{feff}{}", r#"{"email":"a@b.fr","email":"c@d.fr"}"#] {
        send(body).await.problem(400, "malformed-json");
    }
}

#[tokio::test]
async fn ap5_a_large_body_and_a_foreign_media_type_are_refused() {
    let desk = Desk::open().await;
    let (_, librarian) = desk.staffed().await;
    let large = with(camille(), "address", "x".repeat(70_000));
    desk.post("/registrations", &librarian, &large).await.problem(413, "too-large");
    let request = desk.request(Method::POST, "/registrations").bearer_auth(&librarian.token);
    let request = request.header("Content-Type", "text/plain").body(camille().to_string());
    Reply::of(request).await.problem(415, "unsupported-media-type");
    let long = with(camille(), "address", "x".repeat(40_000));
    assert_eq!(desk.post("/registrations", &librarian, &long).await.faults(), ["/address too-long"]);
}

#[tokio::test]
async fn section_1_one_address_has_one_account_and_no_data_leaks() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let again = with(camille(), "email", " Camille@ORANGE.example ");
    let here = desk.post("/registrations", &marie, &again).await.problem(409, "already-registered");
    assert_eq!(here["id"], id);
    let paul = desk.librarian(&county, "paul@auneuil.example", &["LI2575"]).await;
    let there =
        desk.post("/registrations", &paul, &with(again, "libraryId", "LI2575")).await.problem(409, "address-shared");
    assert_eq!(there.get("id"), None);
    assert!(!there.to_string().contains("Fleury") && !there.to_string().contains("LI10511"));
    let staff = with(camille(), "email", "paul@auneuil.example");
    desk.post("/registrations", &marie, &staff).await.problem(409, "address-shared");
}

#[tokio::test]
async fn ap1_a_foreign_library_is_answered_like_an_unknown_one() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let mut answers = Vec::new();
    for library in ["LI2575", "LI99999"] {
        answers
            .push(desk.post("/registrations", &marie, &with(camille(), "libraryId", library)).await.expect(422).body);
    }
    assert_eq!(answers[0], answers[1]);
    desk.post("/registrations", &county, &with(camille(), "libraryId", "LI2575")).await.expect(201);
}

#[tokio::test]
async fn section_1_the_password_may_be_left_out_and_is_never_shown() {
    let desk = Desk::open().await;
    let (_, librarian) = desk.staffed().await;
    let provisional = "Zèbre-Cactus-77?";
    let made = desk.post("/registrations", &librarian, &with(camille(), "password", provisional)).await.expect(201);
    assert!(!made.text().contains("password") && !made.text().contains(provisional));
    let guessable = with(with(camille(), "email", "b@orange.example"), "password", "Camille1988!");
    assert_eq!(desk.post("/registrations", &librarian, &guessable).await.faults(), ["/password guessable"]);
}

#[tokio::test]
async fn an_idempotency_key_makes_a_repeat_the_same_registration() {
    let desk = Desk::open().await;
    let (_, librarian) = desk.staffed().await;
    let first = keyed(&desk, &librarian, "k-1", &camille()).await.expect(201);
    let again = keyed(&desk, &librarian, "k-1", &camille()).await.expect(201);
    assert_eq!((first.json(), first.header("location")), (again.json(), again.header("location")));
    let other = with(camille(), "email", "autre@orange.example");
    keyed(&desk, &librarian, "k-1", &other).await.problem(422, "idempotency-key-reused");
    keyed(&desk, &librarian, "k-2", &camille()).await.problem(409, "already-registered");
    keyed(&desk, &librarian, &"k".repeat(256), &other).await.problem(400, "invalid-idempotency-key");
    assert_eq!(desk.get("/registrations", &librarian).await.column("id").len(), 1);
}

#[tokio::test]
async fn re6_fifty_double_clicks_make_one_registration() {
    let desk = Desk::open().await;
    let (_, librarian) = desk.staffed().await;
    let form = camille();
    let clicks = join_all((0..50).map(|_| keyed(&desk, &librarian, "clic", &form))).await;
    let ids: std::collections::BTreeSet<String> =
        clicks.into_iter().map(|reply| reply.expect(201).json()["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn re5_two_libraries_at_once_make_one_registration() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let paul = desk.librarian(&county, "paul@auneuil.example", &["LI2575"]).await;
    let (here, there) = (camille(), with(camille(), "libraryId", "LI2575"));
    let (a, b) = tokio::join!(desk.post("/registrations", &marie, &here), desk.post("/registrations", &paul, &there));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(desk.get("/registrations", &county).await.column("id").len(), 1);
}

#[tokio::test]
async fn c23_a_key_of_an_erased_registration_is_new() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let id = |made: Reply| made.expect(201).json()["id"].as_str().unwrap().to_owned();
    let first = id(keyed(&desk, &marie, "clic", &camille()).await);
    desk.delete(&format!("/registrations/{first}"), &marie).await.expect(204);
    let second = id(keyed(&desk, &marie, "clic", &camille()).await);
    assert_ne!(second, first);
    assert_eq!(id(keyed(&desk, &marie, "clic", &camille()).await), second, "the key is in use again");
    let other = with(camille(), "town", "Auneuil");
    keyed(&desk, &marie, "clic", &other).await.problem(422, "idempotency-key-reused");
    desk.delete(&format!("/registrations/{second}"), &marie).await.expect(204);
    let at_once = join_all((0..8).map(|_| keyed(&desk, &marie, "clic", &other))).await;
    let ids: std::collections::BTreeSet<_> = at_once.into_iter().map(id).collect();
    assert_eq!(ids.len(), 1, "a new body, and one registration of several requests at once");
}

async fn keyed(desk: &Desk, by: &Session, key: &str, form: &Value) -> Reply {
    let request = desk.request(Method::POST, "/registrations").bearer_auth(&by.token).header("Idempotency-Key", key);
    Reply::of(request.json(form)).await
}
