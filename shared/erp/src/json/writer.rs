//! The writer: builds one JSON text and counts what it is made of.

use super::{Reader, string::escape};

/// Builds a JSON text.
#[derive(Default)]
pub(crate) struct Writer {
    out: String,
    comma: bool,
    typed: usize,
    kept: usize,
}

impl Writer {
    /// The text.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// How many leaves came from typed fields, and how many were kept as they were.
    pub(crate) const fn counts(&self) -> (usize, usize) {
        (self.typed, self.kept)
    }

    /// Opens an object or array.
    pub(crate) fn open(&mut self, bracket: char) {
        self.separate();
        self.out.push(bracket);
        self.comma = false;
    }

    /// Closes an object or array.
    pub(crate) fn close(&mut self, bracket: char) {
        self.out.push(bracket);
        self.comma = true;
    }

    /// Writes a key; its value must follow.
    pub(crate) fn key(&mut self, name: &str) {
        self.separate();
        escape(name, &mut self.out);
        self.out.push(':');
        self.comma = false;
    }

    /// Writes a key that is raw already, with its quotes.
    pub(crate) fn raw_key(&mut self, raw: &str) {
        self.separate();
        self.out.push_str(raw);
        self.out.push(':');
        self.comma = false;
    }

    /// Writes a string.
    pub(crate) fn text(&mut self, text: &str) {
        self.separate();
        escape(text, &mut self.out);
        self.comma = true;
    }

    /// Writes the raw text of a value that a typed field holds.
    pub(crate) fn typed(&mut self, raw: &str) {
        self.typed += 1;
        self.raw(raw);
    }

    /// Writes the raw text of a value that no typed field understood.
    pub(crate) fn kept(&mut self, raw: &str) {
        let mut reader = Reader::of(raw);
        if reader.value().is_ok() {
            self.kept += reader.leaves();
        }
        self.raw(raw);
    }

    fn raw(&mut self, raw: &str) {
        self.separate();
        self.out.push_str(raw);
        self.comma = true;
    }

    fn separate(&mut self) {
        if self.comma {
            self.out.push(',');
        }
    }
}
