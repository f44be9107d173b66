//! Requests that a page of another site makes a browser send.

use reqwest::Method;
use serde_json::json;

use crate::support::{COUNTY, Desk, PASSWORD, Reply};

/// A browser sends these without asking first (CORS, "simple requests"), and with any cookie of the site.
#[tokio::test]
async fn ap14_a_form_of_a_foreign_page_does_nothing() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let (activation, before) = (format!("/registrations/{id}/activation"), desk.mails().await);
    let form = json!({ "email": COUNTY, "password": PASSWORD }).to_string();
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let simple = |path: &str| {
            let request = desk.request(Method::POST, path).header("Content-Type", media_type).body(form.clone());
            request.header("Cookie", format!("session={0}; token={0}; Authorization=Bearer {0}", marie.token))
        };
        for path in ["/sessions", "/password-resets"] {
            let refused = Reply::of(simple(path)).await;
            assert!([403, 415].contains(&refused.status), "{path}: {}", refused.status);
        }
        for path in ["/registrations", &activation] {
            Reply::of(simple(path)).await.problem(401, "not-signed-in");
        }
    }
    assert_eq!(desk.mails().await, before);
    assert_eq!(desk.get(&format!("/registrations/{id}"), &marie).await.json()["status"], "pending");
}

#[tokio::test]
async fn ap14_no_foreign_page_may_read_or_frame_an_answer() {
    let desk = Desk::open().await;
    for origin in
        ["https://evil.example", "null", "http://portail.oise.example", "https://portail.oise.example.evil.example"]
    {
        for method in [Method::OPTIONS, Method::GET] {
            for path in ["/me", "/registrations", "/portail", "/openapi.json"] {
                let request = desk.request(method.clone(), path).header("Origin", origin);
                let answer = request.header("Access-Control-Request-Method", "GET").send().await.unwrap();
                let allowing = answer.headers().keys().filter(|name| name.as_str().starts_with("access-control-allow"));
                assert_eq!(allowing.count(), 0, "{method} {path} from {origin}");
            }
        }
    }
    // Each answer of each story is checked for `frame-ancestors 'none'` and against cookies.
    for path in ["/", "/portail", "/portail/mon-compte", "/openapi.json", "/me", "/nulle-part"] {
        desk.open_get(path).await;
    }
}
