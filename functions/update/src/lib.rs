//! `PATCH /registrations/{id}`: corrects the person, the resources, the library.
//!
//! Contract: staff, own libraries. A JSON Merge Patch (RFC 7396) under `If-Match`: 428 without, 412 when another change
//! came first. 200 with the new `ETag`; 422 with all faulty fields; 409 `email-taken`. A changed e-mail address moves
//! the account, ends its sessions and links, and sends a message to the old address, unless that bounced or complained.
//! A patch that changes nothing writes nothing.

use desk::{Caller, Decision, Failure, Service};
use domain::{
    Registration,
    history::{Action, changed_fields},
    message::Message,
};
use edge::{Answer, Call, Endpoint, Problem, Taken};
use lambda_http::http::StatusCode;
use runtime::{Misconfigured, Runtime};
use store::Saved;

/// Tries of a correction while the patron's address is being marked. A mark makes no version, so it must not cause a
/// 412.
const ROUNDS: usize = 3;

/// The endpoint `PATCH /registrations/{id}`.
#[derive(Debug)]
pub struct Update {
    service: Service,
}

impl Endpoint for Update {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(&call).await?;
        for _ in 0..ROUNDS {
            let found = self.service.registration(&caller, &call).await?;
            call.precondition().ok_or_else(Problem::precondition_required)?.check(found.version)?;
            let after = self.corrected(&caller, &call, &found.registration).await?;
            let fields = changed_fields(&found.registration, &after);
            if fields.is_empty() {
                return desk::shown(&caller, &call, StatusCode::OK, &found);
            }
            let message = farewell(&found.registration, &after);
            let decision = Decision { message, action: Action::Changed { fields }, after };
            match self.service.save(&caller, &call, &found, decision).await? {
                Saved::Done(saved) => return desk::shown(&caller, &call, StatusCode::OK, &saved),
                Saved::Stale => {}
                Saved::EmailTaken => {
                    return Err(Problem::email_taken(Taken::OtherAccount).into());
                }
            }
        }
        Err(Problem::stale().into())
    }
}

/// Returns the message to the old address about the new one.
fn farewell(before: &Registration, after: &Registration) -> Option<Message> {
    let old = &before.person.email;
    let due = *old != after.person.email && before.mail_state.is_none();
    due.then(|| Message::EmailChanged { to: old.clone() })
}

impl Update {
    async fn corrected(&self, caller: &Caller, call: &Call, before: &Registration) -> Result<Registration, Failure> {
        let mut form = desk::merged(before, call.merge_patch()?)?;
        let (store, today) = (&self.service.store, call.today());
        let draft = desk::read_registration(&mut form, store, &caller.account, today, Some(before)).await?;
        let draft = form.finish(draft)?;
        Ok(before.change(draft.person, draft.resources, draft.library_id))
    }
}
