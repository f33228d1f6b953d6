//! Bills: invoices of the three kinds, prepayments, credit notes.
//!
//! Decides their dates, numbers of days to pay, and which are issued; payments are
//! decided in `payments`.

use super::calendar::Moment;
use super::documents::Writer;
use super::orders::payment_method;
use super::partners::Customer;
use super::payments;
use super::prices::Level;
use super::registers::{CARD, CASH, TRANSFER};
use super::rows::tax_for;
use crate::model::{DocType, Document, Row};
use crate::state::sums;
use rust_decimal::{Decimal, RoundingStrategy};

impl Writer<'_> {
    /// The invoice of a sale; `ordered` when an order stands behind it.
    pub(super) fn bill(&mut self, who: usize, at: Moment, rows: Vec<Row>, ordered: bool) -> Document {
        let customers = self.stage.customers;
        let customer = &customers[who];
        let doc_type = kind_of(customer, ordered);
        let mut bill = self.draft(doc_type, who, at, rows);
        if !ordered {
            bill.discount_percent = self.document_discount(6);
        }
        let retail = doc_type == DocType::SalesBillRetail;
        let method = if retail {
            if self.dice.percent(55) { CARD } else { CASH }
        } else {
            payment_method(customer, &mut self.dice)
        };
        bill.method_of_payment = Some(method.to_owned());
        let due_days = if retail { 0 } else { usize::try_from(customer.habit.due_days).unwrap_or_default() };
        self.date(&mut bill, at, due_days);
        if self.issue(&mut bill, at) {
            let plan =
                if retail { payments::at_the_till(at) } else { payments::plan(customer, at, due_days, &mut self.dice) };
            self.pay(&mut bill, at, due_days, &plan);
        }
        bill
    }

    /// The bill for the prepayment of an order, paid at once.
    pub(super) fn prepayment(&mut self, who: usize, ordered: Moment, order: usize) -> Option<Document> {
        let at = self.stage.calendar.later(ordered, 0, &mut self.dice)?;
        let rows = self.written(order).rows.clone();
        let mut bill = self.draft(DocType::SalesBillPrepaid, who, at, rows);
        bill.discount_percent = self.written(order).discount_percent;
        bill.method_of_payment = Some(TRANSFER.to_owned());
        self.date(&mut bill, at, 0);
        bill.published = Some(at.at);
        self.pay(&mut bill, at, 0, &payments::at_the_till(at));
        Some(bill)
    }

    /// A credit note for a bill: goods that came back, or a discount granted later.
    pub(super) fn credit_note(&mut self, who: usize, at: Moment, bill: usize) -> Document {
        let goods = self.dice.percent(60);
        let rows = if goods { self.returned(bill) } else { vec![self.granted(who, bill)] };
        let mut note = self.draft(DocType::SalesBillCreditNote, who, at, rows);
        let kind = if goods { "goods" } else { "financial" };
        note.other.insert("credit_note_type".to_owned(), kind.into());
        if goods {
            note.discount_percent = self.written(bill).discount_percent;
        }
        note.currency.clone_from(&self.written(bill).currency);
        self.date(&mut note, at, 8);
        note.published = Some(at.at);
        note
    }

    fn returned(&mut self, bill: usize) -> Vec<Row> {
        let place = self.dice.below(self.written(bill).rows.len());
        let mut row = self.written(bill).rows[place].clone();
        if row.amount > Decimal::ONE && self.dice.percent(50) {
            row.amount = Decimal::ONE;
        }
        vec![row]
    }

    fn granted(&mut self, who: usize, bill: usize) -> Row {
        let basic = sums::of(self.written(bill), &self.stage.registers.taxes).basic;
        let percent = Decimal::from(self.dice.between(2, 10));
        let code = self.stage.counter.business.standard_tax;
        Row {
            mk_row_id: 0,
            product: None,
            name: "Naknadno odobreni popust".to_owned(),
            doc_desc: None,
            unit: "kos".to_owned(),
            amount: Decimal::ONE,
            price: half_up(basic * percent / Decimal::ONE_HUNDRED).max(Decimal::new(1, 2)),
            discount: Vec::new(),
            tax: tax_for(&self.stage.customers[who], code).to_owned(),
        }
    }

    fn date(&mut self, bill: &mut Document, at: Moment, due_days: usize) {
        let calendar = self.stage.calendar;
        bill.due_date = Some(calendar.date(at.day + due_days));
        bill.service_from = self.dice.percent(25).then(|| calendar.date(at.day.saturating_sub(3)));
        bill.service_to = Some(calendar.date(at.day));
    }

    /// Issues a bill unless it is left as a draft, as some of the newest are.
    fn issue(&mut self, bill: &mut Document, at: Moment) -> bool {
        let calendar = self.stage.calendar;
        let young = calendar.today() - at.day < 3;
        let left = self.dice.permille(if young { 350 } else { 12 });
        let issued = calendar.later(at, 0, &mut self.dice).filter(|_| !left);
        bill.published = issued.map(|issued| issued.at);
        let (status, when) = issued.map_or(("draft", at.at), |issued| ("sent", issued.at));
        self.set_status(bill, status, when);
        issued.is_some()
    }
}

fn kind_of(customer: &Customer, ordered: bool) -> DocType {
    match (customer.country, customer.habit.level) {
        (Some(_), _) => DocType::SalesBillForeign,
        (None, Level::Retail) if !ordered => DocType::SalesBillRetail,
        _ => DocType::SalesBillDomestic,
    }
}

/// Money with two decimal places.
pub(super) fn half_up(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
