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

mod api;
mod figures;
mod reliability;
mod stack;
mod stories;
mod support;
