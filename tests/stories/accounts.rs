//! Signing in and out, forgotten passwords: `/sessions`, `/me`, `/password-resets`.

use futures_util::future::join_all;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use crate::support::{COUNTY, Desk, PASSWORD, Reply, camille, with};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

async fn try_password(desk: &Desk, email: &str, password: &str) -> Reply {
    desk.open_post("/sessions", &json!({ "email": email, "password": password })).await
}

#[tokio::test]
async fn the_first_reset_of_the_county_s_address_creates_its_account() {
    let desk = Desk::open().await;
    try_password(&desk, COUNTY, PASSWORD).await.problem(401, "bad-credentials");
    let county = desk.arrive(COUNTY).await;
    let me = desk.get("/me", &county).await.expect(200).json();
    assert_eq!(me["account"]["roles"], json!(["county"]));
    assert_eq!(me["account"]["email"], COUNTY);
    assert_eq!(me["access"], json!([]));
}

#[tokio::test]
async fn a_removed_county_account_is_not_recreated_while_one_exists() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    let other = json!({ "displayName": "Autre", "role": "county", "libraryIds": [] });
    desk.put("/staff/autre@oise.example", &county, &other).await.expect(201);
    desk.delete(&format!("/staff/{COUNTY}"), &county).await.expect(204);
    desk.open_post("/password-resets", &json!({ "email": COUNTY })).await.expect(202);
    assert_eq!(desk.mails_to(COUNTY, "password-link").await.len(), 1, "the first one, of the removed account");
}

#[tokio::test]
async fn a_session_tells_who_one_is_until_when() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let opened = try_password(&desk, &marie.email, PASSWORD).await.expect(201).json();
    assert_eq!(opened["expiresAt"], "2026-11-24T20:00:00Z");
    let account = json!({
        "email": marie.email, "roles": ["librarian"], "displayName": "Marie Lecture", "libraryIds": ["LI10511"],
    });
    assert_eq!(opened["account"], account);
    let me = json!({ "account": account, "registrations": [], "access": [] });
    assert_eq!(desk.get("/me", &marie).await.expect(200).json(), me);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_signing_out() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    for _ in 0..12 {
        desk.pass(SignedDuration::from_mins(59)).await;
        desk.get("/me", &marie).await.expect(200);
    }
    desk.pass(SignedDuration::from_mins(12) - SignedDuration::from_secs(1)).await;
    desk.get("/me", &marie).await.expect(200);
    desk.pass(SignedDuration::from_secs(1)).await;
    desk.get("/me", &marie).await.problem(401, "not-signed-in");
    desk.get("/me", &county).await.problem(401, "not-signed-in");
    let marie = desk.sign_in(&marie.email).await;
    desk.delete("/sessions/current", &marie).await.expect(204);
    desk.delete("/sessions/current", &marie).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn without_a_session_or_with_an_invented_one_nothing_opens() {
    let desk = Desk::open().await;
    let missing = desk.open_get("/registrations").await;
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    missing.problem(401, "not-signed-in");
    for value in ["Bearer", "Bearer ", "Bearer x", "Basic bWRvOng=", "bearer a b"] {
        let request = desk.request(Method::GET, "/registrations").header("Authorization", value);
        Reply::of(request).await.problem(401, "not-signed-in");
    }
}

#[tokio::test]
async fn section_1_a_provisional_password_only_mails_a_link() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (email, provisional) = ("camille@orange.example", "Zèbre-Cactus-77?");
    let form = with(with(camille(), "email", email), "password", provisional);
    desk.post("/registrations", &marie, &form).await.expect(201);
    try_password(&desk, email, "Zèbre-Cactus-78?").await.problem(401, "bad-credentials");
    assert!(desk.mails_to(email, "password-link").await.is_empty());
    try_password(&desk, email, provisional).await.problem(403, "password-provisional");
    let token = desk.link_token(email).await;
    desk.open_put(&format!("/password-resets/{token}"), &json!({ "password": PASSWORD })).await.expect(204);
    try_password(&desk, email, provisional).await.problem(401, "bad-credentials");
    let patron = desk.sign_in(email).await;
    let me = desk.get("/me", &patron).await.expect(200).json();
    assert_eq!(me["account"]["displayName"], "Camille Exemple");
    assert_eq!((&me["registrations"][0]["status"], &me["access"]), (&json!("pending"), &json!([])));
    let everything = format!("{:?}", desk.mails().await);
    assert!(!everything.contains(provisional) && !everything.contains(PASSWORD));
}

