//! One record of the CRM: what its people see, what the product was last known to have, and what it still has to be told.
//!
//! Decides what is sent for a record. An edit is counted, not flagged: what was made while a push was under way stays
//! to be pushed. Must not send anything, and must not know other records.

mod answered;
mod told;

pub(crate) use answered::Outdated;

use crate::wire::{Object, Pieces, Problem, Put};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// People work with it.
    Live,
    /// The ERP does not have it for now.
    Missing,
    /// The ERP deleted it.
    Archived,
    /// The CRM deleted it.
    Deleted,
}

/// What the product has to be told or asked besides edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Debt {
    /// That there is this record.
    Create,
    /// Which record of the product it is.
    Link,
    /// That it is deleted.
    Delete,
    /// What it has: our own picture of that is too old.
    Look,
}

/// A record of the CRM.
#[derive(Clone, Debug)]
pub struct CrmRecord {
    /// The CRM's id of it.
    pub crm_id: String,
    /// What it is.
    pub object: Object,
    /// Its content, as people see it.
    pub fields: Pieces,
    /// The revision that the next edit is made on: the last that the product is wholly known at.
    pub revision: Option<u64>,
    /// The product's id of it.
    pub record: Option<String>,
    /// The ERP's id of it.
    pub erp_id: Option<String>,
    /// What became of it.
    pub life: Life,
    /// How both sides stood at the last answer, in the product's words.
    pub sync: Option<String>,
    /// Why it waits for a person, in the product's words.
    pub hold: Option<Value>,
    /// Pieces that a person must settle, in the product's words.
    pub conflicts: Option<Value>,
    /// Why the product refused it. Nothing more is sent until somebody edits it or asks for another try.
    pub problem: Option<Problem>,
    /// Why the last request has no known outcome.
    pub unknown: Option<String>,
    /// What the product has at `revision`.
    base: Pieces,
    /// The highest revision that was met, in the feed or in an answer.
    told: u64,
    /// The revision up to which the feed may tell what we sent ourselves: a bulk answer named it without the content.
    acked: u64,
    /// Pieces that the product does not have from us yet, with the number of their last edit.
    edits: BTreeMap<String, u64>,
    counter: u64,
    owes: BTreeSet<Debt>,
    edited_at: Option<Timestamp>,
    /// What the link is told with, and the revision of that. Sent again it must be the same, whatever came since.
    linking: Option<(Pieces, Option<u64>)>,
    /// The revision at which a copy became one with the product's record, when that was not answered with the whole
    /// record. No edit can be based on an earlier one: what the feed told before is not what the product takes us to
    /// have seen.
    linked_at: u64,
    /// A create may have arrived although its answer did not.
    sent: bool,
    /// It is not sent together with others: the answer to that said too little.
    alone: bool,
    tries: u32,
    /// How often the product did not know the revision, since it last took everything.
    looks: u32,
    not_before: Option<Instant>,
}

/// One request about one record, as of a moment.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    pub(crate) object: Object,
    pub(crate) crm_id: String,
    /// The number of the last edit that is in it.
    pub(crate) counter: u64,
    pub(crate) ask: Ask,
    /// Its answer must show the whole record.
    pub(crate) alone: bool,
}

/// What is asked of the product.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Put(Asked),
    Delete,
    Look,
}

/// A value, and the revision that it was made on.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) put: Put,
    pub(crate) revision: Option<u64>,
}

impl CrmRecord {
    /// A record that nobody outside knows yet.
    pub(crate) fn new(object: Object, crm_id: String) -> Self {
        Self {
            crm_id,
            object,
            fields: Pieces::new(),
            revision: None,
            record: None,
            erp_id: None,
            life: Life::Live,
            sync: None,
            hold: None,
            conflicts: None,
            problem: None,
            unknown: None,
            base: Pieces::new(),
            told: 0,
            acked: 0,
            edits: BTreeMap::new(),
            counter: 0,
            owes: BTreeSet::new(),
            edited_at: None,
            linking: None,
            linked_at: 0,
            sent: false,
            alone: false,
            tries: 0,
            looks: 0,
            not_before: None,
        }
    }

    /// A record that somebody makes in the CRM.
    pub(crate) fn made(object: Object, crm_id: String, fields: Pieces, now: Timestamp) -> Self {
        let mut record = Self::new(object, crm_id);
        record.owes.insert(Debt::Create);
        record.edit(fields, now);
        record
    }

    /// Somebody sets these pieces; `null` unsets one.
    pub(crate) fn edit(&mut self, pieces: Pieces, now: Timestamp) {
        self.counter += 1;
        for (piece, value) in pieces {
            let value = Some(value).filter(|v| !v.is_null());
            if self.fields.get(&piece) != value.as_ref() {
                set(&mut self.fields, &piece, value.as_ref());
                self.edits.insert(piece, self.counter);
            }
        }
        self.edited_at = Some(now);
        self.try_again();
    }

    /// Somebody deletes it.
    pub(crate) fn delete(&mut self) {
        self.counter += 1;
        self.life = Life::Deleted;
        self.edits.clear();
        self.owes.remove(&Debt::Look);
        if self.owes.contains(&Debt::Create) && !self.sent {
            self.owes.clear();
        } else {
            self.owes.insert(Debt::Delete);
        }
        self.try_again();
    }

