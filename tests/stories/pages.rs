//! The portal's pages as the gateway serves them; `tests/browser` tests their behaviour.

use local::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, Reply};

#[tokio::test]
async fn the_root_redirects_and_an_unknown_page_is_a_404() {
    let desk = Desk::open().await;
    assert_eq!(desk.open_get("/").await.expect(303).header("location"), "/portail");
    let is_first_page = |reply: &Reply| reply.text().contains("<h1>Connexion</h1>");
    assert!(is_first_page(&desk.open_get("/portail").await.expect(200)));
    // Gateways differ: some take this path as that of a file without a name, others as one without a route.
    let slash = desk.open_get("/portail/").await;
    assert!(slash.status == 303 && slash.header("location") == "/portail" || is_first_page(&slash), "{}", slash.status);
    desk.open_get("/portail/nulle-part").await.problem(404, "not-found");
    desk.open_get("/portail/fichiers/style.000000000000.css").await.problem(404, "not-found");
    let in_browser = desk.request(Method::GET, "/portail/nulle-part").header("accept", "text/html");
    let missing = in_browser.send().await.unwrap();
    assert_eq!((missing.status().as_u16(), &missing.headers()["cache-control"]), (404, &"no-store".parse().unwrap()));
    assert!(missing.text().await.unwrap().contains("Cette adresse ne mène à aucune page"));
}

#[tokio::test]
async fn s13_a_mailed_link_leads_to_its_page_with_the_token_unsent() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    let mail = desk.mails_to(&marie.email, "password-link").await.pop().unwrap();
    let token = desk.link_token(&marie.email).await;
    // Browsers do not send what follows the `#`, so the token reaches no log and no history of a server.
    let link = format!("{}#{token}", desk.url("/portail/choisir-mon-mot-de-passe"));
    for form in ["text", "html"] {
        assert!(mail[form].as_str().unwrap().contains(&link), "{mail}");
    }
    desk.open_get("/portail/choisir-mon-mot-de-passe").await.expect(200);
    let opened = async |token: &str| {
        let mut reply = desk.open_get(&format!("/password-resets/{token}")).await.expect(204);
        reply.headers.remove("x-request-id");
        reply.headers.remove("date");
        reply
    };
    let (good, unknown) = (opened(&token).await, opened("inconnu").await);
    assert_eq!((good.body, good.headers), (unknown.body, unknown.headers), "it tells nothing");
    let choice = json!({ "password": "Nouvelle-Girafe-42!" });
    desk.open_put(&format!("/password-resets/{token}"), &choice).await.expect(204);
}

#[tokio::test]
async fn counts_are_by_status_for_a_library_or_the_county() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let (first, _) = desk.register(&marie, "a@orange.example").await;
    desk.register(&marie, "b@orange.example").await;
    desk.act(&format!("/registrations/{first}/activation"), &marie).await.expect(200);
    let counted = |counts: &Value| {
        let counts: Vec<_> =
            counts["items"].as_array().unwrap().iter().map(|of| of["count"].as_u64().unwrap()).collect();
        (counts[0], counts[1], counts[2])
    };
    for (path, by) in [("", &marie), ("?libraryId=LI10511", &marie), ("", &county)] {
        let counts = desk.get(&format!("/registrations/counts{path}"), by).await.expect(200);
        assert_eq!(counted(&counts.json()), (1, 1, 0));
    }
    desk.get("/registrations/counts?libraryId=LI2575", &marie).await.problem(404, "not-found");
    desk.pass_days(400).await;
    let marie = desk.sign_in(&marie.email).await;
    let counts = desk.get("/registrations/counts", &marie).await.json();
    assert_eq!((counts["overdue"]["count"].as_u64(), counted(&counts)), (Some(1), (1, 0, 1)));
}

#[tokio::test]
async fn s21_pages_and_files_say_what_browsers_may_not_do() {
    let desk = Desk::open().await;
    let in_browser = |path: &str| desk.request(Method::GET, path).header("accept", "text/html");
    // Its conventions are those of pages, not of problem documents.
    let unknown = in_browser("/portail/nulle-part").send().await.unwrap();
    let missing = Reply { status: 404, headers: unknown.headers().clone(), body: Vec::new() };
    let page = Reply::of(in_browser("/portail")).await.expect(200);
    let file = page.text().split("src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for answer in [page, Reply::of(in_browser(&file)).await.expect(200), missing] {
        let policy = answer.header("content-security-policy");
        assert!(policy.ends_with("require-trusted-types-for 'script'; trusted-types 'none'"), "{policy}");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("permissions-policy").contains("camera=()"));
    }
}

#[tokio::test]
async fn pages_of_the_named_sites_may_call_the_api_and_no_others() {
    let parameters = [("AllowedOrigins".to_owned(), "https://www.oise.example, https://b.example".to_owned())];
    let desk = Desk::open_with(Options { parameters: parameters.into(), ..Options::default() }).await;
    for origin in ["https://www.oise.example", "https://b.example"] {
        let from = |method: Method, path: &str| desk.request(method, path).header("origin", origin);
        let preflight = from(Method::OPTIONS, "/registrations").header("access-control-request-method", "PATCH");
        let preflight = preflight.send().await.unwrap();
        assert_eq!(preflight.status(), 204);
        assert_eq!(preflight.headers()["access-control-allow-methods"], "GET,POST,PUT,PATCH,DELETE");
        let answered = Reply::of(from(Method::GET, "/me")).await;
        answered.clone().problem(401, "not-signed-in");
        for headers in [preflight.headers(), &answered.headers] {
            assert_eq!(headers["access-control-allow-origin"], origin);
        }
    }
    let foreign =
        desk.request(Method::GET, "/me").header("origin", "https://portail.oise.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403, "the default is replaced");
    Reply::of(desk.request(Method::OPTIONS, "/registrations")).await.problem(405, "method-not-allowed");
}
