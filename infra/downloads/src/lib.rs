//! Files too large for an answer: put into a bucket, from where a link that soon ends leads to them. The only crate that
//! names `aws-sdk-s3`.
//!
//! The bucket forgets each by itself, by the lifecycle rule that `template.yaml` gives it.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use aws_sdk_s3::{
    Client,
    config::{Builder, RequestChecksumCalculation, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::{ByteStream, ByteStreamError},
};
use runtime::{Ids, Misconfigured, Runtime};

/// How long a link leads to its file: a browser follows it at once.
pub const LINK: Duration = Duration::from_mins(5);
/// One attempt to hand a file over, and all of them together: tens of megabytes, on a line of Lambda's.
const ATTEMPT: Duration = Duration::from_secs(8);
const CALL: Duration = Duration::from_secs(12);

/// A file, and what whoever follows the link is told of it.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// `Content-Type`.
    pub media_type: &'a str,
    /// `Content-Disposition`.
    pub disposition: &'a str,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// S3 did not answer, or asked to come later: try again.
    #[error("the bucket is not available: {0}")]
    Unavailable(String),
    /// S3 refused the call: a defect of ours, or a missing permission.
    #[error("the bucket refused the call: {0}")]
    Refused(String),
    /// The file can't be read.
    #[error("the file can't be read: {0}")]
    Unreadable(#[from] ByteStreamError),
    /// The clock stands where no link can begin.
    #[error("no link can be signed: {0}")]
    Unsigned(String),
}

/// The bucket; cheap to clone.
#[derive(Debug, Clone)]
pub struct Downloads {
    client: Client,
    bucket: String,
    ids: Ids,
}

impl Downloads {
    /// Reads which bucket it is (`DOWNLOADS_BUCKET`). Asks nothing of it yet.
    pub fn new(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self {
            client: client(runtime)?,
            bucket: runtime.env.required("DOWNLOADS_BUCKET")?.to_owned(),
            ids: runtime.ids.clone(),
        })
    }

    /// Puts a file there, under a key of its own, and answers the address that leads to it for [`LINK`] from `now` on. It is whoever's
    /// has the address: nothing else is asked of them.
    pub async fn offer(&self, file: File<'_>, now: SystemTime) -> Result<String, Error> {
        let key = self.ids.id();
        let put = self.client.put_object().bucket(&self.bucket).key(&key);
        let put = put.content_type(file.media_type).content_disposition(file.disposition);
        put.body(ByteStream::from_path(file.path).await?).send().await.map_err(refused)?;
        let asked = self.client.get_object().bucket(&self.bucket).key(&key).presigned(link(now)?).await;
        Ok(asked.map_err(refused)?.uri().to_owned())
    }
}

fn link(now: SystemTime) -> Result<PresigningConfig, Error> {
    let config = PresigningConfig::builder().start_time(now).expires_in(LINK).build();
    config.map_err(|why| Error::Unsigned(why.to_string()))
}

fn client(runtime: &Runtime) -> Result<Client, Misconfigured> {
    let aws = runtime.aws.config()?;
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(CALL);
    let mut timeouts = timeouts.build();
    if let Some(usual) = aws.timeout_config() {
        timeouts.take_defaults_from(usual);
    }
    // TLS keeps the bytes whole on their way; a checksum behind them would have the body sent in pieces.
    let mut config = Builder::from(aws)
        .timeout_config(timeouts)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    if let Some(endpoint) = &runtime.aws.endpoints.s3 {
        // No emulator has a name a bucket.
        config = config.endpoint_url(endpoint).force_path_style(true);
    }
    Ok(Client::from_conf(config.build()))
}

/// Sorts what the SDK says into what a caller can do about it.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn refused<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let told = || format!("{:?}: {:?}", error.code(), error.message());
    match &error {
        SdkError::ServiceError(refusal) if refusal.raw().status().is_client_error() => Error::Refused(told()),
        SdkError::ServiceError(_) => Error::Unavailable(told()),
        SdkError::ConstructionFailure(_) => Error::Refused(error.to_string()),
        SdkError::DispatchFailure(failure) => {
            Error::Unavailable(format!("{error}: {:?}", failure.as_connector_error()))
        }
        _ => Error::Unavailable(error.to_string()),
    }
}
