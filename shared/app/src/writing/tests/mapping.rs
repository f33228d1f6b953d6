//! Pieces and what they become, without a server.

use domain::{AddressKind, DocumentKind, Object, Product, TaxNumber};
use erp::client::PartnerChange;
use serde_json::{Value, json};
use sync::twoway::Op;

use super::world::pieces;
use crate::writing::contacts::{change_of, new_contact};
use crate::writing::documents::draft_of;
use crate::writing::lines::{Products, changed_line, line_of, new_line};
use crate::writing::piece::Refused;
use crate::writing::{orders, products, products_needed};

fn product(id: u64) -> Product {
    serde_json::from_value(json!({
        "erp_id": id.to_string(), "number": format!("N{id}"), "code": format!("K{id}"), "name": "Vijak", "unit": "kos",
        "description": "Pocinkan", "service": false, "sales": true, "purchasing": true, "active": true, "webshop": false,
    }))
    .expect("a product")
}

fn catalogue() -> Products {
    [(3.to_string().parse().expect("an id"), product(3))].into()
}

fn set(value: Value) -> crate::writing::piece::Set {
    let Op::Update { set, .. } = super::world::update("1".parse().expect("an id"), value) else { panic!("an update") };
    set
}

#[test]
fn a_contact_of_a_name_alone_is_a_domestic_buyer_and_no_company() {
    let new = new_contact(&pieces(json!({ "name": "Ana" }))).expect("it fits");
    let draft = new.draft;
    assert_eq!(
        (draft.company, draft.foreign, draft.buyer, draft.supplier, draft.taxpayer),
        (false, false, true, false, false)
    );
    assert_eq!(new_contact(&pieces(json!({}))), Err(Refused::missing("name")));
}

#[test]
fn the_billing_address_is_the_main_one_and_a_country_abroad_makes_a_contact_foreign() {
    let new = new_contact(&pieces(json!({
        "name": "Ana",
        "tax": { "tax_number": "HR12345678901" },
        "addresses/a": { "kind": "delivery", "street": "Ilica 1" },
        "addresses/b": { "kind": "billing", "street": "Ilica 2", "country": "HR" },
        "addresses/c": { "kind": "branch", "street": "Ilica 3" },
    })))
    .expect("it fits");
    let street = |address: &erp::client::AddressDraft| address.street.as_ref().map(|s| s.as_str().to_owned());
    assert_eq!(street(&new.draft.address).as_deref(), Some("Ilica 2"));
    assert_eq!(new.draft.delivery_address.as_ref().and_then(street).as_deref(), Some("Ilica 1"));
    assert_eq!(new.addresses.iter().map(|a| a.kind.clone()).collect::<Vec<_>>(), [Some(AddressKind::Branch)]);
    assert!(new.draft.foreign);
    assert_eq!(new.draft.tax_number, "HR12345678901".parse::<TaxNumber>().ok());
}

#[test]
fn without_a_billing_address_no_other_takes_its_place() {
    let fields = pieces(json!({ "name": "Ana", "addresses/a": { "kind": "delivery", "street": "Ilica 1" } }));
    let draft = new_contact(&fields).expect("it fits").draft;
    assert_eq!(draft.address, erp::client::AddressDraft::default());
    assert!(draft.delivery_address.is_some());
}

#[test]
fn what_a_new_address_cannot_carry_is_refused() {
    for (key, value) in [("language", json!("Nemški")), ("payment_due_days", json!(30)), ("currency", json!("USD"))] {
        let mut address = json!({ "kind": "billing" });
        address[key] = value;
        let refused = new_contact(&pieces(json!({ "name": "Ana", "addresses/a": address })));
        assert_eq!(refused, Err(Refused::not_in_api("addresses/a")), "{key}");
    }
}

