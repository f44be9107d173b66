//! `template.yaml` and the dependency graph: routes, roles, grants, alarms, limits, crates and their features.

mod alarms;
mod architecture;
mod expansion;
mod grants;
mod operations;
mod roles;
mod supply;
mod template;
