//! `DELETE /registrations/{id}`: erases a person at their request, or after a registration by mistake.
//!
//! Contract: staff, own libraries. 204. Erases person, account, sessions and links; history lines without personal data
//! of the patron remain for a year (requirements GD2). Honours `If-Match`; 412 when another change came first. 404 the
//! second time. A record that can't be decoded is erased too (requirements RE12).

use desk::{Failure, Service};
use domain::history::Author;
use edge::{Answer, Call, Endpoint, Problem};
use lambda_http::http::StatusCode;
use runtime::{Misconfigured, Runtime};

/// The endpoint `DELETE /registrations/{id}`.
#[derive(Debug)]
pub struct Erase {
    service: Service,
}

impl Endpoint for Erase {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)? })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(call).await?;
        if caller.account.is_county() {
            caller.check_confirmed(call)?;
        }
        let found = self.service.remains(&caller, call).await?;
        if let Some(precondition) = call.precondition() {
            precondition.check(found.version)?;
        }
        let by = Author::Account(caller.account.email);
        if self.service.store.erase(&found, by, call.now()).await? {
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        } else {
            Err(Problem::stale().into())
        }
    }
}
