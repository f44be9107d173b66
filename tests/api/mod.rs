//! Tests of all routes: permissions, the API description, hostile input, recorded events, logs and metrics.

mod actions;
mod bounds;
mod description;
mod events;
mod hostile;
mod logs;
mod metrics;
mod own;
mod parameters;
mod permissions;
mod promises;
mod unrouted;
