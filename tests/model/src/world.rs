//! One schedule: two tenants, their CRM and ERP, the workers, and every fault, in virtual time on one thread.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use domain::{Direction, ErpId, Object, ObjectSettings, RecordId, Rule, TenantId};
use jiff::Timestamp;
use serde_json::Value;
use sync::twoway::{Entry, Op, Save, Timing};

use crate::bad::Bad;
use crate::crm::{Crm, Edited, delete, editable, put, value_of};
use crate::dice::Dice;
use crate::erp::{Doc, Erp, For};
use crate::table::Table;
use crate::worker::Worker;

/// How long faults last, in milliseconds.
pub const FAULTS: i64 = 90 * 60_000;
/// After this the schedule ends, whatever is left.
pub const END: i64 = FAULTS + 48 * 3_600_000;
/// How many numbers fault rows have.
pub const ROWS: usize = 84;

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A worker takes its next step.
    Worker(usize),
    /// A user of the CRM does something.
    CrmUser(usize),
    /// The CRM pushes what is not acknowledged.
    Push(usize),
    /// The CRM follows the feed.
    Feed(usize),
    /// A user of the ERP does something.
    ErpUser(usize),
    /// The ERP's changes are looked at.
    Observe(usize),
    /// Deletions are judged.
    Guard(usize),
    /// Somebody deletes every product in the CRM.
    Clear(usize),
}

/// An edit by a user of the ERP, for the truth log.
#[derive(Clone, Debug)]
pub struct ErpEdited {
    /// The record.
    pub erp_id: ErpId,
    /// The piece.
    pub piece: String,
    /// The new value.
    pub value: Value,
}

/// One tenant's world.
#[derive(Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its rows.
    pub table: Table,
    /// Its ERP company.
    pub erp: Erp,
    /// Its CRM.
    pub crm: Crm,
    /// Its settings, the same for all object types.
    pub settings: ObjectSettings,
    /// All edits in the CRM, in order.
    pub crm_edits: Vec<Edited>,
    /// All edits in the ERP, in order.
    pub erp_edits: Vec<ErpEdited>,
    /// When a record was first not found in the ERP.
    pub first_gone: BTreeMap<RecordId, i64>,
    /// Deletions that the guard let pass.
    pub released: usize,
    /// Customers that a user of the ERP made while our create of the same was past its search.
    pub raced: u64,
    /// Writes of rows that are made later whatever is there then (a known-bad variant).
    pub forced: Vec<(i64, Save)>,
    /// The company refuses our key until then.
    pub no_access_until: i64,
}

/// One schedule.
pub struct World {
    /// The two tenants.
    pub tenants: Vec<Tenant>,
    /// The workers.
    pub workers: Vec<Worker>,
    /// Chance.
    pub dice: Dice,
    /// The known mistake that is tried, if any.
    pub bad: Option<Bad>,
    /// Now, in milliseconds.
    pub now: i64,
    /// How often each fault row fired.
    pub fired: [u64; ROWS],
    /// The ERP cannot be reached from, to.
    pub outage: (i64, i64),
    /// Writes to the ERP that were sent.
    pub sends: u64,
    /// A hash of all that happened.
    pub trace: u64,
    /// All is quiet: only what is due is looked at.
    pub settled: bool,
    /// Visits by row, for the variant that gives up.
    pub visits: BTreeMap<RecordId, u32>,
    events: BinaryHeap<Reverse<(i64, u64, Event)>>,
    queued: u64,
    counter: u64,
}

/// A point in the model's time.
pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap_or(Timestamp::MAX)
}

