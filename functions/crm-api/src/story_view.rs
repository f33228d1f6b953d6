//! Stories, derived states and registers as the API tells them.
//!
//! Decides the form only.

use std::collections::BTreeSet;

use app::registers::Known;
use domain::registers::Mapping;
use domain::{Derived, DocumentKind, ErpId, Meaning, RecordId, Sums, TenantId, Text, Warehouse};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use store::Stored;
use sync::timeline::{Event, What, When};

use crate::contract::{self, TimelineKind};

/// The story of a document, or a part of it.
#[derive(Serialize)]
pub(crate) struct TimelineView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) derived: Option<&'a Derived>,
    pub(crate) data: Vec<EntryView<'a>>,
    pub(crate) next_cursor: Option<String>,
    pub(crate) has_more: bool,
    pub(crate) complete: bool,
}

/// One thing that happened.
#[derive(Serialize)]
pub(crate) struct EntryView<'a> {
    key: String,
    kind: TimelineKind,
    source: sync::timeline::Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<Date>,
    time_is: contract::TimeIs,
    seen_at: Timestamp,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a domain::Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a domain::Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<&'a domain::Payment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<&'a domain::DeliveryEvent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<&'a domain::Tracking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a domain::DocumentLink>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<contract::LineCounts>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    fields: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<contract::EndedAction>,
}

impl<'a> EntryView<'a> {
    /// An event of a tenant's document.
    pub(crate) fn new(tenant: &TenantId, event: &'a Event) -> Self {
        use contract::TimeIs;
        let (at, day, time_is) = match event.when {
            When::At(at) => (Some(at), None, TimeIs::Event),
            When::On(day) => (None, Some(day), TimeIs::Event),
            When::Seen => (Some(event.seen_at), None, TimeIs::Seen),
        };
        let mut view = Self {
            key: format!("{}-{}", event.seq, event.n),
            kind: kind(&event.what),
            source: event.source,
            at,
            day,
            time_is,
            seen_at: event.seen_at,
            by: &event.by,
            from: None,
            to: None,
            payment: None,
            delivery: None,
            tracking: None,
            document: None,
            record: None,
            lines: None,
            fields: &[],
            action: None,
        };
        match &event.what {
            What::Status { from, to } => (view.from, view.to) = (from.as_ref(), to.as_ref()),
            What::Payment(payment) | What::PaymentGone(payment) => view.payment = Some(payment),
            What::Delivery(delivery) => view.delivery = Some(delivery),
            What::Tracking(tracking) => view.tracking = Some(tracking).filter(|t| !t.is_empty()),
            What::Linked(link) | What::Unlinked(link) => {
                view.document = Some(link);
                let kind = DocumentKind::from_erp_name(link.kind.as_str());
                view.record = kind.map(|kind| RecordId::for_erp(tenant, kind.object(), link.erp_id));
            }
            What::Lines { added, changed, removed } => {
                view.lines = Some(contract::LineCounts { added: *added, changed: *changed, removed: *removed });
            }
            What::Fields(names) => view.fields = names,
            What::Acted(acted) => view.action = Some(crate::action_view::acted(acted)),
            _ => {}
        }
        view
    }
}

const fn kind(what: &What) -> TimelineKind {
    match what {
        What::Created => TimelineKind::Created,
        What::Status { .. } => TimelineKind::Status,
        What::Issued => TimelineKind::Issued,
        What::Payment(_) => TimelineKind::Payment,
        What::PaymentGone(_) => TimelineKind::PaymentGone,
        What::Delivery(_) => TimelineKind::Delivery,
        What::Tracking(_) => TimelineKind::Tracking,
        What::Linked(_) => TimelineKind::Linked,
        What::Unlinked(_) => TimelineKind::Unlinked,
        What::Lines { .. } => TimelineKind::Lines,
        What::Fields(_) => TimelineKind::Fields,
        What::Joined => TimelineKind::Joined,
        What::Missing => TimelineKind::Missing,
        What::Found => TimelineKind::Found,
        What::Deleted => TimelineKind::Deleted,
        What::Restored => TimelineKind::Restored,
        What::Acted(_) => TimelineKind::Acted,
    }
}

/// A document of a contact.
#[derive(Serialize)]
pub(crate) struct ContactDocumentView<'a> {
    id: RecordId,
    erp_id: ErpId,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_since: Option<Timestamp>,
    kind: DocumentKind,
    number: &'a Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a Text>,
    currency: domain::Currency,
    sums: &'a Sums,
    derived: &'a Derived,
}

