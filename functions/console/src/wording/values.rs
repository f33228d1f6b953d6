//! Values of pieces as text. What people wrote is not changed.

use runtime::Language;
use serde_json::Value;

use super::fields::field;

/// A value: of a group its parts by name, of a list its entries.
pub(crate) fn value(language: Language, of: &Value) -> String {
    match of {
        Value::Null => "\u{2013}".to_owned(),
        Value::Bool(yes) => match (language, yes) {
            (Language::En, true) => "yes",
            (Language::En, false) => "no",
            (Language::Sl, true) => "da",
            (Language::Sl, false) => "ne",
        }
        .to_owned(),
        Value::Number(n) => n.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(all) => joined(all.iter().map(|one| value(language, one))),
        Value::Object(parts) => {
            joined(parts.iter().map(|(name, part)| format!("{}: {}", field(language, name), value(language, part))))
        }
    }
}

/// A value that may not be there.
pub(crate) fn optional(language: Language, of: Option<&Value>) -> String {
    value(language, of.unwrap_or(&Value::Null))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = parts.collect();
    if all.is_empty() { "\u{2013}".to_owned() } else { all.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_group_is_told_part_by_part_and_a_list_entry_by_entry() {
        let of = json!({ "tax_number": "SI12345678", "taxpayer": true });
        assert_eq!(value(Language::En, &of), "Tax number: SI12345678; Taxpayer: yes");
        assert_eq!(value(Language::Sl, &of), "Davčna številka: SI12345678; Davčni zavezanec: da");
        assert_eq!(value(Language::En, &json!(["a", 7, null])), "a; 7; –");
        assert_eq!((optional(Language::En, None), value(Language::En, &json!([]))), ("–".to_owned(), "–".to_owned()));
    }
}
