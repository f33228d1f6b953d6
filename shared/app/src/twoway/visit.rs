//! The visit's interpreter: carries out each effect of one visit on the table and the ERP.
//!
//! Makes no choices about the record. Every save is under the lease and
//! conditional on the row's version; a send happens inside the invocation, once,
//! and only while the window of its intent is open.

use std::collections::BTreeMap;

use domain::change::FieldChange;
use domain::{DocumentKind, ErpId, Fields, Object, Product, Record, RecordId, RunId, Settings};
use jiff::{SignedDuration, Timestamp};
use store::{
    Commit, CommitError, Decided, Lease, Link, NewChange, OpenWrite, RecordWrite, Relink, Row, Side as From,
    StoreError, Stored, Tenant,
};
use sync::index::Index;
use sync::plan::Item;
use sync::twoway::{
    Change, Effect, Entry, Input, Intent, Op, Outcome, Probed, Report, Save, Side, Timing, Visit, Winner, gate_open,
};

use super::bound::Bound;
use super::references::{followed, resolve, tell};
use super::rows::{entry_of, entry_of_row, pack};
use crate::drive::{SliceError, Worker};
use crate::writing::{Control, LONGEST, Lookup, Writer, products_needed};

/// Who writes what a visit finds.
const ACTOR: &str = "sync";
/// How many known records are looked at for a search's control.
const LOOKED_AT: usize = 40;
/// How many known records are looked for before "gone" is not believed.
const CONTROLS: usize = 3;
/// How often a save is tried again because other changes were numbered meanwhile.
const RENUMBERED: usize = 8;

/// What one visit has in hand.
pub(crate) struct Hands<'a, 'w> {
    worker: &'a mut Worker<'w>,
    /// Rows as they were loaded or written last.
    rows: BTreeMap<RecordId, Row>,
    /// Pieces whose references were followed, by row.
    followed: BTreeMap<RecordId, BTreeMap<String, FieldChange>>,
    /// What the ERP returned in this visit.
    read: BTreeMap<ErpId, Record>,
    /// When the last save was decided, by the steady clock.
    decided_at: SignedDuration,
    /// What may be written, when a person approved a plan: this item only.
    approved: Option<&'a Item>,
    run: Option<RunId>,
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Visited {
    /// As the engine says.
    Ended(Report),
    /// It would have written something else than was approved; nothing was written.
    NotApproved,
}

impl<'w> Worker<'w> {
    /// Empty hands.
    pub(crate) fn hands<'a>(&'a mut self, approved: Option<&'a Item>, run: Option<RunId>) -> Hands<'a, 'w> {
        let decided_at = self.services.clock.steady();
        Hands {
            worker: self,
            rows: BTreeMap::new(),
            followed: BTreeMap::new(),
            read: BTreeMap::new(),
            decided_at,
            approved,
            run,
        }
    }

    /// Visits one record.
    pub(crate) async fn visit(
        &mut self,
        id: RecordId,
        settings: &Settings,
        approved: Option<&Item>,
        run: Option<RunId>,
    ) -> Result<Visited, SliceError> {
        let tenant = self.tenant.id().clone();
        let mut visit = Visit::new(tenant, id, settings.of(id.object()), Timing::STANDARD);
        let mut hands = self.hands(approved, run);
        let mut input = Input::Begin;
        loop {
            hands.worker.keep_lease(hands.worker.services.clock.now()).await?;
            let (now, decided_at) = (hands.worker.services.clock.now(), hands.worker.services.clock.steady());
            input = match visit.step(input, now) {
                Effect::Done(report) => return Ok(Visited::Ended(report)),
                Effect::Load(id) => Input::Loaded(hands.load(id).await?.map(Box::new)),
                Effect::Read(erp_id) => Input::Side(hands.read(id, erp_id).await?),
                Effect::Probe(keys) => Input::Probed(hands.probe(id, &keys).await?),
                Effect::Save(save) => {
                    if !hands.allows(&save)? {
                        return Ok(Visited::NotApproved);
                    }
                    hands.decided_at = decided_at;
                    hands.save(*save).await?
                }
                Effect::Send { op, since } => Input::Sent(hands.send(id, &op, since).await?),
            };
        }
    }
}

impl Hands<'_, '_> {
    pub(crate) fn tenant(&self) -> &Tenant {
        self.worker.tenant
    }

