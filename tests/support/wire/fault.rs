//! The faults that can be injected into a call.

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
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::Other;

/// The answer to a transaction that is canceled for this reason.
macro_rules! canceled {
    ($reason:literal) => {
        concat!(
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","#,
            r#""CancellationReasons":[{"Code":""#,
            $reason,
            r#""}]}"#
        )
    };
}

/// One fault of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call does not arrive.
    Lost,
    /// The service refuses it at once as unavailable.
    Refused,
    /// The service throttles it.
    Throttled,
    /// The service denies it; a retry does not help.
    Denied,
    /// The call is carried out, but its answer is lost: the caller can't know the outcome.
    Unanswered,
    /// Like `Unanswered`, but the client waits until its timeout.
    TimedOut,
    /// The call is carried out, and answered with "internal server error".
    Failed,
    /// The call is carried out, and the connection is cut in the middle of the answer.
    Torn,
    /// A transaction conflicts with another one on the same item. Other calls pass.
    Conflict,
    /// A transaction is canceled because an item of it is throttled. Other calls pass.
    CancelledByThrottling,
    /// A transaction is refused because an earlier attempt of it is still being executed. Other calls pass.
    TransactionInProgress,
    /// A read of several items returns none of them, and all keys as unprocessed. Other calls pass.
    Unprocessed,
}

impl Fault {
    /// The faults that can happen to any call.
    pub(crate) const ALL: [Self; 10] = [
        Self::Lost,
        Self::Refused,
        Self::Unanswered,
        Self::TimedOut,
        Self::Failed,
        Self::Torn,
        Self::Conflict,
        Self::CancelledByThrottling,
        Self::TransactionInProgress,
        Self::Unprocessed,
    ];

    /// The faults that still differ without the SDK's retries: one call is not carried out, the other is, and neither
    /// caller knows. The remaining faults differ only in whether the SDK retries.
    pub(crate) const UNREPEATED: [Self; 2] = [Self::Lost, Self::Failed];

    /// The faults that the store itself retries, whatever the SDK does.
    pub(crate) const RETRIED_BY_THE_STORE: [Self; 4] =
        [Self::Conflict, Self::CancelledByThrottling, Self::TransactionInProgress, Self::Unprocessed];

    /// Returns whether this fault can happen to such a request.
    pub(crate) fn fits(self, request: &HttpRequest) -> bool {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        match self {
            Self::Conflict | Self::CancelledByThrottling | Self::TransactionInProgress => {
                target.ends_with("TransactWriteItems")
            }
            Self::Unprocessed => target.ends_with("BatchGetItem"),
            _ => true,
        }
    }

    /// Returns whether the service carries the call out.
    pub(crate) fn is_carried_out(self) -> bool {
        matches!(self, Self::Unanswered | Self::TimedOut | Self::Failed | Self::Torn)
    }

    /// Returns the answer or error that the client gets to a request with this body.
    pub(super) fn answer(self, body: &[u8]) -> Result<HttpResponse, ConnectorError> {
        match self {
            Self::Lost | Self::Unanswered => Err(ConnectorError::io("the wire is cut".into())),
            Self::TimedOut => Err(ConnectorError::timeout("no answer in time".into())),
            Self::Refused => Ok(response(503, "{\"__type\":\"ServiceUnavailable\"}")),
            Self::Failed => Ok(response(500, "{\"__type\":\"InternalServerError\"}")),
            Self::Throttled => Ok(too_many()),
            Self::Denied => Ok(response(400, "{\"__type\":\"AccessDeniedException\"}")),
            Self::Conflict => Ok(response(400, canceled!("TransactionConflict"))),
            Self::CancelledByThrottling => Ok(response(400, canceled!("ThrottlingError"))),
            Self::TransactionInProgress => Ok(response(400, "{\"__type\":\"TransactionInProgressException\"}")),
            Self::Unprocessed => Ok(unprocessed(body)),
            Self::Torn => Ok(HttpResponse::new(StatusCode::try_from(200).expect("a status"), torn())),
        }
    }
}

fn response(status: u16, body: impl Into<SdkBody>) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).expect("a status"), body.into())
}

/// Returns all keys of a request as unprocessed.
fn unprocessed(request: &[u8]) -> HttpResponse {
    let request: Value = serde_json::from_slice(request).expect("a request is JSON");
    let left = json!({ "Responses": {}, "UnprocessedKeys": request["RequestItems"] });
    response(200, left.to_string())
}

fn too_many() -> HttpResponse {
    let mut answer = response(429, "{\"message\":\"slow down\"}");
    answer.headers_mut().insert("x-amzn-errortype", "TooManyRequestsException");
    answer
}

/// Returns a body that starts and then ends with a connection reset.
fn torn() -> SdkBody {
    let beginning = Ok(Frame::data(Bytes::from_static(b"{\"Item\":{\"pk\":{\"S\":\"RE")));
    let end = Err(io::Error::from(io::ErrorKind::ConnectionReset));
    SdkBody::from_body_1_x(StreamBody::new(futures_util::stream::iter([beginning, end])))
}

/// The decision of a tap about a call.
#[derive(Debug)]
pub(crate) enum Meddling {
    /// The call passes unchanged.
    Pass,
    /// The call passes after another request has run, or after the test has released it.
    After(Other),
    /// The call fails.
    Fail(Fault),
    /// The calling process dies at this call.
    Die(Death),
}

/// A call that waits while the test does something else: an interleaving of two requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hold {
    arrived: Arc<Notify>,
    released: Arc<Notify>,
}

impl Hold {
    /// Waits until the call arrives.
    pub(crate) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Lets the call pass.
    pub(crate) fn release(&self) {
        self.released.notify_one();
    }

    /// Returns what the call waits for: the call reports that it has arrived, and passes when the test releases it.
    pub(super) fn into_other(self) -> Other {
        Other::new(async move {
            self.arrived.notify_one();
            self.released.notified().await;
        })
    }
}

/// A call at which the process dies. The call hangs after `reached` is notified, and the test then drops the process.
#[derive(Debug, Clone)]
pub(crate) struct Death {
    after: bool,
    reached: Arc<Notify>,
}

impl Death {
    /// Makes a death right before the call arrives, or right after (`after`) it was carried out.
    pub(crate) fn new(after: bool, reached: Arc<Notify>) -> Self {
        Self { after, reached }
    }

    pub(super) fn after(&self) -> bool {
        self.after
    }

    /// Notifies the test that the call was reached, and never returns.
    pub(super) async fn reached(&self) {
        self.reached.notify_one();
        pending::<()>().await;
    }
}
