//! Races that chance seldom shows: one request is held at the network while others pass, see
//! `docs/reliability.md`, "Faults found by review".

use domain::StaffRole;
use serde_json::{Value, json};

use super::audit::audit;
use crate::support::{COUNTY, Desk, FLEURY, Hold, PASSWORD, Session, Wire, camille, with};

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
    // Nobody changes their own role: Anne changes the other one's.
    let anne = desk.seed_session(ANNE).await;
    desk.put(&path(COUNTY), &anne, &librarian("MDO")).await.expect(200);
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

const HOME: &str = "famille@orange.example";

/// The form of another member of the household.
fn leo() -> Value {
    with(with(with(camille(), "email", HOME), "firstName", "Léo"), "household", true)
}

/// Opens a desk with a librarian of Fleury, and one registration in the household. Returns its path.
async fn with_a_household() -> (Wire, Desk, Session, String) {
    let (wire, desk, _) = with_anne().await;
    let anne = desk.seed_session(ANNE).await;
    let path = format!("/registrations/{}", desk.seed_registration(FLEURY, HOME, "Exemple").await);
    (wire, desk, anne, path)
}

/// Lets another member join the household while a transaction is held.
async fn join_meanwhile(desk: &Desk, by: &Session, hold: Hold) {
    hold.arrived().await;
    desk.post("/registrations", by, &leo()).await.expect(201);
    hold.release();
}

#[tokio::test]
async fn hh1_a_join_while_the_last_member_is_erased_opens_an_account() {
    let (wire, desk, anne, path) = with_a_household().await;
    let hold = wire.hold_transaction();
    let erasure = async {
        hold.arrived().await;
        desk.delete(&path, &anne).await.expect(204);
        hold.release();
    };
    let form = leo();
    let (joined, ()) = tokio::join!(desk.post("/registrations", &anne, &form), erasure);
    assert_eq!(joined.expect(201).json().get("passwordIgnored"), None, "the account is new");
    assert_eq!(desk.account(HOME).await.expect("an account").account.registrations.len(), 1);
    audit(&desk.items().await);
}

#[tokio::test]
async fn hh3_an_erasure_while_another_joins_leaves_the_account() {
    let (wire, desk, anne, path) = with_a_household().await;
    let join = join_meanwhile(&desk, &anne, wire.hold_transaction());
    let (erased, ()) = tokio::join!(desk.delete(&path, &anne), join);
    erased.expect(204);
    assert_eq!(desk.account(HOME).await.expect("an account").account.registrations.len(), 1);
    audit(&desk.items().await);
}

#[tokio::test]
async fn hh3_a_move_while_another_joins_leaves_the_account() {
    let (wire, desk, anne, path) = with_a_household().await;
    let join = join_meanwhile(&desk, &anne, wire.hold_transaction());
    let elsewhere = json!({ "email": "ailleurs@orange.example" });
    let (moved, ()) = tokio::join!(desk.patch(&path, &anne, "*", &elsewhere), join);
    moved.expect(200);
    for address in [HOME, "ailleurs@orange.example"] {
        assert_eq!(desk.account(address).await.expect("an account").account.registrations.len(), 1, "{address}");
    }
    audit(&desk.items().await);
}

#[tokio::test]
async fn s1_a_sign_in_while_the_role_is_raised_opens_nothing() {
    let (wire, desk, mdo) = with_anne().await;
    let credentials = json!({ "email": ANNE, "password": PASSWORD });
    // The first transaction counts the attempt. The password was read before.
    let hold = wire.hold_transaction();
    let raise = async {
        hold.arrived().await;
        desk.put(&path(ANNE), &mdo, &county("Anne")).await.expect(200);
        hold.release();
    };
    let (opened, ()) = tokio::join!(desk.open_post("/sessions", &credentials), raise);
    opened.problem(401, "bad-credentials");
    desk.open_post("/sessions", &credentials).await.problem(401, "bad-credentials");
    audit(&desk.items().await);
}
