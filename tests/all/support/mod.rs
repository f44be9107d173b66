//! A desk to tell stories at: the local portal, people signed in, mails read, the clock moved.

pub(crate) mod described;
pub(crate) mod engine;
mod log;
mod people;
mod reply;
mod wire;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use local::{Options, Portal};
use reqwest::{Client, Method, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};

pub(crate) use log::logged;
pub(crate) use people::{PASSWORD, Session, camille, with};
pub(crate) use reply::Reply;
pub(crate) use wire::{Fault, Wire, tapped};

/// When every story begins: a Tuesday, 9:00 in Paris.
pub(crate) const BEGINNING: &str = "2026-11-24T08:00:00Z";
/// The county's address, by the template's default.
pub(crate) const COUNTY: &str = "mdo@oise.example";

pub(crate) struct Desk {
    portal: Portal,
    http: Client,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::open_with(Options { now: Some(BEGINNING.parse().unwrap()), ..Options::default() }).await
    }

    pub(crate) async fn open_with(options: Options) -> Self {
        log::keep();
        let portal = Portal::start(options).await.expect("the portal starts");
        let http = Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(30)).build().unwrap();
        Self { portal, http }
    }

    /// A desk whose functions reach AWS through a wire that can be cut.
    pub(crate) async fn open_on_a_wire() -> (Wire, Self) {
        let wire = Wire::default();
        let rewire = Some(wire.rewire());
        let now = Some(BEGINNING.parse().unwrap());
        (wire, Self::open_with(Options { now, rewire, ..Options::default() }).await)
    }

    pub(crate) fn portal(&self) -> &Portal {
        &self.portal
    }

    /// The table as the functions see it.
    pub(crate) fn store(&self) -> store::Store {
        store::Store::new(self.portal.runtime("deliver").expect("wired")).expect("a table")
    }

    pub(crate) async fn close(self) {
        self.portal.stop().await;
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.portal.url())
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

    /// A POST without a body: an activation, a renewal.
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

    /// A request of nobody.
    pub(crate) async fn open_post(&self, path: &str, body: &Value) -> Reply {
        Reply::of(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn open_put(&self, path: &str, body: &Value) -> Reply {
        Reply::of(self.request(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn open_get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path)).await
    }

    /// All mails so far, oldest first.
    pub(crate) async fn mails(&self) -> Vec<Value> {
        let mails = self.open_get("/_local/mails").await.expect(200).json();
        mails["items"].as_array().expect("items").clone()
    }

    /// Mails of one kind to one address, oldest first.
    pub(crate) async fn mails_to(&self, email: &str, kind: &str) -> Vec<Value> {
        let theirs = |mail: &Value| mail["to"] == email && mail["kind"] == kind;
        self.mails().await.into_iter().filter(theirs).collect()
    }

    /// The token in the last reset link mailed to an address.
    pub(crate) async fn link_token(&self, email: &str) -> String {
        let mails = self.mails_to(email, "password-link").await;
        let text = mails.last().expect("a link was mailed")["text"].as_str().unwrap().to_owned();
        let after = text.split("/password-resets/").nth(1).expect("the mail holds a link");
        after.split_whitespace().next().unwrap().to_owned()
    }

    /// Everything that lies in the table, raw, as the engine itself gives it.
    pub(crate) async fn dump(&self) -> String {
        engine::call(&self.portal.dynamodb_url(), "Scan", &json!({ "TableName": "Table" })).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.portal.clock().now()
    }

    pub(crate) async fn set_clock(&self, now: &str) {
        self.open_put("/_local/clock", &json!({ "now": now })).await.expect(200);
    }

    pub(crate) async fn pass(&self, time: SignedDuration) {
        self.set_clock(&(self.now() + time).to_string()).await;
    }

    pub(crate) async fn pass_days(&self, days: i64) {
        self.pass(SignedDuration::from_hours(24 * days)).await;
    }

    /// Runs the daily job; answers its report.
    pub(crate) async fn escalate(&self) -> Value {
        Reply::of(self.request(Method::POST, "/_local/run/escalate")).await.expect(200).json()
    }
}
