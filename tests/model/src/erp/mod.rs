//! The ERP of one tenant: what it holds, and the log of what really happened.
//!
//! Has no idempotency keys, saves late, finds late, rounds, cuts, drops, re-orders and renames, as the real one does.

pub mod deeds;
pub mod form;
pub mod lists;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::{ActionId, ErpId, Fields, Object, RecordId};
use serde_json::{Value, json};
use sync::twoway::{Key, Match, Op};

use crate::values::{TRANSFER, amount, in_erp_form, is_entry, ten_thousandths};
use form::{Snap, filled};

/// How long a direct lookup takes, in milliseconds: what a user does in it may not be in the answer.
pub const READ: i64 = 300;

/// A record of the ERP.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct Doc {
    /// As it is now.
    pub snap: Rc<Snap>,
    /// From when a search or a list shows it, in milliseconds.
    pub found_from: i64,
    /// When it was last changed.
    pub changed_at: i64,
    /// Deleted.
    pub gone: bool,
    /// Deleted by a user of the ERP.
    pub gone_by_user: bool,
    /// The CRM's id of the record that it was made for.
    pub made_for: Option<String>,
    /// The action that made it.
    pub made_by: Option<ActionId>,
    /// The last change was ours.
    pub by_us: bool,
    /// Cannot be changed since then: an invoice was issued for it.
    pub locked_since: Option<i64>,
    /// The ERP made it by itself, because a document named a partner that it could not find.
    pub silent: bool,
}

impl Doc {
    /// Its object type.
    pub fn object(&self) -> Object {
        self.snap.object
    }

    /// Whether it is of this kind, where its object type has several.
    pub fn is_of_kind(&self, kind: &str) -> bool {
        self.object() != Object::WarehouseDocuments || self.fields().get("kind").and_then(Value::as_str) == Some(kind)
    }

    /// Its pieces.
    pub fn fields(&self) -> &Fields {
        self.snap.fields()
    }
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executed {
    /// Done.
    Done(ErpId),
    /// There are such records already.
    Duplicate(Vec<ErpId>),
    /// It does not exist.
    NotFound,
}

/// What a write is for.
#[derive(Clone, Debug)]
pub struct For {
    /// The row.
    pub id: RecordId,
    /// The CRM's id of the record.
    pub crm_id: Option<String>,
    /// When it was decided, just after the ERP was read.
    pub since: i64,
}

/// What executing a write did beyond it, for the counts of the fault rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Twist {
    /// The ERP keeps another form of a value than was sent.
    pub reformed: bool,
    /// The ERP dropped a piece.
    pub dropped: bool,
    /// A user's edit since our read was overwritten.
    pub overwrote: bool,
}

/// The ERP of one tenant.
#[derive(Debug, Default)]
pub struct Erp {
    /// Everything that was ever there.
    pub docs: BTreeMap<ErpId, Doc>,
    /// Stock by product.
    pub stock: BTreeMap<ErpId, Rc<Snap>>,
    /// Writes that will be saved late.
    pub late: Vec<(i64, Op, For)>,
    /// When a user last changed a piece.
    pub edited: BTreeMap<(ErpId, String), i64>,
    /// Pieces that a user changed after we had read them and before our write arrived (row 68).
    pub overwritten: BTreeSet<(ErpId, String)>,
    /// How many writes changed something for a record of the CRM.
    pub executed: BTreeMap<String, u64>,
    /// Contacts that writes changed: when, for which record of the CRM, and which.
    pub touched: Vec<(i64, Option<String>, ErpId)>,
    /// Lines that got a new name because their document was written anew: of what, the old name and the new one.
    pub renamed: Vec<(ErpId, String, String)>,
    /// How many lines that were.
    pub rewritten: u64,
    /// A changed line of a transfer is written beside the one that it was (a known-bad variant).
    pub appends_lines: bool,
    /// How often a write of ours added an entry under this name.
    pub added: BTreeMap<(ErpId, String), u64>,
    /// Records that were changed or deleted although they were locked when we read them.
    pub broken_locks: u64,
    /// Records that were deleted although a user had changed them before we read them.
    pub deleted_edits: u64,
    /// Refuses orders with a customer's number that it has.
    pub unique_orders: bool,
    /// The key that it takes.
    pub key: u32,
    /// What is hidden from us because a right was lost, and until when.
    pub hidden: BTreeMap<ErpId, (i64, i64)>,
    /// Answers come from another company from, to.
    pub astray: (i64, i64),
    /// What deeds on documents leave.
    pub desk: deeds::Desk,
    next: u64,
    texts: u64,
}

