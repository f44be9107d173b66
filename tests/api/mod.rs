//! Tests of all routes: permissions, the API description, hostile input, recorded events, logs and metrics.

mod actions;
mod description;
mod events;
mod hostile;
mod logs;
mod metrics;
mod permissions;
mod promises;
mod unrouted;
