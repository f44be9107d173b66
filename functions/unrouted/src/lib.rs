//! The gateway's `$default`: whatever no route names gets a problem document too, 405 with `Allow` where the path exists
//! under other methods, 404 elsewhere. Reads nothing, knows nobody.

use edge::{Answer, Call, Endpoint, Problem, routes};
use runtime::{Misconfigured, Runtime};

/// The function.
#[derive(Debug)]
pub struct Unrouted;

impl Endpoint for Unrouted {
    type Failure = Problem;

    fn from_runtime(_: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self)
    }

    async fn answer(&self, call: Call) -> Result<Answer, Problem> {
        let methods = routes::methods(call.path());
        if methods.is_empty() {
            return Err(Problem::not_found());
        }
        Err(Problem::method_not_allowed(call.method(), &methods))
    }
}
