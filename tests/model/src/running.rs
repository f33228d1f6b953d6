//! A run's effects: the index, lists and lookups of the ERP, and the commits, with what can go wrong within them.
//!
//! Makes no choices about records. A run that stops anywhere goes on from its last commit.

use std::rc::Rc;

use domain::change::ChangeKind;
use domain::{Cadence, ErpId, Mode, Object, RecordId, Run, RunId, Trigger};
use jiff::Timestamp;
use sync::{Batch, Effect, Failure, Hint, Input, Machine, Page, Read, RowOutcome, plan_changes, plan_full, plan_hints};

use crate::bad::Bad;
use crate::erp::lists::{Shown, View};
use crate::intake::Work;
use crate::table::{By, Written};
use crate::worker::{Carried, Invocation};
use crate::world::{HIDDEN, World, at, ms};

/// A run under way.
#[derive(Debug)]
pub struct RunJob {
    /// What is to be done next.
    pub effect: Effect,
    machine: Machine,
    /// When the run began, which may be in an earlier invocation.
    began: i64,
    step: u64,
    /// What the last page showed.
    shown: Shown,
    /// The webhooks that it follows up.
    done: Vec<String>,
    is_new: bool,
    /// Somebody asked for all of it.
    is_full: bool,
    /// The first half of a commit is written (a known-bad variant).
    split: bool,
}

impl RunJob {
    fn new(mut machine: Machine, began: i64, step: u64, done: Option<Vec<String>>, now: Timestamp) -> Self {
        let (is_new, done) = (done.is_some(), done.unwrap_or_default());
        let effect = machine.step(Input::Begin, now);
        Self { effect, machine, began, step, shown: Shown::new(), done, split: false, is_new, is_full: false }
    }

    /// Whether it begins, and does not go on after a stop.
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Takes an input.
    pub fn step(&mut self, input: Input, now: Timestamp) {
        self.effect = self.machine.step(input, now);
    }

    /// The slice is over: what was reached so far is committed next.
    pub fn checkpoint(&mut self) {
        if !matches!(self.effect, Effect::Done) {
            self.effect = Effect::Commit(Box::new(self.machine.checkpoint()));
        }
    }
}

fn failure(code: &str) -> Input {
    Input::Failed(Failure { code: code.to_owned(), message: String::new(), retryable: true, ends_run: false })
}

impl World {
    /// Whether a run is due.
    pub fn has_run(&self, t: usize, work: Work, wall: i64) -> bool {
        let table = &self.tenants[t].table;
        match work {
            Work::Push => self.tenants[t].full_asked,
            Work::Inbox => table.inbox.values().any(|(_, done)| !done),
            Work::Due => {
                self.tenants[t].full_asked
                    || table.state.0.active.is_some()
                    || table.inbox.values().any(|(_, done)| !done)
                    || !plan_changes(&table.state.0.cursors, &cadence(&self.tenants[t]), at(wall)).is_empty()
            }
        }
    }

    /// The run that was left unfinished, or the one that is due.
    pub fn next_run(&mut self, w: usize, t: usize, work: Work) -> Option<RunJob> {
        let (wall, now) = (at(self.wall(w)), self.now);
        if work == Work::Push && !self.tenants[t].full_asked {
            return None;
        }
        let id = self.tenant_id(t);
        let stale = self.bad == Some(Bad::StaleSettings);
        let tenant = &mut self.tenants[t];
        let (saved, step) = tenant.table.state.clone();
        if let Some(active) = &saved.active {
            let settings = tenant.settings_at(if stale { 1 } else { active.settings }).clone();
            let began = active.run.started_at.map_or(now, ms);
            let machine = Machine::resume(id, settings, saved, &tenant.table.chunks)?;
            return Some(RunJob::new(machine, began, step, None, wall));
        }
        let done: Vec<String> =
            tenant.table.inbox.iter().filter(|(_, (_, done))| !done).map(|(k, _)| k.clone()).collect();
        let mut passes = hints(tenant);
        if tenant.full_asked {
            passes.extend(plan_full(&tenant.objects));
        } else if work == Work::Due {
            passes.extend(plan_changes(&saved.cursors, &cadence(tenant), wall));
        }
        if passes.is_empty() && done.is_empty() {
            return None;
        }
        let settings = if stale { tenant.settings_at(1) } else { tenant.settings() }.clone();
        self.runs += 1;
        let run: RunId = format!("run_{:032x}", self.runs).parse().expect("a run id");
        let objects: Vec<Object> = passes.iter().map(sync::Pass::object).collect();
        let run = Run::queued(run, Mode::Changes, Trigger::Schedule, &objects, wall);
        let machine = Machine::start(id, settings, saved, run, passes, wall);
        let is_full = tenant.full_asked;
        Some(RunJob { is_full, ..RunJob::new(machine, now, step, Some(done), wall) })
    }

