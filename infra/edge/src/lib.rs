//! HTTP, and nothing else: between the gateway's event and a typed request, between a result and an answer.
//!
//! One way in: [`respond`] makes a [`Call`] of the runtime's request, hands it to an [`Endpoint`], and turns what comes
//! back into an answer with the headers that every answer has. An endpoint answers, it does not fail: a panic is a
//! generic 500 and a line in the log.

mod answer;
mod body;
mod call;
mod catalogue;
mod cursor;
mod endpoint;
mod etag;
mod form;
mod problem;
pub mod routes;

pub use answer::Answer;
pub use call::Call;
pub use catalogue::{Code, Taken};
pub use cursor::{next_link, open as open_cursor, seal as seal_cursor};
pub use endpoint::{Endpoint, respond, serve};
pub use etag::{Precondition, etag};
pub use form::Form;
pub use problem::Problem;
