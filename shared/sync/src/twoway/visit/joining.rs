//! Joining a record of the CRM with one of the ERP.
//!
//! Decides what the joined row is and that a partner with another CRM record is
//! not taken. Which one is meant was decided before.

use domain::change::Matched;
use domain::{ErpId, RecordId};
use jiff::Timestamp;

use super::super::confirm::{adopt, confirm_created};
use super::super::effect::{Effect, Ended, Match, Side};
use super::super::entry::{Candidate, Entry, HoldReason};
use super::super::intent::Op;
use super::super::judge::is_contradicted;
use super::super::merge::pending;
use super::{Joins, Stage, Visit, done};

impl Visit {
    /// What a person said: the two are joined, unless the partner is gone or its tax number says that it is another one.
    pub(super) fn join_chosen(&mut self, erp_id: ErpId, side: Side, now: Timestamp) -> Effect {
        let Some(mut entry) = self.entry.take() else { return done(Ended::Moved) };
        let before = entry.version;
        match side {
            Side::Unknown => {
                self.entry = Some(entry);
                self.wait(now)
            }
            Side::Present { fields, .. } if !is_contradicted(&entry.crm, &fields) => {
                self.load_target(entry, Match { erp_id, fields }, Joins::Before, None)
            }
            Side::Absent | Side::Present { .. } => {
                // The word was about something else: search anew.
                entry.chosen = None;
                entry.due = Some(now);
                self.save(entry.saved_after(before, None), Stage::Saving(Ended::Waits))
            }
        }
    }

    pub(super) fn load_target(&mut self, entry: Box<Entry>, found: Match, how: Joins, by: Option<Candidate>) -> Effect {
        let target = RecordId::for_erp(&self.tenant, self.id.object(), found.erp_id);
        self.entry = Some(entry);
        self.stage = Stage::Target { found: Box::new(found), how, by };
        Effect::Load(target)
    }

    /// Joins the CRM's record with the ERP's: one row from now on, under the id that the ERP's record has.
    pub(super) fn join(
        &mut self,
        found: &Match,
        how: Joins,
        by: Option<Candidate>,
        target: Option<Box<Entry>>,
        now: Timestamp,
    ) -> Effect {
        let Some(mut entry) = self.entry.take() else { return done(Ended::Moved) };
        let taken = target.as_ref().and_then(|t| t.crm_id.clone()).filter(|c| Some(c) != entry.crm_id.as_ref());
        if let Some(crm_id) = taken {
            return self.hold(entry, HoldReason::LinkTaken { crm_id }, by.into_iter().collect(), now);
        }
        let (old, before) = (entry.id, entry.version);
        let id = RecordId::for_erp(&self.tenant, old.object(), found.erp_id);
        let sent = entry.intent.take().and_then(|i| match i.op {
            Op::Create { fields, .. } => Some(fields),
            _ => None,
        });
        let mut change = match (sent, how) {
            (Some(sent), Joins::Answered) => {
                confirm_created(&mut entry, id, found.erp_id, &sent, &found.fields, &self.settings)
            }
            (Some(sent), Joins::Found) => adopt(&mut entry, id, found.erp_id, &sent, &found.fields, &self.settings),
            _ => {
                // What the CRM has counts as sent: its lines are named after those that are there.
                let ours = entry.crm.clone();
                adopt(&mut entry, id, found.erp_id, &ours, &found.fields, &self.settings)
            }
        };
        let left = !pending(&entry).is_empty() || entry.crm_deleted_at.is_some();
        change.matched = by.map(|by| Matched { erp_id: Some(by.erp_id), evidence: by.evidence, ..Matched::default() });
        entry.due = left.then_some(now);
        (entry.hold, entry.chosen) = (None, None);
        entry.rejected.clear();
        let expected = target.map_or(0, |t| t.version);
        let mut save = entry.saved_after(expected, Some(change));
        save.replaces = Some((old, before));
        self.save(save, Stage::Saving(Ended::Linked))
    }
}
