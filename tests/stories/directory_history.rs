//! The trace of the county's changes: history lines, and messages about them (requirements S2).

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{COUNTY, Desk, Session, engine};

const ANNE: &str = "anne@oise.example";

/// Returns the history's lines without instants, newest first.
async fn history(desk: &Desk, by: &Session) -> Vec<Value> {
    let page = desk.get("/directory/history?limit=100", by).await.expect(200).json();
    let mut lines = page["items"].as_array().unwrap().clone();
    for line in &mut lines {
        assert!(line.as_object_mut().unwrap().remove("at").is_some_and(|at| at.is_string()));
    }
    lines
}

/// Changes an entry a second later. The clock of a story stands still, and lines are in the order of their instants.
async fn put_later(desk: &Desk, path: &str, by: &Session, form: &Value) -> u16 {
    desk.pass(SignedDuration::from_secs(1)).await;
    desk.put(path, by, form).await.status
}

/// Returns the recipients of the messages about changes to the directory, oldest first.
async fn told(desk: &Desk) -> Vec<String> {
    let mails = desk.mails().await.into_iter().filter(|mail| mail["kind"] == "directory-changed");
    mails.map(|mail| mail["to"].as_str().unwrap().to_owned()).collect()
}

fn librarian(name: &str, libraries: &[&str]) -> Value {
    json!({ "displayName": name, "role": "librarian", "libraryIds": libraries })
}

fn library(name: &str, email: Option<&str>) -> Value {
    json!({ "name": name, "town": "Vez", "postalCode": "60117", "email": email })
}

#[tokio::test]
async fn s2_each_change_of_the_directory_leaves_a_line() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let before = history(&desk, &county).await;
    assert_eq!(before.len(), 6, "the founding, two libraries and three resources: {before:?}");
    let founding = json!({ "by": COUNTY, "kind": "staff", "email": COUNTY, "action": "created" });
    assert!(before.contains(&founding), "{before:?}");
    let staff = format!("/staff/{ANNE}");
    let kiosk = json!({ "name": "Kiosk", "active": false, "url": "https://kiosk.example" });
    for (path, form, status) in [
        ("/libraries/LI1", library("Bib", None), 201),
        ("/libraries/LI1", library("Vez", Some("vez@oise.example")), 200),
        ("/resources/kiosk", json!({ "name": "Kiosk", "active": true }), 201),
        ("/resources/kiosk", kiosk, 200),
        (&staff, librarian("Anne", &["LI1"]), 201),
        (&staff, json!({ "displayName": "A", "role": "county", "libraryIds": [] }), 200),
    ] {
        assert_eq!(put_later(&desk, path, &county, &form).await, status);
    }
    desk.pass(SignedDuration::from_secs(1)).await;
    desk.delete(&staff, &county).await.expect(204);
    let lines = history(&desk, &county).await;
    let expected = [
        json!({ "by": COUNTY, "kind": "staff", "email": ANNE, "action": "removed" }),
        json!({
            "by": COUNTY, "kind": "staff", "email": ANNE, "action": "changed",
            "fields": ["role", "displayName", "libraryIds"],
        }),
        json!({ "by": COUNTY, "kind": "staff", "email": ANNE, "action": "created" }),
        json!({ "by": COUNTY, "kind": "resource", "id": "kiosk", "action": "changed", "fields": ["active", "url"] }),
        json!({ "by": COUNTY, "kind": "resource", "id": "kiosk", "action": "created" }),
        json!({ "by": COUNTY, "kind": "library", "id": "LI1", "action": "changed", "fields": ["name", "email"] }),
        json!({ "by": COUNTY, "kind": "library", "id": "LI1", "action": "created" }),
    ];
    assert_eq!(lines[..7], expected);
    assert_eq!(lines[7..], before);
}

#[tokio::test]
async fn s2_a_save_or_a_refusal_without_change_leaves_no_trace() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let path = format!("/staff/{ANNE}");
    desk.put(&path, &county, &librarian("Anne", &["LI2575"])).await.expect(201);
    let (lines, mails) = (history(&desk, &county).await, desk.mails().await.len());
    let fleury = json!({
        "name": "Bibliothèque municipale", "town": "Fleury", "postalCode": "60240", "email": "fleury@oise.example",
    });
    desk.put("/libraries/LI10511", &county, &fleury).await.expect(200);
    desk.put("/resources/musicme", &county, &json!({ "name": "MusicMe", "active": true })).await.expect(200);
    desk.put(&path, &county, &librarian("Anne", &["LI2575"])).await.expect(200);
    desk.delete(&format!("/staff/{COUNTY}"), &county).await.problem(409, "last-county-account");
    desk.put(&path, &county, &librarian("", &[])).await.expect(422);
    assert_eq!(history(&desk, &county).await, lines);
    assert_eq!(desk.mails().await.len(), mails);
}

