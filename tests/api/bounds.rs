//! Bounds of what callers send, and of what is answered (security S21).

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::{BEGINNING, Desk, Meter, Reply, camille, with};
use local::Options;

/// The greatest number of faults in one answer.
const FAULTS: usize = 20;

#[tokio::test]
async fn s21_unknown_keys_by_the_thousand_get_a_short_answer() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let many: Map<String, Value> = (0..6_000).map(|n| (format!("f{n}"), json!(0))).collect();
    assert!(json!(many).to_string().len() > 58_000);
    let reply = desk.post("/registrations", &marie, &json!(many)).await;
    assert!(reply.body.len() < 8_000, "{} bytes", reply.body.len());
    let problem = reply.clone().problem(422, "invalid-fields");
    assert!(problem["detail"].as_str().unwrap().contains("d’autres"), "{problem}");
    let faults = reply.faults();
    assert_eq!(faults.len(), FAULTS);
    // The form's own fields come first.
    assert!(faults.contains(&"/libraryId required".to_owned()), "{faults:?}");
    let long = Map::from_iter([("x".repeat(50_000), json!(0))]);
    let reply = desk.post("/registrations", &marie, &json!(long)).await.expect(422);
    assert!(reply.body.len() < 8_000, "{} bytes", reply.body.len());
}

#[tokio::test]
async fn s21_a_list_that_is_too_long_reads_nothing() {
    let meter = Meter::default();
    let now = Some(BEGINNING.parse().unwrap());
    let desk = Desk::open_with(Options { now, rewire: Some(meter.rewire()), ..Options::default() }).await;
    let (county, marie) = desk.staffed().await;
    let many = |start: &str| (0..3_000).map(|n| format!("{start}{n}")).collect::<Vec<_>>();
    meter.taken_by("register");
    desk.get("/me", &marie).await.expect(200);
    let known = meter.taken_by("session").calls;
    let resources = with(camille(), "resources", many("r"));
    assert_eq!(desk.post("/registrations", &marie, &resources).await.faults(), ["/resources too-many"]);
    // The session and its account; the library.
    assert_eq!(meter.taken_by("register").calls, 2, "{known}");
    let staff = json!({ "displayName": "Paul Lecture", "role": "librarian", "libraryIds": many("LI") });
    assert_eq!(desk.put("/staff/paul@oise.example", &county, &staff).await.faults(), ["/libraryIds too-many"]);
    assert_eq!(meter.taken_by("directory").calls, 1);
}

#[tokio::test]
async fn s21_an_address_with_parameters_is_no_address() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    for email in ["a?bcc=x@y.example", "a&cc=x@y.example", "a%0d%0abcc@y.example", "a#x@y.example", "a/b@y.example"] {
        let library = json!({ "name": "Bibliothèque", "town": "Fleury", "postalCode": "60240", "email": email });
        assert_eq!(desk.put("/libraries/LI10511", &county, &library).await.faults(), ["/email invalid-email"]);
        let form = with(camille(), "email", email);
        assert_eq!(desk.post("/registrations", &marie, &form).await.faults(), ["/email invalid-email"]);
    }
}

#[tokio::test]
async fn s21_a_resource_s_address_leads_where_it_says() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    for url in
        ["https://musicme.example@evil.example/", "https://musicme.example\\@evil.example", "https:\\\\a.example"]
    {
        let resource = json!({ "name": "MusicMe", "active": true, "url": url });
        assert_eq!(desk.put("/resources/musicme", &county, &resource).await.faults(), ["/url invalid-url"], "{url}");
    }
}

#[tokio::test]
async fn s21_names_lose_what_nobody_sees() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let typed = with(camille(), "lastName", "\u{feff}Le\u{200b} Go\u{ad}ff\u{202e}\u{2060}");
    let typed = with(typed, "town", "\u{200b}\u{ad}");
    let made = desk.post("/registrations", &marie, &typed).await.expect(201).json();
    assert_eq!(made["lastName"], "Le Goff");
    assert_eq!(made.get("town"), None);
    let stacked = format!("Zo{}", "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".repeat(3));
    for (name, code) in
        [(stacked.as_str(), "too-many-marks"), ("\u{301}a", "too-many-marks"), ("\u{3164}\u{200b}", "required")]
    {
        let form = with(camille(), "lastName", name);
        assert_eq!(desk.post("/registrations", &marie, &form).await.faults(), [format!("/lastName {code}")]);
    }
}

#[tokio::test]
async fn s21_no_detail_shows_a_code_point_or_an_escape() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for odd in ["a\nb", "a\0b", "\u{1b}[31m", "a\u{e000}", "a\u{fffd}", "Zoé 🎉", "a\u{378}b", "a\\u{202e}🎉"] {
        for field in ["lastName", "town", "cardNumber", "phone", "postalCode", "email", "libraryId"] {
            let reply = desk.post("/registrations", &marie, &with(camille(), field, odd)).await.expect(422);
            let problem = reply.json();
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(!detail.contains(['\\', '\u{e000}', '\u{fffd}', '\u{378}', '\u{1b}', '\n']), "{detail:?}");
            assert!(!detail.contains("u{") && !detail.contains("U+"), "{detail:?}");
        }
    }
}

#[tokio::test]
async fn s21_answers_are_for_this_site_and_carry_no_referrer() {
    let desk = Desk::open().await;
    let answers = [
        desk.open_get("/openapi.json").await.expect(200),
        desk.open_get("/me").await.expect(401),
        desk.open_get("/inconnue").await.expect(404),
        Reply::of(desk.request(Method::GET, "/")).await.expect(303),
    ];
    for answer in answers {
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("permissions-policy").contains("geolocation=()"), "{answer:?}");
    }
}
