//! Lists: missing, `null`, `""`, one element without its list, or a list.

use super::{Fields, Text, Value};
use crate::json::{Outcome, Reader, Writer};

/// An element of a list of objects.
pub(crate) enum Item<'a, T> {
    /// An object.
    Object(Box<T>),
    /// Something else.
    Odd(Text<'a>),
}

/// A list of objects; a single object stands for a list of one.
#[derive(Default)]
pub(crate) enum Rows<'a, T> {
    /// The key is not there.
    #[default]
    Missing,
    /// `null` or `""`: an empty list, as the sender writes it.
    Empty(Text<'a>),
    /// One element without a list around it.
    One(Item<'a, T>),
    /// A list.
    Many(Vec<Item<'a, T>>),
}

impl<'a, T> Rows<'a, T> {
    /// The elements, odd ones too.
    pub(crate) fn items(&self) -> &[Item<'a, T>] {
        match self {
            Self::Missing | Self::Empty(_) => &[],
            Self::One(item) => std::slice::from_ref(item),
            Self::Many(items) => items,
        }
    }

    /// The elements that are objects.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &T> {
        self.items().iter().filter_map(|item| match item {
            Item::Object(object) => Some(object.as_ref()),
            Item::Odd(_) => None,
        })
    }
}

impl<'a, T: Fields<'a>> Value<'a> for Rows<'a, T> {
    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    fn read(reader: &mut Reader<'a>) -> Outcome<Self> {
        if reader.peek()? == b'[' {
            let mut items = Vec::new();
            reader.elements(|reader| {
                items.push(Item::read(reader)?);
                Ok(())
            })?;
            return Ok(Self::Many(items));
        }
        Ok(match Item::read(reader)? {
            Item::Odd(text) if matches!(text.raw(), "null" | "\"\"") => Self::Empty(text),
            item => Self::One(item),
        })
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Missing => {}
            Self::Empty(text) => text.write(out),
            Self::One(item) => item.write(out),
            Self::Many(items) => {
                out.open('[');
                for item in items {
                    item.write(out);
                }
                out.close(']');
            }
        }
    }
}

/// A list of scalars; a single scalar stands for a list of one.
#[derive(Default)]
pub(crate) enum Texts<'a> {
    /// The key is not there.
    #[default]
    Missing,
    /// One scalar without a list around it (or `null`).
    One(Text<'a>),
    /// A list.
    Many(Vec<Text<'a>>),
}

impl<'a> Texts<'a> {
    /// The elements, odd ones too.
    pub(crate) fn items(&self) -> &[Text<'a>] {
        match self {
            Self::Missing => &[],
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

impl<'a> Value<'a> for Texts<'a> {
    fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    fn read(reader: &mut Reader<'a>) -> Outcome<Self> {
        if reader.peek()? != b'[' {
            return Text::read(reader).map(Self::One);
        }
        let mut texts = Vec::new();
        reader.elements(|reader| {
            texts.push(Text::read(reader)?);
            Ok(())
        })?;
        Ok(Self::Many(texts))
    }

    fn write(&self, out: &mut Writer) {
        match self {
            Self::Missing => {}
            Self::One(text) => text.write(out),
            Self::Many(texts) => {
                out.open('[');
                for text in texts {
                    text.write(out);
                }
                out.close(']');
            }
        }
    }
}
