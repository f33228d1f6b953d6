//! A visit's effects on the table and by reading the ERP, with what can go wrong between and within them.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::{DocumentKind, ErpId, Marker, Object, ObjectSettings, RecordId, TenantId};
use jiff::Timestamp;
use serde_json::{Value, json};
use sync::breaker::FailureKind;
use sync::twoway::{Change, Effect, Ended, Entry, Input, Op, Probed, Save, Side, Visit, pending};

use crate::api::resolve;
use crate::bad::Bad;
use crate::erp::form::Snap;
use crate::erp::lists::View;
use crate::table::{By, Row, Table, Written};
use crate::worker::{Carried, Invocation};
use crate::world::{ASTRAY, HIDDEN, World, at};

/// A visit under way.
#[derive(Debug)]
pub struct VisitJob {
    /// The record.
    pub id: RecordId,
    /// What is to be done next.
    pub effect: Effect,
    /// When it began.
    pub began: i64,
    /// When its last save was decided, by a clock that is never set.
    pub decided_at: i64,
    /// What a save tells, where a known mistake tells it later.
    pub untold: Option<(RecordId, Change)>,
    visit: Visit,
    reads: BTreeMap<ErpId, Rc<Snap>>,
    /// The last changes of the rows as they were loaded or written last.
    lasts: BTreeMap<RecordId, usize>,
    /// A write was under way when it began.
    had_intent: bool,
    /// The ERP said that it is done.
    was_done: bool,
    told: bool,
}

/// Whether a call got through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It did.
    Yes,
    /// Nobody answered, or something else did.
    NoAnswer(i64),
    /// The company does not let us in.
    Refused,
}

impl VisitJob {
    /// A visit that begins.
    pub fn new(id: RecordId, mut visit: Visit, began: i64, wall: Timestamp) -> Self {
        let effect = visit.step(Input::Begin, wall);
        Self {
            id,
            effect,
            began,
            decided_at: began,
            untold: None,
            visit,
            reads: BTreeMap::new(),
            lasts: BTreeMap::new(),
            had_intent: false,
            was_done: false,
            told: false,
        }
    }

    /// Takes an input.
    pub fn step(&mut self, input: Input, wall: Timestamp, then: i64) {
        self.effect = self.visit.step(input, wall);
        if matches!(self.effect, Effect::Save(_)) {
            self.decided_at = then;
        }
    }

    /// Whether its last save told the CRM something.
    pub const fn tells(&self) -> bool {
        self.told
    }

    /// Notes that the ERP said that it is done.
    const fn note_done(&mut self) {
        self.was_done = true;
    }
}

impl World {
    /// The settings that a visit begun now goes by.
    pub fn settings_for(&self, t: usize, object: Object) -> ObjectSettings {
        let tenant = &self.tenants[t];
        let settings = if self.bad == Some(Bad::StaleSettings) { tenant.settings_at(1) } else { tenant.settings() };
        settings.of(object)
    }

    /// The id by which a tenant's records are named.
    pub fn tenant_id(&self, t: usize) -> TenantId {
        let t = if self.bad == Some(Bad::NoTenant) { 0 } else { t };
        self.tenants[t].id.clone()
    }

    /// The row of the matrix that a crash before the visit's next effect is.
    pub fn crash_point(job: &VisitJob) -> Option<usize> {
        match &job.effect {
            Effect::Save(save) if save.entry.crm_deleted_at.is_some() && save.entry.released => Some(14),
            Effect::Save(save) => (save.entry.intent.is_some() && !job.had_intent).then_some(4),
            Effect::Send { op: Op::Delete { .. }, .. } => Some(14),
            Effect::Send { .. } => Some(5),
            Effect::Read(_) if job.was_done => Some(15),
            _ => None,
        }
    }

