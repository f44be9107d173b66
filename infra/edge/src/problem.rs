//! Problem details (RFC 9457): the answers with a 4xx or 5xx status, which say in French what to do. The cause of a 5xx
//! is written to the log and never answered.

use std::fmt::Display;

use domain::{Fault, Refusal};
use jiff::SignedDuration;
use lambda_http::{
    Body,
    http::{HeaderName, StatusCode, header},
};
use runtime::Metric;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Answer, catalogue::Code};

/// A problem: the text for people, and apart from it the cause for the log.
#[derive(Debug)]
pub struct Problem {
    code: Code,
    detail: String,
    more: Box<More>,
}

/// Rarely used parts of a problem, boxed so that a `Result` with a problem stays small.
#[derive(Debug, Default)]
struct More {
    errors: Vec<FieldError>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, String)>,
    cause: Option<String>,
}

/// The greatest length of a field's name in an answer, in characters.
const MAX_NAME: usize = 100;

/// One faulty field.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FieldError {
    /// The JSON Pointer to the field (RFC 6901).
    pub(crate) pointer: String,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

impl Problem {
    /// Creates a problem with the catalogue's text and the headers of its status.
    pub fn new(code: Code) -> Self {
        Self::filled(code, &[])
    }

    /// Creates a problem like [`new`](Self::new), with `values` in place of each `{}` of the catalogue's text, in
    /// order.
    fn filled(code: Code, values: &[&dyn Display]) -> Self {
        let mut parts = code.detail().split("{}");
        let mut detail = parts.next().unwrap_or_default().to_owned();
        for (value, after) in values.iter().zip(parts) {
            detail = format!("{detail}{value}{after}");
        }
        let problem = Self { code, detail, more: Box::default() };
        match code.status() {
            StatusCode::UNAUTHORIZED => problem.with_header(header::WWW_AUTHENTICATE, "Bearer"),
            StatusCode::SERVICE_UNAVAILABLE => problem.with_header(header::RETRY_AFTER, "2"),
            _ => problem,
        }
    }

    /// 400, for a query parameter.
    pub fn parameter(name: &str, what: impl Display) -> Self {
        Self::filled(Code::InvalidParameter, &[&name, &what])
    }

    /// 400, for a query parameter that is not a number from `least` to `most`.
    pub fn out_of_range(name: &str, least: usize, most: usize) -> Self {
        Self::parameter(name, format_args!("choisissez un nombre de {least} à {most}."))
    }

    /// 401: no session, or one that has ended.
    pub fn unauthenticated() -> Self {
        Self::new(Code::NotSignedIn)
    }

    /// 403: the caller's role does not permit this.
    pub fn forbidden() -> Self {
        Self::new(Code::Forbidden)
    }

    /// 404, the same for unknown ids and for those of another library (requirements AP2).
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// 405, with the methods of the path.
    pub fn method_not_allowed(method: &str, allowed: &[&str]) -> Self {
        Self::filled(Code::MethodNotAllowed, &[&method]).with_header(header::ALLOW, allowed.join(", "))
    }

    /// 412: the record has changed since the version that the caller named.
    pub fn stale() -> Self {
        Self::new(Code::Stale)
    }

    /// 429, with the time after which a retry may succeed: whole seconds, at least one.
    pub fn later(code: Code, wait: SignedDuration) -> Self {
        Self::new(code).with_header(header::RETRY_AFTER, wait.as_secs().max(1).to_string())
    }

    /// 415: the body's media type is not `wanted`.
    pub fn unsupported_media_type(wanted: &str) -> Self {
        Self::filled(Code::UnsupportedMediaType, &[&wanted])
    }

    /// 428: a change must name its version, in `If-Match`.
    pub fn precondition_required() -> Self {
        Self::new(Code::IfMatchRequired)
    }

    /// 500. The cause is written to the log.
    pub fn internal(cause: impl Display) -> Self {
        Self::new(Code::Internal).because(cause)
    }

    /// 503: a service that the desk depends on is unavailable. The cause is written to the log.
    pub fn unavailable(cause: impl Display) -> Self {
        Self::new(Code::Unavailable).because(cause)
    }

    /// 422, for one or several fields.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(Code::InvalidFields);
        problem.more.errors = errors;
        problem
    }

    /// 422, for one field.
    pub fn field(name: &str, fault: &Fault) -> Self {
        Self::fields(vec![FieldError::new(name, fault)])
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.more.headers.push((name, value.into()));
        self
    }

    /// Adds a member to the document, as the contract describes it.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a sentence to the text for people.
    #[must_use]
    pub fn with_sentence(mut self, sentence: impl Display) -> Self {
        self.detail = format!("{} {sentence}", self.detail);
        self
    }

    fn because(mut self, cause: impl Display) -> Self {
        self.more.cause = Some(cause.to_string());
        self
    }

    /// Returns the cause, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.more.cause.as_deref()
    }

    /// Returns what the problem is counted as (requirements S6 and S18). `signed_in` says whether the caller is.
    pub(crate) fn metrics(&self, signed_in: bool) -> impl Iterator<Item = Metric> {
        let refusals = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::CONFLICT];
        let refused = signed_in && refusals.contains(&self.status());
        // Both show that the address belongs to an account outside the caller's libraries.
        let elsewhere = self.code == Code::AlreadyRegistered && !self.more.members.contains_key("id");
        let probe = self.code == Code::AddressShared || elsewhere;
        let counted = [(refused, Metric::Refusals), (probe, Metric::AddressProbes)];
        counted.into_iter().filter(|(counts, _)| *counts).map(|(_, metric)| metric)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.code.status()
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// Returns the document. A 5xx contains the request's id, by which its line in the log can be found.
    pub fn document(&self, request_id: &str) -> Value {
        let mut body = json!({
            "type": format!("urn:problem:{}", self.code.as_str()),
            "title": self.code.title(),
            "status": self.status().as_u16(),
            "detail": self.detail,
        });
        if let Value::Object(members) = &mut body {
            if !self.more.errors.is_empty() {
                members.insert("errors".to_owned(), json!(self.more.errors));
            }
            if self.status().is_server_error() {
                members.insert("instance".to_owned(), format!("urn:request:{request_id}").into());
            }
            members.extend(self.more.members.clone());
        }
        body
    }

    /// Converts into an answer. The request's id is in a header, so that equal problems have equal bodies, byte for
    /// byte.
    pub(crate) fn into_answer(self, request_id: &str) -> Answer {
        let answer = Answer::of(self.status(), Body::Text(self.document(request_id).to_string()));
        let answer = answer.header(header::CONTENT_TYPE, "application/problem+json");
        let answer = answer.header(HeaderName::from_static("x-request-id"), request_id);
        self.more.headers.into_iter().fold(answer, |answer, (name, value)| answer.header(name, value))
    }
}

impl FieldError {
    pub(crate) fn new(name: &str, fault: &Fault) -> Self {
        // An unknown member may have a name of any length.
        let name: String = name.chars().take(MAX_NAME).collect();
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("/{escaped}"), code: fault.code, detail: fault.detail.to_string() }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::filled(Code::from(&refusal), &[&refusal.detail()]);
        if let Refusal::AlreadyRegistered { id: Some(id) } = &refusal {
            return problem.with_member("id", id.as_str());
        }
        match refusal.possible_from() {
            Some(possible_from) => problem.with_member("possibleFrom", possible_from.to_string()),
            None => problem,
        }
    }
}
