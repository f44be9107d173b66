//! Checks that `template.yaml`, the code and cargo-lambda's router agree.

use std::collections::{BTreeMap, BTreeSet};

use local::{
    LocalDesk, Options,
    template::{Stack, Template},
};
use serde_json::{Value, json};

use crate::support::{iam::statements, root};

/// Variables that Lambda sets for every function, and the SDKs' own endpoint overrides.
const GIVEN_BY_LAMBDA: [&str; 8] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SESV2",
    "AWS_CA_BUNDLE",
];

fn stack() -> Stack {
    Template::built_in().unwrap().resolve(&BTreeMap::new()).unwrap()
}

/// Returns method, path and function of every route of the template.
fn routes() -> BTreeSet<(String, String, String)> {
    let functions = stack().functions;
    let routes = functions.into_iter().flat_map(|function| {
        let name = function.name;
        function.routes.into_iter().map(move |route| (route.method, route.path, name.clone()))
    });
    routes.collect()
}

#[test]
fn the_code_s_table_of_routes_is_the_template_s() {
    let code: BTreeSet<_> =
        edge::routes::ROUTES.iter().map(|(m, p, f)| ((*m).to_owned(), (*p).to_owned(), (*f).to_owned())).collect();
    assert_eq!(code, routes());
}

#[test]
fn cargo_lambda_s_router_has_the_template_s_routes() {
    let manifest: toml::Table = std::fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let router = &manifest["workspace"]["metadata"]["lambda"]["watch"]["router"];
    let mut watched = BTreeSet::new();
    for (path, targets) in router.as_table().unwrap() {
        for target in targets.as_array().unwrap() {
            let text = |name: &str| target[name].as_str().unwrap().to_owned();
            // cargo-lambda's router spells the gateway's `{file+}` as `{*file}`.
            let path = path
                .split_once("{*")
                .map_or(path.clone(), |(before, name)| format!("{before}{{{name}").replace('}', "+}"));
            watched.insert((text("method"), path, text("function")));
        }
    }
    let mut expected = routes();
    // The gateway's catch-all route has no counterpart in that router.
    expected.retain(|(_, path, _)| path != "$default");
    assert_eq!(watched, expected);
}

#[test]
fn every_function_has_a_crate_a_binary_and_events() {
    let folders = |path: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(root().join(path)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let functions: BTreeSet<String> = stack().functions.into_iter().map(|function| function.name).collect();
    let crates = folders("functions");
    assert_eq!(crates, functions);
    assert_eq!(folders("events"), functions);
    for name in functions {
        let main = std::fs::read_to_string(root().join("functions").join(&name).join("src/main.rs")).unwrap();
        assert!(main.lines().count() <= 20, "{name}: main does nothing but wire and run");
    }
}

#[tokio::test]
async fn functions_read_exactly_the_declared_environment() {
    let local = LocalDesk::start(Options::default()).await.unwrap();
    for function in stack().functions {
        let asked = local.runtime(&function.name).expect("the local desk wired it").env.asked();
        let asked: BTreeSet<String> =
            asked.into_iter().filter(|name| !GIVEN_BY_LAMBDA.contains(&name.as_str())).collect();
        let mut declared: BTreeSet<String> = function.environment.into_keys().collect();
        // Every function gets these. Those without a table, or without callers, do not read them.
        if ["portal", "unrouted"].contains(&function.name.as_str()) {
            declared.remove("TABLE_NAME");
        }
        if ["bounce", "deliver", "escalate", "portal", "purge", "unrouted"].contains(&function.name.as_str()) {
            declared.remove("COUNTY_SECOND_FACTOR");
        }
        assert_eq!(asked, declared, "{}", function.name);
    }
    local.stop().await;
}

#[test]
fn the_table_has_the_indexes_that_the_code_queries() {
    let table = stack().table.definition;
    let declared: BTreeSet<(String, String, Option<String>)> = table["GlobalSecondaryIndexes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|index| {
            let key = |n: usize| index["KeySchema"][n]["AttributeName"].as_str().map(str::to_owned);
            (index["IndexName"].as_str().unwrap().to_owned(), key(0).unwrap(), key(1))
        })
        .collect();
    let queried = store::keys::INDEXES
        .iter()
        .map(|index| (index.name.to_owned(), index.partition.to_owned(), index.sort.map(str::to_owned)))
        .collect();
    assert_eq!(declared, queried);
    assert_eq!(stack().table.time_to_live.as_deref(), Some(store::keys::EXPIRES_AT));
}

#[test]
fn the_table_is_kept_whatever_happens() {
    let template = Template::built_in().unwrap();
    let table = &template.document()["Resources"]["Table"];
    let properties = &table["Properties"];
    let kept = (&table["DeletionPolicy"], &table["UpdateReplacePolicy"]);
    // A first deployment that fails must be able to delete the empty table.
    assert_eq!(kept, (&"RetainExceptOnCreate".into(), &"Retain".into()));
    assert_eq!(properties["DeletionProtectionEnabled"], json!({ "Fn::If": ["Protection", true, false] }));
    assert_eq!(template.document()["Parameters"]["Protected"]["Default"], "true");
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties["SSESpecification"], json!({ "SSEEnabled": true, "SSEType": "KMS" }));
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["StreamSpecification"]["StreamViewType"], "KEYS_ONLY");
}