    /// Carries out the next effect of a run. `is_closed`: the breaker lets no call go.
    pub fn run_effect(&mut self, w: usize, on: &mut Invocation, job: &mut RunJob, is_closed: bool) -> Carried {
        let t = on.t;
        match std::mem::replace(&mut job.effect, Effect::Done) {
            Effect::Done => Carried::Over,
            Effect::LoadIndex { object, ids } => {
                let pages = self.tenants[t].table.index(object, ids.as_deref());
                Carried::Run(Input::Index(pages), 10)
            }
            Effect::LoadRecords { object, ids, open } => {
                let tenant = self.tenant_id(t);
                let table = &self.tenants[t].table;
                // First the open ones: a create that is linked in between is among the records then.
                let is_left = open && self.bad != Some(Bad::NoHoldBack);
                let open = if is_left { table.open(object) } else { Vec::new() };
                let keys = ids.iter().map(|id| (*id, RecordId::for_erp(&tenant, object, *id)));
                let mut found = table.stored(keys);
                if self.bad == Some(Bad::OneSweep) {
                    // As if an earlier sweep had missed it as well.
                    let candidates = found.iter_mut().filter(|(id, _)| !job.shown.contains_key(id));
                    candidates.for_each(|(_, old)| old.missing_since = Some(at(-100 * 3_600_000)));
                }
                Carried::Run(Input::Records { found, open }, 15)
            }
            Effect::Read(_) if is_closed => Carried::Run(failure("erp_unreachable"), 5),
            Effect::Read(read) => {
                let (input, took) = self.list(w, on, job, &read);
                Carried::Run(input, took)
            }
            Effect::ReadRows(ids) => {
                for id in &ids {
                    self.note_row(t, job, *id);
                }
                let outcome = |id: &ErpId| Some((*id, RowOutcome::Record(job.shown.get(id)?.record().clone())));
                Carried::Run(Input::Rows(ids.iter().filter_map(outcome).collect()), 1)
            }
            Effect::Commit(batch) => self.commit(on, job, batch),
        }
    }

    /// A row that is new or was changed: whose doing it is.
    fn note_row(&mut self, t: usize, job: &RunJob, id: ErpId) {
        let tenant = &self.tenants[t];
        let (Some(doc), Some(shown)) = (tenant.erp.docs.get(&id), job.shown.get(&id)) else { return };
        if !doc.by_us {
            return;
        }
        let key = RecordId::for_erp(&tenant.id, doc.object(), id);
        let mirror = tenant.table.rows.get(&key).and_then(|r| r.snap.as_ref());
        match mirror {
            // Our own write comes by.
            Some(mirror) if mirror.text == shown.text => self.fire(73),
            // What we made comes by before we know of it.
            None => self.fire(71),
            Some(_) => {}
        }
    }

