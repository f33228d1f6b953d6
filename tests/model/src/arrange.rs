//! The API's requests that arrange contacts: merge, take back, take apart, link, let go. Each reads rows, lets the engine
//! decide, and writes what it decided on the condition that the rows are as they were read.
//!
//! Decides nothing about values: the engine does.

use domain::{ErpId, Fields, Object, ObjectSettings, RecordId, TenantId};
use sync::contacts::{self, Step, Trail};
use sync::twoway::{Change, Entry, HoldReason, Winner};

use crate::bad::Bad;
use crate::table::{By, Row, Table, Written};
use crate::world::at;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Two contacts are one.
    Merge {
        /// The one that goes.
        gone: String,
        /// The one that stays.
        into: String,
        /// The revision at which the one that goes was shown.
        revision: u64,
    },
    /// They are two after all.
    Unmerge {
        /// The one that went.
        gone: String,
    },
    /// A contact and its partner are two.
    Unlink {
        /// The contact.
        crm_id: String,
        /// The revision at which it was shown.
        revision: u64,
    },
    /// A contact is a partner that is nobody's.
    Link {
        /// The contact.
        crm_id: String,
        /// The partner.
        erp_id: ErpId,
    },
    /// A contact that was taken apart is searched for and made like any other.
    LetGo {
        /// The contact.
        crm_id: String,
    },
}

impl Ask {
    /// The contacts that it is about.
    pub fn contacts(&self) -> Vec<&String> {
        match self {
            Self::Merge { gone, into, .. } => vec![gone, into],
            Self::Unmerge { gone: one }
            | Self::Unlink { crm_id: one, .. }
            | Self::Link { crm_id: one, .. }
            | Self::LetGo { crm_id: one } => vec![one],
        }
    }

    /// Its place among the counts.
    pub const fn kind(&self) -> usize {
        match self {
            Self::Merge { .. } => 0,
            Self::Unmerge { .. } => 1,
            Self::Unlink { .. } => 2,
            Self::Link { .. } => 3,
            Self::LetGo { .. } => 4,
        }
    }
}

/// The names of the counts.
pub const KINDS: [&str; 5] = ["merged", "taken back", "unlinked", "linked again", "let go"];

/// Refused: the user is told, and nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// A row as it is to be.
#[derive(Clone, Debug)]
struct Put {
    entry: Entry,
    /// The row whose history it goes on with; `None` goes on with its own.
    history: Option<RecordId>,
    told: Option<Change>,
}

/// What a request decided on the rows that it read.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What each contact had when it was decided, by the CRM's id.
    pub had: Vec<(String, Fields)>,
    /// The partners of those contacts, and the one that a contact is to be linked with.
    pub partners: Vec<ErpId>,
    /// The one that stays has the partner of the one that goes from then on.
    pub moves: bool,
    /// The rows that it read: their versions, and their last changes.
    expected: Vec<(RecordId, u64, usize)>,
    puts: Vec<Put>,
    /// The row that is closed, and the one that it leads to.
    close: Option<(RecordId, RecordId)>,
}

/// The record that an id of the CRM leads to, past those that went into others, and the way there.
pub fn end_of<'a>(table: &'a Table, crm_id: &str) -> Option<(&'a Entry, Trail)> {
    let mut trail = Trail::from(crm_id);
    let mut id = crm_id.to_owned();
    loop {
        let entry = table.entry(*table.by_crm.get(&id)?)?;
        match trail.step(entry.merged.as_ref().map(|m| m.into.as_str())).ok()? {
            Step::Here => return Some((entry, trail)),
            Step::Next(next) => id = next,
        }
    }
}

