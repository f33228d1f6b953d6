//! Pieces as typed values, and why a piece is refused.
//!
//! Decides only whether a value has the form that its piece must have. Must not
//! show a value: it may be personal.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::field_of;
use domain::{ErpId, Fields, PartyRef, Text};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sync::twoway::Outcome;

/// The pieces of an update, by the ERP's names; `None` unsets.
pub(super) type Set = BTreeMap<String, Option<Value>>;

/// A piece that is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) piece: String,
}

impl Refused {
    /// The ERP's API cannot do it.
    pub(super) fn not_in_api(piece: &str) -> Self {
        Self { code: "not_in_api", piece: piece.to_owned() }
    }

    /// A partner or product that is no link to one that the ERP has: the ERP would make a new one.
    pub(super) fn link_missing(piece: &str) -> Self {
        Self { code: "link_missing", piece: piece.to_owned() }
    }

    /// It must be there.
    pub(super) fn missing(piece: &str) -> Self {
        Self { code: "piece_missing", piece: piece.to_owned() }
    }

    /// It is not of its form.
    pub(super) fn invalid(piece: &str) -> Self {
        Self { code: "piece_invalid", piece: piece.to_owned() }
    }
}

impl From<Refused> for Outcome {
    fn from(refused: Refused) -> Self {
        tracing::info!(code = refused.code, piece = refused.piece, "nothing was sent");
        Self::Rejected { code: refused.code.to_owned() }
    }
}

/// The value of a piece.
pub(super) fn read<T: DeserializeOwned>(piece: &str, value: &Value) -> Result<T, Refused> {
    serde_json::from_value(value.clone()).map_err(|_| Refused::invalid(piece))
}

/// The value of a piece of a record, if it is set.
pub(super) fn get<T: DeserializeOwned>(fields: &Fields, piece: &str) -> Result<Option<T>, Refused> {
    fields.get(piece).map(|value| read(piece, value)).transpose()
}

/// The value that an update sets; one that it unsets cannot be unset in the ERP.
pub(super) fn needed<T: DeserializeOwned>(piece: &str, value: Option<&Value>) -> Result<T, Refused> {
    read(piece, value.ok_or_else(|| Refused::not_in_api(piece))?)
}

/// The entries of a list, by their pieces.
pub(super) fn entries<'a>(fields: &'a Fields, list: &'static str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    fields.iter().filter(move |(piece, _)| field_of(piece) == list && piece.contains('/'))
}

/// The ERP's id of an entry, if its name is one.
pub(super) fn entry_id(piece: &str) -> Option<ErpId> {
    piece.split_once('/')?.1.parse().ok()
}

/// A party: it must be a link.
pub(super) fn party(piece: &str, value: &Value) -> Result<PartyRef, Refused> {
    if value.get("erp_id").is_none() {
        return Err(Refused::link_missing(piece));
    }
    read(piece, value)
}

/// A decimal as a piece has it.
pub(super) fn decimal<T>(
    piece: &str,
    value: &Value,
    parse: impl FnOnce(&str) -> Result<T, domain::ValueError>,
) -> Result<T, Refused> {
    let text = value.as_str().ok_or_else(|| Refused::invalid(piece))?;
    parse(text).map_err(|_| Refused::invalid(piece))
}

/// Zero, whatever the type of the number.
pub(super) fn zero<T: Default>() -> T {
    T::default()
}

/// Any value as text.
pub(super) fn text(piece: &str, value: impl AsRef<str>) -> Result<Text, Refused> {
    Text::required(value.as_ref()).map_err(|_| Refused::invalid(piece))
}

/// Refuses what takes a value away that the ERP has and cannot empty.
pub(super) fn keeps<T>(piece: &str, ours: Option<&T>, theirs: Option<&T>) -> Result<(), Refused> {
    if ours.is_none() && theirs.is_some() { Err(Refused::not_in_api(piece)) } else { Ok(()) }
}

/// Refuses a value that the ERP takes from nobody, unless it has it already. Nothing said leaves it as it is.
pub(super) fn unchanged<T: PartialEq>(piece: &str, ours: Option<&T>, theirs: Option<&T>) -> Result<(), Refused> {
    if ours.is_some() && ours != theirs { Err(Refused::not_in_api(piece)) } else { Ok(()) }
}

/// Whether everything that is said of a new entry is so of one that is there.
pub(super) fn says_same<T: PartialEq>(said: Option<&T>, there: Option<&T>) -> bool {
    said.is_none() || said == there
}

/// Takes one of those that are there for a new entry, each once: what was added by a call whose answer was lost is not
/// added again.
pub(super) fn taken<T>(there: &[T], used: &mut BTreeSet<usize>, fits: impl Fn(&T) -> bool) -> bool {
    let found = (0..there.len()).find(|at| !used.contains(at) && fits(&there[*at]));
    found.is_some_and(|at| used.insert(at))
}
