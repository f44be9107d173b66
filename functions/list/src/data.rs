//! All data held on one person, for a request of access under the GDPR (requirements GD2).

use desk::{Caller, Failure, Representation, Service};
use domain::{Email, history::Line};
use edge::Call;
use jiff::Timestamp;
use serde::Serialize;
use store::{MessageSummary, PasswordState, Versioned};

/// All data held on one person.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Everything {
    registration: Representation,
    /// Null if there is none, or if it is not the caller's to see: it is a colleague's, or its oldest registration is of
    /// another library.
    account: Option<AccountData>,
    sessions: Vec<SessionData>,
    history: Vec<Line>,
    mails: Vec<MessageSummary>,
}

/// The account, and the state of its password. Its role in the staff, and its other registrations, may be another
/// person's.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct AccountData {
    email: Email,
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
    let seen = service.account_seen(caller, registration).await?;
    let mails = service.store.messages_of(found, seen.as_ref(), call.now()).await?;
    let sessions = match &seen {
        Some(stored) => service.store.ends_of_sessions(&stored.account.email).await?,
        None => Vec::new(),
    };
    let account = seen.map(|stored| AccountData {
        email: stored.account.email,
        password_set: stored.password_state.is_some(),
        password_provisional: stored.password_state == Some(PasswordState::Provisional),
        reset_link_open: stored.link_digest.is_some(),
    });
    Ok(Everything {
        registration: service.representation(caller, call, registration).await?,
        account,
        sessions: sessions.into_iter().map(|expires_at| SessionData { expires_at }).collect(),
        history: service.store.history(registration).await?,
        mails,
    })
}
