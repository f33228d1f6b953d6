//! Offers and orders in the simulator.

use domain::{DocumentKind, ErpId, Fields, Object, Product, Record};
use erp::client::SearchQuery;
use serde_json::{Value, json};
use sync::twoway::{Op, Outcome, Side};

use super::world::{World, create, entry, holds, is_absent, line, pieces, update};
use crate::writing::{Control, Lookup, Writer};

const ORDERS: Object = Object::Orders;
const OFFERS: Object = Object::Offers;

struct Goods {
    partners: Vec<ErpId>,
    products: Vec<Product>,
}

impl Goods {
    async fn of(world: &World) -> Self {
        let products = world.products().await.into_iter().filter(|p| p.sales && p.active).collect();
        Self { partners: world.partners().await, products }
    }

    fn party(&self, n: usize) -> Value {
        json!({ "erp_id": self.partners[n].to_string() })
    }

    fn order(&self) -> Fields {
        let mut second = line(&self.products[1], "1", "12.5");
        second["discounts"] = json!(["10", "5"]);
        second["description"] = json!("Po načrtu 17");
        pieces(json!({
            "date": "2026-01-15",
            "title": "Naročilo iz CRM",
            "notes": "Pokličite prej",
            "partner": self.party(0),
            "receiver": self.party(1),
            "buyer_order": "CRM-1",
            "currency": "EUR",
            "delivery_type": "GLS",
            "status": { "key": "created" },
            "discount_percent": "3",
            "lines/a": line(&self.products[0], "2", "10"),
            "lines/b": second,
        }))
    }

    fn offer(&self) -> Fields {
        let mut fields = self.order();
        for piece in ["buyer_order", "delivery_type", "status"] {
            fields.put(piece, None);
        }
        fields.set("valid_to", json!("2026-02-15"));
        fields
    }
}

/// The content, less the tag that an offer's notes end with.
async fn untagged(world: &World, object: Object, erp_id: ErpId) -> Fields {
    let mut fields = world.fields(object, erp_id).await;
    let notes = fields.get("notes").and_then(Value::as_str).and_then(|n| n.split("\n[C-").next()).map(str::to_owned);
    fields.put("notes", notes.map(Value::from).as_ref());
    fields
}

#[tokio::test]
async fn orders_and_offers_are_made_as_they_are_said_and_found_exactly() {
    let world = World::start(41).await;
    let goods = Goods::of(&world).await;
    let partners = world.ask(reqwest::Method::GET, "/companies/1600/counts", Value::Null).await["contacts"].clone();
    for (object, fields) in [(ORDERS, goods.order()), (OFFERS, goods.offer())] {
        assert_eq!(world.probe(object, &fields, &[]).await, (Vec::new(), true), "{object}");
        let erp_id = world.create(object, &fields).await;
        holds(&untagged(&world, object, erp_id).await, &fields);
        assert_eq!(world.probe(object, &fields, &[]).await, (vec![erp_id], true), "{object}");
    }
    let now = world.ask(reqwest::Method::GET, "/companies/1600/counts", Value::Null).await["contacts"].clone();
    assert_eq!(now, partners, "no partner was made on the way");
}

#[tokio::test]
async fn a_partner_or_product_that_is_no_link_is_refused_before_anything_is_sent() {
    let world = World::start(42).await;
    let goods = Goods::of(&world).await;
    let link_missing = Outcome::Rejected { code: "link_missing".to_owned() };
    for (piece, value) in [
        ("partner", json!({ "crm_id": "c-1" })),
        ("partner", Value::Null),
        ("receiver", json!({ "crm_id": "c-1" })),
        ("receiver", json!({ "erp_id": "999" })),
        ("lines/a", json!({ "product_crm_id": "p-1", "amount": "1" })),
        ("lines/a", json!({ "name": "Brez artikla", "amount": "1", "price": "1" })),
        ("lines/a", json!({ "product": "999", "amount": "1", "price": "1" })),
        // Another product's code is no link to this one.
        ("lines/a", json!({ "product": "999", "code": goods.products[0].code, "amount": "1", "price": "1" })),
    ] {
        for (object, mut fields) in [(ORDERS, goods.order()), (OFFERS, goods.offer())] {
            fields.set(piece, value.clone());
            assert_eq!(world.send(object, &create(object, &fields)).await, link_missing, "{piece} {value}");
        }
    }
    assert_eq!(world.calls("put_document").await, 0);
}

