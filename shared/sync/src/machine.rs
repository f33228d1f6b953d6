//! The run as a state machine: `(state, input) -> effect`.
//!
//! The state that is saved with every commit says where each pass is; what was
//! read since is read again after a stop. The machine never resumes an old
//! plan: a page that was not committed is judged anew.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::{
    Counts, ErpId, IndexPage, Object, Record, RecordId, Registers, Run, RunError, RunState, Settings, TenantId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::IdSet;
use crate::batch::{Batch, Met};
use crate::classify::{Held, Pending, take};
use crate::due::Cursor;
use crate::index::{Index, Mark};
use crate::pass::{CHECKPOINT_PAGES, Page, Pass, PassKind, Read, Row, RowOutcome};
use crate::twoway::Entry;

/// What is saved of a tenant's synchronisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncState {
    /// How far each object type has been read.
    #[serde(default)]
    pub cursors: BTreeMap<Object, Cursor>,
    /// The run that is going on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<Active>,
}

/// A run that is going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// The run.
    pub run: Run,
    /// The passes that are left, the current one first.
    pub passes: VecDeque<Pass>,
    /// How many chunks of met ids are saved.
    pub chunks: u32,
    /// Cursors as they will be when the run ends well.
    pub reached: BTreeMap<Object, Cursor>,
    /// Object types of which a walk was not complete: nothing of them is called missing.
    pub unproven: BTreeSet<Object>,
    /// Object types of which a pass failed: their cursors stay.
    pub failed: BTreeSet<Object>,
    /// The version of the settings that it began under.
    #[serde(default)]
    pub settings: u64,
}

/// The size of the page that is being judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenPage {
    pub(crate) rows: u64,
    pub(crate) page_size: u64,
    pub(crate) total: u64,
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    /// Its id.
    pub id: RecordId,
    /// Its version.
    pub version: u64,
    /// Since when it is flagged as missing in the ERP.
    pub missing_since: Option<Timestamp>,
    /// Its value.
    pub record: Record,
    /// Both sides of it; `None` for a record that the CRM never touched.
    pub entry: Option<Box<Entry>>,
}

/// A read that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// Whether trying again can help.
    pub retryable: bool,
    /// Whether every other read would fail as well: the run ends.
    pub ends_run: bool,
}

/// What the machine is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Begin, or go on after a stop.
    Begin,
    /// Index pages that were asked for: all of the object type, or those that cover the ids.
    Index(Vec<IndexPage>),
    /// A page that was asked for.
    Page(Page),
    /// What the rows that were asked for turned out to be.
    Rows(BTreeMap<ErpId, RowOutcome>),
    /// The read failed.
    Failed(Failure),
    /// Records that were asked for; those that do not exist are not among them.
    Records {
        /// The records.
        found: BTreeMap<ErpId, StoredRecord>,
        /// Records of the CRM that have no ERP side yet, when they were asked for.
        open: Vec<Entry>,
    },
    /// The batch is committed.
    Committed,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Load the index of an object type: all of it, or the pages that cover these ids.
    LoadIndex {
        /// The object type.
        object: Object,
        /// Which ids; `None` is all.
        ids: Option<Vec<ErpId>>,
    },
    /// Read the ERP.
    Read(Read),
    /// Read these rows of the last page: they are new, or not as they were.
    ReadRows(Vec<ErpId>),
    /// Load records.
    LoadRecords {
        /// Their object type.
        object: Object,
        /// Their ids in the ERP.
        ids: Vec<ErpId>,
        /// Whether the CRM's records without an ERP side are needed as well: they are loaded first.
        open: bool,
    },
    /// Commit.
    Commit(Box<Batch>),
    /// The run is over and committed.
    Done,
}

/// What the machine waits for.
#[derive(Debug)]
pub(crate) enum Stage {
    /// To begin.
    Idle,
    /// The index that a pass needs before it begins.
    PassIndex(Object),
    /// A page.
    Page,
    /// The index pages that cover a page's rows.
    RowIndex { page: Page, ids: Vec<ErpId> },
    /// What rows of the page turn out to be.
    Unread(Vec<Row>),
    /// Records, before the pending rows are written.
    Stored,
    /// A commit, with rows still pending or none.
    Commit { last: bool },
    /// Records, before missing ones are looked up.
    Candidates(Vec<ErpId>),
}

