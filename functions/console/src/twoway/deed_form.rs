//! A form as the action that it asks for.
//!
//! Decides only whether each field has the form that its input asks for; whether
//! the document allows the deed is for the use case to say.

use app::actions::Ask;
use domain::action::{Deed, DeedKind};
use domain::transition::{self, InputField, InputKind};
use domain::{ErpId, Text, value::parse_decimal};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use super::settings::Sent;
use crate::form::Upload;

/// The most goods that a form of a complaint has.
pub(crate) const GOODS: usize = 100;

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Missing,
    Amount,
    Day,
    Choice,
    Lines,
    File,
}

/// What is wrong, by input.
pub(crate) type Faults = BTreeMap<&'static str, Wrong>;

/// The field in which something is written that no list has.
pub(crate) fn other_name(input: &str) -> String {
    format!("{input}.other")
}

/// A field of the goods of a complaint.
pub(crate) fn line_name(n: usize, part: &str) -> String {
    format!("lines.{n}.{part}")
}

/// What a field says, without the space around it; nothing when it is empty.
fn said<'a>(sent: &'a Sent, name: &str) -> Option<&'a str> {
    sent.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// A number as people write it: the last comma or point begins the decimals, the other sign may stand between groups.
pub(crate) fn amount(text: &str) -> Option<Decimal> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(at) = text.rfind(['.', ',']) else { return parse_decimal(&text).ok() };
    let (whole, fraction) = (&text[..at], &text[at + 1..]);
    let between = if text[at..].starts_with(',') { '.' } else { ',' };
    let mut groups = whole.split(between);
    let mut digits = groups.next().unwrap_or_default().to_owned();
    let is_first = digits.trim_start_matches('-').len() <= 3;
    for group in groups {
        if !is_first || group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    parse_decimal(&format!("{digits}.{fraction}")).ok()
}

