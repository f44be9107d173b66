//! The local desk: the same function code behind the routes that `template.yaml` names, over an embedded `DynamoDB`.
//! One process, nothing else installed. For work on this machine and for the tests; nothing of it is deployed.
//!
//! ```text
//!            gateway ──event──► functions ──SDK, HTTP──► DynamoDB (embedded)
//!   client ──►  │                                          │ stream
//!            control ──► escalate, clock, mails            ▼            S3 ◄── export
//!                                  ▲                    deliver ──SDK, HTTP──► SES
//!                                  └──────────────── kept mails ◄───────────────┤
//!                                                       bounce ◄─── rule ◄──────┘
//! ```
//!
//! What comes from the template: routes, each function's environment, table and bucket, the stream's filter, the rule. So a
//! wrong route, a missing index or variable fails here, not at the deployment. What AWS does besides and the local desk
//! does not: permissions, delivery of the mails, deletion by TTL, the schedule itself (it runs when asked to).

mod backing;
mod control;
mod database;
mod desk;
mod error;
mod feedback;
mod filter;
mod functions;
mod gateway;
mod host;
mod options;
mod s3;
mod serving;
mod ses;
mod state;
mod stream;
mod task;
pub mod template;

pub use control::within_reason;
pub use desk::{LocalDesk, Services};
pub use error::Error;
pub use functions::{Handler, Running, handler as function};
pub use options::{COUNTY_EMAIL, Options, Rewire};