impl Erp {
    /// An empty company.
    pub fn new(unique_orders: bool) -> Self {
        Self { unique_orders, ..Self::default() }
    }

    fn new_id(&mut self) -> u64 {
        self.next += 1;
        1000 + self.next
    }

    /// A new version of a record.
    pub fn snap(&mut self, object: Object, id: ErpId, fields: Fields) -> Rc<Snap> {
        self.texts += 1;
        Rc::new(Snap::new(object, id, fields, self.texts, self.texts.is_multiple_of(2)))
    }

    /// A product's stock is counted.
    pub fn set_stock(&mut self, product: ErpId, pieces: u64) {
        let level = json!({ "warehouse": "1", "on_hand": pieces.to_string(), "free": pieces.to_string() });
        let snap = self.snap(Object::Stock, product, Fields::from_iter([("levels", json!([level]))]));
        self.stock.insert(product, snap);
    }

    /// Puts a record there as it is from the beginning.
    pub fn seed(&mut self, object: Object, id: ErpId, pieces: &Fields) {
        let mut fields = filled(object, id);
        for (piece, value) in pieces.iter() {
            fields.set(piece, value.clone());
        }
        let snap = self.snap(object, id, fields);
        self.docs.insert(id, Self::doc(snap, 0, 0, None));
    }

    const fn doc(snap: Rc<Snap>, now: i64, lag: i64, made_for: Option<String>) -> Doc {
        Doc {
            snap,
            found_from: now + lag,
            changed_at: now,
            gone: false,
            gone_by_user: false,
            made_by: None,
            by_us: made_for.is_some(),
            made_for,
            locked_since: None,
            silent: false,
        }
    }

    /// A user changes a piece.
    pub fn edit(&mut self, id: ErpId, piece: &str, value: Value, now: i64) {
        let Some(doc) = self.docs.get(&id) else { return };
        let (object, mut fields) = (doc.object(), doc.fields().clone());
        let tag = fields.get("notes").and_then(Value::as_str).and_then(tag_in).map(str::to_owned);
        match (piece, value, tag) {
            // Users leave our mark in the notes where it is.
            ("notes", Value::String(text), Some(tag)) => fields.set(piece, json!(format!("{text}\n{tag}"))),
            (_, value, _) => fields.set(piece, in_erp_form(piece, &value)),
        }
        add_up(&mut fields);
        let snap = self.snap(object, id, fields);
        if let Some(doc) = self.docs.get_mut(&id) {
            (doc.snap, doc.changed_at, doc.by_us) = (snap, now, false);
        }
        self.edited.insert((id, piece.to_owned()), now);
    }

    fn set(&mut self, fields: &mut Fields, piece: &str, value: Option<&Value>, twist: &mut Twist) {
        if piece == "delivery_type" && value == Some(&json!("unknown")) {
            twist.dropped = true;
            return;
        }
        let formed = value.map(|v| in_erp_form(piece, v));
        twist.reformed |= formed.as_ref() != value;
        let has = fields.get(piece).is_some();
        match piece.split_once('/') {
            Some(("lines", _)) if !has && formed.is_some() => {
                let id = self.new_id();
                fields.put(&format!("lines/{id}"), formed.as_ref());
            }
            _ => fields.put(piece, formed.as_ref()),
        }
    }