#[tokio::test]
async fn pw8_the_provisional_password_appears_nowhere() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let provisional = "Zèbre-Provisoire-77?";
    let form = with(with(camille(), "email", "pw8@orange.example"), "password", provisional);
    let (id, _) = desk.register_as(&marie, &form).await;
    let path = format!("/registrations/{id}");
    let attempt = json!({ "email": "pw8@orange.example", "password": provisional });
    let mut seen = desk.open_post("/sessions", &attempt).await.text();
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    for path in ["/registrations", &path, &format!("{path}/history"), &format!("{path}/data"), "/registrations.xlsx"] {
        seen.push_str(&desk.get(path, &marie).await.expect(200).text());
    }
    seen.push_str(&serde_json::to_string(&desk.mails().await).unwrap());
    seen.push_str(&desk.dump().await);
    seen.push_str(&crate::support::logged());
    assert!(!seen.contains("Provisoire"));
}

#[tokio::test]
async fn pw2_sign_in_failures_of_all_kinds_have_identical_answers() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let removed = desk.librarian(&county, "partie@fleury.example", &["LI10511"]).await;
    desk.delete("/staff/partie@fleury.example", &county).await.expect(204);
    desk.register(&marie, "camille@orange.example").await;
    let mut answers = vec![
        try_password(&desk, "personne@orange.example", PASSWORD).await,
        try_password(&desk, "pas une adresse", PASSWORD).await,
        try_password(&desk, &removed.email, PASSWORD).await,
        try_password(&desk, "camille@orange.example", PASSWORD).await,
        try_password(&desk, &marie.email, &"é".repeat(129)).await,
    ];
    for _ in 0..5 {
        answers.push(try_password(&desk, &marie.email, "Faux-Faux-77!").await);
    }
    answers.push(try_password(&desk, &marie.email, PASSWORD).await);
    let headers = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        headers.remove("x-request-id");
        headers.remove("date");
        headers
    };
    for answer in &answers {
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body, answers[0].body);
        assert_eq!(headers(answer), headers(&answers[0]));
    }
}

#[tokio::test]
async fn pw3_five_wrong_ones_and_the_account_waits_a_minute_doubling() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for _ in 0..5 {
        try_password(&desk, &marie.email, "Faux-Faux-77!").await.expect(401);
    }
    try_password(&desk, &marie.email, PASSWORD).await.problem(401, "bad-credentials");
    desk.pass(MINUTE - SignedDuration::from_secs(1)).await;
    try_password(&desk, &marie.email, PASSWORD).await.expect(401);
    desk.pass(SignedDuration::from_secs(1)).await;
    try_password(&desk, &marie.email, "Faux-Faux-77!").await.expect(401);
    desk.pass(MINUTE).await;
    try_password(&desk, &marie.email, PASSWORD).await.expect(401);
    desk.pass(MINUTE).await;
    try_password(&desk, &marie.email, PASSWORD).await.expect(201);
}

#[tokio::test]
async fn pw3_a_reset_by_mail_works_all_along_and_ends_the_wait() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for _ in 0..6 {
        try_password(&desk, &marie.email, "Faux-Faux-77!").await.expect(401);
    }
    desk.choose_password(&marie.email, "Nouvelle-Girafe-42!").await;
    try_password(&desk, &marie.email, "Nouvelle-Girafe-42!").await.expect(201);
}

#[tokio::test]
async fn pw3_fifty_guesses_at_once_count_as_fifty() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let guesses = join_all((0..50).map(|n| {
        let password = if n == 49 { PASSWORD.to_owned() } else { format!("Faux-Girafe-{n}!") };
        let desk = &desk;
        let email = &marie.email;
        async move { try_password(desk, email, &password).await.status }
    }))
    .await;
    assert!(guesses.iter().filter(|&&status| status == 201).count() <= 1);
    try_password(&desk, &marie.email, PASSWORD).await.expect(401);
}

