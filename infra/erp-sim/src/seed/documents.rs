//! Chains become documents: the offer, its order, its bill, and what follows from them.
//!
//! Decides which papers a chain leaves and how they are linked. Partners, products and
//! links are places until the history is numbered; a paper that would be dated after
//! `now` does not exist.

use super::calendar::{Calendar, Moment};
use super::dice::{Dice, Scatter};
use super::history::{Chain, Kind};
use super::partners::Customer;
use super::rows::Counter;
use crate::model::{DocType, Document, Id, LogEntry, Registers, Row, Warehouse};
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// One credit note for so many bills.
const BILLS_PER_CREDIT_NOTE: usize = 20;
/// One prepayment bill for so many billed orders.
const ORDERS_PER_PREPAYMENT: usize = 80;

/// Everything documents are made from.
pub(super) struct Stage<'a> {
    /// The history.
    pub(super) calendar: &'a Calendar,
    /// What is sold, and by whom.
    pub(super) counter: Counter<'a>,
    /// The company's registers.
    pub(super) registers: &'a Registers,
    /// Who buys.
    pub(super) customers: &'a [Customer],
    /// The first moment of each customer.
    pub(super) since: &'a [Option<Moment>],
    /// From where goods are sent, the main one first.
    pub(super) warehouses: &'a [Warehouse],
}

/// Writes documents in any order of time.
pub(super) struct Writer<'a> {
    /// What is known.
    pub(super) stage: Stage<'a>,
    /// Chance.
    pub(super) dice: Dice,
    /// The customers' own order numbers.
    pub(super) references: Scatter,
    documents: Vec<Document>,
    bills: usize,
    credit_notes: usize,
    prepayments: usize,
    billed_orders: usize,
}

impl<'a> Writer<'a> {
    /// A writer that has written nothing of so many chains.
    pub(super) fn new(stage: Stage<'a>, chains: usize, mut dice: Dice) -> Self {
        let references = Scatter::new(7, &mut dice);
        Self {
            stage,
            dice,
            references,
            documents: Vec::with_capacity(2 * chains),
            bills: 0,
            credit_notes: 0,
            prepayments: 0,
            billed_orders: 0,
        }
    }

    /// A writer that goes on behind what was written.
    pub(super) fn behind(stage: Stage<'a>, documents: Vec<Document>, dice: Dice) -> Self {
        Self { documents, ..Self::new(stage, 0, dice) }
    }

    /// Writes the documents of a chain.
    pub(super) fn write(&mut self, chain: &Chain) {
        let customers = self.stage.customers;
        let customer = &customers[chain.customer];
        let calendar = self.stage.calendar;
        let rows = self.stage.counter.sell(customer, chain.start.day, &mut self.dice);
        let ordered = match chain.kind {
            kind if !kind.orders() => None,
            kind if kind.offers() => {
                let days = self.dice.days(1, 18);
                calendar.later(chain.start, days, &mut self.dice)
            }
            _ => Some(chain.start),
        };
        let billed = match chain.kind {
            Kind::Bill => Some(chain.start),
            kind if kind.bills() => ordered.and_then(|ordered| {
                let days = self.dice.below(5).min(self.dice.below(8));
                calendar.later(ordered, days, &mut self.dice)
            }),
            _ => None,
        };
        let offer = chain.kind.offers().then(|| {
            let offer = self.offer(chain.customer, chain.start, rows.clone(), ordered);
            self.keep(offer)
        });
        let order = ordered.map(|at| {
            let order = self.order(chain.customer, at, rows.clone(), billed);
            self.keep(order)
        });
        self.link(offer, order);
        if let Some(at) = billed {
            self.bill_chain(chain.customer, at, rows, order.zip(ordered));
        }
    }

    /// All documents as they were written.
    pub(super) fn all(self) -> Vec<Document> {
        self.documents
    }

    /// The documents, some old ones changed again in the last days.
    pub(super) fn finish(mut self) -> Vec<Document> {
        self.touch_again();
        self.documents
    }

