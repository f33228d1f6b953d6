//! Why a record of the wire is no record of ours.

use domain::ValueError;
use std::fmt;
use thiserror::Error;

/// A record that was refused: where and why.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {problem}")]
pub struct Refusal {
    /// The path of the value within the record: `product_list[3].amount`.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It must be there and is not.
    Missing,
    /// A list or object where a scalar is expected, or the other way round.
    Shape,
    /// Several where there can be one.
    Several,
    /// Half a character, or NUL.
    BadText,
    /// Not what it should be, with what it is instead (numbers, dates and flags only, cut to a few characters).
    Expected {
        /// In words: `a decimal`.
        what: &'static str,
        /// What is there.
        found: String,
    },
    /// A number that can be read in two ways.
    Ambiguous {
        /// What is there.
        found: String,
    },
    /// A value that breaks a rule of its kind.
    Invalid(ValueError),
}

impl Refusal {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self.problem {
            Problem::Missing => "missing",
            Problem::Shape => "unexpected_shape",
            Problem::Several => "several_values",
            Problem::BadText => "bad_text",
            Problem::Expected { .. } => "unreadable",
            Problem::Ambiguous { .. } => "ambiguous_number",
            Problem::Invalid(_) => "invalid_value",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Shape => f.write_str("an unexpected list or object"),
            Self::Several => f.write_str("several values where there can be one"),
            Self::BadText => f.write_str("half a character or a NUL in the text"),
            Self::Expected { what, found } => write!(f, "expected {what}, found {found:?}"),
            Self::Ambiguous { found } => write!(f, "the number {found:?} can be read in two ways"),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}
