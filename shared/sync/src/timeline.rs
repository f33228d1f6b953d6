//! The story of a document: one list of what happened to it, told by its changes alone.
//!
//! Decides which events a change tells, when each happened and who says so. A
//! change is never rewritten, so an event that was told once stays, even when
//! the ERP no longer shows it. Must not read a row, and must not guess an event
//! that no change tells.

use std::collections::{BTreeMap, BTreeSet};

use domain::change::{ChangeKind, FieldChange};
use domain::day::begin_of;
use domain::fields::field_of;
use domain::{Acted, DeliveryEvent, DocumentLink, Payment, Status, Tracking};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fold::Told;
use crate::twoway::Winner;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The change that tells it.
    pub seq: u64,
    /// Its place among the events of that change.
    pub n: u32,
    /// Who says so.
    pub source: Source,
    /// When it happened.
    pub when: When,
    /// When we saw it.
    pub seen_at: Timestamp,
    /// Who wrote the change: a user of the CRM, or `sync`.
    pub by: String,
    /// What happened.
    pub what: What,
}

/// Who says that something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The ERP.
    Erp,
    /// The CRM.
    Crm,
    /// This product.
    Us,
    /// The carrier, through the ERP.
    Carrier,
}

/// When something happened, as far as anybody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At this moment.
    At(Timestamp),
    /// On this day of Ljubljana.
    On(Date),
    /// Not later than we saw it.
    Seen,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It was made; in the ERP on its own date.
    Created,
    /// Its status changed; a first status has nothing before it.
    Status {
        /// Before.
        from: Option<Status>,
        /// After.
        to: Option<Status>,
    },
    /// It was issued.
    Issued,
    /// A payment appeared.
    Payment(Payment),
    /// A payment is no longer there.
    PaymentGone(Payment),
    /// The carrier reported something.
    Delivery(DeliveryEvent),
    /// The shipment has this number or page from now on; neither when it was taken away.
    Tracking(Tracking),
    /// Another document was linked.
    Linked(DocumentLink),
    /// Another document is no longer linked.
    Unlinked(DocumentLink),
    /// Lines changed.
    Lines {
        /// How many are new.
        added: u32,
        /// How many are others now.
        changed: u32,
        /// How many are gone.
        removed: u32,
    },
    /// Other fields changed.
    Fields(Vec<String>),
    /// A record of the CRM and one of the ERP are one from now on.
    Joined,
    /// The ERP no longer has it.
    Missing,
    /// The ERP has it again.
    Found,
    /// One side deleted it.
    Deleted,
    /// It was taken back.
    Restored,
    /// An action that the CRM asked for ended.
    Acted(Acted),
}

/// Where an event stands in the list: by time, and within one time by the change that tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The moment that it is listed at; of a day, its beginning.
    pub at: Timestamp,
    /// The change.
    pub seq: u64,
    /// Its place in the change.
    pub n: u32,
}

impl Event {
    /// Where it stands.
    pub fn place(&self) -> Place {
        let at = match self.when {
            When::At(at) => at,
            When::On(day) => begin_of(day),
            When::Seen => self.seen_at,
        };
        Place { at, seq: self.seq, n: self.n }
    }
}

/// All that the changes of one document tell, the oldest first. `changes` are in the order of their numbers.
pub fn timeline<'a>(changes: impl IntoIterator<Item = &'a Told>) -> Vec<Event> {
    let mut teller = Teller::default();
    for told in changes {
        teller.tell(told);
    }
    let mut events = teller.events;
    events.sort_by_key(Event::place);
    events
}

/// Fields that other fields speak for: sums follow lines and payments.
const SILENT: &[&str] = &["sums", "kind"];

#[derive(Default)]
struct Teller {
    events: Vec<Event>,
    /// The carrier's reports that were told: the ERP may leave one out and show it again.
    reports: BTreeSet<DeliveryEvent>,
}

/// The events of one change.
struct Page<'a> {
    told: &'a Told,
    n: u32,
    source: Source,
    events: &'a mut Vec<Event>,
}

impl Page<'_> {
    fn add(&mut self, what: What) {
        // What the CRM does is written when it does it.
        let when = if self.source == Source::Crm { When::At(self.told.at) } else { When::Seen };
        self.add_as(self.source, when, what);
    }

    fn add_as(&mut self, source: Source, when: When, what: What) {
        let Told { seq, at, by, .. } = self.told;
        self.events.push(Event { seq: *seq, n: self.n, source, when, seen_at: *at, by: by.clone(), what });
        self.n += 1;
    }
}

