//! The roles of `template.yaml` (requirements AP10): one per function, only the grants that it needs, no wildcard.

use std::collections::BTreeSet;

use local::template::{Template, binary};
use serde_json::json;

use crate::support::iam::{functions, several, statements};

#[test]
fn ap10_no_action_and_no_resource_of_a_role_is_a_wildcard() {
    let template = Template::built_in().unwrap();
    for (function, statement) in statements(template.document()) {
        // Object names are not known in advance, so the grant covers all objects of this one bucket.
        let objects = statement["Resource"] == json!({ "Fn::Sub": "${Downloads.Arn}/*" });
        assert!(!statement["Action"].to_string().contains('*'), "{function}: {statement}");
        // Neither are recipients. The condition limits the sender.
        let recipients = statement["Condition"]["StringEquals"]["ses:FromAddress"] == json!({ "Ref": "MailFrom" });
        assert!(objects || recipients || !statement["Resource"].to_string().contains('*'), "{function}: {statement}");
        // A partition key is granted in full, or with a `*` for the id in it.
        for key in several(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]) {
            let key = key.as_str().unwrap();
            assert!(
                key.strip_suffix("#*").unwrap_or(key).bytes().all(|b| b.is_ascii_alphabetic()),
                "{function}: {key}"
            );
        }
    }
}

#[test]
fn ap10_each_function_has_its_own_role_for_lambda_alone() {
    let template = Template::built_in().unwrap();
    let resources = template.document()["Resources"].as_object().unwrap();
    let granted = statements(template.document());
    let mut roles = BTreeSet::new();
    for (id, properties) in functions(resources) {
        assert_eq!(properties["Role"], json!({ "Fn::GetAtt": [format!("{id}Role"), "Arn"] }));
        let role = &resources[&format!("{id}Role")];
        let lambda = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }],
        });
        assert_eq!(role["Properties"]["AssumeRolePolicyDocument"], lambda, "{id}");
        let log = json!([{
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": { "Fn::GetAtt": [format!("{id}Log"), "Arn"] },
        }]);
        assert_eq!(role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"], log, "{id}");
        let name = binary(properties).unwrap();
        let logs = granted.iter().filter(|(of, statement)| of == name && statement.to_string().contains("logs:"));
        assert_eq!(json!(logs.map(|(_, statement)| statement).collect::<Vec<_>>()), log, "{id}");
        roles.insert(format!("{id}Role"));
    }
    let written =
        resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role").map(|(id, _)| id.clone());
    assert_eq!(written.collect::<BTreeSet<_>>(), roles);
}

#[test]
fn ap10_functions_with_a_failure_queue_may_send_to_it() {
    let template = Template::built_in().unwrap();
    let resources = template.document()["Resources"].as_object().unwrap();
    let granted = statements(template.document());
    for (id, properties) in functions(resources) {
        let outbox = &properties["Events"]["Outbox"]["Properties"];
        let queue = [&properties["EventInvokeConfig"], outbox]
            .into_iter()
            .map(|from| &from["DestinationConfig"]["OnFailure"]["Destination"])
            .find(|queue| queue.is_object());
        let name = binary(properties).unwrap();
        let sent = granted.iter().filter(|(of, statement)| of == name && statement["Action"] == "sqs:SendMessage");
        assert_eq!(sent.map(|(_, statement)| &statement["Resource"]).next(), queue, "{name}");
        // Lambda checks the role when it connects a function to a queue or a stream.
        let waits = queue.map(|_| json!(format!("{id}Grants")));
        assert_eq!(resources[id].get("DependsOn"), waits.as_ref(), "{id} waits for its grants");
    }
}

#[test]
fn ap10_a_function_s_grants_are_its_own_role_s() {
    let template = Template::built_in().unwrap();
    let resources = template.document()["Resources"].as_object().unwrap();
    for (id, policy) in resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Policy") {
        let function = id.strip_suffix("Grants").unwrap_or_else(|| panic!("{id} is no function's grants"));
        assert_eq!(policy["Properties"]["Roles"], json!([{ "Ref": format!("{function}Role") }]), "{id}");
    }
}

/// Returns the functions that may do this to a kind of partition.
fn allowed(action: &str, key: &str) -> BTreeSet<String> {
    let template = Template::built_in().unwrap();
    let granted = statements(template.document()).into_iter().filter(|(_, statement)| {
        let keys = several(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
        let (actions, action) = (several(&statement["Action"]), format!("dynamodb:{action}"));
        keys.iter().any(|of| *of == key) && actions.iter().any(|of| *of == action.as_str())
    });
    granted.map(|(function, _)| function.clone()).collect()
}

#[test]
fn s16_few_functions_touch_password_hashes_and_one_reads_them() {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(allowed("BatchGetItem", "SECRET#*"), named(&["session"]));
    assert_eq!(allowed("GetItem", "SECRET#*"), named(&["session"]));
    assert_eq!(allowed("Query", "SECRET#*"), named(&[]));
    assert_eq!(allowed("PutItem", "SECRET#*"), named(&["password", "register", "session"]));
    assert_eq!(allowed("UpdateItem", "SECRET#*"), named(&["directory", "session"]));
    let deleting = ["directory", "erase", "password", "purge", "session", "update"];
    assert_eq!(allowed("DeleteItem", "SECRET#*"), named(&deleting));
}
