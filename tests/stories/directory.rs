//! The county's routes for libraries, resources and staff.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{COUNTY, Desk, Reply, Session};

#[tokio::test]
async fn staff_see_their_libraries_the_county_all_by_town_and_name() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    for (id, name, town) in [("LI3", "Médiathèque", "Éméville"), ("LI4", "Annexe", "Éméville"), ("LI5", "Bib", "Fay")]
    {
        let library = json!({ "name": name, "town": town, "postalCode": "60123" });
        desk.put(&format!("/libraries/{id}"), &county, &library).await.expect(201);
    }
    assert_eq!(desk.get("/libraries", &county).await.column("id"), ["LI2575", "LI4", "LI3", "LI5", "LI10511"]);
    let own = desk.get("/libraries", &marie).await.json();
    let fleury = json!({
        "id": "LI10511", "name": "Bibliothèque municipale", "town": "Fleury", "postalCode": "60240",
        "email": "fleury@oise.example", "active": true, "etag": "\"v1\"",
    });
    assert_eq!(own, json!({ "items": [fleury] }));
}

#[tokio::test]
async fn what_the_county_keeps_is_created_then_replaced() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let library = json!({ "name": "Bibliothèque", "town": "Vez", "postalCode": "60117", "email": "vez@oise.example" });
    desk.put("/libraries/LI14783", &county, &library).await.expect(201);
    let without = json!({ "name": "Bibliothèque", "town": "Vez", "postalCode": "60117" });
    let replaced = desk.put("/libraries/LI14783", &county, &without).await.expect(200).json();
    assert_eq!(replaced.get("email"), None);
    let faults = desk.put("/libraries/LI14783", &county, &json!({ "id": "LI1", "name": "", "town": 1 })).await.faults();
    assert_eq!(faults, ["/id unknown-field", "/name required", "/postalCode required", "/town wrong-type"]);
    assert_eq!(desk.put("/libraries/li-1", &county, &without).await.faults(), ["/id invalid-id"]);
    assert_eq!(
        desk.put("/resources/Bad%20Id", &county, &json!({ "name": "X", "active": true })).await.faults(),
        ["/id invalid-id"]
    );
    assert_eq!(desk.put("/resources/x", &county, &json!({ "name": "X" })).await.faults(), ["/active required"]);
}

#[tokio::test]
async fn anyone_signed_in_sees_the_resources() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    let patron = desk.arrive("camille@orange.example").await;
    for by in [&county, &marie, &patron] {
        assert_eq!(desk.get("/resources", by).await.expect(200).column("id"), ["lebook", "musicme", "skilleos"]);
    }
}

#[tokio::test]
async fn only_the_county_changes_the_directory() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    let patron = desk.arrive("camille@orange.example").await;
    for by in [&marie, &patron] {
        desk.put("/libraries/LI10511", by, &json!({})).await.problem(403, "forbidden");
        desk.put("/resources/musicme", by, &json!({})).await.problem(403, "forbidden");
        desk.get("/staff", by).await.problem(403, "forbidden");
        desk.put("/staff/x@oise.example", by, &json!({})).await.problem(403, "forbidden");
        desk.delete(&format!("/staff/{COUNTY}"), by).await.problem(403, "forbidden");
    }
    desk.get("/libraries", &patron).await.problem(403, "forbidden");
}

#[tokio::test]
async fn ap4_a_change_of_staff_is_felt_by_the_very_next_request() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let path = format!("/staff/{}", marie.email);
    let moved = json!({ "displayName": "Marie", "role": "librarian", "libraryIds": ["LI2575"] });
    desk.put(&path, &county, &moved).await.expect(200);
    assert_eq!(desk.get("/libraries", &marie).await.expect(200).column("id"), ["LI2575"]);
    desk.put(&path, &county, &json!({ "displayName": "Marie", "role": "county" })).await.expect(200);
    desk.get("/staff", &marie).await.problem(401, "not-signed-in");
    let marie = desk.arrive(&marie.email).await;
    desk.get("/staff", &marie).await.expect(200);
    desk.delete(&path, &county).await.expect(204);
    desk.get("/me", &marie).await.problem(401, "not-signed-in");
    desk.delete(&path, &county).await.problem(404, "not-found");
    desk.put(&path, &county, &moved).await.expect(201);
    desk.get("/me", &marie).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn the_last_county_account_stays_whatever_is_tried() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let path = format!("/staff/{COUNTY}");
    desk.delete(&path, &county).await.problem(409, "last-county-account");
    let demoted = json!({ "displayName": "X", "role": "librarian", "libraryIds": ["LI10511"] });
    desk.put(&path, &county, &demoted).await.problem(409, "last-county-account");
    let other = json!({ "displayName": "Autre", "role": "county", "libraryIds": [] });
    desk.put("/staff/autre@oise.example", &county, &other).await.expect(201);
    let removals = join_all([desk.delete(&path, &county), desk.delete("/staff/autre@oise.example", &county)]).await;
    let done = removals.iter().filter(|reply| reply.status == 204).count();
    assert_eq!(done, 1, "{removals:?}");
}

