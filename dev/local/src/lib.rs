//! The local desk: the deployed functions' code behind the routes of `template.yaml`, over an embedded `DynamoDB`. It
//! is one process that needs nothing else installed. It serves development and tests and is never deployed.
//!
//! ```text
//!            gateway ──event──► functions ──SDK, HTTP──► DynamoDB (embedded)
//!   client ──►  │                                          │ stream
//!            control ──► escalate, clock, messages         ▼            S3 ◄── export
//!                                  ▲                    deliver ──SDK, HTTP──► SES
//!                                  └────────────── kept messages ◄──────────────┤
//!                                                       bounce ◄─── rule ◄──────┘
//! ```
//!
//! Routes, environments, table, bucket, stream filter and rule come from the template. So a wrong route, a missing
//! index or a missing variable fails here and not at the deployment. The stream behaves like Lambda's event source
//! mapping, and unsent messages are tried again by the template's schedule. The local desk does not imitate permissions,
//! delivery of messages, deletion by TTL and the other schedules (their functions run on request).

mod backing;
mod batch;
mod control;
mod database;
mod desk;
mod door;
mod error;
mod feedback;
mod filter;
mod functions;
mod gateway;
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
