//! Why a value was refused.

use thiserror::Error;

/// A value that is not well-formed. Names the kind of value and the rule, never the value itself: it may be personal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not a valid {what}: {rule}")]
pub struct ValueError {
    /// What was expected, in words: `tax number`.
    pub what: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
}

impl ValueError {
    /// A refusal of a `what` that breaks `rule`.
    pub const fn new(what: &'static str, rule: &'static str) -> Self {
        Self { what, rule }
    }
}
