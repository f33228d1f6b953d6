//! Every key of the table, one constructor per entity.
//!
//! Decides where an item lives, and nothing else. Private to the crate: tenant
//! keys come only from [`TenantKeys`], which only a tenant handle holds.
//! Numbers are padded so that text order is number order.

use domain::{ActionId, EndpointId, ErpId, EventEndpointId, Listing, Object, RecordId, RunId, TenantId};
use jiff::civil::Date;
use std::fmt::Write as _;

use crate::delivery::DeliveryKey;
use crate::metering::Entity;

/// Name of the sparse index of work to do.
pub(crate) const TODO_INDEX: &str = "todo";

/// The primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) entity: Entity,
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// A partition: all items with one partition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) entity: Entity,
    pub(crate) pk: String,
}

impl Partition {
    fn key(self, sk: impl Into<String>) -> Key {
        Key { entity: self.entity, pk: self.pk, sk: sk.into() }
    }
}

/// The keys of one tenant.
#[derive(Clone, Debug)]
pub(crate) struct TenantKeys(TenantId);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// Text that sorts as the number does, for ids of the ERP.
pub(crate) fn padded(id: ErpId) -> String {
    format!("{:020}", id.get())
}

impl TenantKeys {
    pub(crate) fn new(tenant: TenantId) -> Self {
        Self(tenant)
    }

    pub(crate) const fn tenant(&self) -> &TenantId {
        &self.0
    }

    fn partition(&self, entity: Entity, rest: &str) -> Partition {
        Partition { entity, pk: format!("T#{}#{rest}", self.0) }
    }

    pub(crate) fn connection(&self) -> Key {
        self.partition(Entity::Connection, "CFG").key("CONNECTION")
    }

    pub(crate) fn lease(&self) -> Key {
        self.partition(Entity::Lease, "SYNC").key("LEASE")
    }

    pub(crate) fn bucket(&self) -> Key {
        self.partition(Entity::Bucket, "SYNC").key("BUCKET")
    }

    pub(crate) fn state(&self) -> Key {
        self.partition(Entity::State, "SYNC").key("STATE")
    }

    pub(crate) fn seq(&self) -> Key {
        self.partition(Entity::Seq, "SYNC").key("SEQ")
    }

    pub(crate) fn index_pages(&self, object: Object) -> Partition {
        self.partition(Entity::IndexPage, &format!("IDX#{object}"))
    }

    pub(crate) fn index_page(&self, object: Object, first: ErpId) -> Key {
        self.index_pages(object).key(padded(first))
    }

    pub(crate) fn seen_chunks(&self, pass: u64) -> Partition {
        self.partition(Entity::Seen, &format!("SEEN#{pass}"))
    }

    pub(crate) fn seen(&self, pass: u64, n: u32) -> Key {
        self.seen_chunks(pass).key(format!("{n:06}"))
    }

    pub(crate) fn records(&self, object: Object) -> Partition {
        self.partition(Entity::Record, &format!("R#{object}"))
    }

    pub(crate) fn record(&self, id: RecordId) -> Key {
        self.records(id.object()).key(id.to_string())
    }

    pub(crate) fn opens(&self, object: Object) -> Partition {
        self.partition(Entity::Open, &format!("NEW#{object}"))
    }

    pub(crate) fn open(&self, id: RecordId) -> Key {
        self.opens(id.object()).key(id.to_string())
    }

    /// Where the record is that the CRM's id of this hash means.
    pub(crate) fn link(&self, crm: RecordId) -> Key {
        self.partition(Entity::Link, &format!("CRM#{}", crm.object())).key(crm.to_string())
    }

    /// The partition of the `todo` index with rows that wait for `whom`.
    pub(crate) fn waiting(&self, whom: &str) -> Partition {
        self.partition(Entity::Record, &format!("TODO#{whom}"))
    }

    pub(crate) fn settings(&self) -> Key {
        self.partition(Entity::Settings, "CFG").key("SETTINGS")
    }

    pub(crate) fn settings_at(&self, version: u64) -> Key {
        self.partition(Entity::Settings, "CFG").key(format!("SETTINGS#{version:020}"))
    }

    pub(crate) fn api_keys(&self) -> Key {
        self.partition(Entity::ApiKeys, "CFG").key("KEYS")
    }

    /// How many requests `who` may still make.
    pub(crate) fn rate(&self, who: &str) -> Key {
        self.partition(Entity::Rate, "RATE").key(who)
    }

    pub(crate) fn plans(&self) -> Partition {
        self.partition(Entity::Plan, "PLAN")
    }

