//! Households: several registrations of one account (rules, section 7).

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Desk, FLEURY, PASSWORD, Reply, Session, camille, with};

const HOME: &str = "famille@orange.example";

/// The form of a member of the family.
fn member(first_name: &str, library: &str) -> Value {
    let form = with(with(camille(), "email", HOME), "firstName", first_name);
    with(with(form, "libraryId", library), "cardNumber", Value::Null)
}

fn confirmed(form: Value) -> Value {
    with(form, "household", true)
}

/// Opens a desk with a librarian of Fleury and one of Auneuil.
async fn two_libraries() -> (Desk, Session, Session, Session) {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let paul = desk.librarian(&county, "paul@auneuil.example", &["LI2575"]).await;
    (desk, county, marie, paul)
}

async fn joined(desk: &Desk, by: &Session, form: Value) -> String {
    let made = desk.post("/registrations", by, &confirmed(form)).await.expect(201).json();
    assert_eq!(made["passwordIgnored"], true);
    made["id"].as_str().unwrap().to_owned()
}

fn names(reply: &Reply) -> Vec<String> {
    let household = reply.json()["household"].clone();
    household.as_array().into_iter().flatten().map(|one| one["firstName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn section_7_a_family_from_registration_to_erasure() {
    let (desk, county, marie, paul) = two_libraries().await;
    // The mother is a patron and becomes a librarian; her children are registered at two libraries.
    let (mother, _) = desk.register_as(&marie, &member("Anne", "LI10511")).await;
    let old = desk.arrive(HOME).await;
    let staff = json!({ "displayName": "Anne Exemple", "role": "librarian", "libraryIds": ["LI2575"] });
    desk.put(&format!("/staff/{HOME}"), &county, &staff).await.expect(201);
    desk.get("/me", &old).await.problem(401, "not-signed-in");
    desk.open_post("/sessions", &json!({ "email": HOME, "password": PASSWORD })).await.problem(401, "bad-credentials");
    assert_eq!(desk.mails_to(HOME, "password-link").await.len(), 2, "her own, and that of the raised role");
    let zoe = joined(&desk, &marie, member("Zoé", "LI10511")).await;
    let leo = joined(&desk, &paul, member("Léo", "LI2575")).await;
    desk.act(&format!("/registrations/{zoe}/activation"), &marie).await.expect(200);
    let anne = desk.arrive(HOME).await;
    let link = desk.mails_to(HOME, "password-link").await.pop().unwrap();
    assert!(link["text"].as_str().unwrap().contains("(Anne, Léo et Zoé)"), "{link}");
    let me = desk.get("/me", &anne).await.expect(200).json();
    assert_eq!(me["account"]["roles"], json!(["patron", "librarian"]));
    assert_eq!(me["access"], json!(["musicme", "skilleos"]));
    let shown: Vec<_> = me["registrations"].as_array().unwrap().iter().map(|own| own["firstName"].clone()).collect();
    assert_eq!(shown, ["Anne", "Zoé", "Léo"]);
    assert_eq!(me["registrations"][2]["library"]["town"], "Auneuil");
    assert_eq!(me["registrations"][2]["access"], json!([]));
    assert_eq!(me["registrations"][1].get("address"), None, "not in a household");
    desk.get("/registrations", &anne).await.expect(200);
    // Léo gets an address of his own, without the family's password.
    desk.patch(&format!("/registrations/{leo}"), &paul, "*", &json!({ "email": "leo@orange.example" }))
        .await
        .expect(200);
    desk.get("/me", &anne).await.expect(200);
    let leos = json!({ "email": "leo@orange.example", "password": PASSWORD });
    desk.open_post("/sessions", &leos).await.problem(401, "bad-credentials");
    let farewell = desk.mails_to(HOME, "email-changed").await.pop().expect("a message to the address that he left");
    assert!(farewell["text"].as_str().unwrap().contains("Léo") && !farewell.to_string().contains("leo@"));
    // Without her registration, Anne stays staff; without the role, Zoé stays a patron.
    desk.delete(&format!("/registrations/{mother}"), &marie).await.expect(204);
    assert_eq!(desk.get("/me", &anne).await.expect(200).json()["registrations"].as_array().unwrap().len(), 1);
    desk.delete(&format!("/staff/{HOME}"), &county).await.expect(204);
    assert_eq!(desk.get("/me", &anne).await.expect(200).json()["account"]["roles"], json!(["patron"]));
    desk.delete(&format!("/registrations/{zoe}"), &marie).await.expect(204);
    desk.get("/me", &anne).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn hh1_the_same_person_is_refused_and_another_asked_about() {
    let (desk, _, marie, paul) = two_libraries().await;
    let (id, _) = desk.register_as(&marie, &member("Zoé", "LI10511")).await;
    for form in [member("ZOE", "LI10511"), confirmed(member("Zoë", "LI10511"))] {
        assert_eq!(desk.post("/registrations", &marie, &form).await.problem(409, "already-registered")["id"], id);
    }
    desk.post("/registrations", &marie, &member("Léo", "LI10511")).await.problem(409, "address-shared");
    let elsewhere = desk.post("/registrations", &paul, &confirmed(member("Zoé", "LI2575"))).await;
    let elsewhere = elsewhere.problem(409, "already-registered");
    assert_eq!(elsewhere.get("id"), None);
    assert!(elsewhere["detail"].as_str().unwrap().contains("03 44"), "it says how to reach the county: {elsewhere}");
    let leo = joined(&desk, &marie, member("Léo", "LI10511")).await;
    let twin = json!({ "firstName": "Zoé" });
    let twin =
        desk.patch(&format!("/registrations/{leo}"), &marie, "*", &twin).await.problem(409, "already-registered");
    assert_eq!(twin["id"], id);
}

#[tokio::test]
async fn hh1_fifty_joins_at_once_are_each_done_or_refused() {
    let (desk, _, marie, _) = two_libraries().await;
    desk.register_as(&marie, &member("Zoé", "LI10511")).await;
    let people: Vec<String> =
        (0..50).map(|n| char::from(b'A' + n % 26).to_string().repeat(2 + usize::from(n / 26))).collect();
    let forms = people.iter().map(|name| confirmed(member(name, "LI10511")));
    let replies = join_all(forms.map(async |form| desk.post("/registrations", &marie, &form).await.status)).await;
    let done = replies.iter().filter(|status| **status == 201).count();
    assert!(replies.iter().all(|status| [201, 503].contains(status)), "{replies:?}");
    assert!(done > 10, "{replies:?}");
    let account = desk.account(HOME).await.expect("an account").account;
    assert_eq!(account.registrations.len(), done + 1);
    assert_eq!(desk.get("/registrations?limit=100", &marie).await.column("id").len(), done + 1);
}

#[tokio::test]
async fn section_7_an_account_holds_60_registrations_and_no_more() {
    let (desk, _, marie, _) = two_libraries().await;
    let (first, _) = desk.register_as(&marie, &member("Zoé", "LI10511")).await;
    let mut account = desk.account(HOME).await.expect("an account").account;
    account.registrations = vec![first.parse().unwrap(); domain::household::MEMBERS];
    desk.overwrite_account(&account).await;
    desk.post("/registrations", &marie, &confirmed(member("Léo", "LI10511"))).await.problem(409, "household-full");
}

#[tokio::test]
async fn hh2_nobody_learns_of_members_at_other_libraries() {
    let (desk, county, marie, paul) = two_libraries().await;
    let (zoe, _) = desk.register_as(&marie, &member("Zoé", "LI10511")).await;
    let leo = joined(&desk, &paul, member("Léo", "LI2575")).await;
    let at_fleury = format!("/registrations/{zoe}");
    assert_eq!(names(&desk.get(&at_fleury, &marie).await), [""; 0]);
    assert_eq!(names(&desk.get(&at_fleury, &county).await), ["Léo"]);
    for end in ["", "/history", "/mails", "/data"] {
        let text = desk.get(&format!("{at_fleury}{end}"), &marie).await.expect(200).text();
        assert!(!text.contains("Léo") && !text.contains(&leo) && !text.contains("LI2575"), "{end}: {text}");
    }
    // The same answer, whether the other member, a member of staff, or the same person is elsewhere.
    let ask = async |form| desk.post("/registrations", &paul, &form).await.problem(409, "address-shared");
    let staff = with(member("Ali", "LI2575"), "email", "marie@fleury.example");
    let mut answers = [ask(member("Ali", "LI2575")).await, ask(member("Zoé", "LI2575")).await, ask(staff).await];
    for answer in &mut answers {
        answer.as_object_mut().unwrap().remove("instance");
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn hh2_the_state_of_an_account_is_not_for_who_joins_it() {
    let (desk, county, marie, paul) = two_libraries().await;
    let (zoe, _) = desk.register_as(&marie, &member("Zoé", "LI10511")).await;
    desk.arrive(HOME).await;
    let colleague = with(member("Marie", "LI2575"), "email", "marie@fleury.example");
    let seen = async |id: &str, by| {
        let data = desk.get(&format!("/registrations/{id}/data"), by).await.expect(200).json();
        let mails = desk.get(&format!("/registrations/{id}/mails"), by).await.expect(200).column("kind");
        assert_eq!(data["mails"].as_array().unwrap().len(), mails.len());
        (data["account"].is_object(), data["sessions"].as_array().unwrap().len(), mails.len())
    };
    assert_eq!(seen(&zoe, &marie).await, (true, 1, 1));
    let leo = joined(&desk, &paul, member("Léo", "LI2575")).await;
    assert_eq!(seen(&zoe, &marie).await, (true, 1, 1), "as before: nobody learns that another has joined");
    assert_eq!(seen(&leo, &paul).await, (false, 0, 0), "the account was another library's before");
    assert_eq!(seen(&zoe, &county).await, (true, 1, 1));
    let of_marie = joined(&desk, &paul, colleague).await;
    assert_eq!(seen(&of_marie, &paul).await, (false, 0, 0), "a colleague's");
    assert!(seen(&of_marie, &county).await.0);
}

#[tokio::test]
async fn hh3_a_member_who_leaves_takes_nothing_along() {
    let (desk, _, marie, _) = two_libraries().await;
    desk.register_as(&marie, &member("Zoé", "LI10511")).await;
    let leo = joined(&desk, &marie, member("Léo", "LI10511")).await;
    desk.register(&marie, "autre@orange.example").await;
    let patron = desk.arrive(HOME).await;
    desk.open_post("/password-resets", &json!({ "email": HOME })).await.expect(202);
    let open = format!("/password-resets/{}", desk.link_token(HOME).await);
    let path = format!("/registrations/{leo}");
    let move_to = |address: &str| json!({ "email": address });
    desk.patch(&path, &marie, "*", &move_to("autre@orange.example")).await.problem(409, "address-shared");
    let moved = with(move_to("autre@orange.example"), "household", true);
    desk.patch(&path, &marie, "*", &moved).await.expect(200);
    assert_eq!(desk.get("/me", &patron).await.expect(200).json()["registrations"].as_array().unwrap().len(), 1);
    desk.sign_in(HOME).await;
    desk.open_put(&open, &json!({ "password": PASSWORD })).await.problem(404, "reset-link-dead");
    let there = desk.arrive("autre@orange.example").await;
    assert_eq!(desk.get("/me", &there).await.expect(200).json()["registrations"].as_array().unwrap().len(), 2);
    desk.delete(&path, &marie).await.expect(204);
    desk.get("/me", &there).await.expect(200);
}

#[tokio::test]
async fn hh3_an_erased_member_is_nowhere_but_in_traces_by_id() {
    let (desk, _, marie, _) = two_libraries().await;
    desk.register_as(&marie, &member("Zoé", "LI10511")).await;
    let canary = with(with(member("Serin", "LI10511"), "phone", "06 39 98 01 01"), "address", "1 rue des Canaris");
    let id = joined(&desk, &marie, canary).await;
    let path = format!("/registrations/{id}");
    desk.patch(&path, &marie, "*", &json!({ "email": "serin@orange.example" })).await.expect(200);
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    desk.patch(&path, &marie, "*", &json!({ "email": HOME, "household": true })).await.expect(200);
    assert!(desk.dump().await.contains("Serin"));
    desk.delete(&path, &marie).await.expect(204);
    let left = desk.dump().await;
    for trace in ["Serin", "serin@", "Canaris", "39980101"] {
        assert!(!left.contains(trace), "{trace} is still there");
    }
}

#[tokio::test]
async fn re4_a_bounce_marks_every_member_and_whoever_joins() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let home = |first_name| with(member(first_name, FLEURY), "email", "famille@rebond.example");
    let (zoe, _) = desk.register_as(&marie, &home("Zoé")).await;
    let leo = joined(&desk, &marie, home("Léo")).await;
    desk.act(&format!("/registrations/{zoe}/activation"), &marie).await.expect(200);
    assert_eq!(desk.mails_to("famille@rebond.example", "activation").await.len(), 1);
    let ali = joined(&desk, &marie, home("Ali")).await;
    for id in [&zoe, &leo, &ali] {
        assert_eq!(desk.get(&format!("/registrations/{id}"), &marie).await.json()["mailState"], "bounced");
    }
    let path = format!("/registrations/{ali}");
    let moved = desk.patch(&path, &marie, "*", &json!({ "email": "ali@orange.example" })).await.expect(200).json();
    assert_eq!(moved.get("mailState"), None);
}

/// Returns an answer without what differs from request to request.
fn comparable(mut reply: Reply) -> Reply {
    for name in ["x-request-id", "apigw-requestid", "date"] {
        reply.headers.remove(name);
    }
    reply
}

#[tokio::test]
async fn s18_any_shared_address_is_answered_alike_byte_for_byte() {
    let (desk, _, marie, paul) = two_libraries().await;
    desk.register_as(&marie, &member("Zoé", "LI10511")).await;
    let at = |email: &str, first_name: &str| with(member(first_name, "LI2575"), "email", email);
    desk.register_as(&paul, &at("ici@orange.example", "Zoé")).await;
    desk.register(&marie, "pleine@orange.example").await;
    let mut full = desk.account("pleine@orange.example").await.expect("an account").account;
    full.registrations = vec![full.registrations[0].clone(); domain::household::MEMBERS];
    desk.overwrite_account(&full).await;
    let (own, _) = desk.register_as(&paul, &at("corrigee@orange.example", "Ali")).await;
    let mut answers = Vec::new();
    for (email, first_name) in [
        (HOME, "Ali"),
        // The same person at another library.
        (HOME, "Zoé"),
        // Another person at the caller's own library.
        ("ici@orange.example", "Ali"),
        // Staff of the caller's own library, of another, and of the county.
        ("paul@auneuil.example", "Ali"),
        ("marie@fleury.example", "Ali"),
        ("mdo@oise.example", "Ali"),
        ("pleine@orange.example", "Ali"),
    ] {
        answers.push(comparable(desk.post("/registrations", &paul, &at(email, first_name)).await));
        let correction = json!({ "email": email, "firstName": first_name });
        answers.push(comparable(desk.patch(&format!("/registrations/{own}"), &paul, "*", &correction).await));
    }
    answers[0].clone().problem(409, "address-shared");
    for answer in &answers {
        assert_eq!(answer, &answers[0], "{}", answer.text());
    }
}
