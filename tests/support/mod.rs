//! The fixture of the stories: a local desk, signed-in people, access to messages, and a clock that tests move.

mod code;
pub(crate) mod described;
pub(crate) mod engine;
pub(crate) mod hands;
pub(crate) mod iam;
mod log;
mod people;
mod place;
mod reply;
mod seed;
mod soak;
mod wire;
pub(crate) mod workbook;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use local::{LocalDesk, Options};
use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use runtime::Sink;
use serde_json::{Value, json};

use place::Place;

pub(crate) use code::{root, sources};
pub(crate) use log::logged;
pub(crate) use people::{App, PASSWORD, Session, camille, with};
pub(crate) use reply::Reply;
pub(crate) use seed::{AUNEUIL, FLEURY};
pub(crate) use soak::soak;
pub(crate) use wire::{
    Consumed, Death, Fault, Hold, Interlude, LateIndexes, Meddling, Meter, Part, Wire, asked_once, impatient, meddled,
    tapped,
};

/// When every story begins: a Tuesday, 9:00 in Paris.
pub(crate) const BEGINNING: &str = "2026-11-24T08:00:00Z";
/// The county's address: the template's default.
pub(crate) const COUNTY: &str = "mdo@oise.example";

pub(crate) struct Desk {
    place: Place,
    http: Client,
    emitted: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        if let Some(place) = place::deployed() {
            return Self { place, http: http(), emitted: Arc::default() }.emptied().await;
        }
        Self::open_with(Options { now: Some(BEGINNING.parse().unwrap()), ..Options::default() }).await
    }

    pub(crate) async fn open_with(options: Options) -> Self {
        log::keep();
        let emitted = Arc::default();
        let metrics = Sink::Kept(Arc::clone(&emitted));
        let options = Options { rewire: Some(iam::guarded(options.rewire)), metrics, ..options };
        let local = LocalDesk::start(options).await.expect("the local desk starts");
        Self { place: Place::Here(Box::new(local)), http: http(), emitted }
    }

    /// Opens a desk with a new [`Wire`] between its functions and AWS.
    pub(crate) async fn open_on_a_wire() -> (Wire, Self) {
        let wire = Wire::default();
        let desk = Self::open_on(&wire).await;
        (wire, desk)
    }

    /// Opens a desk on this wire.
    pub(crate) async fn open_on(wire: &Wire) -> Self {
        let now = Some(BEGINNING.parse().unwrap());
        Self::open_with(Options { now, rewire: Some(wire.rewire()), ..Options::default() }).await
    }

    pub(crate) fn local(&self) -> &LocalDesk {
        match &self.place {
            Place::Here(local) => local,
            Place::Deployed { .. } => panic!("this story is of the local desk"),
        }
    }

    pub(crate) async fn close(self) {
        if let Place::Here(local) = self.place {
            local.stop().await;
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.place.url())
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str, by: &Session) -> Reply {
        Reply::of(self.request(Method::GET, path).bearer_auth(&by.token)).await
    }

    pub(crate) async fn post(&self, path: &str, by: &Session, body: &Value) -> Reply {
        Reply::of(self.request(Method::POST, path).bearer_auth(&by.token).json(body)).await
    }

    /// Sends a POST without a body, such as an activation or a renewal.
    pub(crate) async fn act(&self, path: &str, by: &Session) -> Reply {
        Reply::of(self.request(Method::POST, path).bearer_auth(&by.token)).await
    }

    pub(crate) async fn put(&self, path: &str, by: &Session, body: &Value) -> Reply {
        Reply::of(self.request(Method::PUT, path).bearer_auth(&by.token).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, by: &Session) -> Reply {
        Reply::of(self.request(Method::DELETE, path).bearer_auth(&by.token)).await
    }

    pub(crate) async fn patch(&self, path: &str, by: &Session, etag: &str, body: &Value) -> Reply {
        let request = self.request(Method::PATCH, path).bearer_auth(&by.token).header("If-Match", etag);
        Reply::of(request.header("Content-Type", "application/merge-patch+json").body(body.to_string())).await
    }

    /// Sends a POST without a session.
    pub(crate) async fn open_post(&self, path: &str, body: &Value) -> Reply {
        Reply::of(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn open_put(&self, path: &str, body: &Value) -> Reply {
        Reply::of(self.request(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn open_get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path)).await
    }

    /// Returns all messages sent so far, oldest first.
    pub(crate) async fn mails(&self) -> Vec<Value> {
        let mails = self.open_get("/_local/mails").await.expect(200).json();
        mails["items"].as_array().expect("items").clone()
    }

    /// Returns the messages of one kind to one address, oldest first.
    pub(crate) async fn mails_to(&self, email: &str, kind: &str) -> Vec<Value> {
        let theirs = |mail: &Value| mail["to"] == email && mail["kind"] == kind;
        self.mails().await.into_iter().filter(theirs).collect()
    }

    /// Returns the token of the newest password link sent to an address.
    pub(crate) async fn link_token(&self, email: &str) -> String {
        let mails = self.mails_to(email, "password-link").await;
        let text = mails.last().expect("a link was mailed")["text"].as_str().unwrap().to_owned();
        let after = text.split("/portail/choisir-mon-mot-de-passe#").nth(1).expect("the mail holds a link");
        after.split_whitespace().next().unwrap().to_owned()
    }

    /// Scans the table. Returns the engine's answer as it is.
    pub(crate) async fn dump(&self) -> String {
        engine::call(&self.local().dynamodb_url(), "Scan", &json!({ "TableName": "Table" })).await
    }

    /// Deletes an item, as an operator does by hand. Returns the engine's answer as it is.
    pub(crate) async fn delete_item(&self, key: &Value) -> String {
        let request = json!({ "TableName": "Table", "Key": key, "ReturnValues": "ALL_OLD" });
        engine::call(&self.local().dynamodb_url(), "DeleteItem", &request).await
    }

    /// Returns all items of the table as plain JSON.
    pub(crate) async fn items(&self) -> Vec<Value> {
        engine::items(&self.local().dynamodb_url()).await
    }

    /// Returns the metric lines that the functions have emitted for `CloudWatch` so far.
    pub(crate) fn emitted(&self) -> Vec<String> {
        self.emitted.lock().unwrap().clone()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.place.now()
    }

    pub(crate) async fn set_clock(&self, now: &str) {
        self.open_put("/_local/clock", &json!({ "now": now })).await.expect(200);
        self.place.was_set(now);
    }

    pub(crate) async fn pass(&self, time: SignedDuration) {
        self.set_clock(&(self.now() + time).to_string()).await;
    }

    pub(crate) async fn pass_days(&self, days: i64) {
        self.pass(SignedDuration::from_hours(24 * days)).await;
    }

    /// Runs the daily job. Returns its report.
    pub(crate) async fn escalate(&self) -> Value {
        self.run("escalate").await
    }

    /// Runs a scheduled function. Returns its report.
    pub(crate) async fn run(&self, job: &str) -> Value {
        Reply::of(self.request(Method::POST, &format!("/_local/run/{job}"))).await.expect(200).json()
    }
}

fn http() -> Client {
    Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(30)).build().unwrap()
}

/// Returns the store of a runtime's table, without role checks and without faults.
pub(crate) fn store_over(mut runtime: runtime::Runtime) -> store::Store {
    runtime.aws = runtime::Aws::loopback(runtime.aws.endpoints);
    store::Store::new(&runtime).expect("a table")
}
