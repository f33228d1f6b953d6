//! What can go wrong with secrets, queue and files, and whether trying again can help.
//!
//! The errors name services and causes, never a secret, a message body or a tenant.

use std::error::Error;

/// What to do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// The same call may succeed later.
    Retry,
    /// The call will never succeed; whoever asked has to change something.
    Reject,
    /// A mistake of ours: someone has to look at it.
    Bug,
}

/// The cause of an error, as the service's client reported it.
pub type Cause = Box<dyn Error + Send + Sync>;

/// What can go wrong with the secrets of a tenant.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Nothing is saved for the tenant.
    #[error("no credentials are saved for the tenant")]
    NotFound,
    /// The service did not answer, or refused for now.
    #[error("the secret store is not available")]
    Unavailable(#[source] Cause),
    /// The service will not do it, whenever it is asked.
    #[error("the secret store refused the call")]
    Refused(#[source] Cause),
    /// What is saved is not what this program saves. The content is not part of the error.
    #[error("the saved credentials cannot be understood: {0}")]
    Malformed(&'static str),
    /// The file of the local implementation cannot be used.
    #[error("the secrets file {path} cannot be used: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        reason: &'static str,
        /// What the system said.
        #[source]
        cause: Option<std::io::Error>,
    },
}

impl SecretsError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "secrets_missing",
            Self::Unavailable(_) => "secrets_unavailable",
            Self::Refused(_) => "secrets_refused",
            Self::Malformed(_) => "secrets_malformed",
            Self::File { .. } => "secrets_file",
        }
    }

    /// What to do about it.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::NotFound => Disposition::Reject,
            Self::Unavailable(_) => Disposition::Retry,
            Self::Refused(_) | Self::Malformed(_) | Self::File { .. } => Disposition::Bug,
        }
    }
}

/// What can go wrong with the files of tenants.
#[derive(Debug, thiserror::Error)]
pub enum BlobsError {
    /// The service did not answer, or refused for now.
    #[error("the file store is not available")]
    Unavailable(#[source] Cause),
    /// The service will not do it, whenever it is asked.
    #[error("the file store refused the call")]
    Refused(#[source] Cause),
    /// An object is larger than was asked for.
    #[error("the object has more than {limit} bytes")]
    TooLarge {
        /// The most that was asked for.
        limit: usize,
    },
    /// The bytes do not have the hash that they are kept under.
    #[error("the object does not have the bytes that were kept")]
    Damaged,
}

impl BlobsError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "blobs_unavailable",
            Self::Refused(_) => "blobs_refused",
            Self::TooLarge { .. } => "blob_too_large",
            Self::Damaged => "blob_damaged",
        }
    }

    /// What to do about it.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable(_) => Disposition::Retry,
            Self::Refused(_) | Self::TooLarge { .. } | Self::Damaged => Disposition::Bug,
        }
    }
}

/// What can go wrong with the queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The service did not answer, or refused for now.
    #[error("the queue is not available")]
    Unavailable(#[source] Cause),
    /// The service will not do it, whenever it is asked.
    #[error("the queue refused the call")]
    Refused(#[source] Cause),
    /// A message body that is not a work message.
    #[error("the message is not a work message: {0}")]
    Malformed(&'static str),
    /// A longer delay than a queue can keep: long waits are rows, not timers.
    #[error("a message can be delayed by at most 900 s")]
    DelayTooLong,
}

impl QueueError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "queue_unavailable",
            Self::Refused(_) => "queue_refused",
            Self::Malformed(_) => "message_malformed",
            Self::DelayTooLong => "delay_too_long",
        }
    }

    /// What to do about it.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable(_) => Disposition::Retry,
            Self::Refused(_) | Self::Malformed(_) | Self::DelayTooLong => Disposition::Bug,
        }
    }
}
