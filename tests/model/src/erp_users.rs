//! What the users of the ERP do: make, edit, delete, count stock, issue invoices, change rights, and get in our way.

use domain::{ErpId, Fields, Object, RecordId};
use serde_json::{Value, json};
use sync::twoway::{Entry, Op, Outcome};

use crate::erp::For;
use crate::intake::Webhook;
use crate::tenant::ErpEdited;
use crate::values::{WAREHOUSE_KINDS, editable, in_erp_form, value_of};
use crate::visiting::VisitJob;
use crate::world::{Event, World};

impl World {
    /// A user of the ERP does something.
    pub fn erp_user(&mut self, t: usize) {
        let n = self.next_value();
        match self.dice.below(100) {
            0..5 => {
                if !self.erp_user_makes_order(t) {
                    self.erp_user_makes_contact(t, n);
                }
            }
            5..13 => self.erp_user_makes_contact(t, n),
            13..20 => {
                let objects = [Object::Orders, Object::Offers, Object::WorkOrders];
                let object = self.dice.pick(&objects).unwrap_or(Object::Orders);
                let is_stored = self.tenants[t].crm.has_warehouse && self.dice.hit(300);
                let object = if is_stored { Object::WarehouseDocuments } else { object };
                self.erp_user_makes_document(t, n, object);
            }
            20..28 => self.erp_user_deletes(t),
            28..32 => self.erp_user_locks(t),
            32..34 => self.erp_user_hides(t),
            34..44 => self.erp_user_counts(t),
            _ => {
                if let Some(id) = self.some_doc(t, |_| true) {
                    let doc = self.tenants[t].erp.docs.get(&id).map(|d| (d.object(), d.fields().clone()));
                    let piece = doc.and_then(|(object, fields)| editable(object, &fields, &mut self.dice));
                    if let Some(piece) = piece {
                        self.erp_user_edits(t, id, &piece);
                    }
                }
            }
        }
    }

    fn some_doc(&mut self, t: usize, of: impl Fn(Object) -> bool) -> Option<ErpId> {
        let docs = &self.tenants[t].erp.docs;
        let open: Vec<ErpId> = docs.iter().filter(|(_, d)| !d.gone && of(d.object())).map(|(id, _)| *id).collect();
        self.dice.pick(&open)
    }

    /// A user of the ERP changes a piece.
    pub fn erp_user_edits(&mut self, t: usize, id: ErpId, piece: &str) {
        let n = self.next_value();
        let now = self.now;
        let tenant = &mut self.tenants[t];
        let Some(doc) = tenant.erp.docs.get(&id).filter(|d| !d.gone && d.locked_since.is_none()) else { return };
        // Without a tax number it is found by nothing but what was sent, when nobody heard that it was made: whoever changes
        // it in those minutes makes it a stranger, and no search can tell. Users leave it alone till it is known.
        let is_nameless =
            doc.object() == Object::Contacts && doc.made_for.is_some() && doc.fields().get("tax").is_none();
        if is_nameless && !tenant.table.entries().any(|e| e.erp_id == Some(id)) {
            return;
        }
        let base = doc.fields().get(piece).cloned();
        let value = in_erp_form(piece, &value_of(piece, t, n, base.as_ref()));
        tenant.erp.edit(id, piece, value, now);
        let value = tenant.erp.docs.get(&id).and_then(|d| d.fields().get(piece)).cloned().unwrap_or_default();
        tenant.erp_edits.push(ErpEdited { erp_id: id, piece: piece.to_owned(), value });
    }

