//! The engine behind the low-level API of `DynamoDB`: one POST per call, whose operation is named in a header.
//!
//! The engine's own server can't be used. It lets the pages of all sites read the table
//! (`Access-Control-Allow-Origin: *`), and takes no check in front of it.

use dynoxide::{Database, DynoxideError};
use http::StatusCode;
use http_body_util::{BodyExt, Limited};
use hyper::{Request, body::Incoming};
use serde::de::DeserializeOwned;

use crate::serving::{Reply, reply};

/// Maximum size of a request, as on AWS.
const MAX_BODY: usize = 16 * 1024 * 1024;
const TARGET: &str = "x-amz-target";
/// Version of the API, before the operation's name.
const VERSION: &str = "DynamoDB_20120810.";

/// Answers one call. Signatures are not verified.
pub(super) async fn answer(request: Request<Incoming>, engine: Database) -> Reply {
    let (head, body) = request.into_parts();
    let target = head.headers.get(TARGET).and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix(VERSION)).unwrap_or_default();
    let answered = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => run(&engine, operation, &body.to_bytes()),
        Err(error) => Err(DynoxideError::SerializationException(error.to_string())),
    };
    let (status, body) = match answered {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST), error.to_json()),
    };
    reply(status, "application/x-amz-json-1.0", body)
}

macro_rules! operations {
    ($($operation:literal $method:ident)*) => {
        fn run(engine: &Database, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
            let answer = match operation {
                $($operation => serde_json::to_string(&engine.$method(parse(body)?)?),)*
                _ => return Err(DynoxideError::ValidationException(format!("no operation {operation:?} here"))),
            };
            answer.map_err(|error| DynoxideError::InternalServerError(error.to_string()))
        }
    };
}

operations! {
    "CreateTable" create_table
    "DescribeTable" describe_table
    "ListTables" list_tables
    "GetItem" get_item
    "PutItem" put_item
    "UpdateItem" update_item
    "DeleteItem" delete_item
    "Query" query
    "Scan" scan
    "BatchGetItem" batch_get_item
    "BatchWriteItem" batch_write_item
    "TransactGetItems" transact_get_items
    "TransactWriteItems" transact_write_items
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}
