//! Runs another request between two calls of a function.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use local::Rewire;

use super::{Meddling, meddled};

/// Another request, which runs to its end before a call goes on.
pub(crate) struct Other(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Other {
    pub(super) fn new(request: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Box::pin(request))
    }

    pub(super) async fn run(self) {
        self.0.await;
    }
}

impl fmt::Debug for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Other(…)")
    }
}

/// The request that waits for its place among a function's calls, and the number of calls before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interlude(Arc<Mutex<Option<(usize, Other)>>>);

impl Interlude {
    /// Runs `other` right before the n-th query from now of any function, counted from 1.
    pub(crate) fn before_query(&self, n: usize, other: impl Future<Output = ()> + Send + 'static) {
        *self.0.lock().unwrap() = Some((n, Other::new(other)));
    }

    /// Forgets the request. Returns whether it has run.
    pub(crate) fn is_over(&self) -> bool {
        self.0.lock().unwrap().take().is_none()
    }

    pub(crate) fn rewire(&self) -> Rewire {
        let interlude = self.clone();
        Rewire::new(move |_, aws| {
            let interlude = interlude.clone();
            meddled(aws, move |request| interlude.next(request).map_or(Meddling::Pass, Meddling::After))
        })
    }

    fn next(&self, request: &HttpRequest) -> Option<Other> {
        let mut waiting = self.0.lock().unwrap();
        let is_query = request.headers().get("x-amz-target").is_some_and(|target| target.ends_with(".Query"));
        let (left, _) = waiting.as_mut().filter(|_| is_query)?;
        *left -= 1;
        if *left == 0 { waiting.take().map(|(_, other)| other) } else { None }
    }
}