#[tokio::test]
async fn every_shared_piece_of_an_order_is_changed_and_read_back() {
    let world = World::start(43).await;
    let goods = Goods::of(&world).await;
    let erp_id = world.create(ORDERS, &goods.order()).await;
    let made = world.fields(ORDERS, erp_id).await;
    let first = entry(&made, "lines", &json!({ "amount": "2" })).expect("the first line");
    let second = entry(&made, "lines", &json!({ "price": "12.5" })).expect("the second line");
    let mut more = made.get(&first).cloned().expect("a line");
    more["amount"] = json!("7");
    more["price"] = json!("9.95");
    more["description"] = json!("Dogovorjeno");
    let mut cheap = made.get(&second).cloned().expect("a line");
    cheap["discounts"] = json!(["50"]);
    let warehouse = world.client.warehouses().await.expect("a list").into_iter().flatten().last().expect("a warehouse");
    let changes = [
        json!({ "title": "Drugo ime" }),
        json!({ "notes": "Drugače" }),
        json!({ "partner": goods.party(2) }),
        json!({ "receiver": goods.party(3) }),
        json!({ "delivery_type": "DPD" }),
        json!({ "warehouse": warehouse.mark }),
        json!({ "discount_percent": "7.5" }),
        json!({ "status": { "key": "ready_to_ship" } }),
        json!({ first.as_str(): more }),
        json!({ second.as_str(): cheap }),
        json!({ "lines/n": line(&goods.products[2], "3", "4") }),
        json!({ "status": { "key": "shipped" }, "notes": "Odpremljeno" }),
    ];
    for change in changes {
        world.set(ORDERS, erp_id, change.clone()).await;
        holds(&world.fields(ORDERS, erp_id).await, &pieces(change));
    }
    let mut plain = world.fields(ORDERS, erp_id).await.get(&second).cloned().expect("a line");
    plain.as_object_mut().expect("an object").remove("discounts");
    world
        .set(
            ORDERS,
            erp_id,
            json!({ second.as_str(): plain, first.as_str(): null, "notes": null, "discount_percent": null }),
        )
        .await;
    let now = world.fields(ORDERS, erp_id).await;
    assert_eq!((now.get(&first), now.get("notes"), now.get("discount_percent")), (None, None, None));
    assert_eq!(now.get(&second).and_then(|line| line.get("discounts")), None);
    assert_eq!(now.get("buyer_order"), Some(&json!("CRM-1")));
}

#[tokio::test]
async fn a_line_that_was_added_by_a_lost_call_is_not_added_again() {
    let world = World::start(44).await;
    let goods = Goods::of(&world).await;
    for (object, fields, endpoint) in
        [(ORDERS, goods.order(), "update_document"), (OFFERS, goods.offer(), "put_document")]
    {
        let erp_id = world.create(object, &fields).await;
        let change = json!({ "lines/n": line(&goods.products[2], "3", "4") });
        world.fault(json!({"kind": "commit_then_lose_answer", "endpoint": endpoint, "remaining": 1})).await;
        assert_eq!(world.send(object, &update(erp_id, change.clone())).await, Outcome::Unknown);
        world.set(object, erp_id, change.clone()).await;
        let now = world.fields(object, erp_id).await;
        holds(&now, &pieces(change));
        assert_eq!(now.iter().filter(|(piece, _)| piece.starts_with("lines/")).count(), 3, "{object}");
    }
}

