//! Checks `template.yaml` and the dependency graph (routes, roles, grants, alarms, limits, crates and their features),
//! and the citations of code and pages.

mod alarms;
mod architecture;
mod citations;
mod expansion;
mod grants;
mod operations;
mod roles;
mod supply;
mod template;