#[test]
fn an_entry_is_changed_by_its_id_and_its_id_may_stand_in_it_or_not() {
    let contact: domain::Contact = serde_json::from_value(json!({
        "erp_id": "1", "name": "Ana", "company": false, "foreign": false, "buyer": true, "supplier": false,
        "addresses": [{ "erp_id": "7", "kind": "billing", "street": "Stara 1", "language": "Slovenski" }],
    }))
    .expect("a contact");
    for value in [
        json!({ "kind": "billing", "street": "Nova 1", "language": "Slovenski" }),
        json!({ "erp_id": "7", "kind": "billing", "street": "Nova 1" }),
    ] {
        let change = change_of(&contact, &set(json!({ "addresses/7": value }))).expect("it fits");
        assert_eq!(change.addresses.len(), 1);
        assert_eq!(change.addresses[0].erp_id, Some("7".parse().expect("an id")));
    }
    let gone =
        change_of(&contact, &set(json!({ "addresses/9": null, "persons/9": null }))).expect("it is gone already");
    assert_eq!(gone, PartnerChange::of(contact.erp_id));
}

#[test]
fn two_equal_new_entries_are_two_and_only_one_of_them_is_there() {
    let contact: domain::Contact = serde_json::from_value(json!({
        "erp_id": "1", "name": "Ana", "company": false, "foreign": false, "buyer": true, "supplier": false,
        "addresses": [{ "erp_id": "7", "kind": "billing" }],
        "persons": [{ "erp_id": "8", "address": "7", "name": "Bor" }],
    }))
    .expect("a contact");
    let bor = json!({ "name": "Bor" });
    let change = change_of(&contact, &set(json!({ "persons/a": bor, "persons/b": bor }))).expect("it fits");
    assert_eq!(change.persons.len(), 1);
    assert_eq!(change.persons[0].address, Some("7".parse().expect("an id")), "it hangs on the main address");
}

#[test]
fn a_line_has_the_code_of_its_product_whatever_it_says() {
    let value = json!({ "product": "3", "code": "TUJA", "name": "Vijak", "description": "Pocinkan", "unit": "kos",
        "amount": "2", "price": "5", "price_with_tax": "6.1" });
    let line = new_line("lines/a", &line_of("lines/a", &value).expect("a line"), &catalogue()).expect("it fits");
    assert_eq!(line.code.as_ref().map(domain::Text::as_str), Some("K3"));
    assert_eq!(line.number.as_ref().map(domain::Text::as_str), Some("N3"));
    assert_eq!((line.name, line.description, line.price_with_tax), (None, None, None), "the product's own is not said");
    assert!(line.price.is_some());
}

#[test]
fn of_two_prices_the_one_that_changed_is_sent() {
    let now = line_of("l", &json!({ "product": "3", "amount": "1", "price": "10", "price_with_tax": "12.2" }))
        .expect("a line");
    let sent = |price: &str, gross: &str| {
        let value = json!({ "product": "3", "amount": "1", "price": price, "price_with_tax": gross });
        let line = changed_line("l", &line_of("l", &value).expect("a line"), &now).expect("it fits");
        (line.price.map(|p| p.to_string()), line.price_with_tax.map(|p| p.to_string()))
    };
    assert_eq!(sent("11", "13.42"), (Some("11".to_owned()), None));
    assert_eq!(sent("10", "13"), (None, Some("13".to_owned())));
    assert_eq!(sent("10", "12.2"), (Some("10".to_owned()), None));
}

