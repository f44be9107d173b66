//! Failures of the table. Their texts are for logs; `desk` answers them as problem documents.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
};

use crate::{Remains, Write};

/// Codes of temporary failures.
const TEMPORARY: [&str; 6] = [
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// Reasons for which a transaction is canceled that pass by themselves.
const PASSING: [&str; 3] = ["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"];

/// A failure of the table, or a condition that did not hold.
///
/// # Reads
/// A read returns [`Unavailable`](Self::Unavailable), [`Refused`](Self::Refused) or [`Malformed`](Self::Malformed).
///
/// # Writes
/// A write returns these, [`Busy`](Self::Busy) after five tries, and [`Lost`](Self::Lost) unless its own result says
/// that a condition failed. After `Unavailable` the write may have taken effect (requirements RE7); after the others it
/// has not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `DynamoDB` did not answer, or throttled the call. A later try may succeed.
    #[error("the table is not available: {0}")]
    Unavailable(String),
    /// Other transactions kept an item of this one busy, or it was throttled. A later try may succeed.
    #[error("another transaction was using the same item, or it was throttled")]
    Busy,
    /// `DynamoDB` refused the call: a defect in this crate, or a missing permission.
    #[error("the table refused the call: {0}")]
    Refused(String),
    /// An item could not be decoded, or a value could not be encoded.
    #[error("an item could not be decoded: {0}")]
    Malformed(#[from] serde_dynamo::Error),
    /// A registration could not be decoded. Holds what its erasure needs, if that can be read (requirements RE12).
    #[error("a stored registration can't be decoded")]
    Unreadable(Option<Box<Remains>>),
    /// The condition of this write did not hold: another change came first. Nothing of the transaction was written.
    #[error("the condition of the transaction's write {0:?} did not hold")]
    Lost(Write),
}

impl Error {
    /// Classifies an error of the SDK by whether a later try may succeed.
    #[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
    pub(crate) fn from_sdk<E, R>(error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        // Code and message only: the raw answer may contain items, and so personal data.
        let details = match &error {
            SdkError::ServiceError(_) => format!("{:?}: {:?}", error.code(), error.message()),
            SdkError::DispatchFailure(failure) => format!("{error}: {:?}", failure.as_connector_error()),
            _ => error.to_string(),
        };
        match &error {
            SdkError::ServiceError(_) if !error.code().is_none_or(|code| TEMPORARY.contains(&code)) => {
                Self::Refused(details)
            }
            SdkError::ConstructionFailure(_) => Self::Refused(details),
            _ => Self::Unavailable(details),
        }
    }

    /// Classifies an error of a transaction: names the write whose condition failed, and finds reasons that pass.
    ///
    /// `names` are the transaction's writes in their order, which is that of `DynamoDB`'s cancellation reasons.
    pub(crate) fn from_transaction<R>(error: SdkError<TransactWriteItemsError, R>, names: &[Write]) -> Self
    where
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        if let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() {
            let codes: Vec<&str> = canceled.cancellation_reasons().iter().map(|r| r.code().unwrap_or("None")).collect();
            let lost = names.iter().zip(&codes).find(|&(_, &code)| code == "ConditionalCheckFailed");
            // A failed condition comes before a conflict: another try would not help, the caller has to decide again.
            if let Some((&write, _)) = lost {
                return Self::Lost(write);
            }
            if codes.iter().any(|code| PASSING.contains(code)) {
                return Self::Busy;
            }
        }
        Self::from_sdk(error)
    }
}
