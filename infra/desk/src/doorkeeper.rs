//! The limit by network address, before anybody has signed in: an HTTP API has no firewall in front that could keep it.

use domain::throttle::source_window;
use edge::{Call, Code, Problem};
use lambda_http::http::header;
use runtime::{Misconfigured, Runtime};

use crate::{Failure, Service};

/// Lets in so many requests of one network address in 10 minutes.
#[derive(Debug, Clone)]
pub struct Doorkeeper {
    limit: u64,
}

impl Doorkeeper {
    /// Reads the limit from `SOURCE_LIMIT`.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { limit: runtime.env.parsed("SOURCE_LIMIT")? })
    }

    /// 429 with `Retry-After` beyond the limit.
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
