//! A closed library: it can't be chosen again, and keeps what it has (contract, directory).

use serde_json::{Value, json};

use crate::support::{Desk, Session, camille, with};

fn fleury(active: Option<bool>) -> Value {
    let library = json!({
        "name": "Bibliothèque municipale", "town": "Fleury", "postalCode": "60240", "email": "fleury@oise.example",
    });
    active.map_or_else(|| library.clone(), |active| with(library.clone(), "active", active))
}

async fn close(desk: &Desk, county: &Session) {
    let closed = desk.put("/libraries/LI10511", county, &fleury(Some(false))).await.expect(200);
    assert_eq!(closed.json()["active"], false);
}

fn librarian(libraries: &[&str]) -> Value {
    json!({ "displayName": "Marie", "role": "librarian", "libraryIds": libraries })
}

#[tokio::test]
async fn a_library_is_open_unless_it_is_closed() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let active = async |by: &Session| desk.get("/libraries", by).await.json()["items"][0]["active"].clone();
    assert_eq!(active(&marie).await, true);
    close(&desk, &county).await;
    assert_eq!(active(&marie).await, false, "it stays in lists");
    let faults = desk.put("/libraries/LI10511", &county, &with(fleury(None), "active", "non")).await.faults();
    assert_eq!(faults, ["/active wrong-type"]);
    let reopened = desk.put("/libraries/LI10511", &county, &fleury(None)).await.expect(200);
    assert_eq!(reopened.json()["active"], true, "the default");
    let lines = desk.get("/directory/history", &county).await.json();
    let closings = lines["items"].as_array().unwrap().iter().filter(|line| line["fields"] == json!(["active"]));
    assert_eq!(closings.count(), 2);
    assert!(desk.mails_to("fleury@oise.example", "directory-changed").await.len() == 1, "of its first address only");
}

#[tokio::test]
async fn a_closed_library_can_t_be_chosen_again() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let both = desk.librarian(&county, "anne@oise.example", &["LI2575", "LI10511"]).await;
    let auneuil = with(camille(), "libraryId", "LI2575");
    let (id, etag) = desk.register_as(&both, &auneuil).await;
    close(&desk, &county).await;
    let form = with(camille(), "email", "autre@orange.example");
    for by in [&county, &marie, &both] {
        let refused = desk.post("/registrations", by, &form).await;
        assert!(refused.text().contains("fermée"), "{}", refused.text());
        assert_eq!(refused.faults(), ["/libraryId closed-library"]);
    }
    let path = format!("/registrations/{id}");
    for by in [&county, &both] {
        let moved = desk.patch(&path, by, &etag, &json!({ "libraryId": "LI10511" })).await;
        assert_eq!(moved.faults(), ["/libraryId closed-library"]);
    }
    let refused = desk.put("/staff/paul@oise.example", &county, &librarian(&["LI2575", "LI10511"])).await;
    assert_eq!(refused.faults(), ["/libraryIds/1 closed-library"]);
    let paul = async |libraries| desk.put("/staff/paul@oise.example", &county, &librarian(libraries)).await;
    paul(&["LI2575"]).await.expect(201);
    assert_eq!(paul(&["LI2575", "LI10511"]).await.faults(), ["/libraryIds/1 closed-library"]);
    desk.put("/libraries/LI10511", &county, &fleury(Some(true))).await.expect(200);
    paul(&["LI2575", "LI10511"]).await.expect(200);
    desk.post("/registrations", &marie, &form).await.expect(201);
}

#[tokio::test]
async fn a_closed_library_keeps_its_registrations_and_staff() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    close(&desk, &county).await;
    let path = format!("/registrations/{id}");
    let changed = desk.patch(&path, &marie, &etag, &json!({ "town": "Auneuil", "libraryId": "LI10511" })).await;
    changed.expect(200);
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    assert_eq!(desk.get("/registrations?libraryId=LI10511", &marie).await.expect(200).column("id"), [&*id]);
    desk.get("/registrations.xlsx?libraryId=LI10511", &county).await.expect(200);
    // Staff who had it keep it, and its registrations can leave.
    let staff = format!("/staff/{}", marie.email);
    desk.put(&staff, &county, &librarian(&["LI10511", "LI2575"])).await.expect(200);
    desk.patch(&path, &marie, "*", &json!({ "libraryId": "LI2575" })).await.expect(200);
    let back = desk.patch(&path, &marie, "*", &json!({ "libraryId": "LI10511" })).await;
    assert_eq!(back.faults(), ["/libraryId closed-library"]);
}

#[tokio::test]
async fn a_library_stored_before_is_open() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let key = store::keys::library(&"LI10511".parse().unwrap());
    let older = json!({
        "TableName": "Table", "Key": { "pk": { "S": key.pk }, "sk": { "S": key.sk } },
        "UpdateExpression": "REMOVE active",
    });
    crate::support::engine::call(&desk.local().dynamodb_url(), "UpdateItem", &older).await;
    assert_eq!(desk.get("/libraries", &county).await.json()["items"][1]["active"], true);
    desk.register(&marie, "camille@orange.example").await;
}
