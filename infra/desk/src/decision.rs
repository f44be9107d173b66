//! Decisions on a registration: read, decide, commit, and repeat if another request was faster.

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

/// The number of attempts to commit a decision while other requests change the record.
const ROUNDS: usize = 5;

/// The decision of a rule.
#[derive(Debug)]
pub struct Decision {
    /// The record after the decision.
    pub after: Registration,
    /// The action for the record's history.
    pub action: Action,
    /// The message that it causes, if any.
    pub message: Option<Message>,
}

impl Service {
    /// Reads the registration that the call's path names, applies the rule `decide`, and commits its decision. If the
    /// rule returns `None`, nothing is written and the answer is the record.
    ///
    /// If the record changes in between, a caller who sent `If-Match` gets 412. For any other caller the rule decides
    /// again on the changed record, up to 5 times. Each attempt costs a consistent read (1 RRU) and one
    /// [`save`](Self::save).
    ///
    /// # Errors
    /// 404 as [`registration`](Self::registration); 412; 409 if the rule refuses or the new e-mail address has an
    /// account; 500 or 503 if the table fails.
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

    /// Commits a decision on the record `before` with its history line and its message, in one transaction on the
    /// condition that the record has not changed. Counts activations and renewals.
    ///
    /// # Errors
    /// [`Failure::Store`] if the table fails. A lost condition is not an error but a [`Saved`].
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

/// Returns an answer with a registration's representation for a member of staff, and its `ETag`.
///
/// # Errors
/// 500 if the representation does not serialize.
pub fn shown(caller: &Caller, call: &Call, status: StatusCode, found: &Versioned) -> Result<Answer, Failure> {
    let representation = Representation::for_staff(&found.registration, &caller.account, call.today());
    Ok(Answer::json(status, &representation)?.header(header::ETAG, etag(found.version)))
}

/// Returns the metric of an action, if it has one.
fn counted(action: &Action) -> Option<Metric> {
    match action {
        Action::Activated => Some(Metric::Activations),
        Action::Renewed => Some(Metric::Renewals),
        _ => None,
    }
}
