//! Stories of the whole house: every route over HTTP through the local desk, on real code and a real (embedded)
//! `DynamoDB`; and the proofs that code, `template.yaml` and events say the same.
//!
//! Each test has a local desk of its own, in memory, on a clock that stands still until moved.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

mod accounts;
mod actions;
mod activate;
mod alarms;
mod architecture;
mod bounce;
mod citations;
mod deliver;
mod description;
mod directory;
mod erase;
mod escalate;
mod events;
mod expansion;
mod export;
mod grants;
mod growth;
mod hostile;
mod journey;
mod limits;
mod list;
mod logs;
mod mails;
mod metrics;
mod operations;
mod pages;
mod permissions;
mod portal;
mod promises;
mod purge;
mod register;
mod reliability;
mod renew;
mod roles;
mod store;
mod supply;
mod support;
mod template;
mod units;
mod unrouted;
mod update;