#[tokio::test]
async fn s2_the_history_comes_in_pages_newest_first() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let all = desk.get("/directory/history", &county).await.expect(200).json();
    assert_eq!((all["items"].as_array().unwrap().len(), &all["next"]), (7, &Value::Null));
    let colleague = json!({ "displayName": "Anne", "role": "county" });
    assert_eq!(put_later(&desk, &format!("/staff/{ANNE}"), &county, &colleague).await, 201);
    let anne = desk.arrive(ANNE).await;
    let (mut path, mut seen) = ("/directory/history?limit=3".to_owned(), Vec::new());
    loop {
        let page = desk.get(&path, &county).await.expect(200);
        let body = page.json();
        seen.extend(body["items"].as_array().unwrap().clone());
        let Some(next) = body["next"].as_str() else { break };
        path = format!("/directory/history?limit=3&cursor={next}");
        assert_eq!(page.header("link"), format!("<{path}>; rel=\"next\""));
        desk.get(&path, &anne).await.problem(400, "invalid-parameter");
    }
    assert_eq!(seen.len(), 8);
    assert_eq!(seen[1..], *all["items"].as_array().unwrap());
    let at: Vec<_> = seen.iter().map(|line| line["at"].as_str().unwrap().to_owned()).collect();
    assert!(at.is_sorted_by(|a, b| a >= b), "{at:?}");
    for bad in ["limit=0", "limit=101", "limit=x", "cursor=x", "status=x"] {
        desk.get(&format!("/directory/history?{bad}"), &county).await.problem(400, "invalid-parameter");
    }
    desk.get("/directory/history", &marie).await.problem(403, "forbidden");
}

#[tokio::test]
async fn s2_the_county_and_the_person_are_mailed_about_staff() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    assert_eq!(told(&desk).await.split_off(told(&desk).await.len() - 1), [COUNTY], "a new member gets no such mail");
    let path = format!("/staff/{}", marie.email);
    for form in [librarian("Marie L.", &["LI10511"]), librarian("Marie L.", &["LI2575"])] {
        let before = told(&desk).await.len();
        desk.put(&path, &county, &form).await.expect(200);
        assert_eq!(told(&desk).await[before..], [COUNTY, &marie.email], "{form}");
    }
    let before = told(&desk).await.len();
    desk.delete(&path, &county).await.expect(204);
    assert_eq!(told(&desk).await[before..], [COUNTY, &marie.email], "after a removal");
    // One mail for each address: the county's own is not sent two.
    let own = json!({ "displayName": "MDO de l’Oise", "role": "county" });
    desk.put(&format!("/staff/{COUNTY}"), &county, &own).await.expect(200);
    assert_eq!(told(&desk).await[before + 2..], [COUNTY]);
}

#[tokio::test]
async fn s2_old_and_new_address_of_a_library_are_mailed() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let mut from = told(&desk).await.len();
    let put = async |form: Value| desk.put("/libraries/LI1", &county, &form).await;
    for (form, recipients) in [
        (library("Vez", None), &[][..]),
        (library("Vez", Some("vez@oise.example")), &[COUNTY, "vez@oise.example"]),
        (library("Vez", Some("a@oise.example")), &[COUNTY, "vez@oise.example", "a@oise.example"]),
        (library("Autre", Some("a@oise.example")), &[]),
        (library("Autre", Some(COUNTY)), &[COUNTY, "a@oise.example"]),
    ] {
        put(form.clone()).await;
        let all = told(&desk).await;
        let mut new = all[from..].to_vec();
        new.sort();
        let mut expected = recipients.to_vec();
        expected.sort_unstable();
        assert_eq!(new, expected, "{form}");
        from = all.len();
    }
    let kiosk = |url: &str| json!({ "name": "Kiosk", "active": true, "url": url });
    for (url, recipients) in [("https://a.example", &[COUNTY][..]), ("https://a.example", &[])] {
        desk.put("/resources/kiosk", &county, &kiosk(url)).await;
        assert_eq!(told(&desk).await[from..], *recipients, "{url}");
        from = told(&desk).await.len();
    }
}

