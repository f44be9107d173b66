//! Every reference of the template, wherever it stands, leads somewhere. Nothing else notices a `!Ref` to nothing in
//! Globals before the deployment fails.

use serde_json::Value;

use super::{Error, resolve::intrinsic};

/// # Errors
/// [`Error::Unresolvable`], naming the first reference that leads nowhere.
pub(super) fn check(document: &Value) -> Result<(), Error> {
    visit(document, document)
}

fn visit(document: &Value, value: &Value) -> Result<(), Error> {
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| visit(document, value)),
        Value::Object(entries) => {
            if let Some((function, argument)) = intrinsic(entries) {
                match (function, argument) {
                    ("Ref", Value::String(name)) => known(document, name)?,
                    ("Fn::GetAtt", Value::Array(path)) => {
                        path.first().and_then(Value::as_str).map_or(Ok(()), |name| known(document, name))?;
                    }
                    ("Fn::Sub", Value::String(text)) => substituted(document, text, &Value::Null)?,
                    ("Fn::Sub", Value::Array(parts)) if parts.len() == 2 => {
                        substituted(document, parts[0].as_str().unwrap_or_default(), &parts[1])?;
                    }
                    _ => {}
                }
            }
            entries.values().try_for_each(|value| visit(document, value))
        }
        _ => Ok(()),
    }
}

fn substituted(document: &Value, text: &str, own: &Value) -> Result<(), Error> {
    let names = text.split("${").skip(1).filter_map(|tail| tail.split_once('}')).map(|(name, _)| name);
    for name in names.filter(|name| !name.starts_with('!') && own.get(name).is_none()) {
        known(document, name.split_once('.').map_or(name, |(resource, _)| resource))?;
    }
    Ok(())
}

fn known(document: &Value, name: &str) -> Result<(), Error> {
    let there = name.starts_with("AWS::")
        || document["Parameters"].get(name).is_some()
        || document["Resources"].get(name).is_some()
        || made_by_sam(document, name);
    there.then_some(()).ok_or_else(|| Error::Unresolvable(name.to_owned()))
}

/// What SAM makes of its own resources: a function's role, an API's stage, the rule of a function's event.
fn made_by_sam(document: &Value, name: &str) -> bool {
    let resources = document["Resources"].as_object().into_iter().flatten();
    let mut events =
        resources.filter_map(|(maker, made)| made["Properties"]["Events"].get(name.strip_prefix(&**maker)?));
    if events.any(|event| event["Type"] == "EventBridgeRule") {
        return true;
    }
    ["Role", "Stage", "ApiGatewayDefaultStage"].iter().filter_map(|suffix| name.strip_suffix(suffix)).any(|maker| {
        let kind = document["Resources"][maker]["Type"].as_str();
        kind.is_some_and(|kind| kind.starts_with("AWS::Serverless::"))
    })
}