    /// Carries out the next effect of a visit. `is_closed`: the breaker lets no call go.
    pub fn visit_effect(&mut self, w: usize, on: &mut Invocation, job: &mut VisitJob, is_closed: bool) -> Carried {
        let t = on.t;
        match std::mem::replace(&mut job.effect, Effect::Load(job.id)) {
            Effect::Done(report) => {
                on.over |= report.ended == Ended::NoAccess;
                self.end(t, job.id);
                Carried::Over
            }
            Effect::Load(id) => {
                let entry = self.load(t, id);
                job.lasts.insert(id, self.tenants[t].table.last(id));
                if id == job.id {
                    job.had_intent = entry.as_ref().is_some_and(|e| e.intent.is_some());
                    job.was_done = entry.as_ref().and_then(|e| e.intent.as_ref()).is_some_and(|i| i.done.is_some());
                }
                Carried::Visit(Input::Loaded(entry.map(Box::new)), 5)
            }
            Effect::Read(_) if is_closed => Carried::Visit(Input::Side(Side::Unknown), 5),
            Effect::Probe(_) if is_closed => Carried::Visit(Input::Probed(Probed::CannotTell), 5),
            Effect::Read(erp_id) => {
                let (side, took) = self.read(w, on, job, erp_id);
                Carried::Visit(Input::Side(side), took)
            }
            Effect::Probe(keys) => {
                let (probed, took) = self.probe(w, on, job.id, &keys);
                if let Probed::Answered { found, .. } = &probed {
                    let docs = &self.tenants[t].erp.docs;
                    job.reads
                        .extend(found.iter().filter_map(|m| Some((m.erp_id, Rc::clone(&docs.get(&m.erp_id)?.snap)))));
                }
                Carried::Visit(Input::Probed(probed), took)
            }
            Effect::Save(save) => self.save(on, job, save),
            Effect::Send { op, since } => {
                let (outcome, took) = self.send(w, on, job, &op, since, is_closed);
                if matches!(outcome, sync::twoway::Outcome::Done { .. }) {
                    job.note_done();
                }
                Carried::Visit(Input::Sent(outcome), took)
            }
        }
    }

    fn end(&mut self, t: usize, id: RecordId) {
        self.tenants[t].to_visit.remove(&id);
        if self.bad != Some(Bad::DeadLetter) {
            return;
        }
        let tenant = &mut self.tenants[t];
        let visits = tenant.visits.entry(id).or_default();
        *visits += 1;
        if *visits > 3
            && let Some(mut row) = tenant.table.rows.get(&id).cloned()
        {
            if let Some(entry) = &mut row.entry {
                entry.due = None;
            }
            tenant.table.put(id, row);
        }
    }

    fn load(&mut self, t: usize, id: RecordId) -> Option<Entry> {
        let table = &self.tenants[t].table;
        let mut entry = table.rows.get(&id)?.entry(id)?;
        resolve(table, &mut entry.crm);
        if self.bad == Some(Bad::UnlinkedPartner) && entry.crm.get("partner").is_some_and(|p| p.get("crm_id").is_some())
        {
            entry.crm.set("partner", json!({ "name": format!("t{t} somebody") }));
        }
        Some(entry)
    }

    /// Whether a call gets through to the company, and what stands in its way.
    pub fn reach(&mut self, w: usize, on: &mut Invocation, reads: bool) -> Reach {
        let t = on.t;
        let Some(key) = self.key(w, t) else { return Reach::NoAnswer(5) };
        if self.is_out() {
            self.fire(38);
            self.answered = Err(FailureKind::Connect);
            return Reach::NoAnswer(1_000);
        }
        let right = self.tenants[t].erp.key;
        if key != right {
            self.fire(48);
            let new = self.refused(w, t);
            if new != Some(right) || !reads {
                // A write is tried again by a later visit: it was not executed.
                if new != Some(right) {
                    self.tenants[t].no_access_until = self.now + 600_000;
                    on.over = true;
                }
                return Reach::Refused;
            }
        }
        Reach::Yes
    }

    /// What comes in place of an answer to a read.
    fn garbled(&mut self, object: Object) -> Option<i64> {
        if self.fault(22, 25) {
            self.answered = Err(FailureKind::Html);
            return Some(300);
        }
        if self.fault(23, 10) || object == Object::Contacts && self.fault(25, 10) {
            self.answered = Err(FailureKind::Fault);
            return Some(300);
        }
        if self.fault(21, 5) {
            self.answered = Err(FailureKind::Fault);
            return Some(60_000);
        }
        None
    }

    /// What stands in the way of reading, if anything: how long it took.
    pub fn unreadable(&mut self, w: usize, on: &mut Invocation, object: Object) -> Option<i64> {
        match self.reach(w, on, true) {
            Reach::Yes => self.garbled(object),
            Reach::NoAnswer(took) => Some(took),
            Reach::Refused => Some(200),
        }
    }

    /// Counts an answer that is not of what is there.
    pub fn note_view(&mut self, t: usize) -> View {
        let view = self.tenants[t].erp.view(self.now);
        if view == View::Astray {
            self.fire(ASTRAY);
        }
        view
    }

