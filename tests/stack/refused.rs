//! Checks before a deployment: what the emulator takes and AWS refuses or handles otherwise.

use std::collections::BTreeSet;

use local::template::Template;
use serde_json::{Value, json};

use crate::support::{iam::functions, root};

fn document() -> Value {
    Template::built_in().unwrap().document().clone()
}

/// Returns every route of the template as the gateway writes it: `GET /me`, `$default`.
fn route_keys() -> BTreeSet<String> {
    let keys = edge::routes::ROUTES.iter();
    keys.map(|(method, path, _)| if path.starts_with('$') { (*path).to_owned() } else { format!("{method} {path}") })
        .collect()
}

/// An HTTP API refuses such a route. An import leaves it out without an error, unless it fails on warnings.
#[test]
fn w1_no_route_ends_in_a_slash_and_an_import_fails_on_warnings() {
    for key in route_keys() {
        let path = key.split_once(' ').map_or("", |(_, path)| path);
        assert!(path == "/" || !path.ends_with('/'), "{key}");
        let segments: Vec<&str> = path.split('/').collect();
        let (last, before) = segments.split_last().unwrap();
        assert!(before.iter().all(|segment| !segment.ends_with("+}")), "{key}: only the last variable may be greedy");
        let variable = |segment: &str| !segment.contains('{') || (segment.starts_with('{') && segment.ends_with('}'));
        assert!(before.iter().chain([last]).all(|segment| variable(segment)), "{key}: a variable is a whole segment");
    }
    assert_eq!(document()["Resources"]["Api"]["Properties"]["FailOnWarnings"], true);
}

/// A stage with settings for a route that does not exist can't be created.
#[test]
fn w6_files_and_probes_have_limits_of_their_own_at_the_gateway() {
    let document = document();
    let settings = document["Resources"]["Api"]["Properties"]["RouteSettings"].as_object().unwrap();
    let keys = route_keys();
    assert!(settings.keys().all(|key| keys.contains(key)), "{settings:?}");
    let rate = |of: &Value| (of["ThrottlingBurstLimit"].as_i64().unwrap(), of["ThrottlingRateLimit"].as_i64().unwrap());
    let others = rate(&document["Resources"]["Api"]["Properties"]["DefaultRouteSettings"]);
    let files = rate(&settings["GET /portail/{file+}"]);
    assert!(files.0 >= 4 * others.0 && files.1 >= 4 * others.1, "a page requests several files at once");
}

/// The alarm on throttles of `Unrouted` would ring for every scanner.
#[test]
fn w15_probes_are_refused_before_they_throttle_a_function() {
    let document = document();
    let limit = &document["Resources"]["Api"]["Properties"]["RouteSettings"]["$default"];
    let reserved = document["Resources"]["Unrouted"]["Properties"]["ReservedConcurrentExecutions"].as_i64().unwrap();
    // A call takes far less than a tenth of a second.
    let at_once = limit["ThrottlingBurstLimit"].as_i64().unwrap() + limit["ThrottlingRateLimit"].as_i64().unwrap() / 10;
    assert!(at_once < reserved, "{at_once} at once, {reserved} reserved");
}

/// Without the empty list, SES accepts messages to addresses that bounced once anywhere in the account, and drops them.
#[test]
fn w2_ses_s_own_suppression_list_is_off() {
    let set = &document()["Resources"]["MailEvents"]["Properties"];
    assert_eq!(set["SuppressionOptions"], json!({ "SuppressedReasons": [] }));
}

/// SES also checks the recipient's identity, if the account has one.
#[test]
fn w4_deliver_sends_to_every_identity_but_from_one_address() {
    let document = document();
    let statements = &document["Resources"]["DeliverGrants"]["Properties"]["PolicyDocument"]["Statement"];
    let sends = |statement: &&Value| statement["Action"] == "ses:SendEmail";
    let [statement] = statements.as_array().unwrap().iter().filter(sends).collect::<Vec<_>>()[..] else {
        panic!("one statement")
    };
    assert_eq!(statement["Condition"], json!({ "StringEquals": { "ses:FromAddress": { "Ref": "MailFrom" } } }));
    let identity = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*";
    assert_eq!(statement["Resource"][0], json!({ "Fn::Sub": identity }));
}

/// A value that may contain quotes, such as a function's error, would make the line no JSON.
#[test]
fn w10_a_line_of_the_access_log_is_json_whatever_happens() {
    let document = document();
    let format = document["Resources"]["Api"]["Properties"]["AccessLogSettings"]["Format"].as_str().unwrap();
    let line: Value = serde_json::from_str(format).unwrap();
    let variables: BTreeSet<&str> = line.as_object().unwrap().values().map(|value| value.as_str().unwrap()).collect();
    let plain = [
        "$context.error.message",
        "$context.identity.sourceIp",
        "$context.requestId",
        "$context.responseLatency",
        "$context.routeKey",
        "$context.status",
    ];
    assert_eq!(variables, plain.into());
}

/// `SEARCH` matches whole words of a function's name, which is longer than the stack's: its graphs stay empty.
#[test]
fn w10_the_dashboard_names_each_function_s_metrics() {
    let document = document();
    let body = document["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"].as_str().unwrap();
    assert!(!body.contains("SEARCH"));
    for (id, _) in functions(document["Resources"].as_object().unwrap()) {
        for metric in ["Errors", "Throttles"] {
            let named = format!(r#"["AWS/Lambda", "{metric}", "FunctionName", "${{{id}}}"]"#);
            assert!(body.contains(&named), "{named}");
        }
    }
}

#[test]
fn w16_the_default_endpoint_can_be_closed() {
    let document = document();
    let api = &document["Resources"]["Api"]["Properties"];
    assert_eq!(api["DisableExecuteApiEndpoint"], json!({ "Fn::If": ["OwnDomainOnly", true, false] }));
    assert_eq!(document["Parameters"]["DefaultEndpoint"]["Default"], "Enabled");
}

#[test]
fn w17_a_budget_warns_the_alarm_address() {
    let document = document();
    let budget = &document["Resources"]["Budget"]["Properties"];
    assert_eq!(budget["Budget"]["BudgetLimit"]["Amount"], json!({ "Ref": "MonthlyBudget" }));
    for warning in budget["NotificationsWithSubscribers"].as_array().unwrap() {
        let subscribers = json!([{ "SubscriptionType": "EMAIL", "Address": { "Ref": "AlarmEmail" } }]);
        assert_eq!(warning["Subscribers"], subscribers);
    }
}

/// SAM asks one question for each of the API's events under `--guided`, and Enter ends the deployment.
#[test]
fn w8_one_change_set_is_shown_and_one_question_asked() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    for path in ["Makefile", "scripts/deploy"] {
        assert!(!read(path).contains("--guided"), "{path}");
    }
    let config: toml::Table = read("samconfig.toml").parse().unwrap();
    for environment in ["test", "production"] {
        assert_eq!(config[environment]["deploy"]["parameters"]["confirm_changeset"].as_bool(), Some(true));
        let given = config[environment]["deploy"]["parameters"]["parameter_overrides"].as_array().unwrap();
        let given: BTreeSet<&str> = given.iter().map(|one| one.as_str().unwrap().split('=').next().unwrap()).collect();
        for parameter in ["CountyEmail", "PortalUrl", "AllowedOrigins", "MailFrom", "AlarmEmail"] {
            assert!(given.contains(parameter), "{environment}: {parameter}");
        }
    }
}
