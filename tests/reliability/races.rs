//! Races that chance seldom shows: one request is held at the network while others pass, see
//! `docs/reliability.md`, "Faults found by review".

use domain::StaffRole;
use serde_json::{Value, json};

use super::audit::audit;
use crate::support::{COUNTY, Desk, FLEURY, Hold, Session, Wire};

const ANNE: &str = "anne@oise.example";

fn county(name: &str) -> Value {
    json!({ "displayName": name, "role": "county", "libraryIds": [] })
}

fn librarian(name: &str) -> Value {
    json!({ "displayName": name, "role": "librarian", "libraryIds": [FLEURY] })
}

/// Opens a desk with the county's account and a librarian, Anne.
async fn with_anne() -> (Wire, Desk, Session) {
    let wire = Wire::without_deliver();
    let desk = Desk::open_on(&wire).await;
    desk.seed_directory().await;
    let county = desk.seed_county().await;
    desk.seed_staff(ANNE, StaffRole::Librarian, &[FLEURY]).await;
    (wire, desk, county)
}

fn path(email: &str) -> String {
    format!("/staff/{email}")
}

/// Makes Anne the only county account while a transaction about her is held.
async fn hand_the_county_over(desk: &Desk, mdo: &Session, hold: Hold) {
    hold.arrived().await;
    desk.put(&path(ANNE), mdo, &county("Anne")).await.expect(200);
    desk.put(&path(COUNTY), mdo, &librarian("MDO")).await.expect(200);
    hold.release();
}

async fn of_the_county(desk: &Desk) -> Vec<String> {
    let items = desk.items().await;
    let staff = items.iter().filter(|item| item["pk"] == "STAFF" && item["role"] == "county");
    staff.map(|entry| entry["email"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn c3_a_removal_decided_on_a_librarian_removes_no_county() {
    let (wire, desk, mdo) = with_anne().await;
    let anne = path(ANNE);
    let meanwhile = hand_the_county_over(&desk, &mdo, wire.hold_transaction());
    let (removed, ()) = tokio::join!(desk.delete(&anne, &mdo), meanwhile);
    removed.problem(409, "last-county-account");
    assert_eq!(of_the_county(&desk).await, [ANNE]);
    audit(&desk.items().await);
}

#[tokio::test]
async fn c3_a_change_decided_on_a_librarian_demotes_no_county() {
    let (wire, desk, mdo) = with_anne().await;
    let anne = path(ANNE);
    let meanwhile = hand_the_county_over(&desk, &mdo, wire.hold_transaction());
    let demoted = librarian("Anne B");
    let (changed, ()) = tokio::join!(desk.put(&anne, &mdo, &demoted), meanwhile);
    changed.problem(409, "last-county-account");
    assert_eq!(of_the_county(&desk).await, [ANNE]);
    audit(&desk.items().await);
}

#[tokio::test]
async fn c3_the_county_s_reset_restores_it_only_while_there_is_none() {
    let desk = Desk::open_on(&Wire::without_deliver()).await;
    desk.seed_directory().await;
    let mdo = desk.seed_staff(COUNTY, StaffRole::Librarian, &[FLEURY]).await;
    let before = desk.account(COUNTY).await.unwrap();
    let ask = async || desk.open_post("/password-resets", &json!({ "email": COUNTY })).await.expect(202);
    let anne = desk.seed_staff(ANNE, StaffRole::County, &[]).await;
    ask().await;
    assert_eq!(of_the_county(&desk).await, [ANNE], "there is a county account");
    desk.get("/me", &mdo).await.expect(200);
    // No request can do this: the table is as a fault of old may have left it.
    desk.demote(&anne.email).await;
    ask().await;
    assert_eq!(of_the_county(&desk).await, [COUNTY]);
    let after = desk.account(COUNTY).await.unwrap();
    assert_ne!(after.generation, before.generation);
    assert_eq!(desk.credentials(COUNTY).await, None, "the librarian's password does not open it");
    desk.get("/me", &mdo).await.problem(401, "not-signed-in");
    audit(&desk.items().await);
}
