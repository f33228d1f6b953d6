//! What an answer to a request makes of the record.
//!
//! Decides which edits an answer acknowledges: those that were in the request. An answer that is older than what the
//! feed has told acknowledges nothing; sending the same again changes nothing there, and its answer is newer.

use super::{Ask, Asked, CrmRecord, Debt, Life, Shot, set};
use crate::wire::{Answer, Problem};

/// How often a revision that the product does not take is looked up before the record is left to a person.
const LOOKS: u32 = 3;

/// An answer that is older than what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outdated;

impl CrmRecord {
    /// The product's whole record, after a put or when it was looked up.
    pub(crate) fn taken(&mut self, shot: &Shot, answer: Answer) -> Result<(), Outdated> {
        if answer.revision < self.told {
            return Err(Outdated);
        }
        if let Ask::Put(Asked { put, .. }) = &shot.ask {
            self.edits.retain(|_, edited| *edited > shot.counter);
            self.owes.remove(&Debt::Create);
            if put.record.is_some() {
                self.owes.remove(&Debt::Link);
                self.linking = None;
            }
        }
        self.owes.remove(&Debt::Look);
        self.base = answer.fields;
        self.revision = Some(answer.revision);
        self.told = answer.revision;
        self.align();
        self.record = Some(answer.record);
        self.erp_id = answer.erp_id.or_else(|| self.erp_id.take());
        if answer.sync.as_deref() == Some("archived") && self.life == Life::Live {
            self.life = Life::Archived;
        }
        (self.sync, self.hold, self.conflicts) = (answer.sync, answer.hold, answer.conflicts);
        self.known();
        Ok(())
    }

    /// One item of a bulk answer: it names the revision and not the content. The feed brings that, our own part
    /// included; until then the next request is made on what was known before.
    pub(crate) fn acknowledged(
        &mut self,
        shot: &Shot,
        created: bool,
        revision: Option<u64>,
        record: Option<String>,
    ) -> Result<(), Outdated> {
        let revision = revision.filter(|r| *r >= self.told && !self.lags()).ok_or(Outdated)?;
        let Ask::Put(Asked { put, .. }) = &shot.ask else { return Err(Outdated) };
        if self.revision.is_none() {
            if !created {
                return Err(Outdated);
            }
            self.base.clone_from(&put.fields);
            self.revision = Some(revision);
        }
        self.acked = self.acked.max(revision);
        self.edits.retain(|_, edited| *edited > shot.counter);
        self.owes.remove(&Debt::Create);
        if put.record.is_some() {
            self.owes.remove(&Debt::Link);
            self.linking = None;
            self.linked_at = revision;
        }
        self.record = record.or_else(|| self.record.take());
        self.align();
        self.known();
        Ok(())
    }

    /// The product knows that it is deleted, or never knew it. What the feed tells of the time before is not heard
    /// any more, so the ids are taken from here.
    pub(crate) fn deleted_there(&mut self, revision: Option<u64>, record: Option<String>, erp_id: Option<String>) {
        self.owes.remove(&Debt::Delete);
        self.told = self.told.max(revision.unwrap_or(0));
        self.record = record.or_else(|| self.record.take());
        self.erp_id = erp_id.or_else(|| self.erp_id.take());
        self.known();
    }

    /// The product does not take it. An edit that was made meanwhile may be taken, so it is sent all the same.
    pub(crate) fn refused(&mut self, shot: &Shot, problem: Problem) {
        self.unknown = None;
        let is_put = matches!(shot.ask, Ask::Put(_));
        let is_unknown_there = self.owes.contains(&Debt::Create) || self.owes.contains(&Debt::Link);
        if is_put && is_unknown_there && self.life == Life::Deleted {
            // It is not there as ours, and is not to be.
            self.owes.clear();
        } else if matches!(problem.code.as_str(), "version_mismatch" | "revision_too_old") && self.looks < LOOKS {
            self.looks += 1;
            self.owes.insert(Debt::Look);
        } else if self.counter == shot.counter || (is_put && self.owes.contains(&Debt::Link)) {
            self.owes.remove(&Debt::Look);
            self.problem = Some(problem);
        }
    }

    /// Pieces without an edit of ours take the form in which the product has them, as soon as the feed has told all
    /// that was acknowledged.
    pub(super) fn align(&mut self) {
        if self.revision.is_none() || self.lags() || self.told < self.acked {
            return;
        }
        let own = std::mem::replace(&mut self.fields, self.base.clone());
        for piece in self.edits.keys() {
            set(&mut self.fields, piece, own.get(piece));
        }
    }

    /// Nothing is left that is not known about the last request.
    pub(super) fn known(&mut self) {
        self.unknown = None;
        self.problem = None;
        self.sent = false;
        self.alone = false;
        self.tries = 0;
        if self.edits.is_empty() {
            self.looks = 0;
        }
        self.not_before = None;
    }
}
