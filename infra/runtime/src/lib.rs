//! What every function is given at start, each thing read in one place: the environment, the clock, randomness, the
//! connection to AWS, and where its figures go. Wired once a process; the local desk and the tests wire the same, with other values.

mod aws;
mod clock;
mod connection;
mod env;
mod ids;
mod metrics;

pub use aws::{Aws, Endpoints};
pub use clock::Clock;
pub use connection::CONNECT;
pub use env::{Env, Misconfigured};
pub use ids::{Ids, Secret, digest};
pub use metrics::{DIMENSION, Metric, Metrics, NAMESPACE, Sink};

/// All of it.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// Variables, as `template.yaml` declares them.
    pub env: Env,
    /// Now.
    pub clock: Clock,
    /// Random ids and secrets.
    pub ids: Ids,
    /// Region, credentials, HTTP client and endpoints, built when the first client asks for them.
    pub aws: Aws,
    /// What is counted.
    pub metrics: Metrics,
}

impl Runtime {
    /// The runtime of a deployed function: the process's own environment, the system's clock and randomness.
    ///
    /// # Errors
    /// [`Misconfigured`] when `SERVICE` is missing. Region and credentials are asked for by the first client.
    pub fn of_process() -> Result<Self, Misconfigured> {
        let env = Env::of_process();
        let aws = Aws::of_env(&env);
        let metrics = Metrics::of_env(&env, Sink::Stdout)?;
        Ok(Self { env, clock: Clock::System, ids: Ids::System, aws, metrics })
    }
}
