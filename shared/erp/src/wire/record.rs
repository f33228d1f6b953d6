//! Objects: how a struct of the wire is read field by field, and where the rest goes.

use super::{Index, Item, Text};
use crate::json::{Outcome, Reader, Writer, unescape};

/// A value of any shape.
pub(crate) trait Value<'a>: Default {
    /// Whether the source said nothing, not even `null`.
    fn is_missing(&self) -> bool;
    /// Reads the next value, whatever it is.
    fn read(reader: &mut Reader<'a>) -> Outcome<Self>;
    /// Writes what was read.
    fn write(&self, out: &mut Writer);
    /// The value when it is a scalar field.
    fn text(&self) -> Option<Text<'a>> {
        None
    }
}

/// A struct of the wire, declared with `wire!`.
pub(crate) trait Fields<'a>: Default {
    /// The name of the type, for reports.
    const NAME: &'static str;
    /// The names on the wire, by the index of the field.
    const NAMES: &'static [&'static str];
    /// Finds a field by its name.
    const INDEX: &'static Index;
    /// Reads a field; `false` when it was there before and the value is still to be read.
    fn read(&mut self, index: usize, reader: &mut Reader<'a>) -> Outcome<bool>;
    /// The scalar field of this name on the wire.
    fn text(&self, name: &str) -> Option<Text<'a>>;
    /// Reads a value that no field takes. The key is raw.
    fn keep(&mut self, key: &'a str, reader: &mut Reader<'a>) -> Outcome<()>;
    /// Writes the members.
    fn write(&self, out: &mut Writer);
}

/// Reads into `field` unless it has a value already: of equal keys the first one counts.
pub(crate) fn present<'a, T: Value<'a>>(field: &mut T, reader: &mut Reader<'a>) -> Outcome<bool> {
    if !field.is_missing() {
        return Ok(false);
    }
    *field = T::read(reader)?;
    Ok(true)
}

/// Reads an object; the reader stands at its brace.
pub(super) fn read_object<'a, T: Fields<'a>>(reader: &mut Reader<'a>) -> Outcome<Box<T>> {
    let mut object = Box::<T>::default();
    reader.members(|reader, key| {
        let name = key.get(1..key.len() - 1).unwrap_or_default();
        let index = T::INDEX.find(name).or_else(|| T::INDEX.find(&unescape(key).ok()?));
        let taken = match index {
            Some(index) => object.read(index, reader)?,
            None => false,
        };
        if taken { Ok(()) } else { object.keep(key, reader) }
    })?;
    Ok(object)
}

/// Writes an object.
pub(super) fn write_object<'a, T: Fields<'a>>(object: &T, out: &mut Writer) {
    out.open('{');
    object.write(out);
    out.close('}');
}

/// Members that no field takes: raw keys and raw values, in the order of the source.
#[derive(Default)]
pub(crate) struct Rest<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Rest<'a> {
    pub(super) fn read(&mut self, key: &'a str, reader: &mut Reader<'a>) -> Outcome<()> {
        self.0.push((key, reader.value()?));
        Ok(())
    }

    pub(super) fn write(&self, out: &mut Writer) {
        for (key, raw) in &self.0 {
            out.raw_key(key);
            out.kept(raw);
        }
    }
}

/// Members whose keys are data: a fixed prefix and a code.
#[derive(Default)]
pub(crate) struct Keyed<'a, V>(Vec<(&'a str, V)>);

impl<'a, V: Value<'a>> Keyed<'a, V> {
    pub(super) fn takes(&self, prefix: &str, key: &str) -> bool {
        key.get(1..).is_some_and(|name| name.starts_with(prefix)) && self.0.iter().all(|(known, _)| *known != key)
    }

    pub(super) fn read(&mut self, key: &'a str, reader: &mut Reader<'a>) -> Outcome<()> {
        self.0.push((key, V::read(reader)?));
        Ok(())
    }

    pub(super) fn write(&self, out: &mut Writer) {
        for (key, value) in &self.0 {
            out.raw_key(key);
            value.write(out);
        }
    }

    /// The keys without their quotes and the values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &V)> {
        self.0.iter().map(|(key, value)| (key.trim_matches('"'), value))
    }
}

impl<'a, T: Fields<'a>> Item<'a, T> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Outcome<Self> {
        Ok(match reader.peek()? {
            b'{' => Self::Object(read_object(reader)?),
            _ => Self::Odd(Text::read(reader)?),
        })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        match self {
            Self::Object(object) => write_object(object.as_ref(), out),
            Self::Odd(text) => out.kept(text.raw()),
        }
    }
}
