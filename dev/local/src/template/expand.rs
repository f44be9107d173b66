//! Expands loops (`Fn::ForEach`) and Globals, as the transforms `AWS::LanguageExtensions` and `AWS::Serverless` do. The
//! result contains every resource under its id and every function with all its properties.

use serde_json::{Map, Value, json};

use super::{Error, resolve::intrinsic};

/// Prefix of a loop's key, as in `Fn::ForEach::Functions`.
const LOOP: &str = "Fn::ForEach::";

/// Expands the loops, then copies `Globals.Function` into the functions.
pub(super) fn expand(document: Value) -> Result<Value, Error> {
    let mut document = unrolled(document)?;
    let globals = document["Globals"]["Function"].clone();
    let resources = document.get_mut("Resources").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, function) in resources.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function") {
        let own = function["Properties"].take();
        function["Properties"] = merged(globals.clone(), own);
    }
    Ok(document)
}

/// Returns the value with each loop replaced by its entries.
fn unrolled(value: Value) -> Result<Value, Error> {
    match value {
        Value::Array(values) => values.into_iter().map(unrolled).collect(),
        Value::Object(entries) => {
            let mut out = Map::new();
            for (key, value) in entries {
                let made = if key.starts_with(LOOP) { turns(&key, &value)? } else { vec![(key, unrolled(value)?)] };
                for (key, value) in made {
                    if out.insert(key.clone(), value).is_some() {
                        return Err(Error::Malformed(format!("{key} twice")));
                    }
                }
            }
            Ok(plain(out))
        }
        scalar => Ok(scalar),
    }
}

/// Returns a loop's entries: its body once per item.
fn turns(key: &str, argument: &Value) -> Result<Vec<(String, Value)>, Error> {
    let unsupported = || Error::Unsupported(format!("{key} {argument}"));
    let [Value::String(name), Value::Array(items), body @ Value::Object(_)] =
        &argument.as_array().ok_or_else(unsupported)?[..]
    else {
        return Err(unsupported());
    };
    let mut made = Vec::new();
    for item in items {
        let item = item.as_str().ok_or_else(unsupported)?;
        if let Value::Object(entries) = unrolled(substituted(body, name, item))? {
            made.extend(entries);
        }
    }
    Ok(made)
}

/// Returns a loop's body with the variable replaced where CloudFormation does so: in keys, in `Fn::Sub`, and as the
/// target of a `Ref`. `{"Ref": "Name"}` becomes the text itself, not a reference.
fn substituted(value: &Value, name: &str, item: &str) -> Value {
    let in_text = |text: &str| text.replace(&format!("${{{name}}}"), item);
    match value {
        Value::Array(values) => values.iter().map(|value| substituted(value, name, item)).collect(),
        Value::Object(entries) => match intrinsic(entries) {
            Some(("Ref", Value::String(variable))) if variable == name => item.into(),
            Some(("Fn::Sub", Value::String(text))) => json!({ "Fn::Sub": in_text(text) }),
            _ => {
                let entries = entries.iter().map(|(key, value)| (in_text(key), substituted(value, name, item)));
                Value::Object(entries.collect())
            }
        },
        scalar => scalar.clone(),
    }
}

/// Simplifies a reference with a substituted name: `{"Ref": {"Fn::Sub": "List"}}` becomes `{"Ref": "List"}`.
fn plain(entries: Map<String, Value>) -> Value {
    let text = |name: &Value| name["Fn::Sub"].as_str().filter(|text| !text.contains("${")).map(str::to_owned);
    match intrinsic(&entries) {
        Some(("Ref", name)) if text(name).is_some() => json!({ "Ref": text(name) }),
        Some(("Fn::GetAtt", path)) if text(&path[0]).is_some() => json!({ "Fn::GetAtt": [text(&path[0]), path[1]] }),
        _ => Value::Object(entries),
    }
}

/// Merges as SAM does: objects by key, lists by concatenation; for anything else the function's own value wins.
fn merged(global: Value, own: Value) -> Value {
    match (global, own) {
        (Value::Object(mut all), Value::Object(own)) if intrinsic(&all).or(intrinsic(&own)).is_none() => {
            for (key, own) in own {
                let value = merged(all.remove(&key).unwrap_or_default(), own);
                all.insert(key, value);
            }
            Value::Object(all)
        }
        (Value::Array(all), Value::Array(own)) => all.into_iter().chain(own).collect(),
        (global, Value::Null) => global,
        (_, own) => own,
    }
}
