//! Who may come in, and who is kept out: idle sessions, waits, foreign pages, links, and what the log says of it
//! (requirements S3, S5, S6, S7, S10).

use std::{collections::BTreeMap, fs};

use futures_util::future::join_all;
use jiff::SignedDuration;
use local::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{BEGINNING, COUNTY, Desk, PASSWORD, Reply, camille, logged, root};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

async fn sign_in(desk: &Desk, email: &str, password: &str) -> Reply {
    desk.open_post("/sessions", &json!({ "email": email, "password": password })).await
}

async fn five_wrong(desk: &Desk, email: &str) {
    for _ in 0..5 {
        sign_in(desk, email, "Faux-Faux-77!").await.problem(401, "bad-credentials");
    }
}

/// Opens a desk that admits three failed sign-ins, and three reset requests, of a network in 10 minutes.
async fn strict() -> Desk {
    let parameters = [("SourceLimit", "3"), ("AllowedOrigins", "https://www.oise.example,https://b.example")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Desk::open_with(Options { now: Some(BEGINNING.parse().unwrap()), parameters, ..Options::default() }).await
}

/// Returns the log lines of one account, as JSON.
fn lines_of(email: &str) -> Vec<Value> {
    let account = store::keys::pseudonym(&email.parse().unwrap());
    let lines: Vec<Value> = logged().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    lines.into_iter().filter(|line| line["span"]["account"] == account.as_str()).collect()
}

fn counted(desk: &Desk) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in desk.emitted() {
        let line: Value = serde_json::from_str(&line).unwrap();
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap() {
            *counts.entry(metric["Name"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    counts
}

#[tokio::test]
async fn s3_staff_s_session_ends_an_hour_after_its_last_request() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let other_tab = desk.sign_in(&marie.email).await;
    for _ in 0..3 {
        desk.pass(HOUR - MINUTE).await;
        desk.get("/libraries", &marie).await.expect(200);
    }
    for idle in [&county, &other_tab] {
        desk.get("/me", idle).await.problem(401, "not-signed-in");
    }
    desk.pass(HOUR - SignedDuration::from_secs(1)).await;
    desk.get("/registrations", &marie).await.expect(200);
    desk.pass(HOUR).await;
    desk.get("/registrations", &marie).await.problem(401, "not-signed-in");
    desk.get("/registrations", &desk.sign_in(&marie.email).await).await.expect(200);
}

#[tokio::test]
async fn s3_a_patron_s_session_does_not_end_when_idle() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.register(&marie, "camille@orange.example").await;
    let patron = desk.arrive("camille@orange.example").await;
    desk.pass(HOUR * 24 - SignedDuration::from_secs(1)).await;
    desk.get("/me", &patron).await.expect(200);
    desk.pass(SignedDuration::from_secs(1)).await;
    desk.get("/me", &patron).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn s3_an_idle_session_stays_over_without_the_role() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let mut herself = camille();
    (herself["email"], herself["household"]) = (json!(marie.email), json!(true));
    desk.post("/registrations", &marie, &herself).await.expect(201);
    for _ in 0..2 {
        desk.pass(MINUTE * 31).await;
        desk.get("/me", &county).await.expect(200);
    }
    desk.get("/me", &marie).await.problem(401, "not-signed-in");
    desk.confirm(&county).await;
    desk.delete(&format!("/staff/{}", marie.email), &county).await.expect(204);
    desk.get("/me", &marie).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn s3_a_use_at_the_same_time_as_sign_out_does_not_reopen() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.pass(MINUTE * 2).await;
    let (uses, out) =
        tokio::join!(join_all((0..20).map(|_| desk.get("/me", &marie))), desk.delete("/sessions/current", &marie));
    out.expect(204);
    assert!(uses.iter().all(|used| [200, 401].contains(&used.status)), "{uses:?}");
    desk.get("/me", &marie).await.problem(401, "not-signed-in");
    let sessions: Vec<_> = desk.items().await.into_iter().filter(|item| item["until"].is_string()).collect();
    let pseudonym = store::keys::pseudonym(&marie.email.parse().unwrap());
    assert!(!sessions.iter().any(|item| item["pk"] == format!("SESSION#{pseudonym}")), "{sessions:?}");
}

#[tokio::test]
async fn s5_the_owner_is_mailed_at_the_first_wait_of_a_day() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for email in [&marie.email, "personne@orange.example"] {
        five_wrong(&desk, email).await;
        desk.pass(MINUTE).await;
        sign_in(&desk, email, "Faux-Faux-77!").await.expect(401);
    }
    let told = async || desk.mails_to(&marie.email, "sign-in-waits").await;
    let [mail] = &told().await[..] else { panic!("one message, at the first wait") };
    let text = mail["text"].as_str().unwrap();
    let way_out = format!("\n{}\n", desk.url("/portail/mot-de-passe-oublie"));
    assert!(text.contains(&way_out), "{text}");
    assert!(desk.mails_to("personne@orange.example", "sign-in-waits").await.is_empty());
    desk.pass(HOUR).await;
    five_wrong(&desk, &marie.email).await;
    assert_eq!(told().await.len(), 1, "another wait of the same day");
    desk.pass(HOUR * 24).await;
    five_wrong(&desk, &marie.email).await;
    assert_eq!(told().await.len(), 2, "the next day");
}

#[tokio::test]
async fn s5_fifty_wrong_ones_at_once_mail_once() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    join_all((0..50).map(|_| sign_in(&desk, &marie.email, "Faux-Faux-77!"))).await;
    assert_eq!(desk.mails_to(&marie.email, "sign-in-waits").await.len(), 1);
}

