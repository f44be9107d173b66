//! CORS, as an HTTP API implements it: preflights are answered by the gateway, and answers name the allowed origin. A
//! request of any other origin gets no CORS headers.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use hyper::body::Bytes;

use crate::{serving::Reply, template::Cors};

/// Returns the answer to a preflight, or `None` for any other request.
pub(super) fn preflight(cors: &Cors, head: &Parts) -> Option<Reply> {
    let asks =
        head.headers.contains_key(header::ORIGIN) && head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if head.method != Method::OPTIONS || !asks {
        return None;
    }
    let mut reply = Response::new(Full::new(Bytes::new()));
    *reply.status_mut() = StatusCode::NO_CONTENT;
    if let Some(origin) = allowed(cors, head) {
        let headers = reply.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, &cors.allow_methods.join(","));
        set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, &cors.allow_headers.join(","));
        set(headers, header::ACCESS_CONTROL_MAX_AGE, &cors.max_age.to_string());
    }
    Some(reply)
}

/// Adds the CORS headers that let an allowed origin read an answer.
pub(super) fn mark(cors: &Cors, head: &Parts, headers: &mut HeaderMap) {
    if let Some(origin) = allowed(cors, head) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose_headers.join(","));
    }
}

fn allowed(cors: &Cors, head: &Parts) -> Option<HeaderValue> {
    let origin = head.headers.get(header::ORIGIN)?;
    cors.allow_origins.iter().any(|allowed| origin == allowed.as_str()).then(|| origin.clone())
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
