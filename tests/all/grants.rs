//! What each function asks of the table is what `template.yaml` grants it, no less and no more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use jiff::SignedDuration;
use local::{Options, Rewire, template::Template};
use serde_json::{Value, json};

use crate::support::{BEGINNING, COUNTY, Desk, camille, tapped, with};

/// Function → what it did: an action of the table, or one of an index as `Query library-name`.
type Actions = BTreeMap<String, BTreeSet<String>>;

#[derive(Debug, Clone, Default)]
struct Recorder(Arc<Mutex<Actions>>);

impl Recorder {
    fn rewire(&self) -> Rewire {
        let recorder = self.clone();
        Rewire::new(move |function, aws| {
            let (recorder, function) = (recorder.clone(), function.to_owned());
            tapped(aws, move |request| {
                recorder.note(&function, request);
                None
            })
        })
    }

    fn note(&self, function: &str, request: &HttpRequest) {
        let Some(operation) = request.headers().get("x-amz-target").and_then(|target| target.split('.').nth(1)) else {
            return;
        };
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let mut noted = self.0.lock().unwrap();
        noted.entry(function.to_owned()).or_default().extend(actions(operation, &body));
    }
}

/// The permissions that an operation wants; a transaction wants those of its writes.
fn actions(operation: &str, body: &Value) -> Vec<String> {
    match (operation, body["IndexName"].as_str()) {
        ("TransactWriteItems", _) => {
            let writes = body["TransactItems"].as_array().into_iter().flatten();
            let kinds = writes.filter_map(|write| write.as_object()?.keys().next());
            kinds
                .map(|kind| if kind == "ConditionCheck" { "ConditionCheckItem".into() } else { format!("{kind}Item") })
                .collect()
        }
        (operation, Some(index)) => vec![format!("{operation} {index}")],
        (operation, None) => vec![operation.to_owned()],
    }
}

/// What the template grants, in the same words.
fn granted() -> Actions {
    let template = Template::built_in().unwrap();
    let mut granted = Actions::new();
    for resource in template.document()["Resources"].as_object().unwrap().values() {
        let Some(binary) = resource["Metadata"]["BuildProperties"]["Binary"].as_str() else { continue };
        let statements = resource["Properties"]["Policies"].as_array().into_iter().flatten();
        for statement in statements.flat_map(|policy| policy["Statement"].as_array().into_iter().flatten()) {
            let names = |field: &str| match &statement[field] {
                Value::Array(several) => several.clone(),
                one => vec![one.clone()],
            };
            for action in names("Action").iter().filter_map(|action| action.as_str()?.strip_prefix("dynamodb:")) {
                for resource in names("Resource") {
                    let index = resource["Fn::Sub"].as_str().and_then(|arn| arn.rsplit('/').next());
                    let words = index.map_or_else(|| action.to_owned(), |index| format!("{action} {index}"));
                    granted.entry(binary.to_owned()).or_default().insert(words);
                }
            }
        }
    }
    granted
}

#[tokio::test]
async fn ap10_each_function_is_granted_what_it_does_and_no_more() {
    let recorder = Recorder::default();
    let options =
        Options { now: Some(BEGINNING.parse().unwrap()), rewire: Some(recorder.rewire()), ..Options::default() };
    let desk = Desk::open_with(options).await;
    everything_that_functions_do(&desk).await;
    assert_eq!(*recorder.0.lock().unwrap(), granted());
}

async fn everything_that_functions_do(desk: &Desk) {
    let (county, marie) = desk.staffed().await;
    desk.put("/staff/x@oise.example", &county, &json!({ "displayName": "X", "role": "county" })).await.expect(201);
    let demoted = json!({ "displayName": "X", "role": "librarian", "libraryIds": ["LI10511"] });
    desk.put("/staff/x@oise.example", &county, &demoted).await.expect(200);
    desk.delete("/staff/x@oise.example", &county).await.expect(204);
    for path in ["/staff", "/libraries", "/resources"] {
        desk.get(path, &county).await.expect(200);
    }
    let (id, etag) = desk.register_as(&marie, &with(camille(), "password", "Zèbre-Cactus-77?")).await;
    let path = format!("/registrations/{id}");
    let provisional = json!({ "email": "camille.exemple@orange.example", "password": "Zèbre-Cactus-77?" });
    desk.open_post("/sessions", &provisional).await.expect(403);
    desk.post("/registrations", &marie, &camille()).await.expect(409);
    desk.patch(&path, &marie, &etag, &json!({ "email": "autre@orange.example" })).await.expect(200);
    desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    let patron = desk.arrive("autre@orange.example").await;
    desk.get("/me", &patron).await.expect(200);
    desk.delete("/sessions/current", &patron).await.expect(204);
    for by in [&marie, &county] {
        for query in ["", "?sort=-registeredOn", "?q=0042"] {
            desk.get(&format!("/registrations{query}"), by).await.expect(200);
            desk.get(&format!("/registrations.xlsx{query}"), by).await.expect(200);
        }
    }
    desk.get("/registrations.xlsx?q=autre@orange.example", &county).await.expect(200);
    for end in ["", "/history", "/mails", "/data"] {
        desk.get(&format!("{path}{end}"), &marie).await.expect(200);
    }
    desk.register(&marie, "oubli@orange.example").await;
    let (bouncing, _) = desk.register(&marie, "retour@rebond.example").await;
    desk.act(&format!("/registrations/{bouncing}/activation"), &marie).await.expect(200);
    assert_eq!(desk.mails_to("retour@rebond.example", "activation").await.len(), 1);
    desk.pass_days(8).await;
    desk.escalate().await;
    // A mail that stays unsent for over an hour is re-driven.
    let mut unrecorded = desk.portal().runtime("escalate").unwrap().clone();
    unrecorded.aws = runtime::Aws::loopback(unrecorded.aws.endpoints.clone());
    let store = store::Store::new(&unrecorded).unwrap();
    let draft = store::Digest { mail_id: "left".into(), notice: domain::notice::Notice::CountyDigest, at: desk.now() };
    let marie = desk.sign_in(&marie.email).await;
    let (late, _) = desk.register(&marie, "brouillon@orange.example").await;
    let before = store.registration(&late.parse().unwrap()).await.unwrap().unwrap();
    let after = before.registration.clone();
    let mark = store::Mark { before, after, action: domain::history::Action::Escalated };
    store.add_to_digest(&draft, &[mark], false).await.unwrap();
    desk.pass(SignedDuration::from_hours(2)).await;
    desk.escalate().await;
    assert_eq!(desk.mails_to(COUNTY, "county-digest").await.len(), 1);
    desk.pass_days(345).await;
    let marie = desk.sign_in(&marie.email).await;
    desk.act(&format!("{path}/renewal"), &marie).await.expect(200);
    desk.delete(&path, &marie).await.expect(204);
    desk.pass_days(800).await;
    assert_ne!(desk.run("purge").await, json!({ "erased": 0 }));
}
