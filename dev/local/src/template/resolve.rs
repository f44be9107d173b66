//! Resolves references on this machine: parameters to their given value or default, resources to their names.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Error;

/// The targets of a template's references.
pub(super) struct Scope<'a> {
    document: &'a Value,
    given: &'a BTreeMap<String, String>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(document: &'a Value, given: &'a BTreeMap<String, String>) -> Self {
        Self { document, given }
    }

    /// Returns the value with all references resolved. Properties and list items that are `AWS::NoValue` are removed.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, Error> {
        match value {
            Value::Array(values) => {
                let values = values.iter().map(|value| self.resolve(value)).collect::<Result<Vec<_>, _>>()?;
                Ok(values.into_iter().filter(|value| !value.is_null()).collect())
            }
            Value::Object(entries) => {
                if let Some((function, argument)) = intrinsic(entries) {
                    return self.call(function, argument);
                }
                let entries = entries.iter().map(|(key, value)| Ok((key.clone(), self.resolve(value)?)));
                let entries = entries.collect::<Result<Vec<_>, Error>>()?;
                Ok(Value::Object(entries.into_iter().filter(|(_, value)| !value.is_null()).collect()))
            }
            plain => Ok(plain.clone()),
        }
    }

    fn call(&self, function: &str, argument: &Value) -> Result<Value, Error> {
        match (function, argument) {
            ("Ref", Value::String(name)) => self.reference(name),
            ("Fn::GetAtt", Value::Array(path)) => match &path[..] {
                [Value::String(resource), Value::String(attribute)] => self.attribute(resource, attribute),
                _ => Err(unsupported(function, argument)),
            },
            ("Fn::Sub", Value::String(text)) => self.substitute(text, &Map::new()),
            ("Fn::Sub", Value::Array(parts)) => match &parts[..] {
                [Value::String(text), Value::Object(own)] => self.substitute(text, own),
                _ => Err(unsupported(function, argument)),
            },
            ("Fn::Join", Value::Array(parts)) => match &parts[..] {
                [Value::String(between), list] => match self.resolve(list)? {
                    Value::Array(items) => Ok(items.iter().map(text).collect::<Vec<_>>().join(between).into()),
                    _ => Err(unsupported(function, argument)),
                },
                _ => Err(unsupported(function, argument)),
            },
            ("Fn::If", Value::Array(parts)) => match &parts[..] {
                [Value::String(condition), then, other] => {
                    self.resolve(if self.holds(condition)? { then } else { other })
                }
                _ => Err(unsupported(function, argument)),
            },
            _ => Err(unsupported(function, argument)),
        }
    }

    fn reference(&self, name: &str) -> Result<Value, Error> {
        if let Some(pseudo) = pseudo_parameter(name) {
            return Ok(pseudo);
        }
        if let Some(parameter) = self.document["Parameters"].get(name) {
            let given = self.given.get(name).map(|value| Value::from(value.as_str()));
            let value = given.or_else(|| parameter.get("Default").cloned());
            let value = value.ok_or_else(|| Error::NoValue(name.to_owned()))?;
            return Ok(if parameter["Type"] == "CommaDelimitedList" { listed(&value) } else { value });
        }
        match self.document["Resources"].get(name) {
            Some(resource) => match resource["Properties"].get("TableName") {
                Some(table) => self.resolve(table),
                None => Ok(name.into()),
            },
            None => Err(Error::Unresolvable(name.to_owned())),
        }
    }

    /// Returns a placeholder for an attribute, unique per resource and attribute. The real value is known to AWS only.
    fn attribute(&self, resource: &str, attribute: &str) -> Result<Value, Error> {
        match self.document["Resources"].get(resource) {
            Some(_) => Ok(format!("arn:aws:local:{REGION}:{ACCOUNT}:{resource}/{attribute}").into()),
            None => Err(Error::Unresolvable(format!("{resource}.{attribute}"))),
        }
    }

    fn substitute(&self, text: &str, own: &Map<String, Value>) -> Result<Value, Error> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, (name, after))) =
            rest.split_once("${").and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
        {
            out.push_str(before);
            out.push_str(&self.variable(name, own)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out.into())
    }

    fn variable(&self, name: &str, own: &Map<String, Value>) -> Result<String, Error> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        let value = match (own.get(name), name.split_once('.')) {
            (Some(value), _) => self.resolve(value)?,
            (None, Some((resource, attribute))) => self.attribute(resource, attribute)?,
            (None, None) => self.reference(name)?,
        };
        Ok(self::text(&value))
    }

    fn holds(&self, condition: &str) -> Result<bool, Error> {
        let rule = self.document["Conditions"].get(condition);
        self.test(rule.ok_or_else(|| Error::Unresolvable(condition.to_owned()))?)
    }

    fn test(&self, rule: &Value) -> Result<bool, Error> {
        match rule.as_object().and_then(intrinsic) {
            Some(("Condition", Value::String(name))) => self.holds(name),
            Some(("Fn::Equals", Value::Array(two))) if two.len() == 2 => {
                Ok(text(&self.resolve(&two[0])?) == text(&self.resolve(&two[1])?))
            }
            Some(("Fn::Not", Value::Array(one))) if one.len() == 1 => Ok(!self.test(&one[0])?),
            Some(("Fn::And", Value::Array(all))) => {
                all.iter().try_fold(true, |so_far, rule| Ok(so_far & self.test(rule)?))
            }
            Some(("Fn::Or", Value::Array(any))) => {
                any.iter().try_fold(false, |so_far, rule| Ok(so_far | self.test(rule)?))
            }
            _ => Err(unsupported("Conditions", rule)),
        }
    }
}

/// The region that the local desk pretends to be in.
pub(crate) const REGION: &str = "eu-west-3";
const ACCOUNT: &str = "000000000000";

fn pseudo_parameter(name: &str) -> Option<Value> {
    match name {
        "AWS::NoValue" => Some(Value::Null),
        "AWS::Region" => Some(REGION.into()),
        "AWS::AccountId" => Some(ACCOUNT.into()),
        "AWS::Partition" => Some("aws".into()),
        "AWS::URLSuffix" => Some("amazonaws.com".into()),
        "AWS::StackName" | "AWS::StackId" => Some("local".into()),
        _ => None,
    }
}

/// Returns name and argument of an intrinsic function: an object with one key, `Ref`, `Condition` or `Fn::…`.
pub(super) fn intrinsic(entries: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = entries.iter().next().filter(|_| entries.len() == 1)?;
    (name == "Ref" || (name == "Condition" && argument.is_string()) || name.starts_with("Fn::"))
        .then_some((name.as_str(), argument))
}

/// Returns a scalar as text, which is how `CloudFormation` passes it.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn unsupported(function: &str, argument: &Value) -> Error {
    Error::Unsupported(format!("{function} {argument}"))
}

/// Splits a comma-separated list.
fn listed(value: &Value) -> Value {
    text(value).split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
}
