//! Pieces and records: what goes in comes back, and what is refused says where.

mod records;

use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::shape::{LINE, PARTY, Part, Shape, parts_of};
use super::*;
use crate::*;
use records::{full, record};

fn fields(json: Value) -> Fields {
    serde_json::from_value(json).expect("an object")
}

fn canonical(object: Object, json: Value) -> Value {
    let canonical = fields(json).canonical(object).expect("well-formed");
    serde_json::to_value(canonical).expect("an object")
}

fn refusal(object: Object, json: Value) -> String {
    fields(json).canonical(object).expect_err("not well-formed").to_string()
}

/// The record with its lists in an order that depends on the entries alone.
fn sorted(mut record: Record) -> Record {
    fn sort<T: serde::Serialize>(list: &mut [T]) {
        list.sort_by_key(|entry| serde_json::to_string(entry).expect("JSON"));
    }
    match &mut record {
        Record::Contact(c) => {
            sort(&mut c.addresses);
            sort(&mut c.persons);
        }
        Record::Product(p) => sort(&mut p.prices),
        Record::Stock(_) => {}
        Record::Document(d) => sort(&mut d.lines),
    }
    record
}

fn back(record: &Record) -> Record {
    let fields = Fields::of(record);
    Record::of_fields(record.object(), None, record.erp_id(), &fields).expect("the pieces of a record")
}

proptest! {
    #[test]
    fn a_record_comes_back_from_its_pieces(record in record()) {
        let back = back(&record);
        prop_assert_eq!(Fields::of(&back), Fields::of(&record));
        prop_assert_eq!(sorted(back), sorted(record));
    }

    #[test]
    fn the_pieces_of_a_record_are_canonical_already(record in record()) {
        let fields = Fields::of(&record);
        prop_assert_eq!(fields.canonical(record.object()), Ok(fields));
    }

    #[test]
    fn no_entry_that_its_name_identifies_repeats_its_id(record in record()) {
        for (piece, value) in Fields::of(&record).iter().filter(|(piece, _)| piece.contains('/')) {
            prop_assert!(value.get("erp_id").is_none(), "{}", piece);
        }
    }

    #[test]
    fn a_broken_piece_is_refused_or_made_canonical_for_good(
        record in record(), at in any::<prop::sample::Index>(), value in any_json(),
    ) {
        let mut fields = Fields::of(&record);
        let names: Vec<String> = fields.iter().map(|(piece, _)| piece.to_owned()).collect();
        let piece = at.get(&names);
        fields.set(piece, value);
        match fields.canonical(record.object()) {
            Ok(once) => {
                prop_assert_eq!(once.canonical(record.object()), Ok(once.clone()));
                prop_assert!(once.differing(&fields).iter().all(|name| name == piece));
            }
            Err(e) => prop_assert_eq!(e.piece, PieceError::of(piece, "").piece),
        }
    }
}

/// JSON of the kinds of values that pieces have, seldom of the right one.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9]{1,3}|[ ]{0,2}|\\PC{0,9}|2026-01-0[1-9]|eur".prop_map(Value::from),
    ];
    let key = "name|amount|erp_id|crm_id|kind|other|label|[a-z]{1,3}";
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|m| m.into_iter().collect()),
        ]
    })
}