#[tokio::test]
async fn every_shared_piece_of_an_offer_is_changed_and_the_rest_stays() {
    let world = World::start(45).await;
    let goods = Goods::of(&world).await;
    let erp_id = world.create(OFFERS, &goods.offer()).await;
    let mut said = goods.offer();
    said.put("notes", None);
    let changes = [
        json!({ "title": "Druga ponudba" }),
        json!({ "notes": "Velja le danes" }),
        json!({ "partner": goods.party(2) }),
        json!({ "receiver": goods.party(3) }),
        json!({ "valid_to": "2026-03-01" }),
        json!({ "discount_percent": "7.5" }),
        json!({ "lines/c": line(&goods.products[2], "3", "4") }),
    ];
    for change in changes {
        world.set(OFFERS, erp_id, change.clone()).await;
        for (piece, value) in pieces(change).iter() {
            said.put(piece, Some(value));
        }
        holds(&world.fields(OFFERS, erp_id).await, &said);
    }
    // A rewritten line has another id each time.
    let now = world.fields(OFFERS, erp_id).await;
    let first = entry(&now, "lines", &json!({ "amount": "2" })).expect("the first line");
    let second = entry(&now, "lines", &json!({ "price": "12.5" })).expect("the second line");
    let mut more = now.get(&first).cloned().expect("a line");
    more["amount"] = json!("7");
    world.set(OFFERS, erp_id, json!({ first.as_str(): more, second.as_str(): null, "title": null })).await;
    let now = world.fields(OFFERS, erp_id).await;
    assert_eq!(now.iter().filter(|(piece, _)| piece.starts_with("lines/")).count(), 2);
    assert!(entry(&now, "lines", &json!({ "amount": "7", "price": "10" })).is_some());
    assert_eq!(now.get("title"), None);
}

#[tokio::test]
async fn an_offer_of_the_erp_keeps_all_that_it_has_when_a_piece_of_it_is_changed() {
    let world = World::start(46).await;
    let page = world.client.search(&SearchQuery::all(DocumentKind::SalesOffer)).await.expect("a page");
    let (mut written, mut refused) = (0, 0);
    for offer in page.rows.into_iter().flatten().take(40) {
        let before = world.fields(OFFERS, offer.erp_id).await;
        let outcome = world.send(OFFERS, &update(offer.erp_id, json!({ "title": "Zamenjano" }))).await;
        let mut after = world.fields(OFFERS, offer.erp_id).await;
        if outcome == (Outcome::Rejected { code: "not_in_api".to_owned() }) {
            assert_eq!(after, before);
            refused += 1;
            continue;
        }
        assert_eq!(outcome, Outcome::Done { erp_id: offer.erp_id });
        written += 1;
        assert_eq!(after.get("title"), Some(&json!("Zamenjano")));
        after.put("title", before.get("title"));
        let named = |fields: &Fields| {
            let mut rest = fields.clone();
            rest.retain(|piece| !piece.starts_with("lines/"));
            let lines = fields.iter().filter(|(piece, _)| piece.starts_with("lines/")).map(|(_, v)| {
                let mut line = v.clone();
                line.as_object_mut().expect("an object").remove("erp_id");
                line.to_string()
            });
            let mut lines: Vec<String> = lines.collect();
            lines.sort();
            (rest, lines)
        };
        assert_eq!(named(&after), named(&before));
    }
    assert!(written > 0 && refused > 0, "{written} written, {refused} refused: offers with an order stay as they are");
}

#[tokio::test]
async fn an_offer_with_something_that_a_rewrite_would_lose_is_left_alone() {
    let world = World::start(51).await;
    let goods = Goods::of(&world).await;
    let erp_id = world.create(OFFERS, &goods.offer()).await;
    let edit = |fields: Value| json!({ "op": "document.update", "id": erp_id.to_string(), "fields": fields });
    world.edit(edit(json!({ "sales_pricelist_code": "MP", "pariteta": "DAP" }))).await;
    world.set(OFFERS, erp_id, json!({ "title": "Prva" })).await;
    let base = world.client.rewrite_base(DocumentKind::SalesOffer, erp_id).await.expect("it fits");
    assert_eq!(
        base.kept.into_keys().collect::<Vec<_>>(),
        ["pariteta", "sales_pricelist_code"],
        "they are written again"
    );
    world.edit(edit(json!({ "notes_header": "Samo v aplikaciji" }))).await;
    let before = world.fields(OFFERS, erp_id).await;
    let puts = world.calls("put_document").await;
    world.refuses(OFFERS, erp_id, json!({ "title": "Druga" }), "not_in_api").await;
    assert_eq!((world.fields(OFFERS, erp_id).await, world.calls("put_document").await), (before, puts));
}

