//! Injects faults on the connection between the functions and AWS, so that the SDK's own retries and parsers take part.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
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
use runtime::Aws;

pub(crate) use fault::{Death, Fault, Hold, Meddling};
pub(crate) use interlude::{Interlude, Other};
pub(crate) use late::{LateIndexes, Part};
pub(crate) use meter::{Consumed, Meter};

mod fault;
mod interlude;
mod late;
mod meter;

/// A connection that can be cut, or fail once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire {
    ses: Arc<AtomicBool>,
    /// The number of calls to SES still to be throttled.
    throttled: Arc<AtomicI64>,
    dynamodb: Arc<AtomicBool>,
    /// Calls to `DynamoDB` that the fault fits, up to and including the one that fails; zero or negative once it has
    /// passed.
    until_fault: Arc<AtomicI64>,
    /// Index into [`Fault::ALL`] of the fault to inject.
    fault: Arc<AtomicUsize>,
    /// The number of faults injected so far.
    struck: Arc<AtomicUsize>,
    /// The next transactions wait for these, in this order.
    holds: Arc<Mutex<VecDeque<Hold>>>,
    /// Refuses all calls of `deliver` and counts none of `deliver` or `bounce`: the test runs both itself.
    without_deliver: bool,
    /// The SDK does not retry: each fault reaches the caller.
    without_retries: bool,
}

impl Wire {
    /// Returns a wire on which only the test itself delivers messages.
    pub(crate) fn without_deliver() -> Self {
        Self { without_deliver: true, ..Self::default() }
    }

    /// Turns off the SDK's retries.
    pub(crate) fn without_retries(self) -> Self {
        Self { without_retries: true, ..self }
    }

    pub(crate) fn cut_ses(&self, cut: bool) {
        self.ses.store(cut, Ordering::SeqCst);
    }

    /// Makes SES throttle the next `calls` calls.
    pub(crate) fn throttle_ses(&self, calls: i64) {
        self.throttled.store(calls, Ordering::SeqCst);
    }

    /// Returns how many calls SES is still to throttle.
    pub(crate) fn still_throttled(&self) -> i64 {
        self.throttled.load(Ordering::SeqCst).max(0)
    }

    pub(crate) fn cut_dynamodb(&self, cut: bool) {
        self.dynamodb.store(cut, Ordering::SeqCst);
    }

    /// Makes only the n-th call to `DynamoDB` from now fail. Counts the calls that the fault fits.
    pub(crate) fn fail_once(&self, n: i64, fault: Fault) {
        let index = Fault::ALL.iter().position(|other| *other == fault).expect("all are listed");
        self.fault.store(index, Ordering::SeqCst);
        self.until_fault.store(n, Ordering::SeqCst);
    }

    /// Stops the injection of faults. Returns whether the call that was to fail has been made.
    pub(crate) fn calm(&self) -> bool {
        self.until_fault.swap(i64::MIN, Ordering::SeqCst) <= 0
    }

    /// Holds the next transaction that no earlier hold waits for, before it is sent.
    pub(crate) fn hold_transaction(&self) -> Hold {
        let hold = Hold::default();
        self.holds.lock().unwrap().push_back(hold.clone());
        hold
    }

    /// Returns the number of faults injected so far.
    pub(crate) fn struck(&self) -> usize {
        self.struck.load(Ordering::SeqCst)
    }

    pub(crate) fn rewire(&self) -> Rewire {
        let wire = self.clone();
        Rewire::new(move |function, aws| {
            let (wire, delivers) = (wire.clone(), function == "deliver");
            let by_hand = wire.without_deliver && function == "bounce";
            let aws = if wire.without_retries { asked_once(aws) } else { aws };
            if by_hand {
                return aws;
            }
            meddled(aws, move |request| {
                if let Some(hold) = wire.hold(request) {
                    return Meddling::After(hold.into_other());
                }
                let fault = if wire.without_deliver && delivers { Some(Fault::Denied) } else { wire.fault(request) };
                fault.map_or(Meddling::Pass, Meddling::Fail)
            })
        })
    }

    fn hold(&self, request: &HttpRequest) -> Option<Hold> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        target.ends_with("TransactWriteItems").then(|| self.holds.lock().unwrap().pop_front()).flatten()
    }

    fn fault(&self, request: &HttpRequest) -> Option<Fault> {
        if !request.headers().contains_key("x-amz-target") {
            let throttled = self.throttled.fetch_sub(1, Ordering::SeqCst) > 0;
            let cut = self.ses.load(Ordering::SeqCst).then_some(Fault::Refused);
            return cut.or(throttled.then_some(Fault::Throttled));
        }
        if self.dynamodb.load(Ordering::SeqCst) {
            return Some(Fault::Lost);
        }
        let fault = Some(Fault::ALL[self.fault.load(Ordering::SeqCst)]).filter(|fault| fault.fits(request));
        let fault = fault.filter(|_| self.until_fault.fetch_sub(1, Ordering::SeqCst) == 1);
        self.struck.fetch_add(usize::from(fault.is_some()), Ordering::SeqCst);
        fault
    }
}

/// Returns a connection that shows every request to a tap, which may make it fail.
pub(crate) fn tapped(aws: Aws, tap: impl Fn(&HttpRequest) -> Option<Fault> + Send + Sync + 'static) -> Aws {
    meddled(aws, move |request| tap(request).map_or(Meddling::Pass, Meddling::Fail))
}

/// Returns a connection on which the tap may change the outcome of every request.
pub(crate) fn meddled(aws: Aws, tap: impl Fn(&HttpRequest) -> Meddling + Send + Sync + 'static) -> Aws {
    let inner = aws.config().expect("wired").http_client().expect("a client");
    let client = SharedHttpClient::new(Tapped { inner, tap: Tap(Arc::new(tap)) });
    aws.with(|config| config.http_client(client)).expect("wired")
}

/// Returns a connection whose attempts time out after a third of a second.
pub(crate) fn impatient(aws: Aws) -> Aws {
    let usual = aws.config().expect("wired").timeout_config().expect("timeouts");
    let short = usual.to_builder().operation_attempt_timeout(Duration::from_millis(333)).build();
    aws.with(|config| config.timeout_config(short)).expect("wired")
}

/// Returns a connection without the SDK's retries.
pub(crate) fn asked_once(aws: Aws) -> Aws {
    let once = aws.config().expect("wired").retry_config().expect("retries").clone().with_max_attempts(1);
    aws.with(|config| config.retry_config(once)).expect("wired")
}

type Decide = dyn Fn(&HttpRequest) -> Meddling + Send + Sync;

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
        match (self.tap.0)(&request) {
            Meddling::Pass => self.inner.call(request),
            Meddling::After(other) => {
                let inner = self.inner.clone();
                HttpConnectorFuture::new(async move {
                    other.run().await;
                    inner.call(request).await
                })
            }
            Meddling::Fail(fault) => {
                let answer = fault.answer(request.body().bytes().unwrap_or_default());
                if !fault.is_carried_out() {
                    return HttpConnectorFuture::ready(answer);
                }
                let carried_out = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    carried_out.await?;
                    answer
                })
            }
            Meddling::Die(death) => {
                let carried_out = death.after().then(|| self.inner.call(request));
                HttpConnectorFuture::new(async move {
                    if let Some(carried_out) = carried_out {
                        carried_out.await?;
                    }
                    death.reached().await;
                    Err(ConnectorError::other("nobody lives to see this".into(), None))
                })
            }
        }
    }
}
