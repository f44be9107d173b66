//! Problem answers of operations, from the catalogue in `edge`. Each example is a document that the code produces.

use domain::Refusal;
use edge::{Code, Problem};
use jiff::civil::date;
use serde_json::{Map, Value, json};

use crate::{PROBLEM, examples, headers, reference};

/// A request id in the gateway's format.
const REQUEST: &str = "JKJaXmPLvHcESHA=";
/// Members of every problem document.
const COMMON: [&str; 4] = ["type", "title", "status", "detail"];
/// A member that its problem has only where the caller may see what it names.
const OPTIONAL: &str = "id";

/// A problem of the catalogue.
pub(crate) struct Known {
    /// The problem's code.
    pub(crate) code: Code,
    /// The HTTP status.
    pub(crate) status: u16,
    /// An example document.
    example: Value,
}

impl Known {
    fn new(code: Code) -> Self {
        Self { code, status: code.status().as_u16(), example: example(code).document(REQUEST) }
    }

    /// Returns the schema of the members that this problem always has.
    fn schema(&self) -> Value {
        let own: Vec<&String> = self
            .example
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .filter(|name| !COMMON.contains(&&***name) && *name != OPTIONAL)
            .collect();
        let mut schema = json!({ "properties": { "type": { "const": self.example["type"] } } });
        if !own.is_empty() {
            schema["required"] = json!(own);
        }
        schema
    }
}

/// Returns all problems of the catalogue.
pub(crate) fn all() -> Vec<Known> {
    Code::ALL.iter().copied().map(Known::new).collect()
}

/// Returns an example of a problem, built with the constructors that the functions use.
fn example(code: Code) -> Problem {
    let possible_from = date(2026, 12, 2);
    match code {
        Code::InvalidParameter => Problem::out_of_range("limit", 1, 100),
        Code::UnsupportedMediaType => Problem::unsupported_media_type("application/json"),
        Code::InvalidFields => Problem::field("lastName", &domain::text::required()),
        Code::MethodNotAllowed => Problem::method_not_allowed("PUT", &["GET"]),
        Code::LastCountyAccount => Refusal::LastCountyAccount.into(),
        Code::AlreadyRegistered => Refusal::AlreadyRegistered { id: examples::ID.parse().ok() }.into(),
        Code::AddressShared => Refusal::AddressShared.into(),
        Code::HouseholdFull => Refusal::HouseholdFull.into(),
        Code::PastExpiry => Refusal::PastExpiry.into(),
        Code::CountyTooEarly => Refusal::CountyTooEarly { possible_from }.into(),
        Code::LibraryNotWarned => Refusal::LibraryNotWarned.into(),
        Code::RenewalTooEarly => Refusal::RenewalTooEarly { possible_from }.into(),
        _ => Problem::new(code),
    }
}

/// Returns the answers with a single code, by code.
pub(crate) fn responses(known: &[Known]) -> Map<String, Value> {
    known.iter().map(|problem| (problem.code.as_str().to_owned(), response(&[problem]))).collect()
}

/// Returns the answer with one or several codes of the same status.
pub(crate) fn response(problems: &[&Known]) -> Value {
    let status = problems.first().map_or(0, |problem| problem.status);
    let meanings: Vec<String> =
        problems.iter().map(|known| format!("`{}`: {}", known.code.as_str(), known.code.meaning())).collect();
    let schemas: Vec<Value> = problems.iter().map(|problem| problem.schema()).collect();
    let own = if let [only] = &schemas[..] { only.clone() } else { json!({ "oneOf": schemas }) };
    let of_status = json!({ "properties": { "status": { "const": status } } });
    let examples: Map<String, Value> = problems
        .iter()
        .map(|known| {
            let example = json!({ "summary": known.code.meaning(), "value": known.example });
            (known.code.as_str().to_owned(), example)
        })
        .collect();
    let mut names = vec!["x-request-id"];
    match status {
        401 => names.push("WWW-Authenticate"),
        429 | 503 => names.push("Retry-After"),
        _ => {}
    }
    let headers: Map<String, Value> = names.into_iter().map(|name| (name.to_owned(), headers::of(name))).collect();
    let schema = json!({ "allOf": [reference::schema("Problem"), of_status, own] });
    json!({
        "description": meanings.join("\n\n"),
        "headers": headers,
        "content": { PROBLEM: { "schema": schema, "examples": examples } },
    })
}
