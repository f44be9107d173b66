//! What clients of AWS are made of, put together by hand: Lambda gives region and credentials in the environment, so
//! nothing is probed.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region, sdk_config::Builder};

use crate::{Env, Misconfigured, connection::Connections};

/// All attempts of one call together. A call that fails to the last is a function's last: with as much time before it and
/// after it, all stays inside the function's 20 s, and so inside the gateway's 30 s (requirements RE8).
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

/// What AWS clients are made of. Built when the first client asks for it: a function without a client starts without
/// credentials, and parses no certificates.
#[derive(Debug, Clone)]
pub struct Aws {
    /// Where clients connect, if not to AWS's own.
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
    /// From Lambda's own variables, and the SDKs' usual ones for other endpoints (`AWS_ENDPOINT_URL_DYNAMODB`, …).
    pub fn of_env(env: &Env) -> Self {
        let endpoint = |name| env.optional(name).map(str::to_owned);
        let endpoints = Endpoints {
            dynamodb: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
            s3: endpoint("AWS_ENDPOINT_URL_S3"),
            sesv2: endpoint("AWS_ENDPOINT_URL_SESV2"),
        };
        Self { endpoints, env: env.clone(), built: Arc::default() }
    }

    /// Against emulators on this machine, over plain HTTP and with invented credentials.
    pub fn loopback(endpoints: Endpoints) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let built = Built::new("eu-west-3", credentials, Connections::loopback());
        Self { endpoints, env: Env::of([]), built: Arc::new(OnceLock::from(built)) }
    }

    /// Region, credentials, HTTP client, retries and timeouts, for all clients alike.
    ///
    /// # Errors
    /// [`Misconfigured`] when one of Lambda's own variables (`AWS_REGION`, credentials) is missing, or `AWS_CA_BUNDLE`
    /// names no file of certificates.
    pub fn config(&self) -> Result<&SdkConfig, Misconfigured> {
        Ok(&self.built()?.config)
    }

    /// Returns `DynamoDB`'s endpoint, for a client that will call it: [`warm`](Self::warm) then opens a connection to it.
    /// AWS's own is said here, not found by the SDK's rules, so that what is warmed is what is called; `store` tests that
    /// it is the same one.
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

    /// Opens the connections that the clients made so far will want, so that whoever calls first waits for no handshake.
    /// Once a process, before it asks for work: Lambda gives a starting function more of the processor than a working one.
    pub async fn warm(&self) {
        if let Some(Built { connections, .. }) = self.built.get() {
            connections.warm().await;
        }
    }

    /// The same with parts of the configuration replaced, such as the HTTP client through which the tests inject their
    /// faults.
    ///
    /// # Errors
    /// As [`config`](Self::config).
    pub fn with(&self, change: impl FnOnce(Builder) -> Builder) -> Result<Self, Misconfigured> {
        let Built { config, connections } = self.built()?.clone();
        let built = Built { config: change(config.into_builder()).build(), connections };
        Ok(Self { built: Arc::new(OnceLock::from(built)), ..self.clone() })
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