#[tokio::test]
async fn pw6_a_link_works_once_of_fifty_at_the_same_time() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    let token = desk.link_token(&marie.email).await;
    let path = format!("/password-resets/{token}");
    let chosen = join_all((0..50).map(|n| {
        let (desk, path) = (&desk, &path);
        async move { desk.open_put(path, &json!({ "password": format!("Trombone-Girafe-{n}!") })).await }
    }))
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|reply| reply.status == 204);
    assert_eq!(won.len(), 1);
    for reply in lost {
        reply.problem(404, "reset-link-dead");
    }
    assert_eq!(desk.mails_to(&marie.email, "password-changed").await.len(), 2, "arriving, and now once");
}

#[tokio::test]
async fn pw6_a_link_ends_after_an_hour_or_at_a_newer_request() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let asked = json!({ "email": marie.email });
    let ask = || desk.open_post("/password-resets", &asked);
    let body = json!({ "password": "Nouvelle-Girafe-42!" });
    ask().await.expect(202);
    let old = format!("/password-resets/{}", desk.link_token(&marie.email).await);
    ask().await.expect(202);
    let new = format!("/password-resets/{}", desk.link_token(&marie.email).await);
    desk.open_put(&old, &body).await.problem(404, "reset-link-dead");
    desk.pass(SignedDuration::from_hours(1)).await;
    desk.open_put(&new, &body).await.problem(404, "reset-link-dead");
    desk.open_put("/password-resets/inconnu", &body).await.problem(404, "reset-link-dead");
}

#[tokio::test]
async fn pw6_a_weak_choice_or_an_opened_link_leaves_it_good() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    let path = format!("/password-resets/{}", desk.link_token(&marie.email).await);
    for _ in 0..3 {
        desk.open_get(&path).await.expect(204);
    }
    for weak in ["abc", "Médiathèque1!", "Marie-Lecture1", "marie@fleury.example1A"] {
        desk.open_put(&path, &json!({ "password": weak })).await.expect(422);
    }
    let choice = |email: &str| json!({ "password": "Nouvelle-Girafe-42!", "email": email });
    assert_eq!(desk.open_put(&path, &choice("x@y.fr")).await.faults(), ["/email wrong-address"]);
    desk.open_put(&path, &choice(&marie.email.to_uppercase())).await.expect(204);
}

#[tokio::test]
async fn pw6_a_reset_ends_all_sessions_and_its_notice_has_no_secret() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let other = desk.sign_in(&marie.email).await;
    desk.choose_password(&marie.email, "Nouvelle-Girafe-42!").await;
    for session in [&marie, &other] {
        desk.get("/me", session).await.problem(401, "not-signed-in");
    }
    let notice = desk.mails_to(&marie.email, "password-changed").await.pop().unwrap();
    assert!(!notice.to_string().contains("Girafe") && !notice.to_string().contains("password-resets/"));
}

#[tokio::test]
async fn pw7_reset_requests_answer_alike_and_mail_three_an_hour() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let before = desk.mails_to(&marie.email, "password-link").await.len();
    desk.pass(SignedDuration::from_hours(1)).await;
    for email in [&marie.email, &marie.email, &marie.email, &marie.email, "personne@orange.example"] {
        let reply = desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
        assert!(reply.body.is_empty());
    }
    assert_eq!(desk.mails_to(&marie.email, "password-link").await.len(), before + 3);
    assert!(desk.mails_to("personne@orange.example", "password-link").await.is_empty());
    desk.pass(SignedDuration::from_hours(1)).await;
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    assert_eq!(desk.mails_to(&marie.email, "password-link").await.len(), before + 4);
}

#[tokio::test]
async fn pw7_a_bounced_address_is_answered_alike_and_not_mailed() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (email, nobody) = ("camille@rebond.example", "personne@orange.example");
    desk.register(&marie, email).await;
    let ask = async |email: &str| desk.open_post("/password-resets", &json!({ "email": email })).await;
    ask(email).await.expect(202);
    assert_eq!(desk.mails_to(email, "password-link").await.len(), 1, "which comes back");
    let (bounced, unknown) = (ask(email).await.expect(202), ask(nobody).await.expect(202));
    assert_eq!(bounced.body, unknown.body);
    let headers = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        headers.remove("date");
        headers
    };
    assert_eq!(headers(&bounced), headers(&unknown));
    assert_eq!(desk.mails_to(email, "password-link").await.len(), 1);
}

