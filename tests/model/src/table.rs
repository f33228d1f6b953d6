//! The table of one tenant in memory: rows, what the CRM was told, the lease, the run's state, the inbox.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::change::ChangeKind;
use domain::{ActionId, ErpId, Fields, IndexPage, Object, RecordId};
use jiff::Timestamp;
use sync::action::Action;
use sync::index::Index;
use sync::twoway::{Change, Entry, Save, Winner};
use sync::{Batch, StoredRecord, SyncState};

use crate::bad::Bad;
use crate::erp::form::Snap;

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Grows by one with every write.
    pub version: u64,
    /// Grows by one with every change that is told.
    pub revision: u64,
    /// The ERP's record as it was last read.
    pub snap: Option<Rc<Snap>>,
    /// Since when it is flagged as something that the ERP no longer has.
    pub missing: Option<Timestamp>,
    /// Both sides of it; `None` for a record that the CRM never touched.
    pub entry: Option<Box<Entry>>,
}

/// One thing that the CRM was told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The revision.
    pub revision: u64,
    /// The CRM's fields at that revision.
    pub fields: Fields,
    /// The pieces that came from the ERP.
    pub from_erp: BTreeSet<String>,
    /// The record of the CRM that the row was of.
    pub of: Option<String>,
    /// It came from the ERP.
    pub by_erp: bool,
}

/// A change that was written.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The row.
    pub id: RecordId,
    /// When, in milliseconds.
    pub at: i64,
    /// When the visit or the run that wrote it began; for the API's own writes the same as `at`.
    pub began: i64,
    /// The record of the CRM that the row was of.
    pub crm_id: Option<String>,
    /// What was told.
    pub change: Change,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Written.
    Yes,
    /// A condition failed.
    No,
}

/// Who writes, and when it began.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// Now, in milliseconds.
    pub at: i64,
    /// When its visit, run or request began.
    pub began: i64,
    /// The known mistake that is tried.
    pub bad: Option<Bad>,
}

/// The rows of one tenant.
#[derive(Debug, Default)]
pub struct Table {
    /// Rows by id.
    pub rows: BTreeMap<RecordId, Row>,
    /// Where a record went that got its ERP id.
    pub moved: BTreeMap<RecordId, RecordId>,
    /// Rows by the CRM's id.
    pub by_crm: BTreeMap<String, RecordId>,
    /// What was told, by row, in order.
    pub told: BTreeMap<RecordId, Vec<Told>>,
    /// The feed: rows that changed, in order.
    pub feed: Vec<RecordId>,
    /// Every change that was written, in order.
    pub log: Vec<Logged>,
    /// The lease's epoch.
    pub epoch: u64,
    /// Until when the lease holds, in milliseconds of its holder's clock.
    pub until: i64,
    /// The packed hashes.
    pub pages: BTreeMap<(Object, ErpId), IndexPage>,
    /// The state of the synchronisation, and how often it was saved.
    pub state: (SyncState, u64),
    /// Ids that the run met.
    pub chunks: Vec<Vec<u8>>,
    /// Webhooks: the product that each names, and whether it was followed up.
    pub inbox: BTreeMap<String, (ErpId, bool)>,
    /// What is to be done to documents.
    pub actions: BTreeMap<ActionId, Action>,
    /// The number of the last change that was told of each row.
    lasts: BTreeMap<RecordId, usize>,
    /// References to records that went into others are not led to those (a known-bad variant).
    pub loses_aliases: bool,
    due: BTreeSet<(Timestamp, RecordId)>,
}

impl Row {
    /// Both sides of it. `id` is its key.
    pub fn entry(&self, id: RecordId) -> Option<Entry> {
        if let Some(entry) = &self.entry {
            return Some((**entry).clone());
        }
        let snap = self.snap.as_ref()?;
        let entry = Entry::of_erp(id, snap.erp_id, snap.fields().clone());
        Some(Entry { version: self.version, revision: self.revision, ..entry })
    }

    /// What the CRM has, or has been told to have.
    pub fn crm(&self) -> Option<&Fields> {
        self.entry.as_ref().map(|e| &e.crm).or_else(|| self.snap.as_ref().map(|s| s.fields()))
    }

    /// Whether it is neither archived nor deleted by the CRM.
    pub fn is_live(&self) -> bool {
        self.entry.as_ref().is_none_or(|e| e.archived_at.is_none() && e.crm_deleted_at.is_none())
    }

    /// The revision that the CRM is told.
    pub fn revision(&self) -> u64 {
        self.entry.as_ref().map_or(self.revision, |e| e.revision)
    }
}

impl Table {
    /// The row that `id` is now.
    pub fn present(&self, id: RecordId) -> RecordId {
        self.moved.get(&id).copied().unwrap_or(id)
    }

    /// The number of the last change that was told of a row. A row that is taken away and comes back has another one.
    pub fn last(&self, id: RecordId) -> usize {
        self.lasts.get(&id).copied().unwrap_or(0)
    }

    /// The entry of a row that has one.
    pub fn entry(&self, id: RecordId) -> Option<&Entry> {
        self.rows.get(&id)?.entry.as_deref()
    }