    fn read(&mut self, w: usize, on: &mut Invocation, job: &mut VisitJob, erp_id: ErpId) -> (Side, i64) {
        let (t, object) = (on.t, job.id.object());
        if let Some(took) = self.unreadable(w, on, object) {
            let side = if self.bad == Some(Bad::FailedIsGone) { Side::Absent } else { Side::Unknown };
            return (side, took);
        }
        self.note_view(t);
        let now = self.now;
        let erp = &self.tenants[t].erp;
        let doc = erp.docs.get(&erp_id).filter(|d| d.object() == object);
        let is_hidden = doc.is_some_and(|d| !d.gone && !erp.shows(erp_id, d, now));
        if is_hidden && object == Object::Products && erp.view(now) == View::Astray {
            // Products are looked up with a control, and that is not there either.
            return (Side::Unknown, 600);
        }
        let shown = doc.filter(|d| !d.gone && !is_hidden);
        let Some(doc) = shown else {
            if is_hidden && erp.view(now) == View::Partial {
                self.fire(HIDDEN);
            }
            let has_edits = self.tenants[t].table.entry(job.id).is_some_and(|e| !pending(e).is_empty());
            if has_edits && !is_hidden {
                self.fire(69);
            }
            let heard = self.tenants[t].heard.entry(job.id).or_default();
            (heard.gone, heard.misled) = (true, heard.misled || is_hidden);
            return (Side::Absent, 300);
        };
        let (snap, locked) = (Rc::clone(&doc.snap), doc.locked_since.is_some());
        let changed_at = object.is_document().then(|| at(doc.changed_at));
        let mut fields = snap.fields().clone();
        job.reads.insert(erp_id, snap);
        let mut deleting = None;
        if let Some(entry) = self.tenants[t].table.entry(job.id) {
            deleting = entry.crm_deleted_at.map(|_| (entry.in_crm_names(&fields) != entry.erp, entry.erp.clone()));
            if locked && (deleting.is_some() || !pending(entry).is_empty()) {
                self.fire(62);
            }
        }
        if let Some((is_edited, ours)) = deleting {
            if is_edited {
                self.fire(69);
            }
            if self.bad == Some(Bad::DeleteBeatsEdit) {
                fields = ours;
            }
        }
        if self.bad == Some(Bad::OwnSums) {
            fields.set("sums", Value::Null);
        }
        (Side::Present { fields, changed_at, locked: locked && self.bad != Some(Bad::IgnoresLock) }, 300)
    }

    fn probe(&mut self, w: usize, on: &mut Invocation, id: RecordId, keys: &[sync::twoway::Key]) -> (Probed, i64) {
        let (t, bad, object) = (on.t, self.bad, id.object());
        if let Some(took) = self.unreadable(w, on, object) {
            let empty = Probed::Answered { found: Vec::new(), control: true };
            return (if bad == Some(Bad::PageIsEmpty) { empty } else { Probed::CannotTell }, took);
        }
        if self.note_view(t) == View::Astray || self.fault(35, 20) {
            return (Probed::Answered { found: Vec::new(), control: bad == Some(Bad::NoControl) }, 400);
        }
        let near = bad == Some(Bad::NearMatch) || self.fault(36, 100);
        let is_newest = DocumentKind::of(object).any(|kind| kind.entry().marker == Marker::TagOfNewest);
        let mut found = if is_newest && !near {
            let kind = self.kind_of(t, id).map_or("", DocumentKind::erp_name);
            self.tenants[t].erp.newest(object, kind, self.down_to(t, id), self.now)
        } else {
            self.tenants[t].erp.search(keys, object, self.now, near)
        };
        let exact = keys.iter().map(|k| self.tenants[t].erp.with_key(k, object).len()).sum::<usize>();
        let heard = self.tenants[t].heard.entry(id).or_default();
        heard.found |= exact > 0;
        heard.several |= exact > 1;
        if bad == Some(Bad::NearMatch) && self.dice.hit(200) {
            let ours = self.tenants[t].table.entry(id).map(|e| e.crm.clone()).unwrap_or_default();
            for m in &mut found {
                m.fields = ours.clone();
            }
        }
        let is_first = self.tenants[t].table.entry(id).is_some_and(|e| e.intent.is_none());
        if bad == Some(Bad::NoProbe) && is_first {
            found.clear();
        }
        (Probed::Answered { found, control: true }, 400)
    }

    /// The kind of document that a row is of.
    fn kind_of(&self, t: usize, id: RecordId) -> Option<DocumentKind> {
        self.tenants[t].table.entry(id)?.crm.kind(id.object()).or_else(|| DocumentKind::of(id.object()).next())
    }

    /// Where a walk down from the newest documents ends: at what was there before the sending, or at the newest we know.
    fn down_to(&self, t: usize, id: RecordId) -> Option<ErpId> {
        let table = &self.tenants[t].table;
        let floor = table.entry(id).and_then(|e| e.intent.as_ref()?.floor);
        let kind = self.kind_of(t, id).filter(|_| self.bad != Some(Bad::KindsMixed)).map(DocumentKind::erp_name);
        let known = || known(table, id.object(), kind).max();
        if matches!(self.bad, Some(Bad::NewestKnown | Bad::KindsMixed)) { known() } else { floor.or_else(known) }
    }

