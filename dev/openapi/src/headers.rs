//! The headers that answers tell something in.

use serde_json::{Map, Value, json};

/// A reference to one, by its name.
pub(crate) fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// All of them, by name.
pub(crate) fn all() -> Map<String, Value> {
    let texts = [
        (
            "ETag",
            "The version, for `If-Match` and `If-None-Match`.",
            json!({ "type": "string", "pattern": "^\".+\"$" }),
        ),
        ("Link", "The next page, with `rel=\"next\"` (RFC 8288); none on the last.", json!({ "type": "string" })),
        ("Location", "Where it is.", json!({ "type": "string", "format": "uri-reference" })),
        ("Retry-After", "Seconds to wait.", json!({ "type": "integer", "minimum": 1 })),
        (
            "Content-Disposition",
            "The file's name, in ASCII and as it is written (RFC 6266).",
            json!({ "type": "string", "pattern": "^attachment; filename=\".+\\.xlsx\"; filename\\*=UTF-8''.+$" }),
        ),
        ("Content-Encoding", "`gzip`, for whoever accepts it.", json!({ "const": "gzip" })),
        ("WWW-Authenticate", "How to sign in.", json!({ "const": "Bearer" })),
        ("x-request-id", "The id by which the log knows the request.", json!({ "type": "string" })),
    ];
    let optional = ["Link", "Content-Encoding"];
    let header = |(name, description, schema): (&str, &str, Value)| {
        let required = !optional.contains(&name);
        (name.to_owned(), json!({ "description": description, "required": required, "schema": schema }))
    };
    texts.into_iter().map(header).collect()
}
