//! Schemas of request bodies. The functions parse a form field by field, so that they can report all faults at once.
//! The schemas here are derived from those of the parsed types.

use serde_json::{Map, Value, json};

use crate::reference;

/// Returns the schemas of all forms, derived from the schemas of the parsed types.
pub(crate) fn all(types: &Map<String, Value>) -> Map<String, Value> {
    let registration = registration(&types["Person"]);
    let forms = [
        ("Blank", blank()),
        ("Credentials", credentials()),
        ("Confirmation", confirmation()),
        ("FirstCode", form(&json!({ "code": code() }), &["code"])),
        ("PasswordRequest", form(&json!({ "email": { "type": "string" } }), &["email"])),
        ("PasswordChoice", password_choice()),
        ("LibraryForm", without_id(&types["Library"])),
        ("ResourceForm", without_id(&types["Resource"])),
        ("StaffForm", staff()),
        ("RegistrationPatch", patch(&registration)),
        ("RegistrationForm", registration),
    ];
    forms.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn form(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

fn blank() -> Value {
    json!({
        "type": ["string", "null"],
        "pattern": r"^[\s\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF]*$",
        "description": "An empty field: blank or invisible characters. Sent for a field that has a value, it removes the value.",
    })
}

fn password_choice() -> Value {
    let email = "The address that the page's user-name field holds: refused unless it is the account's.";
    let email = json!({ "type": ["string", "null"], "description": email });
    form(&json!({ "password": password(), "email": email }), &["password"])
}

fn credentials() -> Value {
    let properties = json!({
        "email": { "type": "string", "description": "An invalid address is answered with 401, like an unknown one." },
        "password": { "type": "string" },
        "code": optional_code(),
    });
    form(&properties, &["email", "password"])
}

fn confirmation() -> Value {
    form(&json!({ "password": { "type": "string" }, "code": optional_code() }), &["password"])
}

/// Returns the schema of a code. Spaces and hyphens are read over.
fn code() -> Value {
    json!({ "type": "string", "writeOnly": true, "description": "Six digits of the app, or a recovery code." })
}

fn optional_code() -> Value {
    json!({ "anyOf": [code(), reference::schema("Blank")], "description": "Where the account has a second factor." })
}

fn password() -> Value {
    json!({
        "type": "string",
        "minLength": 8,
        "maxLength": 128,
        "writeOnly": true,
        "description": "At least 8 characters with 1 capital, 1 lower-case letter, 1 digit and 1 special character. \
                        Refused if it can be guessed from names, town, library, birth date, numbers or common words.",
    })
}

/// Returns the schema with a blank value in place of null.
fn optional(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let null = json!({ "type": "null" });
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.iter_mut().filter(|choice| **choice == null).for_each(|choice| *choice = reference::schema("Blank"));
    }
    schema
}

/// Returns a form with a type's fields except the id, which is in the path.
fn without_id(of_type: &Value) -> Value {
    let mut schema = form(&json!({}), &[]);
    let properties = of_type["properties"].as_object().into_iter().flatten().filter(|(name, _)| *name != "id");
    schema["properties"] = properties.map(|(name, property)| (name.clone(), optional(property))).collect();
    schema["required"] =
        of_type["required"].as_array().into_iter().flatten().filter(|name| *name != "id").cloned().collect();
    schema
}

fn staff() -> Value {
    let properties = json!({
        "displayName": reference::schema("Name"),
        "role": { "enum": ["librarian", "county"] },
        "libraryIds": {
            "type": ["array", "null"],
            "maxItems": directory::MAX_LIBRARIES,
            "items": reference::schema("LibraryId"),
            "description": "Libraries of the county; at least one for a librarian.",
        },
    });
    form(&properties, &["displayName", "role"])
}

fn registration(person: &Value) -> Value {
    let mut schema = without_id(person);
    let resources = json!({
        "type": "array",
        "maxItems": desk::MAX_RESOURCES,
        "items": reference::schema("ResourceId"),
        "description": "Active resources, or resources that the registration has already. Duplicates count once.",
    });
    schema["properties"]["resources"] = resources;
    let library =
        json!({ "$ref": reference::schema("LibraryId")["$ref"], "description": "One of the caller's libraries." });
    schema["properties"]["libraryId"] = library;
    let provisional = "The provisional password. It opens no session; no answer or message contains it.";
    schema["properties"]["password"] =
        json!({ "anyOf": [password(), reference::schema("Blank")], "description": provisional });
    let shares = "Confirms that the person shares the household of the address's account, and joins it.";
    schema["properties"]["household"] = json!({ "type": "boolean", "default": false, "description": shares });
    if let Some(required) = schema["required"].as_array_mut() {
        required.extend([json!("resources"), json!("libraryId")]);
    }
    schema
}

/// Returns the form of a correction: the fields of a registration except the password, all optional.
fn patch(registration: &Value) -> Value {
    let mut schema = registration.clone();
    schema["required"] = json!([]);
    schema["description"] =
        json!("A JSON Merge Patch (RFC 7396): a value replaces, null removes, omitted fields are unchanged.");
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.remove("password");
    }
    schema
}