    /// All entries, in the order of their ids.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.rows.values().filter_map(|r| r.entry.as_deref())
    }

    /// Puts a row in its place, and its time on the list of what is due.
    pub fn put(&mut self, id: RecordId, row: Row) {
        let due = row.entry.as_ref().and_then(|e| e.due);
        let before = self.rows.insert(id, row).and_then(|r| r.entry).and_then(|e| e.due);
        if before != due {
            before.map(|at| self.due.remove(&(at, id)));
            due.map(|at| self.due.insert((at, id)));
        }
    }

    /// Takes a row away.
    pub fn remove(&mut self, id: RecordId) -> Option<Row> {
        let row = self.rows.remove(&id)?;
        if let Some(at) = row.entry.as_ref().and_then(|e| e.due) {
            self.due.remove(&(at, id));
        }
        Some(row)
    }

    /// Writes a visit's row when its conditions hold, or whatever they say when `force`. `snap` is the ERP's record as the
    /// visit read it.
    pub fn save(&mut self, save: &Save, snap: Option<Rc<Snap>>, by: By, force: bool) -> Written {
        let id = save.entry.id;
        let version = |id: &RecordId| self.rows.get(id).map_or(0, |r| r.version);
        let holds =
            version(&id) == save.expected && save.replaces.is_none_or(|(old, v)| old == id || version(&old) == v);
        if !holds && !force {
            return Written::No;
        }
        let old_snap = self.rows.get(&id).and_then(|r| r.snap.clone());
        if let Some((old, _)) = save.replaces.filter(|(old, _)| *old != id) {
            self.remove(old);
            self.moved.insert(old, id);
            let mut told = self.told.remove(&old).unwrap_or_default();
            self.told.entry(id).or_default().append(&mut told);
        }
        if let Some(crm_id) = &save.entry.crm_id {
            self.by_crm.insert(crm_id.clone(), id);
        } else if let Some(crm_id) = self.entry(id).and_then(|e| e.crm_id.clone()) {
            self.by_crm.remove(&crm_id);
        }
        let snap = snap.or(old_snap);
        if let (Some(snap), None) = (&snap, self.rows.get(&id)) {
            self.note_unread(snap.object, snap.erp_id);
        }
        let entry = Box::new(save.entry.clone());
        let row = Row { version: entry.version, revision: entry.revision, snap, missing: None, entry: Some(entry) };
        self.put(id, row);
        if let (Some(change), false) = (&save.change, by.bad == Some(Bad::TellAfter)) {
            self.tell(id, change, by);
        }
        Written::Yes
    }

    /// A record that no run has met is known to the index, and unread.
    fn note_unread(&mut self, object: Object, erp_id: ErpId) {
        let covering = self.pages.range((object, ErpId::new(0))..=(object, erp_id)).next_back().map(|(_, p)| p.clone());
        for page in Index::with_unread(covering, erp_id) {
            self.pages.insert((object, page.first), page);
        }
    }

    /// Writes the row of a request by the CRM, as one that was at `version`.
    pub fn write(&mut self, mut entry: Entry, version: u64, change: Option<&Change>, by: By) {
        entry.version = version + 1;
        let (id, crm_id) = (entry.id, entry.crm_id.clone());
        crm_id.map(|c| self.by_crm.insert(c, id));
        let old = self.rows.get(&id);
        let (snap, missing) = (old.and_then(|r| r.snap.clone()), old.and_then(|r| r.missing));
        let revision = entry.revision;
        self.put(id, Row { version: version + 1, revision, snap, missing, entry: Some(Box::new(entry)) });
        if let Some(change) = change {
            self.tell(id, change, by);
        }
    }

    /// Writes a record of the ERP's that was read beside a run, unless there is a row of it.
    pub fn add_read(&mut self, id: RecordId, snap: Rc<Snap>, by: By) {
        if self.rows.contains_key(&id) {
            return;
        }
        self.note_unread(snap.object, snap.erp_id);
        let mut change = Change::of_erp([].into());
        change.kind = ChangeKind::Added;
        self.put(id, Row { version: 1, revision: 1, snap: Some(snap), missing: None, entry: None });
        self.tell(id, &change, by);
    }

    /// Writes what a change tells.
    pub fn tell(&mut self, id: RecordId, change: &Change, by: By) {
        let from_erp =
            if change.from == Winner::Erp { change.fields.keys().cloned().collect() } else { BTreeSet::new() };
        let Some(row) = self.rows.get(&id) else { return };
        let crm_id = row.entry.as_ref().and_then(|e| e.crm_id.clone());
        let (fields, by_erp) = (row.crm().cloned().unwrap_or_default(), change.from == Winner::Erp);
        let told = Told { revision: row.revision(), fields, from_erp, of: crm_id.clone(), by_erp };
        self.told.entry(id).or_default().push(told);
        self.feed.push(id);
        self.log.push(Logged { id, at: by.at, began: by.began, crm_id, change: change.clone() });
        self.lasts.insert(id, self.log.len());
        if by.bad == Some(Bad::UnlinkPulls) {
            self.pull_apart(id, change, by);
        }
    }

    /// The fields that the CRM had been told at `revision` of its record `crm_id`, and what the ERP changed since. `None`
    /// when the row was another one's in between: then the CRM reads the record anew.
    pub fn seen(&self, id: RecordId, crm_id: &str, revision: u64) -> Option<(Fields, BTreeSet<String>)> {
        let all = self.told.get(&id).map_or(&[][..], Vec::as_slice);
        let is_others = |t: &Told| t.of.as_deref().is_some_and(|of| of != crm_id);
        // Without a revision: the answer to the first edit was lost, so the CRM goes on from what that one said.
        let first = || all.iter().rev().take_while(|t| !is_others(t)).filter(|t| t.of.is_some()).last();
        let revision = match revision {
            0 => first().map_or(0, |t| t.revision - u64::from(t.by_erp)),
            revision => revision,
        };
        let mut since = BTreeSet::new();
        for told in all.iter().rev() {
            if told.revision <= revision {
                return Some((told.fields.clone(), since));
            }
            if is_others(told) {
                return None;
            }
            since.extend(told.from_erp.iter().cloned());
        }
        Some((Fields::default(), since))
    }

    /// Rows that are due, the longest due first.
    pub fn due(&self, now: Timestamp) -> impl Iterator<Item = RecordId> {
        self.due.iter().take_while(move |(at, _)| *at <= now).map(|(_, id)| *id)
    }

    /// When the next row is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Actions that are not over, with the time when each is due.
    pub fn due_actions(&self) -> impl Iterator<Item = (Timestamp, ActionId)> {
        self.actions.values().filter_map(|a| Some((a.due?, a.id)))
    }

    /// The index of an object type: all pages, or those that cover the ids.
    pub fn index(&self, object: Object, ids: Option<&[ErpId]>) -> Vec<IndexPage> {
        let first = (object, ErpId::new(0));
        match ids {
            None => self.pages.range(first..=(object, ErpId::new(u64::MAX))).map(|(_, p)| p.clone()).collect(),
            Some(ids) => {
                let covering = ids.iter().filter_map(|i| self.pages.range(first..=(object, *i)).next_back());
                covering.map(|(k, p)| (*k, p.clone())).collect::<BTreeMap<_, _>>().into_values().collect()
            }
        }
    }

    /// Rows as a run loads them.
    pub fn stored(&self, ids: impl Iterator<Item = (ErpId, RecordId)>) -> BTreeMap<ErpId, StoredRecord> {
        ids.filter_map(|(erp_id, id)| {
            let row = self.rows.get(&id)?;
            let record = row.snap.as_ref()?.record().clone();
            let (version, missing_since, entry) = (row.version, row.missing, row.entry.clone());
            Some((erp_id, StoredRecord { id, version, missing_since, record, entry }))
        })
        .collect()
    }

    /// Records of the CRM that have no ERP side yet and may be made.
    pub fn open(&self, object: Object) -> Vec<Entry> {
        let is_open = |e: &&Entry| {
            e.id.object() == object && e.erp_id.is_none() && (e.crm_deleted_at.is_none() || e.intent.is_some())
        };
        self.entries().filter(is_open).cloned().collect()
    }

    /// Commits a run's batch when its conditions hold, or whatever they say when `force`.
    pub fn commit(&mut self, batch: &Batch, saved: SyncState, step: u64, by: By, force: bool) -> Written {
        let holds = |w: &sync::RecordWrite| self.rows.get(&w.id).map(|r| r.version) == w.expected;
        if !force && (self.state.1 != step || !batch.writes.iter().all(holds)) {
            return Written::No;
        }
        self.move_on(batch, saved);
        self.write_all(batch, by);
        Written::Yes
    }

    /// The part of a commit that says where the run is and what it has read.
    pub fn move_on(&mut self, batch: &Batch, saved: SyncState) {
        self.state = (saved, self.state.1 + 1);
        for (object, page) in &batch.pages {
            self.pages.insert((*object, page.first), page.clone());
        }
        if let Some((_, bytes)) = &batch.chunk {
            self.chunks.push(bytes.clone());
        }
        if batch.last {
            self.chunks.clear();
        }
    }

    /// The part of a commit that says what the records are.
    pub fn write_all(&mut self, batch: &Batch, by: By) {
        for write in &batch.writes {
            let record = domain::Record::from_bytes(&write.bytes).expect("the canonical bytes of a record");
            let version = write.expected.unwrap_or(0) + 1;
            let revision = self.rows.get(&write.id).map_or(0, |r| r.revision) + u64::from(write.change.is_some());
            let revision = write.entry.as_ref().map_or(revision, |e| e.revision);
            let snap = Some(Rc::new(Snap::of_record(record)));
            let first = self.rows.get(&write.id).and_then(|r| r.missing);
            let missing = write.missing.then(|| first.unwrap_or_else(|| crate::world::at(by.at)));
            self.put(write.id, Row { version, revision, snap, missing, entry: write.entry.clone() });
            if let Some(change) = &write.change {
                self.tell(write.id, change, by);
            }
        }
    }
}
