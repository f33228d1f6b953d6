//! A failed piece of work, as the runtime sees it: a code, and what to do about it.

use cloud::{Disposition, QueueError, SecretsError};
use std::fmt::{self, Write};
use store::StoreError;

use crate::auth::EnvelopeError;

/// Why a message or a tick was not handled. Whoever makes it has not logged it: the runtime does, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable code.
    pub code: String,
    /// What to do.
    pub disposition: Disposition,
    /// What happened, for the log: the error and its sources.
    pub message: String,
}

impl Failure {
    /// A failure from an error, its code and its disposition.
    pub fn new(code: impl Into<String>, disposition: Disposition, error: &(dyn std::error::Error + 'static)) -> Self {
        Self { code: code.into(), disposition, message: chain(error) }
    }
}

/// An error with its sources, separated by colons.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {source}");
        next = source.source();
    }
    text
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let disposition = match error.disposition() {
            store::Disposition::Retry => Disposition::Retry,
            store::Disposition::Reject => Disposition::Reject,
            store::Disposition::Bug => Disposition::Bug,
        };
        Self::new(error.code(), disposition, &error)
    }
}

impl From<SecretsError> for Failure {
    fn from(error: SecretsError) -> Self {
        Self::new(error.code(), error.disposition(), &error)
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::new(error.code(), error.disposition(), &error)
    }
}

impl From<EnvelopeError> for Failure {
    fn from(error: EnvelopeError) -> Self {
        match error {
            EnvelopeError::Store(e) => e.into(),
            unknown => Self::new(unknown.code(), Disposition::Reject, &unknown),
        }
    }
}