    fn bill_chain(&mut self, who: usize, at: Moment, rows: Vec<Row>, order: Option<(usize, Moment)>) {
        let rows = self.delivered(rows);
        let bill = self.bill(who, at, rows, order.is_some());
        let published = bill.published.is_some();
        let bill = self.keep(bill);
        self.link(order.map(|(order, _)| order), Some(bill));
        self.bills += 1;
        if let Some((order, ordered)) = order {
            self.billed_orders += 1;
            let due = self.billed_orders / ORDERS_PER_PREPAYMENT;
            if self.prepayments < due
                && at.day > ordered.day
                && let Some(prepayment) = self.prepayment(who, ordered, order)
            {
                let prepayment = self.keep(prepayment);
                self.link(Some(order), Some(prepayment));
                self.prepayments += 1;
            }
        }
        let due = self.bills / BILLS_PER_CREDIT_NOTE;
        if published && self.credit_notes < due {
            let days = self.dice.days(4, 35);
            if let Some(at) = self.stage.calendar.later(at, days, &mut self.dice) {
                let note = self.credit_note(who, at, bill);
                let note = self.keep(note);
                self.link(Some(bill), Some(note));
                self.credit_notes += 1;
            }
        }
    }

    /// Now and then less is delivered than was ordered.
    fn delivered(&mut self, mut rows: Vec<Row>) -> Vec<Row> {
        if rows.len() > 1 && self.dice.percent(6) {
            rows.pop();
        }
        rows
    }

    /// Keeps a document; its place.
    pub(super) fn keep(&mut self, doc: Document) -> usize {
        self.documents.push(doc);
        self.documents.len() - 1
    }

    /// The documents that were written so far.
    pub(super) fn so_far(&self) -> &[Document] {
        &self.documents
    }

    /// A document that was written.
    pub(super) fn written(&self, place: usize) -> &Document {
        &self.documents[place]
    }

    /// Links two documents both ways, where both are there.
    pub(super) fn link(&mut self, from: Option<usize>, to: Option<usize>) {
        if let (Some(from), Some(to)) = (from, to) {
            self.documents[from].links.extend(Id::try_from(to).ok());
            self.documents[to].links.extend(Id::try_from(from).ok());
        }
    }

    /// A new document of a customer, with its first log entry.
    pub(super) fn draft(&mut self, doc_type: DocType, who: usize, at: Moment, rows: Vec<Row>) -> Document {
        let customer = &self.stage.customers[who];
        let user = self.user();
        let notes = self.dice.percent(14).then(|| self.dice.pick(self.stage.counter.business.notes).to_owned());
        let partner = Id::try_from(who).ok();
        Document {
            mk_id: 0,
            doc_type,
            count_code: String::new(),
            doc_date: self.stage.calendar.date(at.day),
            title: None,
            notes,
            partner,
            partner_address: Some(0),
            receiver: None,
            buyer_order: None,
            currency: customer.country.map_or("EUR", |country| country.currency).to_owned(),
            status: None,
            warehouse: None,
            delivery_type: None,
            method_of_payment: None,
            due_date: None,
            service_from: None,
            service_to: None,
            valid_to: None,
            discount_percent: None,
            rows,
            payments: Vec::new(),
            extra_column: Vec::new(),
            meta_data: Vec::new(),
            links: Vec::new(),
            attachments: Vec::new(),
            published: None,
            created: at.at,
            last_change: at.at,
            last_change_user: user.clone(),
            log: vec![LogEntry {
                user_email: user,
                operation: "NEW".to_owned(),
                previous: None,
                new: None,
                at: at.at,
                notes: None,
            }],
            delivery_events: Vec::new(),
            other: BTreeMap::new(),
        }
    }

    /// The mailbox of someone of the staff.
    pub(super) fn user(&mut self) -> String {
        let business = self.stage.counter.business;
        let (_, mailbox) = business.staff[self.dice.weighted(&[4, 3, 2, 2])];
        format!("{mailbox}@{}", business.domain)
    }

