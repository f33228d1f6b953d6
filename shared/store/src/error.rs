//! What can go wrong between us and the table, in the few classes that callers act on.
//!
//! Decides how an SDK error is classified. No error holds an item, a key or the
//! service's message: all three may contain personal data.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use thiserror::Error;

/// A failed read or write of the table.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The row was not as the writer had expected it; nothing was written.
    #[error("the row is not as the writer had read it")]
    Conflict,
    /// The lease has passed to another worker; nothing was written.
    #[error("the lease has passed to another worker")]
    Fenced,
    /// Too much load or contention, still so after several tries; nothing was written.
    #[error("the table is busy")]
    Throttled,
    /// No answer, or an answer that leaves open whether the write happened. Read before you write again.
    #[error("the table could not be reached ({0})")]
    Unavailable(&'static str),
    /// A row does not say what it must.
    #[error("a stored {what} could not be read")]
    Corrupt {
        /// Which entity or attribute.
        what: &'static str,
    },
    /// A value that was loaded through one tenant's handle was given to another's.
    #[error("the value belongs to another tenant")]
    WrongTenant,
    /// The item, or all items of a transaction together, are larger than the table takes.
    #[error("too large for the table")]
    TooLarge,
    /// The call itself is wrong, or we may not make it.
    #[error("the table refused the call ({0})")]
    Refused(String),
}

/// What the caller's caller should do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// Try again later, from a fresh reading.
    Retry,
    /// The request cannot be done as it was asked.
    Reject,
    /// A defect of ours, or of the set-up.
    Bug,
}

impl StoreError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Fenced => "fenced",
            Self::Throttled => "throttled",
            Self::Unavailable(_) => "unavailable",
            Self::Corrupt { .. } => "corrupt",
            Self::WrongTenant => "wrong_tenant",
            Self::TooLarge => "too_large",
            Self::Refused(_) => "refused",
        }
    }

    /// What to do about it.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Conflict | Self::Fenced | Self::Throttled | Self::Unavailable(_) => Disposition::Retry,
            Self::TooLarge => Disposition::Reject,
            Self::Corrupt { .. } | Self::WrongTenant | Self::Refused(_) => Disposition::Bug,
        }
    }
}

/// The class of an error of the SDK, conditions and cancelled transactions aside.
pub(crate) fn classify<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> StoreError {
    match error {
        SdkError::TimeoutError(_) => StoreError::Unavailable("timeout"),
        SdkError::DispatchFailure(_) => StoreError::Unavailable("connection"),
        SdkError::ResponseError(_) => StoreError::Unavailable("unreadable answer"),
        SdkError::ServiceError(e) => classify_code(e.err().code(), e.err().message()),
        _ => StoreError::Refused("request".to_owned()),
    }
}

/// Whether another row's transaction stood in the way, so that trying again is safe and likely to work.
pub(crate) fn is_contention<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let SdkError::ServiceError(e) = error else {
        return false;
    };
    matches!(e.err().code(), Some("TransactionConflictException" | "TransactionInProgressException"))
}

fn classify_code(code: Option<&str>, message: Option<&str>) -> StoreError {
    match code.unwrap_or_default() {
        "ConditionalCheckFailedException" => StoreError::Conflict,
        "ThrottlingException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "TransactionConflictException"
        | "TransactionInProgressException"
        | "ReplicatedWriteConflictException" => StoreError::Throttled,
        "InternalServerError" | "InternalFailure" | "ServiceUnavailable" => StoreError::Unavailable("service"),
        "ItemCollectionSizeLimitExceededException" => StoreError::TooLarge,
        "ValidationException" if message.is_some_and(|m| m.contains("size") && m.contains("exceeded")) => {
            StoreError::TooLarge
        }
        "" => StoreError::Unavailable("answer without a code"),
        code => StoreError::Refused(code.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_code_has_its_class() {
        for (code, message, class) in [
            ("ConditionalCheckFailedException", "", "conflict"),
            ("ThrottlingException", "", "throttled"),
            ("ProvisionedThroughputExceededException", "", "throttled"),
            ("TransactionConflictException", "", "throttled"),
            ("InternalServerError", "", "unavailable"),
            ("", "", "unavailable"),
            ("ValidationException", "Item size has exceeded the maximum allowed size", "too_large"),
            ("ValidationException", "Invalid UpdateExpression", "refused"),
            ("AccessDeniedException", "", "refused"),
            ("ResourceNotFoundException", "", "refused"),
        ] {
            assert_eq!(classify_code(Some(code), Some(message)).code(), class, "{code}");
        }
    }

    #[test]
    fn only_what_may_pass_by_itself_is_retried() {
        assert_eq!(StoreError::Throttled.disposition(), Disposition::Retry);
        assert_eq!(StoreError::TooLarge.disposition(), Disposition::Reject);
        assert_eq!(StoreError::WrongTenant.disposition(), Disposition::Bug);
    }
}
