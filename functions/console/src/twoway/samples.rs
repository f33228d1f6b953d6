//! Records for the tests of the views.

use domain::{ErpId, Fields, Object, RecordId, TenantId};
use jiff::Timestamp;
use runtime::{Language, Role};
use serde_json::json;
use sync::twoway::Entry;

use crate::reader::Reader;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

pub(super) fn reader(language: Language, role: Role) -> Reader<'static> {
    Reader { language, role, csrf: "token", webhook_url: "https://hooks.example", is_live: false }
}

pub(super) fn id(object: Object, n: u64) -> RecordId {
    let tenant: TenantId = format!("t_{:020}", 1).parse().expect("a tenant id");
    RecordId::for_erp(&tenant, object, ErpId::new(n))
}

/// A contact that both sides have alike.
pub(super) fn contact(name: &str) -> Entry {
    let fields: Fields = [("name", json!(name)), ("number", json!("17"))].into_iter().collect();
    let entry = Entry::of_erp(id(Object::Contacts, 7), ErpId::new(7), fields);
    Entry { crm_id: Some("c-1".to_owned()), ..entry }
}
