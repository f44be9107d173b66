//! Checks each answer of every story against the API description.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use jsonschema::Validator;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use super::Reply;

/// The API description, generated from the code.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(openapi::document);
/// The operations of the description, compiled once per process.
static OPERATIONS: LazyLock<BTreeMap<String, Operation>> = LazyLock::new(operations);
static PROBLEM: LazyLock<Validator> = LazyLock::new(|| compiled(&json!({ "$ref": "#/components/schemas/Problem" })));

struct Operation {
    form: Option<Arc<Validator>>,
    answers: BTreeMap<u16, Answer>,
}

struct Answer {
    /// Media type and schema of the body; `None` means no body.
    content: Option<(String, Arc<Validator>)>,
    headers: BTreeMap<String, Header>,
}

struct Header {
    required: bool,
    number: bool,
    schema: Arc<Validator>,
}

/// Returns whether the API description covers this path: not the portal's pages, nor the local desk's controls.
pub(crate) fn is_described(path: &str) -> bool {
    path != "/" && !path.starts_with("/portail") && !path.starts_with("/_local")
}

/// Compiles a schema of the description, with the schemas that it refers to.
pub(crate) fn compiled(schema: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = json!({ "schemas": DOCUMENT["components"]["schemas"] });
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
}

/// Fails if an answer does not match the description.
pub(crate) fn check(method: &Method, path: &str, sent: Option<&[u8]>, reply: &Reply) {
    let Some(route) = edge::routes::key(method.as_str(), path) else {
        assert!([404, 405].contains(&reply.status), "{method} {path}: {}", reply.status);
        return conforms(&PROBLEM, &reply.json(), path);
    };
    let operation = OPERATIONS.get(&route).unwrap_or_else(|| panic!("{route} is not described"));
    let answered = format!("{route}: {}", reply.status);
    let answer = operation.answers.get(&reply.status).unwrap_or_else(|| panic!("{answered} is not described"));
    answer.check(reply, &answered);
    if let (200..300, Some(form), Some(sent)) = (reply.status, &operation.form, sent) {
        let sent = serde_json::from_slice(sent).expect("what was accepted is JSON");
        conforms(form, &sent, &format!("{answered}, although the form says"));
    }
}

impl Answer {
    fn check(&self, reply: &Reply, answered: &str) {
        match &self.content {
            None => assert!(reply.body.is_empty(), "{answered} has a body"),
            Some((media_type, schema)) => {
                assert_eq!(reply.header("content-type"), media_type, "{answered}");
                if media_type.ends_with("json") && reply.header("content-encoding").is_empty() {
                    conforms(schema, &reply.json(), answered);
                }
            }
        }
        self.check_headers(&reply.headers, answered);
    }

    fn check_headers(&self, headers: &HeaderMap, answered: &str) {
        for name in DOCUMENT["components"]["headers"].as_object().unwrap().keys() {
            let value = headers.get(name).map(|value| value.to_str().unwrap());
            match (self.headers.get(name), value) {
                (None, Some(_)) => panic!("{answered}: its {name} is not described"),
                (Some(header), None) => assert!(!header.required, "{answered} lacks {name}"),
                (Some(header), Some(value)) => {
                    let value = if header.number { value.parse::<u64>().unwrap().into() } else { Value::from(value) };
                    conforms(&header.schema, &value, &format!("{answered}: {name}"));
                }
                (None, None) => {}
            }
        }
    }
}

fn conforms(schema: &Validator, value: &Value, answered: &str) {
    let faults: Vec<String> =
        schema.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{answered}: {faults:#?}\n{value:#}");
}

fn operations() -> BTreeMap<String, Operation> {
    let mut known = BTreeMap::new();
    let mut ready =
        |schema: &Value| Arc::clone(known.entry(schema.to_string()).or_insert_with(|| Arc::new(compiled(schema))));
    let mut operations = BTreeMap::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let form = operation["requestBody"]["content"].as_object().map(|content| &content["application/json"]);
            let answers = operation["responses"].as_object().unwrap();
            let answers = answers.iter().map(|(status, answer)| (status.parse().unwrap(), read(answer, &mut ready)));
            let answers = answers.collect();
            let form = form.map(|content| ready(&content["schema"]));
            operations.insert(format!("{} {path}", method.to_uppercase()), Operation { form, answers });
        }
    }
    operations
}

fn read(answer: &Value, ready: &mut impl FnMut(&Value) -> Arc<Validator>) -> Answer {
    let answer = followed(answer);
    let content = answer["content"].as_object().and_then(|content| content.iter().next());
    let content = content.map(|(media_type, content)| (media_type.clone(), ready(&content["schema"])));
    let headers = answer["headers"].as_object().into_iter().flatten().map(|(name, header)| {
        let header = followed(header);
        let (required, number) = (header["required"] == true, header["schema"]["type"] == "integer");
        (name.clone(), Header { required, number, schema: ready(&header["schema"]) })
    });
    Answer { content, headers: headers.collect() }
}

/// Follows a `$ref`; returns any other value unchanged.
pub(crate) fn followed(value: &Value) -> &Value {
    value["$ref"].as_str().map_or(value, |place| {
        DOCUMENT.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("{place} leads nowhere"))
    })
}
