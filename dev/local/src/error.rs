//! What can keep the local desk from starting, or from doing what was asked of it.

use std::path::PathBuf;

use crate::template;

/// A failure of the local desk itself; a function's own failures are answers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address that can't be served.
    #[error("can't listen: {0}")]
    Listen(#[source] std::io::Error),
    /// An address that others could reach. The local desk hands out everyone's mails: it is for this machine alone.
    #[error("{0} is not a loopback address: the local desk hands out everyone's mails and is for this machine alone")]
    NotLoopback(std::net::IpAddr),
    /// The data directory can't be used.
    #[error("can't use the data directory {0}: {1}")]
    Directory(PathBuf, #[source] std::io::Error),
    /// Another local desk uses it.
    #[error("another local desk is using the data directory {0}")]
    InUse(PathBuf),
    /// The template.
    #[error(transparent)]
    Template(#[from] template::Error),
    /// The embedded database.
    #[error("the embedded database failed: {0}")]
    Database(#[from] dynoxide::DynoxideError),
    /// A request to it, or something stored in it, that does not read.
    #[error("what the embedded database was given or gave does not read: {0}")]
    Json(#[from] serde_json::Error),
    /// The database of what the local desk itself keeps: mails, clock, position.
    #[error("the local desk's own database failed: {0}")]
    State(#[from] rusqlite::Error),
    /// An item's value that the embedded database has nothing for.
    #[error("the embedded database has no such value: {0}")]
    UnknownValue(String),
    /// The table has no stream, though a function subscribes to it.
    #[error("the table has no stream to follow")]
    NoStream,
    /// A stream filter that the local desk does not understand.
    #[error("the local desk does not understand this stream filter: {0}")]
    Filter(String),
    /// The template names a function that the local desk was not built with.
    #[error("the template names a function that this local desk does not have: {0}")]
    UnknownFunction(String),
    /// The template lacks a function that the local desk runs by itself.
    #[error("the template has no function {0}")]
    NoFunction(&'static str),
    /// A function whose environment is not as it should be.
    #[error("the function {0} does not start: {1}")]
    Misconfigured(String, #[source] runtime::Misconfigured),
    /// The table, as the functions call it.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The demonstration's data could not be loaded.
    #[error("the demonstration can't be loaded: {0}")]
    Demo(#[from] demo::Error),
    /// The system's signals.
    #[error("can't wait for signals: {0}")]
    Signals(#[source] std::io::Error),
    /// The environment file of the backing services.
    #[error("can't write the environment file {0}: {1}")]
    EnvironmentFile(PathBuf, #[source] std::io::Error),
}
