//! Errors of the local desk.

use std::path::PathBuf;

use crate::template;

/// A failure of the local desk itself. A function's failures are HTTP answers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address can't be listened on.
    #[error("can't listen: {0}")]
    Listen(#[source] std::io::Error),
    /// The address could be reached by other machines. The local desk shows all messages to anyone who asks.
    #[error("{0} is not a loopback address: the local desk shows all messages and listens on loopback only")]
    NotLoopback(std::net::IpAddr),
    /// The data directory can't be used.
    #[error("can't use the data directory {0}: {1}")]
    Directory(PathBuf, #[source] std::io::Error),
    /// Another local desk uses the data directory.
    #[error("another local desk is using the data directory {0}")]
    InUse(PathBuf),
    /// The data directory was written by a version of the desk with another layout of the table.
    #[error("the data directory {0} was written by another version of the desk: choose another one, or delete it")]
    Layout(PathBuf),
    /// The template is invalid.
    #[error(transparent)]
    Template(#[from] template::Error),
    /// The embedded database failed.
    #[error("the embedded database failed: {0}")]
    Database(#[from] dynoxide::DynoxideError),
    /// A request to the database, or a value stored in it, is not valid JSON.
    #[error("a request to the embedded database or a stored value is invalid: {0}")]
    Json(#[from] serde_json::Error),
    /// The local desk's own database failed. It holds messages, clock and stream position.
    #[error("the local desk's own database failed: {0}")]
    State(#[from] rusqlite::Error),
    /// The embedded database has no type for an item's value.
    #[error("the embedded database has no such value: {0}")]
    UnknownValue(String),
    /// The table has no stream, though a function subscribes to it.
    #[error("the table has no stream to follow")]
    NoStream,
    /// The local desk does not support a stream filter.
    #[error("the local desk does not support this stream filter: {0}")]
    Filter(String),
    /// The template names a function that is not part of this local desk.
    #[error("the template names a function that is not part of this local desk: {0}")]
    UnknownFunction(String),
    /// The template lacks a function that the local desk runs by itself.
    #[error("the template has no function {0}")]
    NoFunction(&'static str),
    /// A function's environment is invalid.
    #[error("the function {0} does not start: {1}")]
    Misconfigured(String, #[source] runtime::Misconfigured),
    /// A request to the table through `store` failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The demonstration's data could not be loaded.
    #[error("the demonstration can't be loaded: {0}")]
    Demo(#[from] demo::Error),
    /// The process can't listen for signals.
    #[error("can't wait for signals: {0}")]
    Signals(#[source] std::io::Error),
    /// The environment file can't be written.
    #[error("can't write the environment file {0}: {1}")]
    EnvironmentFile(PathBuf, #[source] std::io::Error),
}
