//! Reading requests as leniently as the ERP does: strings, numbers and booleans alike,
//! an object where a list of one is meant.

use crate::model::Id;
use crate::wire::{number, time};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

/// One object of a request.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a Value);

impl<'a> Fields<'a> {
    /// Whether the key was sent at all.
    pub(crate) fn has(self, key: &str) -> bool {
        self.0.get(key).is_some_and(|value| !value.is_null())
    }

    /// A text that is not empty.
    pub(crate) fn text(self, key: &str) -> Option<String> {
        self.sent(key).filter(|text| !text.is_empty())
    }

    /// A text, also an empty one: what an update sets.
    pub(crate) fn sent(self, key: &str) -> Option<String> {
        scalar(self.0.get(key)?)
    }

    /// A flag.
    pub(crate) fn flag(self, key: &str) -> Option<bool> {
        match self.text(key)?.trim() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }

    /// A flag that is off when it is missing.
    pub(crate) fn is_on(self, key: &str) -> bool {
        self.flag(key) == Some(true)
    }

    /// A decimal with a dot or a comma.
    pub(crate) fn decimal(self, key: &str) -> Option<Decimal> {
        number::parse(&self.text(key)?)
    }

    /// An id.
    pub(crate) fn id(self, key: &str) -> Option<Id> {
        self.text(key)?.trim().parse().ok()
    }

    /// A number that counts.
    pub(crate) fn number(self, key: &str) -> Option<usize> {
        self.text(key)?.trim().parse().ok()
    }

    /// A date in any form.
    pub(crate) fn date(self, key: &str) -> Option<Date> {
        time::parse_date(&self.text(key)?)
    }

    /// A nested object.
    pub(crate) fn object(self, key: &str) -> Option<Fields<'a>> {
        self.0.get(key).filter(|value| value.is_object()).map(Fields)
    }

    /// A list; a bare object or scalar is a list of one.
    pub(crate) fn list(self, key: &str) -> Vec<Fields<'a>> {
        match self.0.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items.iter().map(Fields).collect(),
            Some(one) => vec![Fields(one)],
        }
    }

    /// A list of texts: an array, a scalar, or a comma-separated string.
    pub(crate) fn texts(self, key: &str) -> Vec<String> {
        match self.0.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items.iter().filter_map(scalar).collect(),
            Some(one) => scalar(one).map(|text| split(&text)).unwrap_or_default(),
        }
    }

    /// The object's own value.
    pub(crate) fn value(self) -> &'a Value {
        self.0
    }
}

/// The parts of a comma-separated text.
pub(crate) fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The text of a scalar.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_field_may_be_a_string_a_number_or_a_flag() {
        let body = json!({"a": 5, "b": "5", "c": true, "d": "", "e": null, "f": {"x": 1}, "g": "1, 2"});
        let fields = Fields(&body);
        assert_eq!(fields.text("a"), fields.text("b"));
        assert!(fields.is_on("c"));
        assert_eq!(fields.text("d"), None);
        assert_eq!(fields.sent("d"), Some(String::new()));
        assert_eq!(fields.text("e"), None);
        assert_eq!(fields.list("f").len(), 1);
        assert_eq!(fields.texts("g"), ["1", "2"]);
    }
}
