//! The Lambda functions, by the names of their binaries in the template.

use std::{pin::Pin, sync::Arc};

use edge::Endpoint;
use http::{Request, Response};
use lambda_http::Body;
use runtime::{Misconfigured, Runtime};
use serde_json::Value;

use crate::{Error, stream::Stream};

/// A boxed future.
pub type Running<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// An HTTP function, ready to be called.
pub type Handler = Arc<dyn Fn(Request<Body>) -> Running<Response<Body>> + Send + Sync>;
/// A scheduled function, ready to be called. It returns its report or an error text.
pub(crate) type Job = Arc<dyn Fn() -> Running<Result<Value, String>> + Send + Sync>;

/// Builds the HTTP function of this name, as its own `main` does.
///
/// # Errors
/// [`Error::UnknownFunction`], or [`Error::Misconfigured`] if its environment is invalid.
pub fn handler(name: &str, runtime: &Runtime) -> Result<Handler, Error> {
    let handler = match name {
        "activate" => build::<activate::Activate>(runtime),
        "directory" => build::<directory::Directory>(runtime),
        "erase" => build::<erase::Erase>(runtime),
        "export" => build::<export::Export>(runtime),
        "list" => build::<list::List>(runtime),
        "password" => build::<password::Password>(runtime),
        "portal" => build::<portal::Portal>(runtime),
        "register" => build::<register::Register>(runtime),
        "renew" => build::<renew::Renew>(runtime),
        "session" => build::<session::Session>(runtime),
        "unrouted" => build::<unrouted::Unrouted>(runtime),
        "update" => build::<update::Update>(runtime),
        _ => return Err(Error::UnknownFunction(name.to_owned())),
    };
    handler.map_err(|why| Error::Misconfigured(name.to_owned(), why))
}

fn build<E: Endpoint>(runtime: &Runtime) -> Result<Handler, Misconfigured> {
    let served = Arc::new((E::from_runtime(runtime)?, runtime.clone()));
    Ok(Arc::new(move |request| {
        let served = Arc::clone(&served);
        Box::pin(async move { edge::respond(&served.0, &served.1, request).await })
    }))
}

/// Names of the functions that are only scheduled.
pub(crate) const JOBS: [&str; 2] = ["escalate", "purge"];

/// Builds the scheduled function of this name.
pub(crate) fn job(name: &'static str, runtime: &Runtime) -> Result<Job, Error> {
    let misconfigured = |why| Error::Misconfigured(name.to_owned(), why);
    match name {
        "escalate" => {
            let escalate = Arc::new(escalate::Escalate::from_runtime(runtime).map_err(misconfigured)?);
            Ok(running(move || Arc::clone(&escalate), |escalate| async move { escalate.run().await }))
        }
        "purge" => {
            let purge = Arc::new(purge::Purge::from_runtime(runtime).map_err(misconfigured)?);
            Ok(running(move || Arc::clone(&purge), |purge| async move { purge.run().await }))
        }
        _ => Err(Error::UnknownFunction(name.to_owned())),
    }
}

/// Returns the schedule of `deliver`.
pub(crate) fn redriving(stream: &Arc<Stream>) -> Job {
    let stream = Arc::clone(stream);
    Arc::new(move || {
        let stream = Arc::clone(&stream);
        Box::pin(async move { stream.redrive().await })
    })
}

fn running<F, R, Fut, E>(function: impl Fn() -> Arc<F> + Send + Sync + 'static, run: fn(Arc<F>) -> Fut) -> Job
where
    F: Send + Sync + 'static,
    R: serde::Serialize + Send + 'static,
    E: std::fmt::Display + Send + 'static,
    Fut: Future<Output = Result<R, E>> + Send + 'static,
{
    Arc::new(move || {
        let running = run(function());
        Box::pin(async move {
            // In a task of its own, so that a panic counts as a failure.
            let ran = tokio::spawn(running).await.map_err(|panic| panic.to_string())?;
            let report = ran.map_err(|error| error.to_string())?;
            serde_json::to_value(report).map_err(|error| error.to_string())
        })
    })
}

/// Builds the function that receives the table's stream.
pub(crate) fn deliver(runtime: &Runtime) -> Result<deliver::Deliver, Error> {
    deliver::Deliver::from_runtime(runtime).map_err(|why| Error::Misconfigured("deliver".to_owned(), why))
}

/// Builds the function that receives SES's delivery events.
pub(crate) fn bounce(runtime: &Runtime) -> Result<bounce::Bounce, Error> {
    bounce::Bounce::from_runtime(runtime).map_err(|why| Error::Misconfigured("bounce".to_owned(), why))
}