    /// Executes a write now.
    pub fn execute(&mut self, op: &Op, by: &For, now: i64, lag: i64) -> (Executed, Twist) {
        let mut twist = Twist::default();
        let object = by.id.object();
        let done = match op {
            Op::Create { fields, marker } => {
                if self.unique_orders && object == Object::Orders {
                    let same = self.with_key(&Key::BuyerOrder(marker.clone()), object);
                    if !same.is_empty() {
                        return (Executed::Duplicate(same), twist);
                    }
                }
                self.create(fields, marker, by, (now, lag), &mut twist)
            }
            Op::Update { erp_id, set } => {
                let Some(doc) = self.docs.get(erp_id).filter(|d| !d.gone) else {
                    return (Executed::NotFound, twist);
                };
                self.broken_locks += u64::from(doc.locked_since.is_some_and(|at| at < by.since - READ));
                let doc = doc.clone();
                let mut fields = doc.fields().clone();
                let is_whole = doc.object() == Object::WarehouseDocuments && doc.is_of_kind(TRANSFER);
                let is_whole = is_whole && set.keys().any(|piece| is_entry(piece));
                for (piece, value) in set {
                    if is_whole && is_entry(piece) && !self.lets_in(&mut fields, piece, value.as_ref()) {
                        continue;
                    }
                    let key = (*erp_id, piece.clone());
                    // It looks for nothing: what is sent twice is added twice.
                    if piece.starts_with("lines/") && value.is_some() && fields.get(piece).is_none() {
                        *self.added.entry(key.clone()).or_default() += 1;
                    }
                    if self.edited.get(&key).is_some_and(|at| *at >= by.since - READ) {
                        self.overwritten.insert(key);
                        twist.overwrote = true;
                    }
                    self.set(&mut fields, piece, value.as_ref(), &mut twist);
                }
                if is_whole {
                    self.rename_lines(*erp_id, &mut fields);
                }
                add_up(&mut fields);
                if fields == *doc.fields() {
                    // What it held already, or what it does not take: nothing happened.
                    return (Executed::Done(*erp_id), twist);
                }
                let snap = self.snap(object, *erp_id, fields);
                if let Some(doc) = self.docs.get_mut(erp_id) {
                    (doc.snap, doc.changed_at, doc.by_us) = (snap, now, true);
                }
                *erp_id
            }
            Op::Delete { erp_id } => {
                let late = |at: &i64| *at >= by.since - READ;
                let edited = self.edited.range((*erp_id, String::new())..).take_while(|((id, _), _)| id == erp_id);
                twist.overwrote |= edited.into_iter().any(|(_, at)| late(at));
                let Some(doc) = self.docs.get_mut(erp_id).filter(|d| !d.gone) else {
                    return (Executed::NotFound, twist);
                };
                self.broken_locks += u64::from(doc.locked_since.is_some_and(|at| at < by.since - READ));
                doc.gone = true;
                *erp_id
            }
        };
        if object == Object::Contacts {
            self.touched.push((now, by.crm_id.clone(), done));
        }
        if let Some(crm_id) = &by.crm_id {
            *self.executed.entry(crm_id.clone()).or_default() += 1;
        }
        (Executed::Done(done), twist)
    }

    /// Whether a line of a transfer is to be set: one that is there as it is sent is not sent a second time.
    fn lets_in(&self, fields: &mut Fields, piece: &str, value: Option<&Value>) -> bool {
        let formed = value.map(|v| in_erp_form(piece, v));
        let is_new = fields.get(piece).is_none();
        if self.appends_lines && !is_new {
            // The line as it was stays beside the one that it becomes.
            let was = fields.get(piece).cloned();
            fields.put("lines/0", was.as_ref());
        }
        !is_new || !fields.iter().any(|(other, line)| is_entry(other) && Some(line) == formed.as_ref())
    }

