//! Converts a function's answer to HTTP, with the gateway's limits; builds the gateway's own answers.

use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Bytes;
use lambda_http::Body;
use serde_json::json;

use crate::serving::{Reply, json as reply};

/// Maximum size of a function's answer on Lambda, in bytes of its JSON. A larger one becomes a 500.
const MAX_ANSWER: usize = 6 * 1024 * 1024;

/// Converts an answer to HTTP. A body over Lambda's limit becomes a 500; a binary one counts as base64.
pub(super) fn outgoing(response: Response<Body>) -> Reply {
    let (mut head, body) = response.into_parts();
    let (bytes, as_sent) = match body {
        Body::Text(text) => {
            let length = text.len();
            (Bytes::from(text), length)
        }
        Body::Binary(bytes) => {
            let length = bytes.len().div_ceil(3) * 4;
            (Bytes::from(bytes), length)
        }
        _ => (Bytes::new(), 0),
    };
    if as_sent > MAX_ANSWER {
        tracing::error!(as_sent, "an answer is larger than Lambda's 6 MB");
        return failed();
    }
    // The gateway sets the length itself.
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.remove(header::TRANSFER_ENCODING);
    Response::from_parts(head, Full::new(bytes))
}

/// Returns the gateway's answer to a failed function.
pub(super) fn failed() -> Reply {
    reply(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": "Internal Server Error" }))
}

/// Returns the gateway's answer to a function that exceeds the timeout.
pub(super) fn late() -> Reply {
    reply(StatusCode::SERVICE_UNAVAILABLE, &json!({ "message": "Service Unavailable" }))
}

/// Returns the gateway's answer to a request that matches no route.
pub(super) fn not_found() -> Reply {
    reply(StatusCode::NOT_FOUND, &json!({ "message": "Not Found" }))
}

/// Returns the gateway's answer to a malformed request.
pub(super) fn bad_request() -> Reply {
    reply(StatusCode::BAD_REQUEST, &json!({ "message": "Bad Request" }))
}

/// Returns the gateway's answer to a body over 10 MB.
pub(super) fn too_large() -> Reply {
    reply(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "message": "Request Entity Too Large" }))
}

/// Adds the id of the request in the logs to a refusal. AWS adds it to every answer; successful ones are left alone
/// here, so that tests can compare two answers that must be equal.
pub(super) fn marked(mut reply: Reply, request_id: &str) -> Reply {
    let refused = reply.status().is_client_error() || reply.status().is_server_error();
    if let (true, Ok(id)) = (refused, HeaderValue::from_str(request_id)) {
        reply.headers_mut().entry("x-request-id").or_insert(id);
    }
    reply
}
