//! Files too large for an answer: uploaded to a bucket and offered by a link that expires. The only crate that names
//! `aws-sdk-s3`.
//!
//! The bucket deletes the files by the lifecycle rule in `template.yaml`.

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

/// How long a link is valid. A browser follows it at once.
pub const LINK: Duration = Duration::from_mins(5);
/// The time for one attempt to upload a file. A file may have tens of megabytes.
const ATTEMPT: Duration = Duration::from_secs(8);
/// The time for all attempts together.
const CALL: Duration = Duration::from_secs(12);

/// A file, and the headers of its download.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Its path.
    pub path: &'a Path,
    /// `Content-Type`.
    pub media_type: &'a str,
    /// `Content-Disposition`.
    pub disposition: &'a str,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// S3 did not answer, or throttled the call: try again.
    #[error("the bucket is not available: {0}")]
    Unavailable(String),
    /// S3 refused the call: a defect in this code, or a missing permission.
    #[error("the bucket refused the call: {0}")]
    Refused(String),
    /// The file can't be read.
    #[error("the file can't be read: {0}")]
    Unreadable(#[from] ByteStreamError),
    /// The link cannot start at this time.
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
    /// Reads the bucket's name (`DOWNLOADS_BUCKET`). Makes no call.
    ///
    /// # Errors
    /// [`Misconfigured`] if this variable, or one of AWS, is missing.
    pub fn new(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self {
            client: client(runtime)?,
            bucket: runtime.env.required("DOWNLOADS_BUCKET")?.to_owned(),
            ids: runtime.ids.clone(),
        })
    }

    /// Uploads a file under a random key, and returns a link to it that is valid for [`LINK`] from `now`. Anyone with
    /// the link can download the file; no further authentication.
    ///
    /// # Errors
    /// [`Error`] if the file cannot be read, the upload fails, or the link cannot be signed.
    pub async fn offer(&self, file: File<'_>, now: SystemTime) -> Result<String, Error> {
        let key = self.ids.id();
        let put = self.client.put_object().bucket(&self.bucket).key(&key);
        let put = put.content_type(file.media_type).content_disposition(file.disposition);
        put.body(ByteStream::from_path(file.path).await?).send().await.map_err(refused)?;
        let signed = self.client.get_object().bucket(&self.bucket).key(&key).presigned(link(now)?).await;
        Ok(signed.map_err(refused)?.uri().to_owned())
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
    // TLS protects the bytes in transit. A trailing checksum would make the SDK send the body in chunks.
    let mut config = Builder::from(aws)
        .timeout_config(timeouts)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    if let Some(endpoint) = &runtime.aws.endpoints.s3 {
        // An emulator has one host name for all buckets.
        config = config.endpoint_url(endpoint).force_path_style(true);
    }
    Ok(Client::from_conf(config.build()))
}

/// Sorts an error of the SDK by the caller's possible reaction.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes it by value")]
fn refused<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let described = || format!("{:?}: {:?}", error.code(), error.message());
    match &error {
        SdkError::ServiceError(refusal) if refusal.raw().status().is_client_error() => Error::Refused(described()),
        SdkError::ServiceError(_) => Error::Unavailable(described()),
        SdkError::ConstructionFailure(_) => Error::Refused(error.to_string()),
        SdkError::DispatchFailure(failure) => {
            Error::Unavailable(format!("{error}: {:?}", failure.as_connector_error()))
        }
        _ => Error::Unavailable(error.to_string()),
    }
}
