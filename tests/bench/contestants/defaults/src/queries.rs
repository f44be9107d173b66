//! Repeats the function's recorded calls to `DynamoDB` through the same client, ignores the answers, and returns a
//! constant. The function's cost beyond this baseline is the desk's own.

use std::{convert::Infallible, fs};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    operation::{batch_get_item::BatchGetItemInput, get_item::GetItemInput, query::QueryInput},
    types::{AttributeValue, KeysAndAttributes, Select},
};
use lambda_http::{Body, Error, Request, Response, service_fn};
use serde_json::Value;

enum Call {
    Batch(BatchGetItemInput),
    Get(Box<GetItemInput>),
    Query(Box<QueryInput>),
}

/// Answers events until the process is stopped.
pub(crate) async fn run(config: &SdkConfig, calls: &str) -> Result<(), Error> {
    let client = &Client::new(config);
    let calls: Vec<Value> = serde_json::from_slice(&fs::read(calls)?)?;
    let calls = &calls.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    lambda_http::run(service_fn(|_: Request| async move {
        for call in calls {
            made(client, call).await;
        }
        Ok::<_, Infallible>(Response::new(Body::from("hello")))
    }))
    .await
}

async fn made(client: &Client, call: &Call) {
    let done = match call {
        Call::Batch(input) => {
            client.batch_get_item().set_request_items(input.request_items.clone()).send().await.is_ok()
        }
        Call::Get(input) => {
            let get = client.get_item().table_name(input.table_name.clone().unwrap_or_default());
            let get = get.set_consistent_read(input.consistent_read).set_key(input.key.clone());
            get.set_projection_expression(input.projection_expression.clone()).send().await.is_ok()
        }
        Call::Query(input) => {
            let query = client.query().set_table_name(input.table_name.clone()).set_limit(input.limit);
            let query = query.set_index_name(input.index_name.clone()).set_consistent_read(input.consistent_read);
            let query = query.set_key_condition_expression(input.key_condition_expression.clone());
            let query = query.set_filter_expression(input.filter_expression.clone());
            let query = query.set_expression_attribute_names(input.expression_attribute_names.clone());
            let query = query.set_expression_attribute_values(input.expression_attribute_values.clone());
            let query = query.set_scan_index_forward(input.scan_index_forward).set_select(input.select.clone());
            query.set_projection_expression(input.projection_expression.clone()).send().await.is_ok()
        }
    };
    assert!(done, "a call that was recorded is answered");
}

fn read(seen: &Value) -> Result<Call, Error> {
    let body = &seen["body"];
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let call = match seen["operation"].as_str() {
        Some("BatchGetItem") => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            let tables = tables.map(|(name, of)| Ok((name.clone(), keys(of)?))).collect::<Result<_, Error>>()?;
            Call::Batch(BatchGetItemInput::builder().set_request_items(Some(tables)).build()?)
        }
        Some("GetItem") => {
            let input = GetItemInput::builder().set_table_name(text("TableName")).set_key(attributes(&body["Key"]));
            let input = input.set_consistent_read(body["ConsistentRead"].as_bool());
            Call::Get(Box::new(input.set_projection_expression(text("ProjectionExpression")).build()?))
        }
        Some("Query") => {
            let limit = body["Limit"].as_i64().and_then(|limit| i32::try_from(limit).ok());
            let input = QueryInput::builder().set_table_name(text("TableName")).set_index_name(text("IndexName"));
            let input = input.set_key_condition_expression(text("KeyConditionExpression")).set_limit(limit);
            let input = input.set_filter_expression(text("FilterExpression"));
            let input = input.set_projection_expression(text("ProjectionExpression"));
            let input = input.set_expression_attribute_names(names(&body["ExpressionAttributeNames"]));
            let input = input.set_expression_attribute_values(attributes(&body["ExpressionAttributeValues"]));
            let input = input.set_consistent_read(body["ConsistentRead"].as_bool());
            let input = input.set_select(text("Select").map(|select| Select::from(select.as_str())));
            Call::Query(Box::new(input.set_scan_index_forward(body["ScanIndexForward"].as_bool()).build()?))
        }
        other => return Err(format!("{other:?} is no call that this makes").into()),
    };
    Ok(call)
}

type Map<V> = std::collections::HashMap<String, V>;

fn keys(of: &Value) -> Result<KeysAndAttributes, Error> {
    let keys = of["Keys"].as_array().into_iter().flatten().filter_map(attributes).collect();
    let keys = KeysAndAttributes::builder().set_keys(Some(keys)).set_consistent_read(of["ConsistentRead"].as_bool());
    Ok(keys.build()?)
}

fn attributes(of: &Value) -> Option<Map<AttributeValue>> {
    let value = |value: &Value| match (value["S"].as_str(), value["N"].as_str()) {
        (Some(text), _) => AttributeValue::S(text.to_owned()),
        (_, Some(number)) => AttributeValue::N(number.to_owned()),
        _ => AttributeValue::Bool(value["BOOL"].as_bool().unwrap_or_default()),
    };
    Some(of.as_object()?.iter().map(|(name, of)| (name.clone(), value(of))).collect())
}

fn names(of: &Value) -> Option<Map<String>> {
    let name = |(short, long): (&String, &Value)| Some((short.clone(), long.as_str()?.to_owned()));
    Some(of.as_object()?.iter().filter_map(name).collect())
}
