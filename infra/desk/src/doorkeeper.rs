//! The rate limit by IP address, for calls without a session. AWS WAF cannot protect an HTTP API, so it is kept here.

use domain::throttle::source_window;
use edge::{Call, Code, Problem};
use lambda_http::http::header;
use runtime::{Misconfigured, Runtime};

use crate::{Failure, Service};

/// Rate limiter: at most `limit` requests per IP address in a 10-minute window.
#[derive(Debug, Clone)]
pub struct Doorkeeper {
    limit: u64,
}

impl Doorkeeper {
    /// Reads the limit from `SOURCE_LIMIT`.
    ///
    /// # Errors
    /// [`Misconfigured`] if it is missing or not a number.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { limit: runtime.env.parsed("SOURCE_LIMIT")? })
    }

    /// Counts the call (1 WRU) and admits it within the limit.
    ///
    /// # Errors
    /// 429 with `Retry-After` above the limit; 500 or 503 if the table fails.
    pub async fn admit(&self, service: &Service, call: &Call) -> Result<(), Failure> {
        let now = call.now();
        if service.store.count_source(call.source_ip(), now).await? <= self.limit {
            return Ok(());
        }
        let (_, until) = source_window(now);
        let wait = until.duration_since(now).as_secs().max(1);
        Err(Problem::new(Code::TooManyRequests).with_header(header::RETRY_AFTER, wait.to_string()).into())
    }
}
