//! Converts YAML with short tags to `CloudFormation`'s long form: `!Ref x` becomes `{"Ref": "x"}`, `!GetAtt a.b`
//! becomes `{"Fn::GetAtt": ["a", "b"]}`, and so on.

use serde_json::{Map, Value, json};
use serde_yaml_ng::{Value as Yaml, value::TaggedValue};

use super::Error;

/// Parses a document and replaces its tags by the long form.
pub(super) fn long_form(text: &str) -> Result<Value, Error> {
    convert(serde_yaml_ng::from_str(text)?)
}

fn convert(yaml: Yaml) -> Result<Value, Error> {
    match yaml {
        Yaml::Null => Ok(Value::Null),
        Yaml::Bool(bool) => Ok(bool.into()),
        Yaml::Number(number) => Ok(serde_json::to_value(number)?),
        Yaml::String(text) => Ok(text.into()),
        Yaml::Sequence(values) => values.into_iter().map(convert).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.into_iter().map(|(key, value)| Ok((text_key(key)?, convert(value)?)));
            Ok(Value::Object(entries.collect::<Result<Map<_, _>, Error>>()?))
        }
        Yaml::Tagged(tagged) => tag(*tagged),
    }
}

fn text_key(key: Yaml) -> Result<String, Error> {
    match convert(key)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(Error::Malformed(format!("a key that is not text: {other}"))),
    }
}

fn tag(tagged: TaggedValue) -> Result<Value, Error> {
    let tag = tagged.tag.to_string();
    let value = convert(tagged.value)?;
    match tag.trim_start_matches('!') {
        name @ ("Ref" | "Condition") => Ok(json!({ name: value })),
        "GetAtt" => match value.as_str().and_then(|path| path.split_once('.')) {
            Some((resource, attribute)) => Ok(json!({ "Fn::GetAtt": [resource, attribute] })),
            None => Ok(json!({ "Fn::GetAtt": value })),
        },
        name => Ok(json!({ format!("Fn::{name}"): value })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_become_the_long_form() {
        let text = "a: !Ref B\nc: [!GetAtt D.Arn, !Sub '${E}/f']\ng: !If [H, !Ref 'AWS::NoValue', 1]\n";
        let expected = json!({
            "a": { "Ref": "B" },
            "c": [{ "Fn::GetAtt": ["D", "Arn"] }, { "Fn::Sub": "${E}/f" }],
            "g": { "Fn::If": ["H", { "Ref": "AWS::NoValue" }, 1] },
        });
        assert_eq!(long_form(text).unwrap(), expected);
    }
}
