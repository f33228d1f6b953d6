//! What an event says: that a record changed and where to read how. No value of a field and nobody's name is in it.

use domain::change::ChangeKind;
use domain::{ErpId, EventEndpointId, Object, RecordId, TenantId};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// The type of the event that a person asks for to test an endpoint.
pub const TEST_EVENT: &str = "endpoint.test";

/// What is told of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    /// When.
    pub at: Timestamp,
    /// The record.
    pub record: RecordId,
    /// What happened.
    pub kind: ChangeKind,
    /// The CRM's id of it.
    pub crm_id: Option<&'a str>,
    /// The ERP's id of it.
    pub erp_id: Option<ErpId>,
    /// The record's version after it.
    pub version: u64,
    /// The record's revision after it.
    pub revision: u64,
}

#[derive(Serialize)]
struct Body<'a, D> {
    #[serde(rename = "type")]
    name: &'a str,
    timestamp: Timestamp,
    data: D,
}

#[derive(Serialize)]
struct Data<'a> {
    record: RecordId,
    object: Object,
    kind: ChangeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    crm_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erp_id: Option<ErpId>,
    version: u64,
    revision: u64,
    cursor: &'a str,
}

#[derive(Serialize)]
struct Tested {
    endpoint: EventEndpointId,
}

impl Told<'_> {
    /// The body of its event. `cursor` is the position in the feed from which a reading begins with this change.
    pub fn body(&self, cursor: &str) -> String {
        let object = self.record.object();
        let data = Data {
            record: self.record,
            object,
            kind: self.kind,
            crm_id: self.crm_id,
            erp_id: self.erp_id,
            version: self.version,
            revision: self.revision,
            cursor,
        };
        text(&Body { name: &event_name(object, self.kind), timestamp: self.at, data })
    }
}

/// The body of a test.
pub fn test_body(endpoint: EventEndpointId, now: Timestamp) -> String {
    text(&Body { name: TEST_EVENT, timestamp: now, data: Tested { endpoint } })
}

/// The type of an event: `contact.updated`, `stock.updated`, `credit_note.added`.
pub fn event_name(object: Object, kind: ChangeKind) -> String {
    let of = object.name();
    format!("{}.{}", of.strip_suffix('s').unwrap_or(of), kind.name())
}

/// The id of a change's event for an endpoint: the same for every attempt, of no other event or endpoint.
pub fn message_id(tenant: &TenantId, endpoint: EventEndpointId, number: u64) -> String {
    hashed(&["change", tenant.as_str(), &endpoint.to_string(), &number.to_string()])
}

/// The id of a test's event.
pub fn test_message_id(tenant: &TenantId, endpoint: EventEndpointId, now: Timestamp) -> String {
    hashed(&["test", tenant.as_str(), &endpoint.to_string(), &now.as_millisecond().to_string()])
}

fn hashed(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    hasher.finalize().as_bytes()[..16].iter().fold("msg_".to_owned(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn text(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_event_names_the_record_and_the_place_in_the_feed_and_no_more() {
        let tenant: TenantId = "t_00000000000000000001".parse().expect("a tenant id");
        let told = Told {
            at: "2026-11-24T08:00:00Z".parse().expect("a time"),
            record: RecordId::for_erp(&tenant, Object::Contacts, ErpId::new(7)),
            kind: ChangeKind::Updated,
            crm_id: Some("c-1"),
            erp_id: Some(ErpId::new(7)),
            version: 3,
            revision: 2,
        };
        expect_test::expect![[r#"{"type":"contact.updated","timestamp":"2026-11-24T08:00:00Z","data":{"record":"con_6a9b4865ac7a8e608c6556e365594374","object":"contacts","kind":"updated","crm_id":"c-1","erp_id":"7","version":3,"revision":2,"cursor":"AbC"}}"#]]
            .assert_eq(&told.body("AbC"));
        let bare = Told { crm_id: None, erp_id: None, ..told };
        assert!(!bare.body("AbC").contains("_id\":null"), "{}", bare.body("AbC"));
    }

    #[test]
    fn every_object_type_and_kind_has_an_event_of_its_own() {
        let all = Object::ALL.into_iter().flat_map(|o| ChangeKind::ALL.map(|k| event_name(o, k)));
        let names: BTreeSet<String> = all.collect();
        assert_eq!(names.len(), Object::ALL.len() * ChangeKind::ALL.len());
        for name in ["stock.updated", "credit_note.added", "contact.merged", "warehouse_document.missing"] {
            assert!(names.contains(name), "{name}");
        }
    }

    #[test]
    fn a_message_has_one_id_an_endpoint_and_change() {
        let tenant = |n: u8| format!("t_{n:020}").parse().expect("a tenant id");
        let endpoint = |n: u128| EventEndpointId::new(uuid::Uuid::from_u128(n));
        let ids = [
            message_id(&tenant(1), endpoint(1), 1),
            message_id(&tenant(2), endpoint(1), 1),
            message_id(&tenant(1), endpoint(2), 1),
            message_id(&tenant(1), endpoint(1), 2),
            test_message_id(&tenant(1), endpoint(1), Timestamp::from_millisecond(1).expect("a time")),
        ];
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| id.len() == 36 && id.starts_with("msg_")), "{ids:?}");
        assert_eq!(ids[0], message_id(&tenant(1), endpoint(1), 1));
    }
}
