//! Examples of keys. Answers are made by the code that answers and are read back by the contract's types.

use domain::{ApiKey, KeySecret};
use serde_json::{Value, json};

use super::examples::json;
use super::records::now;
use crate::{contract, routes};

/// The answers of an operation, by status.
pub(super) fn responses(operation: &str) -> Vec<(&'static str, Value)> {
    let key = || routes::keys::view(&key(), now());
    let shown = || json(&contract::NewApiKey { key: key(), secret: Some("crmk_...".to_owned()) });
    match operation {
        "list_keys" => vec![("200", json(&contract::ApiKeys { keys: vec![key()] }))],
        "make_key" => vec![("201", shown())],
        "rotate_key" => vec![("200", shown())],
        _ => Vec::new(),
    }
}

/// The request of an operation with a body.
pub(super) fn request(operation: &str) -> Option<Value> {
    match operation {
        "make_key" => {
            Some(json!({ "name": "Nightly export", "scopes": ["view"], "expires_at": "2027-12-31T23:00:00Z" }))
        }
        "rotate_key" => Some(json!({ "overlap_s": 86_400 })),
        _ => None,
    }
}

fn key() -> ApiKey {
    ApiKey {
        id: "key_01990a1b2c3d7e5f8091a2b3c4d5e6f7".parse().expect("a key id"),
        name: "Nightly export".to_owned(),
        scopes: ["view".to_owned()].into(),
        created_at: now(),
        created_by: "ana@vodnjak.si".to_owned(),
        rotated_at: None,
        expires_at: None,
        secrets: vec![KeySecret { sha256: [0; 32], accepted_until: None }],
    }
}

#[test]
fn every_answer_about_keys_has_the_form_of_the_contract() {
    use super::examples::assert_form;
    assert_form::<contract::ApiKeys>(&responses("list_keys")[0].1);
    assert_form::<contract::NewApiKey>(&responses("make_key")[0].1);
    assert_form::<contract::NewApiKey>(&responses("rotate_key")[0].1);
}

#[test]
fn every_permission_is_a_scope() {
    for permission in runtime::Permission::ALL {
        let scope: contract::Scope = serde_json::from_value(json!(permission.name())).expect("a scope");
        assert_eq!(json(&scope), json!(permission.name()));
    }
}
