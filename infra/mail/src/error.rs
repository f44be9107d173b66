//! What can go wrong with a mail, sorted by what the outbox does about it.

use aws_sdk_sesv2::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
};

/// A mail that SES did not take. The texts are for the log: SES's own words may quote the address, so they
/// stay out.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It may go in a moment: more mails a second than SES takes.
    #[error("SES asks to slow down")]
    Throttled,
    /// It may go another time: SES is busy, paused, out of reach, or not set up as it should be.
    #[error("not sent for now: {0}")]
    Later(String),
    /// It won't go, however often it is tried: SES refuses the address or the content.
    #[error("never to be sent: {0}")]
    Never(String),
}

impl SendError {
    /// Sorts what SES said. Whatever isn't about this very mail is tried again, our own misconfiguration
    /// included: it will be mended, and no mail is lost by it.
    pub(crate) fn from_sdk<R>(error: &SdkError<SendEmailError, R>) -> Self {
        let code = error.code().unwrap_or(match error {
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ServiceError(_) => "a failure without a code",
            _ => "no answer that reads as one",
        });
        match error.as_service_error() {
            Some(SendEmailError::TooManyRequestsException(_)) => Self::Throttled,
            Some(SendEmailError::MessageRejected(why)) if is_unverified(why.message()) => {
                Self::Later("MessageRejected: an identity is not verified".into())
            }
            Some(SendEmailError::MessageRejected(_) | SendEmailError::BadRequestException(_)) => {
                Self::Never(code.into())
            }
            _ => Self::Later(code.into()),
        }
    }
}

/// A template of ours that does not render loses no mail either.
impl From<askama::Error> for SendError {
    fn from(error: askama::Error) -> Self {
        Self::Later(error.to_string())
    }
}

impl From<BuildError> for SendError {
    fn from(error: BuildError) -> Self {
        Self::Later(error.to_string())
    }
}

/// Our sender is not set up in SES, or the account is still in SES's sandbox.
fn is_unverified(why: Option<&str>) -> bool {
    why.is_some_and(|why| why.starts_with("Email address is not verified"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::{
        error::ErrorMetadata,
        types::error::{
            BadRequestException, LimitExceededException, MessageRejected, SendingPausedException,
            TooManyRequestsException,
        },
    };

    use super::*;

    const QUOTED: &str = "Illegal address: camille@oise.fr";

    fn of(error: impl Into<SendEmailError>) -> SendError {
        SendError::from_sdk(&SdkError::service_error(error.into(), ()))
    }

    fn metadata(code: &str) -> ErrorMetadata {
        ErrorMetadata::builder().code(code).message(QUOTED).build()
    }

    macro_rules! said {
        ($exception:ident, $message:expr) => {
            of(SendEmailError::$exception(
                $exception::builder().message($message).meta(metadata(stringify!($exception))).build(),
            ))
        };
    }

    #[test]
    fn re4_what_passes_comes_again() {
        let unknown = |code| of(SendEmailError::generic(metadata(code)));
        for error in [
            said!(LimitExceededException, QUOTED),
            said!(SendingPausedException, QUOTED),
            said!(MessageRejected, "Email address is not verified. The following failed: camille@oise.fr"),
            unknown("AccessDeniedException"),
            unknown("InternalFailure"),
            of(SendEmailError::generic(ErrorMetadata::builder().build())),
            SendError::from_sdk(&SdkError::<_, ()>::timeout_error("2 s")),
        ] {
            assert!(matches!(error, SendError::Later(_)), "{error}");
            assert!(!error.to_string().contains("camille"), "{error}");
        }
    }

    #[test]
    fn re4_throttling_is_an_error_of_its_own() {
        assert!(matches!(said!(TooManyRequestsException, QUOTED), SendError::Throttled));
    }

    #[test]
    fn re4_what_is_refused_is_not_tried_again() {
        for error in [said!(MessageRejected, QUOTED), said!(BadRequestException, QUOTED)] {
            assert!(matches!(error, SendError::Never(_)), "{error}");
            assert!(!error.to_string().contains("camille"), "{error}");
        }
    }
}
