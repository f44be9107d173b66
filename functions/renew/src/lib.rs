//! `POST /registrations/{id}/renewal`: renews a registration, when the patron comes back to the library.
//!
//! Contract: staff, own libraries. 200 with the new end; 409 `renewal-too-early` with `possibleFrom`. Honours
//! `If-Match`. A pending registration becomes active, and its patron gets the activation message.

use desk::{Decision, Failure, Service};
use domain::{history::Action, message::Message};
use edge::{Answer, Call, Endpoint};
use runtime::{Misconfigured, Runtime};

/// The endpoint `POST /registrations/{id}/renewal`.
#[derive(Debug)]
pub struct Renew {
    service: Service,
}

impl Endpoint for Renew {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(call).await?;
        let today = call.today();
        self.service
            .carry_out(&caller, call, |registration| {
                let after = registration.renew(&caller.account, today)?;
                let opened = || Message::Activation { registration_id: after.id.clone() };
                let messages = registration.is_pending().then(opened).into_iter().collect();
                Ok(Some(Decision { messages, action: Action::Renewed, after }))
            })
            .await
    }
}