#[tokio::test]
async fn a_form_of_staff_is_checked() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    desk.delete("/staff/camille@orange.example", &county).await.problem(404, "not-found");
    let bad = json!({ "displayName": "", "role": "patron", "libraryIds": ["LI10511", "LI9", 3] });
    assert_eq!(
        desk.put("/staff/x@oise.example", &county, &bad).await.faults(),
        ["/displayName required", "/libraryIds/2 wrong-type", "/role unknown-role",]
    );
    let none = json!({ "displayName": "X", "role": "librarian", "libraryIds": [] });
    assert_eq!(desk.put("/staff/x@oise.example", &county, &none).await.faults(), ["/libraryIds required"]);
    let unknown = json!({ "displayName": "X", "role": "librarian", "libraryIds": ["LI9"] });
    assert_eq!(desk.put("/staff/x@oise.example", &county, &unknown).await.faults(), ["/libraryIds/0 unknown-library"]);
    assert_eq!(
        desk.put("/staff/not-an-address", &county, &json!({ "displayName": "X", "role": "county" })).await.faults(),
        ["/email invalid-email"]
    );
    assert_eq!(desk.get("/staff", &county).await.column("email"), ["marie@fleury.example", COUNTY]);
}

/// The three kinds of entries: the list, an entry of it, and its form.
fn entries() -> [(&'static str, String, Value); 3] {
    let library = json!({ "name": "Bibliothèque", "town": "Vez", "postalCode": "60117" });
    let staff = json!({ "displayName": "Anne", "role": "librarian", "libraryIds": ["LI10511"] });
    [
        ("/libraries", "/libraries/LI14783".to_owned(), library),
        ("/resources", "/resources/kiosk".to_owned(), json!({ "name": "Le Kiosk", "active": true })),
        ("/staff", "/staff/anne@oise.example".to_owned(), staff),
    ]
}

async fn put_if(desk: &Desk, path: &str, by: &Session, condition: (&str, &str), form: &Value) -> Reply {
    let request = desk.request(Method::PUT, path).bearer_auth(&by.token).header(condition.0, condition.1);
    Reply::of(request.json(form)).await
}

fn renamed(form: &Value, name: &str) -> Value {
    let mut form = form.clone();
    let field = if form["name"].is_null() { "displayName" } else { "name" };
    form[field] = name.into();
    form
}

#[tokio::test]
async fn c17_the_directory_s_last_writer_no_longer_wins() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    for (list, path, form) in entries() {
        let new = ("If-None-Match", "*");
        put_if(&desk, &path, &county, ("If-Match", "*"), &form).await.problem(412, "stale");
        put_if(&desk, &path, &county, ("If-None-Match", ""), &form).await.problem(400, "invalid-parameter");
        let added = put_if(&desk, &path, &county, new, &form).await.expect(201);
        let first = added.header("etag").to_owned();
        let listed = desk.get(list, &county).await.expect(200);
        assert!(listed.column("etag").contains(&first), "{list}: each item has its tag");
        assert!(added.json()["etag"].is_null(), "{list}: an answer has it as a header");
        put_if(&desk, &path, &county, new, &renamed(&form, "B")).await.problem(412, "already-exists");
        // Two people of the county have opened the same entry.
        let saved = put_if(&desk, &path, &county, ("If-Match", &first), &renamed(&form, "C")).await.expect(200);
        let second = saved.header("etag").to_owned();
        assert_ne!(second, first);
        put_if(&desk, &path, &county, ("If-Match", &first), &renamed(&form, "D")).await.problem(412, "stale");
        let again = put_if(&desk, &path, &county, ("If-Match", &second), &renamed(&form, "C")).await.expect(200);
        assert_eq!(again.header("etag"), second, "{list}: saved unchanged");
        // Without a condition the entry is replaced, as before.
        desk.put(&path, &county, &renamed(&form, "E")).await.expect(200);
    }
}

#[tokio::test]
async fn c17_a_removal_honours_if_match() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let [.., (_, path, form)] = entries();
    let first = desk.put(&path, &county, &form).await.expect(201).header("etag").to_owned();
    let second = desk.put(&path, &county, &renamed(&form, "B")).await.expect(200).header("etag").to_owned();
    let remove = async |etag: &str| {
        let request = desk.request(Method::DELETE, &path).bearer_auth(&county.token).header("If-Match", etag);
        Reply::of(request).await
    };
    remove(&first).await.problem(412, "stale");
    remove(&second).await.expect(204);
    put_if(&desk, &path, &county, ("If-Match", &second), &form).await.problem(412, "stale");
}
