//! The grants of the template's roles, in the terms of [`super::called`].

use std::fmt;

use local::template::{Template, binary};
use serde_json::{Map, Value, json};

use super::called::Called;

/// One statement's grant of one action on one resource, for some partition keys or for all.
#[derive(Debug, Clone)]
pub(crate) struct Granted {
    pub(crate) function: String,
    pub(crate) action: String,
    /// `Table`, an index's name, `Downloads` or `SES`.
    pub(crate) target: String,
    /// Key patterns with a `*` at one end; empty if every key is granted.
    pub(crate) keys: Vec<String>,
}

impl Granted {
    pub(crate) fn allows(&self, called: &Called) -> bool {
        self.concerns(called) && called.keys.iter().all(|key| self.keys.is_empty() || self.pattern_of(key).is_some())
    }

    /// Splits the grant into grants of one key pattern each. Every one of them must be used by some story.
    pub(crate) fn apart(&self) -> Vec<Self> {
        let alone = |pattern: &String| Self { keys: vec![pattern.clone()], ..self.clone() };
        if self.keys.is_empty() { vec![self.clone()] } else { self.keys.iter().map(alone).collect() }
    }

    pub(crate) fn is_used_by(&self, called: &Called) -> bool {
        self.concerns(called) && (self.keys.is_empty() || called.keys.iter().any(|key| self.pattern_of(key).is_some()))
    }

    fn concerns(&self, called: &Called) -> bool {
        (&self.function, &self.action, &self.target) == (&called.function, &called.action, &called.target)
    }

    fn pattern_of(&self, key: &str) -> Option<&String> {
        self.keys.iter().find(|pattern| match pattern.split_once('*') {
            Some((start, end)) => key.len() >= start.len() + end.len() && key.starts_with(start) && key.ends_with(end),
            None => *pattern == key,
        })
    }
}

impl fmt::Display for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, action, target, keys } = self;
        write!(f, "{function} {action} {target} {keys:?}")
    }
}

/// Returns the functions among the resources, by logical id, with their properties.
pub(crate) fn functions(resources: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let functions = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
    functions.map(|(id, function)| (id, &function["Properties"]))
}

/// Returns all statements of all functions' roles, with the function's name: the role's own statements, and those of
/// the policies that name the role.
pub(crate) fn statements(document: &Value) -> Vec<(String, Value)> {
    let resources = document["Resources"].as_object().unwrap();
    let mut statements = Vec::new();
    for (id, function) in functions(resources) {
        let name = binary(function).unwrap_or_else(|| panic!("{id} has no binary"));
        let role = function["Role"]["Fn::GetAtt"][0].as_str();
        let role = role.unwrap_or_else(|| panic!("{id} has no role of its own"));
        let properties = &resources[role]["Properties"];
        assert!(properties.get("ManagedPolicyArns").is_none(), "{id}: a policy that is not ours");
        let own = properties["Policies"].as_array().into_iter().flatten();
        for policy in own.chain(policies(resources).filter(|policy| names(policy, role))) {
            let own = policy["PolicyDocument"]["Statement"].as_array().unwrap().iter();
            statements.extend(own.map(|statement| (name.to_owned(), statement.clone())));
        }
    }
    statements
}

/// Returns the properties of unconditional policies; `Trace` is under a condition.
fn policies(resources: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    let of_a_policy = |kind: &Value| kind == "AWS::IAM::Policy" || kind == "AWS::IAM::ManagedPolicy";
    let policies = resources.values().filter(move |resource| of_a_policy(&resource["Type"]));
    policies.filter(|policy| policy.get("Condition").is_none()).map(|policy| &policy["Properties"])
}

fn names(policy: &Value, role: &str) -> bool {
    several(&policy["Roles"]).contains(&json!({ "Ref": role }))
}

/// Returns the grants of all statements.
pub(crate) fn granted() -> Vec<Granted> {
    let template = Template::built_in().unwrap();
    let mut granted = Vec::new();
    for (function, statement) in statements(template.document()) {
        let keys: Vec<String> = strings(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
        // Only the sender's address is another condition that is known here.
        let sender = statement["Condition"]["StringEquals"]["ses:FromAddress"].is_object();
        assert_eq!(statement["Condition"].is_object(), sender || !keys.is_empty(), "{function}: {statement}");
        for target in several(&statement["Resource"]).iter().filter_map(target) {
            granted.extend(strings(&statement["Action"]).into_iter().map(|action| Granted {
                function: function.clone(),
                action,
                target: target.clone(),
                keys: keys.clone(),
            }));
        }
    }
    granted
}

/// Maps a resource to the target that the code calls. Only Lambda itself calls logs, the stream and queues: `None`.
fn target(resource: &Value) -> Option<String> {
    if resource["Fn::GetAtt"] == json!(["Table", "Arn"]) {
        return Some("Table".to_owned());
    }
    let arn = &resource["Fn::Sub"];
    let arn = arn.as_str().or_else(|| arn[0].as_str())?;
    if arn.contains(":ses:") {
        return Some("SES".to_owned());
    }
    if arn == "${Downloads.Arn}/*" {
        return Some("Downloads".to_owned());
    }
    arn.strip_prefix("${Table.Arn}/index/").map(str::to_owned)
}

/// Returns one value or a list of values as a list.
pub(crate) fn several(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![],
        Value::Array(several) => several.clone(),
        one => vec![one.clone()],
    }
}

fn strings(value: &Value) -> Vec<String> {
    several(value).iter().map(|text| text.as_str().expect("text").to_owned()).collect()
}
