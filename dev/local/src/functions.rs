//! The functions, by the names that the template gives them.

use std::{pin::Pin, sync::Arc};

use edge::Endpoint;
use http::{Request, Response};
use lambda_http::Body;
use runtime::{Misconfigured, Runtime};
use serde_json::Value;

use crate::Error;

/// Something under way.
pub type Running<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// An HTTP function, wired.
pub type Handler = Arc<dyn Fn(Request<Body>) -> Running<Response<Body>> + Send + Sync>;
/// A scheduled function, wired: its report, or why it failed.
pub(crate) type Job = Arc<dyn Fn() -> Running<Result<Value, String>> + Send + Sync>;

/// The HTTP function of a name, as its own `main` would wire it.
pub fn handler(name: &str, runtime: &Runtime) -> Result<Handler, Error> {
    let wired = match name {
        "activate" => wire::<activate::Activate>(runtime),
        "directory" => wire::<directory::Directory>(runtime),
        "erase" => wire::<erase::Erase>(runtime),
        "export" => wire::<export::Export>(runtime),
        "list" => wire::<list::List>(runtime),
        "password" => wire::<password::Password>(runtime),
        "portal" => wire::<portal::Portal>(runtime),
        "register" => wire::<register::Register>(runtime),
        "renew" => wire::<renew::Renew>(runtime),
        "session" => wire::<session::Session>(runtime),
        "unrouted" => wire::<unrouted::Unrouted>(runtime),
        "update" => wire::<update::Update>(runtime),
        _ => return Err(Error::UnknownFunction(name.to_owned())),
    };
    wired.map_err(|why| Error::Misconfigured(name.to_owned(), why))
}

fn wire<E: Endpoint>(runtime: &Runtime) -> Result<Handler, Misconfigured> {
    let (endpoint, clock) = (Arc::new(E::from_runtime(runtime)?), runtime.clock.clone());
    Ok(Arc::new(move |request| {
        let (endpoint, clock) = (Arc::clone(&endpoint), clock.clone());
        Box::pin(async move { edge::respond(&*endpoint, &clock, request).await })
    }))
}

/// The scheduled functions, by the names that the template gives them.
pub(crate) const JOBS: [&str; 2] = ["escalate", "purge"];

/// The scheduled function of a name.
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
            // Apart, so that a panic is a failure like any other.
            let ran = tokio::spawn(running).await.map_err(|panic| panic.to_string())?;
            let report = ran.map_err(|error| error.to_string())?;
            serde_json::to_value(report).map_err(|error| error.to_string())
        })
    })
}

/// The function that the table's stream is brought to.
pub(crate) fn deliver(runtime: &Runtime) -> Result<deliver::Deliver, Error> {
    deliver::Deliver::from_runtime(runtime).map_err(|why| Error::Misconfigured("deliver".to_owned(), why))
}

/// The function that is told what became of the mails.
pub(crate) fn bounce(runtime: &Runtime) -> Result<bounce::Bounce, Error> {
    bounce::Bounce::from_runtime(runtime).map_err(|why| Error::Misconfigured("bounce".to_owned(), why))
}