#[tokio::test]
async fn s5_a_used_link_gives_its_request_back() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.pass(HOUR).await;
    let ask = async || desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    for _ in 0..2 {
        ask().await;
    }
    // An attacker has used two of three. The owner is kept out four times, and comes in again each time.
    for n in 0..4 {
        let before = desk.mails_to(&marie.email, "password-link").await.len();
        desk.choose_password(&marie.email, &format!("Nouvelle-Girafe-{n}!")).await;
        assert_eq!(desk.mails_to(&marie.email, "password-link").await.len(), before + 1);
    }
    ask().await;
    let links = desk.mails_to(&marie.email, "password-link").await.len();
    ask().await;
    assert_eq!(desk.mails_to(&marie.email, "password-link").await.len(), links, "unused ones count");
}

#[tokio::test]
async fn s5_the_county_sees_a_marked_address_of_staff() {
    let desk = Desk::open().await;
    let (county, _) = desk.staffed().await;
    let role = json!({ "displayName": "Léa", "role": "librarian", "libraryIds": ["LI10511"] });
    desk.put("/staff/lea@rebond.example", &county, &role).await.expect(201);
    let state = async || {
        let staff = desk.get("/staff", &county).await.expect(200).json();
        let lea = staff["items"].as_array().unwrap().iter().find(|one| one["email"] == "lea@rebond.example").cloned();
        lea.expect("listed")["mailState"].clone()
    };
    assert_eq!(state().await, Value::Null);
    desk.open_post("/password-resets", &json!({ "email": "lea@rebond.example" })).await.expect(202);
    desk.mails().await;
    assert_eq!(state().await, "bounced");
    desk.put("/staff/lea@rebond.example", &county, &role).await.expect(200);
    assert_eq!(state().await, Value::Null);
}

#[tokio::test]
async fn s6_each_step_is_logged_by_pseudonyms() {
    let desk = Desk::open().await;
    let (county, _) = desk.staffed().await;
    let email = "journal@fleury.example";
    let journal = desk.librarian(&county, email, &["LI10511"]).await;
    sign_in(&desk, email, "Faux-Faux-77!").await.expect(401);
    desk.get("/registrations/000000000000000000000000", &journal).await.expect(404);
    desk.get("/staff", &journal).await.expect(403);
    desk.post("/registrations", &journal, &camille()).await.expect(201);
    desk.post("/registrations", &journal, &camille()).await.expect(409);
    desk.delete("/sessions/current", &journal).await.expect(204);
    five_wrong(&desk, email).await;
    let lines = lines_of(email);
    let said = |message: &str| lines.iter().filter(|line| line["fields"]["message"] == message).count();
    for (message, times) in [
        ("a password link was requested", 1),
        ("a password was chosen by a link", 1),
        ("signed in", 1),
        ("sign-in has to wait", 1),
        ("signed out", 1),
    ] {
        assert_eq!(said(message), times, "{message}");
    }
    let refused = |status: u16| {
        lines.iter().filter(|line| line["fields"]["message"] == "refused" && line["fields"]["status"] == status).count()
    };
    assert_eq!([401, 403, 404, 409].map(refused), [6, 1, 1, 1]);
    let networks: Vec<_> = lines.iter().map(|line| line["span"]["network"].as_str().unwrap_or_default()).collect();
    assert!(networks.iter().all(|network| network.len() == 16 && *network == networks[0]), "{networks:?}");
    assert!(!lines.iter().any(|line| line.to_string().contains("127.0.0.1")));
}

#[tokio::test]
async fn s6_the_log_s_key_is_made_once_and_differs_between_desks() {
    let key = async |desk: &Desk| {
        let keys: Vec<_> = desk.items().await.into_iter().filter(|item| item["pk"] == "LOGKEY").collect();
        let [key] = &keys[..] else { panic!("one key: {keys:?}") };
        key["secret"].clone()
    };
    let (one, other) = (Desk::open().await, Desk::open().await);
    for desk in [&one, &other] {
        let addresses: Vec<_> = (0..10).map(|n| format!("a{n}@orange.example")).collect();
        join_all(addresses.iter().map(|email| sign_in(desk, email, PASSWORD))).await;
    }
    let first = key(&one).await;
    one.county().await;
    assert_eq!(key(&one).await, first);
    assert_ne!(key(&other).await, first);
}

