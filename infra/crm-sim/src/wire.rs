//! What travels between the CRM and the product's API, as the API's contract says it.
//!
//! Decides how an answer is read. What the contract does not name is ignored; what it names and an answer lacks makes
//! the answer unreadable.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The content of a record by piece: `name`, `tax`, `lines/l1`. A piece that is not set is not there.
pub type Pieces = BTreeMap<String, Value>;

/// What the CRM has records of, in the order in which they refer to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    /// Customers and suppliers.
    Contacts,
    /// What is sold.
    Products,
    /// Sales offers.
    Offers,
    /// Sales orders.
    Orders,
}

impl Object {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Contacts, Self::Products, Self::Offers, Self::Orders];

    /// The word that stands for it in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Products => "products",
            Self::Offers => "offers",
            Self::Orders => "orders",
        }
    }

    /// The object type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|object| object.name() == name)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The CRM's whole value of a record.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Put {
    pub(crate) fields: Pieces,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edited_at: Option<Timestamp>,
}

/// One of many requests.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct BulkItem {
    pub(crate) crm_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fields: Option<Pieces>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edited_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) delete: bool,
}

/// A record as the product has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Answer {
    pub(crate) record: String,
    pub(crate) revision: u64,
    pub(crate) fields: Pieces,
    pub(crate) erp_id: Option<String>,
    pub(crate) sync: Option<String>,
    pub(crate) hold: Option<Value>,
    pub(crate) conflicts: Option<Value>,
}

/// What came of many requests, in their order.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BulkAnswer {
    pub(crate) results: Vec<BulkResult>,
}

/// What came of one of them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct BulkResult {
    pub(crate) crm_id: String,
    pub(crate) status: u16,
    pub(crate) record: Option<String>,
    pub(crate) revision: Option<u64>,
    /// A problem stands in a member of its own or in these two.
    problem: Option<Value>,
    code: Option<Value>,
    errors: Option<Value>,
}

impl BulkResult {
    /// Why it was refused, in the form that the same request alone would have been told.
    pub(crate) fn problem(&self) -> Refusal {
        let body = match &self.problem {
            Some(problem @ Value::Object(_)) => problem.clone(),
            Some(text) => serde_json::json!({ "code": text }),
            None => serde_json::json!({ "code": self.code, "errors": self.errors }),
        };
        Refusal::read(self.status, &body)
    }
}

/// A part of the feed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Page {
    #[serde(rename = "changes")]
    pub(crate) told: Vec<Change>,
    pub(crate) cursor: String,
    pub(crate) more: bool,
}

/// One change of one record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) seq: u64,
    /// The name of the object type; the feed tells of some that the CRM does not have.
    pub(crate) object: String,
    pub(crate) record: String,
    pub(crate) crm_id: Option<String>,
    pub(crate) erp_id: Option<String>,
    pub(crate) revision: u64,
    pub(crate) kind: Kind,
    pub(crate) from: Side,
    /// The request that it came from, by the id that the CRM gave it.
    pub(crate) event: Option<String>,
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, FieldChange>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Added,
    Updated,
    Linked,
    Deleted,
    Restored,
    Missing,
    Found,
    Acted,
}

/// Which side a change came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Erp,
    Crm,
}

/// A piece after a change; `None` when it is not set any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FieldChange {
    pub(crate) after: Option<Value>,
}

/// Why the product does not take what was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The status.
    pub status: u16,
    /// The stable code; empty when the answer named none.
    pub code: String,
    /// What people are shown.
    pub text: String,
}

/// Problems that are about the company, not about the record: the same request may succeed later.
const NOT_NOW: &[&str] = &["read_only", "connection_missing", "connection_paused", "conflict"];

/// A refusal, and whether sending the same again may help.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) problem: Problem,
    pub(crate) is_passing: bool,
}

impl Refusal {
    /// Reads a status and a problem document; one that is none is shown as it is, cut.
    pub(crate) fn read(status: u16, body: &Value) -> Self {
        let word = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let code = word("code");
        let mut text = [word("detail"), word("title")].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
        for error in body.get("errors").and_then(Value::as_array).into_iter().flatten() {
            let part = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
            text = format!("{text} {}: {}", part("path"), part("message"));
        }
        let is_passing = matches!(status, 401 | 403 | 408 | 425 | 429)
            || !(400..500).contains(&status)
            || body.get("retryable").and_then(Value::as_bool).unwrap_or(false)
            || NOT_NOW.contains(&code.as_str());
        Self { problem: Problem { status, code, text: text.trim().chars().take(500).collect() }, is_passing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_passes_when_it_is_about_the_moment_or_the_caller() {
        let passes = |status, body: Value| Refusal::read(status, &body).is_passing;
        for (status, body) in [
            (500, json!(null)),
            (503, json!({"code": "busy"})),
            (429, json!({})),
            (401, json!({})),
            (409, json!({"code": "conflict"})),
            (409, json!({"code": "new_code", "retryable": true})),
            (409, json!({"code": "read_only", "retryable": false})),
            (302, json!(null)),
        ] {
            assert!(passes(status, body.clone()), "{status} {body}");
        }
        for (status, code) in
            [(400, "invalid_request"), (409, "link_taken"), (404, "not_found"), (413, "body_too_large")]
        {
            assert!(!passes(status, json!({"code": code})), "{status} {code}");
        }
    }

    #[test]
    fn a_bulk_problem_is_read_in_either_form() {
        let read = |body: Value| serde_json::from_value::<BulkResult>(body).expect("a result").problem().problem;
        let whole = read(json!({"crm_id": "c1", "status": 400, "problem": {"code": "invalid_request", "title": "No"}}));
        assert_eq!((whole.code.as_str(), whole.text.as_str()), ("invalid_request", "No"));
        let parts = read(json!({"crm_id": "c1", "status": 400, "code": "invalid_request",
            "errors": [{"path": "$.fields[\"name\"]", "message": "too long"}]}));
        assert_eq!(parts.code, "invalid_request");
        assert_eq!(parts.text, "$.fields[\"name\"]: too long");
    }
}