#[tokio::test]
async fn s2_the_mail_says_what_who_when_and_what_to_do() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.set_clock("2026-11-24T22:59:00Z").await;
    let county = desk.sign_in(&county.email).await;
    desk.put(&format!("/staff/{}", marie.email), &county, &librarian("Marie Lecture", &["LI2575"])).await.expect(200);
    desk.put("/libraries/LI10511", &county, &library("Vez", Some("autre@oise.example"))).await.expect(200);
    let to = async |email: &str| desk.mails_to(email, "directory-changed").await.pop().expect("a mail");
    let mail = to(&marie.email).await;
    let text = mail["text"].as_str().unwrap();
    for part in ["Marie Lecture", &marie.email, "bibliothèques", COUNTY, "24/11/2026 à 23:59", "écrivez-nous"] {
        assert!(text.contains(part), "{part} in {text}");
        assert!(mail["html"].as_str().unwrap().contains(part), "{part} in {}", mail["html"]);
    }
    let text = to("fleury@oise.example").await["text"].as_str().unwrap().to_owned();
    for part in ["Vez (60117), Vez", "adresse e-mail", COUNTY] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn s2_a_new_member_gets_the_invitation_alone() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let before = desk.mails().await.len();
    desk.put(&format!("/staff/{ANNE}"), &county, &librarian("Anne", &["LI10511", "LI2575"])).await.expect(201);
    let mut mails = desk.mails().await.split_off(before);
    mails.sort_by_key(|mail| mail["kind"].to_string());
    let sent: Vec<_> = mails.iter().map(|mail| format!("{} {}", mail["kind"], mail["to"])).collect();
    assert_eq!(sent, [format!("\"directory-changed\" \"{COUNTY}\""), format!("\"invitation\" \"{ANNE}\"")]);
    let text = mails[1]["text"].as_str().unwrap();
    let link = format!("/portail/mot-de-passe-oublie#{ANNE}");
    for part in [COUNTY, "bibliothécaire", "Fleury (60240), ", "Auneuil (60390), ", &link] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // One click there asks for the link.
    desk.arrive(ANNE).await;
}

#[tokio::test]
async fn s2_a_patron_who_becomes_staff_gets_invitation_and_link() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.register(&marie, ANNE).await;
    desk.arrive(ANNE).await;
    let mut before = desk.mails().await.len();
    let kinds = async |from: usize| {
        let mails = desk.mails().await.split_off(from).into_iter().filter(|mail| mail["to"] == ANNE);
        let mut kinds: Vec<_> = mails.map(|mail| mail["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort();
        kinds
    };
    let path = format!("/staff/{ANNE}");
    desk.put(&path, &county, &librarian("Anne", &["LI10511"])).await.expect(201);
    assert_eq!(kinds(before).await, ["invitation", "password-link"]);
    before = desk.mails().await.len();
    desk.put(&path, &county, &json!({ "displayName": "Anne", "role": "county" })).await.expect(200);
    assert_eq!(kinds(before).await, ["directory-changed", "password-link"], "raised");
}

#[tokio::test]
async fn s2_an_invitation_is_sent_again_three_times_an_hour() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    let path = format!("/staff/{}/invitation", marie.email);
    let first = desk.mails_to(&marie.email, "invitation").await.len();
    for n in 1..=3 {
        let sent = desk.act(&path, &county).await.expect(202);
        assert_eq!((sent.text(), desk.mails_to(&marie.email, "invitation").await.len()), (String::new(), first + n));
    }
    desk.pass(SignedDuration::from_mins(10)).await;
    let refused = desk.act(&path, &county).await;
    assert_eq!(refused.header("retry-after"), "3000");
    refused.problem(429, "too-many-invitations");
    let line = json!({ "by": COUNTY, "kind": "staff", "email": marie.email, "action": "invited" });
    assert_eq!(history(&desk, &county).await.iter().filter(|other| **other == line).count(), 3);
    assert_eq!(desk.get("/libraries", &marie).await.status, 200, "the session goes on");
    desk.pass(SignedDuration::from_mins(50)).await;
    desk.act(&path, &desk.sign_in(COUNTY).await).await.expect(202);
    for unknown in ["camille@orange.example", "x@oise.example", "x"] {
        desk.act(&format!("/staff/{unknown}/invitation"), &desk.sign_in(COUNTY).await).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn s2_the_list_of_staff_shows_the_last_sign_in() {
    let desk = Desk::open().await;
    let (county, _) = desk.staffed().await;
    desk.put(&format!("/staff/{ANNE}"), &county, &librarian("Anne", &["LI2575"])).await.expect(201);
    let staff = desk.get("/staff", &county).await.expect(200).json();
    assert_eq!(staff["items"][0]["email"], ANNE);
    assert!(staff["items"][0].get("lastSignInAt").is_none(), "{staff}");
    let key = store::keys::account(&ANNE.parse().unwrap());
    let noted = json!({
        "TableName": "Table", "Key": { "pk": { "S": key.pk }, "sk": { "S": key.sk } },
        "UpdateExpression": "SET lastSignInAt = :at",
        "ExpressionAttributeValues": { ":at": { "S": "2026-11-24T08:00:00Z" } },
    });
    engine::call(&desk.local().dynamodb_url(), "UpdateItem", &noted).await;
    let staff = desk.get("/staff", &county).await.expect(200).json();
    assert_eq!(staff["items"][0]["lastSignInAt"], "2026-11-24T08:00:00Z");
}