    pub(crate) async fn load(&mut self, id: RecordId) -> Result<Option<Entry>, SliceError> {
        let Some(row) = self.tenant().row(id).await? else { return Ok(None) };
        let mut entry = entry_of_row(&row)?;
        self.rows.insert(id, row);
        let crm = resolve(self.tenant(), entry.crm.clone()).await?;
        self.followed.insert(id, followed(&entry.crm, &crm));
        entry.crm = crm;
        Ok(Some(entry))
    }

    /// The row that a record of the ERP has, or would have.
    pub(crate) async fn row_of(&mut self, object: Object, erp_id: ErpId) -> Result<Option<Box<Entry>>, SliceError> {
        let id = RecordId::for_erp(self.tenant().id(), object, erp_id);
        Ok(self.load(id).await?.map(Box::new))
    }

    pub(crate) async fn read(&mut self, id: RecordId, erp_id: ErpId) -> Result<Side, SliceError> {
        self.pace().await?;
        let known = self.stored(id, erp_id).map(|s| &s.record);
        let lookup = Lookup::of(id.object(), erp_id, known);
        let lookup = self.marker(id)?.iter().fold(lookup, |lookup, marker| lookup.marked(marker));
        let lookup = if known.is_none() { lookup.of_kind(self.kind(id)?) } else { lookup };
        let writer = Writer::new(self.worker.erp.client());
        let (side, record) = writer.side(&lookup).await;
        if side == Side::Absent && !self.sees_another(id).await? {
            // Perhaps another company, or a right that was lost: that proves nothing.
            return Ok(Side::Unknown);
        }
        if let Some(record) = record {
            self.read.insert(erp_id, record);
        }
        Ok(side)
    }

    pub(crate) async fn probe(&mut self, id: RecordId, keys: &[sync::twoway::Key]) -> Result<Probed, SliceError> {
        let controls = self.controls(id).await?;
        self.pace().await?;
        let entry = self.rows.get(&id).map(entry_of_row).transpose()?;
        let floor = entry.as_ref().and_then(|entry| entry.intent.as_ref()?.floor);
        let (ours, sent) = match entry {
            Some(Entry { crm, intent: Some(Intent { op: Op::Create { fields, .. }, .. }), .. }) => (crm, Some(fields)),
            Some(Entry { crm, .. }) => (crm, None),
            None => (Fields::default(), None),
        };
        let ours = resolve(self.tenant(), ours).await?;
        let sought: Vec<&Fields> = std::iter::once(&ours).chain(&sent).collect();
        let writer = Writer::new(self.worker.erp.client()).down_to(floor);
        let (probed, records) = writer.probe(id.object(), keys, &sought, &controls).await;
        self.read.extend(records.into_iter().map(|r| (r.erp_id(), r)));
        Ok(probed)
    }

