//! Writes JSON straight into a string, keys in the order written, every leaf a string.
//!
//! It exists so that a page of a hundred full documents costs one buffer and no
//! tree. It decides the shape of lists (a real list, or a bare object when there is
//! one element) by what its caller says; it must not know endpoints.

use serde_json::Value;
use std::fmt::{Display, Write as _};

/// How a list of one element is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Always a list.
    List,
    /// One element becomes the element itself.
    Collapse,
}

/// An object being written.
pub(crate) struct Obj<'a> {
    out: &'a mut String,
    first: bool,
}

/// Writes one object and gives its text.
pub(crate) fn object(fill: impl FnOnce(&mut Obj<'_>)) -> String {
    let mut out = String::new();
    write_object(&mut out, fill);
    out
}

/// Appends one object.
pub(crate) fn write_object(out: &mut String, fill: impl FnOnce(&mut Obj<'_>)) {
    out.push('{');
    fill(&mut Obj { out, first: true });
    out.push('}');
}

/// Appends a quoted, escaped string.
pub(crate) fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut clean = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[clean..at]);
        if escape.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escape);
        }
        clean = at + 1;
    }
    out.push_str(&text[clean..]);
    out.push('"');
}

impl Obj<'_> {
    fn key(&mut self, key: &str) {
        if self.first {
            self.first = false;
        } else {
            self.out.push(',');
        }
        write_text(self.out, key);
        self.out.push(':');
    }

    /// A text.
    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        write_text(self.out, value);
    }

    /// A text that is missing on the wire when there is none.
    pub(crate) fn opt(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.text(key, value);
        }
    }

    /// `"true"` or `"false"`.
    pub(crate) fn flag(&mut self, key: &str, value: bool) {
        self.text(key, if value { "true" } else { "false" });
    }

    /// Anything that displays without a need to escape (numbers, ids, dates).
    pub(crate) fn show(&mut self, key: &str, value: impl Display) {
        self.key(key);
        let _ = write!(self.out, "\"{value}\"");
    }

    /// The same, missing when there is none.
    pub(crate) fn show_opt(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.show(key, value);
        }
    }

    /// A nested object.
    pub(crate) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Obj<'_>)) {
        self.key(key);
        write_object(self.out, fill);
    }

    /// A list of objects; an empty one is left out, as the ERP does.
    pub(crate) fn list<I>(&mut self, key: &str, shape: Shape, items: I, mut fill: impl FnMut(&mut Obj<'_>, I::Item))
    where
        I: IntoIterator,
        I::IntoIter: ExactSizeIterator,
    {
        let items = items.into_iter();
        if items.len() > 0 {
            self.any_list(key, shape, items, |out, item| write_object(out, |obj| fill(obj, item)));
        }
    }

    /// A list of texts; an empty one is left out.
    pub(crate) fn texts<S: AsRef<str>>(&mut self, key: &str, shape: Shape, items: &[S]) {
        if !items.is_empty() {
            self.any_list(key, shape, items.iter(), |out, item| write_text(out, item.as_ref()));
        }
    }

    fn any_list<I: ExactSizeIterator>(
        &mut self,
        key: &str,
        shape: Shape,
        items: I,
        mut write: impl FnMut(&mut String, I::Item),
    ) {
        self.key(key);
        let bare = shape == Shape::Collapse && items.len() == 1;
        if !bare {
            self.out.push('[');
        }
        for (at, item) in items.enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            write(self.out, item);
        }
        if !bare {
            self.out.push(']');
        }
    }

    /// A stored value, every leaf turned into a string; nulls are left out.
    pub(crate) fn value(&mut self, key: &str, value: &Value) {
        if !value.is_null() {
            self.key(key);
            write_value(self.out, value);
        }
    }

    /// JSON that was written before.
    pub(crate) fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.out.push_str(json);
    }
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => write_text(out, ""),
        Value::Bool(flag) => write_text(out, if *flag { "true" } else { "false" }),
        Value::Number(number) => write_text(out, &number.to_string()),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(fields) => write_object(out, |obj| {
            for (key, value) in fields {
                obj.value(key, value);
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_is_escaped_so_that_any_parser_reads_it_back() {
        let nasty = "a\"b\\c\n\t\u{1}č\u{7f}";
        let text = object(|obj| obj.text("k", nasty));
        let back: Value = serde_json::from_str(&text).expect("valid JSON");
        assert_eq!(back["k"], nasty);
    }

    #[test]
    fn a_list_of_one_collapses_only_when_told_and_an_empty_one_is_left_out() {
        let write = |shape, items: &[u8]| object(|obj| obj.list("l", shape, items, |obj, item| obj.show("n", item)));
        assert_eq!(write(Shape::Collapse, &[1]), r#"{"l":{"n":"1"}}"#);
        assert_eq!(write(Shape::List, &[1]), r#"{"l":[{"n":"1"}]}"#);
        assert_eq!(write(Shape::Collapse, &[1, 2]), r#"{"l":[{"n":"1"},{"n":"2"}]}"#);
        assert_eq!(write(Shape::Collapse, &[]), "{}");
    }

    #[test]
    fn a_stored_value_comes_out_with_strings_only() {
        let text = object(|obj| obj.value("v", &json!({"a": 1, "b": [true, null], "c": null})));
        assert_eq!(text, r#"{"v":{"a":"1","b":["true",""]}}"#);
    }
}
