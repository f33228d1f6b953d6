//! Pieces put together again: the record that has them.
//!
//! Decides which id an entry of a list has, by its name, and the order of the
//! entries. Fills in nothing: a record is made of pieces that are all there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::canonical::PieceError;
use super::shape::{Shape, parts_of};
use super::{BY_ID, Fields, GROUPS, field_of, key_of, without_number};
use crate::{DocumentKind, ErpId, Object, Record};

impl Record {
    /// The record that has these pieces: the inverse of [`Fields::of`], up to the order of lists.
    ///
    /// Entries come in the order of their ids, those without one first, by name (`l2` before `l10`). An entry whose
    /// name is no ERP id has none. `kind` says what a document is when no piece does.
    ///
    /// # Errors
    ///
    /// A piece that is not of its form, one that the record cannot be without, or a reference to a record of the CRM.
    pub fn of_fields(
        object: Object,
        kind: Option<DocumentKind>,
        erp_id: ErpId,
        fields: &Fields,
    ) -> Result<Self, PieceError> {
        let pieces = with_kind(object, kind, fields).in_shape(object)?;
        refuse_gaps(object, &pieces)?;
        let mut whole = Map::new();
        whole.insert("type".to_owned(), tag(object).into());
        whole.insert("erp_id".to_owned(), erp_id.to_string().into());
        let mut lists: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
        for (piece, value) in pieces.iter() {
            match (piece.split_once('/'), value) {
                (Some((list, name)), Value::Object(parts)) => {
                    lists.entry(list).or_default().push(Entry::new(object, list, name, parts.clone()));
                }
                (None, Value::Object(parts)) if GROUPS.iter().any(|(o, name, _)| *o == object && *name == piece) => {
                    whole.extend(parts.clone());
                }
                _ => {
                    whole.insert(piece.to_owned(), value.clone());
                }
            }
        }
        for (list, mut entries) in lists {
            entries.sort_by(|a, b| (a.id, &a.rank).cmp(&(b.id, &b.rank)));
            whole.insert(list.to_owned(), entries.into_iter().map(|entry| Value::Object(entry.parts)).collect());
        }
        let record = serde_json::from_value(Value::Object(whole));
        // The shapes say all that the types say, so this tells that one of them does not.
        let mut record: Self = record.map_err(|_| PieceError::of("fields", "together they are no record"))?;
        if let Self::Product(product) = &mut record {
            product.prices.sort();
        }
        Ok(record)
    }
}

fn with_kind(object: Object, kind: Option<DocumentKind>, fields: &Fields) -> Fields {
    let mut out = fields.clone();
    if let (true, Some(kind), None | Some(Value::Null)) = (object.is_document(), kind, fields.get("kind")) {
        out.set("kind", kind.erp_name().into());
    }
    out
}

/// Refuses pieces that lack one, or that name a record by an id that the ERP does not know.
fn refuse_gaps(object: Object, pieces: &Fields) -> Result<(), PieceError> {
    let parts = parts_of(object);
    if let Some(part) = parts.iter().find(|part| part.needed && pieces.get(part.name).is_none()) {
        return Err(PieceError::of(part.name, "is missing"));
    }
    for (piece, value) in pieces.iter() {
        let reference = match parts.iter().find(|part| part.name == field_of(piece)).map(|part| part.shape) {
            Some(Shape::Party) => value.get("crm_id"),
            Some(Shape::Entries(Shape::Line)) => value.get("product_crm_id"),
            _ => None,
        };
        if reference.is_some() {
            return Err(PieceError::of(piece, "names a record of the CRM, whose id in the ERP is not known"));
        }
    }
    Ok(())
}

/// An entry of a list, with what orders it.
struct Entry {
    id: Option<ErpId>,
    rank: String,
    parts: Map<String, Value>,
}

impl Entry {
    fn new(object: Object, list: &str, name: &str, mut parts: Map<String, Value>) -> Self {
        let id = match key_of(object, list) {
            Some(BY_ID) => without_number(name).parse::<ErpId>().ok(),
            _ => None,
        };
        if let Some(id) = id {
            parts.insert("erp_id".to_owned(), id.to_string().into());
        }
        Self { id, rank: rank(name), parts }
    }
}

/// A key that orders names as people do: `l2` before `l10`.
fn rank(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (text, from) = rest.split_at(at);
        let (digits, after) = from.split_at(from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len()));
        out.push_str(text);
        out.extend(std::iter::repeat_n('0', 20_usize.saturating_sub(digits.len())));
        out.push_str(digits);
        rest = after;
    }
    out + rest
}

/// What tells a record of `object` from others in its JSON.
const fn tag(object: Object) -> &'static str {
    match object {
        Object::Contacts => "contact",
        Object::Products => "product",
        Object::Stock => "stock",
        _ => "document",
    }
}
