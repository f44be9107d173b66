//! The application service: what every function that works on the table does in the same way.
//!
//! [`Service`] knows who is calling and what they may reach, reads a registration, lets a rule of `domain` decide and
//! commits the decision through `store`. [`ListQuery`] and [`read_registration`] read what callers send,
//! [`Representation`] is what they see. What fails is a [`Failure`]; `edge` answers it as a problem document.

mod decision;
mod doorkeeper;
mod failure;
mod list_query;
mod registration_form;
mod representation;
mod service;

pub use decision::{Decision, shown};
pub use doorkeeper::Doorkeeper;
pub use failure::Failure;
pub use list_query::ListQuery;
pub use registration_form::{Draft, merged, read as read_registration};
pub use representation::{AccountView, Representation};
pub use service::{Caller, Service};
