//! From an event to an answer, the same for every HTTP function.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use lambda_http::{Adapter, Body, LambdaEvent, Request, Response, Service, lambda_runtime, service_fn};
use runtime::{Misconfigured, Runtime};
use tracing::{Instrument, field::Empty};

use crate::{Answer, Call, Problem, event::Event};

/// A function behind one or several routes.
pub trait Endpoint: Sized + Send + Sync + 'static {
    /// The failure of a call, which is answered as a problem.
    type Failure: Into<Problem> + Send;

    /// Creates the endpoint, once per process.
    ///
    /// # Errors
    /// [`Misconfigured`] if a variable of the environment is missing or invalid.
    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured>;

    /// Answers one call, whose query parameters are those that its route has.
    fn answer(&self, call: &Call) -> impl Future<Output = Result<Answer, Self::Failure>> + Send;
}

/// Answers a request in every case: a problem becomes its document, a panic a generic 500. Reads the clock once.
pub async fn respond<E: Endpoint>(endpoint: &E, runtime: &Runtime, request: Request) -> Response<Body> {
    let call = Call::new(request, runtime.clock.now());
    let request_id = call.request_id();
    let span = tracing::info_span!("call", route = call.route(), request_id, account = Empty, network = Empty);
    async {
        let answered = async {
            call.check_query()?;
            endpoint.answer(&call).await.map_err(Into::into)
        };
        let answered = AssertUnwindSafe(answered).catch_unwind().await;
        let answer = answered.unwrap_or_else(|_| Err(Problem::internal("a panic, logged above")));
        let answer = answer.unwrap_or_else(|problem| {
            logged(&problem);
            for metric in problem.metrics(call.is_signed_in()) {
                runtime.metrics.count(call.now(), metric);
            }
            problem.into_answer(&request_id)
        });
        answer.into_response()
    }
    .instrument(span)
    .await
}

/// Logs a problem, with its cause if it has one. The span names the route, the request, and the caller if it is known.
fn logged(problem: &Problem) {
    let (status, code) = (problem.status().as_u16(), problem.code().as_str());
    if let Some(cause) = problem.cause() {
        tracing::error!(status, code, cause, "failed");
    } else {
        tracing::info!(status, code, "refused");
    }
}

/// Runs an HTTP function on Lambda. This is all that its `main` does.
///
/// # Errors
/// If a variable of the environment is missing or invalid, or Lambda's runtime API does not answer.
pub async fn serve<E: Endpoint>() -> Result<(), lambda_http::Error> {
    lambda_http::tracing::init_default_subscriber();
    let runtime = Runtime::of_process()?;
    let served = Arc::new((E::from_runtime(&runtime)?, runtime));
    served.1.aws.warm().await;
    let answer = |LambdaEvent { payload, context }: LambdaEvent<Event>| {
        let served = Arc::clone(&served);
        let (event, mut headers) = payload.split();
        let mut adapter = Adapter::from(service_fn(move |mut request: Request| {
            request.headers_mut().extend(std::mem::take(&mut headers));
            let served = Arc::clone(&served);
            async move { Ok::<_, std::convert::Infallible>(respond(&served.0, &served.1, request).await) }
        }));
        adapter.call(LambdaEvent::new(event, context))
    };
    lambda_runtime::run(service_fn(answer)).await
}

#[cfg(test)]
#[path = "endpoint_tests.rs"]
mod tests;
