//! The schemas of answers, as the functions' own types give them, made tidy for readers of OpenAPI; and those of forms.

use domain::{Library, Person, Resource};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{forms, reference::SCHEMAS};

/// All of them, by name.
pub(crate) fn all() -> Map<String, Value> {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| settings.definitions_path = SCHEMAS.into())
        .into_generator();
    answered(&mut generator);
    generator.subschema_for::<Person>();
    let mut schemas = generator.take_definitions(true);
    let forms = forms::all(&schemas);
    // A person stands in a registration, never alone.
    schemas.remove("Person");
    schemas.values_mut().for_each(tidy);
    schemas.extend(forms);
    schemas.insert("Problem".to_owned(), problem());
    schemas
}

fn answered(generator: &mut SchemaGenerator) {
    generator.subschema_for::<session::Opened<'static>>();
    generator.subschema_for::<session::Me>();
    generator.subschema_for::<directory::Items<Library>>();
    generator.subschema_for::<directory::Items<Resource>>();
    generator.subschema_for::<directory::Items<desk::AccountView>>();
    generator.subschema_for::<list::PageView>();
    generator.subschema_for::<list::Counts>();
    generator.subschema_for::<list::HistoryView>();
    generator.subschema_for::<list::MailsView>();
    generator.subschema_for::<list::Everything>();
}

/// What an answer holds is what is described and nothing else (requirements AP3); what may be left out is never null.
fn tidy(schema: &mut Value) {
    name_values(schema);
    let Value::Object(members) = schema else { return };
    // A Rust integer's width is nobody's business.
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

/// A choice of named values as an `enum`, which every generator of clients knows, its meanings in the description.
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

/// What stands beside null, alone.
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

/// A problem document; what an operation's answer adds to it stands there.
fn problem() -> Value {
    let error = json!({
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "additionalProperties": false,
        "properties": {
            "pointer": { "type": "string", "format": "json-pointer", "description": "The field (RFC 6901)." },
            "code": { "type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "description": "Stable: `required`, `too-long`, …" },
            "detail": { "type": "string", "description": "French, says what to type instead." },
        },
    });
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": false,
        "properties": {
            "type": { "type": "string", "pattern": "^urn:problem:[a-z0-9]+(-[a-z0-9]+)*$", "description": "Stable." },
            "title": { "type": "string", "description": "French, the same for all problems of a status." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "French, says what to do." },
            "errors": { "type": "array", "minItems": 1, "items": error, "description": "All faulty fields." },
            "instance": { "type": "string", "pattern": "^urn:request:", "description": "Of a 5xx: the request." },
            "possibleFrom": { "type": "string", "format": "date", "description": "The first day on which it is possible." },
            "id": { "$ref": "#/components/schemas/RegistrationId", "description": "The registration that is in the way." },
        },
    })
}
