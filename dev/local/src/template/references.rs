//! Checks that every reference of the template has a target. Without this check, a wrong `!Ref` in Globals would be
//! noticed only when the deployment fails.

use serde_json::Value;

use super::{Error, resolve::intrinsic};

/// Parameters that `CloudFormation` predefines.
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Checks all references of a document.
///
/// # Errors
/// [`Error::Unresolvable`] with the name of the first reference without a target.
pub(super) fn check(document: &Value) -> Result<(), Error> {
    let named = |names: &Value| match names {
        Value::String(name) => vec![name.clone()],
        names => names.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
    };
    for made in document["Resources"].as_object().into_iter().flat_map(|resources| resources.values()) {
        named(&made["DependsOn"]).iter().try_for_each(|name| resource(document, name))?;
        named(&made["Condition"]).iter().try_for_each(|name| condition(document, name))?;
    }
    visit(document, document)
}

fn visit(document: &Value, value: &Value) -> Result<(), Error> {
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| visit(document, value)),
        Value::Object(entries) => {
            if let Some((function, argument)) = intrinsic(entries) {
                follow(document, function, argument)?;
            }
            entries.values().try_for_each(|value| visit(document, value))
        }
        _ => Ok(()),
    }
}

fn follow(document: &Value, function: &str, argument: &Value) -> Result<(), Error> {
    match (function, argument) {
        ("Ref", Value::String(name)) => known(document, name),
        ("Ref", name) => Err(Error::Unsupported(format!("Ref {name}"))),
        ("Condition", Value::String(name)) => condition(document, name),
        ("Fn::If", Value::Array(parts)) => {
            parts.first().and_then(Value::as_str).map_or(Ok(()), |name| condition(document, name))
        }
        ("Fn::GetAtt", Value::Array(path)) => {
            path.first().and_then(Value::as_str).map_or(Ok(()), |name| resource(document, name))
        }
        ("Fn::GetAtt", Value::String(path)) => resource(document, before_dot(path)),
        ("Fn::Sub", Value::String(text)) => substituted(document, text, &Value::Null),
        ("Fn::Sub", Value::Array(parts)) if parts.len() == 2 => {
            substituted(document, parts[0].as_str().unwrap_or_default(), &parts[1])
        }
        _ => Ok(()),
    }
}

fn substituted(document: &Value, text: &str, own: &Value) -> Result<(), Error> {
    let names = text.split("${").skip(1).filter_map(|tail| tail.split_once('}')).map(|(name, _)| name);
    for name in names.filter(|name| !name.starts_with('!') && own.get(name).is_none()) {
        match name.split_once('.') {
            Some((maker, _)) => resource(document, maker)?,
            None => known(document, name)?,
        }
    }
    Ok(())
}

fn before_dot(path: &str) -> &str {
    path.split_once('.').map_or(path, |(resource, _)| resource)
}

fn known(document: &Value, name: &str) -> Result<(), Error> {
    let there = PSEUDO_PARAMETERS.contains(&name) || document["Parameters"].get(name).is_some();
    if there { Ok(()) } else { resource(document, name) }
}

fn resource(document: &Value, name: &str) -> Result<(), Error> {
    let there = document["Resources"].get(name).is_some() || made_by_sam(document, name);
    there.then_some(()).ok_or_else(|| Error::Unresolvable(name.to_owned()))
}

fn condition(document: &Value, name: &str) -> Result<(), Error> {
    let there = document["Conditions"].get(name).is_some();
    there.then_some(()).ok_or_else(|| Error::Unresolvable(name.to_owned()))
}

/// Returns whether SAM generates a resource of this name: an API's stage, or the rule of a function's event.
fn made_by_sam(document: &Value, name: &str) -> bool {
    let resources = document["Resources"].as_object().into_iter().flatten();
    let mut events =
        resources.filter_map(|(maker, made)| made["Properties"]["Events"].get(name.strip_prefix(&**maker)?));
    if events.any(|event| event["Type"] == "EventBridgeRule") {
        return true;
    }
    ["Stage", "ApiGatewayDefaultStage"].iter().filter_map(|suffix| name.strip_suffix(suffix)).any(|maker| {
        let kind = document["Resources"][maker]["Type"].as_str();
        kind.is_some_and(|kind| kind.starts_with("AWS::Serverless::"))
    })
}
