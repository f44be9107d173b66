//! The ports of the local desk and the pages of other sites that a browser has open (requirements S9).

use local::{Options, Services};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::json;

use crate::support::{Desk, engine};

/// The site whose pages may call the API, by the template's default.
const ALLOWED: &str = "https://portail.oise.example";

/// The ports of one local desk.
struct Ports {
    api: String,
    dynamodb: String,
    s3: String,
    ses: String,
}

impl Ports {
    fn of(desk: &Desk) -> Self {
        let local = desk.local();
        Self { api: local.url(), dynamodb: local.dynamodb_url(), s3: local.s3_url(), ses: local.ses_url() }
    }

    fn all(&self) -> [&str; 4] {
        [&self.api, &self.dynamodb, &self.s3, &self.ses]
    }
}

fn to(method: Method, url: &str, path: &str) -> RequestBuilder {
    engine::client().request(method, format!("{url}{path}"))
}

fn number(url: &str) -> &str {
    url.rsplit(':').next().unwrap()
}

/// Asserts that a request was refused, and that no page can read the refusal.
#[track_caller]
fn assert_refused(answer: &Response, status: u16, case: &str) {
    assert_eq!(answer.status(), status, "{case}");
    assert!(answer.headers().keys().all(|name| !name.as_str().starts_with("access-control")), "{case}: {answer:?}");
}

#[tokio::test]
async fn s9_no_port_answers_to_another_name() {
    let desk = Desk::open().await;
    for url in Ports::of(&desk).all() {
        let port = number(url);
        let others = ["evil.example", "localhost", "127.0.0.1:1", "0.0.0.0", "", "x@127.0.0.1"].map(str::to_owned);
        let with_port = ["evil.example", "localhost.evil.example", "0.0.0.0", "127.1", "127.0.0.2", "[::]"];
        for host in others.into_iter().chain(with_port.map(|name| format!("{name}:{port}"))) {
            for path in ["/", "/_local/mails"] {
                let answer = to(Method::GET, url, path).header("host", &host).send().await.unwrap();
                assert_refused(&answer, 421, &format!("{url}{path} as {host:?}"));
            }
        }
        for name in ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"] {
            let answer = to(Method::GET, url, "/").header("host", format!("{name}:{port}")).send().await.unwrap();
            assert!(![403, 421].contains(&answer.status().as_u16()) || url == desk.local().s3_url(), "{url} as {name}");
        }
    }
}

#[tokio::test]
async fn s9_no_port_serves_the_pages_of_another_site() {
    let desk = Desk::open().await;
    let ports = Ports::of(&desk);
    for url in ports.all() {
        let nearby = format!("https://127.0.0.1:{}", number(url));
        for origin in ["https://evil.example", "null", "http://127.0.0.1", "http://localhost:1", &nearby] {
            for method in [Method::GET, Method::POST, Method::PUT, Method::OPTIONS] {
                let request = to(method.clone(), url, "/").header("origin", origin);
                let answer = request.header("access-control-request-method", "POST").send().await.unwrap();
                assert_refused(&answer, 403, &format!("{method} {url} from {origin}"));
            }
        }
        for site in ["cross-site", "same-site"] {
            for mode in ["no-cors", "cors", "navigate"] {
                let request = to(Method::GET, url, "/").header("sec-fetch-site", site);
                let answer = request.header("sec-fetch-mode", mode).header("sec-fetch-dest", "iframe").send().await;
                assert_refused(&answer.unwrap(), 403, &format!("{mode} of {url} from {site}"));
            }
        }
    }
}

#[tokio::test]
async fn s9_the_table_can_t_be_read_from_a_page() {
    let desk = Desk::open().await;
    desk.county().await;
    let url = Ports::of(&desk).dynamodb;
    let scan = |origin: &str| {
        let request = to(Method::POST, &url, "/").header("x-amz-target", "DynamoDB_20120810.Scan");
        let request = request.header("content-type", "application/x-amz-json-1.0").header("origin", origin);
        request.body(json!({ "TableName": "Table" }).to_string()).send()
    };
    for origin in ["https://evil.example", ALLOWED, &desk.url("")] {
        assert_refused(&scan(origin).await.unwrap(), 403, origin);
    }
    assert!(!desk.items().await.is_empty(), "the SDK's requests have no origin");
}

#[tokio::test]
async fn s9_local_routes_are_for_the_desk_s_own_pages_alone() {
    let desk = Desk::open().await;
    let escalate = || desk.request(Method::POST, "/_local/run/escalate");
    for foreign in ["https://evil.example", "null", ALLOWED] {
        assert_refused(&escalate().header("origin", foreign).send().await.unwrap(), 403, foreign);
    }
    let link = desk.request(Method::GET, "/_local/mails").header("sec-fetch-site", "cross-site");
    let link = link.header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document");
    assert_refused(&link.send().await.unwrap(), 403, "a link to the messages");
    let port = desk.url("").rsplit(':').next().unwrap().to_owned();
    for own in [desk.url(""), format!("http://localhost:{port}"), format!("http://[::1]:{port}")] {
        let answer = escalate().header("origin", &own).header("sec-fetch-site", "same-origin").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{own}");
    }
}

#[tokio::test]
async fn s9_a_link_elsewhere_opens_a_page_and_does_nothing_else() {
    let desk = Desk::open().await;
    let from_elsewhere = |method: Method, dest: &str| {
        let request = desk.request(method, "/portail").header("sec-fetch-site", "cross-site");
        request.header("sec-fetch-mode", "navigate").header("sec-fetch-dest", dest.to_owned()).send()
    };
    assert_eq!(from_elsewhere(Method::GET, "document").await.unwrap().status(), 200);
    for (method, dest) in [(Method::GET, "iframe"), (Method::GET, "embed"), (Method::POST, "document")] {
        assert_refused(&from_elsewhere(method, dest).await.unwrap(), 403, dest);
    }
}

#[tokio::test]
async fn s9_services_of_cargo_lambda_watch_are_closed_as_well() {
    let services = Services::start(Options::default(), "http://127.0.0.1:9100").await.unwrap();
    for url in [services.dynamodb_url(), services.s3_url(), services.ses_url()] {
        let refused = to(Method::GET, &url, "/").header("origin", "https://evil.example").send().await.unwrap();
        assert_refused(&refused, 403, &url);
        let refused = to(Method::GET, &url, "/").header("host", "evil.example").send().await.unwrap();
        assert_refused(&refused, 421, &url);
    }
    for portal in ["http://127.0.0.1:9100", "http://localhost:9100"] {
        let followed = to(Method::GET, &services.s3_url(), "/x").header("origin", portal).send().await.unwrap();
        assert_eq!(followed.headers()["access-control-allow-origin"], portal);
    }
    engine::create_table(&services.dynamodb_url(), "Apart").await;
    services.stop().await;
}
