//! The problems that operations answer, by code. Each example is the code's own document.

use domain::Refusal;
use edge::Problem;
use http::StatusCode;
use jiff::civil::{Date, date};
use serde_json::{Map, Value, json};

use crate::{PROBLEM, headers, reference};

/// A request's id, as the gateway makes them.
const REQUEST: &str = "JKJaXmPLvHcESHA=";
/// What every problem document has.
const COMMON: [&str; 4] = ["type", "title", "status", "detail"];

/// A problem that operations answer.
pub(crate) struct Known {
    /// `not-signed-in`: the last part of its type.
    pub(crate) code: String,
    /// Its status.
    pub(crate) status: u64,
    /// What has happened, for who writes a client.
    meaning: &'static str,
    /// Its document.
    example: Value,
}

impl Known {
    fn new(meaning: &'static str, problem: &Problem) -> Self {
        let example = problem.document(REQUEST);
        let code = example["type"].as_str().unwrap_or_default().trim_start_matches("urn:problem:").to_owned();
        Self { code, status: example["status"].as_u64().unwrap_or_default(), meaning, example }
    }

    /// What its document has that not every problem has.
    fn schema(&self) -> Value {
        let own: Vec<&String> = self
            .example
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .filter(|name| !COMMON.contains(&&***name))
            .collect();
        let mut schema = json!({ "properties": { "type": { "const": self.example["type"] } } });
        if !own.is_empty() {
            schema["required"] = json!(own);
        }
        schema
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Known> {
    let known = in_requests().into_iter().chain(of_accounts()).chain(of_registrations()).chain(of_the_desk());
    known.map(|(meaning, problem)| Known::new(meaning, &problem)).collect()
}

fn in_requests() -> [(&'static str, Problem); 8] {
    let key = "L’en-tête Idempotency-Key a de 1 à 255 caractères.";
    let json = "Le contenu n’est pas un objet JSON valide, ou une clé y figure deux fois.";
    let media = "Envoyez du JSON, avec l’en-tête Content-Type: application/json.";
    let reused = "Cette clé d’idempotence a déjà servi à un autre envoi : prenez-en une nouvelle.";
    let field = domain::text::required();
    [
        (
            "A query parameter is not as described, or stands twice.",
            Problem::parameter("limit", "choisissez un nombre de 1 à 100."),
        ),
        (
            "The body is no JSON object, or a key stands in it twice.",
            Problem::new(StatusCode::BAD_REQUEST, "malformed-json", json),
        ),
        ("The key is empty or too long.", Problem::new(StatusCode::BAD_REQUEST, "invalid-idempotency-key", key)),
        (
            "The body has more than 64 KB.",
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Le contenu envoyé dépasse 64 Ko."),
        ),
        (
            "The body is of another media type.",
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", media),
        ),
        ("Fields are faulty, missing, or not the caller's to set.", Problem::field("lastName", &field)),
        (
            "The key came with another body before.",
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", reused),
        ),
        ("The version to change was not said.", Problem::precondition_required()),
    ]
}

fn of_accounts() -> [(&'static str, Problem); 7] {
    let wrong = "L’adresse e-mail ou le mot de passe ne convient pas. Après plusieurs essais, attendez quelques minutes ou \
                 demandez un nouveau mot de passe.";
    let provisional =
        "Ce mot de passe est provisoire : un lien pour choisir le vôtre vient d’être envoyé à votre adresse e-mail.";
    let dead = "Ce lien ne sert plus : il a plus d’une heure, a déjà été utilisé, ou a été remplacé. Demandez-en un \
                nouveau par « mot de passe oublié ».";
    let many = "Trop de demandes viennent de votre réseau : réessayez dans quelques minutes.";
    [
        ("There is no session, or it is over.", Problem::unauthenticated()),
        (
            "Unknown address, wrong password, removed account, or one that waits after too many tries: all alike.",
            Problem::new(StatusCode::UNAUTHORIZED, "bad-credentials", wrong),
        ),
        (
            "The password is the library's: a link to choose a personal one was mailed.",
            Problem::new(StatusCode::FORBIDDEN, "password-provisional", provisional),
        ),
        ("This is not for the caller's role.", Problem::forbidden()),
        (
            "The link is unknown, used, older than an hour, or replaced.",
            Problem::new(StatusCode::NOT_FOUND, "reset-link-dead", dead),
        ),
        ("The last account of the county stays.", Refusal::LastCountyAccount.into()),
        (
            "One network address asked too often.",
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", many),
        ),
    ]
}

fn of_registrations() -> [(&'static str, Problem); 7] {
    let day: Date = date(2026, 12, 2);
    [
        ("It does not exist, or is another library's.", Problem::not_found()),
        (
            "The address is somebody's account. `id` is their registration, where it is the caller's to see.",
            Problem::email_taken("Cette personne est déjà inscrite dans une autre bibliothèque."),
        ),
        ("It is past `expiresOn`: it is renewed, not activated.", Refusal::PastExpiry.into()),
        (
            "The county waits until it has been pending for more than 7 days.",
            Refusal::CountyTooEarly { possible_from: day }.into(),
        ),
        ("The county waits until the day after the library's warning.", Refusal::LibraryNotWarned.into()),
        ("Renewal opens 30 days before `expiresOn`.", Refusal::RenewalTooEarly { possible_from: day }.into()),
        ("Somebody else has changed it first.", Problem::stale()),
    ]
}

fn of_the_desk() -> [(&'static str, Problem); 2] {
    [
        ("Something went wrong; the log says what, nothing is half done.", Problem::internal("")),
        ("What the desk depends on is away: try again.", Problem::unavailable("")),
    ]
}

/// The answers of one code alone, by code.
pub(crate) fn responses(known: &[Known]) -> Map<String, Value> {
    known.iter().map(|problem| (problem.code.clone(), response(&[problem]))).collect()
}

/// The answer of one or several codes of one status.
pub(crate) fn response(problems: &[&Known]) -> Value {
    let status = problems.first().map_or(0, |problem| problem.status);
    let meanings: Vec<String> = problems.iter().map(|known| format!("`{}`: {}", known.code, known.meaning)).collect();
    let schemas: Vec<Value> = problems.iter().map(|problem| problem.schema()).collect();
    let own = if let [only] = &schemas[..] { only.clone() } else { json!({ "oneOf": schemas }) };
    let of_status = json!({ "properties": { "status": { "const": status } } });
    let examples: Map<String, Value> = problems
        .iter()
        .map(|known| (known.code.clone(), json!({ "summary": known.meaning, "value": known.example })))
        .collect();
    let mut told = vec!["x-request-id"];
    match status {
        401 => told.push("WWW-Authenticate"),
        429 | 503 => told.push("Retry-After"),
        _ => {}
    }
    let told: Map<String, Value> = told.into_iter().map(|name| (name.to_owned(), headers::of(name))).collect();
    let schema = json!({ "allOf": [reference::schema("Problem"), of_status, own] });
    json!({
        "description": meanings.join("\n\n"),
        "headers": told,
        "content": { PROBLEM: { "schema": schema, "examples": examples } },
    })
}
