//! Records the permissions that the functions' calls to AWS need, read from the requests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use local::Rewire;
use serde_json::Value;

use crate::support::tapped;

/// One IAM decision: an action, the table or index, and all the partition keys that the request names for it. A batch
/// is one decision. To be safe, so are the writes of one kind in a transaction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Called {
    pub(crate) function: String,
    /// `dynamodb:GetItem`, …
    pub(crate) action: String,
    /// `Table`, an index's name, `Downloads` or `SES`.
    pub(crate) target: String,
    pub(crate) keys: BTreeSet<String>,
}

impl Called {
    /// Returns the permissions that a function's request needs.
    pub(crate) fn of(function: &str, request: &HttpRequest) -> Vec<Self> {
        let called = |action: String, target: &str, keys| Self {
            function: function.to_owned(),
            action,
            target: target.to_owned(),
            keys,
        };
        let Some(operation) = request.headers().get("x-amz-target").and_then(|target| target.split('.').nth(1)) else {
            if request.uri().contains("/v2/email/") {
                return vec![called("ses:SendEmail".to_owned(), "SES", BTreeSet::new())];
            }
            // A presigned link is read under the role that signed it, so that role needs `GetObject`.
            let actions = ["s3:PutObject", "s3:GetObject"].into_iter();
            return actions.map(|action| called(action.to_owned(), "Downloads", BTreeSet::new())).collect();
        };
        let body: Value = serde_json::from_slice(request.body().bytes().expect("a body in memory")).expect("JSON");
        let target = body["IndexName"].as_str().unwrap_or("Table");
        asked(operation, &body).into_iter().map(|(action, keys)| called(action, target, keys)).collect()
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, action, target, keys } = self;
        let kinds: BTreeSet<&str> = keys.iter().map(|key| key.split('#').next().unwrap_or_default()).collect();
        write!(f, "{function} {action} {target} {kinds:?}")
    }
}

/// Records every call of every function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<BTreeSet<Called>>>);

impl Recorder {
    pub(crate) fn rewire(&self) -> Rewire {
        let recorder = self.clone();
        Rewire::new(move |function, aws| {
            let (recorder, function) = (recorder.clone(), function.to_owned());
            tapped(aws, move |request| {
                recorder.0.lock().unwrap().extend(Called::of(&function, request));
                None
            })
        })
    }

    pub(crate) fn called(&self) -> BTreeSet<Called> {
        self.0.lock().unwrap().clone()
    }
}

/// Returns the permissions that an operation needs, each with its partition keys. A transaction needs those of its
/// writes.
fn asked(operation: &str, body: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut note = |action: &str, key: &Value| {
        let key = key.as_str().unwrap_or_else(|| panic!("{operation} without a partition key: {body}"));
        asked.entry(format!("dynamodb:{action}")).or_default().insert(key.to_owned());
    };
    match operation {
        "TransactWriteItems" => {
            for (kind, write) in body["TransactItems"].as_array().unwrap().iter().flat_map(|w| w.as_object().unwrap()) {
                let action = if kind == "ConditionCheck" { "ConditionCheckItem" } else { &format!("{kind}Item") };
                note(action, partition_key(write));
            }
        }
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().unwrap().values();
            tables.flat_map(|table| table["Keys"].as_array().unwrap()).for_each(|key| note(operation, &key["pk"]["S"]));
        }
        "Query" => {
            // Every key condition in `store` begins with the partition: `pk = :pk AND …`.
            let value = body["KeyConditionExpression"].as_str().unwrap().split_whitespace().nth(2).unwrap();
            note(operation, &body["ExpressionAttributeValues"][value]["S"]);
        }
        _ => note(operation, partition_key(body)),
    }
    asked
}

fn partition_key(write: &Value) -> &Value {
    let key = if write["Key"].is_object() { &write["Key"] } else { &write["Item"] };
    &key["pk"]["S"]
}