    /// Moves a document to a status and says so in its log.
    pub(super) fn set_status(&mut self, doc: &mut Document, status: &str, at: Timestamp) {
        let user = self.user();
        let previous = doc.status.replace(status.to_owned());
        enter(doc, user, "DOCUMENT_STATUS_CHANGE", (previous, doc.status.clone()), at, None);
    }

    /// A document that was written before moves to a status.
    pub(super) fn turn(&mut self, place: usize, status: &str, at: Moment) {
        let user = self.user();
        let doc = &mut self.documents[place];
        let previous = doc.status.replace(status.to_owned());
        enter(doc, user, "DOCUMENT_STATUS_CHANGE", (previous, doc.status.clone()), at.at, None);
    }

    fn offer(&mut self, who: usize, at: Moment, rows: Vec<Row>, ordered: Option<Moment>) -> Document {
        let calendar = self.stage.calendar;
        let valid = self.dice.pick_number(&[8, 15, 15, 30, 30, 60]);
        let group = self.stage.customers[who].habit.group_on(at.day);
        let mut offer = self.draft(DocType::SalesOffer, who, at, rows);
        offer.title = self
            .dice
            .percent(55)
            .then(|| format!("Ponudba - {}", self.stage.counter.business.groups[group].name.to_lowercase()));
        offer.valid_to = Some(calendar.date(at.day + valid));
        offer.discount_percent = self.document_discount(9);
        self.set_status(&mut offer, "draft", at.at);
        let Some(sent) = calendar.later(at, 0, &mut self.dice) else {
            return offer;
        };
        if self.dice.percent(94) {
            let end = match ordered {
                // The order is made from the accepted offer, not before it.
                Some(ordered) if ordered.day > at.day => Some(("accepted", ordered)),
                _ => self.offer_end(at, valid).filter(|(_, end)| end.at > sent.at),
            };
            self.set_status(&mut offer, "sent", sent.at);
            if let Some((status, end)) = end {
                self.set_status(&mut offer, status, end.at);
            }
        }
        offer
    }

    fn offer_end(&mut self, at: Moment, valid: usize) -> Option<(&'static str, Moment)> {
        let (status, days) = match self.dice.below(10) {
            0..5 => ("rejected", self.dice.days(1, valid)),
            5..9 => ("expired", valid + 1),
            _ => return None,
        };
        self.stage.calendar.later(at, days, &mut self.dice).map(|end| (status, end))
    }

    /// A discount on the whole document in `percent` of a hundred cases.
    pub(super) fn document_discount(&mut self, percent: u32) -> Option<Decimal> {
        let tenths = [20, 30, 50, 50, 75, 100];
        self.dice.percent(percent).then(|| Decimal::new(tenths[self.dice.below(6)], 1).normalize())
    }

    /// Users come back to old documents: a few of them changed in the last days.
    fn touch_again(&mut self) {
        let now = self.stage.calendar.now().as_second();
        if self.documents.is_empty() {
            return;
        }
        for _ in 0..8 + self.documents.len() / 200 {
            let place = self.dice.below(self.documents.len());
            let user = self.user();
            let Ok(at) = Timestamp::from_second(now - self.dice.between(900, 6 * 86_400)) else {
                continue;
            };
            let doc = &mut self.documents[place];
            if doc.last_change < at {
                let notes = doc.notes.get_or_insert_default();
                let start = if notes.is_empty() { "" } else { "\r\n" };
                notes.push_str(start);
                notes.push_str("Dopolnjeno po klicu stranke.");
                enter(doc, user, "CHANGE", (None, None), at, Some("Dopolnjene opombe"));
            }
        }
    }
}

/// Adds a log entry; the document's last change follows its log.
pub(super) fn enter(
    doc: &mut Document,
    user: String,
    operation: &str,
    (previous, new): (Option<String>, Option<String>),
    at: Timestamp,
    notes: Option<&str>,
) {
    // A change cannot be older than the one before it.
    let at = at.max(doc.last_change);
    doc.last_change = at;
    doc.last_change_user.clone_from(&user);
    doc.log.push(LogEntry {
        user_email: user,
        operation: operation.to_owned(),
        previous,
        new,
        at,
        notes: notes.map(str::to_owned),
    });
}
