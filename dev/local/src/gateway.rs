//! The gateway: matches a request to a route, builds its event, parses that with the Lambda runtime's own parser, calls
//! the function, and returns its answer. Requests are served concurrently.

mod answer;
mod cors;
mod event;
mod routes;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::request::Parts;
use http_body_util::BodyExt;
use hyper::{
    Request,
    body::{Body, Bytes, Incoming},
};
use runtime::Clock;

pub(crate) use routes::Routes;

use event::{Circumstances, event};

use crate::{
    control::{self, Control},
    door::Door,
    functions::Handler,
    serving::{Port, Reply, Serving, serve},
    template::Cors,
};

/// Maximum request body of an HTTP API: 10 MB.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// Integration timeout of an HTTP API.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Everything that requests need.
pub(crate) struct Gateway {
    pub(crate) routes: Routes<Handler>,
    pub(crate) control: Control,
    pub(crate) clock: Clock,
    pub(crate) requests: AtomicU64,
    pub(crate) cors: Option<Cors>,
}

impl Gateway {
    /// Serves the gateway until it is stopped.
    pub(crate) fn start(self, port: Port) -> Serving {
        let pages = self.cors.iter().flat_map(|cors| cors.allow_origins.clone()).collect();
        let door = Door::of_api(port.address, pages);
        let gateway = Arc::new(self);
        serve(port, door, move |request, peer| {
            let gateway = Arc::clone(&gateway);
            async move { gateway.answer(request, peer).await }
        })
    }

    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Reply {
        let (head, body) = request.into_parts();
        let body = match whole(body).await {
            Ok(body) => body,
            Err(refusal) => return refusal(),
        };
        if head.uri.path().starts_with(control::PREFIX) {
            return self.control.answer(&head, &body).await;
        }
        let request_id = format!("local-{:08}", self.requests.fetch_add(1, Ordering::Relaxed) + 1);
        if let Some(preflight) = self.cors.as_ref().and_then(|cors| cors::preflight(cors, &head)) {
            return preflight;
        }
        let reply = if head.uri.path().starts_with('/') {
            self.call(&head, &body, peer, &request_id).await
        } else {
            answer::bad_request()
        };
        let mut reply = answer::marked(reply, &request_id);
        if let Some(cors) = &self.cors {
            cors::mark(cors, &head, reply.headers_mut());
        }
        reply
    }

    /// Calls the function. As on Lambda, it runs to its end even if the client disconnects.
    async fn call(&self, head: &Parts, body: &[u8], peer: SocketAddr, request_id: &str) -> Reply {
        // Without a `$default` route, an HTTP API answers unmatched requests itself.
        let Some(taken) = self.routes.find(head.method.as_str(), head.uri.path()) else {
            return answer::not_found();
        };
        let event = event(head, body, &taken, &Circumstances { peer, request_id, now: self.clock.now() }).to_string();
        let handler = Arc::clone(taken.target);
        let function = tokio::spawn(async move {
            match edge::request(&event) {
                Ok(request) => Some(handler(request).await),
                Err(error) => {
                    tracing::error!(%error, "the runtime's parser refuses the event");
                    None
                }
            }
        });
        match tokio::time::timeout(TIMEOUT, function).await {
            Ok(Ok(Some(response))) => answer::outgoing(response),
            Ok(Ok(None)) => answer::failed(),
            Ok(Err(error)) => {
                tracing::error!(%error, "a function panicked");
                answer::failed()
            }
            Err(_) => answer::late(),
        }
    }
}

/// Builds one of the gateway's own answers.
type Refusal = fn() -> Reply;

/// Returns the whole body, or the gateway's refusal. Up to four times the limit is read before refusing: a client that
/// is still writing would not see the answer.
async fn whole(mut body: Incoming) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > (4 * MAX_BODY) as u64 {
        return Err(answer::too_large);
    }
    let (mut kept, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map(|frame| frame.into_data().unwrap_or_default()) else {
            return Err(answer::bad_request);
        };
        length += data.len();
        match length {
            _ if length > 4 * MAX_BODY => return Err(answer::too_large),
            _ if length > MAX_BODY => kept.clear(),
            _ => kept.extend_from_slice(&data),
        }
    }
    if length > MAX_BODY { Err(answer::too_large) } else { Ok(kept.into()) }
}
