//! The second factor: enrolled, used, replaced, lost (requirements AP15; security, "Second factor and confirmation").

use futures_util::future::join_all;
use jiff::SignedDuration;
use local::Options;
use serde_json::json;

use crate::support::{App, BEGINNING, COUNTY, Desk, PASSWORD, Session, camille, with};

/// How long a code is good.
pub(super) const STEP: SignedDuration = SignedDuration::from_secs(30);

/// Opens a desk whose county accounts must have a second factor.
pub(super) async fn strict() -> Desk {
    let parameters = [("CountySecondFactor".to_owned(), "Required".to_owned())].into();
    Desk::open_with(Options { now: Some(BEGINNING.parse().unwrap()), parameters, ..Options::default() }).await
}

/// Signs in with the app's next code.
pub(super) async fn sign_in(desk: &Desk, email: &str, app: &App) -> Session {
    desk.pass(STEP).await;
    Session::opened_by(&desk.sign_in_with(email, &app.code(desk.now())).await.expect(201))
}

async fn me(desk: &Desk, session: &Session) -> (bool, bool) {
    let me = desk.get("/me", session).await.expect(200).json();
    let flag = |name: &str| me["secondFactor"][name] == true;
    (flag("enrolled"), flag("required"))
}

#[tokio::test]
async fn ap15_an_enrolled_account_signs_in_with_a_code() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    assert_eq!(me(&desk, &marie).await, (false, false));
    let app = desk.enrol(&marie).await;
    assert_eq!(me(&desk, &marie).await, (true, false));
    desk.pass(STEP).await;
    desk.try_to_sign_in(&marie.email).await.problem(401, "second-factor-needed");
    desk.sign_in_with(&marie.email, "000000").await.problem(401, "bad-credentials");
    let again = sign_in(&desk, &marie.email, &app).await;
    assert_eq!(me(&desk, &again).await, (true, false));
}

#[tokio::test]
async fn ap15_a_code_opens_one_session_of_many_at_once() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let app = desk.enrol(&marie).await;
    desk.sign_in_with(&marie.email, &app.code(desk.now())).await.problem(401, "bad-credentials");
    desk.pass(STEP).await;
    let code = app.code(desk.now());
    let tries = join_all((0..4).map(|_| desk.sign_in_with(&marie.email, &code))).await;
    assert_eq!(tries.iter().filter(|reply| reply.status == 201).count(), 1);
    assert!(tries.iter().all(|reply| [201, 401].contains(&reply.status)));
}

#[tokio::test]
async fn ap15_a_recovery_code_is_good_once() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let app = desk.enrol(&marie).await;
    assert_eq!(app.recovery.len(), 10);
    let typed = app.recovery[3].to_uppercase().replace('-', " ");
    desk.sign_in_with(&marie.email, &typed).await.expect(201);
    desk.sign_in_with(&marie.email, &app.recovery[3]).await.problem(401, "bad-credentials");
    desk.sign_in_with(&marie.email, &app.recovery[4]).await.expect(201);
    let dump = desk.dump().await;
    for code in &app.recovery {
        assert!(!dump.contains(code) && !dump.contains(&code.replace('-', "")), "{code} is stored");
    }
}

#[tokio::test]
async fn ap15_a_wrong_code_counts_as_a_wrong_password() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let app = desk.enrol(&marie).await;
    desk.pass(STEP).await;
    // A right password without a code is counted as well.
    desk.try_to_sign_in(&marie.email).await.problem(401, "second-factor-needed");
    for _ in 0..4 {
        desk.sign_in_with(&marie.email, "000000").await.problem(401, "bad-credentials");
    }
    desk.sign_in_with(&marie.email, &app.code(desk.now())).await.problem(401, "bad-credentials");
    assert_eq!(desk.mails_to(&marie.email, "sign-in-waits").await.len(), 1);
    desk.pass(SignedDuration::from_secs(60)).await;
    desk.sign_in_with(&marie.email, &app.code(desk.now())).await.expect(201);
}

#[tokio::test]
async fn ap15_a_malformed_code_is_named_and_not_counted() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let app = desk.enrol(&marie).await;
    desk.pass(STEP).await;
    for _ in 0..6 {
        let faults = desk.sign_in_with(&marie.email, "12345").await.faults();
        assert_eq!(faults, ["/code invalid-code"]);
    }
    desk.sign_in_with(&marie.email, &app.code(desk.now())).await.expect(201);
}

#[tokio::test]
async fn ap15_enrolling_ends_the_account_s_other_sessions() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let other = desk.sign_in(&marie.email).await;
    desk.enrol(&marie).await;
    desk.get("/me", &other).await.problem(401, "not-signed-in");
    desk.get("/me", &marie).await.expect(200);
}

#[tokio::test]
async fn ap15_an_enrolment_waits_an_hour_for_its_code() {
    let desk = Desk::open().await;
    let (county, _) = desk.staffed().await;
    let first = json!({ "code": "123456" });
    desk.put("/me/second-factor", &county, &first).await.problem(409, "enrolment-missing");
    let begun = desk.act("/me/second-factor", &county).await.expect(200).json();
    let app = App::with(begun["secret"].as_str().unwrap());
    assert!(begun["uri"].as_str().unwrap().contains(begun["secret"].as_str().unwrap()));
    assert_eq!(
        desk.put("/me/second-factor", &county, &json!({ "code": "000000" })).await.faults(),
        ["/code wrong-code"]
    );
    // Nothing is wanted before the first code.
    desk.sign_in(COUNTY).await;
    desk.pass(SignedDuration::from_mins(59)).await;
    desk.get("/me", &county).await.expect(200);
    desk.pass(SignedDuration::from_mins(1)).await;
    let code = json!({ "code": app.code(desk.now()) });
    desk.put("/me/second-factor", &county, &code).await.problem(409, "enrolment-missing");
}

