//! Headers of answers.

use serde_json::{Map, Value, json};

/// Returns a reference to the header of this name.
pub(crate) fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// Returns all headers, by name.
pub(crate) fn all() -> Map<String, Value> {
    let texts = [
        (
            "ETag",
            "The version, for use in `If-Match` and `If-None-Match`.",
            json!({ "type": "string", "pattern": "^\".+\"$" }),
        ),
        (
            "Link",
            "The next page, with `rel=\"next\"` (RFC 8288); omitted on the last page.",
            json!({ "type": "string" }),
        ),
        ("Location", "The URL of the resource.", json!({ "type": "string", "format": "uri-reference" })),
        ("Retry-After", "Seconds to wait.", json!({ "type": "integer", "minimum": 1 })),
        (
            "Content-Disposition",
            "The file name, in ASCII and in UTF-8 (RFC 6266).",
            json!({ "type": "string", "pattern": "^attachment; filename=\".+\\.xlsx\"; filename\\*=UTF-8''.+$" }),
        ),
        ("Content-Encoding", "`gzip`, if the request accepts it.", json!({ "const": "gzip" })),
        ("WWW-Authenticate", "The authentication scheme.", json!({ "const": "Bearer" })),
        ("x-request-id", "The request's id in the logs.", json!({ "type": "string" })),
    ];
    let optional = ["Link", "Content-Encoding"];
    let header = |(name, description, schema): (&str, &str, Value)| {
        let required = !optional.contains(&name);
        (name.to_owned(), json!({ "description": description, "required": required, "schema": schema }))
    };
    texts.into_iter().map(header).collect()
}
