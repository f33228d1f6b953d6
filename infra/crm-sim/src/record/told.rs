//! What a change of the feed makes of the record.
//!
//! Decides piece by piece. Where people have an edit that the product does not have yet, theirs stays, and the
//! revision that it was made on stays with it: so the product sees that both sides changed the piece, and its rule
//! decides. A change that is known already changes nothing, however often it comes.

use super::{CrmRecord, Debt, Life, set};
use crate::wire::{Change, Kind, Side};

impl CrmRecord {
    /// Takes a change; whether it was news. `is_ours` says that it came from a request of this CRM.
    pub(crate) fn hear(&mut self, change: &Change, is_ours: bool) -> bool {
        if change.crm_id.as_ref() == Some(&self.crm_id) {
            if self.owes.remove(&Debt::Link) {
                self.linked_at = change.revision;
            }
            self.linking = None;
        }
        if change.revision <= self.told {
            return false;
        }
        let lagged = self.lags();
        self.told = change.revision;
        self.record = Some(change.record.clone());
        if change.erp_id.is_some() {
            self.erp_id.clone_from(&change.erp_id);
        }
        self.hear_life(change, is_ours);
        let is_whole = change.kind == Kind::Added && self.revision.is_none();
        if is_whole && change.from == Side::Crm {
            self.owes.remove(&Debt::Create);
            self.sent = false;
        }
        let clashes = self.hear_pieces(change, is_ours);
        let is_apart = lagged || (clashes && change.from == Side::Erp);
        if !is_apart && (self.revision.is_some() || is_whole) {
            for (piece, field) in &change.fields {
                set(&mut self.base, piece, field.after.as_ref());
            }
            self.revision = self.revision.max(Some(change.revision));
        }
        // The product has judged an edit of ours since: the next is made on what came of it.
        let was_judged = clashes && change.from == Side::Crm;
        if self.lags() && (self.edits.is_empty() || was_judged) && self.life != Life::Deleted {
            self.owes.insert(Debt::Look);
        }
        self.align();
        if !self.is_dirty() {
            self.known();
        }
        true
    }

    /// Takes the pieces that no edit of ours stands against; whether one does.
    fn hear_pieces(&mut self, change: &Change, is_ours: bool) -> bool {
        // A request of ours that arrived late, after a newer one was answered: what people see is the newer one.
        let is_late = change.from == Side::Crm && is_ours && change.revision > self.acked;
        let stands = is_late && self.revision.is_some() && self.life != Life::Deleted;
        let mut clashes = false;
        for (piece, field) in &change.fields {
            if self.fields.get(piece) == field.after.as_ref() {
                // What both sides have alike is no edit any more.
                self.edits.remove(piece);
            } else if self.edits.contains_key(piece) {
                clashes = true;
            } else if stands {
                self.counter += 1;
                self.edits.insert(piece.clone(), self.counter);
                clashes = true;
            } else {
                set(&mut self.fields, piece, field.after.as_ref());
            }
        }
        clashes
    }

    fn hear_life(&mut self, change: &Change, is_ours: bool) {
        self.life = match (change.kind, change.from) {
            (Kind::Deleted, Side::Erp) if self.life != Life::Deleted => Life::Archived,
            (Kind::Deleted, Side::Crm) if !is_ours => Life::Deleted,
            (Kind::Missing, _) if self.life == Life::Live => Life::Missing,
            (Kind::Found, _) if self.life == Life::Missing => Life::Live,
            (Kind::Restored, _) if !self.owes.contains(&Debt::Delete) => Life::Live,
            _ => self.life,
        };
    }
}
