//! HTTP/1.1 servers on loopback, for the gateway and the services. Each has a [`Door`], which its requests pass first.

use std::{future::ready, io, net::SocketAddr, pin::pin};

use futures_util::future::Either;
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::{
    Error,
    door::Door,
    task::{GRACE, Task},
};

/// An answer with a complete body.
pub(crate) type Reply = Response<Full<Bytes>>;

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    pub(crate) task: Task,
}

impl Serving {
    /// Returns the server's base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A port that is listened on.
pub(crate) struct Port {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

/// Listens on a loopback address; port 0 takes a free one.
///
/// # Errors
/// [`Error::NotLoopback`], or [`Error::Listen`] if the port can't be used.
pub(crate) async fn bind(address: SocketAddr) -> Result<Port, Error> {
    if !address.ip().is_loopback() {
        return Err(Error::NotLoopback(address.ip()));
    }
    let listener = TcpListener::bind(address).await.map_err(Error::Listen)?;
    let address = listener.local_addr().map_err(Error::Listen)?;
    Ok(Port { listener, address })
}

/// Serves the requests that a door lets in, concurrently, with a handler.
pub(crate) fn serve<H, F>(port: Port, door: Door, handler: H) -> Serving
where
    H: Fn(Request<Incoming>, SocketAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let Port { listener, address } = port;
    let task = Task::new(|stopped| async move {
        let connections = GracefulShutdown::new();
        let mut stopped = pin!(stopped);
        loop {
            let accepted = tokio::select! {
                _ = &mut stopped => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => connect(&connections, stream, peer, door.clone(), handler.clone()),
                Err(error) => tracing::warn!(%error, "a connection could not be accepted"),
            }
        }
        drop(listener);
        if timeout(GRACE, connections.shutdown()).await.is_err() {
            tracing::warn!("stopped before all requests had finished");
        }
    });
    Serving { address, task }
}

fn connect<H, F>(connections: &GracefulShutdown, stream: TcpStream, peer: SocketAddr, door: Door, handler: H)
where
    H: Fn(Request<Incoming>, SocketAddr) -> F + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    // Without it, a small answer waits for the acknowledgement of the previous one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(move |request| {
        let answer = match door.refusal(&request) {
            Some(refusal) => Either::Left(ready(refusal)),
            None => Either::Right(handler(request, peer)),
        };
        async { Ok::<_, io::Error>(answer.await) }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke");
        }
    });
}

/// Returns a JSON answer.
pub(crate) fn json(status: http::StatusCode, body: &serde_json::Value) -> Reply {
    reply(status, "application/json", body.to_string())
}

/// Returns a problem document, with a text in French for the person who reads it.
pub(crate) fn problem(status: http::StatusCode, code: &str, detail: &str) -> Reply {
    let title = status.canonical_reason().unwrap_or_default();
    let body =
        json!({ "type": format!("urn:problem:{code}"), "title": title, "status": status.as_u16(), "detail": detail });
    reply(status, "application/problem+json", body.to_string())
}

/// Returns an answer of this media type.
pub(crate) fn reply(status: http::StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(body.into()));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    headers.insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    reply
}
