//! The part of Lambda's and EventBridge's filters that the template uses: alternatives, exact values, `prefix` and
//! `exists`. A list matches if one of its items does.

use serde_json::Value;

use crate::Error;

/// A list of patterns, one of which must match. An empty list matches everything.
#[derive(Debug, Clone)]
pub(crate) struct Filter(Vec<Value>);

impl Filter {
    /// Creates a filter.
    ///
    /// # Errors
    /// [`Error::Filter`] for an unsupported operator, which would otherwise let the wrong records through.
    pub(crate) fn new(patterns: Vec<Value>) -> Result<Self, Error> {
        patterns.iter().try_for_each(check)?;
        Ok(Self(patterns))
    }

    /// Returns whether a record matches.
    pub(crate) fn passes(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| matches(pattern, Some(record)))
    }
}

fn check(pattern: &Value) -> Result<(), Error> {
    let refused = || Err(Error::Filter(pattern.to_string()));
    match pattern {
        Value::Object(entries) => entries.values().try_for_each(check),
        Value::Array(alternatives) => {
            let known = alternatives.iter().all(|alternative| match alternative {
                Value::Object(rule) => rule.len() == 1 && (rule.contains_key("prefix") || rule.contains_key("exists")),
                Value::Array(_) => false,
                _ => true,
            });
            if known { Ok(()) } else { refused() }
        }
        _ => refused(),
    }
}

fn matches(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(entries) => {
            entries.iter().all(|(key, pattern)| matches(pattern, value.and_then(|value| value.get(key))))
        }
        Value::Array(alternatives) => alternatives.iter().any(|alternative| accepts(alternative, value)),
        _ => false,
    }
}

fn accepts(alternative: &Value, value: Option<&Value>) -> bool {
    if let Some(Value::Array(items)) = value {
        return items.iter().any(|item| accepts(alternative, Some(item)));
    }
    match alternative {
        Value::Object(rule) => {
            let prefix = rule.get("prefix").and_then(Value::as_str);
            let exists = rule.get("exists").and_then(Value::as_bool);
            let text = value.and_then(Value::as_str);
            prefix.is_some_and(|prefix| text.is_some_and(|text| text.starts_with(prefix)))
                || exists.is_some_and(|exists| exists == value.is_some())
        }
        exact => value == Some(exact),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages() -> Filter {
        let keys = json!({ "pk": { "S": [{ "prefix": "MAIL#" }] } });
        Filter::new(vec![json!({ "eventName": ["INSERT", "MODIFY"], "dynamodb": { "Keys": keys } })]).unwrap()
    }

    fn record(event: &str, pk: &str) -> Value {
        json!({ "eventName": event, "dynamodb": { "Keys": { "pk": { "S": pk }, "sk": { "S": "MAIL" } } } })
    }

    #[test]
    fn only_inserted_and_modified_messages_pass() {
        assert!(messages().passes(&record("INSERT", "MAIL#1")));
        assert!(messages().passes(&record("MODIFY", "MAIL#1")));
        assert!(!messages().passes(&record("REMOVE", "MAIL#1")));
        assert!(!messages().passes(&record("INSERT", "REG#1")));
        assert!(!messages().passes(&json!({ "eventName": "INSERT" })));
    }

    #[test]
    fn a_filter_without_patterns_matches_everything() {
        assert!(Filter::new(vec![]).unwrap().passes(&record("REMOVE", "REG#1")));
    }

    #[test]
    fn a_list_matches_if_one_item_does() {
        let rule = Filter::new(vec![json!({ "tags": { "set": ["desk"] } })]).unwrap();
        assert!(rule.passes(&json!({ "tags": { "set": ["other", "desk"] } })));
        assert!(!rule.passes(&json!({ "tags": { "set": ["other"] } })));
        assert!(!rule.passes(&json!({ "tags": { "set": [] } })));
    }

    #[test]
    fn an_unknown_operator_is_refused() {
        assert!(Filter::new(vec![json!({ "a": [{ "numeric": [">", 1] }] })]).is_err());
        assert!(Filter::new(vec![json!({ "a": "b" })]).is_err());
    }
}