#[tokio::test]
async fn what_the_api_cannot_do_to_a_document_is_refused_before_anything_is_sent() {
    let world = World::start(47).await;
    let goods = Goods::of(&world).await;
    let (order, offer) = (world.create(ORDERS, &goods.order()).await, world.create(OFFERS, &goods.offer()).await);
    let lines = world.fields(ORDERS, order).await;
    let first = entry(&lines, "lines", &json!({ "amount": "2" })).expect("the first line");
    let mut other = lines.get(&first).cloned().expect("a line");
    other["product"] = json!(goods.products[3].erp_id.to_string());
    let mut unit = lines.get(&first).cloned().expect("a line");
    unit["unit"] = json!("tona");
    let puts = world.calls("put_document").await;
    for change in [
        json!({ "notes": "x", "title": null }),
        json!({ "partner": null }),
        json!({ "receiver": null }),
        json!({ "warehouse": null }),
        json!({ "delivery_type": null }),
        json!({ "status": null }),
        json!({ "status": { "label": "Odpremljen" } }),
        json!({ "buyer_order": "X" }),
        json!({ first.as_str(): other }),
        json!({ first.as_str(): unit }),
    ] {
        world.refuses(ORDERS, order, change, "not_in_api").await;
    }
    for change in [json!({ "partner": null }), json!({ "valid_to": null }), json!({ "date": "2026-01-16" })] {
        world.refuses(OFFERS, offer, change, "not_in_api").await;
    }
    assert_eq!((world.calls("update_document").await, world.calls("put_document").await), (0, puts));
    let deleted = world.send(OFFERS, &Op::Delete { erp_id: offer }).await;
    assert_eq!(deleted, Outcome::Rejected { code: "not_in_api".to_owned() });
}

#[tokio::test]
async fn an_order_is_deleted_and_absent_and_deleting_it_again_is_the_same() {
    let world = World::start(48).await;
    let goods = Goods::of(&world).await;
    let erp_id = world.create(ORDERS, &goods.order()).await;
    for _ in 0..2 {
        assert_eq!(world.send(ORDERS, &Op::Delete { erp_id }).await, Outcome::Done { erp_id });
        is_absent(&Writer::new(&world.client).side(&Lookup::of(ORDERS, erp_id, None)).await.0);
    }
}

#[tokio::test]
async fn an_issued_invoice_is_locked_and_an_order_says_when_it_was_changed() {
    let world = World::start(49).await;
    let page = world.client.search(&SearchQuery::all(DocumentKind::SalesBillDomestic)).await.expect("a page");
    let issued = page.rows.into_iter().flatten().find(|bill| bill.issued).expect("an issued one");
    let known = Record::Document(Box::new(issued.clone()));
    let writer = Writer::new(&world.client);
    let (side, _) = writer.side(&Lookup::of(Object::Invoices, issued.erp_id, Some(&known))).await;
    assert!(matches!(side, Side::Present { locked: true, .. }));
    let goods = Goods::of(&world).await;
    let erp_id = world.create(ORDERS, &goods.order()).await;
    let (side, record) = writer.side(&Lookup::of(ORDERS, erp_id, None)).await;
    let Side::Present { changed_at, locked, fields } = side else { panic!("{side:?}") };
    assert_eq!(fields, Fields::of(&record.expect("a record")));
    assert_eq!((changed_at, locked), (Some("2026-01-15T10:00:00Z".parse().expect("a moment")), false));
}

#[tokio::test]
async fn controls_of_documents_are_found_in_the_way_that_is_searched_in() {
    let world = World::start(50).await;
    let goods = Goods::of(&world).await;
    for (object, fields) in [(ORDERS, goods.order()), (OFFERS, goods.offer())] {
        let known = world.create(object, &fields).await;
        let control = Control::of(&world.record(object, known).await.expect("it is there")).expect("a control");
        let mut next = fields.clone();
        next.put("buyer_order", (object == ORDERS).then(|| json!("CRM-2")).as_ref());
        next.set("partner", goods.party(4));
        let (found, control_found) = world.probe(object, &next, std::slice::from_ref(&control)).await;
        assert_eq!((found, control_found), (Vec::new(), true), "{object}");
        world.fault(json!({"kind": "search_empty", "endpoint": "search"})).await;
        assert!(!world.probe(object, &next, &[control]).await.1, "{object}");
        world.no_faults().await;
    }
}
