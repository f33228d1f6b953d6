//! Sales orders: how they are delivered, how far they came, what the carrier said.
//!
//! Decides an order's fields and the way through its statuses.

use super::calendar::Moment;
use super::dice::Dice;
use super::documents::Writer;
use super::partners::Customer;
use super::registers::{CARD, CASH, DELIVERY_TYPES, PAYPAL, TRANSFER};
use crate::model::{DocType, Document, Id, Row};
use jiff::ToSpan;

/// Orders younger than so many days are still being worked on.
const OPEN_DAYS: usize = 9;

impl Writer<'_> {
    /// An order; `billed` is when its bill is made, if ever.
    pub(super) fn order(&mut self, who: usize, at: Moment, rows: Vec<Row>, billed: Option<Moment>) -> Document {
        let customers = self.stage.customers;
        let customer = &customers[who];
        let mut order = self.draft(DocType::SalesOrder, who, at, rows);
        order.buyer_order = self.dice.percent(if customer.person { 45 } else { 72 }).then(|| self.reference(at));
        order.discount_percent = self.document_discount(5);
        order.warehouse = Some(self.stage.warehouses[self.dice.weighted(&[70, 18, 12])].mk_id);
        order.partner_address = Some(self.address(customer));
        order.receiver = self.receiver(who, at);
        order.delivery_type = self.dice.percent(96).then(|| delivery_type(customer, &mut self.dice).to_owned());
        let payment = payment_method(customer, &mut self.dice);
        order.method_of_payment = self.dice.percent(80).then(|| payment.to_owned());
        if self.dice.percent(3) {
            let name = order.buyer_order.as_deref().unwrap_or("brez-stevilke").replace(['/', ' '], "-");
            let url = format!("https://datoteke.example.com/narocila/{name}.pdf");
            order.attachments.push((format!("narocilo {name}.pdf"), url));
        }
        if self.dice.percent(7) {
            let campaign = self.dice.pick(&["pomlad", "novice", "priporocilo", "sejem"]).to_owned();
            order.meta_data.push(("vir_narocila".to_owned(), campaign));
            if self.dice.percent(40) {
                let session = self.dice.between(100_000, 999_999).to_string();
                order.meta_data.push(("seja".to_owned(), session));
            }
        }
        self.set_status(&mut order, "created", at.at);
        match billed {
            Some(billed) => self.ship(&mut order, at, billed),
            None => self.leave(&mut order, at),
        }
        order
    }

    /// The customer's own number of the order, never given twice in a company.
    fn reference(&mut self, at: Moment) -> String {
        let number = self.references.next().unwrap_or_default();
        let year = self.stage.calendar.date(at.day).year();
        match self.dice.below(8) {
            0 => format!("NAR-{year}-{number}"),
            1 => format!("{number}/{year}"),
            2 => format!("PO{number}"),
            3 => format!("Naročilnica {number}"),
            4 => format!("45{number}"),
            5 => format!("WEB-{number}"),
            _ => number.to_string(),
        }
    }

    /// The place of the address goods go to.
    fn address(&mut self, customer: &Customer) -> Id {
        let count = customer.partner.addresses.len();
        let place = if count > 1 && self.dice.percent(60) { 1 + self.dice.below(count - 1) } else { 0 };
        Id::try_from(place).unwrap_or_default()
    }

    /// Someone else receives the goods: a customer who was known already.
    fn receiver(&mut self, who: usize, at: Moment) -> Option<Id> {
        if !self.dice.percent(4) {
            return None;
        }
        let other = self.dice.below(self.stage.customers.len());
        let known = self.stage.since[other].is_some_and(|since| since.at < at.at);
        (other != who && known).then(|| Id::try_from(other).ok()).flatten()
    }

    /// A billed order goes out with its bill.
    fn ship(&mut self, order: &mut Document, at: Moment, billed: Moment) {
        let calendar = self.stage.calendar;
        if billed.day > at.day
            && let Some(ready) = calendar.later(at, 0, &mut self.dice)
        {
            self.set_status(order, "ready_to_ship", ready.at);
        }
        let Some(shipped) = calendar.later(billed, 0, &mut self.dice) else {
            return;
        };
        self.set_status(order, "shipped", shipped.at);
        self.track(order, shipped);
        let days = self.dice.days(2, 9);
        let Some(end) = calendar.later(shipped, days, &mut self.dice) else {
            return;
        };
        match self.dice.below(200) {
            0..4 => self.set_status(order, "package_returned", end.at),
            4 => self.set_status(order, "lost", end.at),
            5 => self.set_status(order, "damaged", end.at),
            6..110 => self.set_status(order, "completed", end.at),
            _ => {}
        }
    }

    /// An order without a bill is young, or ended another way.
    fn leave(&mut self, order: &mut Document, at: Moment) {
        let calendar = self.stage.calendar;
        let days = self.dice.days(0, OPEN_DAYS);
        let Some(end) = calendar.later(at, days, &mut self.dice) else {
            return;
        };
        let young = calendar.today() - at.day < OPEN_DAYS;
        let status = match self.dice.below(100) {
            0..45 if young => return,
            45..70 if young => "ready_to_ship",
            70..90 if young => "paused",
            0..28 => "completed",
            28..64 => "canceled",
            64..82 => "manually_closed",
            82..88 => "duplicate",
            88..92 => "package_returned",
            92..95 => "paused",
            95..97 => "problem",
            97 => "shipped_error",
            _ => return,
        };
        if matches!(status, "completed" | "package_returned") {
            self.set_status(order, "shipped", end.at);
            self.track(order, end);
        }
        let later = calendar.later(end, 1, &mut self.dice).unwrap_or(end);
        let when = if matches!(status, "completed" | "package_returned") { later } else { end };
        self.set_status(order, status, when.at);
    }

    /// What the carrier gives: a number, and events until the parcel is there.
    fn track(&mut self, order: &mut Document, shipped: Moment) {
        let Some(carrier) = order.delivery_type.clone().filter(|name| name != DELIVERY_TYPES[3]) else {
            return;
        };
        let number = tracking_number(&carrier, &mut self.dice);
        if self.dice.percent(20) {
            let url = format!("https://sledenje.example.com/?st={number}");
            order.extra_column.push(("tracking_url".to_owned(), url));
        }
        let events = [
            (0, "-1", format!("Dodana koda za sledenje: {number}")),
            (0, "0", "Podatki poslani prevozniku".to_owned()),
            (1, "1", format!("{carrier} - pošiljka sprejeta v dostavo")),
            (self.dice.days(1, 4), "3", "Pošiljka dostavljena".to_owned()),
        ];
        order.extra_column.insert(0, ("tracking_number".to_owned(), number));
        let today = self.stage.calendar.today();
        let told = if self.dice.percent(70) { 4 } else { 1 };
        let start = self.stage.calendar.date(shipped.day);
        for (days, code, text) in events.into_iter().take(told) {
            if shipped.day + days <= today {
                let date = start.saturating_add(i64::try_from(days).unwrap_or_default().days());
                order.delivery_events.push((code.to_owned(), date.to_datetime(jiff::civil::Time::midnight()), text));
            }
        }
    }
}

/// How a customer usually pays orders.
pub(super) fn payment_method(customer: &Customer, dice: &mut Dice) -> &'static str {
    if customer.person {
        [CARD, CARD, CASH, PAYPAL, TRANSFER][dice.below(5)]
    } else if dice.percent(93) {
        TRANSFER
    } else {
        CARD
    }
}

fn delivery_type(customer: &Customer, dice: &mut Dice) -> &'static str {
    let weights: [u32; 4] = match customer.country {
        Some(_) => [50, 10, 38, 2],
        None if customer.person => [30, 40, 14, 16],
        None => [38, 22, 20, 20],
    };
    DELIVERY_TYPES[dice.weighted(&weights)]
}

fn tracking_number(carrier: &str, dice: &mut Dice) -> String {
    match carrier {
        "GLS" => dice.between(90_000_000_000, 99_999_999_999).to_string(),
        "DPD" => format!("1650{}", dice.between(1_000_000_000, 9_999_999_999)),
        _ => format!("CE{}SI", dice.between(100_000_000, 999_999_999)),
    }
}
