//! A function's answer on its way out, with the gateway's own limits and messages.

use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Bytes;
use lambda_http::Body;
use serde_json::json;

use crate::serving::{Reply, json as reply};

/// The most that Lambda lets a function answer, in bytes of its JSON: what is beyond is a 500 to the client.
const MAX_ANSWER: usize = 6 * 1024 * 1024;

/// As HTTP; a body too large for Lambda fails here too.
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
    // The gateway counts for itself.
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.remove(header::TRANSFER_ENCODING);
    Response::from_parts(head, Full::new(bytes))
}

/// The gateway's answer when the function has none.
pub(super) fn failed() -> Reply {
    reply(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": "Internal Server Error" }))
}

/// The gateway's answer when the function takes too long.
pub(super) fn late() -> Reply {
    reply(StatusCode::SERVICE_UNAVAILABLE, &json!({ "message": "Service Unavailable" }))
}

/// The gateway's answer to what no route leads to.
pub(super) fn not_found() -> Reply {
    reply(StatusCode::NOT_FOUND, &json!({ "message": "Not Found" }))
}

/// The gateway's answer to a request that is none.
pub(super) fn bad_request() -> Reply {
    reply(StatusCode::BAD_REQUEST, &json!({ "message": "Bad Request" }))
}

/// The gateway's answer to a body beyond 10 MB.
pub(super) fn too_large() -> Reply {
    reply(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "message": "Request Entity Too Large" }))
}

/// A refusal with the id by which the log knows the request. AWS marks every answer so; here two answers that must be
/// alike can be compared whole.
pub(super) fn marked(mut reply: Reply, request_id: &str) -> Reply {
    let refused = reply.status().is_client_error() || reply.status().is_server_error();
    if let (true, Ok(id)) = (refused, HeaderValue::from_str(request_id)) {
        reply.headers_mut().entry("x-request-id").or_insert(id);
    }
    reply
}