/// Visits every object of a record's JSON with what may be in it: path of the object, its parts, what else it holds.
fn visit(shape: &Shape, value: &Value, path: &str, seen: &mut Vec<(String, &'static [Part])>) {
    let (parts, value): (&'static [Part], &Value) = match shape {
        Shape::Group(parts) => (parts, value),
        Shape::Party => (PARTY, value),
        Shape::Line => (LINE, value),
        Shape::Many(inner) | Shape::Entries(inner) => return visit(inner, &value[0], &format!("{path}/0"), seen),
        _ => return,
    };
    seen.push((path.to_owned(), parts));
    for part in parts {
        visit(&part.shape, &value[part.name], &format!("{path}/{}", part.name), seen);
    }
}

#[test]
fn the_shapes_say_what_the_types_say() {
    for whole in full() {
        let record: Record = serde_json::from_value(whole.clone()).expect("a record");
        assert_eq!(serde_json::to_value(&record).expect("JSON"), whole, "everything in it is known");
        let mut seen = vec![(String::new(), parts_of(record.object()))];
        for part in parts_of(record.object()) {
            visit(&part.shape, &whole[part.name], &format!("/{}", part.name), &mut seen);
        }
        for (path, parts) in seen.iter().filter(|(path, _)| path != "/tax") {
            let object = whole.pointer(path).and_then(Value::as_object).expect("an object");
            let flat = |part: &Part| match part.shape {
                Shape::Group(inner) if part.name == "tax" => inner.iter().map(|p| p.name).collect(),
                _ => vec![part.name],
            };
            let known: BTreeSet<&str> = parts.iter().flat_map(flat).filter(|n| *n != "product_crm_id").collect();
            let is_id = |k: &str| k == "type" || k == "erp_id" && !known.contains("erp_id");
            let there: BTreeSet<&str> = object.keys().map(String::as_str).filter(|k| !is_id(k)).collect();
            assert_eq!(known, there, "{path}");
            for part in parts.iter().filter(|part| there.contains(part.name)) {
                let mut without = whole.clone();
                without.pointer_mut(path).and_then(Value::as_object_mut).expect("an object").remove(part.name);
                let refused = serde_json::from_value::<Record>(without).is_err();
                assert_eq!(refused, part.needed, "{path}/{}", part.name);
            }
        }
    }
}

#[test]
fn entries_are_named_by_their_ids_and_by_number_where_there_is_none() {
    let mut whole = full().remove(3);
    let line = |id: Value| json!({ "erp_id": id, "amount": "1" });
    whole["lines"] = json!([line(json!("3")), line(json!("3")), line(Value::Null), line(Value::Null)]);
    let record: Record = serde_json::from_value(whole).expect("a record");
    let fields = Fields::of(&record);
    let lines: Vec<_> = fields.iter().filter(|(piece, _)| piece.starts_with("lines")).collect();
    let one = json!({ "amount": "1" });
    assert_eq!(lines, [("lines/3", &one), ("lines/3~2", &one), ("lines/~1", &one), ("lines/~2", &one)]);
}

#[test]
fn entries_of_the_crm_have_no_id_and_come_in_the_order_that_people_expect() {
    let mut fields = Fields::of(&serde_json::from_value(full().remove(3)).expect("a record"));
    for name in ["l10", "l2", "x", "007"] {
        fields.set(format!("lines/{name}"), json!({ "amount": "1", "name": name }));
    }
    let record = Record::of_fields(Object::Orders, None, ErpId::new(1), &fields).expect("a record");
    let Record::Document(document) = record else { panic!("a document") };
    let lines: Vec<_> =
        document.lines.iter().map(|l| (l.erp_id.map(ErpId::get), l.name.as_ref().expect("a name").as_str())).collect();
    assert_eq!(lines, [(None, "007"), (None, "l2"), (None, "l10"), (None, "x"), (Some(3), "Vijak")]);
}

#[test]
fn a_record_is_made_of_all_its_pieces_or_not_at_all() {
    let whole = Fields::of(&serde_json::from_value(full().remove(3)).expect("a record"));
    let made = |kind, fields: &Fields| Record::of_fields(Object::Orders, kind, ErpId::new(1), fields);
    let with = |piece: &str, value: Value| {
        let mut fields = whole.clone();
        fields.set(piece, value);
        fields
    };
    let order = Some(DocumentKind::SalesOrder);
    let without_kind = with("kind", Value::Null);
    assert_eq!(made(order, &without_kind), made(None, &whole), "the kind is told");
    let refused = [
        made(None, &without_kind),
        made(Some(DocumentKind::SalesOffer), &without_kind),
        made(order, &with("number", Value::Null)),
        made(order, &with("partner", json!({ "crm_id": "c-42" }))),
        made(order, &with("lines/l1", json!({ "product_crm_id": "p-7", "amount": "1" }))),
        made(order, &with("lines/l1", json!({ "amount": "much" }))),
    ];
    let told: Vec<String> = refused.into_iter().map(|r| r.expect_err("refused").to_string()).collect();
    expect![[r#"
        kind: is missing
        kind: must be one of sales_order
        number: is missing
        partner: names a record of the CRM, whose id in the ERP is not known
        lines/l1: names a record of the CRM, whose id in the ERP is not known
        lines/l1: "amount": not a valid decimal number: digits with a decimal point at most"#]]
    .assert_eq(&told.join("\n"));
    assert!(made(order, &with("extra", json!({ "crm_id": "c-42" }))).is_ok(), "a free name is no reference");
}

#[test]
fn every_way_of_writing_a_value_becomes_one() {
    let sent = json!({
        "name": "  Z\u{30c}iga  d.o.o. ",
        "tax": { "tax_number": "si 12345678", "taxpayer": true },
        "registration_number": " \u{200b} ",
        "number": null,
        "addresses/a1": { "kind": "delivery", "street": "", "country": "slovenija", "currency": "eur", "city": null },
        "addresses/a2": { "kind": { "other": " Skladišče " }, "payment_due_days": 30 },
        "persons/~1": { "email": "Ana@Podjetje.SI", "mobile": "031 123 456" },
        "persons/p2": {},
        "persons/p3": null,
        "discounts": [{ "categories": [], "percent": "5.00", "overrides": false }],
    });
    let expected = json!({
        "name": "Žiga d.o.o.",
        "tax": { "tax_number": "SI12345678", "taxpayer": true },
        "addresses/a1": { "kind": "delivery", "country": "SI", "currency": "EUR" },
        "addresses/a2": { "kind": { "other": "Skladišče" }, "payment_due_days": 30 },
        "persons/~1": { "email": "ana@podjetje.si", "mobile": "+38631123456" },
        "persons/p2": {},
        "discounts": [{ "categories": [], "percent": "5", "overrides": false }],
    });
    assert_eq!(canonical(Object::Contacts, sent), expected);
    let empty = json!({ "partner": {}, "status": { "key": "" }, "payments": [], "extra": { "a": " " }, "sums": {} });
    assert_eq!(canonical(Object::Offers, empty), json!({ "sums": {} }), "only sums are there without a sum");
}

#[test]
fn a_reference_may_be_by_the_crms_id_alone() {
    let order = json!({
        "partner": { "crm_id": "c-42" },
        "receiver": { "erp_id": "7", "name": " Ana " },
        "status": { "key": "shipped" },
        "lines/l1": { "product_crm_id": "p:7", "amount": "2.0" },
        "lines/123": { "product": "9", "amount": "1" },
    });
    let expected = json!({
        "partner": { "crm_id": "c-42" },
        "receiver": { "erp_id": "7", "name": "Ana" },
        "status": { "key": "shipped" },
        "lines/l1": { "product_crm_id": "p:7", "amount": "2" },
        "lines/123": { "product": "9", "amount": "1" },
    });
    assert_eq!(canonical(Object::Orders, order), expected);
}

#[test]
fn how_a_line_is_made_is_said_of_work_orders_alone() {
    let line = json!({ "lines/3": { "amount": "1", "making": { "done": "0.50", "materials": [{ "planned": "2" }] } } });
    let canonical = canonical(Object::WorkOrders, line.clone());
    assert_eq!(canonical["lines/3"]["making"], json!({ "done": "0.5", "materials": [{ "planned": "2" }] }));
    assert_eq!(refusal(Object::Orders, line), "lines/3: \"making\": only work orders have it");
}

#[test]
fn what_is_wrong_is_told_by_place_and_rule() {
    let tenant: TenantId = "t_00000000000000000001".parse().expect("a tenant id");
    let record_id = RecordId::for_crm(&tenant, Object::Contacts, "c").to_string();
    let orders = [
        json!({ "colour": "red" }),
        json!({ "erp_id": "1" }),
        json!({ "title/x": "t" }),
        json!({ "lines": [] }),
        json!({ "lines/": { "amount": "1" } }),
        json!({ "lines/a b": { "amount": "1" } }),
        json!({ "lines/l1": { "amount": "secret" } }),
        json!({ "lines/l1": { "amount": 1.5 } }),
        json!({ "lines/l1": { "amount": "" } }),
        json!({ "lines/l1": { "amount": "1", "erp_id": "3" } }),
        json!({ "lines/l1": { "amount": "1", "discounts": ["5", "secret"] } }),
        json!({ "lines/l1": { "amount": "1", "discounts": [""] } }),
        json!({ "lines/l1": { "amount": "1", "product": "3", "product_crm_id": "p" } }),
        json!({ "lines/l1": "secret" }),
        json!({ "partner": { "crm_id": "c", "name": "secret" } }),
        json!({ "partner": { "crm_id": "a b" } }),
        json!({ "partner": { "crm_id": record_id } }),
        json!({ "partner": { "crm_id": null } }),
        json!({ "partner": { "name": "secret" } }),
        json!({ "partner": { "erp_id": "007" } }),
        json!({ "partner": "secret" }),
        json!({ "status": { "Key": "secret" } }),
        json!({ "date": "1.2.2026" }),
        json!({ "date": "2026-02-30" }),
        json!({ "date": "20260203" }),
        json!({ "title": 7 }),
        json!({ "issued": "true" }),
        json!({ "kind": "sales_offer" }),
        json!({ "payments": {} }),
        json!({ "payments": [{}, { "amount": true }] }),
        json!({ "sums": { "taxes": { "ex4": "secret" } } }),
        json!({ "currency": "€" }),
        json!({ "c\u{7}": 1 }),
    ];
    let told: Vec<String> = orders.into_iter().map(|json| refusal(Object::Orders, json)).collect();
    expect![[r#"
        colour: orders have no such piece
        erp_id: orders have no such piece
        title/x: orders have no such piece
        lines: each entry is a piece of its own, by the name lines/...
        lines/: the name of an entry is 1 to 64 letters without accents, digits and . _ : ~ / -
        lines/a b: the name of an entry is 1 to 64 letters without accents, digits and . _ : ~ / -
        lines/l1: "amount": not a valid decimal number: digits with a decimal point at most
        lines/l1: "amount": must be a decimal number in quotes, because a JSON number is not exact
        lines/l1: "amount": is missing
        lines/l1: "erp_id": there is no such key
        lines/l1: "discounts[1]": not a valid decimal number: digits with a decimal point at most
        lines/l1: "discounts[0]": is empty
        lines/l1: either "product" or "product_crm_id", not both
        lines/l1: must be an object
        partner: nothing may stand beside "crm_id"
        partner: "crm_id": must be the CRM's id of a record: 1 to 64 letters without accents, digits and . _ : -
        partner: "crm_id": must be the CRM's id of a record: 1 to 64 letters without accents, digits and . _ : -
        partner: "crm_id": is missing
        partner: "erp_id": is missing
        partner: "erp_id": not a valid ERP id: 1 to 19 digits without leading zeros
        partner: must be an object
        status: "Key": there is no such key
        date: must be a day in the form 2026-01-31
        date: must be a day in the form 2026-01-31
        date: must be a day in the form 2026-01-31
        title: must be a text in quotes
        issued: must be true or false
        kind: must be one of sales_order
        payments: must be a list
        payments: "[1].amount": must be a text in quotes
        sums: "taxes.ex4": not a valid decimal number: digits with a decimal point at most
        currency: not a valid currency: three letters
        c\u{7}: orders have no such piece"#]]
    .assert_eq(&told.join("\n"));
    assert!(told.iter().all(|line| !line.contains("secret")), "no value is told");
}

#[test]
fn what_is_wrong_with_a_contact_is_told_without_its_values() {
    let contacts = [
        json!({ "addresses/a": { "kind": "secret" } }),
        json!({ "addresses/a": { "kind": "billing", "payment_due_days": -1 } }),
        json!({ "addresses/a": { "kind": "billing", "country": "secret" } }),
        json!({ "persons/p": { "email": "secret" } }),
        json!({ "tax_number": "secret" }),
    ];
    let told: Vec<String> = contacts.into_iter().map(|json| refusal(Object::Contacts, json)).collect();
    expect![[r#"
        addresses/a: "kind": must be "billing", "delivery", "branch" or {"other": "..."}
        addresses/a: "payment_due_days": must be a whole number from 0 to 4294967295
        addresses/a: "country": not a valid country: an ISO code or a Slovenian or English name
        persons/p: "email": not a valid e-mail address: a name, one @ and a domain
        tax_number: contacts have no such piece"#]]
    .assert_eq(&told.join("\n"));
    assert!(told.iter().all(|line| !line.contains("secret")), "no value is told");
}

#[test]
fn a_price_is_named_by_the_crm_or_by_what_it_is() {
    let price = json!({ "list": "Maloprodaja Č", "sales": true, "currency": "EUR", "price": "1", "with_tax": false });
    for name in ["p1", "MP/true//", "Maloprodaja Č/true//", "Maloprodaja Č/true//~2"] {
        let sent = json!({ format!("prices/{name}"): price });
        assert_eq!(canonical(Object::Products, sent.clone()), sent, "{name}");
    }
    for name in ["", "Maloprodaja Č", "Maloprodaja Č/false//", "Maloprodaja Č/true//~1", &"p".repeat(65)] {
        let told = refusal(Object::Products, json!({ format!("prices/{name}"): price }));
        assert!(told.contains("the name of an entry"), "{told}");
    }
}

#[test]
fn there_are_at_most_500_pieces_and_64_kib() {
    let lines = |n: usize| (0..n).map(|n| (format!("lines/l{n}"), json!({ "amount": "1" }))).collect::<Fields>();
    assert!(lines(500).canonical(Object::Orders).is_ok());
    let error = lines(501).canonical(Object::Orders).expect_err("too many");
    assert_eq!(error.to_string(), "fields: at most 500 pieces");
    let notes = |n: usize| fields(json!({ "notes": "n".repeat(n) })).canonical(Object::Orders);
    let around = r#"{"notes":""}"#.len();
    assert!(notes(64 * 1024 - around).is_ok());
    assert_eq!(notes(64 * 1024 - around + 1).expect_err("too long").to_string(), "fields: at most 64 KiB");
    let deep = (0..100).fold(json!({}), |inner, _| json!({ "label": inner }));
    assert_eq!(refusal(Object::Orders, json!({ "status": deep })), r#"status: "label": must be a text in quotes"#);
    let long = refusal(Object::Orders, json!({ "x".repeat(60_000): 1 }));
    assert_eq!(long, format!("{}: orders have no such piece", "x".repeat(100)));
}

#[test]
fn a_create_is_told_what_it_lacks() {
    let line = json!({ "amount": "1" });
    for (object, given, lacks) in [
        (Object::Contacts, json!({}), vec!["name"]),
        (Object::Contacts, json!({ "name": "Ana" }), vec![]),
        (Object::Products, json!({ "name": "Vijak", "code": null }), vec!["code", "unit"]),
        (Object::Offers, json!({ "lines/l1": null }), vec!["partner", "lines"]),
        (Object::Orders, json!({ "partner": { "crm_id": "c" }, "lines/l1": line }), vec![]),
        (Object::Orders, json!({ "lines/l1": line }), vec!["partner"]),
    ] {
        assert_eq!(missing_to_create(object, &fields(given.clone())), lacks, "{object} {given}");
    }
}
