//! Requests: JSON objects of strings.

use domain::ErpId;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

use crate::{json::Writer, wall_clock};

/// An object that is being written. What is `None` is not written at all.
pub(super) struct Object<'w> {
    out: &'w mut Writer,
}

/// A JSON object with what `fill` puts into it.
pub(super) fn object(fill: impl FnOnce(&mut Object<'_>)) -> String {
    let mut out = Writer::default();
    write(&mut out, fill);
    out.finish()
}

fn write(out: &mut Writer, fill: impl FnOnce(&mut Object<'_>)) {
    out.open('{');
    fill(&mut Object { out });
    out.close('}');
}

impl Object<'_> {
    /// A text.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.out.key(key);
        self.out.text(value);
    }

    /// A text, if there is one.
    pub(super) fn maybe<T: AsRef<str>>(&mut self, key: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.text(key, value.as_ref());
        }
    }

    /// An id.
    pub(super) fn id(&mut self, key: &str, value: Option<ErpId>) {
        if let Some(value) = value {
            self.text(key, &value.to_string());
        }
    }

    /// A number, with a point.
    pub(super) fn decimal(&mut self, key: &str, value: Option<Decimal>) {
        if let Some(value) = value {
            self.text(key, &domain::value::normal(value).to_string());
        }
    }

    /// A date, in the form that the ERP takes the whole year round.
    pub(super) fn date(&mut self, key: &str, value: Option<Date>) {
        if let Some(value) = value {
            self.text(key, &wall_clock::written_date(value));
        }
    }

    /// A flag, if it is said.
    pub(super) fn flag(&mut self, key: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.text(key, if value { "true" } else { "false" });
        }
    }

    /// A list of objects, unless it is empty.
    pub(super) fn list<T>(&mut self, key: &str, items: &[T], mut fill: impl FnMut(&mut Object<'_>, &T)) {
        if items.is_empty() {
            return;
        }
        self.out.key(key);
        self.out.open('[');
        for item in items {
            write(self.out, |object| fill(object, item));
        }
        self.out.close(']');
    }

    /// A list of texts, unless it is empty.
    pub(super) fn texts(&mut self, key: &str, items: impl IntoIterator<Item = String>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return;
        }
        self.out.key(key);
        self.out.open('[');
        for item in items {
            self.out.text(&item);
        }
        self.out.close(']');
    }

    /// An object within.
    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.out.key(key);
        write(self.out, fill);
    }

    /// Names and values as objects of two members.
    pub(super) fn pairs(&mut self, key: &str, names: (&str, &str), pairs: &BTreeMap<String, domain::Text>) {
        let pairs: Vec<_> = pairs.iter().collect();
        self.list(key, &pairs, |object, (name, value)| {
            object.text(names.0, name);
            object.text(names.1, value.as_str());
        });
    }
}
