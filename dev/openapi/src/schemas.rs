//! Schemas of answers, generated from the functions' types and adapted to OpenAPI, and schemas of forms.

use domain::{Library, Person, Resource};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{forms, reference::SCHEMAS};

/// Returns all schemas, by name.
pub(crate) fn all() -> Map<String, Value> {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| settings.definitions_path = SCHEMAS.into())
        .into_generator();
    answered(&mut generator);
    generator.subschema_for::<Person>();
    let mut schemas = generator.take_definitions(true);
    let forms = forms::all(&schemas);
    // A person is part of a registration; no answer contains one alone.
    schemas.remove("Person");
    schemas.values_mut().for_each(tidy);
    schemas.extend(forms);
    schemas.insert("Problem".to_owned(), problem());
    schemas
}

fn answered(generator: &mut SchemaGenerator) {
    generator.subschema_for::<session::Opened<'static>>();
    generator.subschema_for::<session::Me>();
    generator.subschema_for::<session::Sessions>();
    generator.subschema_for::<session::Enrolment>();
    generator.subschema_for::<session::RecoveryCodes>();
    generator.subschema_for::<Library>();
    generator.subschema_for::<Resource>();
    generator.subschema_for::<desk::AccountView>();
    generator.subschema_for::<directory::StaffView>();
    generator.subschema_for::<directory::Items<Library>>();
    generator.subschema_for::<directory::Items<Resource>>();
    generator.subschema_for::<directory::Items<directory::StaffView>>();
    generator.subschema_for::<list::PageView>();
    generator.subschema_for::<list::Counts>();
    generator.subschema_for::<list::HistoryView>();
    generator.subschema_for::<list::MailsView>();
    generator.subschema_for::<list::Everything>();
}

/// Closes an answer's schema: no other properties than those described (requirements AP3), and no optional one is null.
fn tidy(schema: &mut Value) {
    name_values(schema);
    let Value::Object(members) = schema else { return };
    // The width of a Rust integer is of no use to clients.
    members.retain(|name, value| !(name == "format" && value == "uint"));
    let required: Vec<Value> = members.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        for (name, property) in properties {
            if !required.contains(&json!(name)) {
                never_null(property);
            }
            tidy(property);
        }
        let open = if members.contains_key("oneOf") { "unevaluatedProperties" } else { "additionalProperties" };
        members.insert(open.to_owned(), false.into());
    }
}

/// Converts a `oneOf` of constants to an `enum`, which every client generator supports, with the meanings in the
/// description.
fn name_values(schema: &mut Value) {
    let Some(choices) = schema.get("oneOf").and_then(Value::as_array) else { return };
    let values: Option<Vec<Value>> = choices.iter().map(|choice| choice.get("const").cloned()).collect();
    let Some(values) = values else { return };
    let meaning = |choice: &Value| format!("\n- `{}`: {}", text(&choice["const"]), text(&choice["description"]));
    let meanings: String = choices.iter().map(meaning).collect();
    let description = format!("{}\n{meanings}", text(&schema["description"]));
    *schema = json!({ "type": "string", "enum": values, "description": description });
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Removes null from a property's types.
fn never_null(property: &mut Value) {
    let description = property.get("description").cloned();
    if let Some(Value::Array(choices)) = property.get_mut("anyOf") {
        choices.retain(|choice| *choice != json!({ "type": "null" }));
        if let [Value::Object(only)] = &choices[..] {
            let mut only = only.clone();
            only.extend(description.map(|description| ("description".to_owned(), description)));
            *property = only.into();
        }
    } else if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|of| of != "null");
        if let [only] = &types[..] {
            property["type"] = only.clone();
        }
    }
}

/// Returns the schema of a problem document. Schemas of answers add the members of their problems.
fn problem() -> Value {
    let error = json!({
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "additionalProperties": false,
        "properties": {
            "pointer": { "type": "string", "format": "json-pointer", "description": "The field (RFC 6901)." },
            "code": { "type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "description": "`required`, `too-long`, …" },
            "detail": { "type": "string", "description": "How to correct the field, in French." },
        },
    });
    json!({
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": false,
        "properties": {
            "type": { "type": "string", "pattern": "^urn:problem:[a-z0-9]+(-[a-z0-9]+)*$", "description": "Stable." },
            "title": { "type": "string", "description": "In French, the same for all problems of a status." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "What to do, in French." },
            "errors": { "type": "array", "minItems": 1, "items": error, "description": "All faulty fields." },
            "instance": { "type": "string", "pattern": "^urn:request:", "description": "The request, for a 5xx." },
            "possibleFrom": { "type": "string", "format": "date", "description": "The first possible day." },
            "id": { "$ref": "#/components/schemas/RegistrationId", "description": "The conflicting registration." },
        },
    })
}
