//! The open sessions of an account: listed, ended.

use desk::{AccountView, Failure};
use edge::{Answer, Call};
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Serialize;
use store::SessionSummary;

use crate::Session;

/// A session that was just opened.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Session"))]
#[serde(rename_all = "camelCase")]
pub struct Opened<'a> {
    /// The value that later calls send after `Authorization: Bearer`. It is returned once and never stored.
    pub(crate) token: &'a str,
    /// When the session ends: after 12 h for staff, 24 h for patrons. Staff's ends earlier, 60 minutes after its last
    /// request.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Instant"))]
    pub(crate) expires_at: Timestamp,
    pub(crate) account: AccountView,
}

/// The open sessions of the caller's account, the newest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sessions {
    items: Vec<SessionView>,
}

/// An open session.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OpenSession"))]
#[serde(rename_all = "camelCase")]
struct SessionView {
    /// When it was opened.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Instant"))]
    opened_at: Timestamp,
    /// Its last request, to the minute.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Instant"))]
    last_used_at: Timestamp,
    /// Whether it is the one that asks.
    current: bool,
}

impl From<SessionSummary> for SessionView {
    fn from(SessionSummary { opened_at, last_used_at, current }: SessionSummary) -> Self {
        Self { opened_at, last_used_at, current }
    }
}

impl Session {
    /// `GET /sessions`.
    pub(crate) async fn sessions(&self, call: &Call) -> Result<Answer, Failure> {
        let (caller, stored) = self.service.holder(call).await?;
        let open = self.service.store.open_sessions(&stored, &caller.token, call.now()).await?;
        Ok(Answer::json(StatusCode::OK, &Sessions { items: open.into_iter().map(SessionView::from).collect() })?)
    }

    /// `DELETE /sessions/current`.
    pub(crate) async fn sign_out(&self, call: &Call) -> Result<Answer, Failure> {
        let (caller, _) = self.service.holder(call).await?;
        self.service.store.end_session(&caller.token).await?;
        tracing::info!("signed out");
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    /// `DELETE /sessions`: also the one that asks.
    pub(crate) async fn sign_out_everywhere(&self, call: &Call) -> Result<Answer, Failure> {
        let (_, stored) = self.service.holder(call).await?;
        self.service.store.end_sessions(&stored, &self.service.ids.id()).await?;
        tracing::info!("signed out everywhere");
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}
