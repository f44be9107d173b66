//! Problem details (RFC 9457): every 4xx and 5xx, in French, saying what to do. A 5xx says nothing of its cause; the
//! log does.

use std::fmt::Display;

use domain::{Fault, Refusal};
use lambda_http::{
    Body,
    http::{HeaderName, StatusCode, header},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Answer;

/// What went wrong: what people may read, and apart from it the cause that only the log may hold.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    more: Box<More>,
}

/// What few problems have; apart, so that a `Result` with a problem in it stays small.
#[derive(Debug, Default)]
struct More {
    errors: Vec<FieldError>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, String)>,
    cause: Option<String>,
}

/// One faulty field.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FieldError {
    /// JSON Pointer to it (RFC 6901).
    pub(crate) pointer: String,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
}

impl Problem {
    /// A problem of a stable code, explained in French.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), more: Box::default() }
    }

    /// 400, for a query parameter.
    pub fn parameter(name: &str, what: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid-parameter", format!("Paramètre « {name} » : {what}"))
    }

    /// 401: no session, or one that is over.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", "Votre session est terminée : connectez-vous.")
            .with_header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// 403: not for this role.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Votre compte ne permet pas cette opération.")
    }

    /// 404, the same for what does not exist and for what is another library's.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Cette adresse ne mène à rien que vous puissiez consulter.")
    }

    /// 409: the state of things forbids it.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 500. The cause goes to the log.
    pub fn internal(cause: impl Display) -> Self {
        let detail =
            "Une erreur est survenue de notre côté. Rien n’a été enregistré à moitié : réessayez dans un instant.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).because(cause)
    }

    /// 503: what we depend on is not there. The cause goes to the log.
    pub fn unavailable(cause: impl Display) -> Self {
        let detail = "Le service est momentanément indisponible : réessayez dans quelques secondes.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
            .with_header(header::RETRY_AFTER, "2")
            .because(cause)
    }

    /// 422: one or several fields.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let detail = "Corrigez les champs indiqués, puis recommencez.";
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields", detail);
        problem.more.errors = errors;
        problem
    }

    /// 422 for one field, by its name.
    pub fn field(name: &str, fault: &Fault) -> Self {
        Self::fields(vec![FieldError::new(name, fault)])
    }

    /// With one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.more.headers.push((name, value.into()));
        self
    }

    /// With one more member, as the contract documents it.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.members.insert(name.to_owned(), value.into());
        self
    }

    fn because(mut self, cause: impl Display) -> Self {
        self.more.cause = Some(cause.to_string());
        self
    }

    /// The cause, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.more.cause.as_deref()
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// The document. A 5xx names its request, by which the log is found.
    pub fn document(&self, request_id: &str) -> Value {
        let mut body = json!({
            "type": format!("urn:problem:{}", self.code),
            "title": title(self.status),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Value::Object(members) = &mut body {
            if !self.more.errors.is_empty() {
                members.insert("errors".to_owned(), json!(self.more.errors));
            }
            if self.status.is_server_error() {
                members.insert("instance".to_owned(), format!("urn:request:{request_id}").into());
            }
            members.extend(self.more.members.clone());
        }
        body
    }

    /// As an answer, with the request's id in a header: bodies that must be alike are alike to the byte.
    pub(crate) fn into_answer(self, request_id: &str) -> Answer {
        let answer = Answer::of(self.status, Body::Text(self.document(request_id).to_string()));
        let answer = answer.header(header::CONTENT_TYPE, "application/problem+json");
        let answer = answer.header(HeaderName::from_static("x-request-id"), request_id);
        self.more.headers.into_iter().fold(answer, |answer, (name, value)| answer.header(name, value))
    }
}

impl FieldError {
    pub(crate) fn new(name: &str, fault: &Fault) -> Self {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("/{escaped}"), code: fault.code, detail: fault.detail.to_string() }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(_) | store::Error::Busy => Self::unavailable(error),
            store::Error::Lost(_) | store::Error::Refused(_) | store::Error::Malformed(_) => Self::internal(error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::conflict(refusal.code(), refusal.detail());
        match refusal.possible_from() {
            Some(possible_from) => problem.with_member("possibleFrom", possible_from.to_string()),
            None => problem,
        }
    }
}

/// The title of a status, the same for all problems of it.
fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "Requête mal formée",
        401 => "Connexion nécessaire",
        403 => "Opération non permise",
        404 => "Introuvable",
        405 => "Méthode non permise",
        409 => "Impossible en l’état",
        412 => "Modifié entre-temps",
        413 => "Contenu trop volumineux",
        415 => "Format non accepté",
        422 => "Champs à corriger",
        428 => "Version non précisée",
        429 => "Trop de demandes",
        503 => "Service indisponible",
        _ => "Erreur du service",
    }
}
