//! `respond` answers in every case, whatever the endpoint does.

use lambda_http::http::StatusCode;
use proptest::prelude::*;
use runtime::{Aws, Clock, Endpoints, Env, Ids, Metrics};
use serde_json::{Value, json};

use super::*;

/// An endpoint that reads everything of a call, and then panics.
struct Panics;

impl Endpoint for Panics {
    type Failure = Problem;

    fn from_runtime(_: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self)
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Problem> {
        let form = call.form().map(|_| ());
        let _ = (call.bearer(), call.precondition(), call.query("q"), call.path_variable("id"), form);
        panic!("the secret of {}", call.path())
    }
}

fn event(path: &str, query: &str, headers: &Value, body: &Value) -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /a/{id}", "rawPath": path, "rawQueryString": query, "headers": headers,
        "pathParameters": { "id": path }, "isBase64Encoded": false, "body": body,
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "R-1",
            "routeKey": "POST /a/{id}", "stage": "$default", "time": "24/Nov/2026:08:00:00 +0000", "timeEpoch": 0,
            "http": { "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "" },
        },
    })
}

async fn answered(event: &Value) -> Option<(StatusCode, String)> {
    let request = crate::request(&event.to_string()).ok()?;
    let env = Env::of([]);
    let (aws, metrics) = (Aws::loopback(Endpoints::default()), Metrics::default());
    let runtime = Runtime { env, clock: Clock::System, ids: Ids::System, aws, metrics };
    let panics = Panics::from_runtime(&runtime).unwrap();
    let response = respond(&panics, &runtime, request).await;
    let body = String::from_utf8(response.body().as_ref().to_vec()).unwrap();
    Some((response.status(), body))
}

#[tokio::test]
async fn ap9_a_panic_is_a_generic_500_with_the_request_s_id() {
    let good = event("/a/1", "", &json!({}), &Value::Null);
    let (status, body) = answered(&good).await.unwrap();
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(body.contains("urn:problem:internal") && body.contains("urn:request:R-1"), "{body}");
    assert!(!body.contains("secret") && !body.contains("panic"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn ap5_every_event_is_answered(
        path in "/\\PC{0,20}",
        query in "[a-zA-Z0-9%=&+;]{0,30}",
        name in "(authorization|if-match|content-type|x-[a-z]{1,5})",
        value in "[ -~]{0,30}",
        body in prop_oneof![Just(Value::Null), "\\PC{0,40}".prop_map(Value::from)],
    ) {
        let event = event(&path, &query, &json!({ (name): value }), &body);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // An event that the runtime's own parser refuses never reaches a function.
        if let Some((status, _)) = runtime.block_on(answered(&event)) {
            prop_assert!([StatusCode::INTERNAL_SERVER_ERROR, StatusCode::BAD_REQUEST].contains(&status));
        }
    }
}