    /// The lines of a transfer are written whole, and each gets a new name.
    fn rename_lines(&mut self, id: ErpId, fields: &mut Fields) {
        let lines: Vec<(String, Value)> =
            fields.iter().filter(|(k, _)| is_entry(k)).map(|(k, v)| (k.to_owned(), v.clone())).collect();
        for (old, line) in lines {
            let new = format!("lines/{}", self.new_id());
            fields.put(&old, None);
            fields.put(&new, Some(&line));
            self.rewritten += 1;
            if let Some(at) = self.edited.remove(&(id, old.clone())) {
                self.edited.insert((id, new.clone()), at);
            }
            if self.overwritten.remove(&(id, old.clone())) {
                self.overwritten.insert((id, new.clone()));
            }
            self.renamed.push((id, old, new));
        }
    }

    /// What a piece is called by now that had this name when it was changed.
    pub fn name_now(&self, id: ErpId, piece: &str) -> String {
        let mut name = piece.to_owned();
        for (_, old, new) in self.renamed.iter().filter(|(of, ..)| *of == id) {
            if *old == name {
                name.clone_from(new);
            }
        }
        name
    }

    fn create(&mut self, fields: &Fields, marker: &str, by: &For, (now, lag): (i64, i64), twist: &mut Twist) -> ErpId {
        let object = by.id.object();
        let id = ErpId::new(self.new_id());
        let mut made = filled(object, id);
        for (piece, value) in fields.iter() {
            self.set(&mut made, piece, Some(value), twist);
        }
        if object == Object::Orders {
            made.set("buyer_order", json!(marker));
        }
        if matches!(object, Object::Offers | Object::WorkOrders | Object::WarehouseDocuments) {
            let notes = made.get("notes").and_then(Value::as_str).unwrap_or_default();
            let tagged = format!("{notes}\n[{marker}]").trim().to_owned();
            made.set("notes", json!(tagged));
        }
        if let Some(partner) = made.get("partner").filter(|p| p.get("erp_id").is_none()).cloned() {
            let silent = self.make_silently(&partner, now);
            made.set("partner", json!({ "erp_id": silent.to_string() }));
        }
        add_up(&mut made);
        let snap = self.snap(object, id, made);
        self.docs.insert(id, Self::doc(snap, now, lag, by.crm_id.clone()));
        id
    }

    /// A document names a partner without its id: the ERP makes a new one.
    fn make_silently(&mut self, partner: &Value, now: i64) -> ErpId {
        let id = ErpId::new(self.new_id());
        let mut fields = filled(Object::Contacts, id);
        fields.set("name", partner.get("name").cloned().unwrap_or_else(|| json!("unknown")));
        let snap = self.snap(Object::Contacts, id, fields);
        self.docs.insert(id, Doc { silent: true, ..Self::doc(snap, now, 0, None) });
        id
    }

    /// Saves what was to be saved late.
    pub fn catch_up(&mut self, now: i64) {
        self.act_late(now);
        if self.late.iter().all(|(at, ..)| *at > now) {
            return;
        }
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.late).into_iter().partition(|(at, ..)| *at <= now);
        self.late = later;
        for (at, op, by) in due {
            self.execute(&op, &by, at, 0);
        }
    }

    /// What has this key.
    pub fn with_key(&self, key: &Key, object: Object) -> Vec<ErpId> {
        let text = |d: &Doc, piece: &str| d.fields().get(piece).and_then(Value::as_str).map(str::to_owned);
        let has = |d: &Doc| match key {
            Key::BuyerOrder(k) => text(d, "buyer_order").as_ref() == Some(k),
            Key::Code(k) => text(d, "code").as_ref() == Some(k),
            Key::Tag(k) => text(d, "notes").is_some_and(|n| n.contains(k.as_str())),
            Key::TaxNumber(k) => {
                let tax = d.fields().get("tax").and_then(|t| t.get("tax_number"));
                tax.and_then(Value::as_str) == Some(k)
            }
            Key::Name(k) => text(d, "name").as_ref() == Some(k),
            Key::Email(_) => false,
        };
        self.docs.iter().filter(|(_, d)| d.object() == object && !d.gone && has(d)).map(|(id, _)| *id).collect()
    }

    /// The documents of a type and kind from the newest down to the first that is not above `known`; all of them without one.
    pub fn newest(&self, object: Object, kind: &str, known: Option<ErpId>, now: i64) -> Vec<Match> {
        let mut out = Vec::new();
        let is_found = |d: &Doc| d.object() == object && d.is_of_kind(kind) && !d.gone && d.found_from <= now;
        for (id, doc) in self.docs.iter().rev().filter(|(_, d)| is_found(d)) {
            out.push(Match { erp_id: *id, fields: doc.fields().clone() });
            if known.is_some_and(|known| *id <= known) {
                break;
            }
        }
        out
    }

    /// What a search brings: what has the key and can be found by now, and, when `near`, what only looks like it.
    pub fn search(&self, keys: &[Key], object: Object, now: i64, near: bool) -> Vec<Match> {
        let exact: Vec<ErpId> = keys.iter().flat_map(|k| self.with_key(k, object)).collect();
        self.docs
            .iter()
            .filter(|(id, d)| d.object() == object && !d.gone && d.found_from <= now && (near || exact.contains(id)))
            .map(|(id, d)| Match { erp_id: *id, fields: d.fields().clone() })
            .collect()
    }
}

