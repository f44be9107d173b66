//! Checks `template.yaml` and the dependency graph (routes, roles, grants, alarms, limits, crates and their features),
//! and the citations of code and pages.

mod alarms;
mod architecture;
mod audit;
mod citations;
mod expansion;
mod grants;
mod operations;
mod parameters;
mod refused;
mod roles;
mod supply;
mod template;
