//! One action on a document of the ERP, with a life of its own, done once.
//!
//! Decides when it is sent, what a lost answer turned out to be, and when a
//! person has to look. The ERP has no idempotency keys: what is sent twice acts
//! twice. Does no I/O: `app` carries the effects out.

mod act;
mod judge;
#[cfg(test)]
mod tests;

pub use act::{Act, Effect, Ended, Input};
pub use judge::{ComplaintSeen, FileContent, FileSeen, Seen, View, new_files};

use domain::action::{Acted, ActionEnd, Deed};
use domain::{ActionId, DocumentKind, ErpId, Payment, RecordId, Text};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::twoway::Timing;

/// So long an action is tried without being sent, and so long a lost answer is looked for. Then a person decides.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// An action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its id.
    pub id: ActionId,
    /// The document's record.
    pub document: RecordId,
    /// The document's kind.
    pub kind: DocumentKind,
    /// The document's id in the ERP.
    pub erp_id: ErpId,
    /// What is to be done.
    pub deed: Deed,
    /// Who asked for it.
    pub by: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// How far it is.
    pub stage: Stage,
    /// What the ERP had before it was first sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// When to look at it again; none when it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Grows by one with every write.
    #[serde(default)]
    pub version: u64,
}

/// How far an action is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// It was not sent.
    Planned,
    /// It may have been sent.
    Sending {
        /// The how-manieth sending it is, from one.
        attempt: u32,
        /// When it was allowed to be sent, by the table's clock.
        since: Timestamp,
        /// How often a look found nothing after the answer's time was up.
        absent: u32,
        /// How often a look said nothing.
        unclear: u32,
    },
    /// It is done.
    Done {
        /// How that is known.
        how: How,
        /// What the ERP made of it: an order, a complaint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        made: Option<ErpId>,
    },
    /// It was refused; nothing was done.
    Rejected {
        /// A stable code.
        code: String,
    },
    /// A person has to look.
    Person {
        /// Why.
        why: Why,
    },
}

/// How it is known that an action is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The ERP said so.
    Answered,
    /// A look found it after an answer was lost.
    Found,
    /// It was so before anything was sent.
    Already,
}

/// Why a person has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The ERP could not be reached for a day; nothing was sent.
    NeverSent,
    /// The ERP does not say for a day whether it was done.
    CannotTell,
    /// What is there may be ours or somebody else's.
    Ambiguous,
    /// Somebody changed the same thing meanwhile.
    Changed,
    /// The document is gone.
    Gone,
    /// It was sent as often as it may be, and is not there.
    GivenUp,
}

impl Why {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NeverSent => "never_sent",
            Self::CannotTell => "effect_unknown",
            Self::Ambiguous => "effect_ambiguous",
            Self::Changed => "changed_meanwhile",
            Self::Gone => "document_gone",
            Self::GivenUp => "given_up",
        }
    }
}

/// What the ERP had before the first sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Baseline {
    /// What was paid.
    Payments {
        /// The sum.
        #[serde(default, with = "domain::value::decimal_text_option", skip_serializing_if = "Option::is_none")]
        paid: Option<Decimal>,
        /// The payments.
        payments: Vec<Payment>,
    },
    /// The status.
    Status {
        /// Its key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Text>,
    },
    /// The addresses of the files.
    Files {
        /// All of them.
        urls: Vec<String>,
    },
    /// The newest complaints.
    Complaints {
        /// Their ids.
        newest: Vec<ErpId>,
    },
    /// Nothing was there that is found by the same key.
    Nothing,
}

impl Action {
    /// A new one, due at once.
    pub const fn planned(
        id: ActionId,
        document: RecordId,
        (kind, erp_id): (DocumentKind, ErpId),
        deed: Deed,
        by: String,
        at: Timestamp,
    ) -> Self {
        let due = Some(at);
        Self { id, document, kind, erp_id, deed, by, at, stage: Stage::Planned, baseline: None, due, version: 0 }
    }

    /// Whether nothing more will happen to it.
    pub const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Done { .. } | Stage::Rejected { .. } | Stage::Person { .. })
    }

    /// Whether it may be under way in the ERP.
    pub const fn is_sending(&self) -> bool {
        matches!(self.stage, Stage::Sending { .. })
    }

    /// When what was sent must have appeared.
    pub fn settled_at(&self, timing: &Timing) -> Option<Timestamp> {
        match self.stage {
            Stage::Sending { since, .. } => Some(since.saturating_add(timing.settle).unwrap_or(Timestamp::MAX)),
            _ => None,
        }
    }

    /// The customer's number of the order that this makes.
    pub fn buyer_order(&self) -> Option<String> {
        match &self.deed {
            Deed::OrderFromOffer { buyer_order: Some(order) } => Some(order.as_str().to_owned()),
            Deed::OrderFromOffer { buyer_order: None } => Some(domain::action::tag(self.id)),
            _ => None,
        }
    }

    /// How it ended, for history and feed. `made` is the record of what it made.
    pub fn acted(&self, made: Option<RecordId>) -> Option<Acted> {
        let (ended, code) = match &self.stage {
            Stage::Planned | Stage::Sending { .. } => return None,
            Stage::Done { .. } => (ActionEnd::Done, None),
            Stage::Rejected { code } => (ActionEnd::Rejected, Some(code.clone())),
            Stage::Person { why } => (ActionEnd::NeedsPerson, Some(why.code().to_owned())),
        };
        Some(Acted { id: self.id, deed: self.deed.clone(), ended, code, made })
    }
}
