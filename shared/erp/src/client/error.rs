//! What can go wrong with a call, and whether it may have had an effect.

use domain::ErpId;
use thiserror::Error;

use crate::Malformed;

/// Whether a failed call may have changed something in the ERP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Certainly not.
    NotExecuted,
    /// Perhaps: look it up before doing it again.
    Unknown,
}

/// A call that failed. `call` is the last part of its path; texts of the ERP are free of markup and cut.
#[derive(Debug, Error)]
pub enum ErpError {
    /// The connection failed, or the answer did not come in time.
    #[error("{call}: the connection to the ERP failed {}", if *sent { "after the request was sent" } else { "before the request was sent" })]
    Transport {
        /// The call.
        call: &'static str,
        /// Whether any of the request may have reached the ERP.
        sent: bool,
        /// What the connection says.
        #[source]
        source: reqwest::Error,
    },
    /// Something else than the ERP's API answered: a maintenance page, a login page, a gateway.
    #[error("{call}: the ERP is not available (HTTP {status}, {what})")]
    Unavailable {
        /// The call.
        call: &'static str,
        /// The HTTP status.
        status: u16,
        /// What came instead of an answer.
        what: &'static str,
    },
    /// There is no such call at this address.
    #[error("{call}: the ERP has no such call at this address (HTTP {status})")]
    Misconfigured {
        /// The call.
        call: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// Company and key do not belong together (code 3).
    #[error("{call}: the ERP refuses the key: {text}")]
    Auth {
        /// The call.
        call: &'static str,
        /// What the ERP says.
        text: String,
    },
    /// The company allows calls from other addresses only (code 4).
    #[error("{call}: the ERP refuses our network address: {text}")]
    IpDenied {
        /// The call.
        call: &'static str,
        /// What the ERP says.
        text: String,
    },
    /// Too many calls (code 5).
    #[error("{call}: the ERP wants fewer calls: {text}")]
    Quota {
        /// The call.
        call: &'static str,
        /// What the ERP says.
        text: String,
    },
    /// The request is wrong (code 2).
    #[error("{call}: the ERP refuses the request: {text}")]
    Invalid {
        /// The call.
        call: &'static str,
        /// What the ERP says.
        text: String,
    },
    /// What the request names is not there.
    #[error("{call}: not found in the ERP: {text}")]
    NotFound {
        /// The call.
        call: &'static str,
        /// What the ERP says.
        text: String,
    },
    /// A document with the same customer order number is there (code 6, application code 7).
    #[error("{call}: the ERP has {} document(s) with this customer order number", existing.len())]
    Duplicate {
        /// The call.
        call: &'static str,
        /// The documents that are there.
        existing: Vec<ErpId>,
    },
    /// The ERP refuses for reasons of its own (code 6 and its like).
    #[error("{call}: the ERP refuses with code {erp_code}: {text}")]
    Application {
        /// The call.
        call: &'static str,
        /// The ERP's code.
        erp_code: String,
        /// What the ERP says.
        text: String,
    },
    /// The ERP failed within (code 1), or with a code that nobody knows.
    #[error("{call}: the ERP failed with code {erp_code}: {text}")]
    Server {
        /// The call.
        call: &'static str,
        /// The ERP's code.
        erp_code: String,
        /// What the ERP says.
        text: String,
    },
    /// The answer is not JSON, or only a part of it.
    #[error("{call}: the answer of the ERP is damaged")]
    Malformed {
        /// The call.
        call: &'static str,
        /// Where and how.
        #[source]
        source: Box<Malformed>,
    },
    /// The answer is JSON and contradicts itself or lacks what it must have.
    #[error("{call}: the answer of the ERP contradicts itself: {what}")]
    Inconsistent {
        /// The call.
        call: &'static str,
        /// What does not fit.
        what: &'static str,
    },
    /// The answer is larger than any answer should be.
    #[error("{call}: the answer of the ERP is larger than {limit} bytes")]
    TooLarge {
        /// The call.
        call: &'static str,
        /// The most that is read.
        limit: usize,
    },
    /// The record in the answer does not fit our own type.
    #[error("{call}: the record from the ERP cannot be used")]
    Refused {
        /// The call.
        call: &'static str,
        /// Where and why.
        #[source]
        source: crate::Refusal,
    },
}

impl ErpError {
    /// A stable code; the product's catalogue of codes has a text for each.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Transport { .. } => "erp_unreachable",
            Self::Unavailable { .. } => "erp_unavailable",
            Self::Misconfigured { .. } => "erp_misconfigured",
            Self::Auth { .. } => "credentials_invalid",
            Self::IpDenied { .. } => "erp_ip_denied",
            Self::Quota { .. } => "erp_quota",
            Self::Invalid { .. } => "erp_request_invalid",
            Self::NotFound { .. } => "erp_not_found",
            Self::Duplicate { .. } => "erp_duplicate",
            Self::Application { .. } => "erp_refused",
            Self::Server { .. } => "erp_failed",
            Self::Malformed { .. } => "erp_malformed",
            Self::Inconsistent { .. } => "erp_inconsistent",
            Self::TooLarge { .. } => "erp_too_large",
            Self::Refused { .. } => "erp_record_unusable",
        }
    }

    /// The ERP's own code and text, where it answered with them.
    pub fn said(&self) -> Option<(&str, &str)> {
        match self {
            Self::Auth { text, .. } => Some(("3", text)),
            Self::IpDenied { text, .. } => Some(("4", text)),
            Self::Quota { text, .. } => Some(("5", text)),
            Self::Invalid { text, .. } | Self::NotFound { text, .. } => Some(("2", text)),
            Self::Application { erp_code, text, .. } | Self::Server { erp_code, text, .. } => Some((erp_code, text)),
            _ => None,
        }
    }

    /// Whether a write that failed this way may have been executed.
    pub const fn effect(&self) -> Effect {
        match self {
            Self::Transport { sent: false, .. }
            | Self::Misconfigured { .. }
            | Self::Auth { .. }
            | Self::IpDenied { .. }
            | Self::Quota { .. }
            | Self::Invalid { .. }
            | Self::NotFound { .. }
            | Self::Duplicate { .. }
            | Self::Application { .. } => Effect::NotExecuted,
            Self::Transport { sent: true, .. }
            | Self::Unavailable { .. }
            | Self::Server { .. }
            | Self::Malformed { .. }
            | Self::Inconsistent { .. }
            | Self::TooLarge { .. }
            | Self::Refused { .. } => Effect::Unknown,
        }
    }

    /// Whether the same read may succeed a little later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Transport { .. } | Self::Unavailable { .. } | Self::Quota { .. } => true,
            // A page that was cut off; other damage would come again.
            Self::Malformed { source, .. } => source.reason == crate::Reason::Ended,
            _ => false,
        }
    }

    /// The same without `secret`, which the ERP may repeat in its texts.
    #[must_use]
    pub(super) fn without(mut self, secret: &str) -> Self {
        match &mut self {
            Self::Auth { text, .. }
            | Self::IpDenied { text, .. }
            | Self::Quota { text, .. }
            | Self::Invalid { text, .. }
            | Self::NotFound { text, .. }
            | Self::Application { text, .. }
            | Self::Server { text, .. }
                if !secret.is_empty() =>
            {
                *text = text.replace(secret, "***");
            }
            _ => {}
        }
        self
    }
}
