//! The HTTP layer, without store and AWS SDK: from the gateway's event to a typed request, from a result to an answer.
//!
//! [`respond`] is the only way in: it makes a [`Call`] from the runtime's request, hands it to an [`Endpoint`], and
//! adds the headers that every answer has. An endpoint answers, it does not fail: a panic becomes a generic 500 and a
//! line in the log.

mod answer;
mod body;
mod call;
mod catalogue;
mod cursor;
mod endpoint;
mod etag;
mod event;
mod form;
mod problem;
pub mod routes;

pub use answer::Answer;
pub use call::Call;
pub use catalogue::Code;
pub use cursor::{next_link, open as open_cursor, seal as seal_cursor};
pub use endpoint::{Endpoint, respond, serve};
pub use etag::{Precondition, Preconditions, etag};
pub use event::request;
pub use form::Form;
pub use problem::Problem;
