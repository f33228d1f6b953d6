//! Pieces as somebody sent them, made canonical.
//!
//! Decides whether each piece is one that the object type has, and of the form
//! that its domain type gives it. Fills in nothing and resolves no reference.
//! Errors name places and rules, never a value: it may be personal.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};
use thiserror::Error;

use super::shape::{CRM_PARTY, LINE, MAKING, PARTY, Part, Shape, parts_of};
use super::{BY_ID, Fields, field_of, key_of, own_name, without_number};
use crate::value::parse_decimal;
use crate::{
    AddressKind, Country, Currency, DocumentKind, Email, ErpId, Object, Phone, RecordId, TaxNumber, Text, ValueError,
};

/// The most pieces that may be sent for a record.
const MAX_PIECES: usize = 500;

/// The most bytes of JSON that the pieces of a record may have.
const MAX_BYTES: usize = 64 * 1024;

/// The most characters of a name of the caller that an error repeats.
const MAX_SHOWN: usize = 100;

/// A piece that is not of the form that it must have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{piece}: {}{reason}", if .path.is_empty() { String::new() } else { format!("\"{}\": ", .path) })]
pub struct PieceError {
    /// Name of the piece (`lines/l1`), cut when it is long; `fields` when it is about all of them.
    pub piece: String,
    /// Where in the piece, empty for the whole of it: `amount`, `discounts[0]`.
    pub path: String,
    /// What is wrong, in words, without the value.
    pub reason: Cow<'static, str>,
}

impl PieceError {
    pub(super) fn of(piece: &str, reason: impl Into<Cow<'static, str>>) -> Self {
        Problem::new(reason).of_piece(piece)
    }
}

/// Which pieces a create of `object` needs and `fields` lacks; `lines` stands for at least one line.
pub fn missing_to_create(object: Object, fields: &Fields) -> Vec<&'static str> {
    let has = |name: &str| fields.iter().any(|(piece, value)| field_of(piece) == name && !value.is_null());
    object.entry().needed.iter().copied().filter(|name| !has(name)).collect()
}

/// Whether `s` has the form that the CRM's ids have, which no record id has.
fn is_crm_id(s: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    (1..=64).contains(&s.len()) && s.bytes().all(fits) && s.parse::<RecordId>().is_err()
}

fn is_entry_name(s: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:~/-".contains(&b);
    (1..=64).contains(&s.len()) && s.bytes().all(fits)
}

impl Fields {
    /// These pieces in canonical form, as a side sent them for a record of `object`.
    ///
    /// Each value has the form of its domain type afterwards. The result has the same pieces under the same names; one
    /// that is null or empty is not set. A party may be `{"crm_id": "…"}`, and the product of a line `product_crm_id`.
    ///
    /// # Errors
    ///
    /// A piece or key that there is not, a value of another kind or form, more than 500 pieces or 64 KiB.
    pub fn canonical(&self, object: Object) -> Result<Self, PieceError> {
        if self.len() > MAX_PIECES {
            return Err(PieceError::of("fields", "at most 500 pieces"));
        }
        let bytes = serde_json::to_vec(self).map_or(usize::MAX, |json| json.len());
        if bytes > MAX_BYTES {
            return Err(PieceError::of("fields", "at most 64 KiB"));
        }
        let fields = self.in_shape(object)?;
        for (piece, value) in fields.iter() {
            let Some((list, name)) = piece.split_once('/') else { continue };
            // Elsewhere it would be kept, and written nowhere.
            if object != Object::WorkOrders && list == "lines" && value.get(MAKING).is_some() {
                return Err(Problem::new("only work orders have it").in_key(MAKING).of_piece(piece));
            }
            // The ERP's name of a price holds the name of the list, in which any character may be.
            let key = key_of(object, list).filter(|key| *key != BY_ID);
            let is_its_own = || key.is_some_and(|key| own_name(key, value) == without_number(name));
            if !is_entry_name(name) && !is_its_own() {
                return Err(PieceError::of(
                    piece,
                    "the name of an entry is 1 to 64 letters without accents, digits and . _ : ~ / -",
                ));
            }
        }
        Ok(fields)
    }

