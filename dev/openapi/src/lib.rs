//! Generates the API's description, an OpenAPI 3.1 document.
//!
//! | Part | Source |
//! |---|---|
//! | bodies of answers | the functions' types, with their feature `schema` |
//! | bodies of requests | the types that forms are parsed into (`forms`) |
//! | problem documents | the catalogue in `edge` (`problems`) |
//! | operations | `operations`, one file per theme |
//!
//! The repository contains the document as `openapi.json`, which `portal` serves; a test generates it again and
//! compares. The tests also compare the routes of `template.yaml` and the answers of all stories with it. No function
//! depends on this crate.

mod examples;
mod forms;
mod headers;
mod operation;
mod operations;
mod parameters;
mod problems;
mod reference;
mod schemas;

use serde_json::{Map, Value, json};

/// The media type of a problem document (RFC 9457).
pub const PROBLEM: &str = "application/problem+json";

/// Introduction to the API, in Markdown.
const ABOUT: &str = include_str!("about.md");

/// Returns the document.
pub fn document() -> Value {
    let problems = problems::all();
    let mut paths = Map::new();
    for operation in operations::all() {
        let (method, path) = operation.place();
        let item = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
        item[method.to_lowercase()] = operation.described(&problems);
    }
    let mut responses = problems::responses(&problems);
    // A code that only occurs together with others needs no response of its own.
    let references = Value::from(paths.clone()).to_string();
    responses.retain(|code, _| references.contains(&format!("\"#/components/responses/{code}\"")));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "The patron desk",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Registrations for a county library's digital resources: who may use which, until when.",
            "description": ABOUT.trim(),
            "contact": { "name": "Médiathèque départementale de l’Oise", "email": "contact-mdo@oise.fr" },
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [
            { "url": "/", "description": "The desk that serves this description." },
            { "url": "http://127.0.0.1:3000", "description": "The local desk: `make dev`." },
        ],
        "security": [{ "session": [] }],
        "tags": operations::tags(),
        "paths": paths,
        "components": {
            "securitySchemes": { "session": session() },
            "schemas": schemas::all(),
            "parameters": parameters::all(),
            "headers": headers::all(),
            "responses": responses,
        },
    })
}

/// Returns the document as the text of `openapi.json`.
pub fn text() -> String {
    format!("{:#}\n", document())
}

fn session() -> Value {
    json!({
        "type": "http",
        "scheme": "bearer",
        "description": "The opaque `token` of `POST /sessions`, valid for 12 h for staff and 24 h for patrons. \
                        Staff's also ends 60 minutes after its last request. A change of role or libraries, or removal of the account, takes effect at the next request.",
    })
}
