//! Fuzzed requests: known routes with wrong methods, parameters, headers and bodies. Each answer is the one described.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use reqwest::Method;

use crate::support::{Desk, Reply, camille};

/// The number of requests.
const REQUESTS: usize = 1_000;

/// A request to send.
#[derive(Debug, Clone)]
struct Fuzzed {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    caller: usize,
    body: Vec<u8>,
}

/// Values for identifiers, parameters and header fields: some are right somewhere.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            "LI10511",
            "musicme",
            "anne@fleury.example",
            "0123456789abcdef01234567",
            "*",
            "\"v1\"",
            "W/\"v1\"",
            "50",
            "-1",
            "99999999999999999999",
            "pending",
            "name",
            "-registeredOn",
            "true",
            "null",
            "%00",
            "%0d%0a",
            "..%2f",
            "%ff%fe",
            "%F0%9F%8E%89",
            "a%20b",
            "'%22%3E%3Cimg%3E",
            "%7B%7D",
            "gzip",
            "text/html",
            "application/json",
            "application/merge-patch+json",
            "multipart/form-data; boundary=x",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z0-9@._%~-]{0,30}",
    ]
}

fn path() -> impl Strategy<Value = String> {
    let names = ["status", "libraryId", "q", "sort", "overdue", "limit", "cursor", "x"];
    let parameter = (prop::sample::select(names.to_vec()), value());
    // Without signing out, which would leave the other requests without a caller.
    let routes = edge::routes::ROUTES.iter().filter(|(_, path, _)| *path != "/sessions/current");
    let routes: Vec<_> = routes.map(|(_, path, _)| (*path).to_owned()).collect();
    (prop::sample::select(routes), value(), prop::collection::vec(parameter, 0..4)).prop_map(
        |(route, value, parameters)| {
            let id = if value.is_empty() { "x" } else { &value };
            let ends = [("{id}", id), ("{token}", id), ("{email}", id), ("{file+}", id), ("$default", "/x")];
            let path = ends.iter().fold(route, |path, (name, value)| path.replace(name, value));
            let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
        },
    )
}

/// JSON that is nearly a form, other JSON, and any bytes.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let form = camille();
    let fields: Vec<String> = form.as_object().unwrap().keys().cloned().collect();
    let other = vec!["password", "household", "role", "displayName", "libraryIds", "name", "active", "url", "x"];
    let field = prop_oneof![prop::sample::select(fields), prop::sample::select(other).prop_map(str::to_owned)];
    let odd =
        prop::sample::select(vec!["null", "0", "-1e300", "true", "[]", "{}", "[null]", "\"\"", "\"\\u0000\"", "{"]);
    let nearly = prop::collection::vec((field, odd), 0..4).prop_map(move |changes| {
        let mut text = form.to_string();
        for (field, value) in changes {
            text.insert_str(1, &format!("\"{field}\":{value},"));
        }
        text.into_bytes()
    });
    prop_oneof![nearly, prop::collection::vec(any::<u8>(), 0..80), ".{0,80}".prop_map(String::into_bytes)]
}

fn request() -> impl Strategy<Value = Fuzzed> {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"];
    let method = prop::sample::select(methods.to_vec()).prop_map(|name| Method::from_bytes(name.as_bytes()).unwrap());
    let names = [
        "content-type",
        "accept",
        "accept-encoding",
        "if-match",
        "if-none-match",
        "idempotency-key",
        "range",
        "expect",
        "content-encoding",
        "x-http-method-override",
        "x-forwarded-for",
    ];
    let header = (prop::sample::select(names.to_vec()), value());
    (method, path(), prop::collection::vec(header, 0..4), 0_usize..4, body())
        .prop_map(|(method, path, headers, caller, body)| Fuzzed { method, path, headers, caller, body })
}

#[tokio::test]
async fn ap14_a_thousand_fuzzed_requests_meet_no_failure() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    desk.register(&marie, "patron@orange.example").await;
    let patron = desk.arrive("patron@orange.example").await;
    let callers = [None, Some(&county), Some(&marie), Some(&patron)];
    let mut runner = TestRunner::deterministic();
    let strategy = request();
    let mut refused = 0;
    for _ in 0..REQUESTS {
        let fuzzed = strategy.new_tree(&mut runner).unwrap().current();
        let mut request = desk.request(fuzzed.method.clone(), &fuzzed.path).body(fuzzed.body.clone());
        for (name, value) in &fuzzed.headers {
            request = request.header(*name, value);
        }
        if let Some(caller) = callers[fuzzed.caller] {
            request = request.bearer_auth(&caller.token);
        }
        let reply = Reply::of(request).await;
        assert!(reply.status < 500, "{fuzzed:?}: {}", reply.text());
        refused += usize::from(reply.status >= 400);
    }
    assert!((REQUESTS / 2..REQUESTS).contains(&refused), "{refused} refused: some requests are accepted, most are not");
}