    /// Each piece in the form of its domain type, whatever the names of entries and however many there are.
    pub(super) fn in_shape(&self, object: Object) -> Result<Self, PieceError> {
        let mut out = Self::default();
        for (piece, value) in self.iter() {
            let (part, entry) = part_of(object, piece)?;
            let shape = entry.unwrap_or(&part.shape);
            let read = read(object, shape, value).map_err(|problem| problem.of_piece(piece))?;
            // An entry of which nothing is known is there all the same.
            let kept = read.filter(|v| entry.is_some() || part.needed || !is_empty(v));
            out.put(piece, kept.as_ref());
        }
        Ok(out)
    }
}

/// The part that `piece` is, and the shape of an entry when it is one.
fn part_of(object: Object, piece: &str) -> Result<(&'static Part, Option<&'static Shape>), PieceError> {
    let known = parts_of(object).iter().find(|part| part.name == field_of(piece));
    match known.map(|part| (part, part.shape)) {
        Some((part, Shape::Entries(entry))) if piece.contains('/') => Ok((part, Some(entry))),
        Some((part, Shape::Entries(_))) => {
            Err(PieceError::of(piece, format!("each entry is a piece of its own, by the name {}/...", part.name)))
        }
        Some((part, _)) if part.name == piece => Ok((part, None)),
        _ => Err(PieceError::of(piece, format!("{object} have no such piece"))),
    }
}

/// What is wrong, and where in the piece.
struct Problem {
    path: String,
    reason: Cow<'static, str>,
}

impl Problem {
    fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { path: String::new(), reason: reason.into() }
    }

    /// The same, seen from the whole that has it under `key`.
    fn in_key(mut self, key: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{}{dot}{}", shown(key), self.path);
        self
    }

    fn in_entry(mut self, n: usize) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.path = format!("[{n}]{dot}{}", self.path);
        self
    }

    fn of_piece(self, piece: &str) -> PieceError {
        PieceError { piece: shown(piece), path: self.path, reason: self.reason }
    }
}

impl From<ValueError> for Problem {
    fn from(e: ValueError) -> Self {
        Self::new(e.to_string())
    }
}

fn shown(name: &str) -> String {
    name.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(parts) => parts.is_empty(),
        Value::Array(entries) => entries.is_empty(),
        _ => false,
    }
}

/// The canonical form of a value; `None` when it is null or empty text.
fn read(object: Object, shape: &Shape, value: &Value) -> Result<Option<Value>, Problem> {
    if value.is_null() {
        return Ok(None);
    }
    match shape {
        Shape::Text => text::<Text>(value),
        Shape::ErpId => text::<ErpId>(value),
        Shape::Currency => text::<Currency>(value),
        Shape::Country => text::<Country>(value),
        Shape::Email => text::<Email>(value),
        Shape::Phone => text::<Phone>(value),
        Shape::TaxNumber => text::<TaxNumber>(value),
        Shape::Decimal => decimal(value),
        Shape::Day => text_with(value, day),
        Shape::Moment => text_with(value, moment),
        Shape::CrmId => text_with(value, crm_id),
        Shape::DocumentKind => text_with(value, |s| document_kind(object, s)),
        Shape::AddressKind => address_kind(value).map(Some),
        Shape::Flag if value.is_boolean() => Ok(Some(value.clone())),
        Shape::Flag => Err(Problem::new("must be true or false")),
        Shape::Whole => {
            let whole = value.as_u64().and_then(|n| u32::try_from(n).ok());
            whole.map(|n| Some(n.into())).ok_or_else(|| Problem::new("must be a whole number from 0 to 4294967295"))
        }
        Shape::Party => party(object, value).map(Some),
        Shape::Line => line(object, value).map(Some),
        Shape::Group(parts) => group(object, parts, value).map(Some),
        Shape::Named(shape) => named(object, shape, value).map(Some),
        Shape::Many(shape) | Shape::Entries(shape) => many(object, shape, value).map(Some),
    }
}

fn text<T: FromStr<Err = ValueError> + ToString>(value: &Value) -> Result<Option<Value>, Problem> {
    text_with(value, |s| Ok(s.parse::<T>()?.to_string()))
}

fn text_with(value: &Value, read: impl Fn(&str) -> Result<String, Problem>) -> Result<Option<Value>, Problem> {
    let Value::String(s) = value else { return Err(Problem::new("must be a text in quotes")) };
    if Text::new(s) == Ok(None) {
        return Ok(None);
    }
    read(s).map(|s| Some(s.into()))
}