    /// Whether the same look finds a record that is known to be there. Where none is known, there is nothing to ask for.
    pub(crate) async fn sees_another(&self, id: RecordId) -> Result<bool, SliceError> {
        let known = self.tenant().list(id.object(), None, CONTROLS + 1, false).await?;
        let others: Vec<Stored> = known.records.into_iter().filter(|s| s.id != id).take(CONTROLS).collect();
        if others.is_empty() {
            return Ok(true);
        }
        let writer = Writer::new(self.worker.erp.client());
        for other in &others {
            let lookup = Lookup::of(id.object(), other.erp_id, Some(&other.record));
            if let (Side::Present { .. }, _) = writer.side(&lookup).await {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The kind that the document is of, as far as the row says.
    fn kind(&self, id: RecordId) -> Result<Option<DocumentKind>, StoreError> {
        if let Some(Row::Record(stored)) = self.rows.get(&id)
            && let Record::Document(document) = &stored.record
        {
            return Ok(Some(document.kind));
        }
        let entry = self.rows.get(&id).map(entry_of_row).transpose()?;
        Ok(entry.and_then(|entry| entry.crm.kind(id.object())))
    }

    /// The marker of a create that is under way.
    fn marker(&self, id: RecordId) -> Result<Option<String>, StoreError> {
        let entry = self.rows.get(&id).map(entry_of_row).transpose()?;
        Ok(match entry.and_then(|e| e.intent) {
            Some(Intent { op: Op::Create { marker, .. }, .. }) => Some(marker),
            _ => None,
        })
    }

    /// Records that the ERP is known to have, for the search to find.
    async fn controls(&self, id: RecordId) -> Result<Vec<Control>, SliceError> {
        let known = self.tenant().list(id.object(), None, LOOKED_AT, false).await?;
        Ok(known.records.iter().filter_map(|s| Control::of(&s.record)).collect())
    }

    /// Products that the write names, as they were read last.
    async fn products_for(&self, id: RecordId, op: &Op) -> Result<Vec<Product>, SliceError> {
        let record = match (self.rows.get(&id), op) {
            (_, Op::Update { erp_id, .. }) if self.read.contains_key(erp_id) => self.read.get(erp_id),
            (Some(Row::Record(stored)), _) => Some(&stored.record),
            _ => None,
        };
        let needed = products_needed(id.object(), op, record);
        let tenant = self.tenant();
        let ids: Vec<RecordId> =
            needed.iter().map(|erp_id| RecordId::for_erp(tenant.id(), Object::Products, *erp_id)).collect();
        let known = tenant.records(&ids).await?;
        Ok(known
            .into_values()
            .filter_map(|s| if let Record::Product(p) = s.record { Some(*p) } else { None })
            .collect())
    }

    async fn pace(&mut self) -> Result<(), StoreError> {
        let worker = &mut *self.worker;
        worker.pace.before_read(worker.tenant, &worker.lease, &worker.services.clock).await
    }

    /// Sends, if the window is still open by both clocks. Nothing may come between the question and the first byte.
    async fn send(&mut self, id: RecordId, op: &Op, since: Timestamp) -> Result<Outcome, SliceError> {
        let products = self.products_for(id, op).await?;
        let (clock, decided_at) = (&self.worker.services.clock, self.decided_at);
        let open = || gate_open(since, clock.now(), clock.steady() - decided_at, &Timing::STANDARD);
        let writer = Writer::new(self.worker.erp.client()).with_products(products).of_kind(self.kind(id)?);
        // Longer than that, nothing of it may go out: the wait for a lost answer counts on it.
        let longest = SignedDuration::try_from(LONGEST).unwrap_or_default();
        let alive = || clock.steady() - decided_at <= longest && clock.now().duration_since(since) <= longest;
        let outcome = Bound::new(writer.send(id.object(), op, open), &alive).await.unwrap_or(Outcome::Unknown);
        tracing::info!(record = %id, outcome = outcome_name(&outcome), "a write to the ERP");
        Ok(outcome)
    }

    /// Whether the save begins nothing that was not approved.
    fn allows(&self, save: &Save) -> Result<bool, StoreError> {
        let Some(item) = self.approved else { return Ok(true) };
        let id = save.replaces.map_or(save.entry.id, |(old, _)| old);
        let before = self.rows.get(&id).map(entry_of_row).transpose()?;
        Ok(before.is_some_and(|before| sync::plan::allows_save(item, &before, save)))
    }

    async fn save(&mut self, mut save: Save) -> Result<Input, SliceError> {
        let id = save.replaces.map_or(save.entry.id, |(old, _)| old);
        tell(&mut save.change, &self.followed.remove(&id).unwrap_or_default(), &save.entry.crm);
        for _ in 0..RENUMBERED {
            let now = self.worker.services.clock.now();
            let rows = Rows { tenant: self.worker.tenant, loaded: &self.rows, read: &self.read, run: self.run };
            let mut commit = rows.commit(&save, &self.worker.lease).await?;
            commit.seq = self.worker.position.seq;
            match self.worker.tenant.commit(&commit, now).await {
                Ok(report) => {
                    self.worker.position.seq = report.seq;
                    return self.saved(save.entry.id).await;
                }
                Err(CommitError::SeqMoved) => self.worker.position.seq = self.worker.tenant.seq().await?,
                Err(CommitError::RecordMoved(_)) => return Ok(Input::Moved),
                // Perhaps written: the row says.
                Err(CommitError::Store(StoreError::Unavailable(_))) => {
                    self.worker.position.seq = self.worker.tenant.seq().await?;
                    let row = self.worker.tenant.row(save.entry.id).await?;
                    let entry = row.as_ref().map(entry_of_row).transpose()?;
                    if entry.as_ref() == Some(&save.entry) {
                        return self.saved(save.entry.id).await;
                    }
                    if entry.map_or(0, |e| e.version) != save.expected {
                        return Ok(Input::Moved);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::SeqMoved.into())
    }

    async fn saved(&mut self, id: RecordId) -> Result<Input, SliceError> {
        let row = self.worker.tenant.row(id).await?;
        self.rows.extend(row.map(|row| (id, row)));
        Ok(Input::Saved)
    }

    fn stored(&self, id: RecordId, erp_id: ErpId) -> Option<&Stored> {
        match self.rows.get(&id) {
            Some(Row::Record(stored)) if stored.erp_id == erp_id => Some(stored),
            _ => None,
        }
    }
}

/// What a save is made of.
struct Rows<'a> {
    tenant: &'a Tenant,
    loaded: &'a BTreeMap<RecordId, Row>,
    read: &'a BTreeMap<ErpId, Record>,
    run: Option<RunId>,
}

impl Rows<'_> {
    async fn commit<'a>(&self, save: &Save, lease: &'a Lease) -> Result<Commit<'a>, StoreError> {
        let mut commit = Commit::new(lease);
        let entry = &save.entry;
        let change = save.change.as_ref().map(|c| new_change(c, ACTOR, self.run));
        let old = save.replaces.and_then(|(old, _)| self.loaded.get(&old));
        match (self.loaded.get(&entry.id), entry.erp_id) {
            (Some(Row::Open(open)), _) => {
                commit.opens.push(OpenWrite::replace(open, pack(entry, None)?, change));
            }
            (Some(Row::Record(stored)), _) => {
                let read = entry.erp_id.and_then(|id| self.read.get(&id));
                let mirror = read.unwrap_or(&stored.record);
                let write = RecordWrite::replace(stored, mirror.to_bytes(), change).listed(mirror.listing());
                let write = if read.is_none() { write.still_missing(stored) } else { write };
                let write = write.without_erp(entry.erp_id.is_none());
                commit.writes.push(following(write.with_two_way(Some(pack(entry, Some(mirror))?)), old));
                if let (None, Some(crm_id)) = (&entry.crm_id, stored.two_way.as_ref().and_then(|t| t.crm_id.as_ref())) {
                    commit.unlinks.push(self.link(entry.id, crm_id));
                }
            }
            (None, Some(erp_id)) => {
                let mirror =
                    self.read.get(&erp_id).ok_or(StoreError::Corrupt { what: "a record that was not read" })?;
                let write = RecordWrite::create(entry.id, erp_id, mirror.to_bytes(), change).listed(mirror.listing());
                commit.writes.push(following(write.with_two_way(Some(pack(entry, Some(mirror))?)), old));
                let object = entry.id.object();
                let page = self.tenant.index_page_of(object, erp_id).await?;
                commit.pages = Index::with_unread(page, erp_id).into_iter().map(|p| (object, p)).collect();
            }
            (None, None) => return Err(StoreError::Corrupt { what: "a row that was not loaded" }),
        }
        let link = entry.crm_id.as_ref().map(|crm_id| self.link(entry.id, crm_id));
        match (old, save.replaces) {
            // It was deleted in the ERP, taken back and made anew: the place of the first one stays, without the CRM.
            (Some(Row::Record(stored)), _) => {
                let left = Entry { crm_id: None, due: None, intent: None, ..entry_of(stored)? };
                let write = RecordWrite::replace(stored, stored.record.to_bytes(), None).still_missing(stored);
                commit.writes.push(write.with_two_way(Some(pack(&left, Some(&stored.record))?)));
                commit.relinks.extend(link.map(|link| Relink { from: stored.id, link }));
            }
            (Some(Row::Open(open)), Some(_)) => {
                commit.closes.push((&**open).into());
                commit.links.extend(link);
            }
            (None, Some(_)) => return Err(StoreError::Corrupt { what: "a row that was not loaded" }),
            (_, None) => {}
        }
        Ok(commit)
    }

    fn link(&self, to: RecordId, crm_id: &str) -> Link {
        Link { crm: RecordId::for_crm(self.tenant.id(), to.object(), crm_id), to }
    }
}

/// The record with the history of the row that it takes the place of.
fn following(write: RecordWrite, old: Option<&Row>) -> RecordWrite {
    match old {
        Some(Row::Open(open)) => write.following(open),
        _ => write,
    }
}

/// What is told of a change of an entry.
pub(crate) fn new_change(change: &Change, actor: &str, run: Option<RunId>) -> NewChange {
    let decided =
        |(rule, lost): &(domain::Rule, Option<serde_json::Value>)| Decided { rule: *rule, lost: lost.clone() };
    NewChange {
        run,
        actor: actor.to_owned(),
        side: if change.from == Winner::Crm { From::Crm } else { From::Erp },
        kind: change.kind,
        fields: change.fields.clone(),
        decided: change.decided.iter().map(|(piece, d)| (piece.clone(), decided(d))).collect(),
        event: None,
        matched: change.matched.clone(),
    }
}

const fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::NotSent => "not_sent",
        Outcome::Rejected { .. } => "rejected",
        Outcome::NoAccess => "no_access",
        Outcome::Done { .. } => "done",
        Outcome::Duplicate { .. } => "duplicate",
        Outcome::Unknown => "unknown",
    }
}