    /// A user of the ERP changes what a user of the CRM has just changed: the same piece (row 67) or another (row 66).
    /// `piece` is the CRM's; any other one when it is empty.
    pub fn erp_edits_as_well(&mut self, t: usize, crm_id: &str, piece: &str) {
        let tenant = &self.tenants[t];
        let Some(entry) = tenant.table.by_crm.get(crm_id).and_then(|id| tenant.table.entry(*id)) else { return };
        let Some(erp_id) = entry.erp_id else { return };
        let same = entry.erp_name(piece).to_owned();
        let Some(doc) = tenant.erp.docs.get(&erp_id).filter(|d| !d.gone && d.locked_since.is_none()) else { return };
        let (object, fields) = (doc.object(), doc.fields().clone());
        let is_same = !piece.is_empty() && fields.get(&same).is_some() && self.dice.hit(400);
        if is_same {
            self.fire(67);
            self.erp_user_edits(t, erp_id, &same);
        } else if let Some(other) = editable(object, &fields, &mut self.dice) {
            if other != same && !piece.is_empty() {
                self.fire(66);
            }
            self.erp_user_edits(t, erp_id, &other);
        }
    }

    /// A user of the ERP changes something after our write arrived and before we read it back.
    pub fn erp_edits_after(&mut self, t: usize, outcome: &Outcome) {
        let Outcome::Done { erp_id } = outcome else { return };
        let doc = self.tenants[t].erp.docs.get(erp_id).map(|d| (d.object(), d.fields().clone()));
        if let Some(piece) = doc.and_then(|(object, fields)| editable(object, &fields, &mut self.dice)) {
            self.fire(68);
            self.erp_user_edits(t, *erp_id, &piece);
        }
    }

    /// Users of the ERP make documents of the same kind after ours, whose answer nobody hears.
    pub fn erp_makes_newer(&mut self, t: usize, op: &Op, object: Object) {
        let is_found_by_walking = matches!(object, Object::WorkOrders | Object::WarehouseDocuments);
        if is_found_by_walking && matches!(op, Op::Create { .. }) && self.chance(300) {
            let n = self.next_value();
            self.erp_user_makes_document(t, n, object);
        }
    }

    /// A user of the ERP changes the line that a write of ours has just added, and whose answer nobody hears.
    pub fn erp_edits_added(&mut self, t: usize, op: &Op) {
        let Op::Update { erp_id, set } = op else { return };
        let Some(doc) = self.tenants[t].erp.docs.get(erp_id) else { return };
        let number = |piece: &str| piece.strip_prefix("lines/").and_then(|n| n.parse::<u64>().ok());
        if !set.keys().any(|piece| piece.starts_with("lines/") && number(piece).is_none()) {
            return;
        }
        let last = doc.fields().iter().filter_map(|(piece, _)| number(piece)).max();
        if let Some(last) = last.filter(|_| self.chance(200)) {
            self.erp_user_edits(t, *erp_id, &format!("lines/{last}"));
        }
    }

    /// What a user of the ERP does between our decision and the arrival of our write.
    pub fn race(&mut self, t: usize, job: &VisitJob, op: &Op) {
        match op {
            Op::Update { erp_id, set } if self.chance(20) => {
                let pieces: Vec<&String> = set.keys().collect();
                let has =
                    |p: &&String| self.tenants[t].erp.docs.get(erp_id).is_some_and(|d| d.fields().get(p).is_some());
                if let Some(piece) = pieces.into_iter().find(has) {
                    self.erp_user_edits(t, *erp_id, piece);
                }
            }
            Op::Create { fields, marker } if job.id.object() == Object::Orders && self.chance(150) => {
                self.make_same_order(t, fields.clone(), marker);
            }
            _ => {}
        }
    }

    /// A user of the ERP enters the order that we are sending, under its number; sometimes twice, or with another line.
    fn make_same_order(&mut self, t: usize, mut fields: Fields, marker: &str) {
        if !self.tenants[t].erp.unique_orders || fields.get("buyer_order").is_none() {
            return;
        }
        let now = self.now;
        let how = self.dice.below(10);
        if how == 0 {
            fields.set("lines/l9", value_of("lines/l9", t, self.next_value(), None));
        }
        let op = Op::Create { fields, marker: marker.to_owned() };
        let erp = &mut self.tenants[t].erp;
        // The check was switched on only after both had been entered.
        let unique = std::mem::replace(&mut erp.unique_orders, how != 1);
        let id = RecordId::for_crm(&self.tenants[t].id, Object::Orders, "");
        let by = For { id, crm_id: None, since: now };
        for _ in 0..=u64::from(how == 1) {
            self.tenants[t].erp.execute(&op, &by, now, 0);
        }
        self.tenants[t].erp.unique_orders = unique;
    }

