//! The wire between the functions and AWS, where faults are injected: the SDK's own retries and parsers are in play.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
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
use local::Rewire;
use runtime::Aws;
use serde_json::json;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not arrive.
    Lost,
    /// It arrives and is carried out, and its answer does not come back: the caller can't know.
    Unanswered,
    /// It is answered with "too many requests".
    Throttled,
    /// IAM does not let it through.
    Denied,
}

/// A wire that can be cut, or fail once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire {
    ses: Arc<AtomicBool>,
    /// Calls to SES that are still one too many.
    throttled: Arc<AtomicI64>,
    dynamodb: Arc<AtomicBool>,
    /// Calls to `DynamoDB` until the one that fails; beyond it, negative.
    until_fault: Arc<AtomicI64>,
    unanswered: Arc<AtomicBool>,
}

impl Wire {
    pub(crate) fn cut_ses(&self, cut: bool) {
        self.ses.store(cut, Ordering::SeqCst);
    }

    /// Lets SES turn the next calls away.
    pub(crate) fn throttle_ses(&self, calls: i64) {
        self.throttled.store(calls, Ordering::SeqCst);
    }

    /// How many of them have not come.
    pub(crate) fn still_throttled(&self) -> i64 {
        self.throttled.load(Ordering::SeqCst).max(0)
    }

    pub(crate) fn cut_dynamodb(&self, cut: bool) {
        self.dynamodb.store(cut, Ordering::SeqCst);
    }

    /// Lets the n-th call to `DynamoDB` from now fail, and no other.
    pub(crate) fn fail_once(&self, n: i64, fault: Fault) {
        self.unanswered.store(fault == Fault::Unanswered, Ordering::SeqCst);
        self.until_fault.store(n, Ordering::SeqCst);
    }

    /// Puts the fault off until resumed.
    pub(crate) fn pause(&self) -> Pause {
        Pause { left: self.until_fault.swap(i64::MIN, Ordering::SeqCst), until_fault: Arc::clone(&self.until_fault) }
    }

    /// Whether the fault has happened.
    pub(crate) fn has_failed(&self) -> bool {
        self.until_fault.load(Ordering::SeqCst) <= 0
    }

    pub(super) fn rewire(&self) -> Rewire {
        let wire = self.clone();
        Rewire::new(move |_, aws| {
            let wire = wire.clone();
            tapped(aws, move |request| wire.fault(request))
        })
    }

    fn fault(&self, request: &HttpRequest) -> Option<Fault> {
        if !request.headers().contains_key("x-amz-target") {
            let throttled = self.throttled.fetch_sub(1, Ordering::SeqCst) > 0;
            let cut = self.ses.load(Ordering::SeqCst).then_some(Fault::Lost);
            return cut.or(throttled.then_some(Fault::Throttled));
        }
        if self.dynamodb.load(Ordering::SeqCst) {
            return Some(Fault::Lost);
        }
        let now = self.until_fault.fetch_sub(1, Ordering::SeqCst) == 1;
        let fault = if self.unanswered.load(Ordering::SeqCst) { Fault::Unanswered } else { Fault::Lost };
        now.then_some(fault)
    }
}

/// A fault that has been put off.
#[derive(Debug)]
pub(crate) struct Pause {
    left: i64,
    until_fault: Arc<AtomicI64>,
}

impl Pause {
    pub(crate) fn resume(self) {
        self.until_fault.store(self.left, Ordering::SeqCst);
    }
}

/// A connection whose every request is shown to a tap, which may let it fail.
pub(crate) fn tapped(aws: Aws, tap: impl Fn(&HttpRequest) -> Option<Fault> + Send + Sync + 'static) -> Aws {
    let inner = aws.config.http_client().expect("a client");
    aws.through(SharedHttpClient::new(Tapped { inner, tap: Tap(Arc::new(tap)) }))
}

type Decide = dyn Fn(&HttpRequest) -> Option<Fault> + Send + Sync;

#[derive(Clone)]
struct Tap(Arc<Decide>);

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap(…)")
    }
}

#[derive(Debug)]
struct Tapped<C> {
    inner: C,
    tap: Tap,
}

impl HttpClient for Tapped<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Tapped { inner, tap: self.tap.clone() })
    }
}

impl HttpConnector for Tapped<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let failed = || Err(ConnectorError::io("the wire is cut".into()));
        match (self.tap.0)(&request) {
            None => self.inner.call(request),
            Some(Fault::Lost) => HttpConnectorFuture::ready(failed()),
            Some(Fault::Throttled) => HttpConnectorFuture::ready(Ok(refusal(429, "TooManyRequestsException"))),
            Some(Fault::Denied) => HttpConnectorFuture::ready(Ok(refusal(400, "AccessDeniedException"))),
            Some(Fault::Unanswered) => {
                let carried_out = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    carried_out.await?;
                    failed()
                })
            }
        }
    }
}

fn refusal(status: u16, kind: &str) -> HttpResponse {
    let body = json!({ "__type": kind, "message": "refused on the wire" });
    let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()));
    answer.headers_mut().insert("x-amzn-errortype", kind.to_owned());
    answer
}
