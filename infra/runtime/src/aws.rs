//! The configuration of AWS clients, built by hand: Lambda gives region and credentials in the environment, so that
//! nothing is probed.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region, sdk_config::Builder};

use crate::{Env, Misconfigured, connection::Connections};

/// The time for all attempts of one call. A call that fails in the end is the function's last: even with as much time
/// before it and after it, the function stays within its 20 s, and so within the gateway's 30 s (requirements RE8).
const CALL: Duration = Duration::from_secs(6);
const ATTEMPT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 4;

/// Endpoints other than AWS's own, for the local desk and the tests.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// `DynamoDB`.
    pub dynamodb: Option<String>,
    /// S3.
    pub s3: Option<String>,
    /// SES, version 2.
    pub sesv2: Option<String>,
}

/// The configuration of AWS clients, built when the first client needs it. A function without a client starts without
/// credentials, and parses no certificates.
#[derive(Debug, Clone)]
pub struct Aws {
    /// Endpoints other than AWS's own.
    pub endpoints: Endpoints,
    env: Env,
    built: Arc<OnceLock<Built>>,
}

#[derive(Debug, Clone)]
struct Built {
    config: SdkConfig,
    connections: Connections,
}

impl Aws {
    /// Takes other endpoints from the SDKs' usual variables (`AWS_ENDPOINT_URL_DYNAMODB`, …). Lambda's own variables
    /// are read when the first client is made.
    pub fn of_env(env: &Env) -> Self {
        let endpoint = |name| env.optional(name).map(str::to_owned);
        let endpoints = Endpoints {
            dynamodb: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
            s3: endpoint("AWS_ENDPOINT_URL_S3"),
            sesv2: endpoint("AWS_ENDPOINT_URL_SESV2"),
        };
        Self { endpoints, env: env.clone(), built: Arc::default() }
    }

    /// Configures clients of emulators on this machine, over plain HTTP and with invented credentials.
    pub fn loopback(endpoints: Endpoints) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let built = Built::new("eu-west-3", credentials, Connections::loopback());
        Self { endpoints, env: Env::of([]), built: Arc::new(OnceLock::from(built)) }
    }

    /// Returns the configuration of all clients: region, credentials, HTTP client, retries and timeouts.
    ///
    /// # Errors
    /// [`Misconfigured`] if one of Lambda's own variables (`AWS_REGION`, credentials) is missing, or `AWS_CA_BUNDLE`
    /// names no file of certificates.
    pub fn config(&self) -> Result<&SdkConfig, Misconfigured> {
        Ok(&self.built()?.config)
    }

    /// Returns `DynamoDB`'s endpoint for a client, and notes it for [`warm`](Self::warm), which opens a connection to
    /// it.
    ///
    /// AWS's own endpoint is written here, not found by the SDK's rules, so that the warmed endpoint is the one that is
    /// called. `store` tests that both are the same.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn dynamodb(&self) -> Result<String, Misconfigured> {
        let Built { config, connections } = self.built()?;
        let region = config.region().map_or("", Region::as_ref);
        let other = self.endpoints.dynamodb.clone();
        let url = other.unwrap_or_else(|| format!("https://dynamodb.{region}.amazonaws.com"));
        connections.expect(&url);
        Ok(url)
    }

    /// Opens the connections that the clients made so far need, so that the first call waits for no handshake. To be
    /// called once per process, before the first event: Lambda gives a starting function more of the processor.
    pub async fn warm(&self) {
        if let Some(Built { connections, .. }) = self.built.get() {
            connections.warm().await;
        }
    }

    /// Replaces parts of the configuration, such as the HTTP client through which tests inject
    /// faults.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn with(self, change: impl FnOnce(Builder) -> Builder) -> Result<Self, Misconfigured> {
        let Built { config, connections } = self.built()?.clone();
        let built = Built { config: change(config.into_builder()).build(), connections };
        Ok(Self { built: Arc::new(OnceLock::from(built)), ..self })
    }

    fn built(&self) -> Result<&Built, Misconfigured> {
        if let Some(built) = self.built.get() {
            return Ok(built);
        }
        let built = Built::of_env(&self.env)?;
        Ok(self.built.get_or_init(|| built))
    }
}

impl Built {
    fn of_env(env: &Env) -> Result<Self, Misconfigured> {
        let credentials = Credentials::new(
            env.required("AWS_ACCESS_KEY_ID")?,
            env.required("AWS_SECRET_ACCESS_KEY")?,
            env.optional("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        Ok(Self::new(env.required("AWS_REGION")?, credentials, Connections::of_env(env)?))
    }

    fn new(region: &str, credentials: Credentials, connections: Connections) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(CALL).build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_secs(1));
        let config = SdkConfig::builder()
            .behavior_version(aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(connections.client())
            .retry_config(retries)
            .timeout_config(timeouts)
            .build();
        Self { config, connections }
    }
}
