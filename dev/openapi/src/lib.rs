//! What the API is, for whoever calls it: an OpenAPI 3.1 document.
//!
//! | What it says | Where from |
//! |---|---|
//! | bodies of answers | the functions' own types, by their feature `schema` |
//! | bodies of requests | the parsed types that forms are read into (`forms`) |
//! | problem documents | the code's own problems (`problems`) |
//! | operations | `operations`, a file a theme |
//!
//! The repository has it as `openapi.json`, which `portal` serves; a test makes it anew and compares. The tests also hold
//! the routes of `template.yaml` and every answer of every story to it. No function depends on this crate.

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

/// What readers should know before the first operation.
const ABOUT: &str = include_str!("about.md");

/// The document.
pub fn document() -> Value {
    let problems = problems::all();
    let mut paths = Map::new();
    for operation in operations::all() {
        let (method, path) = operation.place();
        let item = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
        item[method.to_lowercase()] = operation.described(&problems);
    }
    let mut responses = problems::responses(&problems);
    // A code that never stands alone in an answer is told with the others.
    let told = Value::from(paths.clone()).to_string();
    responses.retain(|code, _| told.contains(&format!("\"#/components/responses/{code}\"")));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "The patron desk",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A county library's digital resources: who may use them, until when.",
            "description": ABOUT.trim(),
            "contact": { "name": "Médiathèque départementale de l’Oise", "email": "contact-mdo@oise.fr" },
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [
            { "url": "/", "description": "The desk that this description was read from." },
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

/// The document as the repository has it.
pub fn text() -> String {
    format!("{:#}\n", document())
}

fn session() -> Value {
    json!({
        "type": "http",
        "scheme": "bearer",
        "description": "The `token` that `POST /sessions` answers: opaque, valid for 12 h for staff and 24 h for patrons. A \
                        change of role, of libraries, or an account's end is felt by the very next request.",
    })
}