/// The action that a form asks for.
pub(crate) fn read(kind: DeedKind, sent: &Sent, file: Option<&Upload>, key: &str) -> Result<Ask, Faults> {
    let mut deed: Map<String, Value> = [("deed".to_owned(), json!(kind.name()))].into_iter().collect();
    let mut faults = Faults::new();
    for field in transition::inputs(kind) {
        match value(field, sent, file) {
            Ok(Some(value)) => {
                deed.insert(field.name.to_owned(), value);
            }
            // Without a file its name is not what is missing.
            Ok(None) if field.required && !(field.name == "file_name" && file.is_none()) => {
                let wrong = if field.kind == InputKind::File { Wrong::File } else { Wrong::Missing };
                faults.insert(field.name, wrong);
            }
            Ok(None) => {}
            Err(wrong) => {
                faults.insert(field.name, wrong);
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let file = deed.remove("content").and(file).map(|file| file.bytes.to_vec());
    if file.is_some() {
        // The use case says what it is.
        deed.extend([("bytes".to_owned(), json!(0)), ("hash".to_owned(), json!(""))]);
    }
    // Every field has its form by now; what is left is of no form that a browser sends.
    let deed: Deed = serde_json::from_value(Value::Object(deed)).map_err(|_| Faults::new())?;
    Ok(Ask { deed, file, key: Some(key.to_owned()) })
}

fn value(field: &InputField, sent: &Sent, file: Option<&Upload>) -> Result<Option<Value>, Wrong> {
    let text = said(sent, &other_name(field.name)).or_else(|| said(sent, field.name));
    match field.kind {
        InputKind::Amount => text.map(|t| amount(t).map(decimal).ok_or(Wrong::Amount)).transpose(),
        InputKind::Date => {
            let day = |t: &str| t.parse::<Date>().map(|day| json!(day)).map_err(|_| Wrong::Day);
            text.map(day).transpose()
        }
        InputKind::Text if field.name == "file_name" => {
            let name = text.or_else(|| file.map(|file| file.name.trim()));
            Ok(name.and_then(|name| Text::required(name).ok()).map(|name| json!(name)))
        }
        InputKind::Text => text.map(|t| Text::required(t).map(|t| json!(t)).map_err(|_| Wrong::Missing)).transpose(),
        InputKind::Flag => Ok(text.is_some().then_some(json!(true))),
        InputKind::Choice => {
            text.map(|t| if field.choices.contains(&t) { Ok(json!(t)) } else { Err(Wrong::Choice) }).transpose()
        }
        InputKind::Lines => lines(sent).map(Some),
        InputKind::File => Ok(file.map(|_| json!(""))),
    }
}

/// A decimal as text.
fn decimal(of: Decimal) -> Value {
    json!(of.to_string())
}

/// The goods beside which an amount was written.
fn lines(sent: &Sent) -> Result<Value, Wrong> {
    let mut lines = Vec::new();
    for n in 0..GOODS {
        let Some(product) = said(sent, &line_name(n, "product")) else { break };
        let Some(text) = said(sent, &line_name(n, "amount")) else { continue };
        let product: ErpId = product.parse().map_err(|_| Wrong::Lines)?;
        let amount = amount(text).ok_or(Wrong::Amount)?;
        lines.push(json!({ "product": product, "amount": decimal(amount) }));
    }
    if lines.is_empty() { Err(Wrong::Lines) } else { Ok(json!(lines)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(fields: &[(&str, &str)]) -> Sent {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_number_is_read_as_slovenians_and_others_write_it() {
        for (text, number) in [
            ("12", "12"),
            (" 12,50 ", "12.5"),
            ("12.50", "12.5"),
            ("1.234,50", "1234.5"),
            ("1,234,567.89", "1234567.89"),
            ("1 234,5", "1234.5"),
            ("-3,1", "-3.1"),
        ] {
            assert_eq!(amount(text).map(|n| n.to_string()).as_deref(), Some(number), "{text}");
        }
        for bad in ["", "x", "12,", ",5", "1.23,4", "1234.567,8", "1,2,3", "1..2", "12,5 EUR", "1.234.567", "٣"] {
            assert_eq!(amount(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_payment_is_read_from_its_fields_and_each_wrong_one_is_named() {
        let good = [("mode", "payment"), ("payment_type", " Gotovina "), ("date", "2026-11-24"), ("amount", "20,50")];
        let ask = read(DeedKind::Payment, &sent(&good), None, "k").expect("a payment");
        let Deed::Payment(payment) = ask.deed else { panic!("a payment") };
        assert_eq!((payment.amount.to_string().as_str(), payment.payment_type.as_str()), ("20.5", "Gotovina"));
        assert_eq!((payment.over, payment.notes, ask.key.as_deref()), (false, None, Some("k")));
        let bad = [("mode", "gift"), ("date", "24. 11."), ("amount", "much"), ("payment_type", "  ")];
        let faults = read(DeedKind::Payment, &sent(&bad), None, "k").expect_err("nothing is right");
        let all = [
            ("amount", Wrong::Amount),
            ("date", Wrong::Day),
            ("mode", Wrong::Choice),
            ("payment_type", Wrong::Missing),
        ];
        assert_eq!(faults, all.into_iter().collect());
        let other = [("key", "created"), ("key.other", "moj_status")];
        let ask = read(DeedKind::Status, &sent(&other), None, "k").expect("a status");
        assert_eq!(ask.deed.target(), Some("moj_status"), "what is written counts before what is chosen");
    }

    #[test]
    fn goods_without_an_amount_are_left_out_and_a_complaint_about_nothing_is_none() {
        let mut fields = vec![("claim", "return"), ("user_email", "ana@example.com")];
        fields.extend([
            ("lines.0.product", "7"),
            ("lines.0.amount", ""),
            ("lines.1.product", "8"),
            ("lines.1.amount", "1,5"),
        ]);
        let ask = read(DeedKind::Complaint, &sent(&fields), None, "k").expect("a complaint");
        let Deed::Complaint(complaint) = ask.deed else { panic!("a complaint") };
        assert_eq!((complaint.lines.len(), complaint.lines[0].product), (1, ErpId::new(8)));
        let faults = read(DeedKind::Complaint, &sent(&fields[..4]), None, "k").expect_err("nothing chosen");
        assert_eq!(faults, [("lines", Wrong::Lines)].into());
    }

    #[test]
    fn a_file_keeps_its_own_name_unless_another_is_given() {
        let file = Upload { name: "račun.pdf".to_owned(), bytes: b"%PDF"[..].into() };
        for (given, name) in [("", "račun.pdf"), ("drugo.pdf", "drugo.pdf")] {
            let ask = read(DeedKind::Attachment, &sent(&[("file_name", given)]), Some(&file), "k").expect("a file");
            let Deed::Attachment { file_name, .. } = ask.deed else { panic!("a file") };
            assert_eq!((file_name.as_str(), ask.file.as_deref()), (name, Some(&b"%PDF"[..])));
        }
        let faults = read(DeedKind::Attachment, &Sent::new(), None, "k").expect_err("no file");
        assert_eq!(faults, [("content", Wrong::File)].into());
    }
}
