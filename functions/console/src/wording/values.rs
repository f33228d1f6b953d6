//! Values of pieces as text. What people wrote is not changed.

use domain::DocumentKind;
use jiff::civil::Date;
use runtime::Language;
use serde_json::{Map, Value};

use super::{Phrases, fields::field};

/// Parts that are decimals.
const DECIMALS: &[&str] = &[
    "amount",
    "amount_from",
    "amount_to",
    "cost",
    "discount",
    "discount_percent",
    "discounts",
    "done",
    "gross",
    "min_stock",
    "net",
    "paid",
    "percent",
    "planned",
    "price",
    "price_with_tax",
    "rates",
    "tax_percent",
    "taxes",
    "weight",
];

/// A value: of a group its parts by name, of a list its entries.
pub(crate) fn value(language: Language, of: &Value) -> String {
    said(language, of, false)
}

fn said(language: Language, of: &Value, is_decimal: bool) -> String {
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
        Value::String(text) if is_decimal => Phrases(language).decimal(text),
        Value::String(text) => word(language, text),
        Value::Array(all) => joined(all.iter().map(|one| said(language, one, is_decimal))),
        Value::Object(parts) => {
            let part = |(name, part): (&String, &Value)| {
                let is_decimal = is_decimal || DECIMALS.contains(&name.as_str());
                format!("{}: {}", label(language, name, parts), said(language, part, is_decimal))
            };
            joined(parts.iter().map(part))
        }
    }
}

/// What people wrote, but days and kinds of documents, which nobody wrote like this.
fn word(language: Language, text: &str) -> String {
    let day = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    let kind = DocumentKind::from_erp_name(text);
    match (day, kind, text) {
        (Some(day), ..) => Phrases(language).day(day),
        (_, Some(kind), _) => Phrases(language).document_kind(kind).to_owned(),
        // Kinds of addresses.
        (.., "billing") => Phrases(language).say("on invoices", "za račune").to_owned(),
        (.., "delivery") => Phrases(language).say("for goods", "za dostavo").to_owned(),
        (.., "branch") => Phrases(language).say("a branch", "poslovna enota").to_owned(),
        _ => text.to_owned(),
    }
}

/// The name of a part. An amount of something with a day is money.
fn label<'a>(language: Language, name: &'a str, among: &Map<String, Value>) -> &'a str {
    let is_sum = name == "amount" && ["date", "due"].iter().any(|day| among.contains_key(*day));
    if is_sum { Phrases(language).say("Amount", "Znesek") } else { field(language, name) }
}

/// The value of a piece, which may not be there.
pub(crate) fn of_piece(language: Language, piece: &str, of: Option<&Value>) -> String {
    said(language, of.unwrap_or(&Value::Null), DECIMALS.contains(&piece))
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
    fn days_sums_and_kinds_are_told_as_people_write_them() {
        let of = json!([{ "amount": "374.15", "date": "2024-06-24", "kind": "sales_order" }]);
        assert_eq!(value(Language::Sl, &of), "Znesek: 374,15; Datum: 24. 6. 2024; Vrsta: Naročilo");
        let line = json!({ "amount": "2.5", "code": "1.5", "taxes": { "ex4": "0.22" } });
        assert_eq!(value(Language::Sl, &line), "Količina: 2,5; Šifra: 1.5; Davki: ex4: 0,22");
        assert_eq!(value(Language::En, &json!("2024-02-30")), "2024-02-30");
    }

    #[test]
    fn a_group_is_told_part_by_part_and_a_list_entry_by_entry() {
        let of = json!({ "tax_number": "SI12345678", "taxpayer": true });
        assert_eq!(value(Language::En, &of), "Tax number: SI12345678; Taxpayer: yes");
        assert_eq!(value(Language::Sl, &of), "Davčna številka: SI12345678; Davčni zavezanec: da");
        assert_eq!(value(Language::En, &json!(["a", 7, null])), "a; 7; –");
        assert_eq!((optional(Language::En, None), value(Language::En, &json!([]))), ("–".to_owned(), "–".to_owned()));
    }
}