fn decimal(value: &Value) -> Result<Option<Value>, Problem> {
    if value.is_number() {
        return Err(Problem::new("must be a decimal number in quotes, because a JSON number is not exact"));
    }
    text_with(value, |s| Ok(parse_decimal(s)?.to_string()))
}

fn day(s: &str) -> Result<String, Problem> {
    // The parser takes other forms too, with a time or without hyphens.
    let date = if s.len() == 10 { s.parse::<Date>().ok() } else { None };
    date.map(|d| d.to_string()).ok_or_else(|| Problem::new("must be a day in the form 2026-01-31"))
}

fn moment(s: &str) -> Result<String, Problem> {
    let moment = s.parse::<Timestamp>().ok();
    moment.map(|m| m.to_string()).ok_or_else(|| Problem::new("must be a moment in the form 2026-01-31T09:00:00Z"))
}

fn crm_id(s: &str) -> Result<String, Problem> {
    let rule = "must be the CRM's id of a record: 1 to 64 letters without accents, digits and . _ : -";
    if is_crm_id(s) { Ok(s.to_owned()) } else { Err(Problem::new(rule)) }
}

fn document_kind(object: Object, s: &str) -> Result<String, Problem> {
    let kind = DocumentKind::of(object).find(|kind| kind.erp_name() == s);
    let names = || DocumentKind::of(object).map(DocumentKind::erp_name).collect::<Vec<_>>().join(", ");
    kind.map(|kind| kind.erp_name().to_owned()).ok_or_else(|| Problem::new(format!("must be one of {}", names())))
}

fn address_kind(value: &Value) -> Result<Value, Problem> {
    let kind = serde_json::from_value::<AddressKind>(value.clone()).and_then(serde_json::to_value);
    kind.map_err(|_| Problem::new(r#"must be "billing", "delivery", "branch" or {"other": "..."}"#))
}

fn party(object: Object, value: &Value) -> Result<Value, Problem> {
    match value {
        Value::Object(given) if given.contains_key("crm_id") => {
            if given.len() > 1 {
                return Err(Problem::new("nothing may stand beside \"crm_id\""));
            }
            group(object, CRM_PARTY, value)
        }
        // Nothing in it, so it is not set.
        Value::Object(given) if given.is_empty() => Ok(value.clone()),
        _ => group(object, PARTY, value),
    }
}

fn line(object: Object, value: &Value) -> Result<Value, Problem> {
    let line = group(object, LINE, value)?;
    if line.get("product").is_some() && line.get("product_crm_id").is_some() {
        return Err(Problem::new("either \"product\" or \"product_crm_id\", not both"));
    }
    Ok(line)
}

fn group(object: Object, parts: &[Part], value: &Value) -> Result<Value, Problem> {
    let Value::Object(given) = value else { return Err(Problem::new("must be an object")) };
    if let Some(key) = given.keys().find(|key| !parts.iter().any(|part| part.name == key.as_str())) {
        return Err(Problem::new("there is no such key").in_key(key));
    }
    let mut out = Map::new();
    for part in parts {
        let value = given.get(part.name).unwrap_or(&Value::Null);
        match read(object, &part.shape, value).map_err(|problem| problem.in_key(part.name))? {
            Some(value) if part.needed || !is_empty(&value) => {
                out.insert(part.name.to_owned(), value);
            }
            None if part.needed => return Err(Problem::new("is missing").in_key(part.name)),
            _ => {}
        }
    }
    Ok(Value::Object(out))
}

fn named(object: Object, shape: &Shape, value: &Value) -> Result<Value, Problem> {
    let Value::Object(given) = value else { return Err(Problem::new("must be an object")) };
    let mut out = Map::new();
    for (key, value) in given {
        if let Some(value) = read(object, shape, value).map_err(|problem| problem.in_key(key))? {
            out.insert(key.clone(), value);
        }
    }
    Ok(Value::Object(out))
}

fn many(object: Object, shape: &Shape, value: &Value) -> Result<Value, Problem> {
    let Value::Array(given) = value else { return Err(Problem::new("must be a list")) };
    let entry = |(n, value): (usize, &Value)| {
        let read = read(object, shape, value).map_err(|problem| problem.in_entry(n))?;
        read.ok_or_else(|| Problem::new("is empty").in_entry(n))
    };
    given.iter().enumerate().map(entry).collect::<Result<_, _>>().map(Value::Array)
}
