//! The wire between the functions and AWS, where faults are injected: the SDK's own retries and parsers are in play.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use local::Rewire;

/// A wire that can be cut.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire {
    ses: Arc<AtomicBool>,
    dynamodb: Arc<AtomicBool>,
}

impl Wire {
    pub(crate) fn cut_ses(&self, cut: bool) {
        self.ses.store(cut, Ordering::SeqCst);
    }

    pub(crate) fn cut_dynamodb(&self, cut: bool) {
        self.dynamodb.store(cut, Ordering::SeqCst);
    }

    pub(super) fn rewire(&self) -> Rewire {
        let wire = self.clone();
        Rewire::new(move |_, aws| {
            let inner = aws.config.http_client().expect("a client");
            aws.through(SharedHttpClient::new(Through { inner, wire: wire.clone() }))
        })
    }

    fn is_cut(&self, request: &HttpRequest) -> bool {
        let cut = if request.headers().contains_key("x-amz-target") { &self.dynamodb } else { &self.ses };
        cut.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
struct Through<C> {
    inner: C,
    wire: Wire,
}

impl HttpClient for Through<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Through { inner, wire: self.wire.clone() })
    }
}

impl HttpConnector for Through<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.wire.is_cut(&request) {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the wire is cut".into())));
        }
        self.inner.call(request)
    }
}
