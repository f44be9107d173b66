//! Carrying out a decision on a registration: read, decide, commit, and again if somebody else was quicker.

use domain::{
    Refusal, Registration,
    history::{Action, Author, Line},
    notice::Notice,
};
use lambda_http::http::{StatusCode, header};
use runtime::Metric;
use store::{Change, Saved, Versioned};

use crate::{Answer, Call, Caller, Desk, Problem, Representation, etag};

/// Times that a decision is made anew because the record has changed under it.
const ROUNDS: usize = 5;

/// What a rule decided.
#[derive(Debug)]
pub struct Decision {
    /// The record as it shall be.
    pub after: Registration,
    /// What its history will say.
    pub action: Action,
    /// The mail it causes.
    pub notice: Option<Notice>,
}

impl Desk {
    /// Lets a rule decide on the registration that a call's path names, and commits what it decides. A rule that
    /// decides nothing changes nothing; a caller who sent `If-Match` is told of the other's change, any other caller's
    /// decision is made again on the changed record.
    pub async fn carry_out(
        &self,
        caller: &Caller,
        call: &Call,
        decide: impl Fn(&Registration) -> Result<Option<Decision>, Refusal> + Send + Sync,
    ) -> Result<Answer, Problem> {
        let precondition = call.precondition();
        for _ in 0..ROUNDS {
            let found = self.registration(caller, call).await?;
            if let Some(precondition) = &precondition {
                precondition.check(&found)?;
            }
            let Some(decision) = decide(&found.registration)? else {
                return self.shown(caller, StatusCode::OK, &found);
            };
            match self.save(caller, &found, decision).await? {
                Saved::Done(saved) => return self.shown(caller, StatusCode::OK, &saved),
                Saved::EmailTaken => {
                    return Err(Problem::email_taken("Cette adresse e-mail est déjà celle d’un compte."));
                }
                Saved::Stale => {}
            }
        }
        Err(Problem::stale())
    }

    /// Commits a decision that was made on a record.
    pub async fn save(&self, caller: &Caller, before: &Versioned, decision: Decision) -> Result<Saved, Problem> {
        let (by, counted) = (Author::Account(caller.account.email.clone()), counted(&decision.action));
        let line = Line { at: self.clock.now(), by, action: decision.action };
        let change = Change {
            before,
            after: decision.after,
            line,
            notice: decision.notice.map(|notice| (self.ids.id(), notice)),
            generation: self.ids.id(),
        };
        let saved = self.store.save(change).await?;
        if let (Saved::Done(_), Some(metric)) = (&saved, counted) {
            self.count(metric);
        }
        Ok(saved)
    }

    /// A registration's representation for a member of staff, under its `ETag`.
    pub fn shown(&self, caller: &Caller, status: StatusCode, found: &Versioned) -> Result<Answer, Problem> {
        let representation = Representation::for_staff(&found.registration, &caller.account, self.clock.today());
        Ok(Answer::json(status, &representation)?.header(header::ETAG, etag(found.version)))
    }
}

/// As what a change is counted.
fn counted(action: &Action) -> Option<Metric> {
    match action {
        Action::Activated => Some(Metric::Activations),
        Action::Renewed => Some(Metric::Renewals),
        _ => None,
    }
}

impl Problem {
    /// 409: the e-mail address is somebody's account.
    pub fn email_taken(detail: &str) -> Self {
        Self::conflict("email-taken", detail)
    }
}
