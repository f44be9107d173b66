//! Sign-in, sign-out, the signed-in account, its sessions and its second factor.
//!
//! Contract: `POST /sessions` 201 with a token; 401 `bad-credentials`, byte for byte the same for an unknown address, a
//! wrong password or code, a removed account and one that has to wait; 401 `second-factor-needed` when only the code is
//! missing; 403 `password-provisional`, and a link is sent. `DELETE /sessions/current` and `DELETE /sessions` 204.
//! `GET /sessions` the open ones. `POST /sessions/current/confirmation` 204. `GET /me` the account, its registrations,
//! and what each of them may open. `/me/second-factor` for staff: enrol, confirm, remove.
//!
//! 403 `foreign-site` for a request that another site's page made; 429 when a network fails to sign in too often. For
//! every e-mail address the same is read, written and hashed (requirements PW2).

mod me;
mod open;
mod proof;
mod second_factor;
mod sign_in;

pub use me::Me;
pub use open::{Opened, Sessions};
pub use second_factor::{Enrolment, RecoveryCodes};

use desk::{Doorkeeper, Failure, Service};
use edge::{Answer, Call, Endpoint, Problem};
use hashing::Hasher;
use runtime::{Misconfigured, Runtime};

/// The endpoints `/sessions` and `/me`.
#[derive(Debug)]
pub struct Session {
    service: Service,
    hasher: Hasher,
    doorkeeper: Doorkeeper,
}

impl Endpoint for Session {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self {
            service: Service::from_runtime(runtime)?,
            hasher: Hasher::new(),
            doorkeeper: Doorkeeper::from_runtime(runtime)?,
        })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        match call.route() {
            "POST /sessions" => self.sign_in(call).await,
            "GET /sessions" => self.sessions(call).await,
            "DELETE /sessions" => self.sign_out_everywhere(call).await,
            "DELETE /sessions/current" => self.sign_out(call).await,
            "POST /sessions/current/confirmation" => self.confirm(call).await,
            "GET /me" => self.me(call).await,
            "POST /me/second-factor" => self.begin_enrolment(call).await,
            "PUT /me/second-factor" => self.enrol(call).await,
            "DELETE /me/second-factor" => self.take_factor_off(call).await,
            _ => Err(Problem::not_found().into()),
        }
    }
}
