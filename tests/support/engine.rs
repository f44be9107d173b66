//! Calls a `DynamoDB` engine directly, for operations that no function may use, such as a scan of the table.

use std::{collections::BTreeMap, sync::OnceLock};

use local::template::Template;
use reqwest::Client;
use serde_json::{Value, json};

/// The HTTP client, built once because building it reads all of the system's certificates. It keeps no idle connection,
/// because each test has its own runtime.
pub(crate) fn client() -> &'static Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT.get_or_init(|| Client::builder().pool_max_idle_per_host(0).build().expect("a client"))
}

/// Makes one call of the low-level API with a signature that emulators accept. Returns the body.
pub(crate) async fn call(url: &str, operation: &str, body: &Value) -> String {
    let answer = client()
        .post(url)
        .header("X-Amz-Target", format!("DynamoDB_20120810.{operation}"))
        .header("X-Amz-Date", "20261124T080000Z")
        .header("Content-Type", "application/x-amz-json-1.0")
        .header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=local/20261124/eu-west-3/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
        )
        .body(body.to_string())
        .send()
        .await
        .expect("the engine answers");
    answer.text().await.expect("with a body")
}

/// Creates the table of `template.yaml` under this name.
pub(crate) async fn create_table(url: &str, name: &str) {
    let stack = Template::built_in().unwrap().resolve(&BTreeMap::new()).unwrap();
    let mut definition = stack.table.definition;
    definition["TableName"] = name.into();
    let answer = call(url, "CreateTable", &definition).await;
    assert!(!answer.contains("__type"), "{answer}");
}

/// Returns all items of the table as plain JSON; scans it page by page.
pub(crate) async fn items(url: &str) -> Vec<Value> {
    let (mut items, mut scan) = (Vec::new(), json!({ "TableName": "Table", "ConsistentRead": true }));
    loop {
        let page: Value = serde_json::from_str(&call(url, "Scan", &scan).await).expect("JSON");
        items.extend(page["Items"].as_array().expect("items").iter().map(plain_item));
        if page["LastEvaluatedKey"].is_null() {
            return items;
        }
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
    }
}

/// Removes the types of an item. A registration's record is placed beside its keys, under the code's field names.
fn plain_item(item: &Value) -> Value {
    let mut plain = plain_map(item);
    if let Some(Value::Object(entry)) = plain.as_object_mut().expect("an item").remove("entry") {
        let named = |short: String| {
            store::SHORT.iter().find(|(_, known)| *known == short).map_or(short, |(name, _)| (*name).to_owned())
        };
        plain.as_object_mut().expect("an item").extend(entry.into_iter().map(|(name, value)| (named(name), value)));
    }
    plain
}

fn plain_map(map: &Value) -> Value {
    map.as_object().expect("a map").iter().map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// Removes the type of an attribute value.
fn plain(value: &Value) -> Value {
    let (kind, value) = value.as_object().and_then(|typed| typed.iter().next()).expect("a typed value");
    match kind.as_str() {
        "N" => serde_json::from_str(value.as_str().expect("digits")).expect("a number"),
        "M" => plain_map(value),
        "L" => value.as_array().expect("a list").iter().map(plain).collect(),
        _ => value.clone(),
    }
}
