//! The application service, shared by all functions that work on the table.
//!
//! [`Service`] identifies the caller, reads a registration that they may reach, lets a rule of `domain` decide, and
//! commits the decision through `store`. [`ListQuery`] and [`read_registration`] parse requests, [`Representation`] is
//! the JSON of answers. [`Households`] finds the account of a person. Errors are [`Failure`]s, which `edge` answers as problem documents.

mod decision;
mod doorkeeper;
mod failure;
mod household;
mod list_query;
mod registration_form;
mod representation;
mod service;

pub use decision::Decision;
pub use doorkeeper::Doorkeeper;
pub use failure::Failure;
pub use household::Households;
pub use list_query::ListQuery;
pub use registration_form::{Draft, MAX_RESOURCES, merged, read as read_registration};
pub use representation::{AccountView, Representation};
pub use service::{Caller, Service};
