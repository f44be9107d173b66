//! A `DynamoDB` engine, asked directly: for what no function may do, such as reading the whole table.

use serde_json::Value;

/// One call of the low-level API, signed as emulators want it; answers the body.
pub(crate) async fn call(url: &str, operation: &str, body: &Value) -> String {
    let answer = reqwest::Client::new()
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
