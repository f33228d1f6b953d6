//! Why a text is not JSON, and where.

use std::fmt;
use thiserror::Error;

/// A text that is not well-formed JSON. Names the place and the rule, never the content: it may be personal or secret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Malformed {
    /// Byte offset in the text.
    pub offset: usize,
    /// Which rule it breaks.
    pub reason: Reason,
    /// Keys and indexes from the innermost to the outermost, as they are met while the error travels up.
    inward: Vec<String>,
}

/// The rule that a malformed text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not UTF-8.
    NotUtf8,
    /// The text ends within a value.
    Ended,
    /// A character that cannot stand there.
    Unexpected,
    /// A number that JSON does not know.
    Number,
    /// An escape that JSON does not know.
    Escape,
    /// A control character within a string.
    Control,
    /// More levels than any answer has.
    TooDeep,
    /// Something follows the value.
    Trailing,
}

impl Reason {
    /// The rule in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not UTF-8",
            Self::Ended => "it ends within a value",
            Self::Unexpected => "an unexpected character",
            Self::Number => "a malformed number",
            Self::Escape => "a malformed escape",
            Self::Control => "a control character in a string",
            Self::TooDeep => "nested too deeply",
            Self::Trailing => "something follows the value",
        }
    }
}

impl Malformed {
    pub(super) const fn new(offset: usize, reason: Reason) -> Self {
        Self { offset, reason, inward: Vec::new() }
    }

    /// Notes that it was met within `segment`.
    pub(super) fn note(&mut self, segment: String) {
        self.inward.push(segment);
    }

    /// Where in the document: `result[3].partner`; empty at its top.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for segment in self.inward.iter().rev() {
            if !path.is_empty() && !segment.starts_with('[') {
                path.push('.');
            }
            path.push_str(segment);
        }
        path
    }

    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self.reason {
            Reason::NotUtf8 => "json_not_utf8",
            Reason::Ended => "json_truncated",
            Reason::TooDeep => "json_too_deep",
            _ => "json_malformed",
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed JSON at byte {}", self.offset)?;
        let path = self.path();
        if !path.is_empty() {
            write!(f, " ({path})")?;
        }
        write!(f, ": {}", self.reason.text())
    }
}
