//! The values that users give: each is unique and names its tenant, in the canonical form and in spellings of it.
//!
//! Amounts are whole numbers of ten-thousandths, so that no rounding happens by accident.

use domain::{Fields, Object};
use serde_json::{Value, json};

use crate::dice::Dice;

/// Longer texts of these pieces are cut by the ERP.
pub const CUT_AT: usize = 40;

/// The kinds of warehouse documents that the model has: of the others the lines are set one by one, of a transfer
/// they go whole.
pub const WAREHOUSE_KINDS: [&str; 3] = ["warehouse_packing_list", "warehouse_acceptance_note", TRANSFER];
/// A transfer between warehouses.
pub const TRANSFER: &str = "transfer_order";

/// An amount as canonical text: without trailing zeros.
pub fn amount(ten_thousandths: u64) -> String {
    let (whole, rest) = (ten_thousandths / 10_000, ten_thousandths % 10_000);
    if rest == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:04}").trim_end_matches('0').to_owned()
}

/// Canonical text as an amount.
pub fn ten_thousandths(text: &str) -> u64 {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let padded = format!("{rest:0<4}");
    whole.parse::<u64>().unwrap_or(0) * 10_000 + padded[..4].parse::<u64>().unwrap_or(0)
}

/// An amount as the ERP rounds it: to cents, half upwards.
pub fn to_cents(ten_thousandths: u64) -> u64 {
    (ten_thousandths + 50) / 100 * 100
}

/// Whether a piece is an entry of a list.
pub fn is_entry(piece: &str) -> bool {
    piece.starts_with("lines/") || piece.starts_with("prices/")
}

/// The value of a piece that the `n`th edit gives it, on the base of what it is.
pub fn value_of(piece: &str, tenant: usize, n: u64, base: Option<&Value>) -> Value {
    let price = amount(n * 10_000 + n % 9_973);
    if piece.starts_with("prices/") {
        return json!({ "list": "MP", "sales": true, "currency": "EUR", "price": price, "with_tax": false });
    }
    if is_entry(piece) {
        let mut line = base.cloned().unwrap_or_else(|| json!({ "amount": "1", "name": format!("t{tenant}") }));
        line["price"] = json!(price);
        return line;
    }
    let long = matches!(piece, "title" | "description") && n.is_multiple_of(3);
    json!(if long {
        format!("t{tenant} {n} and more than the forty letters that it takes")
    } else {
        format!("t{tenant} {n}")
    })
}

/// What the ERP makes of a value: amounts to the cent, long titles cut.
pub fn in_erp_form(piece: &str, value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(Value::String(price)) = value.get_mut("price") {
        *price = amount(to_cents(ten_thousandths(price)));
    }
    if let (Value::String(text), "title" | "description") = (&mut value, piece)
        && text.len() > CUT_AT
    {
        text.truncate(CUT_AT);
        let end = text.trim_end().len();
        text.truncate(end);
    }
    value
}

/// Whether two values are the same to the ERP.
pub fn same(piece: &str, a: &Value, b: &Value) -> bool {
    a == b || in_erp_form(piece, a) == in_erp_form(piece, b)
}

/// The same content in another spelling: blanks, decomposed letters, a tax number with separators. `None` when the piece
/// has no other spelling.
pub fn respelled(piece: &str, value: &Value, dice: &mut Dice) -> Option<Value> {
    match (piece, value) {
        ("tax", Value::Object(tax)) => {
            let number = tax.get("tax_number")?.as_str()?;
            let (prefix, digits) = number.split_at_checked(2)?;
            Some(json!({ "tax_number": format!("{} {digits}", prefix.to_lowercase()) }))
        }
        ("name" | "title", Value::String(text)) => {
            let text = if dice.hit(500) { text.replace('\u{17d}', "Z\u{30c}") } else { text.replace(' ', " \u{a0} ") };
            Some(json!(text))
        }
        _ => None,
    }
}

/// A piece that a user of either side may edit.
pub fn editable(object: Object, fields: &Fields, dice: &mut Dice) -> Option<String> {
    let entries: Vec<&str> = fields.iter().map(|(k, _)| k).filter(|k| is_entry(k)).collect();
    let names: &[&str] = match object {
        Object::Orders | Object::Offers | Object::WorkOrders | Object::WarehouseDocuments => &["title", "notes"],
        Object::Products => &["name", "description"],
        Object::Contacts => &["name", "registration_number"],
        _ => return None,
    };
    if !entries.is_empty() && object != Object::WorkOrders && dice.hit(400) {
        return dice.pick(&entries).map(str::to_owned);
    }
    dice.pick(names).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_come_back_from_their_text_and_are_rounded_half_upwards() {
        for n in [0, 1, 50, 149, 150, 10_000, 123_456_789] {
            assert_eq!(ten_thousandths(&amount(n)), n);
        }
        assert_eq!((to_cents(149), to_cents(150), amount(12_300)), (100, 200, "1.23".to_owned()));
    }

    #[test]
    fn another_spelling_is_another_text_of_the_same_value() {
        let mut dice = Dice::new(1);
        let plain =
            Fields::from_iter([("name", json!("t0 \u{17d} 7")), ("tax", json!({ "tax_number": "SI10000007" }))]);
        for _ in 0..20 {
            let mut other = plain.clone();
            for piece in ["name", "tax"] {
                let value = respelled(piece, plain.get(piece).expect("set"), &mut dice).expect("has a spelling");
                assert_ne!(Some(&value), plain.get(piece));
                other.set(piece, value);
            }
            assert_eq!(other.canonical(Object::Contacts), Ok(plain.clone()));
        }
    }
}