    fn list(&mut self, w: usize, on: &mut Invocation, job: &mut RunJob, read: &Read) -> (Input, i64) {
        let (t, object) = (on.t, object_of(read));
        if let Some(took) = self.unreadable(w, on, object) {
            let input = match self.bad {
                Some(Bad::PageIsEmpty) => Input::Page(Page { total: Some(0), page_size: 10, ..Page::default() }),
                Some(Bad::FailedIsGone) => Input::Page(self.all_gone(t, read)),
                _ => failure("erp_unreachable"),
            };
            return (input, took);
        }
        if matches!(read, Read::Documents { offset, .. } if *offset > 0) && self.fault(79, 100) {
            self.move_rows(t, object);
        }
        let view = self.note_view(t);
        let (mut page, shown) = self.tenants[t].erp.page(read, self.now);
        let is_partial = view == View::Partial;
        if is_partial {
            self.fire(HIDDEN);
        }
        if matches!(read, Read::Documents { .. }) && page.rows.len() > 1 && self.fault(79, 30) {
            // Cut short on the way; the total stays.
            page.rows.truncate(1);
        }
        if self.bad == Some(Bad::OneSweep) {
            page = self.as_one_sweep(t, read, page);
        }
        if view == View::Astray && self.bad == Some(Bad::BelieveWrongCompany) {
            page = self.all_gone(t, read);
        }
        job.shown = shown;
        (Input::Page(page), 400)
    }

    /// The ERP's users insert or delete a document between two pages.
    fn move_rows(&mut self, t: usize, object: Object) {
        let now = self.now;
        let tenant = &mut self.tenants[t];
        let first = tenant.erp.docs.iter().find(|(_, d)| d.object() == object && !d.gone && d.made_for.is_none());
        let Some((id, _)) = first.filter(|_| self.dice.hit(300)) else {
            let n = self.next_value();
            self.erp_user_makes_document(t, n, object);
            return;
        };
        let id = *id;
        if let Some(doc) = self.tenants[t].erp.docs.get_mut(&id) {
            (doc.gone, doc.gone_by_user, doc.changed_at) = (true, true, now);
        }
    }

    /// A lookup that a known mistake answers: everything is gone, and the control is there.
    fn all_gone(&self, t: usize, read: &Read) -> Page {
        let (ids, control): (Vec<ErpId>, _) = match read {
            Read::Lookup { items, .. } => (items.iter().map(|i| i.erp_id).collect(), items.first().map(|i| i.erp_id)),
            Read::Contacts { ids } => (ids.clone(), ids.last().copied()),
            _ => return Page { total: Some(0), page_size: 10, ..Page::default() },
        };
        let there = control.and_then(|c| self.tenants[t].erp.docs.get(&c));
        let rows = there.map(|d| sync::Row { erp_id: d.snap.erp_id, text: d.snap.text, contacts: Vec::new() });
        let gone = ids.into_iter().filter(|id| Some(*id) != control).collect();
        Page { rows: rows.into_iter().collect(), gone, ..Page::default() }
    }

    /// A lookup that is not made: what was not on the list is gone.
    fn as_one_sweep(&self, t: usize, read: &Read, page: Page) -> Page {
        match read {
            Read::Lookup { .. } => self.all_gone(t, read),
            Read::Documents { .. } if page.rows.len() < 2 => {
                let total = Some(page.rows.len() as u64);
                Page { total, ..page }
            }
            _ => page,
        }
    }

