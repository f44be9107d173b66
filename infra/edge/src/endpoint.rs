//! From an event to an answer, for every HTTP function alike.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use lambda_http::{Body, Request, Response, service_fn};
use runtime::{Clock, Misconfigured, Runtime};
use tracing::Instrument;

use crate::{Answer, Call, Problem};

/// A function behind one or several routes.
pub trait Endpoint: Sized + Send + Sync + 'static {
    /// Why a call fails; it is answered as a problem.
    type Failure: Into<Problem> + Send;

    /// Makes it ready, once a process.
    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured>;

    /// Answers one call.
    fn answer(&self, call: Call) -> impl Future<Output = Result<Answer, Self::Failure>> + Send;
}

/// Answers a request whatever happens: a problem becomes its document, a panic a generic 500. Reads the clock, once.
pub async fn respond<E: Endpoint>(endpoint: &E, clock: &Clock, request: Request) -> Response<Body> {
    let call = Call::new(request, clock.now());
    let request_id = call.request_id();
    let span = tracing::info_span!("call", route = call.route(), request_id);
    async {
        let answered = endpoint.answer(call).map(|answered| answered.map_err(Into::into));
        let answered = AssertUnwindSafe(answered).catch_unwind().await;
        let answer = answered.unwrap_or_else(|_| Err(Problem::internal("a panic, told above")));
        answer.unwrap_or_else(|problem| told(problem, &request_id)).into_response()
    }
    .instrument(span)
    .await
}

fn told(problem: Problem, request_id: &str) -> Answer {
    let (status, code) = (problem.status().as_u16(), problem.code().as_str());
    if let Some(cause) = problem.cause() {
        tracing::error!(status, code, cause, "failed");
    } else {
        tracing::info!(status, code, "refused");
    }
    problem.into_answer(request_id)
}

/// Runs a function on Lambda: the whole of its `main`.
///
/// # Errors
/// When the environment is not as it should be, or the runtime's API is gone.
pub async fn serve<E: Endpoint>() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let runtime = Runtime::of_process()?;
    let endpoint = Arc::new(E::from_runtime(&runtime)?);
    runtime.aws.warm().await;
    let answer = |request| {
        let (endpoint, clock) = (Arc::clone(&endpoint), runtime.clock.clone());
        async move { Ok::<_, std::convert::Infallible>(respond(&*endpoint, &clock, request).await) }
    };
    lambda_http::run(service_fn(answer)).await
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
