//! What can go wrong with the table. Nothing of this is for people to read; `desk` turns it into a problem.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
};

use crate::Write;

/// Codes of failures that pass.
const PASSING: [&str; 6] = [
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// A failure of the table, or a condition that did not hold.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `DynamoDB` did not answer, or asked to come later: try again.
    #[error("the table is not available: {0}")]
    Unavailable(String),
    /// Another transaction holds an item of this one: try again.
    #[error("another transaction was on the same item")]
    Busy,
    /// `DynamoDB` refused the call: a defect of ours, or a missing permission.
    #[error("the table refused the call: {0}")]
    Refused(String),
    /// An item is not what this code writes.
    #[error("an item does not read as it should: {0}")]
    Malformed(#[from] serde_dynamo::Error),
    /// The condition of one of the transaction's writes did not hold: somebody else was first. Nothing was written.
    #[error("the write {0:?} of the transaction lost its condition")]
    Lost(Write),
}

impl Error {
    /// Sorts what the SDK says into what a caller can do about it.
    #[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
    pub(crate) fn from_sdk<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        // Code and message, never the raw answer: it may hold items.
        let what = match &error {
            SdkError::ServiceError(_) => format!("{:?}: {:?}", error.code(), error.message()),
            SdkError::DispatchFailure(failure) => format!("{error}: {:?}", failure.as_connector_error()),
            _ => error.to_string(),
        };
        match &error {
            SdkError::ServiceError(_) if !error.code().is_none_or(|code| PASSING.contains(&code)) => {
                Self::Refused(what)
            }
            SdkError::ConstructionFailure(_) => Self::Refused(what),
            _ => Self::Unavailable(what),
        }
    }

    /// As [`from_sdk`](Self::from_sdk), telling a lost condition from the rest. `names` are the transaction's writes in
    /// their order, in which `DynamoDB` gives its reasons.
    pub(crate) fn from_transaction<R>(error: SdkError<TransactWriteItemsError, R>, names: &[Write]) -> Self
    where
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        if let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() {
            let codes: Vec<&str> = canceled.cancellation_reasons().iter().map(|r| r.code().unwrap_or("None")).collect();
            let lost = names.iter().zip(&codes).find(|&(_, &code)| code == "ConditionalCheckFailed");
            if let Some((&write, _)) = lost {
                return Self::Lost(write);
            }
            if codes.contains(&"TransactionConflict") {
                return Self::Busy;
            }
            if codes.iter().any(|code| ["ProvisionedThroughputExceeded", "ThrottlingError"].contains(code)) {
                return Self::Unavailable(format!("transaction canceled: {}", codes.join(", ")));
            }
        }
        Self::from_sdk(error)
    }
}
