//! All data held on one person, for a request of access under the GDPR (requirements GD2).

use desk::{AccountView, Caller, Failure, Representation, Service};
use domain::history::Line;
use edge::Call;
use jiff::Timestamp;
use serde::Serialize;
use store::{MessageSummary, Versioned};

/// All data held on one person.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Everything {
    registration: Representation,
    /// Null if there is none.
    account: Option<AccountData>,
    sessions: Vec<SessionData>,
    history: Vec<Line>,
    mails: Vec<MessageSummary>,
}

/// The account, and the state of its password.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct AccountData {
    #[serde(flatten)]
    account: AccountView,
    /// Whether a password is set. The password itself is stored nowhere.
    password_set: bool,
    /// Whether the library typed the password, which then opens no session.
    password_provisional: bool,
    /// Whether a link to choose a password was sent and not used.
    reset_link_open: bool,
}

/// An open session.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct SessionData {
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Instant"))]
    expires_at: Timestamp,
}

pub(crate) async fn everything(
    service: &Service,
    caller: &Caller,
    call: &Call,
    found: &Versioned,
) -> Result<Everything, Failure> {
    let registration = &found.registration;
    let held = service.store.held(registration).await?;
    let account = held.account.map(|stored| AccountData {
        account: AccountView::of(&stored.account, Some(registration)),
        password_set: stored.credentials.password_hash.is_some(),
        password_provisional: stored.credentials.provisional,
        reset_link_open: stored.link_digest.is_some(),
    });
    Ok(Everything {
        registration: Representation::for_staff(registration, &caller.account, call.today()),
        account,
        sessions: held.sessions.into_iter().map(|expires_at| SessionData { expires_at }).collect(),
        history: service.store.history(registration).await?,
        mails: service.store.messages_of(found, call.now()).await?,
    })
}
