//! The state of records from the log of changes alone.
//!
//! Decides what a change adds to what the changes before it said, so that the
//! rows can be checked against the log. Must not read a row, and must not
//! repair one.

use std::collections::BTreeMap;

use domain::change::ChangeKind;
use domain::{Acted, ErpId, Fields, RecordId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::twoway::{Change, Entry, Save, Winner};

/// A change as the log has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its number in the tenant's log.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Who did it: a run, a person, the CRM.
    pub by: String,
    /// The record, by the id that it has from this change on.
    pub record: RecordId,
    /// The id that it had before, when this change gave it another one.
    pub was: Option<RecordId>,
    /// The CRM's id of it after this change.
    pub crm_id: Option<String>,
    /// The ERP's id of it after this change.
    pub erp_id: Option<ErpId>,
    /// Its revision after this change.
    pub revision: u64,
    /// What changed.
    pub change: Change,
    /// The action that ended with it.
    pub action: Option<Acted>,
}

impl Told {
    /// What a save tells. `None` when it tells nothing.
    pub fn of(save: &Save, seq: u64, at: Timestamp, by: &str) -> Option<Self> {
        let change = save.change.clone()?;
        let told = Self::of_entry(&save.entry, change, seq, at, by);
        Some(Self { was: save.replaces.map(|(old, _)| old), ..told })
    }

    /// A change of `entry` that left it as it is.
    pub fn of_entry(entry: &Entry, change: Change, seq: u64, at: Timestamp, by: &str) -> Self {
        Self {
            seq,
            at,
            by: by.to_owned(),
            record: entry.id,
            was: None,
            crm_id: entry.crm_id.clone(),
            erp_id: entry.erp_id,
            revision: entry.revision,
            change,
            action: None,
        }
    }
}

/// A record as the log says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folded {
    /// What the CRM has.
    pub crm: Fields,
    /// The CRM's id of it.
    pub crm_id: Option<String>,
    /// The ERP's id of it.
    pub erp_id: Option<ErpId>,
    /// Its revision.
    pub revision: u64,
    /// The CRM deleted it.
    pub deleted: bool,
    /// It is archived, because the ERP deleted it.
    pub archived: bool,
    /// A sweep did not find it in the ERP.
    pub missing: bool,
    /// Where the log contradicts itself: the change, and the piece whose value before is not the one that the log had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<(u64, String)>,
}

/// What a row and the log can differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The CRM's id.
    CrmId,
    /// The ERP's id.
    ErpId,
    /// The revision.
    Revision,
    /// Whether the CRM deleted it.
    Deleted,
    /// Whether it is archived.
    Archived,
}

/// How a row differs from what the log says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Pieces that differ.
    pub pieces: Vec<String>,
    /// What else differs.
    pub facts: Vec<Fact>,
    /// Where the log contradicts itself.
    pub breaks: Vec<(u64, String)>,
}

/// The records that `changes`, in the order of their numbers, leave.
pub fn fold<'a>(changes: impl IntoIterator<Item = &'a Told>) -> BTreeMap<RecordId, Folded> {
    let mut records: BTreeMap<RecordId, Folded> = BTreeMap::new();
    for told in changes {
        if let Some(was) = told.was.filter(|was| *was != told.record) {
            // Where two are taken apart, the one stays and the other goes on from what it had. Else the row of the CRM's
            // record takes the place of the one that the ERP's record may have had.
            let stays = matches!(told.change.kind, ChangeKind::Unlinked | ChangeKind::Unmerged);
            let moved = if stays { records.get(&was).cloned() } else { records.remove(&was) };
            records.extend(moved.map(|moved| (told.record, moved)));
        }
        records.entry(told.record).or_default().take(told);
    }
    records
}

impl Folded {
    fn take(&mut self, told: &Told) {
        // A contact that went and left its partner to another one has a row of its own again, and says all of it.
        let is_new_row = told.change.kind == ChangeKind::Merged && told.change.from == Winner::Crm;
        if is_new_row && !told.change.fields.is_empty() {
            self.crm = Fields::default();
        }
        for (piece, field) in &told.change.fields {
            if self.crm.get(piece) != field.before.as_ref() {
                self.breaks.push((told.seq, piece.clone()));
            }
            self.crm.put(piece, field.after.as_ref());
        }
        // A record of the CRM that takes up what another one left is not deleted.
        self.deleted &= self.crm_id.is_some() || told.crm_id.is_none();
        self.crm_id.clone_from(&told.crm_id);
        self.erp_id = told.erp_id;
        self.revision = told.revision;
        match (told.change.kind, told.change.from) {
            (ChangeKind::Deleted, Winner::Crm) => self.deleted = true,
            (ChangeKind::Deleted, Winner::Erp) => self.archived = true,
            (ChangeKind::Restored, _) => (self.deleted, self.archived) = (false, false),
            (ChangeKind::Missing, _) => self.missing = true,
            (ChangeKind::Found, _) => (self.missing, self.archived) = (false, false),
            // The content and the two ids say it.
            (
                ChangeKind::Added
                | ChangeKind::Updated
                | ChangeKind::Linked
                | ChangeKind::Merged
                | ChangeKind::Unmerged
                | ChangeKind::Unlinked
                | ChangeKind::Acted,
                _,
            ) => {}
        }
    }

    /// Whether the row is what the log says.
    ///
    /// # Errors
    ///
    /// What differs.
    pub fn matches(&self, entry: &Entry) -> Result<(), Difference> {
        let facts = [
            (self.crm_id != entry.crm_id, Fact::CrmId),
            (self.erp_id != entry.erp_id, Fact::ErpId),
            (self.revision != entry.revision, Fact::Revision),
            (self.deleted != entry.crm_deleted_at.is_some(), Fact::Deleted),
            (self.archived != entry.archived_at.is_some(), Fact::Archived),
        ];
        let difference = Difference {
            pieces: self.crm.differing(&entry.crm).into_iter().map(str::to_owned).collect(),
            facts: facts.into_iter().filter(|(differs, _)| *differs).map(|(_, fact)| fact).collect(),
            breaks: self.breaks.clone(),
        };
        if difference == Difference::default() { Ok(()) } else { Err(difference) }
    }
}
