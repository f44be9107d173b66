//! Tokens, links and passwords, used where or when they should not open anything.

use reqwest::Method;
use serde_json::json;

use crate::support::{COUNTY, Desk, PASSWORD, Reply, Session};

/// Returns a session of this token.
fn bearer(token: impl Into<String>) -> Session {
    Session { token: token.into(), email: String::new() }
}

/// Tries a token as the token of a password link.
async fn tried_as_a_link(desk: &Desk, token: &str) -> Reply {
    desk.open_put(&format!("/password-resets/{token}"), &json!({ "password": PASSWORD })).await
}

#[tokio::test]
async fn ap14_no_secret_passes_for_another() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    for email in ["a@orange.example", "b@orange.example"] {
        desk.register(&marie, email).await;
    }
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    let link = desk.link_token(&marie.email).await;
    let page = desk.get("/registrations?limit=1", &marie).await.expect(200).json();
    let (digest, cursor) = (runtime::Secret::new(marie.token.as_str()).digest(), page["next"].as_str().unwrap());
    let pseudonym = store::keys::pseudonym(&marie.email.parse().unwrap());
    let ((whose, _), (_, secret)) = (county.token.split_once('.').unwrap(), marie.token.split_once('.').unwrap());
    desk.get("/me", &bearer(format!("{whose}.{secret}"))).await.problem(401, "not-signed-in");
    for token in [&link, &digest, cursor, &pseudonym, &marie.email, &marie.token.to_uppercase(), &marie.token[1..]] {
        desk.get("/me", &bearer(token)).await.problem(401, "not-signed-in");
    }
    let of_the_link = runtime::Secret::new(link.as_str()).digest();
    for token in [&marie.token, &digest, &of_the_link, &link.to_uppercase(), &link[1..]] {
        tried_as_a_link(&desk, token).await.problem(404, "reset-link-dead");
    }
    desk.get("/me", &marie).await.expect(200);
    tried_as_a_link(&desk, &link).await.expect(204);
}

#[tokio::test]
async fn ap14_a_link_sets_its_own_account_s_password_only() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    let path = format!("/password-resets/{}", desk.link_token(&marie.email).await);
    let chosen = "Nouvelle-Girafe-42!";
    for field in ["email", "account", "to"] {
        desk.open_put(&path, &json!({ "password": chosen, field: COUNTY })).await.expect(422);
    }
    for query in ["email", "account"] {
        let status = desk.open_put(&format!("{path}?{query}={COUNTY}"), &json!({ "password": "x" })).await.status;
        assert!([400, 422].contains(&status), "{query}: {status}");
    }
    desk.open_put(&path, &json!({ "password": chosen })).await.expect(204);
    desk.get("/me", &county).await.expect(200);
    let attempt = json!({ "email": COUNTY, "password": chosen });
    desk.open_post("/sessions", &attempt).await.problem(401, "bad-credentials");
}

#[tokio::test]
async fn ap14_what_was_used_or_ended_opens_nothing_again() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (used, ended) = (desk.link_token(&marie.email).await, desk.sign_in(&marie.email).await);
    desk.delete("/sessions/current", &ended).await.expect(204);
    desk.choose_password(&marie.email, "Nouvelle-Girafe-42!").await;
    let newer = desk.link_token(&marie.email).await;
    for (session, link) in [(&marie, &used), (&ended, &newer)] {
        desk.get("/me", session).await.problem(401, "not-signed-in");
        desk.delete("/sessions/current", session).await.problem(401, "not-signed-in");
        tried_as_a_link(&desk, link).await.problem(404, "reset-link-dead");
    }
    let former = json!({ "email": marie.email, "password": PASSWORD });
    desk.open_post("/sessions", &former).await.problem(401, "bad-credentials");
}

#[tokio::test]
async fn ap14_the_next_holder_of_an_address_inherits_no_secret() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let email = "camille@orange.example";
    let (id, _) = desk.register(&marie, email).await;
    let patron = desk.arrive(email).await;
    desk.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
    let link = desk.link_token(email).await;
    desk.delete(&format!("/registrations/{id}"), &marie).await.expect(204);
    desk.register(&marie, email).await;
    let staff = json!({ "displayName": "Camille", "role": "county", "libraryIds": [] });
    for _ in 0..2 {
        desk.get("/me", &patron).await.problem(401, "not-signed-in");
        tried_as_a_link(&desk, &link).await.problem(404, "reset-link-dead");
        let former = json!({ "email": email, "password": PASSWORD });
        desk.open_post("/sessions", &former).await.problem(401, "bad-credentials");
        // The address is staff's the second time.
        desk.put(&format!("/staff/{email}"), &county, &staff).await;
    }
}

/// API Gateway writes the network address; a header that claims another one is the caller's own text.
#[tokio::test]
async fn ap14_no_header_gives_a_guesser_another_network_address() {
    let parameters = [("SourceLimit".to_owned(), "8".to_owned())].into();
    let desk = Desk::open_with(local::Options { parameters, ..local::Options::default() }).await;
    let guess = async |n: usize| {
        let body = json!({ "email": format!("p{n}@orange.example"), "password": PASSWORD });
        let elsewhere = format!("203.0.113.{n}");
        let mut request = desk.request(Method::POST, "/sessions").json(&body);
        for name in ["X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP"] {
            request =
                request.header(name, if name == "Forwarded" { format!("for={elsewhere}") } else { elsewhere.clone() });
        }
        Reply::of(request).await
    };
    for n in 1..=8 {
        guess(n).await.problem(401, "bad-credentials");
    }
    guess(9).await.problem(429, "too-many-requests");
}