    fn erp_user_deletes(&mut self, t: usize) {
        let now = self.now;
        let Some(id) = self.some_doc(t, |o| o != Object::Contacts) else { return };
        let tenant = &mut self.tenants[t];
        let Some(doc) = tenant.erp.docs.get_mut(&id) else { return };
        (doc.gone, doc.gone_by_user, doc.changed_at) = (true, true, now);
        tenant.erp.stock.remove(&id);
        let crm_id = tenant.table.entries().find(|e| e.erp_id == Some(id)).and_then(|e| e.crm_id.clone());
        let Some(crm_id) = crm_id.filter(|_| self.dice.hit(400)) else { return };
        // The CRM's users do not know yet, and change it.
        let n = self.next_value();
        let tenant = &mut self.tenants[t];
        let Some(record) = tenant.crm.records.get(&crm_id).filter(|r| !r.deleted && !r.archived) else { return };
        if let Some(piece) = editable(record.object, &record.fields, &mut self.dice) {
            let edited = tenant.crm.edit_piece(t, n, &crm_id, &piece);
            tenant.crm_edits.extend(edited);
            self.queue(self.now + 1_000, Event::Push(t));
        }
    }

    /// An invoice is issued for an order: from now on nothing of it changes. The CRM's users do not know (row 62).
    fn erp_user_locks(&mut self, t: usize) {
        let now = self.now;
        let Some(id) = self.some_doc(t, |o| o == Object::Orders) else { return };
        let tenant = &mut self.tenants[t];
        if let Some(doc) = tenant.erp.docs.get_mut(&id) {
            doc.locked_since = Some(now);
        }
        let crm_id = tenant.table.entries().find(|e| e.erp_id == Some(id)).and_then(|e| e.crm_id.clone());
        let Some(crm_id) = crm_id.filter(|_| self.dice.hit(700)) else { return };
        let n = self.next_value();
        let edited = self.tenants[t].crm.edit_piece(t, n, &crm_id, "title");
        self.tenants[t].crm_edits.extend(edited);
        self.queue(now + 2_000, Event::Push(t));
    }

    /// A right is lost for some minutes: two records are not shown to us.
    fn erp_user_hides(&mut self, t: usize) {
        let long = self.dice.hit(300);
        let until = self.now + if long { crate::world::FAULTS } else { 60_000 + self.dice.ms(15 * 60_000) };
        for _ in 0..2 {
            // Not contacts: one that no document names is looked up again by nobody.
            if let Some(id) = self.some_doc(t, |o| o != Object::Contacts) {
                self.tenants[t].erp.hidden.insert(id, (self.now, until.min(crate::world::FAULTS)));
            }
        }
    }

    /// Stock of a product is counted twice in a short time; each time a webhook goes out, and takes its time.
    fn erp_user_counts(&mut self, t: usize) {
        let Some(product) = self.some_doc(t, |o| o == Object::Products) else { return };
        for _ in 0..2 {
            let n = self.next_value();
            self.tenants[t].erp.set_stock(product, n);
            let webhook = Webhook { tenant: t, n, product, pieces: n, tries: 0 };
            let when = self.now + 200 + self.dice.ms(120_000);
            self.queue(when, Event::Webhook(webhook));
        }
    }

