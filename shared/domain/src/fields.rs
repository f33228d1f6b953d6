//! The content of a record, cut into the pieces that are merged whole.
//!
//! Decides what one piece is: a plain field, an atomic group (tax number with
//! taxpayer flag), or one entry of a list (an address, a person, a line, a
//! price). Order of entries is no content. Equality is `==` between pieces that
//! came from a record or through [`Fields::canonical`]; it must not look at
//! anything else.

mod canonical;
mod record;
mod shape;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub use canonical::{PieceError, missing_to_create};

use crate::{ContentHash, DocumentKind, Object, Record};

/// The pieces of a record by name: `name`, `tax`, `lines/123`. A piece that is not set is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(BTreeMap<String, Value>);

/// Who may change a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Either side.
    Both,
    /// The ERP alone: it computes or numbers it, or its API cannot take it.
    Erp,
    /// Either side when the record is made, nobody afterwards.
    AtCreation,
}

/// Atomic groups: the name of the group, and what it is made of.
const GROUPS: &[(Object, &str, &[&str])] = &[(Object::Contacts, "tax", &["tax_number", "taxpayer"])];

/// What names an entry that has an id in the ERP. The id is in the name alone.
const BY_ID: &[&str] = &["erp_id"];

/// What names a price: a list and a tier of it.
const BY_TIER: &[&str] = &["list", "sales", "amount_from", "valid_from"];

/// Lists of `object` whose entries are pieces of their own, and what names an entry.
const fn lists_of(object: Object) -> &'static [(&'static str, &'static [&'static str])] {
    match object {
        Object::Contacts => &[("addresses", BY_ID), ("persons", BY_ID)],
        Object::Products => &[("prices", BY_TIER)],
        _ if object.is_document() => &[("lines", BY_ID)],
        _ => &[],
    }
}

/// What names the entries of `list`, when it is a list of `object`.
fn key_of(object: Object, list: &str) -> Option<&'static [&'static str]> {
    lists_of(object).iter().find(|(name, _)| *name == list).map(|(_, key)| *key)
}

/// The name that an entry has by its own content; empty when it has no id.
fn own_name(key: &[&str], entry: &Value) -> String {
    let part = |k: &&str| match entry.get(*k) {
        Some(Value::String(s)) => s.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    key.iter().map(part).collect::<Vec<_>>().join("/")
}

/// The name of an entry without the number that tells it from others of the same name: `123` of `123~2`.
fn without_number(name: &str) -> &str {
    match name.rsplit_once('~') {
        Some((own, n)) if n.parse::<u32>().is_ok_and(|n| n > 1) => own,
        _ => name,
    }
}

/// The field that a piece belongs to: `lines` of `lines/123`.
pub fn field_of(piece: &str) -> &str {
    piece.split_once('/').map_or(piece, |(field, _)| field)
}

/// Whether `piece` is an entry of a list whose entries the ERP names: one that it does not have is added, each time that
/// it is written.
pub fn is_added(object: Object, piece: &str) -> bool {
    piece.contains('/') && key_of(object, field_of(piece)) == Some(BY_ID)
}

/// Who may change `piece` of a record of `object`.
pub fn owner(object: Object, piece: &str) -> Owner {
    let field = field_of(piece);
    if object.entry().shared.contains(&field) {
        Owner::Both
    } else if object.entry().at_creation.contains(&field) {
        Owner::AtCreation
    } else {
        Owner::Erp
    }
}

/// The fields that both sides may change: those that need a rule.
pub fn shared_fields(object: Object) -> &'static [&'static str] {
    object.entry().shared
}

impl Fields {
    /// The pieces of a record.
    pub fn of(record: &Record) -> Self {
        let object = record.object();
        let Ok(Value::Object(mut whole)) = serde_json::to_value(record) else { return Self::default() };
        whole.remove("type");
        whole.remove("erp_id");
        let mut out = Self::default();
        for (_, group, parts) in GROUPS.iter().filter(|(o, ..)| *o == object) {
            let value: Map<String, Value> =
                parts.iter().filter_map(|p| whole.remove(*p).map(|v| ((*p).to_owned(), v))).collect();
            if !value.is_empty() {
                out.set(*group, Value::Object(value));
            }
        }
        for (list, key) in lists_of(object) {
            if let Some(Value::Array(entries)) = whole.remove(*list) {
                out.add_list(list, key, entries);
            }
        }
        for (name, value) in whole {
            out.set(name, value);
        }
        out
    }

    fn add_list(&mut self, list: &str, key: &[&str], entries: Vec<Value>) {
        for mut entry in entries {
            let own = own_name(key, &entry);
            if key == BY_ID
                && let Value::Object(parts) = &mut entry
            {
                parts.remove("erp_id");
            }
            // Two entries that nothing tells apart are two entries, and one that nothing names has a name all the same.
            let mut n = if own.is_empty() { 1 } else { 2 };
            let mut name = if own.is_empty() { format!("{list}/~1") } else { format!("{list}/{own}") };
            while self.0.contains_key(&name) {
                name = format!("{list}/{own}~{n}");
                n += 1;
            }
            self.0.insert(name, entry);
        }
    }

    /// The kind of document that these pieces say, or the only one that `object` is made of.
    pub fn kind(&self, object: Object) -> Option<DocumentKind> {
        let mut kinds = DocumentKind::of(object);
        match self.get("kind") {
            Some(said) => kinds.find(|kind| said.as_str() == Some(kind.erp_name())),
            None => kinds.next().filter(|_| kinds.next().is_none()),
        }
    }

    /// The value of a piece.
    pub fn get(&self, piece: &str) -> Option<&Value> {
        self.0.get(piece)
    }

    /// Sets a piece. `null` unsets it: a piece that is not set is not there.
    pub fn set(&mut self, piece: impl Into<String>, value: Value) {
        let piece = piece.into();
        if value.is_null() {
            self.0.remove(&piece);
        } else {
            self.0.insert(piece, value);
        }
    }

    /// Sets a piece, or unsets it.
    pub fn put(&mut self, piece: &str, value: Option<&Value>) {
        match value {
            Some(v) if !v.is_null() => {
                self.0.insert(piece.to_owned(), v.clone());
            }
            _ => {
                self.0.remove(piece);
            }
        }
    }

    /// All pieces, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// How many pieces are set.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the pieces for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|name, _| keep(name));
    }

    /// The names of the pieces in which the two differ, in order.
    pub fn differing<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let mut names: Vec<&str> =
            self.0.iter().filter(|(k, v)| other.0.get(*k) != Some(*v)).map(|(k, _)| k.as_str()).collect();
        names.extend(other.0.keys().filter(|k| !self.0.contains_key(*k)).map(String::as_str));
        names.sort_unstable();
        names
    }

    /// A hash of the content, equal for equal content.
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(&[&serde_json::to_vec(&self.0).expect("string keys serialise")])
    }
}

impl<K: Into<String>> FromIterator<(K, Value)> for Fields {
    fn from_iter<T: IntoIterator<Item = (K, Value)>>(pieces: T) -> Self {
        let mut out = Self::default();
        for (name, value) in pieces {
            out.set(name, value);
        }
        out
    }
}