    fn save(&mut self, on: &Invocation, job: &mut VisitJob, save: Box<Save>) -> Carried {
        let t = on.t;
        if self.fault(40, 12) {
            // Another transaction was in the way: nothing was written, and it is tried again a little later.
            let wait = 50 + self.dice.ms(400);
            job.effect = Effect::Save(save);
            return Carried::Again(wait);
        }
        let forced = self.ignores_epoch(t);
        if self.tenants[t].table.epoch != on.epoch && !forced {
            self.lose_lease(t);
            return Carried::Failed;
        }
        if self.tenants[t].paused_since.is_some() {
            self.breach(|b| &mut b.while_paused, || "a row was written while the tenant was paused".to_owned());
        }
        // Throttled, or the answer did not come: written or not, the row says.
        let unclear = self.fault(39, 12);
        if unclear && self.dice.hit(500) {
            job.effect = Effect::Save(save);
            return Carried::Again(1_000);
        }
        let save = self.mistaken(save);
        let by = By { at: self.now, began: job.began, bad: self.bad };
        let erp_id = save.entry.erp_id.or_else(|| job.reads.keys().next().copied());
        let snap = erp_id.and_then(|id| job.reads.get(&id).cloned()).filter(|_| save.entry.erp_id.is_some());
        let table = &mut self.tenants[t].table;
        let ids = [Some(save.entry.id), save.replaces.map(|(old, _)| old)];
        let is_another = |id: &RecordId| job.lasts.get(id).is_some_and(|last| *last != table.last(*id));
        let is_blind = matches!(self.bad, Some(Bad::VersionsAlone | Bad::NoCas | Bad::TellAfter));
        if !is_blind && ids.iter().flatten().any(is_another) {
            self.fire(65);
            return Carried::Visit(Input::Moved, 15);
        }
        let is_erased = save.expected > 0 && save.replaces.is_none() && !table.rows.contains_key(&save.entry.id);
        let resurrects = is_erased && self.bad == Some(Bad::EraseResurrects);
        let written = table.save(&save, snap, by, self.bad == Some(Bad::NoCas) || resurrects);
        if written == Written::No {
            self.fire(if is_erased { 78 } else { 65 });
            return Carried::Visit(Input::Moved, 15);
        }
        if let Some(intent) = save.entry.intent.as_ref().filter(|i| i.absent == 0 && i.done.is_none()) {
            let heard = self.tenants[t].heard.entry(save.entry.id).or_default();
            if heard.allowed_at != Some(intent.since) {
                (heard.allowed_at, heard.allowed) = (Some(intent.since), heard.allowed + 1);
            }
        }
        job.lasts.insert(save.entry.id, self.tenants[t].table.last(save.entry.id));
        job.told = save.change.is_some();
        job.untold = save.change.clone().map(|c| (save.entry.id, c));
        if self.bad == Some(Bad::BlindRetry) && self.chance(15) {
            let when = self.now + 300_000;
            self.tenants[t].forced.push((when, *save));
            self.late_until = self.late_until.max(when);
        }
        Carried::Visit(Input::Saved, if unclear { 2_000 } else { 15 })
    }

    /// A save as a known mistake makes it.
    fn mistaken(&self, mut save: Box<Save>) -> Box<Save> {
        let entry = &mut save.entry;
        if entry.intent.is_none() && entry.erp_id.is_some() {
            match self.bad {
                Some(Bad::SentIsBase) => entry.erp = entry.agreed.clone(),
                Some(Bad::PingPong) => {
                    entry.agreed = entry.erp.clone();
                    entry.due = (!pending(entry).is_empty()).then(|| at(self.now + 60_000)).or(entry.due);
                }
                _ => {}
            }
        }
        save
    }
}

/// The records of a type, and of a kind when one is asked for, that we know, in the order of the table.
fn known<'a>(table: &'a Table, object: Object, kind: Option<&'a str>) -> impl Iterator<Item = ErpId> + use<'a> {
    let is_of = move |fields: &domain::Fields| {
        object != Object::WarehouseDocuments
            || kind.is_none_or(|k| fields.get("kind").and_then(Value::as_str) == Some(k))
    };
    let is_known = move |(id, row): &(&RecordId, &Row)| id.object() == object && row.missing.is_none();
    let snaps = table.rows.iter().filter(is_known).filter_map(|(_, row)| row.snap.as_ref());
    snaps.filter(move |snap| is_of(snap.fields())).map(|snap| snap.erp_id)
}