#[test]
fn the_marker_of_an_order_is_its_number_and_that_of_an_offer_stands_in_its_notes() {
    let fields = pieces(
        json!({ "partner": { "erp_id": "8" }, "notes": "Opomba", "lines/a": { "product": "3", "amount": "1" } }),
    );
    let order = draft_of(DocumentKind::SalesOrder, &fields, "C-1", &catalogue()).expect("it fits");
    assert_eq!(order.buyer_order.as_ref().map(domain::Text::as_str), Some("C-1"));
    assert_eq!(order.notes.as_ref().map(domain::Text::as_str), Some("Opomba"));
    let offer = draft_of(DocumentKind::SalesOffer, &fields, "C-1", &catalogue()).expect("it fits");
    assert_eq!((offer.buyer_order, offer.notes.as_ref().map(domain::Text::as_str)), (None, Some("Opomba\n[C-1]")));
    let bare = pieces(json!({ "partner": { "erp_id": "8" } }));
    let bare = draft_of(DocumentKind::SalesOffer, &bare, "C-1", &catalogue()).expect("it fits");
    assert_eq!(bare.notes.as_ref().map(domain::Text::as_str), Some("[C-1]"));
}

#[test]
fn a_status_goes_along_with_other_fields_unless_it_wants_a_day_of_shipment() {
    let order: domain::Document = serde_json::from_value(json!({
        "erp_id": "5", "kind": "sales_order", "number": "N-1", "currency": "EUR", "issued": false, "sums": {},
    }))
    .expect("an order");
    let change = |value: Value| orders::change_of(&order, &set(value), &catalogue()).expect("it fits");
    let key = |status: &Option<domain::Text>| status.as_ref().map(|s| s.as_str().to_owned());
    let alone = change(json!({ "status": { "key": "paused" } }));
    assert_eq!((key(&alone.fields.status_key), key(&alone.status)), (None, Some("paused".to_owned())));
    let together = change(json!({ "status": { "key": "paused" }, "notes": "x" }));
    assert_eq!((key(&together.fields.status_key), key(&together.status)), (Some("paused".to_owned()), None));
    let shipped = change(json!({ "status": { "key": "shipped" }, "notes": "x" }));
    assert_eq!((key(&shipped.fields.status_key), key(&shipped.status)), (None, Some("shipped".to_owned())));
}

#[test]
fn a_list_that_is_touched_is_sent_whole_and_no_other() {
    let price = |list: &str, from: Option<&str>, price: &str| json!({ "list": list, "sales": true, "currency": "EUR", "amount_from": from, "price": price, "with_tax": false, "tax": "EX4" });
    let mut now = product(3);
    now.prices = [price("MP", None, "10"), price("MP", Some("10"), "9"), price("VP", None, "8")]
        .map(|p| serde_json::from_value(p).expect("a price"))
        .to_vec();
    let pieces = domain::Fields::of(&domain::Record::Product(Box::new(now.clone())));
    let tier = super::world::entry(&pieces, "prices", &json!({ "price": "9" })).expect("a tier");
    let sent = products::prices_to_send(&now, &set(json!({ tier.as_str(): price("MP", Some("10"), "8.5") })))
        .expect("it fits");
    let sent: Vec<_> = sent.iter().map(|p| (p.list.as_str().to_owned(), p.price.to_string())).collect();
    assert_eq!(sent, [("MP".to_owned(), "10".to_owned()), ("MP".to_owned(), "8.5".to_owned())]);
    let same =
        products::prices_to_send(&now, &set(json!({ "prices/n": price("VP", None, "8") }))).expect("it is there");
    assert_eq!(same, []);
}

#[test]
fn the_products_of_an_operation_are_those_of_its_lines() {
    let fields = pieces(json!({ "lines/a": { "product": "3", "amount": "1" }, "lines/b": { "product_crm_id": "p" } }));
    let create = Op::Create { fields, marker: String::new() };
    assert_eq!(products_needed(Object::Orders, &create, None).len(), 1);
    let update =
        super::world::update("5".parse().expect("an id"), json!({ "lines/1": { "product": "4" }, "lines/2": null }));
    assert_eq!(
        products_needed(Object::Orders, &update, None).into_iter().map(|id| id.to_string()).collect::<Vec<_>>(),
        ["4"]
    );
    assert_eq!(
        products_needed(Object::Products, &update, None).into_iter().map(|id| id.to_string()).collect::<Vec<_>>(),
        ["5"]
    );
}