/// What a request comes to, on the rows as they are now. `Ok(None)` when all is as it asks for.
pub fn plan(
    table: &Table,
    tenant: &TenantId,
    settings: &ObjectSettings,
    ask: &Ask,
    by: By,
) -> Result<Option<Plan>, Refused> {
    let row = |crm_id: &str| table.by_crm.get(crm_id).and_then(|id| table.entry(*id)).ok_or(Refused);
    match ask {
        Ask::Merge { gone, into, revision } => {
            let gone = row(gone)?;
            let (survivor, trail) = end_of(table, into).ok_or(Refused)?;
            trail.check(gone.crm_id.as_deref().unwrap_or_default()).map_err(|_| Refused)?;
            if gone.merged.is_some() {
                let led = gone.crm_id.as_deref().and_then(|id| end_of(table, id));
                return if led.is_some_and(|(led, _)| led.id == survivor.id) { Ok(None) } else { Err(Refused) };
            }
            if gone.revision != *revision {
                return Err(Refused);
            }
            merge(table, (tenant, settings), (gone, survivor), by).map(Some)
        }
        Ask::Unmerge { gone } => unmerge(table, row(gone)?, by).map(Some),
        Ask::Unlink { crm_id, revision } => {
            let entry = row(crm_id)?;
            if entry.is_unlinked() {
                return Ok(None);
            }
            if entry.merged.is_some() || entry.revision != *revision {
                return Err(Refused);
            }
            unlink(table, tenant, entry, by).map(Some)
        }
        Ask::Link { crm_id, erp_id } => {
            let entry = row(crm_id)?;
            if entry.erp_id == Some(*erp_id) {
                return Ok(None);
            }
            let id = RecordId::for_erp(tenant, Object::Contacts, *erp_id);
            let known = table.rows.get(&id).filter(|r| r.missing.is_none()).and_then(|r| r.entry(id)).ok_or(Refused)?;
            let is_open = entry.erp_id.is_none() && entry.merged.is_none() && entry.intent.is_none();
            if !is_open || known.crm_id.is_some() || known.erp_id.is_none() {
                return Err(Refused);
            }
            Ok(Some(link(table, entry, &known, settings, by)))
        }
        Ask::LetGo { crm_id } => {
            let entry = row(crm_id)?;
            let mut after = entry.clone();
            let Some(told) = contacts::let_go(&mut after, at(by.at)) else { return Ok(None) };
            let put = Put { entry: after, history: None, told: Some(told) };
            Ok(Some(Plan { puts: vec![put], ..Plan::on(table, &[entry]) }))
        }
    }
}

impl Plan {
    /// Nothing, on these rows.
    fn on(table: &Table, rows: &[&Entry]) -> Self {
        let had = rows.iter().filter_map(|e| Some((e.crm_id.clone()?, e.crm.clone()))).collect();
        let expected = rows.iter().map(|e| (e.id, e.version, table.last(e.id))).collect();
        let partners = rows.iter().filter_map(|e| e.erp_id).collect();
        Self { had, partners, moves: false, expected, puts: Vec::new(), close: None }
    }
}

fn merge(
    table: &Table,
    (tenant, settings): (&TenantId, &ObjectSettings),
    (gone, survivor): (&Entry, &Entry),
    by: By,
) -> Result<Plan, Refused> {
    let mut done = contacts::merge(tenant, gone, survivor, settings, "ana", at(by.at)).map_err(|_| Refused)?;
    match by.bad {
        Some(Bad::MergeForgets) if !done.moves => {
            (done.survivor.crm, done.told.fields) = (survivor.crm.clone(), [].into());
        }
        Some(Bad::MergeMakesBoth) => {
            done.alias.merged = None;
            done.alias.due = Some(at(by.at));
        }
        _ => {}
    }
    let mut plan = Plan { moves: done.moves, ..Plan::on(table, &[gone, survivor]) };
    let from = done.moves.then_some(survivor.id);
    if done.moves {
        plan.expected.push((done.alias.id, 0, 0));
        plan.close = Some((survivor.id, done.survivor.id));
    }
    plan.puts = vec![
        Put { entry: done.survivor, history: from, told: Some(done.told) },
        Put { entry: done.alias, history: None, told: Some(done.alias_told) },
    ];
    Ok(plan)
}

