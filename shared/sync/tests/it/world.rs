//! An ERP and a table in memory, and an interpreter that can stop between any two effects.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::ChangeKind;
use domain::{
    Contact, ContentHash, Currency, Document, DocumentKind, ErpId, IndexPage, Object, PartyRef, Product, Record,
    RecordId, Run, RunId, Settings, Status, Stock, StockLevel, Sums, TenantId, Text, Trigger,
};
use domain::{Mode, Parked};
use jiff::{SignedDuration, Timestamp};
use sync::twoway::Entry;
use sync::{
    Batch, Effect, Failure, Filter, Input, Machine, Page, Pass, Read, Row, RowOutcome, StoredRecord, SyncState,
};

pub(crate) fn id(n: u64) -> ErpId {
    ErpId::new(n)
}

pub(crate) fn text(s: &str) -> Text {
    Text::required(s).expect("not empty")
}

pub(crate) fn product(n: u64, name: &str) -> Record {
    Record::Product(Box::new(Product {
        erp_id: id(n),
        number: Some(text(&format!("P{n}"))),
        code: text(&format!("C{n}")),
        name: text(name),
        description: None,
        unit: text("kos"),
        barcode: None,
        service: false,
        sales: true,
        purchasing: true,
        active: true,
        webshop: false,
        weight: None,
        min_stock: None,
        categories: vec![],
        prices: vec![],
        translations: BTreeMap::new(),
        extra: BTreeMap::new(),
        customs_code: None,
        origin: None,
    }))
}

pub(crate) fn contact(n: u64, name: &str) -> Record {
    Record::Contact(Box::new(Contact {
        erp_id: id(n),
        number: None,
        name: text(name),
        company: true,
        taxpayer: None,
        foreign: false,
        tax_number: None,
        registration_number: None,
        buyer: true,
        supplier: false,
        addresses: vec![],
        persons: vec![],
        discounts: vec![],
    }))
}

pub(crate) fn stock(n: u64, amount: i64) -> Record {
    Record::Stock(Box::new(Stock {
        erp_id: id(n),
        code: None,
        name: None,
        unit: None,
        levels: vec![StockLevel { warehouse: id(1), on_hand: amount.into(), reserved: None, free: amount.into() }],
        incoming: vec![],
    }))
}

pub(crate) fn document(n: u64, kind: DocumentKind, partner: u64, title: &str) -> Record {
    Record::Document(Box::new(Document {
        erp_id: id(n),
        kind,
        number: text(&format!("D{n}")),
        date: None,
        title: Some(text(title)),
        notes: None,
        status: Status::default(),
        partner: Some(PartyRef { erp_id: id(partner), name: None, address: None }),
        receiver: None,
        buyer_order: None,
        currency: Currency::EUR,
        warehouse: None,
        delivery_type: None,
        payment_method: None,
        due_date: None,
        valid_to: None,
        service_from: None,
        service_to: None,
        issued: false,
        discount_percent: None,
        lines: vec![],
        sums: Sums::default(),
        payments: vec![],
        links: vec![],
        installments: vec![],
        tracking: domain::Tracking::default(),
        delivery_events: vec![],
        extra: BTreeMap::new(),
        meta: BTreeMap::new(),
        particulars: BTreeMap::new(),
    }))
}

/// What happens to one read instead of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails; other reads may not.
    Fails,
    /// It fails, and so will all others.
    EndsRun,
    /// Rows are left out of the middle; the total stays.
    Short,
    /// No rows, total zero.
    Empty,
    /// A document that was read already is deleted before this read.
    Shift,
    /// Looked up one by one, nothing is found.
    Blind,
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) erp: BTreeMap<(Object, ErpId), Record>,
    /// When a document changed.
    pub(crate) changed: BTreeMap<ErpId, Timestamp>,
    pub(crate) odd: BTreeSet<ErpId>,
    pub(crate) table: BTreeMap<(Object, ErpId), StoredRecord>,
    /// Records of the CRM without an ERP side.
    pub(crate) open: Vec<Entry>,
    pub(crate) pages: BTreeMap<(Object, ErpId), IndexPage>,
    pub(crate) parked: BTreeMap<(Object, ErpId), Parked>,
    pub(crate) changes: Vec<(ErpId, ChangeKind)>,
    pub(crate) state: Vec<u8>,
    pub(crate) chunks: BTreeMap<u32, Vec<u8>>,
    pub(crate) run: Option<Run>,
    pub(crate) commits: usize,
    pub(crate) reads: Vec<Read>,
    /// How many rows had to be read, not only compared.
    pub(crate) rows_read: usize,
    /// Goes into the text of every row and changes nothing of what it means.
    pub(crate) noise: Vec<u8>,
    /// Faults by the number of the read that they hit.
    pub(crate) faults: BTreeMap<usize, Fault>,
    pub(crate) page_size: u64,
    pub(crate) product_page_size: u64,
    pub(crate) now: Timestamp,
}

