//! The successful answers of endpoints.

use lambda_http::{
    Body, Response,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use serde::Serialize;

use crate::Problem;

/// A status, headers and a body.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Body,
}

impl Answer {
    /// Creates a JSON answer.
    ///
    /// # Errors
    /// 500 if `content` does not serialize.
    pub fn json(status: StatusCode, content: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_string(content).map_err(Problem::internal)?;
        Ok(Self::of(status, Body::Text(body)).header(header::CONTENT_TYPE, "application/json"))
    }

    /// Creates an answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self::of(status, Body::Empty)
    }

    /// Creates a 200 answer of bytes with a media type.
    pub fn bytes(media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self::of(StatusCode::OK, Body::Binary(bytes)).header(header::CONTENT_TYPE, media_type)
    }

    /// Adds a header. A value that is not valid in a header is left out; typed text is encoded before it gets here.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl AsRef<str>) -> Self {
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.push((name, value));
        }
        self
    }

    pub(crate) fn of(status: StatusCode, body: Body) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// Creates a redirection (303) to another address, which the client then gets by GET.
    pub fn see_other(location: impl AsRef<str>) -> Self {
        Self::empty(StatusCode::SEE_OTHER).header(header::LOCATION, location)
    }

    /// Replaces the status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Converts into the runtime's response, with the headers of every answer (contract, conventions). The answer's own
    /// headers override these.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        for (name, value) in EVERY_ANSWER {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}

const EVERY_ANSWER: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    // Other sites may call the API where `AllowedOrigins` says so, but not embed what it answers.
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
];
