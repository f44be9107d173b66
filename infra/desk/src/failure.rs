//! The failures of a call.
//!
//! `edge` knows nothing of the table, and `store` knows nothing of HTTP. This module joins their errors.

use domain::Refusal;
use edge::{Code, Problem};

/// The failure of a call, which `edge` answers as a [`Problem`].
#[derive(Debug)]
pub enum Failure {
    /// The request is at fault, or an error whose cause is written to the log only.
    Problem(Problem),
    /// A rule refuses: 409.
    Refused(Refusal),
    /// The table failed: 503 if a later attempt may succeed, else 500.
    Store(store::Error),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        use store::Error as E;
        match failure {
            Failure::Problem(problem) => problem,
            Failure::Refused(refusal) => refusal.into(),
            Failure::Store(error @ (E::Unavailable(_) | E::Busy)) => Self::unavailable(error),
            // The store has logged which one.
            Failure::Store(E::Unreadable(_)) => Self::new(Code::Unreadable),
            Failure::Store(error @ (E::Lost(_) | E::Refused(_) | E::Malformed(_))) => Self::internal(error),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}
