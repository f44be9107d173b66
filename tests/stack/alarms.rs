//! Alarms and the dashboard (requirements AP10).

use std::collections::BTreeSet;

use local::template::Template;
use runtime::{DIMENSION, Metric, NAMESPACE};
use serde_json::{Map, Value, json};

use crate::support::iam::functions;

fn resources() -> Map<String, Value> {
    Template::built_in().unwrap().document()["Resources"].as_object().unwrap().clone()
}

fn of_type<'a>(resources: &'a Map<String, Value>, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    resources.iter().filter(move |(_, resource)| resource["Type"] == kind).map(|(id, it)| (id, &it["Properties"]))
}

/// Returns an alarm that rings at the first occurrence.
fn rings_at_the_first(alarm: &Value, namespace: &str, metric: &str, dimension: &Value) -> bool {
    let measured = (&alarm["Namespace"], &alarm["MetricName"], &alarm["Dimensions"]);
    measured == (&json!(namespace), &json!(metric), &json!([dimension]))
        && (&alarm["Threshold"], &alarm["EvaluationPeriods"]) == (&json!(0), &json!(1))
        && alarm["ComparisonOperator"] == "GreaterThanThreshold"
}

#[test]
fn ap10_every_function_s_errors_and_throttles_ring() {
    let resources = resources();
    for (id, _) in functions(&resources) {
        let dimension = json!({ "Name": "FunctionName", "Value": { "Ref": id } });
        for metric in ["Errors", "Throttles"] {
            let alarm = &resources.get(&format!("{id}{metric}")).unwrap_or_else(|| panic!("{id}: no {metric}"));
            assert!(rings_at_the_first(&alarm["Properties"], "AWS/Lambda", metric, &dimension), "{id} {metric}");
        }
    }
}

/// Resolves a dimension's value: returns the type of the resource, or `AWS::StackName`.
fn led_to<'a>(resources: &'a Map<String, Value>, value: &'a Value) -> Option<&'a str> {
    let name = value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str())?;
    if name == "AWS::StackName" { Some(name) } else { resources.get(name)?["Type"].as_str() }
}

/// A reference that is only a loop's variable is literal text. Linters accept it, but such an alarm watches nothing.
#[test]
fn ap10_every_alarm_watches_a_resource_that_exists() {
    let resources = resources();
    let mut watched = BTreeSet::new();
    for (id, alarm) in of_type(&resources, "AWS::CloudWatch::Alarm") {
        let several = alarm["Metrics"].as_array().into_iter().flatten();
        let metrics = several.map(|metric| &metric["MetricStat"]["Metric"]).chain([alarm]);
        let dimensions = metrics.flat_map(|metric| metric["Dimensions"].as_array().into_iter().flatten());
        let dimensions: Vec<_> = dimensions.collect();
        assert!(!dimensions.is_empty(), "{id} watches nothing");
        for dimension in dimensions {
            let kind = match dimension["Name"].as_str().unwrap() {
                "FunctionName" => "AWS::Serverless::Function",
                "QueueName" => "AWS::SQS::Queue",
                "ApiId" => "AWS::Serverless::HttpApi",
                DIMENSION => "AWS::StackName",
                other => panic!("{id}: {other}"),
            };
            assert_eq!(led_to(&resources, &dimension["Value"]), Some(kind), "{id}: {dimension}");
            watched.insert((alarm["MetricName"].to_string(), dimension["Value"].to_string()));
        }
    }
    let functions = functions(&resources).count();
    let of_functions = watched.iter().filter(|(metric, _)| ["\"Errors\"", "\"Throttles\""].contains(&&**metric));
    assert_eq!(of_functions.count(), 2 * functions, "each function's errors and throttles are watched by one alarm");
}

#[test]
fn ap10_every_queue_of_failures_rings_when_something_lies_in_it() {
    let resources = resources();
    for (id, _) in of_type(&resources, "AWS::SQS::Queue") {
        let dimension = json!({ "Name": "QueueName", "Value": { "Fn::GetAtt": [id, "QueueName"] } });
        let alarm = &resources.get(&format!("{id}NotEmpty")).unwrap_or_else(|| panic!("{id}: no alarm"));
        let metric = "ApproximateNumberOfMessagesVisible";
        assert!(rings_at_the_first(&alarm["Properties"], "AWS/SQS", metric, &dimension), "{id}");
    }
}

#[test]
fn ap10_what_else_is_wrong_rings_too() {
    let resources = resources();
    let of = |id: &str| &resources[id]["Properties"];
    let late = of("MailsLate");
    assert_eq!(
        (&late["MetricName"], &late["Dimensions"][0]["Value"]),
        (&json!("IteratorAge"), &json!({"Ref": "Deliver"}))
    );
    assert_eq!(of("ApiFaults")["MetricName"], "5xx");
    for (id, metric) in
        [("MailsFailing", "MailsFailed"), ("MailsGivenUp", "MailsGivenUp"), ("RedriveMissing", "Redriven")]
    {
        assert_eq!(of(id)["MetricName"], metric);
    }
    assert_eq!(of("RedriveMissing")["TreatMissingData"], "breaching");
    let missing = of("EscalationMissing");
    assert_eq!((&missing["MetricName"], &missing["TreatMissingData"]), (&json!("EscalationRuns"), &json!("breaching")));
    let hours = missing["Period"].as_u64().unwrap() * missing["EvaluationPeriods"].as_u64().unwrap() / 3600;
    assert_eq!(hours, 26);
    assert!(of("BounceRate")["Metrics"][0]["Expression"].as_str().unwrap().contains("bounced"));
}