/// The model's time of a point.
pub fn ms(t: Timestamp) -> i64 {
    t.as_millisecond() - 1_700_000_000_000
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64, bad: Option<Bad>) -> Self {
        let mut dice = Dice::new(seed);
        let tenants = (0..2).map(|n| tenant(n, &mut dice)).collect();
        let workers = (0..3).map(|_| Worker::new(&mut dice)).collect();
        let outage = if dice.hit(30) { (20 * 60_000, 20 * 60_000 + 6 * 3_600_000) } else { (0, 0) };
        let mut world = Self {
            tenants,
            workers,
            dice,
            bad,
            now: 0,
            fired: [0; ROWS],
            outage,
            sends: 0,
            trace: seed,
            settled: false,
            visits: BTreeMap::new(),
            events: BinaryHeap::new(),
            queued: 0,
            counter: 100,
        };
        for t in 0..2 {
            for _ in 0..3 + world.dice.below(4) {
                let when = i64::try_from(world.dice.below(60 * 60_000)).unwrap_or(0);
                world.queue(when, Event::CrmUser(t));
                let when = i64::try_from(world.dice.below(80 * 60_000)).unwrap_or(0);
                world.queue(when, Event::ErpUser(t));
            }
            world.queue(120_000, Event::Observe(t));
            world.queue(90_000, Event::Guard(t));
            world.queue(60_000, Event::Feed(t));
        }
        for w in 0..3 {
            world.queue(1_000, Event::Worker(w));
        }
        world
    }

    /// Whether faults still happen.
    pub const fn faulty(&self) -> bool {
        self.now < FAULTS
    }

    /// Whether the ERP cannot be reached.
    pub const fn is_out(&self) -> bool {
        self.now >= self.outage.0 && self.now < self.outage.1
    }

    /// A fault of `per_mille`, counted under its row; never after faults have stopped.
    pub fn fault(&mut self, row: usize, per_mille: u64) -> bool {
        let hit = self.faulty() && self.dice.hit(per_mille);
        if hit {
            self.fire(row);
        }
        hit
    }

    /// Counts a fault row.
    pub fn fire(&mut self, row: usize) {
        self.fired[row] += 1;
        self.note(row as u64);
    }

    /// Adds to the trace.
    pub fn note(&mut self, what: u64) {
        self.trace = (self.trace ^ what ^ self.now.unsigned_abs()).wrapping_mul(0x0100_0000_01b3).rotate_left(17);
    }

    /// Lets something happen later.
    pub fn queue(&mut self, when: i64, event: Event) {
        self.queued += 1;
        self.events.push(Reverse((when, self.queued, event)));
    }

    /// Runs until nothing happens any more.
    pub fn run(&mut self) {
        while let Some(Reverse((when, _, event))) = self.events.pop() {
            if when > END {
                break;
            }
            self.now = self.now.max(when);
            for tenant in &mut self.tenants {
                tenant.erp.catch_up(self.now);
                let (due, later) = std::mem::take(&mut tenant.forced).into_iter().partition(|(at, _)| *at <= self.now);
                tenant.forced = later;
                let due: Vec<(i64, Save)> = due;
                for (_, save) in due {
                    tenant.table.save(&save, true);
                }
            }
            match event {
                Event::Worker(w) => self.work(w),
                Event::CrmUser(t) => self.crm_user(t),
                Event::Push(t) => self.push(t),
                Event::Feed(t) => self.feed(t),
                Event::ErpUser(t) => self.erp_user(t),
                Event::Observe(t) => self.observe(t),
                Event::Guard(t) => self.guard(t),
                Event::Clear(t) => self.clear(t),
            }
        }
    }

    fn next_value(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    fn crm_user(&mut self, t: usize) {
        let n = self.next_value();
        let tenant = &mut self.tenants[t];
        let choice = self.dice.below(100);
        if choice < 45 || tenant.crm.records.is_empty() {
            tenant.crm.make(t, n, &mut self.dice);
        } else if choice < 92 {
            let edited = tenant.crm.edit(t, n, &mut self.dice);
            tenant.crm_edits.extend(edited);
        } else if choice < 98 {
            let first = tenant.crm.records.iter_mut().find(|(_, r)| !r.deleted && r.object != Object::Contacts);
            if let Some((_, record)) = first {
                record.deleted = true;
            }
        } else {
            // A long list of products, that somebody clears later by mistake.
            for _ in 0..12 {
                let n = self.next_value();
                self.tenants[t].crm.make_product(t, n);
            }
            self.queue(FAULTS + 7_200_000, Event::Clear(t));
        }
        let when = self.now + i64::try_from(self.dice.below(5_000)).unwrap_or(0);
        self.queue(when, Event::Push(t));
    }

    fn clear(&mut self, t: usize) {
        for record in self.tenants[t].crm.records.values_mut().filter(|r| r.object == Object::Products) {
            record.deleted = true;
        }
        self.queue(self.now + 1_000, Event::Push(t));
    }

    /// The CRM pushes all that is not acknowledged; a request or an answer can be lost, and the CRM sends again.
    fn push(&mut self, t: usize) {
        let now = at(self.now);
        let dirty: Vec<String> = self.tenants[t]
            .crm
            .records
            .iter()
            .filter(|(_, r)| r.dirty || r.deleted && !r.deletion_told)
            .map(|(id, _)| id.clone())
            .collect();
        let mut again = false;
        for crm_id in dirty {
            if self.fault(49, 80) {
                again = true;
                continue;
            }
            let (bad, lost) = (self.bad, self.fault(64, 80));
            let tenant = &mut self.tenants[t];
            let Some(record) = tenant.crm.records.get(&crm_id).cloned() else { continue };
            if record.dirty {
                let answer = put(&mut tenant.table, &tenant.id, &crm_id, &record, &tenant.settings, now, bad);
                if lost {
                    again = true;
                    continue;
                }
                if let Some(record) = tenant.crm.records.get_mut(&crm_id) {
                    record.dirty = false;
                    if let Some((revision, fields)) = answer {
                        (record.revision, record.fields) = (revision, fields);
                    }
                }
            }
            if record.deleted && !record.deletion_told {
                delete(&mut tenant.table, &crm_id, now);
                if lost {
                    again = true;
                } else if let Some(record) = tenant.crm.records.get_mut(&crm_id) {
                    record.deletion_told = true;
                }
            }
        }
        if again {
            self.queue(self.now + 45_000, Event::Push(t));
        }
    }

    fn feed(&mut self, t: usize) {
        let now = self.now;
        let pages = if self.faulty() { 3 } else { usize::MAX };
        for _ in 0..pages {
            let (lost, twice) = (self.fault(50, 60), self.fault(11, 60));
            let bad = self.bad;
            let tenant = &mut self.tenants[t];
            let Some(id) = tenant.table.feed.get(tenant.crm.cursor).copied() else { break };
            if lost && bad != Some(Bad::LostFeed) {
                break;
            }
            if !twice {
                tenant.crm.cursor += 1;
            }
            if lost {
                continue;
            }
            let id = tenant.table.present(id);
            let Some(entry) = tenant.table.rows.get(&id).cloned() else { continue };
            let crm_id = entry.crm_id.clone().or_else(|| tenant.crm.from_feed.get(&id).cloned());
            let crm_id = crm_id.unwrap_or_else(|| format!("t{t}f{}", tenant.crm.from_feed.len()));
            if entry.crm_id.is_none() {
                if entry.crm_deleted_at.is_some() {
                    continue;
                }
                // New to the CRM: it makes a record of its own and says so.
                tenant.crm.from_feed.insert(id, crm_id.clone());
                let mut linked = entry.clone();
                linked.crm_id = Some(crm_id.clone());
                linked.version += 1;
                tenant.table.by_crm.insert(crm_id.clone(), id);
                tenant.table.rows.insert(id, linked);
            }
            let old = bad == Some(Bad::OldOverNew);
            let (revision, fields) = if old {
                tenant
                    .table
                    .told
                    .get(&id)
                    .and_then(|t| t.first())
                    .map_or((1, entry.crm.clone()), |t| (t.revision, t.fields.clone()))
            } else {
                (entry.revision, entry.crm.clone())
            };
            let new = || crate::crm::CrmRecord {
                object: id.object(),
                fields: fields.clone(),
                revision,
                dirty: false,
                deleted: false,
                deletion_told: false,
                archived: false,
            };
            let record = tenant.crm.records.entry(crm_id).or_insert_with(new);
            record.archived = entry.archived_at.is_some();
            // Edits that are not acknowledged go first: their answer brings what was told.
            if !record.dirty && (revision > record.revision || old) {
                (record.revision, record.fields) = (revision, fields);
            }
        }
        let left = self.tenants[t].crm.cursor < self.tenants[t].table.feed.len();
        if self.faulty() || left {
            self.queue(now + 60_000, Event::Feed(t));
        } else if now < FAULTS + 12 * 3_600_000 {
            self.queue(now + 1_800_000, Event::Feed(t));
        }
    }

    fn erp_user(&mut self, t: usize) {
        let n = self.next_value();
        let choice = self.dice.below(100);
        if choice < 5 && self.erp_user_makes_order(t) {
            return;
        }
        if choice < 14 {
            self.erp_user_makes(t, n);
            return;
        }
        let tenant = &mut self.tenants[t];
        let open: Vec<ErpId> = tenant.erp.docs.iter().filter(|(_, d)| !d.gone).map(|(id, _)| *id).collect();
        let Some(id) = usize::try_from(self.dice.below(open.len() as u64)).ok().and_then(|i| open.get(i)).copied()
        else {
            return;
        };
        let Some(doc) = tenant.erp.docs.get_mut(&id) else { return };
        if choice < 22 && doc.object != Object::Contacts {
            (doc.gone, doc.gone_by_user) = (true, true);
            return;
        }
        let Some(piece) = editable(doc.object, &doc.fields, &mut self.dice) else { return };
        let value = value_of(&piece, t, n);
        let rounded = match value.get("price").and_then(Value::as_str) {
            // The ERP's own users see cents.
            Some(price) => serde_json::json!({ "name": value["name"], "price": &price[..price.len() - 2] }),
            None => value,
        };
        doc.fields.set(piece.clone(), rounded.clone());
        tenant.erp.edited.insert((id, piece.clone()), self.now);
        tenant.erp_edits.push(ErpEdited { erp_id: id, piece, value: rounded });
    }

    /// A user of the ERP enters the order that the CRM is making, under the same customer's number (rows 31 and 70).
    fn erp_user_makes_order(&mut self, t: usize) -> bool {
        let (now, tenant) = (self.now, &mut self.tenants[t]);
        let numbered = |e: &&Entry| e.id.object() == Object::Orders && e.crm.get("buyer_order").is_some();
        let Some(entry) = tenant.table.rows.values().find(|e| e.erp_id.is_none() && numbered(e)) else { return false };
        let marker = entry.crm.get("buyer_order").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut fields = entry.crm.clone();
        let parent = fields.get("partner").and_then(|p| p.get("crm_id")).and_then(Value::as_str);
        let linked = parent.and_then(|p| tenant.table.by_crm.get(p)).and_then(|p| tenant.table.rows.get(p)?.erp_id);
        let Some(partner) = linked else { return false };
        fields.set("partner", serde_json::json!({ "erp_id": partner.to_string() }));
        if self.dice.hit(300) {
            fields.set("lines/~9", value_of("lines/~9", t, 9));
        }
        let op = Op::Create { fields, marker };
        // Found by a search a little later, as all that is new.
        let lag = i64::try_from(self.dice.below(60_000)).unwrap_or(0);
        tenant.erp.execute(&op, &For { object: Object::Orders, crm_id: None, since: now }, now, lag);
        true
    }

    /// A user of the ERP makes a record; sometimes the same customer that the CRM is making (row 70).
    fn erp_user_makes(&mut self, t: usize, n: u64) {
        let now = self.now;
        let tenant = &mut self.tenants[t];
        let waiting = tenant.table.rows.values().find(|e| e.erp_id.is_none() && e.id.object() == Object::Contacts);
        let same = waiting.filter(|_| self.dice.hit(700)).and_then(|e| e.crm.get("tax").cloned().map(|t| (e.id, t)));
        let same = same.map(|(id, tax)| {
            self.fire(70);
            let raced = self.is_past_search(t, id);
            self.tenants[t].raced += u64::from(raced);
            tax
        });
        let tenant = &mut self.tenants[t];
        let tax = same.unwrap_or_else(|| serde_json::json!({ "tax_number": format!("SI{}", 50_000_000 + n) }));
        let fields = domain::Fields::from_iter([("name", value_of("name", t, n)), ("tax", tax)]);
        let op = Op::Create { fields, marker: String::new() };
        let by = For { object: Object::Contacts, crm_id: None, since: now };
        tenant.erp.execute(&op, &by, now, 0);
    }

    /// The waits in force.
    pub fn timing(&self) -> Timing {
        let mut timing = Timing::STANDARD;
        match self.bad {
            Some(Bad::NoSettle) => timing.settle = jiff::SignedDuration::ZERO,
            Some(Bad::ShortSettle) => timing.settle = jiff::SignedDuration::from_secs(60),
            _ => {}
        }
        timing
    }
}

