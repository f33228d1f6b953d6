//! What follows from sales beyond the papers of the sale: goods that leave and move, work, complaints.
//!
//! Decides which orders have such papers. Amounts in stock are not moved: what the
//! warehouses hold is seeded as it is now.

use super::calendar::Moment;
use super::documents::Writer;
use crate::model::{DocType, Document, Row};
use crate::wire::time::WireDate;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Delivery notes at scale 1.
const DELIVERY_NOTES: usize = 14;
/// Packing lists at scale 1.
const PACKING_LISTS: usize = 12;
/// Transfers at scale 1.
const TRANSFERS: usize = 10;
/// Work orders at scale 1.
const WORK_ORDERS: usize = 8;
/// Complaints at scale 1.
const COMPLAINTS: usize = 10;
/// Of each of these, so many are still being worked on.
const OPEN: usize = 2;
/// The youngest order that somebody complains about was shipped more than so many days ago.
const AT_LEAST_DAYS: usize = 8;
/// The youngest transfer that is done is so many days old.
const DONE_DAYS: usize = 15;

/// An order and a moment that counts in its life.
type Seen = (usize, Moment);

impl Writer<'_> {
    /// All papers of the back office; `sold_to` is how many of the partners are customers.
    pub(super) fn back_office(&mut self, sold_to: usize, scale: usize) {
        self.purchases(sold_to, scale);
        let mut shipped = self
            .orders(|doc| doc.log.iter().find(|entry| entry.new.as_deref() == Some("shipped")).map(|entry| entry.at));
        // The newest are still being worked on; the others are drawn.
        let newest = shipped.len().min(OPEN * scale);
        self.dice.shuffle(&mut shipped[newest..]);
        for (nth, seen) in shipped.iter().take(DELIVERY_NOTES * scale).enumerate() {
            self.note_of(DocType::WarehouseDeliveryNote, *seen, nth < newest);
        }
        for seen in shipped.iter().rev().take(PACKING_LISTS * scale) {
            self.note_of(DocType::WarehousePackingList, *seen, false);
        }
        // Nobody complains on the day.
        shipped.retain(|(_, at)| self.stage.calendar.today() - at.day > AT_LEAST_DAYS);
        shipped.sort_by_key(|(place, at)| (std::cmp::Reverse(*at), *place));
        let newest = shipped.len().min(OPEN * scale);
        self.dice.shuffle(&mut shipped[newest..]);
        for (nth, seen) in shipped.iter().take(COMPLAINTS * scale).enumerate() {
            self.complaint(*seen, nth < newest);
        }
        for nth in 0..TRANSFERS * scale {
            self.transfer(nth < OPEN * scale);
        }
        let mut made = self.orders(|doc| Some(doc.created));
        made.retain(|(_, at)| at.day < self.stage.calendar.today());
        let newest = made.len().min(OPEN * scale);
        self.dice.shuffle(&mut made[newest..]);
        for (nth, seen) in made.iter().take(WORK_ORDERS * scale).enumerate() {
            self.work_order(*seen, nth < newest);
        }
    }

    /// The orders with goods that have such a moment, the newest first.
    fn orders(&self, moment: impl Fn(&Document) -> Option<jiff::Timestamp>) -> Vec<Seen> {
        let orders = self.so_far().iter().enumerate().filter(|(_, doc)| doc.doc_type == DocType::SalesOrder);
        let mut seen: Vec<Seen> = orders
            .filter(|(_, doc)| doc.rows.iter().any(|row| self.is_goods(row)))
            .filter_map(|(place, doc)| Some((place, self.stage.calendar.at(moment(doc)?)?)))
            .collect();
        seen.sort_by_key(|(place, at)| (std::cmp::Reverse(*at), *place));
        seen
    }

    fn is_goods(&self, row: &Row) -> bool {
        let place = row.product.and_then(|place| usize::try_from(place).ok());
        place.is_some_and(|place| !self.stage.counter.assortment.products[place].product.service)
    }

    fn goods_of(&self, order: usize) -> Vec<Row> {
        let rows = &self.written(order).rows;
        rows.iter().filter(|row| self.is_goods(row)).cloned().collect()
    }

    /// A paper about an order, for the order's partner.
    fn about(&mut self, kind: DocType, order: usize, at: Moment, rows: Vec<Row>) -> Document {
        let who = self.written(order).partner.and_then(|who| usize::try_from(who).ok()).unwrap_or_default();
        let mut doc = self.draft(kind, who, at, rows);
        let order = self.written(order);
        doc.partner_address = order.partner_address;
        doc.currency.clone_from(&order.currency);
        doc.buyer_order.clone_from(&order.buyer_order);
        doc.notes = None;
        doc
    }

    /// What went out with an order.
    fn note_of(&mut self, kind: DocType, (order, shipped): Seen, open: bool) {
        let rows = self.goods_of(order);
        let mut note = self.about(kind, order, shipped, rows);
        note.receiver = self.written(order).receiver;
        note.warehouse = self.written(order).warehouse;
        note.delivery_type.clone_from(&self.written(order).delivery_type);
        note.discount_percent = self.written(order).discount_percent;
        let status = if open { "aktiven" } else { "finished" };
        self.set_status(&mut note, status, shipped.at);
        let note = self.keep(note);
        self.link(Some(order), Some(note));
    }

    /// A complaint about goods that were shipped.
    fn complaint(&mut self, (order, shipped): Seen, open: bool) {
        let calendar = self.stage.calendar;
        let days = self.dice.days(1, 3) + if open { 0 } else { self.dice.below(18) };
        let later = calendar.later(shipped, days, &mut self.dice);
        let Some(at) = later.or_else(|| calendar.later(shipped, 1, &mut self.dice)) else { return };
        let goods = self.goods_of(order);
        let mut row = goods[self.dice.below(goods.len())].clone();
        row.amount = row.amount.min(Decimal::ONE);
        let mut doc = self.about(DocType::Complaint, order, at, vec![row]);
        let (kind, reason, text) = [
            ("reclamation", "Poškodovano", "Izdelek je prispel poškodovan, embalaža je bila cela."),
            ("reclamation", "Ne deluje", "Po nekaj dneh uporabe izdelek ne deluje več."),
            ("return", "Odstop od pogodbe", "Stranka vrača nerabljen izdelek v 14 dneh."),
            ("replacement", "Napačen izdelek", "Poslana je bila druga izvedba, kot je bila naročena."),
        ][self.dice.weighted(&[4, 2, 3, 2])];
        doc.other.insert("claim_type".to_owned(), kind.into());
        doc.other.insert("claim_reason".to_owned(), reason.into());
        doc.other.insert("claim_description".to_owned(), text.into());
        if kind == "return" {
            let code = format!("VR{}SI", self.dice.between(10_000_000, 99_999_999));
            doc.other.insert("return_tracking_code".to_owned(), code.into());
        }
        self.set_status(&mut doc, "draft", at.at);
        let days = self.dice.days(1, 12);
        if let Some(end) = calendar.later(at, days, &mut self.dice).filter(|_| !open) {
            let (status, note) = if self.dice.percent(85) {
                ("completed", "Rešeno v dogovoru s stranko.")
            } else {
                ("canceled", "Stranka je od zahtevka odstopila.")
            };
            doc.other.insert("claim_note".to_owned(), note.into());
            self.set_status(&mut doc, status, end.at);
        }
        let doc = self.keep(doc);
        self.link(Some(order), Some(doc));
    }

    /// Goods that go from one warehouse to another; the newest are not confirmed yet.
    fn transfer(&mut self, new: bool) {
        let calendar = self.stage.calendar;
        let last = calendar.yesterday();
        let back = if new { self.dice.below(4) } else { DONE_DAYS + self.dice.below(last - DONE_DAYS) };
        let day = calendar.working_day(last - back).min(last);
        let Some(at) = calendar.opening(day, false, &mut self.dice) else { return };
        let count = self.dice.days(1, 4);
        let counter = &self.stage.counter;
        let places = counter.goods(count, day, &mut self.dice);
        let rows = places.into_iter().map(|place| {
            let product = &counter.assortment.products[place].product;
            Row {
                mk_row_id: 0,
                product: u64::try_from(place).ok(),
                name: product.name.clone(),
                doc_desc: None,
                unit: product.unit.clone(),
                amount: Decimal::from(self.dice.between(1, 20)),
                // A transfer shows no price; the ERP keeps the list's.
                price: product.prices.iter().find(|price| price.sales).map(|price| price.price).unwrap_or_default(),
                discount: Vec::new(),
                tax: counter.business.standard_tax.to_owned(),
            }
        });
        let rows: Vec<Row> = rows.collect();
        let warehouses = self.stage.warehouses;
        let from = self.dice.weighted(&[70, 15, 15]);
        let to = (from + self.dice.days(1, warehouses.len() - 1)) % warehouses.len();
        let mut doc = self.draft(DocType::TransferOrder, 0, at, rows);
        (doc.partner, doc.partner_address, doc.notes) = (None, None, None);
        "EUR".clone_into(&mut doc.currency);
        doc.warehouse = Some(warehouses[from].mk_id);
        doc.other.insert("warehouseIdTo".to_owned(), warehouses[to].mk_id.to_string().into());
        doc.other.insert("warehouse_mark_to".to_owned(), warehouses[to].mark.clone().into());
        if !new {
            doc.other.insert("confirmed".to_owned(), "true".into());
        }
        self.keep(doc);
    }

    /// Something that is put together for an order.
    fn work_order(&mut self, (order, made): Seen, open: bool) {
        let calendar = self.stage.calendar;
        let Some(at) = calendar.later(made, 0, &mut self.dice) else { return };
        let days = self.dice.days(3, 10);
        let end = calendar.later(at, days, &mut self.dice).filter(|_| !open);
        let first = self.goods_of(order).swap_remove(0);
        let warehouse = self.stage.warehouses[0].mark.clone();
        let date = |days: usize| WireDate(calendar.date(calendar.working_day(at.day + days))).to_string();
        let (start, deadline) = (date(1), date(1 + self.dice.days(2, 10)));
        let plan = self.plan(&first, at.day, end.is_some(), &start);
        let mut doc = self.about(DocType::Workorder, order, at, Vec::new());
        doc.title = Some(format!("Priprava: {}", first.name));
        doc.other.insert("start_date".to_owned(), start.into());
        doc.other.insert("produce_deadline_date".to_owned(), deadline.into());
        doc.other.insert("warehouse_code".to_owned(), warehouse.into());
        doc.other.insert("create_product_realization_list".to_owned(), plan);
        self.set_status(&mut doc, "aktiven", at.at);
        if let Some(end) = end {
            let finished = WireDate(calendar.date(end.day)).to_string();
            doc.other.insert("doc_date_finished".to_owned(), finished.into());
            self.set_status(&mut doc, "finished", end.at);
        }
        let doc = self.keep(doc);
        self.link(Some(order), Some(doc));
    }

    /// What a work order makes. Of one that is not done the first material is used and half of the work is done.
    fn plan(&mut self, made: &Row, day: usize, is_done: bool, start: &str) -> Value {
        let (counter, today) = (&self.stage.counter, self.stage.calendar.today());
        let (all, warehouse) = (&counter.assortment.products, &self.stage.warehouses[0].mark);
        let row = |place: usize, amount: Decimal, done: Decimal, below: &str| {
            let (code, cost) = (&all[place].product.code, all[place].pricing.cost(today - day, 1_000));
            let cost = cost.normalize().to_string();
            let mut row = json!({
                "product_code": code, "amount_plan": amount.to_string(), "price_purchase_plan": cost,
                "warehouse_code": warehouse, "when": start,
            });
            if !done.is_zero() {
                row[below] = json!([{
                    "product_code": code, "amount_realization": done.normalize().to_string(), "price_purchase": cost,
                    "when": start,
                }]);
            }
            row
        };
        let parts = self.dice.days(1, 3);
        let mut materials = Vec::new();
        for place in counter.goods(parts, day, &mut self.dice) {
            let amount = Decimal::from(self.dice.between(1, 6));
            let done = if is_done || materials.is_empty() { amount } else { Decimal::ZERO };
            materials.push(row(place, amount, done, "material_realization_list"));
        }
        let hours = Decimal::from(self.dice.between(1, 3));
        let done = if is_done { hours } else { hours / Decimal::TWO };
        let service = all.iter().position(|planned| planned.product.service);
        let work: Vec<_> = service.map(|place| row(place, hours, done, "work_realization_list")).into_iter().collect();
        let place = made.product.and_then(|place| usize::try_from(place).ok()).unwrap_or_default();
        let amount = made.amount.normalize().to_string();
        json!([{
            "product_code": all[place].product.code, "amount_plan": amount,
            "amount_realization": if is_done { &amount } else { "0" },
            "price_sales": made.price.normalize().to_string(), "material_plan_list": materials, "work_plan_list": work,
        }])
    }
}
