//! The errors of sending, by the outbox's reaction.

use aws_sdk_sesv2::{
    config::http::HttpResponse,
    error::{BuildError, ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
};
use domain::Email;
use runtime::never_connected;

/// A message was not sent, or perhaps was. The texts are for the log. They leave out SES's own text, which may quote the
/// address (requirements AP8).
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// SES's limit of messages per second is reached: try again in a moment.
    #[error("SES throttles")]
    Throttled,
    /// SES is busy, paused, unreachable or misconfigured, and did not accept the message: try again in a later run.
    #[error("not sent for now: {0}")]
    Later(String),
    /// SES got the message and did not answer: it may have accepted it. A further attempt may send it twice.
    #[error("perhaps sent: {0}")]
    Unknown(String),
    /// SES refuses the recipient's address: no further attempt can succeed.
    #[error("never to be sent: {0}")]
    Never(String),
}

impl SendError {
    /// Classifies an error of SES. Every error that is not about this very recipient is tried again, also our own
    /// misconfiguration: it will be repaired, and must not lose a message.
    pub(crate) fn from_sdk(error: &SdkError<SendEmailError, HttpResponse>, to: &Email) -> Self {
        let code = error.code().unwrap_or(match error {
            SdkError::TimeoutError(_) => "no answer in time",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ServiceError(_) => "a failure without a code",
            _ => "no readable answer",
        });
        match error {
            SdkError::ServiceError(said) if said.raw().status().is_success() => Self::Unknown(code.into()),
            SdkError::ServiceError(said) => match said.err() {
                SendEmailError::TooManyRequestsException(_) => Self::Throttled,
                SendEmailError::BadRequestException(why) if quotes(why.message(), to) => Self::Never(code.into()),
                _ => Self::Later(code.into()),
            },
            SdkError::ConstructionFailure(_) => Self::Later("the call could not be made".into()),
            SdkError::DispatchFailure(failed) if failed.as_connector_error().is_some_and(never_connected) => {
                Self::Later(code.into())
            }
            _ => Self::Unknown(code.into()),
        }
    }
}

/// A template that does not render must not lose a message either.
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

/// Returns whether SES's text is about the recipient. Otherwise it may be about our own sender or contact.
fn quotes(text: Option<&str>, to: &Email) -> bool {
    text.is_some_and(|text| text.contains(to.as_str()))
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
        let answer = HttpResponse::new(400_u16.try_into().unwrap(), "".into());
        SendError::from_sdk(&SdkError::service_error(error.into(), answer), &"camille@oise.fr".parse().unwrap())
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
            said!(MessageRejected, QUOTED),
            said!(BadRequestException, "Illegal address: contact@oise"),
            unknown("AccessDeniedException"),
            unknown("InternalFailure"),
            of(SendEmailError::generic(ErrorMetadata::builder().build())),
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
    fn c18_only_an_error_about_the_recipient_drops_a_message() {
        let error = said!(BadRequestException, QUOTED);
        assert!(matches!(error, SendError::Never(_)), "{error}");
        assert!(!error.to_string().contains("camille"), "{error}");
    }

    #[test]
    fn c13_no_answer_in_time_is_an_unknown_outcome() {
        let error = SendError::from_sdk(&SdkError::timeout_error("6 s"), &"camille@oise.fr".parse().unwrap());
        assert!(matches!(error, SendError::Unknown(_)), "{error}");
    }
}
