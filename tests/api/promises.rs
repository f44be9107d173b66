//! Tests the promises that the API description makes for all operations, on each of them.

use std::collections::BTreeSet;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::description::{operations, problems};
use crate::support::{
    Desk, Reply, Session,
    described::{DOCUMENT, followed},
};

/// A desk on which every described path exists.
struct Scene {
    desk: Desk,
    county: Session,
    patron: Session,
    registration: String,
    link: String,
}

impl Scene {
    async fn set(desk: Desk) -> Self {
        let (county, librarian) = desk.staffed().await;
        let (registration, _) = desk.register(&librarian, "camille@orange.example").await;
        let patron = desk.arrive("camille@orange.example").await;
        desk.open_post("/password-resets", &json!({ "email": librarian.email })).await.expect(202);
        let link = desk.link_token(&librarian.email).await;
        Self { desk, county, patron, registration, link }
    }

    /// Returns a request of an operation, without a body.
    fn request(&self, route: &str) -> RequestBuilder {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("/registrations/{id}", &format!("/registrations/{}", self.registration));
        let path = path.replace("/resources/{id}", "/resources/musicme");
        let path = path.replace("{id}", "LI10511").replace("{token}", &self.link).replace("{email}", "x@oise.example");
        self.desk.request(Method::from_bytes(method.as_bytes()).unwrap(), &path).header("If-Match", "*")
    }

    /// Returns the same request with the county's session, which may call every operation.
    fn of_the_county(&self, route: &str) -> RequestBuilder {
        self.request(route).bearer_auth(&self.county.token)
    }

    async fn sent(&self, route: &str, media_type: &str, body: impl Into<reqwest::Body>) -> Reply {
        Reply::of(self.of_the_county(route).header("Content-Type", media_type).body(body)).await
    }
}

/// Returns the operations that may answer with a problem of this code.
fn that_answer(code: &str) -> Vec<String> {
    let answers = |operation: &Value| problems(operation).iter().any(|(_, other)| other == code);
    operations().into_iter().filter(|(_, operation)| answers(operation)).map(|(route, _)| route).collect()
}

/// Returns the operations with a form: the route and the form's schema.
fn with_forms() -> Vec<(String, &'static Value)> {
    let form = |operation: &'static Value| operation["requestBody"]["content"].get("application/json");
    let with = operations().into_iter().filter_map(|(route, operation)| Some((route, form(operation)?)));
    with.map(|(route, content)| (route, followed(&content["schema"]))).collect()
}

#[tokio::test]
async fn callers_not_signed_in_and_patrons_are_refused() {
    let scene = Scene::set(Desk::open().await).await;
    let secured = operations().into_iter().filter(|(_, operation)| operation.get("security").is_none());
    assert_eq!(secured.map(|(route, _)| route).collect::<Vec<_>>(), that_answer("not-signed-in"));
    for route in that_answer("not-signed-in") {
        Reply::of(scene.request(&route)).await.problem(401, "not-signed-in");
        Reply::of(scene.request(&route).bearer_auth("invented")).await.problem(401, "not-signed-in");
    }
    for route in that_answer("forbidden") {
        Reply::of(scene.request(&route).bearer_auth(&scene.patron.token)).await.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn every_form_refuses_what_is_no_form() {
    let scene = Scene::set(Desk::open().await).await;
    assert_eq!(with_forms().len(), that_answer("malformed-json").len());
    for (route, _) in with_forms() {
        scene.sent(&route, "application/json", "{").await.problem(400, "malformed-json");
        scene.sent(&route, "application/json", "x".repeat(65 * 1024)).await.problem(413, "too-large");
        scene.sent(&route, "text/plain", "{}").await.problem(415, "unsupported-media-type");
    }
}

#[tokio::test]
async fn every_form_takes_the_described_fields_and_no_other() {
    let scene = Scene::set(Desk::open().await).await;
    for (route, form) in with_forms() {
        assert_eq!(form["additionalProperties"], false, "{route}");
        let fields: BTreeSet<&str> = form["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        // No field accepts this value, so every known field is reported as faulty.
        let of_no_type = |name: &str| (name.to_owned(), json!({ "of": "no type" }));
        let filled: Value = fields.iter().copied().chain(["undescribed"]).map(of_no_type).collect();
        let expected: BTreeSet<String> = fields.iter().map(|name| format!("/{name} wrong-type")).collect();
        let mut faults: BTreeSet<_> =
            scene.sent(&route, "application/json", filled.to_string()).await.faults().into_iter().collect();
        assert!(faults.remove("/undescribed unknown-field"), "{route}");
        assert_eq!(faults, expected, "{route}");

        let required = form["required"].as_array().unwrap();
        let expected: BTreeSet<String> =
            required.iter().map(|name| format!("/{} required", name.as_str().unwrap())).collect();
        if !expected.is_empty() {
            let faults = scene.sent(&route, "application/json", "{}").await.faults();
            assert_eq!(faults.into_iter().collect::<BTreeSet<_>>(), expected, "{route}");
        }
    }
}

#[tokio::test]
async fn an_unavailable_table_is_answered_alike_on_every_route() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let scene = Scene::set(desk).await;
    wire.cut_dynamodb(true);
    for (route, operation) in operations() {
        let body = &operation["requestBody"]["content"]["application/json"]["example"];
        let reply = Reply::of(scene.of_the_county(&route).json(body)).await;
        let is_described = problems(operation).contains(&(503, "unavailable".to_owned()));
        assert_eq!(reply.status == 503, is_described, "{route}: {}", reply.status);
    }
}

#[test]
fn every_operation_says_who_it_is_for_and_what_it_is_called() {
    let mut ids = BTreeSet::new();
    for (route, operation) in operations() {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{route}");
        assert!(problems(operation).contains(&(500, "internal".to_owned())), "{route}");
    }
    assert!(DOCUMENT["openapi"].as_str().unwrap().starts_with("3.1"));
}
