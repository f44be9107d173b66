//! Checks that each function uses exactly the permissions that its role in `template.yaml` grants, down to the kind of
//! partition: a grant to read `ACCOUNT#…` includes neither writing it nor reading `LINK#…`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use local::Options;
use reqwest::Method;
use serde_json::json;

use crate::support::{
    BEGINNING, COUNTY, Desk, FLEURY, PASSWORD, Reply, Session, camille,
    iam::{Granted, Recorder, granted},
    with,
};

#[tokio::test]
async fn ap10_each_function_is_granted_what_it_does_and_no_more() {
    let recorder = Recorder::default();
    // Each workbook is too large for an answer.
    let parameters = BTreeMap::from([("LargestAnswer".to_owned(), "0".to_owned())]);
    let now = Some(BEGINNING.parse().unwrap());
    let options =
        || Options { now, rewire: Some(recorder.rewire()), parameters: parameters.clone(), ..Options::default() };
    everything_that_functions_do(&Desk::open_with(options()).await).await;
    // The first call of a desk makes the key of its log, the first call of a function's process reads it.
    let desk = Desk::open_with(options()).await;
    desk.open_post("/sessions", &json!({ "email": COUNTY, "password": PASSWORD })).await.expect(401);
    let desk = Desk::open_with(options()).await;
    desk.seed_county().await;
    desk.get("/me", &desk.seed_session(COUNTY).await).await.expect(200);
    let (called, granted) = (recorder.called(), granted());
    let refused = called.iter().filter(|called| !granted.iter().any(|granted| granted.allows(called)));
    let refused: BTreeSet<_> = refused.map(ToString::to_string).collect();
    let idle = granted.iter().flat_map(Granted::apart).filter(|one| !called.iter().any(|call| one.is_used_by(call)));
    let idle: BTreeSet<_> = idle.map(|one| one.to_string()).collect();
    assert_eq!((refused, idle), (BTreeSet::new(), BTreeSet::new()), "called and not granted; granted and not called");
}

async fn everything_that_functions_do(desk: &Desk) {
    let (county, marie) = desk.staffed().await;
    each_use_is_noted(desk, &marie).await;
    a_second_factor(desk, &marie).await;
    desk.put("/staff/x@oise.example", &county, &json!({ "displayName": "X", "role": "county" })).await.expect(201);
    let demoted = json!({ "displayName": "X", "role": "librarian", "libraryIds": ["LI10511"] });
    desk.put("/staff/x@oise.example", &county, &demoted).await.expect(200);
    desk.delete("/staff/x@oise.example", &county).await.expect(204);
    for path in ["/staff", "/libraries", "/resources"] {
        desk.get(path, &county).await.expect(200);
    }
    let (id, etag) = desk.register_as(&marie, &with(camille(), "password", "Zèbre-Cactus-77?")).await;
    let path = format!("/registrations/{id}");
    let provisional = json!({ "email": "camille.exemple@orange.example", "password": "Zèbre-Cactus-77?" });
    // Beyond three links an hour, a decoy is written instead of a message.
    for _ in 0..4 {
        desk.open_post("/sessions", &provisional).await.expect(403);
    }
    desk.post("/registrations", &marie, &camille()).await.expect(409);
    desk.put("/staff/camille.exemple@orange.example", &county, &demoted).await.expect(201);
    let once = desk.request(Method::POST, "/registrations").bearer_auth(&marie.token).header("Idempotency-Key", "k");
    Reply::of(once.json(&with(camille(), "email", "une-fois@orange.example"))).await.expect(201);
    desk.open_post("/password-resets", &json!({ "email": "personne@orange.example" })).await.expect(202);
    desk.patch(&path, &marie, &etag, &json!({ "email": "autre@orange.example" })).await.expect(200);
    a_household(desk, &marie, "autre@orange.example").await;
    // An account with an open link ends when its only registration moves.
    let (leaves, _) = desk.register(&marie, "part@orange.example").await;
    desk.open_post("/password-resets", &json!({ "email": "part@orange.example" })).await.expect(202);
    desk.link_token("part@orange.example").await;
    let elsewhere = json!({ "email": "loin@orange.example" });
    desk.patch(&format!("/registrations/{leaves}"), &marie, "*", &elsewhere).await.expect(200);
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    desk.patch(&path, &marie, "*", &json!({ "firstName": "Camilla" })).await.expect(200);
    desk.open_post("/password-resets", &json!({ "email": "autre@orange.example" })).await.expect(202);
    let link = format!("/password-resets/{}", desk.link_token("autre@orange.example").await);
    for (password, status) in [("trop court", 422), (PASSWORD, 204)] {
        desk.open_put(&link, &json!({ "password": password })).await.expect(status);
    }
    desk.weaken_hash("autre@orange.example").await;
    let patron = desk.sign_in("autre@orange.example").await;
    desk.get("/me", &patron).await.expect(200);
    desk.delete("/sessions/current", &patron).await.expect(204);
    for by in [&marie, &county] {
        for query in ["", "?sort=-registeredOn", "?q=0042"] {
            desk.get(&format!("/registrations{query}"), by).await.expect(200);
            desk.get(&format!("/registrations.xlsx{query}"), by).await.expect(303);
        }
    }
    desk.get("/registrations.xlsx?q=autre@orange.example", &county).await.expect(303);
    desk.get("/registrations?libraryId=LI10511", &county).await.expect(200);
    for end in ["", "/history", "/mails", "/data"] {
        desk.get(&format!("{path}{end}"), &marie).await.expect(200);
    }
    desk.register(&marie, "oubli@orange.example").await;
    let (bouncing, _) = desk.register(&marie, "retour@rebond.example").await;
    desk.act(&format!("/registrations/{bouncing}/activation"), &marie).await.expect(200);
    assert_eq!(desk.mails_to("retour@rebond.example", "activation").await.len(), 1);
    // Entered again as staff, the address is no longer marked. Removed with an open link, the account ends.
    desk.put("/staff/retour@rebond.example", &county, &demoted).await.expect(201);
    desk.put("/staff/y@oise.example", &county, &demoted).await.expect(201);
    desk.open_post("/password-resets", &json!({ "email": "y@oise.example" })).await.expect(202);
    desk.link_token("y@oise.example").await;
    desk.delete("/staff/y@oise.example", &county).await.expect(204);
    desk.pass_days(8).await;
    // Concurrent runs: the one that loses a transaction reads again what is still due.
    futures_util::future::join_all((0..4).map(|_| desk.escalate())).await;
    // A draft whose job has died is sent as it is, here on a later day than its marks.
    let store = desk.store();
    let message = domain::message::Message::LibraryDigest { library_id: FLEURY.parse().unwrap() };
    let draft = store::Digest { message_id: "left".into(), message, at: desk.now(), continued: false };
    let marie = desk.sign_in(&marie.email).await;
    let (late, _) = desk.register(&marie, "brouillon@orange.example").await;
    let before = store.registration(&late.parse().unwrap()).await.unwrap().unwrap();
    let after = before.registration.warned(domain::calendar::day_in_paris(desk.now()));
    let mark = store::Mark { before, after, action: domain::history::Action::Warned };
    store.add_to_digest(&draft, &[mark], false).await.unwrap();
    desk.pass_days(2).await;
    desk.escalate().await;
    assert_eq!(desk.mails_to("fleury@oise.example", "library-digest").await.len(), 2);
    assert_eq!(desk.mails_to(COUNTY, "county-digest").await.len(), 1);
    desk.pass_days(365).await;
    let marie = desk.sign_in(&marie.email).await;
    for id in [&id, &late] {
        desk.act(&format!("/registrations/{id}/renewal"), &marie).await.expect(200);
    }
    desk.open_post("/password-resets", &json!({ "email": "autre@orange.example" })).await.expect(202);
    assert!(!desk.link_token("autre@orange.example").await.is_empty());
    // The first leaves the household, and the last takes the account along, with a session.
    desk.sign_in("autre@orange.example").await;
    desk.delete(&path, &marie).await.expect(204);
    for id in desk.get("/registrations?q=exemple", &marie).await.column("id") {
        let of = desk.get(&format!("/registrations/{id}"), &marie).await.expect(200).json();
        if of["email"] == "autre@orange.example" {
            desk.delete(&format!("/registrations/{id}"), &marie).await.expect(204);
        }
    }
    a_household(desk, &marie, "oubli@orange.example").await;
    desk.arrive("oubli@orange.example").await;
    // The account's newest link was never used.
    desk.open_post("/password-resets", &json!({ "email": "oubli@orange.example" })).await.expect(202);
    desk.link_token("oubli@orange.example").await;
    desk.pass_days(800).await;
    assert_ne!(desk.run("purge").await, json!({ "erased": 0 }));
    // While there is no county account, the reset of its address makes it the county's.
    desk.demote(COUNTY).await;
    desk.open_post("/password-resets", &json!({ "email": COUNTY })).await.expect(202);
}

