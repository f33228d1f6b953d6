//! Names of addresses and persons when a contact changes its partner.
//!
//! Decides which entries of two records are the same one, and what an entry is
//! called that the other record does not have. An id of the ERP names an entry
//! of one partner only: it must not follow the entry to another.

use std::collections::BTreeMap;

use domain::Fields;
use domain::fields::field_of;
use serde_json::{Value, json};

use crate::twoway::{Entry, is_form_of};

/// The longest name that a new one is made of.
const LONGEST: usize = 56;

/// Whether a piece is an address or a person.
pub(crate) fn is_entry(piece: &str) -> bool {
    matches!(field_of(piece), "addresses" | "persons") && piece.contains('/')
}

/// Whether two entries of one list are the same: one says no more than the other, both are the main address, or both
/// are the mailbox of the same address.
pub(crate) fn is_same(field: &str, a: &Value, b: &Value) -> bool {
    let main = json!("billing");
    let both = |key: &str| a.get(key).filter(|v| b.get(key) == Some(v));
    match field {
        "addresses" if both("kind") == Some(&main) => true,
        "persons" if both("email").is_some() => true,
        _ => is_form_of(a, b) || is_form_of(b, a),
    }
}

/// The entry of `among` that is the same as `value`, by name.
pub(crate) fn same_in<'a>(among: &'a Fields, piece: &str, value: &Value) -> Option<&'a str> {
    let field = field_of(piece);
    let mut same =
        among.iter().filter(|(other, v)| is_entry(other) && field_of(other) == field && is_same(field, value, v));
    // Equal content tells more than what it is for.
    let all: Vec<(&str, &Value)> = same.by_ref().collect();
    all.iter().find(|(_, v)| *v == value).or(all.first()).map(|(name, _)| *name)
}

/// The pieces without what is another partner's: names that are ids of the ERP, and addresses that persons hang on.
/// `erp` is the partner that they are to be with, by the ERP's names; empty when there is none.
pub(crate) fn freed(fields: &Fields, erp: &Fields) -> Fields {
    let mut out: BTreeMap<String, Value> = BTreeMap::new();
    let mut strange = Vec::new();
    for (piece, value) in fields.iter() {
        let mut value = value.clone();
        let address = value.get("address").and_then(Value::as_str).map(|id| format!("addresses/{id}"));
        if field_of(piece) == "persons"
            && address.is_some_and(|address| erp.get(&address).is_none())
            && let Some(parts) = value.as_object_mut()
        {
            parts.remove("address");
        }
        if is_entry(piece) && value.as_object().is_some_and(serde_json::Map::is_empty) {
            continue;
        }
        if is_entry(piece) && is_of_erp(piece) && erp.get(piece).is_none() {
            strange.push((piece, value));
        } else {
            out.insert(piece.to_owned(), value);
        }
    }
    for (piece, value) in strange {
        let name = new_name(piece, |name| out.contains_key(name) || erp.get(name).is_some());
        out.insert(name, value);
    }
    out.into_iter().collect()
}

fn is_of_erp(piece: &str) -> bool {
    piece.split_once('/').is_some_and(|(_, name)| name.bytes().all(|b| b.is_ascii_digit() || b == b'~'))
}

/// A name like that of `piece` that is not taken.
pub(crate) fn new_name(piece: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let (field, name) = piece.split_once('/').unwrap_or((piece, ""));
    let own: String = name.chars().filter(|c| *c != '~').take(LONGEST).collect();
    let own = if is_of_erp(piece) { format!("e{own}") } else { own };
    let first = format!("{field}/{own}");
    let others = (2..=u32::MAX).map(|n| format!("{field}/{own}-{n}"));
    std::iter::once(first.clone()).chain(others).find(|name| !is_taken(name)).unwrap_or(first)
}

/// Whether `entry` knows a piece of this name on either side.
pub(crate) fn is_known(entry: &Entry, piece: &str) -> bool {
    entry.crm.get(piece).is_some()
        || entry.erp.get(piece).is_some()
        || entry.agreed.get(piece).is_some()
        || entry.aliases.contains_key(piece)
        || entry.aliases.values().any(|name| name == piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_partner_follows_no_entry() {
        let ours = Fields::from_iter([
            ("addresses/77", json!({ "kind": "branch", "city": "Kranj" })),
            ("addresses/e77", json!({ "kind": "delivery", "city": "Celje" })),
            ("persons/5", json!({ "name": "Eva", "address": "77" })),
            ("persons/6", json!({ "address": "77" })),
        ]);
        let alone = freed(&ours, &Fields::default());
        assert_eq!(alone.get("addresses/e77-2"), Some(&json!({ "kind": "branch", "city": "Kranj" })));
        assert_eq!(alone.get("persons/e5"), Some(&json!({ "name": "Eva" })), "the address is not hers there");
        assert_eq!(alone.len(), 3, "what said nothing but the address is gone");
        let theirs = Fields::from_iter([("addresses/77", json!({ "kind": "branch" })), ("persons/5", json!({}))]);
        let with = freed(&ours, &theirs);
        assert_eq!(with.get("persons/5"), ours.get("persons/5"));
        assert_eq!(with.get("addresses/77"), ours.get("addresses/77"));
    }

    #[test]
    fn the_main_address_and_a_mailbox_are_one_whatever_else_they_say() {
        let main = |street: &str| json!({ "kind": "billing", "street": street });
        assert!(is_same("addresses", &main("Stari trg 4"), &main("Novi trg 1")));
        let branch = |street: &str| json!({ "kind": "branch", "street": street });
        assert!(!is_same("addresses", &branch("Stari trg 4"), &branch("Novi trg 1")));
        let eva = |name: &str| json!({ "name": name, "email": "eva@vodnjak.si" });
        assert!(is_same("persons", &eva("Eva"), &eva("Eva Kos")));
        assert!(!is_same("persons", &json!({ "name": "Eva" }), &json!({ "name": "Ana" })));
        assert!(is_same("persons", &json!({ "name": "Eva" }), &json!({ "name": "Eva", "phone": "+38640111222" })));
    }
}
