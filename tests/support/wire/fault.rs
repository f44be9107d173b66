//! What can happen to a call.

use std::{future::pending, io, sync::Arc};

use aws_smithy_runtime_api::{
    client::{
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use tokio::sync::Notify;

const CONFLICT: &str = "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\",\
                        \"CancellationReasons\":[{\"Code\":\"TransactionConflict\"}]}";

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not arrive.
    Lost,
    /// It is turned away at once: busy.
    Refused,
    /// It is turned away: too many of them.
    Throttled,
    /// It is turned away for good.
    Denied,
    /// It arrives and is carried out, and its answer does not come back: the caller can't know.
    Unanswered,
    /// The same, and the client waits for it until its time is over.
    TimedOut,
    /// It is carried out, and answered by "internal server error".
    Failed,
    /// It is carried out, and the connection is cut in the middle of the answer.
    Torn,
    /// A transaction that meets another one on the same item; other calls pass.
    Conflict,
}

impl Fault {
    /// Those that may strike a call anywhere.
    pub(crate) const ALL: [Self; 7] =
        [Self::Lost, Self::Refused, Self::Unanswered, Self::TimedOut, Self::Failed, Self::Torn, Self::Conflict];

    /// Those that differ once the SDK may not ask again: not carried out and no answer, carried out and an answer that
    /// does not say so. The others differ in whether the SDK asks again.
    pub(crate) const UNREPEATED: [Self; 2] = [Self::Lost, Self::Failed];

    /// Whether this can happen to such a request.
    pub(crate) fn fits(self, request: &HttpRequest) -> bool {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        self != Self::Conflict || target.ends_with("TransactWriteItems")
    }

    /// Whether the service has done what was asked.
    pub(crate) fn is_carried_out(self) -> bool {
        matches!(self, Self::Unanswered | Self::TimedOut | Self::Failed | Self::Torn)
    }

    /// What the client gets to see.
    pub(super) fn answer(self) -> Result<HttpResponse, ConnectorError> {
        match self {
            Self::Lost | Self::Unanswered => Err(ConnectorError::io("the wire is cut".into())),
            Self::TimedOut => Err(ConnectorError::timeout("no answer in time".into())),
            Self::Refused => Ok(response(503, "{\"__type\":\"ServiceUnavailable\"}")),
            Self::Failed => Ok(response(500, "{\"__type\":\"InternalServerError\"}")),
            Self::Throttled => Ok(too_many()),
            Self::Denied => Ok(response(400, "{\"__type\":\"AccessDeniedException\"}")),
            Self::Conflict => Ok(response(400, CONFLICT)),
            Self::Torn => Ok(HttpResponse::new(StatusCode::try_from(200).expect("a status"), torn())),
        }
    }
}

fn response(status: u16, body: &'static str) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).expect("a status"), body.into())
}

fn too_many() -> HttpResponse {
    let mut answer = response(429, "{\"message\":\"slow down\"}");
    answer.headers_mut().insert("x-amzn-errortype", "TooManyRequestsException");
    answer
}

/// The beginning of an answer, and the end of the connection.
fn torn() -> SdkBody {
    let beginning = Ok(Frame::data(Bytes::from_static(b"{\"Item\":{\"pk\":{\"S\":\"RE")));
    let end = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    SdkBody::from_body_1_x(StreamBody::new(futures_util::stream::iter([beginning, end])))
}

/// What a tap has done to a call.
#[derive(Debug)]
pub(crate) enum Meddling {
    /// Nothing.
    Pass,
    /// It fails.
    Fail(Fault),
    /// The caller dies over it.
    Die(Death),
}

/// A call over which the process dies: it hangs there, and whoever waits for that drops it.
#[derive(Debug, Clone)]
pub(crate) struct Death {
    after: bool,
    reached: Arc<Notify>,
}

impl Death {
    /// Right before the call arrives, or right after it was carried out.
    pub(crate) fn new(after: bool, reached: Arc<Notify>) -> Self {
        Self { after, reached }
    }

    pub(super) fn after(&self) -> bool {
        self.after
    }

    /// Tells of it, and never returns.
    pub(super) async fn reached(&self) {
        self.reached.notify_one();
        pending::<()>().await;
    }
}
