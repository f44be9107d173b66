//! What stands in paths, queries and headers of requests.

use serde_json::{Map, Value, json};

use crate::reference::schema;

/// A reference to one, by its name.
pub(crate) fn of(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// All of them, by name.
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
        ("registrationId", path("id", "The registration.", schema("RegistrationId"), crate::examples::ID)),
        ("libraryId", path("id", "The library.", schema("LibraryId"), "LI10599")),
        ("resourceId", path("id", "The resource.", schema("ResourceId"), "bd-en-ligne")),
        ("staffEmail", path("email", "The account.", schema("Email"), "paul.lecteur@oise.example")),
        ("resetToken", path("token", "What the mailed link holds.", token, "Zm9yZ2VkLWFuZC1kZWFk")),
    ]
}

fn in_query() -> [(&'static str, Value); 7] {
    let query = |name: &str, description: &str, schema: Value| parameter("query", name, false, description, schema);
    // What a form leaves empty is as good as not there.
    let filter = |name: &str, description: &str, schema: Value| {
        let mut filter = query(name, description, schema);
        filter["allowEmptyValue"] = true.into();
        filter
    };
    let q = "What any word of last name, first name, e-mail or card number begins with, whatever its case, accents, \
             hyphens and apostrophes. For the county without `libraryId`: the start of the last name, or a whole e-mail or \
             card number.";
    let overdue = "`true`: only those pending for more than 7 days.";
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 });
    [
        ("status", filter("status", "Only those of this status.", schema("Status"))),
        ("ofLibrary", filter("libraryId", "Only those of this library.", schema("LibraryId"))),
        ("q", filter("q", q, json!({ "type": "string", "maxLength": 100 }))),
        (
            "sort",
            filter(
                "sort",
                "By last and first name, or newest first.",
                json!({ "enum": ["name", "-registeredOn"], "default": "name" }),
            ),
        ),
        ("overdue", filter("overdue", overdue, json!({ "type": "boolean", "default": false }))),
        ("limit", query("limit", "How many of them at the most.", limit)),
        ("cursor", query("cursor", "Where to go on: the `next` of the page before.", json!({ "type": "string" }))),
    ]
}

fn in_header() -> [(&'static str, Value); 4] {
    let header = |name: &str, required: bool, description: &str, schema: Value| {
        parameter("header", name, required, description, schema)
    };
    let tags = || json!({ "type": "string", "minLength": 1, "examples": ["\"v1\"", "*"] });
    let key = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
    let key_says = "A repeat under the same key is answered with the same registration, for 24 h.";
    [
        ("ifMatch", header("If-Match", false, "Only if it still is this version, by its `ETag`.", tags())),
        ("ifMatchRequired", header("If-Match", true, "The version to change, by its `ETag`; `*` for any.", tags())),
        ("ifNoneMatch", header("If-None-Match", false, "The version that is known, by its `ETag`.", tags())),
        ("idempotencyKey", header("Idempotency-Key", false, key_says, key)),
    ]
}
