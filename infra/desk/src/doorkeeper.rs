//! The guard of the calls that are made without a session: sign-in and password resets. AWS WAF cannot protect an HTTP
//! API, so their limits are kept here.

use domain::network::{Limited, network, source_window};
use edge::{Call, Code, Problem};
use lambda_http::http::{HeaderName, header};
use runtime::{Misconfigured, Runtime};

use crate::{Failure, Service};

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Refuses requests that pages of other sites have a browser make, and limits failed sign-ins and reset requests: of each
/// at most `limit` per network in a 10-minute window (requirements S7).
#[derive(Debug, Clone)]
pub struct Doorkeeper {
    limit: i64,
    /// Other origins whose pages may make these calls.
    origins: Vec<String>,
}

impl Doorkeeper {
    /// Reads the limit from `SOURCE_LIMIT`, and the other origins from `ALLOWED_ORIGINS`, separated by commas.
    ///
    /// # Errors
    /// [`Misconfigured`] if one is missing, or the limit is not a number.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let origins = runtime.env.required("ALLOWED_ORIGINS")?.split(',').map(|origin| origin.trim().to_owned());
        Ok(Self { limit: runtime.env.parsed("SOURCE_LIMIT")?, origins: origins.collect() })
    }

    /// Admits calls of scripts of the desk's own pages and of allowed origins, and of clients that are no browsers. Any
    /// page could otherwise use up its visitors' limit, with images or forms.
    ///
    /// # Errors
    /// 403 `foreign-site`. Nothing has been counted then.
    pub fn check_site(&self, call: &Call) -> Result<(), Problem> {
        let foreign_mode = matches!(call.header(&SEC_FETCH_MODE), Some("no-cors" | "navigate"));
        let foreign_origin = call.header(&header::ORIGIN).is_some_and(|origin| !self.is_allowed(origin, call));
        if foreign_mode || foreign_origin { Err(Problem::new(Code::ForeignSite)) } else { Ok(()) }
    }

    fn is_allowed(&self, origin: &str, call: &Call) -> bool {
        let own = origin.split_once("://").is_some_and(|(_, host)| call.header(&header::HOST) == Some(host));
        own || self.origins.iter().any(|allowed| allowed == origin)
    }

    /// Counts the call (1 WRU) and admits it within the limit. One above it is not counted (1 WRU more).
    ///
    /// # Errors
    /// 429 with `Retry-After` above the limit; 500 or 503 if the table fails.
    pub async fn admit(&self, service: &Service, call: &Call, limited: Limited) -> Result<(), Failure> {
        let now = call.now();
        if service.store.count_source(limited, &network(call.source_ip()), now).await? <= self.limit {
            return Ok(());
        }
        self.excuse(service, call, limited).await?;
        let (_, until) = source_window(now);
        Err(Problem::later(Code::TooManyRequests, until.duration_since(now)).into())
    }

    /// Takes back the count of a call that did not fail (1 WRU).
    ///
    /// # Errors
    /// 500 or 503 if the table fails.
    pub async fn excuse(&self, service: &Service, call: &Call, limited: Limited) -> Result<(), Failure> {
        Ok(service.store.excuse_source(limited, &network(call.source_ip()), call.now()).await?)
    }
}