fn tenant(n: usize, dice: &mut Dice) -> Tenant {
    let id: TenantId = format!("t_{n:0>20}").parse().expect("a tenant id");
    let mut settings = ObjectSettings::standard(Object::Orders);
    settings.direction = Direction::Both;
    settings.deletes_in_erp = true;
    let rule = [Rule::Crm, Rule::Erp, Rule::Park, Rule::Newest][usize::try_from(dice.below(4)).unwrap_or(0)];
    let fields = Object::ALL.into_iter().flat_map(domain::fields::shared_fields);
    settings.rules = fields.map(|f| ((*f).to_owned(), rule)).collect();
    let mut erp = Erp::new(dice.hit(300));
    // What is there from the beginning, one of each: the searches' positive control.
    for object in [Object::Contacts, Object::Products, Object::Orders] {
        let mut fields =
            domain::Fields::from_iter([("name", value_of("name", n, 1)), ("title", value_of("title", n, 1))]);
        fields.set("code", serde_json::json!(format!("t{n}seed")));
        let doc = Doc { object, fields, found_from: 0, gone: false, gone_by_user: false, made_for: None };
        erp.docs.insert(ErpId::new(1 + object as u64), doc);
    }
    Tenant {
        id,
        table: Table::default(),
        erp,
        crm: Crm::default(),
        settings,
        crm_edits: Vec::new(),
        erp_edits: Vec::new(),
        first_gone: BTreeMap::new(),
        released: 0,
        raced: 0,
        forced: Vec::new(),
        no_access_until: 0,
    }
}
