//! References between the parts of the document.

use serde_json::{Value, json};

/// The location of schemas, without the leading `#` of a reference.
pub(crate) const SCHEMAS: &str = "/components/schemas";

/// Returns a reference to the schema of this name.
pub(crate) fn schema(name: &str) -> Value {
    json!({ "$ref": format!("#{SCHEMAS}/{name}") })
}
