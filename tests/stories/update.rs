//! `PATCH /registrations/{id}`.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::{Desk, PASSWORD, Reply};

#[tokio::test]
async fn a_merge_patch_replaces_removes_and_keeps() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    let patch = json!({ "lastName": "D’Hérouville", "phone": null, "resources": ["skilleos"] });
    let changed = desk.patch(&path, &marie, &etag, &patch).await.expect(200);
    let body = changed.json();
    assert_eq!((&body["lastName"], &body["town"]), (&json!("D’Hérouville"), &json!("Fleury")));
    assert_eq!((body.get("phone"), &body["resources"]), (None, &json!(["skilleos"])));
    assert_ne!(changed.header("etag"), etag);
    assert_eq!(desk.get(&path, &marie).await.header("etag"), changed.header("etag"));
    let history = desk.get(&format!("{path}/history"), &marie).await.json();
    assert_eq!(history["items"][1]["fields"], json!(["lastName", "phone", "resources"]));
    assert!(!history.to_string().contains("Hérouville"), "names of fields, not contents");
}

#[tokio::test]
async fn a_patch_that_changes_nothing_writes_nothing() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    let same = desk.patch(&path, &marie, &etag, &json!({ "lastName": " Exemple " })).await.expect(200);
    assert_eq!(same.header("etag"), etag);
    assert_eq!(desk.get(&format!("{path}/history"), &marie).await.column("action"), ["created"]);
}

#[tokio::test]
async fn a_version_must_be_named_and_be_the_current_one() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    let request = desk.request(Method::PATCH, &path).bearer_auth(&marie.token).json(&json!({ "town": "Auneuil" }));
    Reply::of(request).await.problem(428, "if-match-required");
    desk.patch(&path, &marie, &etag, &json!({ "town": "Auneuil" })).await.expect(200);
    desk.patch(&path, &marie, &etag, &json!({ "town": "Beauvais" })).await.problem(412, "stale");
    assert_eq!(desk.get(&path, &marie).await.json()["town"], "Auneuil");
}

#[tokio::test]
async fn re6_of_two_librarians_or_fifty_with_one_etag_one_wins() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    let patches = join_all((0..50).map(|n| {
        let (desk, path, marie, etag) = (&desk, &path, &marie, &etag);
        async move { desk.patch(path, marie, etag, &json!({ "town": format!("Commune {n}") })).await.status }
    }))
    .await;
    assert_eq!(patches.iter().filter(|&&status| status == 200).count(), 1);
    assert_eq!(patches.iter().filter(|&&status| status == 412).count(), 49);
}

#[tokio::test]
async fn what_the_caller_may_not_set_is_refused() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let patch =
        json!({ "status": "active", "expiresOn": "2099-01-01", "id": "x", "password": PASSWORD, "lastName": null });
    assert_eq!(
        desk.patch(&format!("/registrations/{id}"), &marie, &etag, &patch).await.faults(),
        [
            "/expiresOn unknown-field",
            "/id unknown-field",
            "/lastName required",
            "/password unknown-field",
            "/status unknown-field",
        ]
    );
}

#[tokio::test]
async fn s1_a_changed_address_leaves_password_sessions_and_links() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "ancienne@orange.example").await;
    let patron = desk.arrive("ancienne@orange.example").await;
    desk.open_post("/password-resets", &json!({ "email": "ancienne@orange.example" })).await.expect(202);
    let link = format!("/password-resets/{}", desk.link_token("ancienne@orange.example").await);
    let patch = json!({ "email": "Nouvelle@Orange.example" });
    desk.patch(&format!("/registrations/{id}"), &marie, &etag, &patch).await.expect(200);
    desk.get("/me", &patron).await.problem(401, "not-signed-in");
    desk.open_put(&link, &json!({ "password": PASSWORD })).await.problem(404, "reset-link-dead");
    let messages = desk.mails_to("ancienne@orange.example", "email-changed").await;
    assert_eq!(messages.len(), 1);
    assert!(!messages[0].to_string().contains("nouvelle@"));
    let old = json!({ "email": "ancienne@orange.example", "password": PASSWORD });
    desk.open_post("/sessions", &old).await.problem(401, "bad-credentials");
    let new = json!({ "email": "nouvelle@orange.example", "password": PASSWORD });
    desk.open_post("/sessions", &new).await.problem(401, "bad-credentials");
    desk.arrive("nouvelle@orange.example").await;
    desk.register(&marie, "ancienne@orange.example").await;
}

#[tokio::test]
async fn a_taken_address_is_refused_and_nothing_is_lost() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "a@orange.example").await;
    desk.register(&marie, "b@orange.example").await;
    let path = format!("/registrations/{id}");
    desk.patch(&path, &marie, &etag, &json!({ "email": "b@orange.example" })).await.problem(409, "already-registered");
    assert_eq!(desk.get(&path, &marie).await.json()["email"], "a@orange.example");
    desk.arrive("a@orange.example").await;
}

#[tokio::test]
async fn a_registration_moves_between_the_caller_s_own_libraries_only() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    let patch = json!({ "libraryId": "LI2575" });
    assert_eq!(desk.patch(&path, &marie, &etag, &patch).await.faults(), ["/libraryId unknown-library"]);
    let both = desk.librarian(&county, "deux@oise.example", &["LI10511", "LI2575"]).await;
    desk.patch(&path, &both, &etag, &patch).await.expect(200);
    desk.get(&path, &marie).await.problem(404, "not-found");
    assert_eq!(desk.get("/registrations?libraryId=LI2575", &both).await.column("id"), [id]);
    assert!(desk.get("/registrations", &marie).await.column("id").is_empty());
}

#[tokio::test]
async fn an_inactive_resource_stays_and_can_t_be_chosen_again() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    desk.put("/resources/skilleos", &county, &json!({ "name": "Skilleos", "active": false })).await.expect(200);
    let path = format!("/registrations/{id}");
    let kept = desk.patch(&path, &marie, &etag, &json!({ "town": "Auneuil" })).await.expect(200);
    assert_eq!(kept.json()["resources"], json!(["musicme", "skilleos"]));
    let etag = kept.header("etag").to_owned();
    let without = desk.patch(&path, &marie, &etag, &json!({ "resources": ["musicme"] })).await.expect(200);
    let etag = without.header("etag").to_owned();
    let again = desk.patch(&path, &marie, &etag, &json!({ "resources": ["musicme", "skilleos"] })).await;
    assert_eq!(again.faults(), ["/resources/1 unknown-resource"]);
}