fn unmerge(table: &Table, alias: &Entry, by: By) -> Result<Plan, Refused> {
    let merged = alias.merged.as_ref().ok_or(Refused)?;
    let stayed = table.by_crm.get(&merged.into).and_then(|id| table.entry(*id)).ok_or(Refused)?;
    let mut built = alias.clone();
    if let (Some(Bad::UnmergeAnyway), Some(merged)) = (by.bad, &mut built.merged) {
        merged.revision = stayed.revision;
    }
    let done = contacts::unmerge(&built, stayed, at(by.at)).map_err(|_| Refused)?;
    let mut plan = Plan { moves: done.moves, ..Plan::on(table, &[alias, stayed]) };
    let from = done.moves.then_some(done.gone.id);
    if done.moves {
        plan.expected.push((done.survivor.id, 0, 0));
        plan.close = Some((alias.id, done.gone.id));
    }
    plan.puts = vec![
        Put { entry: done.gone, history: None, told: Some(done.gone_told) },
        Put { entry: done.survivor, history: from, told: Some(done.told) },
    ];
    Ok(plan)
}

fn unlink(table: &Table, tenant: &TenantId, entry: &Entry, by: By) -> Result<Plan, Refused> {
    let mut done = contacts::unlink(tenant, entry, "ana", at(by.at)).map_err(|_| Refused)?;
    if by.bad == Some(Bad::UnlinkRejoins) {
        done.open.hold = None;
        done.open.due = Some(at(by.at));
    }
    let mut plan = Plan::on(table, &[entry]);
    plan.expected.push((done.open.id, 0, 0));
    let from = Some(done.record.id);
    plan.puts = vec![
        Put { entry: done.record, history: None, told: Some(done.record_told) },
        Put { entry: done.open, history: from, told: Some(done.open_told) },
    ];
    Ok(plan)
}

fn link(table: &Table, open: &Entry, known: &Entry, settings: &ObjectSettings, by: By) -> Plan {
    let (entry, told) = contacts::link_to(open, &open.crm, known, settings, at(by.at));
    let mut plan = Plan { close: Some((open.id, known.id)), ..Plan::on(table, &[open, known]) };
    plan.puts = vec![Put { entry, history: Some(open.id), told: Some(told) }];
    plan
}

impl Table {
    /// Writes what a request decided when the rows are as it read them.
    pub fn arrange(&mut self, plan: Plan, by: By) -> Written {
        let version = |id: &RecordId| self.rows.get(id).map_or(0, |r| r.version);
        let as_read = |id: &RecordId, last: usize| last == self.last(*id) || by.bad == Some(Bad::VersionsAlone);
        let mut expected = plan.expected.iter();
        let holds = expected.all(|(id, v, last)| version(id) == *v && (*v == 0 || as_read(id, *last)));
        if !holds && by.bad != Some(Bad::MergeBlind) {
            return Written::No;
        }
        for put in plan.puts {
            self.place(put, by);
        }
        if let Some((id, to)) = plan.close {
            self.remove(id);
            self.told.remove(&id);
            self.moved.insert(id, to);
        }
        Written::Yes
    }

    /// The mistake of letting what the ERP changed go on to a contact that was taken apart.
    pub(crate) fn pull_apart(&mut self, id: RecordId, change: &Change, by: By) {
        let is_former = |e: &&Entry| match e.hold.as_ref().map(|h| &h.reason) {
            Some(HoldReason::Unlinked { erp_id, .. }) => {
                self.entry(id).is_some_and(|p| p.erp_id == Some(*erp_id) && p.crm_id.is_none())
            }
            _ => false,
        };
        if change.from != Winner::Erp || change.fields.is_empty() {
            return;
        }
        let Some(mut entry) = self.entries().find(is_former).cloned() else { return };
        for (piece, field) in &change.fields {
            entry.crm.put(piece, field.after.as_ref());
        }
        let version = entry.version;
        entry.revision += 1;
        self.write(entry, version, Some(change), By { bad: None, ..by });
    }

    fn place(&mut self, put: Put, by: By) {
        let Put { mut entry, history, told } = put;
        let id = entry.id;
        let old = self.rows.get(&id).cloned().unwrap_or_default();
        if let Some(from) = history {
            let history = self.told.get(&from).cloned().unwrap_or_default();
            self.told.insert(id, history);
        }
        self.moved.remove(&id);
        entry.crm_id.clone().map(|crm_id| self.by_crm.insert(crm_id, id));
        entry.version = old.version + 1;
        let (version, revision) = (entry.version, entry.revision);
        self.put(id, Row { version, revision, snap: old.snap, missing: old.missing, entry: Some(Box::new(entry)) });
        if let Some(change) = told {
            self.tell(id, &change, by);
        }
    }
}