pub(crate) fn tenant() -> TenantId {
    "t_0000000000000000000a".parse().expect("valid")
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            page_size: 10,
            product_page_size: 10,
            now: "2026-01-10T10:00:00Z".parse().expect("valid"),
            ..Self::default()
        }
    }

    pub(crate) fn put(&mut self, record: Record) {
        self.changed.insert(record.erp_id(), self.now);
        self.erp.insert((record.object(), record.erp_id()), record);
    }

    /// 35 products with stock for most, 45 orders, 25 offers, invoices of two kinds, and the contacts that they name.
    pub(crate) fn seeded() -> Self {
        let mut w = Self::new();
        for n in 0..35 {
            w.put(product(1_000 + n, "product"));
            if n % 5 != 0 {
                w.put(stock(1_000 + n, 7));
            }
        }
        for n in 0..12 {
            w.put(contact(2_000 + n, "contact"));
        }
        let kinds = [
            (DocumentKind::SalesOrder, 45, 3_000),
            (DocumentKind::SalesOffer, 25, 4_000),
            (DocumentKind::SalesBillDomestic, 31, 5_000),
            (DocumentKind::SalesBillForeign, 4, 6_000),
            (DocumentKind::SalesBillCreditNote, 3, 7_000),
        ];
        for (kind, count, from) in kinds {
            for n in 0..count {
                w.put(document(from + n, kind, 2_000 + n % 12, "document"));
            }
        }
        w
    }

    pub(crate) fn saved(&self) -> SyncState {
        if self.state.is_empty() { SyncState::default() } else { serde_json::from_slice(&self.state).expect("a state") }
    }

    /// Runs the passes to their end without a stop.
    pub(crate) fn run(&mut self, passes: &[Pass]) -> Run {
        let (run, _) = self.run_stopping(passes, &BTreeSet::new());
        run
    }

    /// Runs the passes; the interpreter dies before the effects whose numbers are in `stops`
    /// (even) or after they happened and before it told the machine (odd). Answers with the run and the number of stops that were possible.
    pub(crate) fn run_stopping(&mut self, passes: &[Pass], stops: &BTreeSet<usize>) -> (Run, usize) {
        let objects: Vec<_> = passes.iter().map(Pass::object).collect();
        let run = Run::queued(RunId::new(uuid()), Mode::Full, Trigger::Request, &objects, self.now);
        let mut machine =
            Machine::start(tenant(), Settings::standard(), self.saved(), run.clone(), passes.to_vec(), self.now);
        self.chunks.clear();
        self.run = None;
        let mut point = 0;
        let mut input = Input::Begin;
        loop {
            let effect = machine.step(input, self.now);
            if effect == Effect::Done {
                return (machine.run().clone(), point);
            }
            let before = stops.contains(&point);
            let after = stops.contains(&(point + 1));
            point += 2;
            if !before {
                let answer = self.carry_out(&effect, &machine);
                if !after {
                    input = answer;
                    continue;
                }
            }
            input = Input::Begin;
            let saved = self.saved();
            if saved.active.is_none() && self.run.as_ref().is_some_and(Run::is_over) {
                return (self.run.clone().expect("a run"), point);
            }
            machine = if saved.active.is_none() {
                Machine::start(tenant(), Settings::standard(), saved, run.clone(), passes.to_vec(), self.now)
            } else {
                let chunks: Vec<_> = self.chunks.values().cloned().collect();
                Machine::resume(tenant(), Settings::standard(), saved, &chunks).expect("a run to go on with")
            };
        }
    }

    fn carry_out(&mut self, effect: &Effect, machine: &Machine) -> Input {
        match effect {
            Effect::LoadIndex { object, ids } => Input::Index(self.load_index(*object, ids.as_deref())),
            Effect::LoadRecords { object, ids, .. } => {
                let found = ids.iter().filter_map(|i| Some((*i, self.table.get(&(*object, *i))?.clone())));
                Input::Records { found: found.collect(), open: self.open.clone() }
            }
            Effect::Commit(batch) => {
                self.commit(batch, &machine.saved());
                Input::Committed
            }
            Effect::Read(read) => self.read(read),
            Effect::ReadRows(ids) => {
                self.rows_read += ids.len();
                Input::Rows(ids.iter().map(|i| (*i, self.outcome(*i))).collect())
            }
            Effect::Done => Input::Begin,
        }
    }

    fn load_index(&self, object: Object, ids: Option<&[ErpId]>) -> Vec<IndexPage> {
        let of = |o: &Object| *o == object;
        match ids {
            None => self.pages.iter().filter(|((o, _), _)| of(o)).map(|(_, p)| p.clone()).collect(),
            Some(ids) => {
                let covering = ids.iter().filter_map(|i| self.pages.range((object, id(0))..=(object, *i)).next_back());
                covering.map(|(k, p)| (*k, p.clone())).collect::<BTreeMap<_, _>>().into_values().collect()
            }
        }
    }

    fn commit(&mut self, batch: &Batch, saved: &SyncState) {
        let items = batch.writes.len() * 2 + batch.pages.len() + batch.parked.len() + batch.unparked.len();
        assert!(items + 6 <= 100, "a transaction takes 100 items, this one has {items} and its frame");
        let pages: BTreeSet<_> = batch.pages.iter().map(|(o, p)| (*o, p.first)).collect();
        assert_eq!(pages.len(), batch.pages.len(), "an item may be in a transaction once");
        for w in &batch.writes {
            let record = Record::from_bytes(&w.bytes).expect("canonical bytes");
            let key = (record.object(), w.erp_id);
            assert_eq!(self.table.get(&key).map(|r| r.version), w.expected, "{key:?}");
            assert_eq!(w.id, RecordId::for_erp(&tenant(), key.0, key.1));
            let before = self.table.get(&key).cloned();
            let before = before.as_ref();
            self.table.insert(
                key,
                StoredRecord {
                    id: w.id,
                    version: w.expected.unwrap_or(0) + 1,
                    missing_since: w.missing.then(|| before.and_then(|b| b.missing_since).unwrap_or(self.now)),
                    record,
                    entry: w.entry.clone(),
                },
            );
            self.changes.extend(w.change.as_ref().map(|c| (w.erp_id, c.kind)));
        }
        for (object, page) in &batch.pages {
            self.pages.insert((*object, page.first), page.clone());
        }
        for p in &batch.parked {
            self.parked.insert((p.object, p.erp_id), p.clone());
        }
        for key in &batch.unparked {
            self.parked.remove(key);
        }
        if let Some((n, bytes)) = &batch.chunk {
            assert!(self.chunks.insert(*n, bytes.clone()).is_none(), "a chunk is written once");
        }
        self.state = serde_json::to_vec(saved).expect("a state");
        self.run = Some(batch.run.clone());
        self.commits += 1;
    }

    fn read(&mut self, read: &Read) -> Input {
        let n = self.reads.len();
        self.reads.push(read.clone());
        let fault = self.faults.get(&n).copied();
        let failure = |ends_run| {
            Input::Failed(Failure { code: "erp_unreachable".into(), message: "gone".into(), retryable: true, ends_run })
        };
        match fault {
            Some(Fault::Fails) => return failure(false),
            Some(Fault::EndsRun) => return failure(true),
            Some(Fault::Shift) => self.shift(read),
            _ => {}
        }
        let mut page = self.page(read);
        match fault {
            Some(Fault::Short) if page.rows.len() > 2 => {
                page.rows.drain(1..3);
            }
            Some(Fault::Empty) => {
                page.rows.clear();
                page.gone.clear();
                page.total = page.total.map(|_| 0);
            }
            Some(Fault::Blind) => page.gone.extend(page.rows.drain(..).map(|r| r.erp_id)),
            _ => {}
        }
        Input::Page(page)
    }

    /// Deletes the first document of the kind that is being read, so that all later rows move up by one.
    fn shift(&mut self, read: &Read) {
        if let Read::Documents { kind, .. } = read {
            let first = self.of_kind(*kind).into_iter().next();
            first.map(|i| self.erp.remove(&(kind.object(), i)));
        }
    }

    fn of_kind(&self, kind: DocumentKind) -> Vec<ErpId> {
        let is = |r: &Record| matches!(r, Record::Document(d) if d.kind == kind);
        let of_object = self.erp.range((kind.object(), id(0))..=(kind.object(), id(u64::MAX)));
        of_object.filter(|(_, r)| is(r)).map(|(k, _)| k.1).collect()
    }

    fn page(&self, read: &Read) -> Page {
        let size = if matches!(read, Read::Products { .. }) { self.product_page_size } else { self.page_size };
        let cut = |ids: Vec<ErpId>, object, offset: u64| Page {
            page_size: size,
            rows: ids
                .into_iter()
                .skip(usize::try_from(offset).expect("small"))
                .take(usize::try_from(size).expect("small"))
                .map(|i| self.row(object, i))
                .collect(),
            ..Page::default()
        };
        match read {
            Read::Warehouses => Page::default(),
            Read::Products { offset } => {
                let ids = self.erp.keys().filter(|(o, _)| *o == Object::Products).map(|(_, i)| *i).collect();
                cut(ids, Object::Products, *offset)
            }
            Read::Documents { kind, filter, offset } => {
                let mut ids = self.of_kind(*kind);
                match filter {
                    Filter::Newest => ids.reverse(),
                    Filter::Window { from, to } => {
                        ids.retain(|i| self.changed.get(i).is_some_and(|t| (*from..=*to).contains(t)));
                    }
                    Filter::All | Filter::Unpaid => {}
                }
                let total = ids.len() as u64;
                Page { total: Some(total), ..cut(ids, kind.object(), *offset) }
            }
            Read::Stock { products } => self.one_by_one(Object::Stock, products.iter().copied(), false),
            Read::Contacts { ids } => self.one_by_one(Object::Contacts, ids.iter().copied(), true),
            Read::Lookup { object, items } => self.one_by_one(*object, items.iter().map(|i| i.erp_id), true),
        }
    }

    fn one_by_one(&self, object: Object, ids: impl Iterator<Item = ErpId>, tell_gone: bool) -> Page {
        let mut page = Page::default();
        for i in ids {
            if self.erp.contains_key(&(object, i)) {
                page.rows.push(self.row(object, i));
            } else if tell_gone {
                page.gone.push(i);
            }
        }
        page
    }

    fn row(&self, object: Object, erp_id: ErpId) -> Row {
        let record = self.erp[&(object, erp_id)].clone();
        let odd = [u8::from(self.odd.contains(&erp_id))];
        let contacts = match &record {
            Record::Document(d) => d.partner.iter().map(|p| p.erp_id).collect(),
            _ => vec![],
        };
        Row { erp_id, text: ContentHash::of(&[&odd, &record.to_bytes(), &self.noise]), contacts }
    }

    /// What a row of the last page is. Ids are of one counter, so an id alone names a record (stock has its product's).
    fn outcome(&self, erp_id: ErpId) -> RowOutcome {
        if self.odd.contains(&erp_id) {
            return RowOutcome::Odd { path: "amount".into(), reason: "not a number".into() };
        }
        let object = match self.reads.last() {
            Some(Read::Stock { .. }) => Object::Stock,
            Some(Read::Contacts { .. }) => Object::Contacts,
            Some(Read::Documents { kind, .. }) => kind.object(),
            Some(Read::Lookup { object, .. }) => *object,
            _ => Object::Products,
        };
        RowOutcome::Record(self.erp[&(object, erp_id)].clone())
    }

    /// What the table shows, without what is flagged as missing.
    pub(crate) fn live(&self) -> BTreeMap<(Object, ErpId), Record> {
        self.table.iter().filter(|(_, r)| r.missing_since.is_none()).map(|(k, r)| (*k, r.record.clone())).collect()
    }

    /// The keys that only one side has, or that differ.
    pub(crate) fn differences(&self) -> Vec<(Object, ErpId)> {
        let live = self.live();
        let keys: BTreeSet<_> = live.keys().chain(self.erp.keys()).copied().collect();
        keys.into_iter().filter(|k| live.get(k) != self.erp.get(k)).collect()
    }

    pub(crate) fn advance(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }
}

fn uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001)
}