impl Teller {
    fn tell(&mut self, told: &Told) {
        let change = &told.change;
        let own = if change.from == Winner::Crm { Source::Crm } else { Source::Erp };
        let source = match change.kind {
            ChangeKind::Missing | ChangeKind::Found | ChangeKind::Linked | ChangeKind::Acted => Source::Us,
            _ => own,
        };
        let mut page = Page { told, n: 0, source, events: &mut self.events };
        match change.kind {
            ChangeKind::Added => {
                let when = made(&change.fields, told.at, own);
                page.add_as(own, when, What::Created);
            }
            ChangeKind::Missing => page.add(What::Missing),
            ChangeKind::Found => page.add(What::Found),
            ChangeKind::Linked => page.add(What::Joined),
            ChangeKind::Deleted => page.add(What::Deleted),
            ChangeKind::Restored => page.add(What::Restored),
            // Only contacts go into one another and apart; what changed with it is told below.
            ChangeKind::Acted => {
                if let Some(acted) = &told.action {
                    page.add(What::Acted(acted.clone()));
                }
            }
            ChangeKind::Updated | ChangeKind::Merged | ChangeKind::Unmerged | ChangeKind::Unlinked => {}
        }
        // What is in the change besides is one side's.
        page.source = own;
        let is_new = change.kind == ChangeKind::Added;
        let mut others = BTreeSet::new();
        let mut lines = (0, 0, 0);
        for (piece, field) in &change.fields {
            match (field_of(piece), field.before.is_some(), field.after.is_some()) {
                ("lines", false, _) => lines.0 += 1,
                ("lines", true, true) => lines.1 += 1,
                ("lines", true, false) => lines.2 += 1,
                _ if tell_field(&mut page, &mut self.reports, piece, field) => {}
                (name, ..) => {
                    others.insert(name.to_owned());
                }
            }
        }
        if !is_new && lines != (0, 0, 0) {
            page.add(What::Lines { added: lines.0, changed: lines.1, removed: lines.2 });
        }
        others.retain(|name| !SILENT.contains(&name.as_str()));
        if !is_new && !others.is_empty() {
            page.add(What::Fields(others.into_iter().collect()));
        }
    }
}

/// When a document was made: the ERP says the day on it, unless that is still to come.
fn made(fields: &BTreeMap<String, FieldChange>, seen: Timestamp, source: Source) -> When {
    let date = fields.get("date").and_then(|field| read::<Date>(field.after.as_ref()));
    match (source, date) {
        (Source::Crm, _) => When::At(seen),
        (_, Some(day)) if begin_of(day) <= seen => When::On(day),
        _ => When::Seen,
    }
}

fn read<T: DeserializeOwned>(value: Option<&Value>) -> Option<T> {
    value.and_then(|value| serde_json::from_value(value.clone()).ok())
}

/// A list of the change; `None` when it is in a form that is not known.
fn list<T: DeserializeOwned>(value: Option<&Value>) -> Option<Vec<T>> {
    match value {
        None => Some(Vec::new()),
        some => read(some),
    }
}

/// Tells a field that has events of its own; `false` when it has none or cannot be read.
fn tell_field(page: &mut Page<'_>, reports: &mut BTreeSet<DeliveryEvent>, piece: &str, field: &FieldChange) -> bool {
    match piece {
        "status" => {
            let (from, to) = (read(field.before.as_ref()), read(field.after.as_ref()));
            page.add(What::Status { from, to });
            true
        }
        "issued" => {
            let is_issued = field.after == Some(Value::Bool(true));
            if is_issued {
                page.add(What::Issued);
            }
            // A draft is nothing to tell of a new document; one that is a draft again is.
            is_issued || field.before.is_none()
        }
        "tracking" => {
            page.add(What::Tracking(read(field.after.as_ref()).unwrap_or_default()));
            true
        }
        "payments" => tell_payments(page, field).is_some(),
        "links" => tell_links(page, field).is_some(),
        "delivery_events" => tell_reports(page, reports, field).is_some(),
        _ => false,
    }
}

fn tell_payments(page: &mut Page<'_>, field: &FieldChange) -> Option<()> {
    let (mut gone, mut new) = (list::<Payment>(field.before.as_ref())?, list::<Payment>(field.after.as_ref())?);
    // Payments have no ids: equal ones are as many as there are.
    new.retain(|payment| match gone.iter().position(|old| old == payment) {
        Some(n) => {
            gone.remove(n);
            false
        }
        None => true,
    });
    for payment in new {
        let when = payment.date.map_or(When::Seen, When::On);
        page.add_as(page.source, when, What::Payment(payment));
    }
    for payment in gone {
        page.add(What::PaymentGone(payment));
    }
    Some(())
}

fn tell_links(page: &mut Page<'_>, field: &FieldChange) -> Option<()> {
    let before = list::<DocumentLink>(field.before.as_ref())?;
    let after = list::<DocumentLink>(field.after.as_ref())?;
    // A link is of one document, whatever number it has by now.
    let is_in = |all: &[DocumentLink], link: &DocumentLink| all.iter().any(|other| other.erp_id == link.erp_id);
    for link in after.iter().filter(|link| !is_in(&before, link)) {
        page.add(What::Linked(link.clone()));
    }
    for link in before.iter().filter(|link| !is_in(&after, link)) {
        page.add(What::Unlinked(link.clone()));
    }
    Some(())
}

fn tell_reports(page: &mut Page<'_>, reports: &mut BTreeSet<DeliveryEvent>, field: &FieldChange) -> Option<()> {
    for report in list::<DeliveryEvent>(field.after.as_ref())? {
        if reports.insert(report.clone()) {
            let when = report.at.map_or(When::On(report.date), When::At);
            page.add_as(Source::Carrier, when, What::Delivery(report));
        }
    }
    Some(())
}
