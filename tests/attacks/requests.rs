//! Requests that a gateway may take for others: odd paths, methods, line breaks and hosts.

use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Desk, Reply, Session, camille, with};

/// Sends these lines as they are, without the corrections that an HTTP client makes. Returns the whole answer.
async fn raw(desk: &Desk, request_line: &str, headers: &[String]) -> String {
    let url = desk.url("");
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let headers = headers.join("\r\n");
    let host = if headers.to_lowercase().contains("host:") { String::new() } else { format!("Host: {address}\r\n") };
    let request = format!("{request_line} HTTP/1.1\r\n{host}Connection: close\r\n{headers}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer}"))
}

fn authorized(by: &Session) -> String {
    format!("Authorization: Bearer {}", by.token)
}

#[tokio::test]
async fn ap14_no_spelling_of_a_path_leads_around_a_check() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    let paul = desk.librarian(&county, "paul@auneuil.example", &["LI2575"]).await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let encoded = id.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let paths = [
        format!("/registrations/{encoded}"),
        format!("/registrations/{id}%00"),
        format!("/registrations/{id}."),
        format!("/registrations/{id}%2fhistory"),
        format!("/registrations/{id};role=county"),
        format!("/registrations/./{id}"),
        format!("//registrations/{id}"),
        format!("/registrations//{id}"),
        format!("/registrations/rien/../{id}"),
        format!("/me/%2e%2e/registrations/{id}"),
        format!("/me/..%2fregistrations%2f{id}"),
        format!("/me/%252e%252e/registrations/{id}"),
        format!("/portail/../registrations/{id}"),
        format!("/portail/..%5cregistrations%5c{id}"),
        format!("/REGISTRATIONS/{id}"),
        format!("/registrations/{}", id.to_uppercase()),
        format!("/registrations/%c0%ae%c0%ae/{id}"),
        format!("http://127.0.0.1/registrations/{id}"),
        format!("/registrations/{id}?/../../staff"),
        "/portail/fichiers/../../template.yaml".to_owned(),
        "/portail/fichiers/%2e%2e/%2e%2e/etc/passwd".to_owned(),
    ];
    for path in paths {
        let answer = raw(&desk, &format!("GET {path}"), &[authorized(&paul)]).await;
        assert!([400, 404].contains(&status(&answer)), "{path}: {answer}");
        assert!(!answer.contains("camille"), "{path}");
    }
    for path in ["/staff/", "/staff/.", "/%73taff", "/staff?role=county", "/staff%00"] {
        let answer = raw(&desk, &format!("GET {path}"), &[authorized(&paul), "X-Role: county".to_owned()]).await;
        assert!([400, 403, 404, 405].contains(&status(&answer)), "{path}: {answer}");
    }
}

#[tokio::test]
async fn ap14_no_header_or_parameter_makes_another_method() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method"] {
        for method in [Method::GET, Method::POST] {
            let status = Reply::of(desk.request(method, &path).bearer_auth(&marie.token).header(name, "DELETE")).await;
            assert!([200, 405].contains(&status.status), "{name}");
        }
    }
    for name in ["X-Original-URL", "X-Rewrite-URL"] {
        let request = desk.request(Method::GET, "/me").bearer_auth(&marie.token).header(name, "/staff");
        assert!(Reply::of(request).await.expect(200).json().get("account").is_some(), "{name}");
    }
    for query in ["_method=DELETE", "method=DELETE"] {
        let status = desk.get(&format!("{path}?{query}"), &marie).await.status;
        assert!([200, 400].contains(&status), "{query}");
        desk.act(&format!("{path}?{query}"), &marie).await.problem(405, "method-not-allowed");
    }
    for line in ["TRACE /me", "CONNECT 127.0.0.1:80", "DEBUG /me", "delete /sessions/current", "HEAD /registrations"] {
        let answer = raw(&desk, line, &[authorized(&marie)]).await;
        assert!([400, 404, 405].contains(&status(&answer)), "{line}: {answer}");
        assert!(!answer.contains(&marie.token), "{line} echoes the token");
    }
    desk.get(&path, &marie).await.expect(200);
}

#[tokio::test]
async fn ap14_no_line_break_or_host_gets_into_an_answer() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    for email in ["a@orange.example", "b@orange.example"] {
        desk.register(&marie, email).await;
    }
    for query in ["q=exemple%0d%0aX-Evil:%201", "q=exemple%0aSet-Cookie:%20a=b", "q=exemple%e5%98%8a%e5%98%8dX-Evil:1"]
    {
        let answer = raw(&desk, &format!("GET /registrations?limit=1&{query}"), &[authorized(&marie)]).await;
        let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
        assert!(!head.contains("\nx-evil") && !head.contains("\nset-cookie"), "{answer}");
    }
    let two_hosts = ["Host: 127.0.0.1".to_owned(), "Host: evil.example".to_owned()];
    assert!([400, 421].contains(&status(&raw(&desk, "GET /me", &two_hosts).await)));
    for path in ["/", "/portail", "/portail/mon-compte", "/me", "/nulle-part"] {
        for host in ["evil.example", "evil.example:443"] {
            let forged = ["X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "Forwarded"];
            let forged = forged.map(|name| format!("{name}: host={host}"));
            let answer = raw(&desk, &format!("GET {path}"), &[&[format!("Host: {host}")], &forged[..]].concat()).await;
            assert!(!answer.contains("evil.example"), "{path}: {answer}");
        }
    }
}

/// A condition that is sent is a condition, whatever is in it.
#[tokio::test]
async fn ap14_no_condition_is_dropped_because_it_is_unreadable() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, _) = desk.register(&marie, "camille@orange.example").await;
    let path = format!("/registrations/{id}");
    for value in ["\"é\"", "\u{fffd}", "é", "\"v1\"é"] {
        let condition = [authorized(&marie), format!("If-Match: {value}"), "Content-Length: 0".to_owned()];
        for line in [format!("POST {path}/activation"), format!("DELETE {path}")] {
            let answer = raw(&desk, &line, &condition).await;
            assert_eq!(status(&answer), 412, "{line}: {answer}");
        }
    }
    let keyed = || {
        let request = desk.request(Method::POST, "/registrations").bearer_auth(&marie.token);
        let form = with(camille(), "email", "autre@orange.example");
        Reply::of(request.header("Idempotency-Key", "clé".as_bytes()).json(&form))
    };
    assert_eq!(keyed().await.expect(201).json()["id"], keyed().await.expect(201).json()["id"]);
}