    pub(crate) fn plan(&self, id: &str) -> Key {
        self.plans().key(id)
    }

    pub(crate) fn plan_parts(&self, id: &str) -> Partition {
        self.partition(Entity::Plan, &format!("PLAN#{id}"))
    }

    /// By the hash of the whole, so that parts of two attempts never mix.
    pub(crate) fn plan_part(&self, id: &str, whole: &str, n: usize) -> Key {
        self.plan_parts(id).key(format!("{whole}#{n:06}"))
    }

    pub(crate) fn files(&self) -> Partition {
        self.partition(Entity::File, "FILE")
    }

    pub(crate) fn file(&self, of: RecordId, name: &str) -> Key {
        self.files().key(format!("{of}#{name}"))
    }

    pub(crate) fn certificates(&self) -> Partition {
        self.partition(Entity::Certificate, "CERT")
    }

    pub(crate) fn certificate(&self, day: &str, object: Object) -> Key {
        self.certificates().key(format!("{day}#{object}"))
    }

    pub(crate) fn released(&self, object: Object) -> Key {
        self.partition(Entity::Approval, "GUARD").key(format!("{object}#RELEASED"))
    }

    pub(crate) fn approval(&self, object: Object) -> Key {
        self.partition(Entity::Approval, "GUARD").key(object.to_string())
    }

    pub(crate) fn changes(&self) -> Partition {
        self.partition(Entity::Change, "CHG")
    }

    pub(crate) fn change(&self, seq: u64) -> Key {
        self.changes().key(format!("{seq:020}"))
    }

    pub(crate) fn runs(&self) -> Partition {
        self.partition(Entity::Run, "RUN")
    }

    pub(crate) fn run(&self, id: RunId) -> Key {
        self.runs().key(id.to_string())
    }

    pub(crate) fn action(&self, id: ActionId) -> Key {
        self.partition(Entity::Action, "ACT").key(id.to_string())
    }

    /// The list of a document's actions.
    pub(crate) fn actions_of(&self, document: RecordId) -> Partition {
        self.partition(Entity::Action, &format!("ACT#{document}"))
    }

    pub(crate) fn action_of(&self, document: RecordId, id: ActionId) -> Key {
        self.actions_of(document).key(id.to_string())
    }

    /// The sort key that [`inbox_sort`] made.
    pub(crate) fn inbox(&self, sort: &str) -> Key {
        self.partition(Entity::Inbox, "INBOX").key(sort)
    }

    /// The partition of the `todo` index with events that are not done.
    pub(crate) fn inbox_todo(&self) -> Partition {
        self.partition(Entity::Inbox, "TODO#INBOX")
    }

    pub(crate) fn parked_records(&self) -> Partition {
        self.partition(Entity::Parked, "PARK")
    }

    pub(crate) fn parked(&self, object: Object, erp_id: ErpId) -> Key {
        self.parked_records().key(format!("{object}#{}", padded(erp_id)))
    }

    pub(crate) fn idempotency(&self, key_sha256: &[u8; 32]) -> Key {
        self.partition(Entity::Idempotency, "IDEM").key(hex(key_sha256))
    }

    pub(crate) fn warehouses(&self) -> Key {
        self.partition(Entity::Register, "REG").key("WAREHOUSES")
    }

    /// What a look from a screen found about a record, for a few minutes.
    pub(crate) fn look(&self, what: &str, id: RecordId) -> Key {
        self.partition(Entity::Look, "LOOK").key(format!("{what}#{id}"))
    }

    /// What was met of the registers that nobody lists.
    pub(crate) fn learned(&self) -> Key {
        self.partition(Entity::Register, "REG").key("LEARNED")
    }

    /// What the statuses mean.
    pub(crate) fn meanings(&self) -> Key {
        self.partition(Entity::Register, "REG").key("MEANINGS")
    }

    /// The documents of a contact.
    pub(crate) fn documents_of(&self, contact: RecordId) -> Partition {
        self.partition(Entity::Listing, &format!("BY#{contact}"))
    }

    /// A document's place among those of its contact.
    pub(crate) fn listing(&self, of: Listing, document: RecordId) -> Key {
        let contact = RecordId::for_erp(&self.0, Object::Contacts, of.partner);
        self.documents_of(contact).key(listing_sort(of.date, document))
    }

    pub(crate) fn event_endpoints(&self) -> Partition {
        self.partition(Entity::EventEndpoint, "EVT")
    }

    pub(crate) fn event_endpoint(&self, id: EventEndpointId) -> Key {
        self.event_endpoints().key(id.to_string())
    }

