//! The bodies of requests. A form is read field by field into parsed types, so that all its faults are told at once; what
//! is said of it here is made of these types' schemas.

use serde_json::{Map, Value, json};

use crate::reference;

/// The schemas of all forms, from those of the types that they are read into.
pub(crate) fn all(types: &Map<String, Value>) -> Map<String, Value> {
    let registration = registration(&types["Person"]);
    let forms = [
        ("Blank", blank()),
        ("Credentials", credentials()),
        ("PasswordRequest", form(&json!({ "email": { "type": "string" } }), &["email"])),
        ("PasswordChoice", form(&json!({ "password": password() }), &["password"])),
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
        "pattern": r"^\s*$",
        "description": "Nothing: a field that was left empty. Sent for one that has a value, it removes it.",
    })
}

fn credentials() -> Value {
    let properties = json!({
        "email": { "type": "string", "description": "What is no address is nobody's: 401, as for an unknown one." },
        "password": { "type": "string" },
    });
    form(&properties, &["email", "password"])
}

fn password() -> Value {
    json!({
        "type": "string",
        "minLength": 8,
        "maxLength": 128,
        "writeOnly": true,
        "description": "At least 1 capital, 1 lower-case letter, 1 digit, 1 special character, 8 characters in all; not one \
                        that is guessed from names, town, library or common words.",
    })
}

/// What may be left out may be empty as well.
fn optional(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let null = json!({ "type": "null" });
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.iter_mut().filter(|choice| **choice == null).for_each(|choice| *choice = reference::schema("Blank"));
    }
    schema
}

/// A type's own fields, as they are sent to an address that holds its id.
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
        "displayName": { "type": "string", "minLength": 1, "maxLength": 100, "description": "At least one letter." },
        "role": { "enum": ["librarian", "county"] },
        "libraryIds": {
            "type": ["array", "null"],
            "items": reference::schema("LibraryId"),
            "description": "Libraries of the county: of a librarian at least one.",
        },
    });
    form(&properties, &["displayName", "role"])
}

fn registration(person: &Value) -> Value {
    let mut schema = without_id(person);
    let resources = json!({
        "type": "array",
        "items": reference::schema("ResourceId"),
        "description": "Active resources, or such as the registration has already. A repeated one counts once.",
    });
    schema["properties"]["resources"] = resources;
    let library = json!({ "$ref": reference::schema("LibraryId")["$ref"], "description": "One of the caller's own." });
    schema["properties"]["libraryId"] = library;
    let provisional = "The provisional password, which opens nothing but the way to a personal one. Told to nobody.";
    schema["properties"]["password"] =
        json!({ "anyOf": [password(), reference::schema("Blank")], "description": provisional });
    if let Some(required) = schema["required"].as_array_mut() {
        required.extend([json!("resources"), json!("libraryId")]);
    }
    schema
}

/// The same fields, none of which must be there; a password is nobody's to correct.
fn patch(registration: &Value) -> Value {
    let mut schema = registration.clone();
    schema["required"] = json!([]);
    schema["description"] =
        json!("A JSON Merge Patch (RFC 7396): what is sent replaces, null removes, the rest stays.");
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.remove("password");
    }
    schema
}
