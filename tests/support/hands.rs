//! Runs `deliver`, `escalate` and `bounce` from a test, on a connection and with records that the test chooses.

use std::time::Duration;

use bounce::Bounce;
use deliver::Deliver;
use escalate::Escalate;
use runtime::{Aws, Runtime};
use serde_json::{Value, json};

use super::Desk;

/// The time that Lambda gives an invocation.
pub(crate) const A_MINUTE: Duration = Duration::from_mins(1);

/// Returns a record as the table's stream sends it.
pub(crate) fn record(mail_id: &str, name: &str, sequence: usize) -> Value {
    json!({
        "eventID": format!("{sequence}"), "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-3",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_507_200.0, "SizeBytes": 60, "StreamViewType": "KEYS_ONLY",
            "SequenceNumber": format!("{sequence}"),
            "Keys": { "pk": { "S": format!("MAIL#{mail_id}") }, "sk": { "S": "MAIL" } },
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-west-3:123456789012:table/Table/stream/2026",
    })
}

/// Returns a delivery event as SES publishes it through EventBridge.
pub(crate) fn delivery_event(kind: &str, mail_id: &str, to: &str, what: Value) -> Value {
    let at = "2026-11-24T08:00:09.000Z";
    let mail = json!({
        "timestamp": at, "source": "ne-pas-repondre@oise.example", "messageId": "ses-1", "destination": [to],
        "tags": { "ses:configuration-set": ["MailEvents"], "kind": ["activation"], "mail": [mail_id] },
    });
    let mut detail = json!({ "eventType": kind, "mail": mail });
    detail[kind.to_lowercase()] = what;
    detail[kind.to_lowercase()]["timestamp"] = at.into();
    json!({ "version": "0", "source": "aws.ses", "detail-type": "Email", "detail": detail })
}

/// Makes a new instance of `deliver`, as after a cold start.
pub(crate) fn deliver_on(desk: &Desk, change: impl FnOnce(Aws) -> Aws) -> Deliver {
    Deliver::from_runtime(&on(desk, "deliver", change)).unwrap()
}

/// Makes a new instance of `escalate`.
pub(crate) fn escalate_on(desk: &Desk, change: impl FnOnce(Aws) -> Aws) -> Escalate {
    Escalate::from_runtime(&on(desk, "escalate", change)).unwrap()
}

/// Makes a new instance of `bounce`.
pub(crate) fn bounce_on(desk: &Desk, change: impl FnOnce(Aws) -> Aws) -> Bounce {
    Bounce::from_runtime(&on(desk, "bounce", change)).unwrap()
}

fn on(desk: &Desk, function: &str, change: impl FnOnce(Aws) -> Aws) -> Runtime {
    let runtime = desk.runtime(function);
    Runtime { aws: change(runtime.aws), ..runtime }
}

/// Hands records to an instance. Returns the sequence numbers of the records that it reports as failed.
pub(crate) async fn hand(deliver: &Deliver, records: &[Value]) -> Vec<String> {
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let answer = serde_json::to_value(deliver.deliver(event, A_MINUTE).await).unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

impl Desk {
    /// Returns the ids of all messages in the outbox, in any state and in no particular order.
    pub(crate) async fn outbox(&self) -> Vec<String> {
        let items = self.items().await;
        let ids = items.iter().filter(|item| item["sk"] == "MAIL").filter_map(|item| item["pk"].as_str());
        ids.map(|pk| pk["MAIL#".len()..].to_owned()).collect()
    }

    /// Hands every message's record to a new instance of `deliver`, without faults. Returns the records that failed.
    pub(crate) async fn deliver_all(&self) -> Vec<String> {
        let ids = self.outbox().await;
        let records: Vec<_> = ids.iter().enumerate().map(|(at, id)| record(id, "INSERT", at + 1)).collect();
        hand(&deliver_on(self, |aws| aws), &records).await
    }
}