    fn commit(&mut self, on: &Invocation, job: &mut RunJob, batch: Box<Batch>) -> Carried {
        let t = on.t;
        if self.fault(40, 12) {
            let wait = 50 + self.dice.ms(400);
            job.effect = Effect::Commit(batch);
            return Carried::Again(wait);
        }
        let forced = self.ignores_epoch(t);
        if self.tenants[t].table.epoch != on.epoch && !forced {
            self.lose_lease(t);
            return Carried::Failed;
        }
        if self.tenants[t].paused_since.is_some() {
            self.breach(|b| &mut b.while_paused, || "a run wrote while the tenant was paused".to_owned());
        }
        let unclear = self.fault(39, 12);
        if unclear && self.dice.hit(500) {
            job.effect = Effect::Commit(batch);
            return Carried::Again(1_000);
        }
        for write in &batch.writes {
            self.judge_write(t, write);
        }
        let by = By { at: self.now, began: job.began, bad: self.bad };
        let saved = job.machine.saved();
        let table = &mut self.tenants[t].table;
        if self.bad == Some(Bad::CursorFirst) && !job.split && !batch.writes.is_empty() {
            // The position first, the records in a second transaction.
            table.move_on(&batch, saved);
            (job.split, job.step) = (true, job.step + 1);
            job.effect = Effect::Commit(batch);
            return Carried::Again(15);
        }
        if std::mem::take(&mut job.split) {
            table.write_all(&batch, by);
        } else {
            if table.commit(&batch, saved, job.step, by, forced) == Written::No {
                self.fire(65);
                return Carried::Failed;
            }
            job.step += 1;
        }
        self.close(t, job, &batch);
        Carried::Run(Input::Committed, if unclear { 2_000 } else { 20 })
    }

    /// The last commit marks the webhooks that the run followed up.
    fn close(&mut self, t: usize, job: &RunJob, batch: &Batch) {
        if job.is_full && batch.last {
            self.tenants[t].full_asked = false;
        }
        if batch.last && batch.run.error.is_none() {
            for key in &job.done {
                if let Some((_, done)) = self.tenants[t].table.inbox.get_mut(key) {
                    *done = true;
                }
            }
        }
    }

    /// Calling something gone that is there is a breach at once, and so is telling an echo.
    fn judge_write(&mut self, t: usize, write: &sync::RecordWrite) {
        let now = self.now;
        let erp = &self.tenants[t].erp;
        let Some(doc) = erp.docs.get(&write.erp_id).filter(|d| d.object() == write.id.object()) else { return };
        if write.missing {
            let was_hidden = erp.hidden.get(&write.erp_id).is_some_and(|(from, to)| *from <= now && now < to + 120_000);
            if write.change.is_some() && !doc.gone && !was_hidden {
                let since = now - doc.found_from;
                let line = format!("called gone, and the ERP has it: {}, listed since {since} ms", write.id);
                self.breach(|b| &mut b.false_deletes, || line);
            }
            return;
        }
        let mirror = self.tenants[t].table.rows.get(&write.id).and_then(|r| r.snap.as_ref());
        let is_echo = doc.by_us && mirror.is_some_and(|m| Rc::ptr_eq(m, &doc.snap));
        let tells = write.change.as_ref().is_some_and(|c| c.kind == ChangeKind::Updated && !c.fields.is_empty());
        if is_echo && tells {
            let line = format!("an echo was told: {}", write.id);
            self.breach(|b| &mut b.writes_when_quiet, || line);
        }
    }
}

/// The object type that a read is of.
const fn object_of(read: &Read) -> Object {
    match read {
        Read::Warehouses | Read::Stock { .. } => Object::Stock,
        Read::Products { .. } => Object::Products,
        Read::Documents { kind, .. } => kind.object(),
        Read::Contacts { .. } => Object::Contacts,
        Read::Lookup { object, .. } => *object,
    }
}

fn hints(tenant: &crate::tenant::Tenant) -> Vec<sync::Pass> {
    let mut products: Vec<ErpId> =
        tenant.table.inbox.values().filter(|(_, done)| !done).map(|(product, _)| *product).collect();
    products.sort_unstable();
    products.dedup();
    let hint = |id: &ErpId| Hint { erp_id: *id, number: Some(format!("N-{id}")) };
    let known = |id: &&ErpId| tenant.table.rows.contains_key(&RecordId::for_erp(&tenant.id, Object::Products, **id));
    let unknown = products.iter().filter(|id| !known(id)).map(hint).collect();
    plan_hints(products.iter().map(hint).collect(), unknown)
}

fn cadence(tenant: &crate::tenant::Tenant) -> std::collections::BTreeMap<Object, Cadence> {
    tenant.objects.iter().map(|o| (*o, Cadence { every_s: 900, full_every_s: 3_600, paused: false })).collect()
}
