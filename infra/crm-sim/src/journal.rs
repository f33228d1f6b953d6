//! The journal: everything that the CRM sent and what it was told, and how often.
//!
//! It is bounded; the oldest entries go first. It never holds a token. A look at the feed that found nothing is
//! counted and not entered.

use crate::wire::Object;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// How many entries are kept.
const KEPT: usize = 5_000;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// A record was put.
    Put,
    /// A record was deleted.
    Delete,
    /// A record was asked for.
    Get,
    /// Many were put or deleted.
    Bulk,
    /// The feed was asked.
    Changes,
    /// A change of the feed was taken.
    Told,
    /// A change of the feed was known already, or was about nothing that the CRM has.
    Known,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) what: What,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<Object>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crm_id: Option<String>,
    /// What was sent, or the change that was told.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) body: Value,
    /// How it ended, in words: `taken at 3`, `refused: 409 link_taken`, `unknown: timed out`.
    pub(crate) outcome: String,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    next: u64,
    counts: BTreeMap<What, u64>,
}

impl Journal {
    /// Enters what happened, under the next number.
    pub(crate) fn enter(&mut self, mut entry: Entry) {
        self.count(entry.what);
        self.next += 1;
        entry.seq = self.next;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Counts what is not worth an entry.
    pub(crate) fn count(&mut self, what: What) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Entries behind a number, of one record if it is named.
    pub(crate) fn page(&self, after: u64, crm_id: Option<&str>, limit: usize) -> Vec<&Entry> {
        let entries = self.entries.iter().filter(|entry| entry.seq > after);
        entries.filter(|entry| crm_id.is_none_or(|id| entry.crm_id.as_deref() == Some(id))).take(limit).collect()
    }

    /// How often each thing happened since the start.
    pub(crate) fn counts(&self) -> BTreeMap<What, u64> {
        self.counts.clone()
    }

    /// Forgets the entries; numbers and counts go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_go_first_and_counts_stay() {
        let mut journal = Journal::default();
        for _ in 0..KEPT + 2 {
            journal.enter(Entry {
                seq: 0,
                at: Timestamp::UNIX_EPOCH,
                what: What::Put,
                object: None,
                crm_id: None,
                body: Value::Null,
                outcome: String::new(),
            });
        }
        assert_eq!(journal.page(0, None, 1).first().map(|entry| entry.seq), Some(3));
        assert_eq!(journal.page(0, None, usize::MAX).len(), KEPT);
        assert_eq!(journal.counts()[&What::Put], KEPT as u64 + 2);
    }
}
