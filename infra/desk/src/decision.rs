//! Carrying out a decision on a registration: read, decide, commit, and again if somebody else was quicker.

use domain::{
    Refusal, Registration,
    history::{Action, Author, Line},
    message::Message,
};
use edge::{Answer, Call, Problem, Taken, etag};
use lambda_http::http::{StatusCode, header};
use runtime::Metric;
use store::{Change, NewMessage, Saved, Versioned};

use crate::{Caller, Failure, Representation, Service};

/// Times that a decision is made anew because the record has changed under it.
const ROUNDS: usize = 5;

/// What a rule decided.
#[derive(Debug)]
pub struct Decision {
    /// The record as it shall be.
    pub after: Registration,
    /// What its history will say.
    pub action: Action,
    /// The message it causes.
    pub message: Option<Message>,
}

impl Service {
    /// Lets a rule decide on the registration that a call's path names, and commits what it decides. A rule that
    /// decides nothing changes nothing; a caller who sent `If-Match` is told of the other's change, any other caller's
    /// decision is made again on the changed record.
    pub async fn carry_out(
        &self,
        caller: &Caller,
        call: &Call,
        decide: impl Fn(&Registration) -> Result<Option<Decision>, Refusal> + Send + Sync,
    ) -> Result<Answer, Failure> {
        let precondition = call.precondition();
        for _ in 0..ROUNDS {
            let found = self.registration(caller, call).await?;
            if let Some(precondition) = &precondition {
                precondition.check(found.version)?;
            }
            let Some(decision) = decide(&found.registration)? else {
                return shown(caller, call, StatusCode::OK, &found);
            };
            match self.save(caller, call, &found, decision).await? {
                Saved::Done(saved) => return shown(caller, call, StatusCode::OK, &saved),
                Saved::EmailTaken => {
                    return Err(Problem::email_taken(Taken::OtherAccount).into());
                }
                Saved::Stale => {}
            }
        }
        Err(Problem::stale().into())
    }

    /// Commits a decision that was made on a record.
    pub async fn save(
        &self,
        caller: &Caller,
        call: &Call,
        before: &Versioned,
        decision: Decision,
    ) -> Result<Saved, Failure> {
        let (by, counted) = (Author::Account(caller.account.email.clone()), counted(&decision.action));
        let line = Line { at: call.now(), by, action: decision.action };
        let change = Change {
            before,
            after: decision.after,
            line,
            message: decision.message.map(|message| NewMessage { id: self.ids.id(), message }),
            generation: self.ids.id(),
        };
        let saved = self.store.save(change).await?;
        if let (Saved::Done(_), Some(metric)) = (&saved, counted) {
            self.count(call, metric);
        }
        Ok(saved)
    }
}

/// Answers a registration's representation for a member of staff, under its `ETag`.
pub fn shown(caller: &Caller, call: &Call, status: StatusCode, found: &Versioned) -> Result<Answer, Failure> {
    let representation = Representation::for_staff(&found.registration, &caller.account, call.today());
    Ok(Answer::json(status, &representation)?.header(header::ETAG, etag(found.version)))
}

/// As what a change is counted.
fn counted(action: &Action) -> Option<Metric> {
    match action {
        Action::Activated => Some(Metric::Activations),
        Action::Renewed => Some(Metric::Renewals),
        _ => None,
    }
}
