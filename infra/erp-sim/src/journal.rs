//! The request journal: what was called, when, by whom, and how it ended.
//!
//! It never holds a body or a key. It is bounded; the oldest entries go first.

use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};

/// How many entries are kept.
const KEPT: usize = 200_000;

/// One call.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) endpoint: String,
    pub(crate) company: Option<String>,
    pub(crate) doc_type: Option<String>,
    /// `offset` of list calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<u64>,
    /// `ok`, `opr_code N`, `http N`, `lost`, or `pending` while it runs.
    pub(crate) outcome: String,
    pub(crate) fault: Option<String>,
    /// Real milliseconds that the call waited for the search lock.
    pub(crate) waited_ms: u64,
}

/// All calls.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    next: u64,
}

impl Journal {
    /// Enters a call that begins and gives its number.
    pub(crate) fn open(&mut self, mut entry: Entry) -> u64 {
        self.next += 1;
        entry.seq = self.next;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.next
    }

    /// Says how a call ended.
    pub(crate) fn close(&mut self, seq: u64, outcome: String, fault: Option<String>, waited_ms: u64) {
        let Some(first) = self.entries.front().map(|entry| entry.seq) else {
            return;
        };
        let at = seq.checked_sub(first).and_then(|at| usize::try_from(at).ok());
        if let Some(entry) = at.and_then(|at| self.entries.get_mut(at)) {
            entry.outcome = outcome;
            entry.waited_ms = waited_ms;
            if fault.is_some() {
                entry.fault = fault;
            }
        }
    }

    /// Entries behind a number, filtered.
    pub(crate) fn page(&self, company: Option<&str>, endpoint: Option<&str>, after: u64, limit: usize) -> Vec<&Entry> {
        self.entries
            .iter()
            .filter(|entry| entry.seq > after)
            .filter(|entry| company.is_none_or(|company| entry.company.as_deref() == Some(company)))
            .filter(|entry| endpoint.is_none_or(|endpoint| entry.endpoint == endpoint))
            .take(limit)
            .collect()
    }

    /// Calls per endpoint.
    pub(crate) fn counts(&self, company: Option<&str>) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            if company.is_none_or(|company| entry.company.as_deref() == Some(company)) {
                *counts.entry(entry.endpoint.as_str()).or_default() += 1;
            }
        }
        counts
    }

    /// Forgets everything; numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(endpoint: &str) -> Entry {
        Entry {
            seq: 0,
            at: Timestamp::UNIX_EPOCH,
            endpoint: endpoint.to_owned(),
            company: Some("1".to_owned()),
            doc_type: None,
            offset: None,
            outcome: "pending".to_owned(),
            fault: None,
            waited_ms: 0,
        }
    }

    #[test]
    fn an_entry_is_closed_by_its_number_also_after_the_journal_was_cleared() {
        let mut journal = Journal::default();
        let first = journal.open(entry("search"));
        journal.clear();
        let second = journal.open(entry("report"));
        journal.close(first, "ok".to_owned(), None, 0);
        journal.close(second, "ok".to_owned(), None, 3);
        let page = journal.page(Some("1"), None, 0, 10);
        assert_eq!(page.len(), 1);
        assert_eq!((page[0].outcome.as_str(), page[0].waited_ms), ("ok", 3));
        assert_eq!(journal.counts(None).get("report"), Some(&1));
    }
}
