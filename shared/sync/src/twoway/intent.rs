//! One write to the ERP, with a life of its own.
//!
//! Decides what is sent, how long an answer that was lost stays open, and by
//! which keys the ERP is searched for what was perhaps made. The ERP has no
//! idempotency keys: a create that is sent twice acts twice.

use domain::{ErpId, Fields, Object, RecordId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

use super::entry::Entry;

/// What is written to the ERP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Make it. Sent twice it acts twice.
    Create {
        /// The content.
        fields: Fields,
        /// What it is found again by.
        marker: String,
    },
    /// Set these pieces, by the ERP's names; `None` unsets. Sent twice it is the same, but for an entry of a list that the
    /// ERP does not have: that is added each time.
    Update {
        /// Which record.
        erp_id: ErpId,
        /// The pieces.
        set: BTreeMap<String, Option<Value>>,
    },
    /// Delete it.
    Delete {
        /// Which record.
        erp_id: ErpId,
    },
}

/// A write that may have been sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// What is written.
    pub op: Op,
    /// The how-manieth sending it is, from one.
    pub attempt: u32,
    /// When it was allowed to be sent, by the table's clock.
    pub since: Timestamp,
    /// How often the ERP was searched and did not have it, after the answer's time was up.
    pub absent: u32,
    /// The newest record that the ERP listed before the first sending: whatever was made has a greater id. Zero when it
    /// listed none; none when what was made is not looked for in this way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<ErpId>,
    /// The ERP said that it is done; what it holds is still to be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<ErpId>,
}

/// The waits of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// A send may begin this long after its intent was written, by two clocks.
    pub window: SignedDuration,
    /// What was sent can appear in the ERP for this long.
    pub settle: SignedDuration,
    /// From one search that found nothing to the next.
    pub between_probes: SignedDuration,
    /// Until something that failed is tried again.
    pub retry: SignedDuration,
    /// How often a create is sent at most.
    pub attempts: u32,
    /// How many searches must find nothing before it is sent again.
    pub probes: u32,
}

impl Timing {
    /// The product's waits: 150 s for the writer's time-out, 10 minutes for an ERP that saves late, one minute for
    /// its search, 5 minutes for clocks that differ.
    pub const STANDARD: Self = Self {
        window: SignedDuration::from_secs(10),
        settle: SignedDuration::from_secs(150 + 600 + 60 + 300),
        between_probes: SignedDuration::from_secs(30),
        retry: SignedDuration::from_secs(60),
        attempts: 3,
        probes: 2,
    };
}

/// What a record is found by in the ERP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// The customer's order number.
    BuyerOrder(String),
    /// A product's code.
    Code(String),
    /// A partner's tax number.
    TaxNumber(String),
    /// A partner's e-mail.
    Email(String),
    /// A partner's name.
    Name(String),
    /// Our tag in a document's notes.
    Tag(String),
}

/// How a send ended, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was sent, or the ERP did not execute it (quota, no connection): try again.
    NotSent,
    /// The ERP refused it for what it says.
    Rejected {
        /// The ERP's code.
        code: String,
    },
    /// The ERP refuses everything at present (key, address): not executed.
    NoAccess,
    /// It is done.
    Done {
        /// The record's id.
        erp_id: ErpId,
    },
    /// The ERP has records with this marker already.
    Duplicate {
        /// Which.
        found: Vec<ErpId>,
    },
    /// The answer was lost, or says nothing.
    Unknown,
}

impl Intent {
    /// When what was sent must have appeared.
    pub fn settled_at(&self, timing: &Timing) -> Timestamp {
        self.since.saturating_add(timing.settle).unwrap_or(Timestamp::MAX)
    }

    /// The first sending of `op`.
    pub const fn first(op: Op, now: Timestamp) -> Self {
        Self { op, attempt: 1, since: now, absent: 0, floor: None, done: None }
    }
}

/// Whether a send may begin: within the window after `since` by the wall clock, and within it by a clock that never
/// stops or jumps. Judged immediately before the first byte.
pub fn gate_open(since: Timestamp, wall: Timestamp, elapsed: SignedDuration, timing: &Timing) -> bool {
    let by_wall = wall.duration_since(since);
    by_wall <= timing.window && elapsed <= timing.window && elapsed >= SignedDuration::ZERO
}

/// What marks a record that we make.
pub fn marker_of(id: RecordId, fields: &Fields) -> String {
    let text = |piece: &str| fields.get(piece).and_then(Value::as_str).map(str::to_owned);
    let own = match id.object() {
        Object::Orders => text("buyer_order"),
        Object::Products => text("code"),
        _ => None,
    };
    own.unwrap_or_else(|| {
        let id = id.to_string();
        let hex = id.split_once('_').map_or(id.as_str(), |(_, hex)| hex);
        format!("C-{}", &hex[..hex.len().min(16)])
    })
}

/// The keys that the ERP is searched by for a record, most telling first.
pub fn keys_of(id: RecordId, fields: &Fields) -> Vec<Key> {
    let marker = marker_of(id, fields);
    match id.object() {
        Object::Orders => vec![Key::BuyerOrder(marker)],
        Object::Products => vec![Key::Code(marker)],
        Object::Contacts => contact_keys(fields),
        _ => vec![Key::Tag(marker)],
    }
}

/// The keys that the ERP is searched by for a record as it is now, under way or not: of a contact, what was sent and
/// what the CRM has by now.
pub fn search_keys(entry: &Entry) -> Vec<Key> {
    let Some(Op::Create { fields, .. }) = entry.intent.as_ref().map(|intent| &intent.op) else {
        return keys_of(entry.id, &entry.crm);
    };
    let mut keys = keys_of(entry.id, fields);
    if entry.id.object() == Object::Contacts {
        let later: Vec<Key> = contact_keys(&entry.crm).into_iter().filter(|key| !keys.contains(key)).collect();
        keys.extend(later);
    }
    keys
}

fn contact_keys(fields: &Fields) -> Vec<Key> {
    let mut keys = Vec::new();
    if let Some(tax) = fields.get("tax").and_then(|t| t.get("tax_number")).and_then(Value::as_str) {
        keys.push(Key::TaxNumber(tax.to_owned()));
    }
    for (piece, person) in fields.iter() {
        if piece.starts_with("persons/")
            && let Some(email) = person.get("email").and_then(Value::as_str)
        {
            keys.push(Key::Email(email.to_owned()));
        }
    }
    if let Some(name) = fields.get("name").and_then(Value::as_str) {
        keys.push(Key::Name(name.to_owned()));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_is_let_through_only_within_the_window_of_both_clocks() {
        let since = Timestamp::UNIX_EPOCH;
        let at = |s| since + SignedDuration::from_secs(s);
        let secs = SignedDuration::from_secs;
        let timing = Timing::STANDARD;
        assert!(gate_open(since, at(9), secs(9), &timing));
        assert!(!gate_open(since, at(11), secs(9), &timing), "late by the wall clock");
        assert!(!gate_open(since, at(0), secs(11), &timing), "the wall clock was set back");
        assert!(
            gate_open(since, at(-300), secs(1), &timing),
            "the wall clock is behind, the other one says it is early"
        );
    }
}
