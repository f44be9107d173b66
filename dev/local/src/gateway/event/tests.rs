use http::Request;
use lambda_http::{Body, RequestExt};

use super::*;

fn of(request: http::request::Builder, body: &[u8]) -> Value {
    let (head, ()) = request.body(()).unwrap().into_parts();
    let variables = BTreeMap::from([("id".to_owned(), "a b".to_owned())]);
    let taken = Taken { key: "GET /things/{id}", variables, target: &() };
    let now = "2026-11-24T08:00:00.5Z".parse().unwrap();
    let circumstances = Circumstances { peer: ([127, 0, 0, 1], 4711).into(), request_id: "r-1", now };
    event(&head, body, &taken, &circumstances)
}

#[test]
fn a_request_becomes_the_gateway_s_event() {
    let request = Request::get("/things/a%20b?q=x").header("Host", "127.0.0.1:3000").header("User-Agent", "curl/8");
    let expected = json!({
        "version": "2.0",
        "routeKey": "GET /things/{id}",
        "rawPath": "/things/a b",
        "rawQueryString": "q=x",
        "queryStringParameters": { "q": "x" },
        "pathParameters": { "id": "a b" },
        "headers": {
            "host": "127.0.0.1:3000",
            "user-agent": "curl/8",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-proto": "http",
        },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1:3000",
            "domainPrefix": "local",
            "http": {
                "method": "GET",
                "path": "/things/a b",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8",
            },
            "requestId": "r-1",
            "routeKey": "GET /things/{id}",
            "stage": "$default",
            "time": "24/Nov/2026:08:00:00 +0000",
            "timeEpoch": 1_795_507_200_500_i64,
        },
        "isBase64Encoded": false,
    });
    assert_eq!(of(request, b""), expected);
}

#[test]
fn repeats_are_joined_by_commas_and_values_decoded() {
    let request = Request::get("/things/1?q=%C3%89lan+d%27or&q=b&empty&s=a%26b")
        .header("X-Many", "one")
        .header("x-many", "two")
        .header("Cookie", "a=1; b=2");
    let event = of(request, b"");
    assert_eq!(event["queryStringParameters"], json!({ "q": "Élan d'or,b", "empty": "", "s": "a&b" }));
    assert_eq!(event["rawQueryString"], "q=%C3%89lan+d%27or&q=b&empty&s=a%26b");
    assert_eq!(event["headers"]["x-many"], "one,two");
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["headers"]["cookie"], Value::Null);
}

#[test]
fn w19_a_body_is_text_or_base64_by_its_media_type_as_on_aws() {
    let typed = |media_type: &str| Request::post("/things/1").header("Content-Type", media_type);
    let sent = |event: Value| (event["body"].clone(), event["isBase64Encoded"].clone());
    for text in
        ["application/json; charset=utf-8", "Application/JSON", "application/xml", "application/javascript", "text/csv"]
    {
        assert_eq!(sent(of(typed(text), "{\"é\":1}".as_bytes())), ("{\"é\":1}".into(), false.into()), "{text}");
        let bytes: Vec<u8> = (0x80..=0xff).collect();
        let lost = "\u{fffd}".repeat(bytes.len());
        assert_eq!(sent(of(typed(text), &bytes)), (lost.into(), false.into()), "{text}");
    }
    for other in ["application/merge-patch+json", "image/svg+xml", "application/octet-stream"] {
        assert_eq!(sent(of(typed(other), b"{}")), ("e30=".into(), true.into()), "{other}");
    }
    assert_eq!(sent(of(Request::post("/things/1"), b"\xff\x00")), ("/wA=".into(), true.into()));
    assert_eq!(sent(of(Request::post("/things/1"), b"")), (Value::Null, false.into()));
}

#[test]
fn the_lambda_runtime_parses_the_event() {
    let request = Request::put("/things/a%20b?q=1&q=2").header("Host", "127.0.0.1:3000").header("If-Match", "\"é\"");
    let event = of(request.header("Content-Type", "image/png"), b"\xff\x00").to_string();
    let request = edge::request(&event).unwrap();
    assert_eq!((request.method().as_str(), request.raw_http_path()), ("PUT", "/things/a b"));
    assert_eq!(request.query_string_parameters().all("q").unwrap(), ["1", "2"]);
    assert_eq!(request.path_parameters().first("id"), Some("a b"));
    assert_eq!(request.headers()["if-match"].as_bytes(), "\"é\"".as_bytes());
    assert_eq!(*request.body(), Body::Binary(vec![0xff, 0]));
}
