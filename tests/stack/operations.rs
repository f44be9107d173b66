//! The operational settings of `template.yaml`: timeouts, memory, concurrency, logs, traces.

use std::{collections::BTreeSet, time::Duration};

use jiff::SignedDuration;
use local::{
    LocalDesk, Options,
    template::{Template, binary},
};
use serde_json::{Value, json};

use crate::support::iam::functions;

#[tokio::test]
async fn re8_clients_give_up_before_functions_and_they_before_gateway() {
    let local = LocalDesk::start(Options::default()).await.unwrap();
    let template = Template::built_in().unwrap();
    let resources = template.document()["Resources"].as_object().unwrap();
    for (id, properties) in functions(resources) {
        let time = Duration::from_secs(properties["Timeout"].as_u64().unwrap());
        let behind_the_gateway = properties["Events"].as_object().into_iter().flatten();
        if behind_the_gateway.into_iter().any(|(_, event)| event["Type"] == "HttpApi") {
            assert!(time < Duration::from_secs(30), "{id}: the gateway's own limit");
        }
        let binary = binary(properties).unwrap();
        if ["portal", "unrouted"].contains(&binary) {
            continue;
        }
        let client = &local.runtime(binary).unwrap().aws.config().unwrap();
        let timeouts = client.timeout_config().unwrap();
        let call = timeouts.operation_timeout().expect("all attempts together end");
        let attempt = timeouts.operation_attempt_timeout().expect("each attempt ends");
        assert!(runtime::CONNECT < attempt && attempt < call, "{id}");
        assert!(client.retry_config().unwrap().max_attempts() > 1, "{id}: a lost call is made again");
        // A call that uses up all its retries is the last one. The work around it gets as much time again.
        assert!(3 * call < time, "{id}");
    }
    local.stop().await;
}

#[test]
fn re4_a_lease_outlives_its_run_and_a_draft_its_writer() {
    let template = Template::built_in().unwrap();
    let time = |id: &str| template.document()["Resources"][id]["Properties"]["Timeout"].as_i64().unwrap();
    assert!(SignedDuration::from_secs(time("Deliver")) < store::LEASE);
    assert!(SignedDuration::from_secs(time("Escalate")) < store::DRAFT, "a draft that is due has no writer");
}

#[test]
fn ap10_each_function_has_its_own_limits_and_log_group() {
    let template = Template::built_in().unwrap();
    let resources = template.document()["Resources"].as_object().unwrap();
    let mut reserved = 0;
    for (id, properties) in functions(resources) {
        for (name, at_most) in [("MemorySize", 1_769), ("Timeout", 300), ("ReservedConcurrentExecutions", 40)] {
            assert!(properties[name].as_i64().is_some_and(|said| said > 0 && said <= at_most), "{id}: {name}");
        }
        reserved += properties["ReservedConcurrentExecutions"].as_i64().unwrap();
        let log = properties["LoggingConfig"]["LogGroup"]["Ref"].as_str().unwrap_or_else(|| panic!("{id} has no log"));
        assert_eq!(log, format!("{id}Log"));
    }
    assert!(reserved <= 450, "{reserved}: two stacks must fit into the 900 that an account lets one reserve");
    for (id, log) in resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::Logs::LogGroup") {
        // The access log has network addresses in clear.
        let days = if id == "ApiLog" { "AccessLogRetentionDays" } else { "LogRetentionDays" };
        assert_eq!(log["Properties"]["RetentionInDays"], json!({ "Ref": days }), "{id}");
    }
    let escalate = &resources["Escalate"]["Properties"]["ReservedConcurrentExecutions"];
    assert_eq!(escalate, 1, "one daily job at a time");
}

#[test]
fn ap10_functions_may_write_traces_only_while_tracing_is_on() {
    let template = Template::built_in().unwrap();
    let document = template.document();
    assert_eq!(document["Globals"]["Function"]["Tracing"], json!({ "Ref": "Tracing" }));
    assert_eq!(document["Parameters"]["Tracing"]["Default"], "PassThrough");
    let trace = &document["Resources"]["Trace"];
    assert_eq!(trace["Condition"], "Traced");
    let all = functions(document["Resources"].as_object().unwrap());
    let roles: BTreeSet<_> = all.map(|(id, _)| json!({ "Ref": format!("{id}Role") }).to_string()).collect();
    let named = trace["Properties"]["Roles"].as_array().unwrap().iter().map(Value::to_string);
    assert_eq!(named.collect::<BTreeSet<_>>(), roles);
}
