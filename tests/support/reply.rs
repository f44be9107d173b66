//! An answer. Every answer is checked against the contract's conventions as it arrives.

use reqwest::{RequestBuilder, header::HeaderMap};
use serde_json::Value;

use super::described;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, sent) =
            (request.method().clone(), request.body().and_then(|body| body.as_bytes().map(<[u8]>::to_vec)));
        let answer = client.execute(request).await.expect("the local desk answers");
        let status = answer.status().as_u16();
        let headers = answer.headers().clone();
        let path = answer.url().path().to_owned();
        let body = answer.bytes().await.expect("the answer has a body").to_vec();
        let reply = Self { status, headers, body };
        if !path.starts_with("/_local") {
            reply.check_conventions(path.starts_with("/portail") || path == "/openapi.json");
        }
        if described::is_described(&path) {
            described::check(&method, &path, sent.as_deref(), &reply);
        }
        reply
    }

    /// Checks the headers that every answer has (contract, conventions). Only static files may be cached.
    fn check_conventions(&self, a_file: bool) {
        if !a_file || self.status >= 400 {
            assert_eq!(self.header("cache-control"), "no-store");
        }
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert!(self.headers.contains_key("strict-transport-security"));
        assert!(self.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(!self.headers.contains_key("set-cookie"), "a cookie would let another site's request in");
        if self.status >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
            assert!(!self.header("x-request-id").is_empty(), "a problem names its request");
            let problem = self.json();
            assert_eq!(problem["status"], self.status);
            assert!(problem["type"].as_str().unwrap().starts_with("urn:problem:"));
            assert!(!problem["title"].as_str().unwrap().is_empty());
            assert!(!problem["detail"].as_str().unwrap().is_empty());
        }
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Checks that the answer is a problem of this status and code.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["type"], format!("urn:problem:{code}"), "{problem}");
        problem
    }

    /// Returns the faulty fields of a 422 as `pointer code`, sorted.
    #[track_caller]
    pub(crate) fn faults(self) -> Vec<String> {
        let problem = self.problem(422, "invalid-fields");
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        let errors = problem["errors"].as_array().expect("errors");
        assert!(errors.iter().all(|error| !text(error, "detail").is_empty()));
        let mut faults: Vec<_> =
            errors.iter().map(|error| format!("{} {}", text(error, "pointer"), text(error, "code"))).collect();
        faults.sort();
        faults
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    /// Returns one field of each item of a page.
    #[track_caller]
    pub(crate) fn column(&self, field: &str) -> Vec<String> {
        let page = self.json();
        let items = page["items"].as_array().expect("items");
        items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()).collect()
    }
}
