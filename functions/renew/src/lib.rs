//! `POST /registrations/{id}/renewal`: the patron came back to the library.
//!
//! Contract: staff, own libraries. 200 with the new end; 409 `renewal-too-early` with `possibleFrom`. Honours
//! `If-Match`. One that was pending past its date becomes active, and its patron gets the activation mail.

use desk::{Decision, Failure, Service};
use domain::{history::Action, message::Message};
use edge::{Answer, Call, Endpoint};
use runtime::{Misconfigured, Runtime};

/// The function.
#[derive(Debug)]
pub struct Renew {
    service: Service,
}

impl Endpoint for Renew {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(&call).await?;
        let today = call.today();
        self.service
            .carry_out(&caller, &call, |registration| {
                let after = registration.renew(&caller.account, today)?;
                let opened = || Message::Activation { registration_id: after.id.clone() };
                let message = registration.is_pending().then(opened);
                Ok(Some(Decision { message, action: Action::Renewed, after }))
            })
            .await
    }
}
