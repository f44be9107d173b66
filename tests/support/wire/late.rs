//! Indexes that lag. The embedded engine writes its indexes at once, so queries of an index are answered from copies of
//! the table that are as old as the test wants. Each part of the indexes has a copy of its own, because on AWS an entry
//! may be gone from one partition before it is in the other.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use local::Rewire;
use serde_json::{Value, json};

use super::super::{Desk, engine};

#[derive(Debug)]
struct Late<C> {
    inner: C,
    indexes: LateIndexes,
}

impl HttpClient for Late<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Late { inner, indexes: self.indexes.clone() })
    }
}

impl HttpConnector for Late<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.inner.call(self.indexes.redirected(request))
    }
}

/// Items that one `BatchWriteItem` call may write.
const BATCH: usize = 25;

/// A part of the indexes, which lags on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Pending,
    Decided,
    Cards,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Pending, Self::Decided, Self::Cards];

    /// Returns the part that a query reads; `None` if it reads the table itself.
    fn of(query: &str) -> Option<Self> {
        let names = |text: &str| query.contains(text);
        match () {
            () if !names("\"IndexName\"") => None,
            () if names("card-number") => Some(Self::Cards),
            () if names("#pending\"") || names("\"pending#") => Some(Self::Pending),
            () if names("#decided\"") || names("\"decided#") => Some(Self::Decided),
            () => None,
        }
    }
}

/// The indexes of one desk. Each part is a table of its own, a new one whenever it catches up.
#[derive(Debug, Clone, Default)]
pub(crate) struct LateIndexes(Arc<[AtomicUsize; 3]>);

impl LateIndexes {
    /// Returns the rewiring that sends each query of an index to its part's copy.
    pub(crate) fn rewire(&self) -> Rewire {
        let indexes = self.clone();
        Rewire::new(move |_, aws| {
            let inner = aws.config().expect("wired").http_client().expect("a client");
            let client = SharedHttpClient::new(Late { inner, indexes: indexes.clone() });
            aws.with(|config| config.http_client(client)).expect("wired")
        })
    }

    fn table(&self, part: Part) -> String {
        format!("Late{part:?}{}", self.0[part as usize].load(Ordering::SeqCst))
    }

    /// Sends a query of an index to the copy. The engine does not check signatures, so the body may change.
    fn redirected(&self, mut request: HttpRequest) -> HttpRequest {
        let body = request.body().bytes().map(|body| String::from_utf8_lossy(body).into_owned()).unwrap_or_default();
        let Some(part) = Part::of(&body) else { return request };
        let body = body.replace("\"TableName\":\"Table\"", &format!("\"TableName\":\"{}\"", self.table(part)));
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = SdkBody::from(body);
        request
    }

    /// Lets parts of the indexes catch up with the table.
    pub(crate) async fn catch_up(&self, desk: &Desk, parts: &[Part]) {
        let url = desk.local().dynamodb_url();
        let all: Value = serde_json::from_str(&desk.dump().await).unwrap();
        for &part in parts {
            self.0[part as usize].fetch_add(1, Ordering::SeqCst);
            let part = self.table(part);
            engine::create_table(&url, &part).await;
            for batch in all["Items"].as_array().unwrap().chunks(BATCH) {
                let puts: Vec<Value> = batch.iter().map(|item| json!({ "PutRequest": { "Item": item } })).collect();
                let writes = json!({ "RequestItems": { &part: puts } });
                assert_eq!(engine::call(&url, "BatchWriteItem", &writes).await, "{\"UnprocessedItems\":{}}");
            }
        }
    }
}