/// Our mark in a text.
fn tag_in(notes: &str) -> Option<&str> {
    notes.split_whitespace().find(|w| w.starts_with("[C-") && w.ends_with(']'))
}

/// The ERP adds documents up in its own way: lines to the cent, the sum to five.
fn add_up(fields: &mut Fields) {
    let lines = fields.iter().filter(|(k, _)| k.starts_with("lines/") && is_entry(k));
    let prices: Vec<u64> =
        lines.filter_map(|(_, l)| l.get("price").and_then(Value::as_str).map(ten_thousandths)).collect();
    if !prices.is_empty() {
        let sum = amount((prices.iter().sum::<u64>() + 250) / 500 * 500);
        let mut sums = json!({ "net": sum, "gross": sum });
        if let Some(paid) = fields.get("sums").and_then(|sums| sums.get("paid")) {
            sums["paid"] = paid.clone();
        }
        fields.set("sums", sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::TenantId;

    #[test]
    fn the_pieces_that_the_erp_holds_are_those_of_the_record_that_a_run_reads() {
        let tenant: TenantId = format!("t_{:0>20}", 1).parse().expect("a tenant id");
        let mut erp = Erp::new(false);
        let line = |price: &str| json!({ "amount": "1", "name": "t0", "price": price, "product": "7" });
        let documents = [Object::Orders, Object::Offers].map(|o| {
            let partner = json!({ "erp_id": "5" });
            let title = json!("t0 1");
            let lines = [("lines/l1", line("1.2345")), ("lines/l2", line("2"))];
            (o, [("title", title), ("partner", partner)].into_iter().chain(lines).collect::<Fields>())
        });
        let contact = Fields::from_iter([("name", json!("t0 2")), ("tax", json!({ "tax_number": "SI10000001" }))]);
        let price = crate::values::value_of("prices/MP/true//", 0, 7, None);
        let product = Fields::from_iter([("name", json!("t0 3")), ("code", json!("c")), ("prices/MP/true//", price)]);
        for (object, fields) in documents.into_iter().chain([(Object::Contacts, contact), (Object::Products, product)])
        {
            let by = For { id: RecordId::for_crm(&tenant, object, "c1"), crm_id: None, since: 0 };
            let op = Op::Create { fields, marker: "C-1".to_owned() };
            let (Executed::Done(id), _) = erp.execute(&op, &by, 0, 0) else { panic!("not done") };
            for piece in ["name", "title", "lines/1002"] {
                let value = crate::values::value_of(piece, 0, 9, erp.docs[&id].fields().get(piece));
                if erp.docs[&id].fields().get(piece).is_some() {
                    erp.edit(id, piece, value, 0);
                }
            }
            let doc = &erp.docs[&id];
            let read = Fields::of(doc.snap.record());
            assert_eq!(&read, doc.fields(), "{object}");
        }
    }
}
