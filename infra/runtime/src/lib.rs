//! Everything a function is given at start: environment, clock, randomness, metrics, AWS configuration. Each is read in
//! one place, once per process. The local desk and the tests make the same [`Runtime`] with other values.

mod aws;
mod backoff;
mod clock;
mod connection;
mod env;
mod ids;
mod metrics;

pub use aws::{Aws, Endpoints};
pub use backoff::Backoff;
pub use clock::Clock;
pub use connection::{CONNECT, never_connected};
pub use env::{Env, Misconfigured};
pub use ids::{Ids, Secret, digest};
pub use metrics::{DIMENSION, Metric, Metrics, NAMESPACE, Sink};

/// Everything a function is given at start: environment, clock, randomness, AWS configuration, metrics.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// Variables, as `template.yaml` declares them.
    pub env: Env,
    /// The clock.
    pub clock: Clock,
    /// The source of ids and secrets.
    pub ids: Ids,
    /// Region, credentials, HTTP client and endpoints, built when the first client needs them.
    pub aws: Aws,
    /// The metrics.
    pub metrics: Metrics,
}

impl Runtime {
    /// Creates the runtime of a deployed function: the process's environment, the system's clock and randomness.
    ///
    /// # Errors
    /// [`Misconfigured`] if `SERVICE` is missing. Region and credentials are read by the first client.
    pub fn of_process() -> Result<Self, Misconfigured> {
        let env = Env::of_process();
        let aws = Aws::of_env(&env);
        let metrics = Metrics::of_env(&env, Sink::Stdout)?;
        Ok(Self { env, clock: Clock::System, ids: Ids::System, aws, metrics })
    }
}
