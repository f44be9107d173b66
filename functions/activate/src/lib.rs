//! `POST /registrations/{id}/activation`: the librarian has checked the three tabs and opens access.
//!
//! Contract: a librarian of the library, or the county under rule 4. 200 with the representation; active already: 200,
//! and nothing happens twice. 409 `past-expiry`, `county-too-early`, `library-not-warned`. Honours `If-Match`.
//! The patron gets the activation mail, written with the change.

use desk::{Decision, Failure, Service};
use domain::{history::Action, message::Message};
use edge::{Answer, Call, Endpoint};
use runtime::{Misconfigured, Runtime};

/// The function.
#[derive(Debug)]
pub struct Activate {
    service: Service,
}

impl Endpoint for Activate {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(&call).await?;
        let today = call.today();
        self.service
            .carry_out(&caller, &call, |registration| {
                let activated = registration.activate(&caller.account, today)?;
                Ok(activated.map(|after| Decision {
                    message: Some(Message::Activation { registration_id: after.id.clone() }),
                    action: Action::Activated,
                    after,
                }))
            })
            .await
    }
}
