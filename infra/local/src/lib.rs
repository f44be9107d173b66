//! The local portal: the same function code behind the routes that `template.yaml` names, over an embedded `DynamoDB`.
//! One process, nothing else installed. For work on this machine and for the tests; nothing of it is deployed.
//!
//! ```text
//!            gateway ──event──► functions ──SDK, HTTP──► DynamoDB (embedded)
//!   client ──►  │                                          │ stream
//!            control ──► escalate, clock, mails            ▼
//!                                  ▲                    deliver ──SDK, HTTP──► SES
//!                                  └──────────────── kept mails ◄───────────────┘
//! ```
//!
//! What comes from the template: routes, each function's environment, the table, the stream's filter. So a wrong route,
//! a missing index or variable fails here, not at the deployment. What AWS does besides and the portal does not:
//! permissions, delivery of the mails, deletion by TTL, the schedule itself (it runs when asked to).

mod backing;
mod control;
mod database;
#[expect(missing_docs, clippy::unused_async)]
pub mod demo {
    use jiff::Timestamp;
    #[derive(Debug, thiserror::Error)]
    #[error("no demonstration")]
    pub struct Error;
    #[derive(Debug, Clone)]
    pub struct SignIn {
        pub who: String,
        pub email: String,
        pub password: String,
    }
    impl std::fmt::Display for SignIn {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{} {} {}", self.who, self.email, self.password)
        }
    }
    pub async fn load(
        _: &store::Store,
        _: &hashing::Hasher,
        _: &runtime::Ids,
        _: Timestamp,
        _: &domain::Email,
    ) -> Result<Vec<SignIn>, Error> {
        Err(Error)
    }
}
mod error;
mod functions;
mod gateway;
mod host;
mod options;
mod portal;
mod serving;
mod ses;
mod state;
mod stream;
mod task;
pub mod template;

pub use control::within_reason;
pub use error::Error;
pub use functions::{Handler, Running, handler as function};
pub use options::{COUNTY_EMAIL, Options, Rewire};
pub use portal::{Portal, Services};
