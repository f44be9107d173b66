//! The life of a county account: invited, enrolled, phone lost, recovered by a colleague, left alone, removed
//! (requirements S2, AP15).

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::second_factor::{STEP, sign_in, strict};
use crate::support::{COUNTY, PASSWORD};

const ANNE: &str = "anne@oise.example";

#[tokio::test]
async fn s2_the_life_of_a_county_account() {
    let desk = strict().await;
    let mdo = desk.arrive(COUNTY).await;
    let app = desk.enrol(&mdo).await;

    // Invited: the mail has no token, so Anne asks for a link herself.
    let member = json!({ "displayName": "Anne Oise", "role": "county", "libraryIds": [] });
    desk.put(&format!("/staff/{ANNE}"), &mdo, &member).await.expect(201);
    assert_eq!(desk.mails_to(ANNE, "invitation").await.len(), 1);
    assert_eq!(desk.mails_to(ANNE, "password-link").await, [] as [Value; 0]);
    let anne = desk.arrive(ANNE).await;

    // Enrolled: before, nothing else is open.
    desk.get("/libraries", &anne).await.problem(403, "second-factor-required");
    let lost = desk.enrol(&anne).await;
    desk.get("/libraries", &anne).await.expect(200);

    // The phone is lost, with a session open on it. A new password alone opens nothing.
    desk.choose_password(ANNE, PASSWORD).await;
    desk.get("/libraries", &anne).await.problem(401, "not-signed-in");
    desk.try_to_sign_in(ANNE).await.problem(401, "second-factor-needed");

    // Recovered: a colleague takes the factor off, and is asked for the password again, because it is sensitive.
    desk.pass(SignedDuration::from_mins(16)).await;
    let factor = format!("/staff/{ANNE}/second-factor");
    desk.delete(&factor, &mdo).await.problem(403, "confirmation-needed");
    let mdo = sign_in(&desk, COUNTY, &app).await;
    desk.delete(&factor, &mdo).await.expect(204);
    let anne = desk.sign_in(ANNE).await;
    desk.get("/libraries", &anne).await.problem(403, "second-factor-required");
    let found = desk.enrol(&anne).await;
    desk.sign_in_with(ANNE, &lost.recovery[0]).await.problem(401, "bad-credentials");
    let anne = sign_in(&desk, ANNE, &found).await;

    // Left alone: Anne lets her colleague go, whose sessions end at once. Her own account nobody removes.
    desk.delete(&format!("/staff/{COUNTY}/sessions"), &anne).await.expect(204);
    desk.get("/me", &mdo).await.problem(401, "not-signed-in");
    desk.pass(STEP).await;
    desk.delete(&format!("/staff/{COUNTY}"), &anne).await.expect(204);
    desk.delete(&format!("/staff/{ANNE}"), &anne).await.problem(409, "last-county-account");
    for own in ["second-factor", "sessions"] {
        desk.delete(&format!("/staff/{ANNE}/{own}"), &anne).await.problem(409, "own-account");
    }
    let lines = desk.get("/directory/history", &anne).await.expect(200).json();
    let told: Vec<_> = lines["items"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["removed", "sessions-ended", "second-factor-removed", "created", "created"]);
    let told = desk.mails_to(COUNTY, "directory-changed").await;
    assert_eq!(told.len(), 4, "the county's address hears of all that happened to Anne and to itself");
}

#[tokio::test]
async fn ap15_the_operator_lets_the_last_county_account_in() {
    let desk = strict().await;
    let mdo = desk.arrive(COUNTY).await;
    desk.enrol(&mdo).await;
    desk.pass(STEP).await;
    desk.try_to_sign_in(COUNTY).await.problem(401, "second-factor-needed");

    let deleted: Value = serde_json::from_str(&desk.delete_item(&the_page_s_key(COUNTY)).await).unwrap();
    assert!(deleted["Attributes"].is_object(), "{deleted}");

    let mdo = desk.sign_in(COUNTY).await;
    desk.get("/libraries", &mdo).await.problem(403, "second-factor-required");
    desk.enrol(&mdo).await;
    desk.get("/libraries", &mdo).await.expect(200);
}

/// Returns the key in the command of `docs/operations.md`, for an account.
fn the_page_s_key(email: &str) -> Value {
    let page = include_str!("../../docs/operations.md");
    let command = page.split_once("aws dynamodb delete-item").expect("the command").1;
    let key = command.split_once("--key '").and_then(|(_, rest)| rest.split_once('\'')).expect("its key").0;
    let pseudonym = store::keys::pseudonym(&email.parse().unwrap());
    serde_json::from_str(&key.replace("<pseudonym>", &pseudonym)).expect("JSON")
}