/// The run of one tenant.
#[derive(Debug)]
pub struct Machine {
    tenant: TenantId,
    pub(crate) state: SyncState,
    pub(crate) active: Active,
    pub(crate) indexes: BTreeMap<Object, Index>,
    pub(crate) met: Met,
    pub(crate) fresh: Met,
    pub(crate) stage: Stage,
    /// The page that is being judged; none when the walk is past it.
    pub(crate) open_page: Option<OpenPage>,
    /// The ids that the last read asked for.
    pub(crate) asked: Vec<ErpId>,
    /// The record that a lookup of missing ones must find.
    pub(crate) control: Option<ErpId>,
    /// The contacts that the current pass looks up.
    pub(crate) contacts_to_ask: Option<IdSet>,
    pub(crate) pending: VecDeque<Pending>,
    stored: BTreeMap<ErpId, StoredRecord>,
    open: Vec<Entry>,
    settings: Settings,
    /// Of the page under way: whether anything on it was new or changed.
    pub(crate) quiet: bool,
    pages_unsaved: u32,
    pub(crate) warehouses: Option<Vec<domain::Warehouse>>,
    pub(crate) candidates: BTreeMap<ErpId, StoredRecord>,
    pub(crate) registers: Registers,
    /// Whether a record taught something that is not written yet.
    pub(crate) learned: bool,
}

impl Machine {
    /// A run that begins.
    pub fn start(
        tenant: TenantId,
        settings: Settings,
        state: SyncState,
        mut run: Run,
        passes: Vec<Pass>,
        now: Timestamp,
    ) -> Self {
        run.state = RunState::Running;
        run.started_at = Some(now);
        for object in &run.objects {
            run.counts.entry(*object).or_default();
        }
        let active = Active {
            run,
            passes: passes.into(),
            chunks: 0,
            reached: BTreeMap::new(),
            unproven: BTreeSet::new(),
            failed: BTreeSet::new(),
            settings: settings.version,
        };
        Self::new(tenant, settings, state, active, Met::default())
    }

    /// A run that goes on after a stop, from what was saved. `None` when no run is going on or a chunk is not readable.
    /// `settings` are those of the version that it began under ([`Active::settings`]).
    pub fn resume(tenant: TenantId, settings: Settings, mut state: SyncState, chunks: &[Vec<u8>]) -> Option<Self> {
        let active = state.active.take()?;
        let mut met = Met::default();
        for chunk in chunks {
            met.extend(&Met::unpack(chunk)?);
        }
        Some(Self::new(tenant, settings, state, active, met))
    }

    fn new(tenant: TenantId, settings: Settings, state: SyncState, active: Active, met: Met) -> Self {
        Self {
            tenant,
            state,
            active,
            indexes: BTreeMap::new(),
            met,
            fresh: Met::default(),
            stage: Stage::Idle,
            open_page: None,
            asked: Vec::new(),
            control: None,
            contacts_to_ask: None,
            pending: VecDeque::new(),
            stored: BTreeMap::new(),
            open: Vec::new(),
            settings,
            quiet: true,
            pages_unsaved: 0,
            warehouses: None,
            candidates: BTreeMap::new(),
            registers: Registers::default(),
            learned: false,
        }
    }

    /// The same run, knowing what was met of the ERP's registers so far.
    #[must_use]
    pub fn knowing(self, registers: Registers) -> Self {
        Self { registers, ..self }
    }

    /// The run as it stands.
    pub const fn run(&self) -> &Run {
        &self.active.run
    }

    /// What is to be saved with the batch that was just asked for.
    pub fn saved(&self) -> SyncState {
        let mut state = self.state.clone();
        if !self.active.run.is_over() {
            state.active = Some(self.active.clone());
        }
        state
    }

