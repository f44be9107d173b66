//! Messages of the failure queue, in two shapes: EventBridge's dead letters are the events themselves, and Lambda's
//! records of failed invocations contain them.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Queued>,
}

/// A message of the queue.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Queued {
    /// Its id in the queue.
    pub(crate) message_id: String,
    #[serde(default)]
    body: String,
}

/// Returns whether an invocation is a batch of the queue. SES's events have no records.
pub(crate) fn is_batch(event: &Value) -> bool {
    event.get("Records").is_some()
}

/// Returns the messages of a batch; `None` if one has no id, by which it could be reported as failed.
pub(crate) fn parse(batch: Value) -> Option<Vec<Queued>> {
    serde_json::from_value::<Batch>(batch).ok().map(|batch| batch.records)
}

impl Queued {
    /// Returns the event, or null if the body is not JSON.
    pub(crate) fn event(&self) -> Value {
        let mut body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        match body.get_mut("requestPayload") {
            Some(event) => event.take(),
            None => body,
        }
    }
}
