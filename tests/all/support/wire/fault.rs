//! What can happen to a call.

use std::{future::pending, sync::Arc};

use aws_smithy_runtime_api::{
    client::{orchestrator::HttpResponse, result::ConnectorError},
    http::StatusCode,
};
use tokio::sync::Notify;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not arrive.
    Lost,
    /// It is turned away at once: busy.
    Refused,
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
}

impl Fault {
    /// Those that may strike a call anywhere.
    pub(crate) const ALL: [Self; 6] =
        [Self::Lost, Self::Refused, Self::Unanswered, Self::TimedOut, Self::Failed, Self::Torn];

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
            Self::Denied => Ok(response(400, "{\"__type\":\"AccessDeniedException\"}")),
            Self::Torn => Ok(response(200, "{\"Item\":{\"pk\":{\"S\":\"RE")),
        }
    }
}

fn response(status: u16, body: &'static str) -> HttpResponse {
    HttpResponse::new(StatusCode::try_from(status).expect("a status"), body.into())
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
