//! Events as AWS's gateway makes them, with decoded paths, and with any query and host. The local gateway can't make most
//! of them, because HTTP clients and hyper refuse such requests.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::support::Desk;

/// The number of events.
const EVENTS: usize = 500;

/// The routes of the events: a variable, a greedy variable, a list with parameters, a page, and no route.
const ROUTES: [(&str, &str, &str); 6] = [
    ("GET /registrations/{id}", "id", "list"),
    ("PUT /libraries/{id}", "id", "directory"),
    ("GET /password-resets/{token}", "token", "password"),
    ("GET /portail/{file+}", "file", "portal"),
    ("GET /registrations", "", "list"),
    ("$default", "", "unrouted"),
];

/// Text after percent-decoding: delimiters, blanks, control characters, broken percent signs, anything.
fn decoded() -> impl Strategy<Value = String> {
    let odd =
        ["\"", "<", ">", " ", "%", "%zz", "\0", "\r\n", "\t", "\u{7f}", "\\", "#", "?", "//", "é", "\u{fffd}", "^"];
    let piece =
        prop_oneof![prop::sample::select(odd.to_vec()).prop_map(str::to_owned), any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

/// Hosts and schemes, which the client writes.
fn header() -> impl Strategy<Value = String> {
    let odd = [
        "desk.example",
        "a b",
        "<",
        "",
        "[::1",
        "desk:99999",
        "xn--",
        "1.2.3.4.5",
        "é",
        "@",
        "%00",
        "https",
        "java script",
    ];
    prop::sample::select(odd.to_vec()).prop_map(str::to_owned)
}

fn event((route, variable, _): (&str, &str, &str), text: &str, query: &str, host: &str, scheme: &str) -> Value {
    let (method, path) = route.split_once(' ').unwrap_or(("GET", "/{x}"));
    let path = path.split('/').map(|segment| if segment.starts_with('{') { text } else { segment });
    let path = path.collect::<Vec<_>>().join("/");
    json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": query,
        "headers": { "host": host, "x-forwarded-proto": scheme, "accept": "application/json" },
        "pathParameters": { (variable): text }, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "R-1",
            "routeKey": route, "stage": "$default", "time": "24/Nov/2026:08:00:00 +0000", "timeEpoch": 0,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "" },
        },
    })
}

#[tokio::test]
async fn w15_every_event_of_a_decoded_path_is_answered() {
    let desk = Desk::open().await;
    let handlers = ROUTES.map(|(_, _, function)| {
        let runtime = desk.local().runtime(function).unwrap();
        local::function(function, runtime).unwrap()
    });
    let mut runner = TestRunner::deterministic();
    let strategy = (0..ROUTES.len(), decoded(), decoded(), header(), header());
    for _ in 0..EVENTS {
        let (route, text, query, host, scheme) = strategy.new_tree(&mut runner).unwrap().current();
        let event = event(ROUTES[route], &text, &query, &host, &scheme);
        let answer = handlers[route](edge::request(&event.to_string()).expect("it is parsed")).await;
        // `GET` on a link answers 204 whatever the token.
        assert!((200..500).contains(&answer.status().as_u16()), "{event}: {answer:?}");
    }
}
