//! Compares the resources of `template.yaml`, with loops expanded and Globals copied into the functions, with those
//! recorded in `snapshots/`.
//!
//! After an intended change, record them again with `INSTA_UPDATE=always cargo test -p tests -- expansion`, and review
//! the diff, which has one line for each resource.

use local::template::{Template, binary};
use serde_json::{Map, Value, json};

use crate::support::iam::functions;

type Resources = Map<String, Value>;

/// A reason, and the function that undoes the difference.
type Difference = (&'static str, fn(&mut Resources));

/// Differences from the recorded resources.
const DIFFERENCES: [Difference; 4] = [
    ("SAM builds nothing: CodeUri is the folder where cargo-lambda puts the bootstrap", built_by_sam),
    (
        "Lambda checks a role when it connects a function to a queue or a stream: the function waits",
        waiting_for_nothing,
    ),
    ("a loop makes the roles, all alike: a function's grants are a policy beside its role", grants_in_the_role),
    ("for the same reason a policy of several functions names their roles, not they the policy", shared_by_the_role),
];

#[test]
fn ap10_the_template_expands_to_what_is_kept() {
    let mut resources = Template::built_in().unwrap().document()["Resources"].as_object().unwrap().clone();
    for (reason, take_back) in DIFFERENCES {
        let before = resources.clone();
        take_back(&mut resources);
        assert_ne!(before, resources, "no longer a difference: {reason}");
    }
    let lines: Vec<String> = resources.iter().map(|(id, resource)| format!("{id}: {resource}")).collect();
    insta::assert_snapshot!("resources", lines.join("\n"));
}

fn built_by_sam(resources: &mut Resources) {
    for function in resources.values_mut().filter(|resource| resource["Type"] == "AWS::Serverless::Function") {
        let binary = binary(&function["Properties"]).unwrap().to_owned();
        assert_eq!(function["Properties"]["CodeUri"], format!("target/lambda/{binary}"));
        function["Properties"]["CodeUri"] = ".".into();
        function["Metadata"] = json!({ "BuildMethod": "rust-cargolambda", "BuildProperties": { "Binary": binary } });
    }
}

fn waiting_for_nothing(resources: &mut Resources) {
    for (id, function) in resources.iter_mut().filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function") {
        let waits = function.as_object_mut().unwrap().remove("DependsOn");
        assert!(waits.is_none_or(|waits| waits == format!("{id}Grants")), "{id}");
    }
}

fn grants_in_the_role(resources: &mut Resources) {
    let functions: Vec<String> = functions(resources).map(|(id, _)| id.clone()).collect();
    for id in functions {
        let Some(mut grants) = resources.remove(&format!("{id}Grants")) else { continue };
        let policy = &mut grants["Properties"];
        assert_eq!(
            (&policy["PolicyName"], &policy["Roles"]),
            (&"grants".into(), &json!([{ "Ref": format!("{id}Role") }]))
        );
        let own = &mut resources[&format!("{id}Role")]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
        own.as_array_mut().unwrap().append(policy["PolicyDocument"]["Statement"].as_array_mut().unwrap());
    }
}

fn shared_by_the_role(resources: &mut Resources) {
    for id in ["KnowTheCaller", "ReadTheList"] {
        let policy = resources[id]["Properties"].as_object_mut().unwrap();
        for role in policy.remove("Roles").unwrap().as_array().unwrap() {
            let role = &mut resources[role["Ref"].as_str().unwrap()]["Properties"];
            let shared = role.as_object_mut().unwrap().entry("ManagedPolicyArns").or_insert_with(|| json!([]));
            shared.as_array_mut().unwrap().push(json!({ "Ref": id }));
        }
    }
}