#[tokio::test]
async fn s6_refusals_waits_and_probes_are_counted() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.post("/registrations", &marie, &camille()).await.expect(201);
    let before = counted(&desk);
    let brother = {
        let mut form = camille();
        form["firstName"] = json!("Sacha");
        form
    };
    desk.post("/registrations", &marie, &brother).await.problem(409, "address-shared");
    desk.post("/registrations", &marie, &camille()).await.problem(409, "already-registered");
    desk.get("/staff", &marie).await.expect(403);
    desk.get("/registrations/000000000000000000000000", &marie).await.expect(404);
    desk.get("/registrations?limit=0", &marie).await.expect(400);
    desk.open_get("/registrations").await.expect(401);
    five_wrong(&desk, COUNTY).await;
    let after = counted(&desk);
    let more = |name: &str| after.get(name).unwrap_or(&0) - before.get(name).unwrap_or(&0);
    let names = ["Refusals", "AddressProbes", "SignInsRefused", "SignInWaits", "SignIns"];
    assert_eq!(names.map(more), [4, 1, 5, 1, 0]);
}

#[tokio::test]
async fn s7_only_failed_sign_ins_and_reset_requests_count_each_apart() {
    let desk = strict().await;
    desk.county().await;
    for _ in 0..10 {
        sign_in(&desk, COUNTY, PASSWORD).await.expect(201);
        desk.open_get("/password-resets/x").await.expect(204);
        let choice = json!({ "password": PASSWORD });
        desk.open_put("/password-resets/x", &choice).await.problem(404, "reset-link-dead");
        desk.open_post("/sessions", &json!({ "email": COUNTY })).await.expect(422);
    }
    for n in 0..3 {
        sign_in(&desk, &format!("a{n}@orange.example"), PASSWORD).await.expect(401);
    }
    let full = sign_in(&desk, COUNTY, PASSWORD).await;
    assert_eq!(full.header("retry-after"), "600");
    full.problem(429, "too-many-requests");
    let ask = async || desk.open_post("/password-resets", &json!({ "email": "a@orange.example" })).await;
    // One was asked for when the county arrived.
    for _ in 0..2 {
        ask().await.expect(202);
    }
    ask().await.problem(429, "too-many-requests");
    desk.pass(MINUTE * 10).await;
    sign_in(&desk, COUNTY, PASSWORD).await.expect(201);
    ask().await.expect(202);
}

/// Passes an event to its function, with one more header. Returns status and problem code. The local desk's own door
/// would refuse foreign origins before that.
async fn at_the_function(desk: &Desk, function: &str, case: &str, header: (&str, &str)) -> (u16, Option<String>) {
    let event = fs::read_to_string(root().join(format!("events/{function}/{case}.json"))).unwrap();
    let mut event: Value = serde_json::from_str(&event).unwrap();
    event["headers"][header.0] = json!(header.1);
    let request = edge::request(&event.to_string()).unwrap();
    let handler = local::function(function, desk.local().runtime(function).unwrap()).unwrap();
    let answer = handler(request).await;
    let body: Value = serde_json::from_slice(answer.body().as_ref()).unwrap_or_default();
    (answer.status().as_u16(), body["type"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn s7_a_page_of_another_site_can_neither_count_nor_sign_in() {
    let desk = strict().await;
    desk.seed_county().await;
    for (function, case) in
        [("session", "bad-credentials"), ("password", "ask"), ("password", "dead-link"), ("password", "open-link")]
    {
        for header in [
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-mode", "navigate"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "https://www.oise.example.evil.example"),
            ("origin", "https://b.example:8443"),
            ("origin", "https://desk.example.evil.example"),
        ] {
            let answer = at_the_function(&desk, function, case, header).await;
            assert_eq!(answer, (403, Some("urn:problem:foreign-site".to_owned())), "{case} {header:?}");
        }
        let (status, _) = at_the_function(&desk, function, case, ("content-type", "text/plain")).await;
        assert!([204, 404, 415].contains(&status), "{case}: {status}");
    }
    let image = desk.request(Method::POST, "/sessions").header("Sec-Fetch-Mode", "no-cors");
    Reply::of(image.json(&json!({}))).await.problem(403, "foreign-site");
    assert!(!desk.dump().await.contains("SOURCE#"), "nothing was counted");
    for origin in ["https://desk.example", "https://www.oise.example", "https://b.example"] {
        let header = ("origin", origin);
        assert_eq!(at_the_function(&desk, "session", "bad-credentials", header).await.0, 401, "{origin}");
    }
    assert!(desk.dump().await.contains("SOURCE#"));
}

#[tokio::test]
async fn s10_a_link_bears_twenty_refused_passwords() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    let path = format!("/password-resets/{}", desk.link_token(&marie.email).await);
    let weak = json!({ "password": "Médiathèque1!" });
    let tries = join_all((0..25).map(|_| desk.open_put(&path, &weak))).await;
    let of = |status: u16| tries.iter().filter(|reply| reply.status == status).count();
    assert_eq!((of(422), of(404)), (20, 5));
    desk.open_put(&path, &json!({ "password": "Nouvelle-Girafe-42!" })).await.problem(404, "reset-link-dead");
    desk.choose_password(&marie.email, "Nouvelle-Girafe-42!").await;
}
