//! What the company buys: orders with suppliers, the goods that come of them, the suppliers' bills.
//!
//! Decides which orders are still to come and when, and how the others ended. Amounts in
//! stock are not moved: what the warehouses hold is seeded as it is now.

use super::calendar::Moment;
use super::dice::{Dice, Scatter};
use super::documents::Writer;
use super::partners::Customer;
use super::products::{Planned, tax_of};
use super::registers::TRANSFER;
use super::rows::{rate, tax_for};
use crate::model::{DocType, Id, Row};
use crate::wire::time::WireDate;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Orders at scale 1.
const ORDERS: usize = 24;
/// Of these, orders that are still to come.
const COMING: usize = 5;
/// One in so many of the others was called off.
const CALLED_OFF: usize = 9;
/// The youngest order that has come was placed so many days ago.
const SETTLED_DAYS: usize = 45;

impl Writer<'_> {
    /// All purchases, supplier by supplier; `sold_to` is how many of the partners are customers.
    pub(super) fn purchases(&mut self, sold_to: usize, scale: usize) {
        let suppliers = self.stage.customers.len() - sold_to;
        let mut bills = Scatter::new(6, &mut self.dice);
        for nth in 0..ORDERS * scale {
            let who = sold_to + nth % suppliers;
            if nth < COMING * scale {
                self.coming(who);
            } else {
                self.settled(who, nth % CALLED_OFF == 0, bills.next().unwrap_or_default());
            }
        }
    }

    /// An order whose goods are on their way.
    fn coming(&mut self, who: usize) {
        let calendar = self.stage.calendar;
        let last = calendar.yesterday();
        let day = calendar.working_day(last - self.dice.below(12)).min(last);
        let due = calendar.date(calendar.working_day(calendar.today() + self.dice.days(2, 30)));
        let Some(at) = calendar.opening(day, false, &mut self.dice) else { return };
        let order = self.purchase_order(who, at, due);
        if self.dice.percent(40)
            && let Some(told) = calendar.later(at, 0, &mut self.dice)
        {
            // The supplier said what will be in the delivery.
            let rows = self.written(order).rows.clone();
            self.receiving(order, who, told, rows, "aktiven");
        }
    }

    /// An order of former times: it came and was billed, or it was called off.
    fn settled(&mut self, who: usize, called_off: bool, number: i64) {
        let calendar = self.stage.calendar;
        let last = calendar.today() - SETTLED_DAYS;
        let day = calendar.working_day(last - self.dice.below(last).min(self.dice.below(last)));
        let days = self.dice.days(4, 25);
        let Some(at) = calendar.opening(day, false, &mut self.dice) else { return };
        let order = self.purchase_order(who, at, calendar.date(day + days));
        let late = if self.dice.percent(25) { self.dice.days(1, 10) } else { 0 };
        let Some(arrived) = calendar.later(at, days + late, &mut self.dice) else { return };
        if called_off {
            return self.turn(order, "canceled", arrived);
        }
        let mut rows = self.written(order).rows.clone();
        if rows.len() > 1 && self.dice.percent(8) {
            rows.pop();
        }
        let unpacked = calendar.later(arrived, 0, &mut self.dice).unwrap_or(arrived);
        if self.dice.percent(50) {
            self.receiving(order, who, arrived, rows.clone(), "finished");
        }
        let bill = self.supplier_bill(who, unpacked, rows.clone(), number);
        self.link(Some(order), Some(bill));
        // The ERP brings the goods of a supplier's bill in by itself.
        let mut note = self.draft(DocType::WarehouseAcceptanceNote, who, unpacked, rows);
        note.warehouse = self.written(order).warehouse;
        note.notes = None;
        self.set_status(&mut note, "finished", unpacked.at);
        let note = self.keep(note);
        self.link(Some(bill), Some(note));
        self.turn(order, "completed", unpacked);
    }

    fn purchase_order(&mut self, who: usize, at: Moment, due: Date) -> usize {
        let customers = self.stage.customers;
        let rows = self.bought(&customers[who], at);
        let mut order = self.draft(DocType::PurchaseOrder, who, at, rows);
        let titles = ["Dopolnitev zaloge", "Sezonska nabava", "Naročilo po ponudbi"];
        order.title = self.dice.percent(60).then(|| self.dice.pick(&titles).to_owned());
        order.notes = self.dice.percent(15).then(|| "Dostava na rampo 2, med 7. in 13. uro.".to_owned());
        order.warehouse = Some(self.stage.warehouses[self.dice.weighted(&[80, 12, 8])].mk_id);
        order.other.insert("delivery_date".to_owned(), WireDate(due).to_string().into());
        self.set_status(&mut order, "created", at.at);
        self.keep(order)
    }

    fn bought(&mut self, supplier: &Customer, at: Moment) -> Vec<Row> {
        let count = self.dice.days(1, 5);
        let counter = &self.stage.counter;
        let places = counter.goods(count, at.day, &mut self.dice);
        let days_ago = self.stage.calendar.today() - at.day;
        places
            .into_iter()
            .map(|place| {
                let planned = &counter.assortment.products[place];
                Row {
                    mk_row_id: 0,
                    product: Id::try_from(place).ok(),
                    name: planned.product.name.clone(),
                    doc_desc: None,
                    unit: planned.product.unit.clone(),
                    amount: lot(planned, &mut self.dice),
                    price: planned.pricing.cost(days_ago, rate(supplier)),
                    discount: if self.dice.percent(10) { vec![Decimal::from(5)] } else { Vec::new() },
                    tax: tax_for(supplier, tax_of(counter.business, planned.kind)).to_owned(),
                }
            })
            .collect()
    }

    fn receiving(&mut self, order: usize, who: usize, at: Moment, rows: Vec<Row>, status: &str) {
        let mut note = self.draft(DocType::WarehouseReceivingNote, who, at, rows);
        note.warehouse = self.written(order).warehouse;
        note.notes = None;
        self.set_status(&mut note, status, at.at);
        let note = self.keep(note);
        self.link(Some(order), Some(note));
    }

    fn supplier_bill(&mut self, who: usize, at: Moment, rows: Vec<Row>, number: i64) -> usize {
        let calendar = self.stage.calendar;
        let supplier = &self.stage.customers[who];
        let abroad = supplier.country.is_some();
        let due_days = usize::try_from(supplier.habit.due_days).unwrap_or_default();
        let kind = if abroad { DocType::PurchaseBillForeign } else { DocType::PurchaseBillDomestic };
        let mut bill = self.draft(kind, who, at, rows);
        let date = calendar.date(at.day);
        bill.count_code = format!("{number}/{}", date.year());
        bill.notes = None;
        bill.due_date = Some(calendar.date(at.day + due_days));
        bill.method_of_payment = Some(TRANSFER.to_owned());
        bill.other.insert("receive_date".to_owned(), WireDate(date).to_string().into());
        bill.published = Some(at.at);
        let plan = vec![((at.day + due_days).saturating_sub(self.dice.below(4)).max(at.day), 100)];
        self.pay(&mut bill, at, due_days, &plan);
        self.keep(bill)
    }
}

/// Suppliers sell by the box: cheap things by the hundred.
fn lot(planned: &Planned, dice: &mut Dice) -> Decimal {
    let (boxes, unit) = match planned.pricing.cents() {
        0..300 => (dice.between(2, 12), 50),
        300..2_000 => (dice.between(2, 10), 12),
        2_000..10_000 => (dice.between(1, 10), 4),
        _ => (dice.between(1, 6), 1),
    };
    Decimal::from(boxes * unit)
}