    /// What was refused is sent again.
    pub(crate) fn try_again(&mut self) {
        self.problem = None;
        self.tries = 0;
        self.not_before = None;
    }

    /// The product is asked for the whole record.
    pub(crate) fn look(&mut self) {
        self.owes.insert(Debt::Look);
    }

    /// It is the product's record of that id, and the product is to be told so.
    pub(crate) fn link(&mut self) {
        self.owes.insert(Debt::Link);
    }

    /// Whether it was only taken over from the feed: nobody edited it, and the product does not know it as ours.
    pub(crate) fn is_mere_copy(&self) -> bool {
        self.owes.contains(&Debt::Link) && self.edits.is_empty() && self.life != Life::Deleted
    }

    /// Whether the product has still to be told or asked something.
    pub fn is_dirty(&self) -> bool {
        !self.edits.is_empty() || !self.owes.is_empty()
    }

    /// Whether something is left to be sent.
    pub fn is_waiting(&self) -> bool {
        self.is_dirty() && self.problem.is_none()
    }

    /// The pieces that the product does not have from us yet.
    pub fn dirty_pieces(&self) -> impl Iterator<Item = &str> {
        self.edits.keys().map(String::as_str)
    }

    /// When something is to be sent; `None` when nothing is.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        self.is_waiting().then(|| self.not_before.unwrap_or(now))
    }

    /// Whether `revision` is older than what was met: a piece with an edit of ours was changed by the ERP meanwhile.
    fn lags(&self) -> bool {
        self.revision.is_some_and(|revision| revision < self.told)
    }

    /// The next request. A record whose making has no known outcome is put before it is deleted, and a copy is linked
    /// before: a deletion of what the product does not know would end nothing.
    pub(crate) fn shot(&mut self) -> Shot {
        let unanswered = self.owes.contains(&Debt::Create) && self.sent;
        let looks = self.owes.contains(&Debt::Look) || self.revision.unwrap_or(0) < self.linked_at;
        let alone = unanswered || looks || self.alone || self.lags();
        let mut counter = self.counter;
        let ask = if looks {
            Ask::Look
        } else if self.owes.contains(&Debt::Link) {
            // Without edits: two records that become one have no base, so an edit could not be told from the rest.
            counter = 0;
            Ask::Put(self.link_request())
        } else if self.owes.contains(&Debt::Delete) && !unanswered {
            Ask::Delete
        } else {
            let put = Put { fields: self.whole(), record: None, edited_at: self.edited_at };
            Ask::Put(Asked { put, revision: self.revision })
        };
        self.sent |= self.owes.contains(&Debt::Create);
        Shot { object: self.object, crm_id: self.crm_id.clone(), counter, ask, alone }
    }

    fn link_request(&mut self) -> Asked {
        let told = || {
            if self.revision.is_some() {
                return self.base.clone();
            }
            let told = self.fields.iter().filter(|(piece, _)| !self.edits.contains_key(*piece));
            told.map(|(piece, value)| (piece.clone(), value.clone())).collect()
        };
        let linking = self.linking.take().unwrap_or_else(|| (told(), self.revision));
        let (fields, revision) = self.linking.insert(linking).clone();
        Asked { put: Put { fields, record: self.record.clone(), edited_at: None }, revision }
    }

    /// The whole value that is sent: what the product has at `revision`, and the edits since. Not what people see: a
    /// later value of the ERP that they see already would look like an edit.
    fn whole(&self) -> Pieces {
        if self.revision.is_none() {
            return self.fields.clone();
        }
        let mut whole = self.base.clone();
        for piece in self.edits.keys() {
            set(&mut whole, piece, self.fields.get(piece));
        }
        whole
    }

    /// The outcome of a request is not known: it is sent again later.
    pub(crate) fn unknown(&mut self, why: &str, now: Instant, first: Duration, most: Duration) {
        self.unknown = Some(why.to_owned());
        self.not_before = Some(now + first.saturating_mul(1 << self.tries.min(16)).min(most));
        self.tries += 1;
    }

    /// It is sent alone next time.
    pub(crate) fn part(&mut self) {
        self.alone = true;
    }

    /// The record as the control plane shows it.
    pub(crate) fn view(&self) -> Value {
        json!({
            "crm_id": self.crm_id, "object": self.object, "fields": self.fields, "revision": self.revision,
            "record": self.record, "erp_id": self.erp_id, "life": self.life, "dirty": self.is_dirty(),
            "dirty_pieces": self.edits.keys().collect::<Vec<_>>(), "sync": self.sync, "hold": self.hold,
            "conflicts": self.conflicts, "problem": self.problem, "unknown": self.unknown, "told": self.told,
        })
    }
}

/// Sets a piece, or unsets it.
fn set(pieces: &mut Pieces, piece: &str, value: Option<&Value>) {
    match value {
        Some(value) => {
            pieces.insert(piece.to_owned(), value.clone());
        }
        None => {
            pieces.remove(piece);
        }
    }
}
