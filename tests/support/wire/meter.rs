//! Measures the capacity that the functions' calls to `DynamoDB` consume, as the engine reports it. The meter adds
//! `ReturnConsumedCapacity` to each request, because the functions do not ask for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use local::Rewire;
use runtime::Aws;
use serde_json::Value;

/// The capacity consumed so far, by function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Arc<Mutex<BTreeMap<String, Consumed>>>);

/// A number of calls, with the read and write units that they consumed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Consumed {
    pub(crate) calls: usize,
    pub(crate) read: f64,
    /// The part of `read` that queries consumed.
    pub(crate) queried: f64,
    pub(crate) written: f64,
}

impl Consumed {
    /// Returns the greater of each figure.
    pub(crate) fn most(self, other: Self) -> Self {
        Self {
            calls: self.calls.max(other.calls),
            read: self.read.max(other.read),
            queried: self.queried.max(other.queried),
            written: self.written.max(other.written),
        }
    }

    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.read += other.read;
        self.queried += other.queried;
        self.written += other.written;
    }
}

impl Meter {
    /// Returns the rewiring that meters every function.
    pub(crate) fn rewire(&self) -> Rewire {
        let meter = self.clone();
        Rewire::new(move |function, aws| meter.on(function, aws))
    }

    /// Meters one function's connection.
    pub(crate) fn on(&self, function: &str, aws: Aws) -> Aws {
        let inner = aws.config().expect("wired").http_client().expect("a client");
        let client = SharedHttpClient::new(Metered { inner, function: function.to_owned(), meter: self.clone() });
        aws.with(|config| config.http_client(client)).expect("wired")
    }

    /// Returns a function's consumption since the last call, and resets the figures of all functions.
    pub(crate) fn taken_by(&self, function: &str) -> Consumed {
        std::mem::take(&mut *self.0.lock().unwrap()).remove(function).unwrap_or_default()
    }

    fn note(&self, function: &str, consumed: Consumed) {
        self.0.lock().unwrap().entry(function.to_owned()).or_default().add(consumed);
    }
}

#[derive(Debug)]
struct Metered<C> {
    inner: C,
    function: String,
    meter: Meter,
}

impl HttpClient for Metered<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Metered { inner, function: self.function.clone(), meter: self.meter.clone() })
    }
}

impl HttpConnector for Metered<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let Some((_, operation)) = target.split_once('.') else { return self.inner.call(request) };
        let (operation, function, meter) = (operation.to_owned(), self.function.clone(), self.meter.clone());
        let answered = self.inner.call(asking(request));
        HttpConnectorFuture::new(async move {
            let (answer, consumed) = measured(&operation, answered.await?).await?;
            meter.note(&function, consumed);
            Ok(answer)
        })
    }
}

/// Asks for the consumed capacity as well. The engine does not check signatures, so the body may change.
fn asking(mut request: HttpRequest) -> HttpRequest {
    let body = request.body().bytes().expect("a request that is whole");
    let members = body.strip_prefix(b"{").expect("JSON");
    let asking = [br#"{"ReturnConsumedCapacity":"TOTAL","#, members].concat();
    request.headers_mut().insert("content-length", asking.len().to_string());
    *request.body_mut() = SdkBody::from(asking);
    request
}

async fn measured(operation: &str, answer: HttpResponse) -> Result<(HttpResponse, Consumed), ConnectorError> {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.into_body().collect().await.map_err(|error| ConnectorError::other(error, None))?.to_bytes();
    let mut answer = HttpResponse::new(status, SdkBody::from(body.clone()));
    *answer.headers_mut() = headers;
    Ok((answer, if status.is_success() { consumed(operation, &body) } else { Consumed::default() }))
}

/// Parses the capacity at the end of an answer: one figure, or one for each table. The rest may be long and is skipped.
fn consumed(operation: &str, body: &[u8]) -> Consumed {
    const NAME: &[u8] = b"\"ConsumedCapacity\":";
    let at = body.windows(NAME.len()).rposition(|window| window == NAME).expect("it says what it consumed");
    let mut said = serde_json::Deserializer::from_slice(&body[at + NAME.len()..]).into_iter();
    let capacity: Value = said.next().expect("a figure").expect("JSON");
    let tables = capacity.as_array().cloned().unwrap_or_else(|| vec![capacity]);
    let units = tables.iter().map(|table| table["CapacityUnits"].as_f64().expect("units")).sum();
    match operation {
        "Query" => Consumed { calls: 1, read: units, queried: units, written: 0.0 },
        "GetItem" | "BatchGetItem" => Consumed { calls: 1, read: units, ..Consumed::default() },
        "TransactWriteItems" | "UpdateItem" | "PutItem" | "DeleteItem" => {
            Consumed { calls: 1, written: units, ..Consumed::default() }
        }
        other => panic!("no function calls {other}"),
    }
}
