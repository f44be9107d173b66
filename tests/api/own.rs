//! What patrons learn of themselves (security S12): never who works on their registration, nor how.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::description::operations;
use crate::support::{Desk, PASSWORD, Reply, Session, camille, with};

/// Fields of a registration that are staff's alone.
const OF_STAFF: [&str; 5] = ["activatedBy", "warnedOn", "escalatedOn", "actions", "household"];
const MINE: &str = "camille.exemple@orange.example";

/// Returns the names of all members in a JSON value.
fn members(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            found.insert(name.clone());
            members(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

/// Registers two members of a household who were warned of, escalated and activated. Returns the first one's id.
async fn escalated(desk: &Desk) -> (Session, String) {
    let (county, marie) = desk.staffed().await;
    let (id, _) = desk.register_as(&marie, &with(camille(), "cardNumber", "C-1")).await;
    let other = with(with(with(camille(), "firstName", "Léo"), "cardNumber", "C-2"), "household", true);
    desk.register_as(&marie, &other).await;
    desk.pass_days(8).await;
    desk.escalate().await;
    desk.pass_days(3).await;
    desk.escalate().await;
    let marie = desk.sign_in(&marie.email).await;
    let active = desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200).json();
    assert!(OF_STAFF.iter().all(|field| active.get(field).is_some()), "{active}");
    // A librarian who is a patron as well reads her own registration as any patron does.
    let own = with(with(camille(), "email", "marie@fleury.example"), "household", true);
    let (own, _) = desk.register_as(&marie, &own).await;
    desk.act(&format!("/registrations/{own}/activation"), &desk.sign_in(&county.email).await).await.expect(409);
    desk.act(&format!("/registrations/{own}/activation"), &marie).await.expect(200);
    (marie, id)
}

#[tokio::test]
async fn s12_no_answer_to_a_patron_has_what_is_staff_s() {
    let desk = Desk::open().await;
    let (marie, id) = escalated(&desk).await;
    let patron = desk.arrive(MINE).await;
    let mut answered = BTreeSet::new();
    for (route, _) in operations() {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("/libraries/{id}", "/libraries/LI10511").replace("{id}", &id);
        let path = path.replace("{email}", "marie@fleury.example").replace("{token}", "x");
        let body = match route.as_str() {
            "POST /sessions" => json!({ "email": MINE, "password": PASSWORD }),
            "POST /registrations" => with(camille(), "email", "autre@orange.example"),
            "DELETE /sessions/current" | "GET /openapi.json" => continue,
            _ => json!({}),
        };
        let request = desk.request(Method::from_bytes(method.as_bytes()).unwrap(), &path).header("If-Match", "*");
        let reply = Reply::of(request.bearer_auth(&patron.token).json(&body)).await;
        let mut found = BTreeSet::new();
        if !reply.body.is_empty() {
            members(&reply.json(), &mut found);
        }
        assert!(OF_STAFF.iter().all(|field| !found.contains(*field)), "{route}: {}", reply.text());
        assert!(!reply.text().contains(&marie.email), "{route}: {}", reply.text());
        if reply.status < 300 {
            answered.insert(route);
        }
    }
    assert!(answered.contains("GET /me") && answered.len() >= 3, "{answered:?}");
    let me = desk.get("/me", &marie).await.expect(200).json();
    let mut found = BTreeSet::new();
    members(&me["registrations"], &mut found);
    assert!(found.contains("activatedOn") && OF_STAFF.iter().all(|field| !found.contains(*field)), "{me}");
}