impl<'a> ContactDocumentView<'a> {
    /// A stored document with what follows from it; `None` when it is no document.
    pub(crate) fn new((stored, derived): &'a (Stored, Derived)) -> Option<Self> {
        let domain::Record::Document(document) = &stored.record else { return None };
        Some(Self::of(stored.id, stored.missing_since, document, derived))
    }

    /// The same of its parts.
    pub(crate) fn of(
        id: RecordId,
        missing_since: Option<Timestamp>,
        document: &'a domain::Document,
        derived: &'a Derived,
    ) -> Self {
        Self {
            id,
            erp_id: document.erp_id,
            missing_since,
            kind: document.kind,
            number: &document.number,
            date: document.date,
            title: document.title.as_ref(),
            currency: document.currency,
            sums: &document.sums,
            derived,
        }
    }
}

/// All registers.
#[derive(Serialize)]
pub(crate) struct RegistersView<'a> {
    version: u64,
    statuses: Vec<StatusView<'a>>,
    units: &'a BTreeSet<Text>,
    taxes: Vec<TaxView<'a>>,
    delivery_types: &'a BTreeSet<Text>,
    payment_types: &'a BTreeSet<Text>,
    payment_methods: &'a BTreeSet<Text>,
    warehouses: &'a [Warehouse],
}

#[derive(Serialize)]
pub(crate) struct StatusView<'a> {
    kind: DocumentKind,
    key: &'a Text,
    labels: Vec<&'a Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<Meaning>,
    mapping: Mapping,
}

#[derive(Serialize)]
struct TaxView<'a> {
    code: &'a Text,
    rates: Vec<String>,
}

impl<'a> RegistersView<'a> {
    /// What is known, the statuses that only a person named among it.
    pub(crate) fn new(known: &'a Known) -> Self {
        let registers = &known.registers;
        let met = registers.statuses.iter().flat_map(|(kind, names)| names.keys().map(move |name| (*kind, name)));
        let chosen = known.meanings.chosen.iter().flat_map(|(kind, names)| names.keys().map(move |name| (*kind, name)));
        let all: BTreeSet<(DocumentKind, &Text)> = met.chain(chosen).collect();
        Self {
            version: known.meanings.version,
            statuses: all.into_iter().map(|(kind, name)| StatusView::new(known, kind, name)).collect(),
            units: &registers.units,
            taxes: registers
                .taxes
                .iter()
                .map(|(code, rates)| TaxView {
                    code,
                    rates: rates.iter().map(|rate| domain::value::normal(*rate).to_string()).collect(),
                })
                .collect(),
            delivery_types: &registers.delivery_types,
            payment_types: &registers.payment_types,
            payment_methods: &registers.payment_methods,
            warehouses: &known.warehouses,
        }
    }
}

impl<'a> StatusView<'a> {
    fn new(known: &'a Known, kind: DocumentKind, key: &'a Text) -> Self {
        let labels = known.registers.statuses.get(&kind).and_then(|names| names.get(key));
        let (meaning, mapping) = known.meanings.of_name(kind, key);
        Self { kind, key, labels: labels.into_iter().flatten().collect(), meaning, mapping }
    }
}

/// The statuses that wait for a person to say what they mean.
pub(crate) fn unmapped(known: &Known) -> Vec<contract::RegisterStatus> {
    let all = known.registers.unmapped(&known.meanings);
    all.map(|(kind, key, labels)| contract::RegisterStatus {
        kind: kind.into(),
        key: key.to_string(),
        labels: labels.iter().map(Text::to_string).collect(),
        meaning: None,
        mapping: contract::Mapping::Unknown,
    })
    .collect()
}

impl From<DocumentKind> for contract::DocumentKind {
    fn from(kind: DocumentKind) -> Self {
        Self(kind)
    }
}

impl From<contract::DocumentKind> for DocumentKind {
    fn from(kind: contract::DocumentKind) -> Self {
        kind.0
    }
}

impl From<contract::Meaning> for Meaning {
    fn from(meaning: contract::Meaning) -> Self {
        match meaning {
            contract::Meaning::Draft => Self::Draft,
            contract::Meaning::Open => Self::Open,
            contract::Meaning::Confirmed => Self::Confirmed,
            contract::Meaning::InWork => Self::InWork,
            contract::Meaning::Shipped => Self::Shipped,
            contract::Meaning::Delivered => Self::Delivered,
            contract::Meaning::Completed => Self::Completed,
            contract::Meaning::Canceled => Self::Canceled,
            contract::Meaning::Problem => Self::Problem,
        }
    }
}