#[tokio::test]
async fn ap15_a_new_phone_replaces_the_old_one() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let old = desk.enrol(&marie).await;
    desk.pass(STEP).await;
    let new = desk.enrol(&marie).await;
    desk.pass(STEP).await;
    desk.sign_in_with(&marie.email, &old.code(desk.now())).await.problem(401, "bad-credentials");
    desk.sign_in_with(&marie.email, &old.recovery[0]).await.problem(401, "bad-credentials");
    desk.sign_in_with(&marie.email, &new.code(desk.now())).await.expect(201);
}

#[tokio::test]
async fn ap15_where_it_is_required_the_county_first_enrols() {
    let desk = strict().await;
    let county = desk.arrive(COUNTY).await;
    assert_eq!(me(&desk, &county).await, (false, true));
    for path in ["/libraries", "/resources", "/staff", "/registrations"] {
        desk.get(path, &county).await.problem(403, "second-factor-required");
    }
    desk.get("/sessions", &county).await.expect(200);
    desk.delete("/me/second-factor", &county).await.problem(409, "county-second-factor");
    let app = desk.enrol(&county).await;
    desk.get("/libraries", &county).await.expect(200);
    desk.delete("/me/second-factor", &county).await.problem(409, "county-second-factor");
    let again = sign_in(&desk, COUNTY, &app).await;
    desk.get("/staff", &again).await.expect(200);
    assert_eq!(me(&desk, &again).await, (true, true));
}

#[tokio::test]
async fn ap15_where_it_is_required_librarians_may_do_without() {
    let desk = strict().await;
    let county = desk.arrive(COUNTY).await;
    desk.enrol(&county).await;
    let library = json!({ "name": "Bibliothèque", "town": "Fleury", "postalCode": "60240" });
    desk.put("/libraries/LI10511", &county, &library).await.expect(201);
    let marie = desk.librarian(&county, "marie@fleury.example", &["LI10511"]).await;
    desk.get("/libraries", &marie).await.expect(200);
    assert_eq!(me(&desk, &marie).await, (false, false));
}

#[tokio::test]
async fn ap15_taking_it_off_ends_the_other_sessions() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let app = desk.enrol(&marie).await;
    let other = Session::opened_by(&desk.sign_in_with(&marie.email, &app.recovery[0]).await.expect(201));
    desk.delete("/me/second-factor", &marie).await.expect(204);
    desk.delete("/me/second-factor", &marie).await.expect(204);
    desk.get("/me", &other).await.problem(401, "not-signed-in");
    assert_eq!(me(&desk, &marie).await, (false, false));
    desk.sign_in(&marie.email).await;
}

#[tokio::test]
async fn ap15_a_new_password_leaves_it_in_place() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let app = desk.enrol(&marie).await;
    desk.pass(STEP).await;
    desk.choose_password(&marie.email, PASSWORD).await;
    desk.try_to_sign_in(&marie.email).await.problem(401, "second-factor-needed");
    desk.sign_in_with(&marie.email, &app.code(desk.now())).await.expect(201);
}

#[tokio::test]
async fn ap15_it_ends_with_its_account() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.enrol(&marie).await;
    let factors = async || desk.items().await.iter().filter(|item| item["sk"] == "FACTOR").count();
    assert_eq!(factors().await, 1);
    desk.delete(&format!("/staff/{}", marie.email), &county).await.expect(204);
    assert_eq!(factors().await, 0);
    desk.librarian(&county, &marie.email, &["LI10511"]).await;
}

#[tokio::test]
async fn ap15_a_colleague_takes_a_lost_one_off() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.enrol(&marie).await;
    let path = format!("/staff/{}/second-factor", marie.email);
    desk.delete(&format!("/staff/{COUNTY}/second-factor"), &county).await.problem(409, "own-account");
    desk.delete("/staff/personne@oise.example/second-factor", &county).await.problem(404, "not-found");
    desk.delete(&path, &marie).await.problem(403, "forbidden");
    desk.delete(&path, &county).await.expect(204);
    desk.get("/me", &marie).await.problem(401, "not-signed-in");
    desk.sign_in(&marie.email).await;
    // Once more changes nothing.
    desk.delete(&path, &county).await.expect(204);
    let lines = desk.get("/directory/history", &county).await.expect(200).column("action");
    assert_eq!(lines.iter().filter(|action| *action == "second-factor-removed").count(), 1, "{lines:?}");
    for to in [COUNTY, &marie.email] {
        let mails = desk.mails_to(to, "directory-changed").await;
        assert!(mails.iter().any(|mail| mail["text"].as_str().unwrap().contains("double authentification")), "{to}");
    }
}

#[tokio::test]
async fn ap15_a_patron_who_leaves_the_staff_needs_no_code() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let own = with(with(camille(), "email", marie.email.as_str()), "household", true);
    desk.register_as(&marie, &own).await;
    desk.enrol(&marie).await;
    desk.delete(&format!("/staff/{}", marie.email), &county).await.expect(204);
    desk.sign_in(&marie.email).await;
}
