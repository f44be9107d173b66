//! Parameters in paths, queries and headers of requests.

use serde_json::{Map, Value, json};

use crate::reference::schema;

/// Returns a reference to the parameter of this name.
pub(crate) fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// Returns all parameters, by name.
pub(crate) fn all() -> Map<String, Value> {
    in_path().into_iter().chain(in_query()).chain(in_header()).map(|(name, value)| (name.to_owned(), value)).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "a schema is made where it is needed")]
fn parameter(place: &str, name: &str, required: bool, description: &str, schema: Value) -> Value {
    json!({ "in": place, "name": name, "required": required, "description": description, "schema": schema })
}

fn in_path() -> [(&'static str, Value); 5] {
    let path = |name: &str, description: &str, schema: Value, example: &str| {
        let mut path = parameter("path", name, true, description, schema);
        path["example"] = example.into();
        path
    };
    let token = json!({ "type": "string", "minLength": 1 });
    [
        ("registrationId", path("id", "The registration's id.", schema("RegistrationId"), crate::examples::ID)),
        ("libraryId", path("id", "The library's id.", schema("LibraryId"), "LI10599")),
        ("resourceId", path("id", "The resource's id.", schema("ResourceId"), "bd-en-ligne")),
        ("staffEmail", path("email", "The account's e-mail address.", schema("Email"), "paul.lecteur@oise.example")),
        ("resetToken", path("token", "The token of the password link.", token, "Zm9yZ2VkLWFuZC1kZWFk")),
    ]
}

fn in_query() -> [(&'static str, Value); 7] {
    let query = |name: &str, description: &str, schema: Value| parameter("query", name, false, description, schema);
    let q = "The start of a word of last name, first name, e-mail or card number; case, accents, hyphens \
             and apostrophes are ignored. It has a letter or a digit. For the county without `libraryId`: the start of \
             the last name, or a whole e-mail or card number.";
    let overdue = "`true` returns only registrations that have been pending for more than 7 days.";
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 });
    [
        ("status", query("status", "Returns only registrations of this status.", schema("Status"))),
        ("ofLibrary", query("libraryId", "Restricts the answer to this library.", schema("LibraryId"))),
        ("q", query("q", q, json!({ "type": "string", "minLength": 1, "maxLength": 100 }))),
        (
            "sort",
            query(
                "sort",
                "Sorts by last and first name, or newest first.",
                json!({ "enum": ["name", "-registeredOn"], "default": "name" }),
            ),
        ),
        ("overdue", query("overdue", overdue, json!({ "type": "boolean", "default": false }))),
        ("limit", query("limit", "Maximum number of items per page.", limit)),
        (
            "cursor",
            query(
                "cursor",
                "Continues after the previous page: its `next`.",
                json!({ "type": "string", "minLength": 1 }),
            ),
        ),
    ]
}

fn in_header() -> [(&'static str, Value); 5] {
    let header = |name: &str, required: bool, description: &str, schema: Value| {
        parameter("header", name, required, description, schema)
    };
    let tags = || json!({ "type": "string", "minLength": 1, "examples": ["\"v1\"", "*"] });
    let key = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    let key_says = "A repeated request with the same key returns the same registration, for 24 h.";
    [
        (
            "ifMatch",
            header(
                "If-Match",
                false,
                "Performs the change only if the record still has this version (`ETag`).",
                tags(),
            ),
        ),
        ("ifMatchRequired", header("If-Match", true, "The version to change (`ETag`), or `*` for any.", tags())),
        ("onlyNew", header("If-None-Match", false, "`*` only adds: 412 if there is one already.", tags())),
        ("ifNoneMatch", header("If-None-Match", false, "The version that the client has (`ETag`).", tags())),
        ("idempotencyKey", header("Idempotency-Key", false, key_says, key)),
    ]
}
