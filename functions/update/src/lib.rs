//! `PATCH /registrations/{id}`: corrects the person, the resources, the library.
//!
//! Contract: staff, own libraries. A JSON Merge Patch (RFC 7396) under `If-Match`: 428 without, 412 when another change
//! came first. 200 with the new `ETag`; 422 with all faulty fields. A changed e-mail address moves this registration
//! alone, without password, to an account of its own or, with `household`, into the one of that address; 409
//! `address-shared`, `already-registered` or `household-full`. The old address is sent a message, and the new one if the
//! registration is active, unless it bounced or complained. A patch that changes nothing writes nothing.

use desk::{Caller, Decision, Failure, Households, Service};
use domain::{
    Registration, Status,
    history::{Action, changed_fields},
    message::Message,
};
use edge::{Answer, Call, Endpoint, Problem};
use jiff::civil::Date;
use lambda_http::http::StatusCode;
use runtime::{Misconfigured, Runtime};
use store::Saved;

/// Tries of a correction while the patron's address is being marked, or other members of the household change. Neither
/// makes a version of the record, so it must not cause a 412.
const ROUNDS: usize = 10;

/// The endpoint `PATCH /registrations/{id}`.
#[derive(Debug)]
pub struct Update {
    service: Service,
    households: Households,
}

impl Endpoint for Update {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let service = Service::from_runtime(runtime)?;
        Ok(Self { households: Households::new(&service, runtime)?, service })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(call).await?;
        for _ in 0..ROUNDS {
            let found = self.service.registration(&caller, call).await?;
            call.precondition().ok_or_else(Problem::precondition_required)?.check(found.version)?;
            let before = &found.registration;
            let (mut after, confirmed) = self.corrected(&caller, call, before).await?;
            let fields = changed_fields(before, &after);
            if fields.is_empty() {
                return self.service.shown(&caller, call, StatusCode::OK, &found).await;
            }
            let generation = self.service.ids.id();
            let holding = self.households.holding(&caller.account, before, &mut after, confirmed, generation).await?;
            let messages = messages(before, &after, call.today());
            let decision = Decision { messages, action: Action::Changed { fields }, after };
            match self.service.save(&caller, call, &found, decision, holding).await? {
                Saved::Done(saved) => return self.service.shown(&caller, call, StatusCode::OK, &saved).await,
                Saved::Stale => {}
            }
        }
        Err(Problem::stale().into())
    }
}

/// Returns the messages about a changed address: to the old one, and to the new one if the registration is active.
/// None goes to an address that is marked.
fn messages(before: &Registration, after: &Registration, today: Date) -> Vec<Message> {
    let (old, registration_id) = (&before.person.email, || after.id.clone());
    if *old == after.person.email {
        return Vec::new();
    }
    let farewell = || Message::EmailChanged { to: old.clone(), registration_id: registration_id() };
    let opened = || Message::Activation { registration_id: registration_id() };
    let welcome = after.status(today) == Status::Active && after.mail_state.is_none();
    before.mail_state.is_none().then(farewell).into_iter().chain(welcome.then(opened)).collect()
}

impl Update {
    /// Returns the corrected record, and whether the librarian has confirmed that the person shares the household of the
    /// new address.
    async fn corrected(
        &self,
        caller: &Caller,
        call: &Call,
        before: &Registration,
    ) -> Result<(Registration, bool), Failure> {
        let mut form = desk::merged(before, call.merge_patch()?)?;
        let (store, today) = (&self.service.store, call.today());
        let confirmed = form.flag_or("household", false);
        let draft = desk::read_registration(&mut form, store, &caller.account, today, Some(before)).await?;
        let (draft, confirmed) = form.finish(draft.zip(confirmed))?;
        Ok((before.change(draft.person, draft.resources, draft.library_id), confirmed))
    }
}
