//! The gateway's route `$default`: answers requests without a route of their own with a problem document, 405 with
//! `Allow` if the path exists under other methods, else 404. Redirects `/portail/`, which can't be a route, to the first
//! page. Reads neither table nor session.

use edge::{Answer, Call, Endpoint, Problem, routes};
use runtime::{Misconfigured, Runtime};

/// The endpoint of requests without a route.
#[derive(Debug)]
pub struct Unrouted;

impl Endpoint for Unrouted {
    type Failure = Problem;

    fn from_runtime(_: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self)
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Problem> {
        if (call.method(), call.path()) == ("GET", "/portail/") {
            return Ok(Answer::see_other("/portail"));
        }
        let methods = routes::methods(call.path());
        if methods.is_empty() {
            return Err(Problem::not_found());
        }
        Err(Problem::method_not_allowed(call.method(), &methods))
    }
}
