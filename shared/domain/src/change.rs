//! What changed between two values of a record, field by field.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use crate::{ErpId, Record};

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// Its content changed.
    Updated,
    /// A complete sweep and a direct lookup did not find it in the ERP any more. Nothing is deleted by this.
    Missing,
    /// It was missing and is there again.
    Found,
    /// A record of the CRM and one of the ERP are one from now on.
    Linked,
    /// One side deleted it; the other archives it for 30 days.
    Deleted,
    /// It was deleted and is taken back.
    Restored,
    /// Another record of the CRM and this one are one from now on.
    Merged,
    /// They are two again.
    Unmerged,
    /// A person took the record of the CRM and that of the ERP apart.
    Unlinked,
    /// An action on it ended. What the action changed is told by the changes that follow.
    Acted,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Added,
        Self::Updated,
        Self::Missing,
        Self::Found,
        Self::Linked,
        Self::Deleted,
        Self::Restored,
        Self::Merged,
        Self::Unmerged,
        Self::Unlinked,
        Self::Acted,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
            Self::Missing => "missing",
            Self::Found => "found",
            Self::Linked => "linked",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Merged => "merged",
            Self::Unmerged => "unmerged",
            Self::Unlinked => "unlinked",
            Self::Acted => "acted",
        }
    }
}

/// A field before and after; `None` where it was not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// What speaks for or against a partner of the ERP being a contact of the CRM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// It has all that we sent in a write whose answer was lost.
    Sent,
    /// The tax numbers are equal.
    TaxNumber,
    /// The digits of the tax numbers are equal, and one of them does not say its country.
    TaxDigits,
    /// An e-mail address is on both.
    Email,
    /// The names are equal or share a word.
    Name,
    /// Post code and street of an address are equal.
    Address,
    /// The names share no word. This speaks against it.
    DifferentName,
}

/// By what a contact of the CRM was found to be a partner of the ERP, or what a person said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// The partner; `None` when it is none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// What speaks for and against that partner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// The partners that it is not, by a person's word.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub none_of: BTreeSet<ErpId>,
    /// The reason that the person gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The top-level fields of `after` that differ from `before`. For a new record, `before` is `None` and every field is there.
pub fn diff(before: Option<&Record>, after: &Record) -> BTreeMap<String, FieldChange> {
    let fields = |r: &Record| match serde_json::to_value(r) {
        Ok(Value::Object(m)) => m,
        _ => serde_json::Map::new(),
    };
    let mut old = before.map(fields).unwrap_or_default();
    let mut out = BTreeMap::new();
    for (name, value) in fields(after) {
        let was = old.remove(&name);
        if was.as_ref() != Some(&value) {
            out.insert(name, FieldChange { before: was, after: Some(value) });
        }
    }
    for (name, was) in old {
        out.insert(name, FieldChange { before: Some(was), after: None });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErpId, Stock, StockLevel, Text};
    use rust_decimal::Decimal;
    use serde_json::json;

    fn stock(name: Option<&str>, on_hand: Decimal) -> Record {
        let name = name.map(|n| Text::required(n).expect("visible text"));
        let level = StockLevel { warehouse: ErpId::new(5), on_hand, reserved: None, free: on_hand };
        Record::Stock(Box::new(Stock {
            erp_id: ErpId::new(6),
            code: None,
            name,
            unit: None,
            levels: vec![level],
            incoming: vec![],
        }))
    }

    fn change(before: Option<Value>, after: Option<Value>) -> FieldChange {
        FieldChange { before, after }
    }

    #[test]
    fn a_kind_has_one_name() {
        for kind in ChangeKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a name"), json!(kind.name()));
        }
    }

    #[test]
    fn equal_records_differ_in_nothing() {
        let (a, b) = (stock(Some("Vijak"), Decimal::new(5, 0)), stock(Some(" Vijak "), Decimal::new(500, 2)));
        assert_eq!(diff(Some(&a), &b), BTreeMap::new());
    }

    #[test]
    fn a_new_record_differs_in_every_field() {
        let changes = diff(None, &stock(Some("Vijak"), Decimal::ONE));
        assert_eq!(changes.keys().collect::<Vec<_>>(), ["erp_id", "levels", "name", "type"]);
        assert!(changes.values().all(|c| c.before.is_none() && c.after.is_some()));
    }

    #[test]
    fn fields_that_appear_disappear_or_change_are_told_with_both_values() {
        let level = |n: &str| json!([{ "warehouse": "5", "on_hand": n, "free": n }]);
        let (bare, named) = (stock(None, Decimal::ONE), stock(Some("Vijak"), Decimal::TWO));
        assert_eq!(
            diff(Some(&bare), &named),
            BTreeMap::from([
                ("levels".to_owned(), change(Some(level("1")), Some(level("2")))),
                ("name".to_owned(), change(None, Some(json!("Vijak")))),
            ])
        );
        assert_eq!(diff(Some(&named), &bare)["name"], change(Some(json!("Vijak")), None));
    }

    #[test]
    fn a_change_comes_back_equal_from_json() {
        for c in [
            change(None, Some(json!("a"))),
            change(Some(json!(["1"])), None),
            change(Some(json!("a")), Some(json!("b"))),
        ] {
            let json = serde_json::to_string(&c).expect("plain values");
            assert!(!json.contains("null"), "{json}");
            assert_eq!(serde_json::from_str::<FieldChange>(&json).expect("a change"), c);
        }
    }
}
