//! Scalars: a span of the source, decoded when somebody asks.

use std::borrow::Cow;

use super::Value;
use crate::json::{Outcome, Reader, Writer, unescape};

/// A scalar as it stands in the source: a string in quotes, a number, a boolean, `null`, or a shape nobody expected.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(&'a str);

/// Why a value is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// A list or an object.
    Shape,
    /// A string with half a character or a NUL in it.
    BadText,
}

impl<'a> Text<'a> {
    /// The raw JSON; empty when missing.
    pub(crate) const fn raw(self) -> &'a str {
        self.0
    }

    /// The text of a string, number or boolean; `None` when missing or `null`.
    pub(crate) fn decode(self) -> Result<Option<Cow<'a, str>>, Oddity> {
        match self.0.as_bytes().first() {
            None | Some(b'n') => Ok(None),
            Some(b'"') => unescape(self.0).map(Some).map_err(|_| Oddity::BadText),
            Some(b'{' | b'[') => Err(Oddity::Shape),
            Some(_) => Ok(Some(Cow::Borrowed(self.0))),
        }
    }
}

impl<'a> Value<'a> for Text<'a> {
    fn is_missing(&self) -> bool {
        self.0.is_empty()
    }

    fn read(reader: &mut Reader<'a>) -> Outcome<Self> {
        reader.value().map(Self)
    }

    fn write(&self, out: &mut Writer) {
        match self.0.as_bytes().first() {
            Some(b'{' | b'[') => out.kept(self.0),
            _ => out.typed(self.0),
        }
    }

    fn text(&self) -> Option<Text<'a>> {
        Some(*self)
    }
}
