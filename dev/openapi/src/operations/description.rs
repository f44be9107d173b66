//! The operation that returns this document.

use serde_json::json;

use crate::operation::{Operation, Who::Anyone};

pub(super) fn operations() -> Vec<Operation> {
    let schema = json!({
        "type": "object",
        "required": ["openapi", "info", "paths", "components"],
        "properties": { "openapi": { "const": "3.1.0" } },
    });
    let document = json!({ "application/json": { "schema": schema } });
    let describe = Operation::new("GET /openapi.json", "describe", Anyone, "This description")
        .says("OpenAPI 3.1, public, compressed if the request accepts gzip. Supports conditional requests.")
        .takes(&["ifNoneMatch"])
        .answers_with(200, "The document.", Some(document), &["ETag", "Content-Encoding"])
        .answers_with(304, "The document has not changed.", None, &["ETag"]);
    vec![describe]
}
