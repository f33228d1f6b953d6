//! The shared configuration of the AWS clients.
//!
//! Decides timeouts and retries. Region, credentials and an endpoint of one's
//! own (`AWS_ENDPOINT_URL`) come from the environment the way every AWS client
//! reads it.

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use std::{error::Error, time::Duration};

use crate::error::Cause;

/// The configuration that every client of a function shares.
///
/// The timeouts keep a function that waits for AWS shorter than the patience of
/// whoever called it; three attempts are the SDK's own habit.
pub async fn load() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .load()
        .await
}

/// Whether a refused call may succeed later. What is not an answer of the service at all may.
pub(crate) fn may_pass<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    const FOR_NOW: [&str; 9] = [
        "InternalServiceError",
        "InternalFailure",
        "InternalError",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "RequestThrottled",
        "RequestTimeout",
        "SlowDown",
    ];
    match error {
        SdkError::ServiceError(e) => e.err().code().is_none_or(|code| FOR_NOW.contains(&code)),
        SdkError::ConstructionFailure(_) => false,
        _ => true,
    }
}

/// The cause as text: the SDK's error with everything below it, without the request.
pub(crate) fn cause<E: Error + Send + Sync + 'static, R: std::fmt::Debug + Send + Sync + 'static>(
    error: SdkError<E, R>,
) -> Cause {
    DisplayErrorContext(error).to_string().into()
}
