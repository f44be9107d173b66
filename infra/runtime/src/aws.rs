//! What clients of AWS are made of, put together by hand: Lambda gives region and credentials in the environment, so
//! nothing is probed.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};

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

/// What a client is made of.
#[derive(Debug, Clone)]
pub struct Aws {
    /// Region, credentials, HTTP client, retries and timeouts, for all clients alike.
    pub config: SdkConfig,
    /// Where they connect, if not to AWS's own.
    pub endpoints: Endpoints,
    connections: Connections,
}

impl Aws {
    /// From Lambda's own variables, and the SDKs' usual ones for other endpoints (`AWS_ENDPOINT_URL_DYNAMODB`, …).
    pub fn of_env(env: &Env) -> Result<Self, Misconfigured> {
        let credentials = Credentials::new(
            env.required("AWS_ACCESS_KEY_ID")?,
            env.required("AWS_SECRET_ACCESS_KEY")?,
            env.optional("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "environment",
        );
        let endpoint = |name| env.optional(name).map(str::to_owned);
        let endpoints = Endpoints {
            dynamodb: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
            s3: endpoint("AWS_ENDPOINT_URL_S3"),
            sesv2: endpoint("AWS_ENDPOINT_URL_SESV2"),
        };
        Ok(Self::new(env.required("AWS_REGION")?, credentials, Connections::of_env(env)?, endpoints))
    }

    /// Against emulators on this machine, over plain HTTP and with invented credentials.
    pub fn loopback(endpoints: Endpoints) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        Self::new("eu-west-3", credentials, Connections::loopback(), endpoints)
    }

    /// `DynamoDB`'s endpoint, for a client that will call it: [`warm`](Self::warm) then opens a connection to it. AWS's own
    /// is told here, not found by the SDK's rules, so that what is warmed is what is called; `store` tests that it is the
    /// same one.
    pub fn dynamodb(&self) -> String {
        let region = self.config.region().map_or("", Region::as_ref);
        let other = self.endpoints.dynamodb.clone();
        let url = other.unwrap_or_else(|| format!("https://dynamodb.{region}.amazonaws.com"));
        self.connections.expect(&url);
        url
    }

    /// Opens the connections that the clients made so far will want, so that whoever calls first waits for no handshake.
    /// Once a process, before it asks for work: Lambda gives a starting function more of the processor than a working one.
    pub async fn warm(&self) {
        self.connections.warm().await;
    }

    /// The same connection through another HTTP client: where the tests inject their faults.
    #[must_use]
    pub fn through(self, client: SharedHttpClient) -> Self {
        Self { config: self.config.into_builder().http_client(client).build(), ..self }
    }

    fn new(region: &str, credentials: Credentials, connections: Connections, endpoints: Endpoints) -> Self {
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
        Self { config, endpoints, connections }
    }
}