/// Calls each function for staff a minute after the last use of the session.
async fn each_use_is_noted(desk: &Desk, marie: &Session) {
    let (id, _) = desk.register(marie, "usage@orange.example").await;
    let path = format!("/registrations/{id}");
    for (method, path) in [
        (Method::GET, "/me".to_owned()),
        (Method::GET, "/libraries".to_owned()),
        (Method::GET, path.clone()),
        (Method::POST, "/registrations".to_owned()),
        (Method::GET, "/registrations.xlsx".to_owned()),
        (Method::PATCH, path.clone()),
        (Method::POST, format!("{path}/renewal")),
        (Method::POST, format!("{path}/activation")),
        (Method::DELETE, path),
    ] {
        desk.pass(SignedDuration::from_mins(1)).await;
        let reply = Reply::of(desk.request(method, &path).bearer_auth(&marie.token)).await;
        assert!(reply.status < 500 && reply.status != 401, "{path}: {}", reply.status);
    }
}

/// Registers another person under an address that has an account, twice under one idempotency key.
async fn a_household(desk: &Desk, marie: &Session, email: &str) {
    let form = with(with(with(camille(), "email", email), "firstName", "Zoé"), "household", true);
    for _ in 0..2 {
        let request = desk.request(Method::POST, "/registrations").bearer_auth(&marie.token);
        Reply::of(request.header("Idempotency-Key", email).json(&form)).await.expect(201);
    }
}

/// Enrols a second factor, signs in with it, confirms, and removes it.
async fn a_second_factor(desk: &Desk, holder: &Session) {
    let app = desk.enrol(holder).await;
    desk.get("/sessions", holder).await.expect(200);
    let again = Session::opened_by(&desk.sign_in_with(&holder.email, &app.recovery[0]).await.expect(201));
    let confirmation = json!({ "password": PASSWORD, "code": app.recovery[1] });
    desk.post("/sessions/current/confirmation", &again, &confirmation).await.expect(204);
    desk.delete("/me/second-factor", holder).await.expect(204);
}