    /// A user of the ERP enters the order that the CRM is making, under the same customer's number.
    fn erp_user_makes_order(&mut self, t: usize) -> bool {
        let tenant = &self.tenants[t];
        let numbered = |e: &&Entry| e.id.object() == Object::Orders && e.crm.get("buyer_order").is_some();
        // Not one that was there and is deleted: nobody makes that any more.
        let is_made = |e: &&Entry| e.erp_id.is_none() && (e.crm_deleted_at.is_none() || e.intent.is_some());
        let Some(entry) = tenant.table.entries().find(|e| is_made(e) && numbered(e)) else { return false };
        let marker = entry.crm.get("buyer_order").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut fields = entry.crm.clone();
        crate::api::resolve(&tenant.table, &mut fields);
        if fields.iter().any(|(_, v)| v.get("crm_id").is_some() || v.get("product_crm_id").is_some()) {
            return false;
        }
        if self.dice.hit(300) {
            fields.set("lines/l9", value_of("lines/l9", t, self.next_value(), None));
        }
        // Found by a search a little later, as all that is new.
        let lag = self.dice.ms(60_000);
        self.make_by_user(t, Object::Orders, fields, &marker, lag);
        true
    }

    fn make_by_user(&mut self, t: usize, object: Object, fields: Fields, marker: &str, lag: i64) -> Option<ErpId> {
        let now = self.now;
        let op = Op::Create { fields, marker: marker.to_owned() };
        let tenant = &mut self.tenants[t];
        let by = For { id: RecordId::for_crm(&tenant.id, object, ""), crm_id: None, since: now };
        match tenant.erp.execute(&op, &by, now, lag).0 {
            crate::erp::Executed::Done(id) => Some(id),
            _ => None,
        }
    }

    /// A user of the ERP makes a customer, and a document for it; sometimes the customer that the CRM is making (row 70).
    fn erp_user_makes_contact(&mut self, t: usize, n: u64) {
        let tenant = &self.tenants[t];
        let waiting = tenant.table.entries().find(|e| e.erp_id.is_none() && e.id.object() == Object::Contacts);
        let same = waiting.filter(|_| self.dice.hit(700)).and_then(|e| e.crm.get("tax").cloned().map(|t| (e.id, t)));
        let same = same.map(|(id, tax)| {
            self.fire(70);
            // Past our search, or beside what we have made already: no search of ours can see it in time.
            let is_there = |d: &crate::erp::Doc| !d.gone && d.fields().get("tax") == Some(&tax);
            let raced = self.is_past_search(t, id) || self.tenants[t].erp.docs.values().any(is_there);
            self.tenants[t].raced += u64::from(raced);
            tax
        });
        let tax = same.unwrap_or_else(|| json!({ "tax_number": format!("SI{}", 50_000_000 + n) }));
        let fields = Fields::from_iter([("name", value_of("name", t, n, None)), ("tax", tax)]);
        let partner = self.make_by_user(t, Object::Contacts, fields, "", 0);
        if let Some(partner) = partner.filter(|_| self.dice.hit(600)) {
            self.make_document_for(t, n, Object::Orders, partner);
        }
    }

    /// A user of the ERP makes a document for some partner.
    pub fn erp_user_makes_document(&mut self, t: usize, n: u64, object: Object) {
        if let Some(partner) = self.some_doc(t, |o| o == Object::Contacts) {
            self.make_document_for(t, n, object, partner);
        }
    }

    fn make_document_for(&mut self, t: usize, n: u64, object: Object, partner: ErpId) {
        let line = in_erp_form("lines/l0", &value_of("lines/l0", t, n, None));
        let title = in_erp_form("title", &value_of("title", t, n, None));
        let partner = json!({ "erp_id": partner.to_string() });
        let mut fields = Fields::from_iter([("title", title), ("partner", partner)]);
        if object == Object::WarehouseDocuments {
            fields.set("kind", json!(self.dice.pick(&WAREHOUSE_KINDS)));
            fields.set("warehouse", json!("1"));
        }
        if object != Object::WorkOrders {
            fields.set("lines/l0", line);
        }
        self.make_by_user(t, object, fields, &format!("E-{n}"), 0);
    }

    /// Whether a worker is past its search for this row, so that it cannot see what is made now.
    fn is_past_search(&self, t: usize, id: RecordId) -> bool {
        let open = self.tenants[t].table.entry(id).is_some_and(|e| e.intent.is_some());
        open || self.workers.iter().any(|w| w.is_visiting(t, id))
    }
}