#[tokio::test]
async fn pw7_no_header_shapes_the_link() {
    let desk = Desk::open().await;
    desk.county().await;
    let request = desk.request(Method::POST, "/password-resets").header("X-Forwarded-Host", "evil.example");
    let request = request.header("Forwarded", "host=evil.example").json(&json!({ "email": COUNTY }));
    Reply::of(request).await.expect(202);
    let mail = desk.mails_to(COUNTY, "password-link").await.pop().unwrap();
    assert!(!mail.to_string().contains("evil.example"));
}

#[tokio::test]
async fn signing_in_wants_both_fields_and_no_others() {
    let desk = Desk::open().await;
    let faults = desk.open_post("/sessions", &json!({ "email": 1, "surprise": true })).await.faults();
    assert_eq!(faults, ["/email wrong-type", "/password required", "/surprise unknown-field"]);
    assert_eq!(desk.open_post("/password-resets", &json!({})).await.faults(), ["/email required"]);
    assert_eq!(desk.open_post("/password-resets", &json!({ "email": "pas une adresse" })).await.faults().len(), 1);
}

#[tokio::test]
async fn pw1_a_weaker_hash_is_replaced_only_at_sign_in() {
    let desk = Desk::open().await;
    desk.seed_county().await;
    desk.weaken_hash(COUNTY).await;
    let hash = async || desk.credentials(COUNTY).await.unwrap().password_hash;
    try_password(&desk, COUNTY, "Faux-Girafe-1!").await.problem(401, "bad-credentials");
    assert!(hash().await.starts_with("$argon2id$v=19$m=8192,t=1,p=1$"));
    try_password(&desk, COUNTY, PASSWORD).await.expect(201);
    let strong = hash().await;
    assert!(strong.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{strong}");
    try_password(&desk, COUNTY, PASSWORD).await.expect(201);
    assert_eq!(hash().await, strong, "once");
}

/// Tries passwords by a new link of an account. Returns those that are not refused as guessable.
async fn unguessed<'a>(desk: &Desk, email: &str, passwords: &[&'a str]) -> Vec<&'a str> {
    desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
    let path = format!("/password-resets/{}", desk.link_token(email).await);
    let mut accepted = Vec::new();
    for password in passwords {
        let reply = desk.open_put(&path, &json!({ "password": password })).await;
        if reply.status == 204 || reply.faults() != ["/password guessable"] {
            accepted.push(*password);
        }
    }
    accepted
}

#[tokio::test]
async fn s4_staff_s_libraries_and_their_towns_are_known_words() {
    let desk = Desk::open().await;
    let county = desk.county().await;
    for (id, name, town) in [("LI1", "Médiathèque Zazpiak", "Hautecombe"), ("LI2", "Bibliothèque Lobamba", "Nanteuil")]
    {
        let library = json!({ "name": name, "town": town, "postalCode": "60390" });
        desk.put(&format!("/libraries/{id}"), &county, &library).await.expect(201);
    }
    let marie = desk.librarian(&county, "marie@oise.example", &["LI1", "LI2"]).await;
    let known =
        ["Zazpiak-2026!", "Lobamba.1234", "Hautecombe60!", "Nanteuil@2026", "ZazpiakHautecombe1!", "Lecture-Marie9!"];
    assert_eq!(unguessed(&desk, &marie.email, &known).await, [""; 0]);
    assert_eq!(unguessed(&desk, &county.email, &["Zazpiak-2026!"]).await, ["Zazpiak-2026!"]);
}

#[tokio::test]
async fn pw5_one_s_own_numbers_and_birth_date_are_known() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let form = with(with(camille(), "phone", "06 37 91 48 52"), "cardNumber", "83920174650213");
    desk.register_as(&marie, &form).await;
    let email = form["email"].as_str().unwrap();
    let known = [
        "83920174650213Aa!",
        "0637914852Aa!",
        "+33637914852Aa",
        "06.37.91.48.52-Aa",
        "Ce29021988!",
        "29/02/1988-Ce",
        "Ce880229-60!",
        "Ce19880229!",
        "Ce-02291988",
        "Camille29021988!",
    ];
    assert_eq!(unguessed(&desk, email, &known).await, [""; 0]);
    let provisional = with(with(form.clone(), "email", "autre@orange.example"), "password", "Ce29021988!");
    assert_eq!(desk.post("/registrations", &marie, &provisional).await.faults(), ["/password guessable"]);
}
