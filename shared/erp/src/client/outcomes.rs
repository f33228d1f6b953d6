//! What became of the calls of a client, counted for whoever decides whether to go on calling.
//!
//! Decides how a failure counts. Must not decide what follows from the counts.

use std::sync::{Arc, Mutex, PoisonError};

use super::ErpError;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The ERP answered. What it explains itself (a bad value, a wrong key) is an answer.
    Answered,
    /// No answer at all: no connection, or it broke or stayed silent.
    Connect,
    /// Something else than the ERP's API answered.
    Html,
    /// The answer broke off, cannot be read or tells of a fault inside.
    Fault,
    /// The ERP wants fewer calls of this company.
    Quota,
}

impl ErpError {
    /// How the call that failed with this error ended.
    pub fn ended(&self) -> Ended {
        match self {
            // The answer had begun.
            Self::Transport { source, .. } if source.is_body() || source.is_decode() => Ended::Fault,
            Self::Transport { .. } => Ended::Connect,
            Self::Unavailable { .. } => Ended::Html,
            Self::Server { .. } | Self::Malformed { .. } | Self::TooLarge { .. } => Ended::Fault,
            Self::Quota { .. } => Ended::Quota,
            Self::Misconfigured { .. }
            | Self::Auth { .. }
            | Self::IpDenied { .. }
            | Self::Invalid { .. }
            | Self::NotFound { .. }
            | Self::Duplicate { .. }
            | Self::Application { .. }
            | Self::Inconsistent { .. }
            | Self::Refused { .. } => Ended::Answered,
        }
    }
}

/// Calls by how they ended; one that was tried three times is three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Calls that ended.
    pub calls: u32,
    /// Those without any answer.
    pub connect: u32,
    /// Those that something else answered.
    pub html: u32,
    /// Those whose answer was damaged or told of a fault.
    pub fault: u32,
    /// Those that the ERP found too many.
    pub quota: u32,
    /// How many of the last ones ended as `Connect` or `Html`, one after another.
    pub straight: u32,
}

impl Outcomes {
    /// Those that failed. A used-up quota is the company's, not the host's.
    pub const fn failed(&self) -> u32 {
        self.connect.saturating_add(self.html).saturating_add(self.fault)
    }

    fn count(&mut self, ended: Ended) {
        self.calls = self.calls.saturating_add(1);
        let unanswered = matches!(ended, Ended::Connect | Ended::Html);
        self.straight = if unanswered { self.straight.saturating_add(1) } else { 0 };
        let of_kind = match ended {
            Ended::Answered => return,
            Ended::Connect => &mut self.connect,
            Ended::Html => &mut self.html,
            Ended::Fault => &mut self.fault,
            Ended::Quota => &mut self.quota,
        };
        *of_kind = of_kind.saturating_add(1);
    }
}

/// The counts that a client and its clones share.
#[derive(Clone, Debug, Default)]
pub(super) struct Counter(Arc<Mutex<Outcomes>>);

impl Counter {
    pub(super) fn count<T>(&self, result: &Result<T, ErpError>) {
        let ended = result.as_ref().err().map_or(Ended::Answered, ErpError::ended);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count(ended);
    }

    pub(super) fn read(&self) -> Outcomes {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn take(&self) -> Outcomes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
