//! The connection to AWS, built by hand: Lambda gives region and credentials in the environment, so nothing is probed;
//! one small TLS stack (rustls on ring) serves all clients and is warm after the first call.

use std::time::Duration;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{Builder, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};

use crate::{Env, Misconfigured};

/// All attempts of one call together. A call that fails to the last is a function's last: with as much time before it and
/// after it, all stays inside the function's 20 s, and so inside the gateway's 30 s (requirements RE8).
const CALL: Duration = Duration::from_secs(6);
const ATTEMPT: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 4;

/// Endpoints other than AWS's own, for the local portal and the tests.
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
    /// Where they connect.
    pub endpoints: Endpoints,
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
        Ok(Self::new(env.required("AWS_REGION")?, credentials, https(), endpoints))
    }

    /// Against emulators on this machine, over plain HTTP and with invented credentials.
    pub fn loopback(endpoints: Endpoints) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        Self::new("eu-west-3", credentials, Builder::new().build_http(), endpoints)
    }

    /// The same connection through another HTTP client: where the tests inject their faults.
    #[must_use]
    pub fn through(self, client: SharedHttpClient) -> Self {
        Self { config: self.config.into_builder().http_client(client).build(), ..self }
    }

    fn new(region: &str, credentials: Credentials, http: SharedHttpClient, endpoints: Endpoints) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(CALL)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_secs(1));
        let config = SdkConfig::builder()
            .behavior_version(aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http)
            .retry_config(retries)
            .timeout_config(timeouts)
            .build();
        Self { config, endpoints }
    }
}

fn https() -> SharedHttpClient {
    Builder::new().tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build_https()
}