/// Registrations and activations send mails to addresses that a librarian types.
#[test]
fn s11_more_than_200_registrations_or_activations_an_hour_ring() {
    let resources = resources();
    let alarm = &resources["ManyMailed"]["Properties"];
    assert_eq!((&alarm["Threshold"], &alarm["ComparisonOperator"]), (&json!(200), &json!("GreaterThanThreshold")));
    let queries = alarm["Metrics"].as_array().unwrap();
    assert_eq!(queries[0]["Expression"], "MAX([registered, activated, corrected])");
    for (query, id, metric) in [
        (1, "registered", Metric::Registrations),
        (2, "activated", Metric::Activations),
        (3, "corrected", Metric::AddressChanges),
    ] {
        assert_eq!(queries[query]["Id"], id);
        let of = &queries[query]["MetricStat"];
        assert_eq!((&of["Period"], &of["Stat"]), (&json!(3600), &json!("Sum")));
        assert_eq!(of["Metric"]["MetricName"], metric.name());
    }
}

#[test]
fn ap10_every_alarm_tells_somebody_and_says_what_silence_means() {
    let resources = resources();
    let mut alarms = 0;
    for (id, alarm) in of_type(&resources, "AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["AlarmActions"], json!([{ "Ref": "AlarmTopic" }]), "{id}");
        assert!(alarm["TreatMissingData"].is_string(), "{id}");
        alarms += 1;
    }
    assert!(alarms > 30);
    let topic = &resources["AlarmTopic"]["Properties"];
    assert_eq!(topic["Subscription"], json!([{ "Protocol": "email", "Endpoint": { "Ref": "AlarmEmail" } }]));
    assert_eq!(topic["KmsMasterKeyId"], json!({ "Ref": "AlarmKey" }));
}

#[test]
fn what_every_alarm_means_is_written() {
    let resources = resources();
    let page = include_str!("../../docs/operations.md");
    for (id, _) in of_type(&resources, "AWS::CloudWatch::Alarm") {
        let of_a_function = ["Errors", "Throttles"].iter().find(|metric| id.ends_with(*metric));
        let named = of_a_function.map_or_else(|| format!("`{id}`"), |metric| format!("`…{metric}`"));
        assert!(page.contains(&named), "docs/operations.md says nothing of {id}");
    }
}

#[test]
fn what_the_page_on_deploying_counts_is_what_the_template_has() {
    let resources = resources();
    let page = include_str!("../../docs/operations.md");
    let alarms = of_type(&resources, "AWS::CloudWatch::Alarm").count();
    assert!(
        page.contains(&format!("({alarms} alarms × 0.10 + {} metrics × 0.30", Metric::ALL.len())),
        "{alarms} alarms"
    );
    let reserved: i64 = functions(&resources).map(|(_, f)| f["ReservedConcurrentExecutions"].as_i64().unwrap()).sum();
    assert!(page.contains(&format!("Each stack reserves {reserved}")), "{reserved} reserved");
}

/// Returns the metrics of the desk's own namespace in the dashboard, whose body is JSON after references are resolved.
fn shown(resources: &Map<String, Value>) -> BTreeSet<String> {
    let body = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"].as_str().unwrap();
    let body: Value = serde_json::from_str(body).expect("the dashboard is JSON");
    let widgets = body["widgets"].as_array().unwrap();
    let metrics = widgets.iter().flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap());
    let own = metrics.filter(|metric| metric[0] == NAMESPACE);
    own.map(|metric| {
        assert_eq!((&metric[2], &metric[3]), (&json!(DIMENSION), &json!("${AWS::StackName}")));
        metric[1].as_str().unwrap().to_owned()
    })
    .collect()
}

/// Returns the metrics of the desk's own namespace that alarms use.
fn asked(value: &Value, found: &mut BTreeSet<String>) {
    if value["Namespace"] == NAMESPACE {
        assert_eq!(value["Dimensions"], json!([{ "Name": DIMENSION, "Value": { "Ref": "AWS::StackName" } }]));
        found.insert(value["MetricName"].as_str().unwrap().to_owned());
    }
    match value {
        Value::Object(members) => members.values().for_each(|value| asked(value, found)),
        Value::Array(items) => items.iter().for_each(|value| asked(value, found)),
        _ => {}
    }
}

#[test]
fn dashboard_shows_every_metric_and_alarms_use_no_other() {
    let resources = resources();
    let told: BTreeSet<String> = Metric::ALL.into_iter().map(Metric::name).collect();
    assert_eq!(shown(&resources), told);
    let mut rung = BTreeSet::new();
    asked(&json!(resources), &mut rung);
    assert!(rung.is_subset(&told) && rung.len() > 2, "{rung:?}");
    let service = Template::built_in().unwrap().document()["Globals"]["Function"]["Environment"]["Variables"].clone();
    assert_eq!(service["SERVICE"], json!({ "Ref": "AWS::StackName" }));
}
