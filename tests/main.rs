//! Integration tests of the whole project. Stories call every route over HTTP through the local desk, with the real
//! functions and a real (embedded) `DynamoDB`. Other tests check that code, `template.yaml` and events agree.
//!
//! Each test has its own local desk, in memory, with a clock that stands still until the test moves it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

mod api;
mod attacks;
mod figures;
mod reliability;
mod stack;
mod stories;
mod support;