    /// Takes an input and says what is to be done next.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Effect {
        let stage = std::mem::replace(&mut self.stage, Stage::Idle);
        match (stage, input) {
            (Stage::Commit { last: true }, Input::Committed) => Effect::Done,
            (Stage::Commit { last: false }, Input::Committed) => self.write_or_go_on(now),
            (Stage::PassIndex(object), Input::Index(pages)) => {
                self.indexes.insert(object, Index::whole(pages));
                self.go_on(now)
            }
            (Stage::Page, Input::Page(page)) => self.receive(page, now),
            (Stage::RowIndex { page, ids }, Input::Index(pages)) => {
                let object = self.object();
                self.indexes.entry(object).or_default().add_for(&ids, pages);
                self.judge_page(page, now)
            }
            (Stage::Unread(unread), Input::Rows(outcomes)) => self.take_rows(unread, outcomes, now),
            (Stage::Stored, Input::Records { found, open }) => {
                self.stored = found;
                self.open = open;
                self.write_or_go_on(now)
            }
            (Stage::Candidates(ids), Input::Records { found, .. }) => {
                self.candidates = found;
                self.look_up(&ids)
            }
            (_, Input::Failed(failure)) => self.fail(failure, now),
            // `Begin`, and any input that the stage does not wait for: go on from what is saved.
            _ => self.go_on(now),
        }
    }

    /// A commit of what was reached so far, for a stop between two effects. Only pages that were judged whole are in it.
    pub fn checkpoint(&mut self) -> Batch {
        self.batch(crate::classify::Taken::default(), false)
    }

    /// The object type of the current pass.
    pub(crate) fn object(&self) -> Object {
        self.active.passes.front().map_or(Object::Contacts, Pass::object)
    }

    pub(crate) fn counts(&mut self, object: Object) -> &mut Counts {
        self.active.run.counts.entry(object).or_default()
    }

    pub(crate) fn index(&self, object: Object) -> Option<&Index> {
        self.indexes.get(&object)
    }

    /// The next effect of the current pass, or of the next one, or the end.
    pub(crate) fn go_on(&mut self, now: Timestamp) -> Effect {
        loop {
            let Some(pass) = self.active.passes.front_mut() else { return self.finish(now) };
            let object = pass.object();
            pass.walk.began.get_or_insert(now);
            if let Some(missing) = needed_indexes(pass).into_iter().find(|o| !self.has_whole(*o)) {
                self.stage = Stage::PassIndex(missing);
                return Effect::LoadIndex { object: missing, ids: None };
            }
            match self.next_read(object) {
                Next::Read(read) => {
                    self.stage = Stage::Page;
                    return Effect::Read(read);
                }
                Next::Candidates(ids) => {
                    self.stage = Stage::Candidates(ids.clone());
                    return Effect::LoadRecords { object, ids, open: false };
                }
                Next::Failed(failure) => return self.fail(failure, now),
                Next::PassOver => self.end_pass(),
            }
        }
    }

    fn has_whole(&self, object: Object) -> bool {
        self.indexes.get(&object).is_some_and(Index::is_whole)
    }

    fn look_up(&mut self, ids: &[ErpId]) -> Effect {
        self.stage = Stage::Page;
        Effect::Read(self.lookup_read(ids))
    }

    /// The next batch of pending rows; when none are left, the page is over.
    pub(crate) fn write_or_go_on(&mut self, now: Timestamp) -> Effect {
        let object = self.object();
        if self.pending.is_empty() {
            self.stored.clear();
            self.open.clear();
            if let Some(open) = &self.open_page {
                // An empty page costs nothing to read again.
                self.pages_unsaved += u32::from(open.rows > 0);
                self.advance_walk();
            }
            if self.pages_unsaved >= CHECKPOINT_PAGES {
                let batch = self.batch(crate::classify::Taken::default(), false);
                self.stage = Stage::Commit { last: false };
                return Effect::Commit(Box::new(batch));
            }
            return self.go_on(now);
        }
        let empty = Index::default();
        let index = self.indexes.get(&object).unwrap_or(&empty);
        let held = Held { tenant: &self.tenant, object, stored: &self.stored, open: &self.open, now };
        let taken = take(&held, &self.settings.of(object), &mut self.pending, index);
        for write in &taken.writes {
            if write.missing {
                self.counts(object).missing += 1;
                continue;
            }
            let counts = self.counts(object);
            let count = if write.expected.is_none() { &mut counts.created } else { &mut counts.updated };
            *count += 1;
            self.see(object, write.erp_id);
        }
        for erp_id in taken.same.iter().chain(&taken.left) {
            self.counts(object).unchanged += 1;
            self.see(object, *erp_id);
        }
        for parked in &taken.parked {
            self.counts(object).parked += 1;
            self.see(object, parked.erp_id);
        }
        if self.pending.is_empty() {
            self.advance_walk();
        }
        let batch = self.batch(taken, false);
        self.stage = Stage::Commit { last: false };
        Effect::Commit(Box::new(batch))
    }

    fn batch(&mut self, taken: crate::classify::Taken, last: bool) -> Batch {
        let object = self.object();
        let pages = match self.indexes.get_mut(&object) {
            Some(index) if !taken.marks.is_empty() => index.set(&taken.marks),
            _ => Vec::new(),
        };
        let fresh = std::mem::take(&mut self.fresh);
        let chunk = (!last && !fresh.is_empty()).then(|| {
            let n = self.active.chunks;
            self.active.chunks += 1;
            (n, fresh.pack())
        });
        self.pages_unsaved = 0;
        Batch {
            writes: taken.writes,
            pages: pages.into_iter().map(|p| (object, p)).collect(),
            parked: taken.parked,
            unparked: taken.unparked,
            warehouses: self.warehouses.take(),
            registers: std::mem::take(&mut self.learned).then(|| self.registers.clone()),
            chunk,
            run: self.active.run.clone(),
            last,
        }
    }

    fn finish(&mut self, now: Timestamp) -> Effect {
        let run = &mut self.active.run;
        run.state = if run.error.is_some() { RunState::Failed } else { RunState::Succeeded };
        run.finished_at = Some(now);
        for (object, counts) in &mut run.counts {
            // On the way, the total is what was asked for; now it is known how many there were.
            if counts.total.is_some() && !self.active.failed.contains(object) {
                counts.total = Some(counts.read);
            }
        }
        self.close_cursors();
        let batch = self.batch(crate::classify::Taken::default(), true);
        self.stage = Stage::Commit { last: true };
        Effect::Commit(Box::new(batch))
    }

    /// Notes the failure; the run goes on with the next object type, or ends.
    pub(crate) fn fail(&mut self, failure: Failure, now: Timestamp) -> Effect {
        let object = self.object();
        self.pending.clear();
        self.stored.clear();
        self.open_page = None;
        self.active.unproven.insert(object);
        self.active.failed.insert(object);
        let first = self.active.run.error.is_none();
        if first || failure.ends_run {
            self.active.run.error = Some(RunError {
                code: failure.code,
                message: failure.message,
                object: Some(object),
                retryable: failure.retryable,
            });
        }
        if failure.ends_run {
            let left: Vec<_> = self.active.passes.iter().map(Pass::object).collect();
            self.active.failed.extend(left);
            self.active.passes.clear();
        } else {
            self.active.passes.retain(|p| p.object() != object);
        }
        self.indexes.remove(&object);
        self.go_on(now)
    }

    fn end_pass(&mut self) {
        let Some(pass) = self.active.passes.pop_front() else { return };
        let object = pass.object();
        self.close_pass(&pass);
        // Later passes of the same object type need its index again; other object types do not.
        if self.active.passes.front().is_none_or(|next| next.object() != object) && object != Object::Products {
            self.indexes.remove(&object);
        }
    }
}

/// What a pass does next.
pub(crate) enum Next {
    Read(Read),
    Candidates(Vec<ErpId>),
    Failed(Failure),
    PassOver,
}

fn needed_indexes(pass: &Pass) -> Vec<Object> {
    if !pass.needs_whole_index() {
        return Vec::new();
    }
    match pass.kind {
        PassKind::Stock => vec![Object::Products, Object::Stock],
        _ => vec![pass.object()],
    }
}

/// Whether we hold a live record by this mark.
pub(crate) const fn is_live(mark: Mark) -> bool {
    matches!(mark, Mark::Known(_))
}