#[test]
fn the_daily_job_runs_at_7_in_paris_and_its_failures_are_kept() {
    let functions = stack().functions;
    let escalate = functions.iter().find(|function| function.name == "escalate").unwrap();
    let schedule = escalate.schedule.as_ref().expect("a schedule");
    assert_eq!(
        (schedule.expression.as_str(), schedule.time_zone.as_deref()),
        ("cron(0 7 * * ? *)", Some("Europe/Paris"))
    );
    let deliver = functions.iter().find(|function| function.name == "deliver").unwrap();
    let rate = deliver.schedule.as_ref().and_then(local::template::Schedule::rate);
    assert_eq!(rate, Some(jiff::SignedDuration::from_mins(5)), "RE15");
    let template = Template::built_in().unwrap();
    let resources = &template.document()["Resources"];
    let daily = &resources["Escalate"]["Properties"]["Events"]["Daily"]["Properties"];
    assert!(daily["DeadLetterConfig"].is_object() && daily["RetryPolicy"].is_object());
    let outbox = &resources["Deliver"]["Properties"]["Events"]["Outbox"]["Properties"];
    assert_eq!(outbox["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert!(outbox["DestinationConfig"]["OnFailure"].is_object());
}

#[test]
fn re4_delivery_events_reach_bounce_and_failures_are_kept() {
    let functions = stack().functions;
    let of = |name: &str| functions.iter().find(|function| function.name == name).unwrap();
    let rule = of("bounce").rule.as_ref().expect("a rule");
    let set = &of("deliver").environment["MAIL_CONFIGURATION_SET"];
    assert_eq!(rule["detail"]["mail"]["tags"]["ses:configuration-set"], json!([set]));
    let template = Template::built_in().unwrap();
    let resources = &template.document()["Resources"];
    let destination = &resources["MailEventsToBus"]["Properties"];
    assert_eq!(destination["ConfigurationSetName"], json!({ "Ref": set }));
    let told = json!(["bounce", "complaint", "delivery", "deliveryDelay", "reject"]);
    assert_eq!(destination["EventDestination"]["MatchingEventTypes"], told);
    let bounce = &resources["Bounce"]["Properties"];
    let handed_over = &bounce["Events"]["Feedback"]["Properties"];
    assert!(handed_over["RetryPolicy"].is_object());
    let queue = json!({ "Fn::GetAtt": ["BounceFailures", "Arn"] });
    assert_eq!(handed_over["DeadLetterConfig"]["Arn"], queue);
    assert_eq!(bounce["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"], queue);
    assert_eq!(resources["BounceFailures"]["Properties"]["SqsManagedSseEnabled"], true);
}

/// An event source's logical id is the function's with the event's name: `BounceFailures` would be the queue's.
#[test]
fn w5_the_failure_queue_is_an_event_source_that_is_off() {
    let template = Template::built_in().unwrap();
    let resources = &template.document()["Resources"];
    let bounce = &resources["Bounce"]["Properties"];
    let queue = json!({ "Fn::GetAtt": ["BounceFailures", "Arn"] });
    let events = bounce["Events"].as_object().unwrap();
    let mut sources = events.iter().filter(|(_, event)| event["Type"] == "SQS");
    let (name, source) = sources.next().expect("a source");
    assert!(resources.get(format!("Bounce{name}")).is_none(), "the id is taken");
    let properties = &source["Properties"];
    assert_eq!((&properties["Queue"], &properties["Enabled"]), (&queue, &json!(false)));
    assert_eq!(properties["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    let reads = json!(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]);
    let granted = statements(template.document());
    let own = |(function, statement): &&(String, Value)| function == "bounce" && statement["Action"] == reads;
    assert_eq!(granted.iter().filter(own).map(|(_, statement)| &statement["Resource"]).collect::<Vec<_>>(), [&queue]);
    // Lambda refuses a source whose messages reappear while the function is running. A queue's default is 30 s.
    assert!(resources["BounceFailures"]["Properties"].get("VisibilityTimeout").is_none());
    assert!(bounce["Timeout"].as_u64().unwrap() <= 30);
}

#[test]
fn samconfig_gives_only_parameters_of_the_template() {
    let config: toml::Table = std::fs::read_to_string(root().join("samconfig.toml")).unwrap().parse().unwrap();
    let template = Template::built_in().unwrap();
    for environment in ["test", "production"] {
        let given = config[environment]["deploy"]["parameters"]["parameter_overrides"].as_array().unwrap();
        for parameter in given {
            let (name, value) = parameter.as_str().unwrap().split_once('=').unwrap();
            let known = &template.document()["Parameters"][name];
            assert!(known.is_object(), "{environment}: {name}");
            let allowed = known["AllowedValues"].as_array();
            let is = |text: &Value| text.to_string().trim_matches('"') == value;
            assert!(allowed.is_none_or(|allowed| allowed.iter().any(is)), "{environment}: {parameter}");
        }
    }
}

#[test]
fn gd3_what_is_downloaded_is_private_and_forgotten() {
    let template = Template::built_in().unwrap();
    let resources = &template.document()["Resources"];
    let bucket = &resources["Downloads"]["Properties"];
    let closed = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert!(closed.len() == 4 && closed.values().all(|yes| *yes == true));
    let [rule] = &bucket["LifecycleConfiguration"]["Rules"].as_array().unwrap()[..] else {
        panic!("one rule, for all")
    };
    assert_eq!((&rule["Status"], &rule["ExpirationInDays"]), (&"Enabled".into(), &1.into()));
    assert!(
        rule.get("Prefix").is_none() && rule.get("Filter").is_none() && bucket.get("VersioningConfiguration").is_none()
    );
    let [deny] = &resources["DownloadsPolicy"]["Properties"]["PolicyDocument"]["Statement"].as_array().unwrap()[..]
    else {
        panic!("nobody is let in")
    };
    assert_eq!((&deny["Effect"], &deny["Condition"]["Bool"]["aws:SecureTransport"]), (&"Deny".into(), &"false".into()));
}
