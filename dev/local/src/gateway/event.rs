//! Builds the event that the gateway sends to a function: payload format 2.0.

use std::{collections::BTreeMap, net::SocketAddr};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, header, request::Parts};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::routes::{Taken, decoded};

/// Metadata of a request that is not part of it.
pub(super) struct Circumstances<'a> {
    /// The sender's address.
    pub(super) peer: SocketAddr,
    /// The request's id in the logs.
    pub(super) request_id: &'a str,
    /// The time of arrival.
    pub(super) now: Timestamp,
}

/// Returns the event of a request.
pub(super) fn event<T>(head: &Parts, body: &[u8], taken: &Taken<'_, T>, circumstances: &Circumstances<'_>) -> Value {
    let query = head.uri.query().unwrap_or_default();
    let headers = headers(&head.headers, circumstances.peer);
    let mut event = json!({
        "version": "2.0",
        "routeKey": taken.key,
        "rawPath": decoded(head.uri.path()),
        "rawQueryString": query,
        "requestContext": context(head, &headers, taken.key, circumstances),
        "headers": headers,
        "isBase64Encoded": false,
    });
    // The gateway omits empty fields.
    let parameters = query_parameters(query);
    if !parameters.is_empty() {
        event["queryStringParameters"] = json!(parameters);
    }
    if !taken.variables.is_empty() {
        event["pathParameters"] = json!(taken.variables);
    }
    let cookies = values(&head.headers, &header::COOKIE);
    if !cookies.is_empty() {
        event["cookies"] = cookies.iter().flat_map(|line| line.split("; ")).collect();
    }
    if !body.is_empty() {
        let text = is_text(&head.headers);
        event["isBase64Encoded"] = (!text).into();
        // In text, bytes that are not UTF-8 are lost.
        let sent = if text { String::from_utf8_lossy(body).into_owned() } else { BASE64_STANDARD.encode(body) };
        event["body"] = sent.into();
    }
    event
}

fn context(
    head: &Parts,
    headers: &BTreeMap<String, String>,
    route_key: &str,
    Circumstances { peer, request_id, now }: &Circumstances<'_>,
) -> Value {
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    json!({
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": header("host"),
        "domainPrefix": "local",
        "http": {
            "method": head.method.as_str(),
            "path": decoded(head.uri.path()),
            "protocol": "HTTP/1.1",
            "sourceIp": peer.ip().to_string(),
            "userAgent": header("user-agent"),
        },
        "requestId": request_id,
        "routeKey": route_key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": now.as_millisecond(),
    })
}

/// Returns the headers without cookies, names in lower case, repeated ones joined by commas, and the gateway's own.
fn headers(sent: &HeaderMap, peer: SocketAddr) -> BTreeMap<String, String> {
    let names = sent.keys().filter(|name| **name != header::COOKIE);
    let mut headers: BTreeMap<_, _> = names.map(|name| (name.to_string(), values(sent, name).join(","))).collect();
    headers.insert("x-forwarded-for".to_owned(), peer.ip().to_string());
    headers.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    headers
}

fn values(headers: &HeaderMap, name: &header::HeaderName) -> Vec<String> {
    headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}

/// Returns the decoded query parameters, repeated ones joined by commas.
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let [name, value] = [name, value].map(|text| decoded(&text.replace('+', " ")));
        parameters.entry(name).and_modify(|so_far| *so_far = format!("{so_far},{value}")).or_insert(value);
    }
    parameters
}

/// Returns whether the gateway sends a body as text; it sends any other as base64, also `+json` and one without a type.
fn is_text(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&&*media_type)
}

#[cfg(test)]
mod tests;
