//! Decisions on a registration: read, decide, commit, and repeat if another request was faster.

use domain::{
    Refusal, Registration, RegistrationId,
    history::{Action, Author, Line},
    message::Message,
};
use edge::{Answer, Call, Problem, etag};
use lambda_http::http::{StatusCode, header};
use runtime::Metric;
use store::{Change, Holding, NewMessage, Saved, Versioned};

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
    /// The messages that it causes.
    pub messages: Vec<Message>,
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
    /// 404 as [`registration`](Self::registration); 412; 409 if the rule refuses; 500 or 503 if the table fails.
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
                return self.shown(caller, call, StatusCode::OK, &found).await;
            };
            match self.save(caller, call, &found, decision, Holding::Same).await? {
                Saved::Done(saved) => return self.shown(caller, call, StatusCode::OK, &saved).await,
                Saved::Stale => {}
            }
        }
        Err(Problem::stale().into())
    }

    /// Commits a decision on the record `before` with its history line and its messages, in one transaction on the
    /// condition that neither the record nor the accounts that hold it have changed. Counts activations, renewals and
    /// changed addresses.
    ///
    /// # Errors
    /// [`Failure::Store`] if the table fails. A lost condition is not an error but a [`Saved`].
    pub async fn save(
        &self,
        caller: &Caller,
        call: &Call,
        before: &Versioned,
        decision: Decision,
        holding: Holding,
    ) -> Result<Saved, Failure> {
        let (by, counted) = (Author::Account(caller.account.email.clone()), counted(&decision.action));
        let line = Line { at: call.now(), by, action: decision.action };
        let change = Change {
            before,
            after: decision.after,
            line,
            messages: decision.messages.into_iter().map(|message| NewMessage { id: self.ids.id(), message }).collect(),
            holding,
        };
        let saved = self.store.save(change).await?;
        if let (Saved::Done(_), Some(metric)) = (&saved, counted) {
            self.count(call, metric);
        }
        Ok(saved)
    }

    /// Returns an answer with a registration's representation for a member of staff, and its `ETag`. Reads the other
    /// members of its household: 1 RRU for the account, and 1 for each of them.
    ///
    /// # Errors
    /// 500 if the representation does not serialize, or 503 if the table fails.
    pub async fn shown(
        &self,
        caller: &Caller,
        call: &Call,
        status: StatusCode,
        found: &Versioned,
    ) -> Result<Answer, Failure> {
        let shown = self.representation(caller, call, &found.registration).await?;
        Ok(Answer::json(status, &shown)?.header(header::ETAG, etag(found.version)))
    }

    /// Returns a registration's representation for a member of staff, with its household.
    ///
    /// # Errors
    /// 500 or 503 if the table fails.
    pub async fn representation(
        &self,
        caller: &Caller,
        call: &Call,
        registration: &Registration,
    ) -> Result<Representation, Failure> {
        let account = self.store.account(&registration.person.email).await?;
        let others: Vec<RegistrationId> = account
            .into_iter()
            .flat_map(|stored| stored.account.registrations)
            .filter(|id| *id != registration.id)
            .collect();
        let others = self.store.registrations_of(&others).await?;
        let others = others.iter().map(|other| &other.registration);
        Ok(Representation::for_staff(registration, &caller.account, call.today())
            .with_household(others, &caller.account))
    }
}

/// Returns the metric of an action, if it has one.
fn counted(action: &Action) -> Option<Metric> {
    match action {
        Action::Activated => Some(Metric::Activations),
        Action::Renewed => Some(Metric::Renewals),
        Action::Changed { fields } if fields.iter().any(|field| field == "email") => Some(Metric::AddressChanges),
        _ => None,
    }
}
