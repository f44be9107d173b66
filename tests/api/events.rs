//! Passes each event of `events/<function>/<case>.json` through the runtime's own parser into its function, on a desk
//! with the same people each time. Status and body are compared with the recorded ones.
//!
//! A case is a real event with placeholders: `Bearer county`, `Bearer librarian` or `Bearer patron` for a session, and
//! `{registration}`, `{link}` or `{mail}` for a registration, a link or a message of the desk.

use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use lambda_http::{Body, Response};
use local::Options;
use runtime::{Clock, Runtime};
use serde_json::{Value, json};

use crate::support::{BEGINNING, COUNTY, Desk, Session, root};

/// Opens a desk with a county, a librarian of Fleury, a pending patron and a password link, the same each time.
struct Scene {
    desk: Desk,
    county: Session,
    librarian: Session,
    patron: Session,
    registration: String,
    etag: String,
    link: String,
    mail: String,
}

impl Scene {
    async fn set() -> Self {
        let now = Some(BEGINNING.parse().unwrap());
        let desk = Desk::open_with(Options { now, ..Options::default() }).await;
        let (county, librarian) = desk.staffed().await;
        let (registration, etag) = desk.register(&librarian, "camille@orange.example").await;
        let patron = desk.arrive("camille@orange.example").await;
        desk.open_post("/password-resets", &json!({ "email": librarian.email })).await.expect(202);
        let link = desk.link_token(&librarian.email).await;
        let account = desk.store().account(&patron.email.parse().unwrap()).await.unwrap().expect("the patron's");
        let mail = account.link_mail.expect("a link was mailed");
        Self { desk, county, librarian, patron, registration, etag, link, mail }
    }

    fn put_in(&self, event: &str) -> String {
        event
            .replace("Bearer county", &format!("Bearer {}", self.county.token))
            .replace("Bearer librarian", &format!("Bearer {}", self.librarian.token))
            .replace("Bearer patron", &format!("Bearer {}", self.patron.token))
            .replace("{registration}", &self.registration)
            .replace("{etag}", &self.etag.replace('"', "\\\""))
            .replace("{link}", &self.link)
            .replace("{mail}", &self.mail)
    }

    async fn run(&self, function: &str, event: &str) -> Value {
        let runtime = self.desk.local().runtime(function).expect("the template names it");
        match function {
            "escalate" => {
                let _: Value = serde_json::from_str(event).expect("an event");
                let escalate = escalate::Escalate::from_runtime(runtime).unwrap();
                json!(escalate.run().await.expect("it runs"))
            }
            "purge" => {
                let _: Value = serde_json::from_str(event).expect("an event");
                json!(purge::Purge::from_runtime(runtime).unwrap().run().await.expect("it runs"))
            }
            "deliver" => {
                let deliver = deliver::Deliver::from_runtime(runtime).unwrap();
                let event = serde_json::from_str(event).expect("an event");
                deliver.answer(event, Duration::from_mins(1)).await.expect("it runs")
            }
            "bounce" => {
                let bounce = bounce::Bounce::from_runtime(runtime).unwrap();
                let noted = bounce.answer(serde_json::from_str(event).expect("an event")).await;
                let path = format!("/registrations/{}", self.registration);
                let patron = self.desk.get(&path, &self.librarian).await.expect(200).json();
                let mails = self.desk.get(&format!("{path}/mails"), &self.librarian).await.expect(200).json();
                let noted = noted.unwrap_or_else(|why| json!({ "failed": why.to_string() }));
                json!({ "noted": noted, "mailState": patron["mailState"], "mails": mails["items"] })
            }
            http => {
                let request = edge::request(event).expect("the runtime's parser takes it");
                let reads = Arc::default();
                let clock = Clock::Counted(Box::new(runtime.clock.clone()), Arc::clone(&reads));
                let handler = local::function(http, &Runtime { clock, ..runtime.clone() }).expect("a function");
                let response = handler(request).await;
                assert_eq!(reads.load(Ordering::Relaxed), 1, "{http}: a request has one moment");
                shown(&response)
            }
        }
    }
}

fn shown(response: &Response<Body>) -> Value {
    let body = match response.body() {
        Body::Text(text) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        Body::Binary(bytes) => format!("{} bytes or so", bytes.len() / 1000 * 1000).into(),
        _ => Value::Null,
    };
    json!({ "status": response.status().as_u16(), "body": steady(body) })
}

/// Replaces random ids and tokens by placeholders.
fn steady(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let steady = |(name, value): (String, Value)| match name.as_str() {
                "token" | "secret" | "uri" => (name.clone(), format!("<{name}>").into()),
                _ => (name, steady(value)),
            };
            Value::Object(members.into_iter().map(steady).collect())
        }
        Value::Array(items) => items.into_iter().map(steady).collect(),
        Value::String(text) if text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit()) => "<id>".into(),
        other => other,
    }
}

#[tokio::test]
async fn every_event_is_answered_as_before() {
    let events = &root().join("events");
    let mut cases = 0;
    for function in sorted(events) {
        let folder = events.join(&function);
        let files = sorted(&folder);
        assert!(files.len() >= 2, "{function}: a good event and a bad one at least");
        for file in files {
            let scene = Scene::set().await;
            let event = scene.put_in(&fs::read_to_string(folder.join(&file)).unwrap());
            let answer = scene.run(&function, &event).await;
            let name = format!("{function}/{}", file.trim_end_matches(".json")).replace('/', "__");
            insta::assert_json_snapshot!(name, answer);
            cases += 1;
        }
    }
    assert!(cases > 24);
    assert_eq!(COUNTY, "mdo@oise.example", "as the events write it");
}

fn sorted(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
