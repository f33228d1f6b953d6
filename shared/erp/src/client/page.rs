//! Pages: rows that were converted one by one, and counts that must agree.

use domain::ErpId;
use std::fmt;

use super::{AnswerOf, ErpError};
use crate::{
    Problem, Refusal,
    convert::At,
    json::Writer,
    wire::{Fields, Item, Text},
};

/// A page of a walk.
#[derive(Debug)]
pub struct Page<T> {
    /// How many records there are in all.
    pub total: u64,
    /// The rows of this page, in their order; one that does not fit is an error of its own.
    pub rows: Vec<Result<T, RowError>>,
}

/// A row that does not fit. `Debug` and `Display` do not show what it holds.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct RowError {
    /// Its id, if it can be read.
    pub erp_id: Option<ErpId>,
    /// The path of the value that does not fit, within the row.
    pub path: String,
    /// What is wrong with it.
    pub reason: Problem,
    /// The whole row as it came, to be kept and read by people.
    pub raw: String,
}

impl RowError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        Refusal { path: String::new(), problem: self.reason.clone() }.code()
    }
}

impl fmt::Debug for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowError")
            .field("erp_id", &self.erp_id)
            .field("path", &self.path)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// Converts rows one by one.
pub(super) fn convert<'a, T: Fields<'a>, R>(
    items: &[Item<'a, T>],
    id: impl Fn(&T) -> Text<'a>,
    convert: impl Fn(&T, At<'_>) -> Result<R, Refusal>,
) -> Vec<Result<R, RowError>> {
    let row = |item: &Item<'a, T>| {
        let (erp_id, result) = match item {
            Item::Object(object) => {
                let id = id(object).decode().ok().flatten().and_then(|id| id.parse().ok());
                (id, convert(object, At::Root))
            }
            Item::Odd(_) => (None, Err(Refusal { path: String::new(), problem: Problem::Shape })),
        };
        result.map_err(|refusal| {
            let mut raw = Writer::default();
            item.write(&mut raw);
            RowError { erp_id, path: refusal.path, reason: refusal.problem, raw: raw.finish() }
        })
    };
    items.iter().map(row).collect()
}

/// A count of the envelope; an unreadable one contradicts the answer.
pub(super) fn count(answer: &AnswerOf<'_>, text: Text<'_>) -> Result<Option<u64>, ErpError> {
    At::Root.field("count", text).count().map_err(|_| answer.inconsistent("a count is not a number"))
}

/// Refuses a page that says one number of rows and holds another.
pub(super) fn check_count(answer: &AnswerOf<'_>, said: Option<u64>, rows: usize) -> Result<(), ErpError> {
    match said {
        Some(said) if said != rows as u64 => Err(answer.inconsistent("another number of rows than it says")),
        _ => Ok(()),
    }
}
