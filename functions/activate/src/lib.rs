//! `POST /registrations/{id}/activation`: opens a patron's access, after the librarian has checked the three tabs.
//!
//! Contract: a librarian of the library, or the county under section 4 of the rules. 200 with the representation, also
//! for an active registration, which stays as it is. 409 `past-expiry`, `county-too-early`, `library-not-warned`.
//! Honours `If-Match`. The activation message to the patron is written with the change.

use desk::{Decision, Failure, Service};
use domain::{history::Action, message::Message};
use edge::{Answer, Call, Endpoint};
use runtime::{Misconfigured, Runtime};

/// The endpoint `POST /registrations/{id}/activation`.
#[derive(Debug)]
pub struct Activate {
    service: Service,
}

impl Endpoint for Activate {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(call).await?;
        let today = call.today();
        self.service
            .carry_out(&caller, call, |registration| {
                let activated = registration.activate(&caller.account, today)?;
                Ok(activated.map(|after| Decision {
                    messages: vec![Message::Activation { registration_id: after.id.clone() }],
                    action: Action::Activated,
                    after,
                }))
            })
            .await
    }
}