    /// The log of deliveries to an endpoint.
    pub(crate) fn deliveries(&self, endpoint: EventEndpointId) -> Partition {
        self.partition(Entity::Delivery, &format!("DLV#{endpoint}"))
    }

    pub(crate) fn delivery(&self, endpoint: EventEndpointId, event: DeliveryKey) -> Key {
        self.deliveries(endpoint).key(format!("{:014}#{:020}", event.at.as_millisecond(), event.number))
    }

    pub(crate) fn console_link(&self, code_sha256: &[u8; 32]) -> Key {
        self.partition(Entity::Console, "CONSOLE").key(format!("LINK#{}", hex(code_sha256)))
    }

    pub(crate) fn console_session(&self, token_sha256: &[u8; 32]) -> Key {
        self.partition(Entity::Console, "CONSOLE").key(format!("SES#{}", hex(token_sha256)))
    }
}

/// The place of a document by its date; without one, before all others.
pub(crate) fn listing_sort(date: Option<Date>, document: RecordId) -> String {
    match date {
        Some(date) => format!("{date}#{document}"),
        None => format!("#{document}"),
    }
}

/// The date and the document of such a place.
pub(crate) fn of_listing_sort(sort: &str) -> Option<(Option<Date>, RecordId)> {
    let (date, document) = sort.split_once('#')?;
    let date = if date.is_empty() { None } else { Some(date.parse().ok()?) };
    Some((date, document.parse().ok()?))
}

/// The sort key of an event: its id, then the hash of its body, whose fixed length keeps the two apart.
pub(crate) fn inbox_sort(event_id: &str, body_sha256: &[u8; 32]) -> String {
    format!("{event_id}#{}", hex(body_sha256))
}

/// Where an event stands in the `todo` index: by its time.
pub(crate) fn inbox_todo_sort(received_ms: i64, sort: &str) -> String {
    format!("{received_ms:014}#{sort}")
}

/// Where a row stands in the `todo` index: by the time from which it waits.
pub(crate) fn waiting_sort(at_ms: i64, id: RecordId) -> String {
    format!("{at_ms:014}#{id}")
}

/// The time and the record of a place in the `todo` index.
pub(crate) fn of_waiting_sort(sort: &str) -> Option<(i64, RecordId)> {
    let (at, id) = sort.split_once('#')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

/// Where an action stands in the `todo` index: by the time from which it is due.
pub(crate) fn action_waiting_sort(at_ms: i64, id: ActionId) -> String {
    format!("{at_ms:014}#{id}")
}

/// The time and the action of a place in the `todo` index.
pub(crate) fn of_action_waiting_sort(sort: &str) -> Option<(i64, ActionId)> {
    let (at, id) = sort.split_once('#')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

/// The time and the number of an event in the log of deliveries.
pub(crate) fn of_delivery_sort(sort: &str) -> Option<(i64, u64)> {
    let (at, number) = sort.split_once('#')?;
    Some((at.parse().ok()?, number.parse().ok()?))
}

/// The sort key of an event from its place in the `todo` index.
pub(crate) fn inbox_sort_of_todo(todo_sort: &str) -> Option<&str> {
    todo_sort.split_once('#').map(|(_, sort)| sort)
}

pub(crate) fn endpoint(id: &EndpointId) -> Key {
    Partition { entity: Entity::Endpoint, pk: format!("SYS#EP#{id}") }.key("EP")
}

pub(crate) fn due_slot(slot: u8) -> Partition {
    Partition { entity: Entity::Due, pk: format!("SYS#DUE#{slot:02}") }
}

pub(crate) fn due(slot: u8, tenant: &TenantId) -> Key {
    due_slot(slot).key(tenant.as_str())
}

/// The tenants of a slot that have endpoints.
pub(crate) fn out_slot(slot: u8) -> Partition {
    Partition { entity: Entity::Out, pk: format!("SYS#OUT#{slot:02}") }
}

pub(crate) fn out(slot: u8, tenant: &TenantId) -> Key {
    out_slot(slot).key(tenant.as_str())
}

pub(crate) fn tick() -> Key {
    Partition { entity: Entity::Tick, pk: "SYS#TICK".to_owned() }.key("TICK")
}

/// The door to the ERP's host at this origin.
pub(crate) fn door(origin: &str) -> Key {
    let hash = blake3::hash(origin.as_bytes()).to_hex();
    Partition { entity: Entity::Door, pk: format!("SYS#ERP#{}", &hash[..32]) }.key("DOOR")
}

#[cfg(test)]
mod tests;
