//! Odd input: what the CRM may say, what it may not, and that the API shows odd records as they are.

use axum::http::StatusCode;
use domain::{Currency, DocumentKind, ErpId, Line, Record, Status, Sums, Text};
use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::crm::customer;
use crate::support::{World, contact, document, id_of, product, stock};

/// The most that 28 digits say.
const HUGE: &str = "9999999999999999999999999999";
const MARKUP: &str = "<script>alert(1)</script> & \"Sinovi\" <b>d.o.o.</b>";

fn order(more: &Value) -> Value {
    let mut order = json!({
        "partner": { "erp_id": "7" },
        "lines/l1": { "product": "999999999999", "amount": "1", "price": "5" },
    });
    for (piece, value) in more.as_object().expect("pieces") {
        order[piece] = value.clone();
    }
    order
}

fn line(amount: &str) -> Value {
    order(&json!({ "lines/l1": { "product": "999999999999", "amount": amount } }))
}

#[tokio::test]
async fn what_is_odd_but_well_formed_is_taken_as_it_is_said() {
    let world = World::new().await;
    let named = |name: &str| json!({ "name": name, "code": "V-1", "unit": "kos" });
    for (nth, (kind, fields)) in [
        // The product of the line is nobody's: the visit says so, and a person is asked.
        ("orders", line("0")),
        ("orders", line("-3")),
        ("orders", line(HUGE)),
        ("orders", order(&json!({ "currency": "XTS" }))),
        ("orders", order(&json!({ "date": "1900-01-01" }))),
        ("orders", order(&json!({ "date": "2100-12-31", "title": MARKUP }))),
        ("orders", order(&json!({ "status": { "key": "v_presoji" } }))),
        ("contacts", customer(MARKUP)),
        ("products", named(MARKUP)),
    ]
    .into_iter()
    .enumerate()
    {
        let path = format!("/v1/{kind}/odd-{nth}");
        let made = world.edit(&path, None, fields.clone()).await;
        assert_eq!(made.is_record(StatusCode::CREATED)["fields"], fields, "{fields}");
        let read = world.get(1, &path).await;
        assert_eq!((read.is_record(StatusCode::OK), read.header("content-type")), (&made.body, "application/json"));
    }
}

#[tokio::test]
async fn what_is_no_number_day_or_currency_is_refused_at_its_place() {
    let world = World::new().await;
    for (fields, place) in [
        (line("99999999999999999999999999999999"), r#"$.fields["lines/l1"]"#),
        (line("1e3"), r#"$.fields["lines/l1"]"#),
        (line("NaN"), r#"$.fields["lines/l1"]"#),
        (line(""), r#"$.fields["lines/l1"]"#),
        (order(&json!({ "currency": "EURO" })), r#"$.fields["currency"]"#),
        (order(&json!({ "date": "1900-02-29" })), r#"$.fields["date"]"#),
        (order(&json!({ "date": "2100-13-01" })), r#"$.fields["date"]"#),
    ] {
        let refused = world.edit("/v1/orders/o-1", None, fields).await;
        refused.is_refused("invalid_request", place);
    }
    assert_eq!((world.told().await, world.queue.take().len()), (0, 0));
}

#[tokio::test]
async fn a_complaint_is_not_put_but_made_by_an_action_on_its_order() {
    let world = World::new().await;
    let path = "/v1/complaints/c-1";
    for fields in [json!({ "status": { "key": "draft" } }), json!({}), json!({ "title": "Reklamacija" })] {
        let refused = world.edit(path, None, fields).await;
        refused.is_refused("made_by_action", "$.record");
        assert_eq!(refused.status, StatusCode::CONFLICT);
        let remedy = refused.body["remedy"].as_str().expect("a remedy");
        assert!(remedy.contains("`complaint`") && remedy.contains("/v1/documents/"), "{remedy}");
    }
    assert_eq!((world.told().await, world.queue.take().len()), (0, 0), "nothing is kept and nobody is woken");
    let items = json!({ "items": [{ "crm_id": "c-1", "fields": { "status": { "key": "draft" } } }] });
    let bulk = world.post(1, "/v1/complaints/bulk", items).await;
    assert_eq!(bulk.body["results"][0]["code"], "made_by_action", "{}", bulk.body);
    assert_eq!(world.get(1, path).await.code(), "not_found");
    assert_eq!(world.told().await, 0);

    // One that the ERP has is linked as before.
    let complaint = document(5, DocumentKind::Complaint);
    let id = id_of(&world.tenant(1), &complaint).to_string();
    world.load(1, &[complaint]).await;
    let linked =
        world.put(1, path, None, json!({ "fields": { "status": { "key": "completed" } }, "record": id })).await;
    assert_eq!(linked.is_record(StatusCode::OK)["record"], id.as_str());
}

/// An order with everything that nobody expects.
fn odd_order() -> Record {
    let Record::Document(mut order) = document(3, DocumentKind::SalesOrder) else { panic!("a document") };
    let huge: Decimal = HUGE.parse().expect("28 digits");
    let line = |amount: Decimal| Line {
        erp_id: None,
        product: Some(ErpId::new(999_999_999_999)),
        code: None,
        name: Some(Text::required(MARKUP).expect("text")),
        description: None,
        unit: None,
        amount,
        price: Some(Decimal::from(-5)),
        price_with_tax: None,
        discounts: vec![],
        tax: None,
        making: domain::Making::default(),
    };
    order.title = Some(Text::required(MARKUP).expect("text"));
    order.currency = Currency::parse("XTS").expect("three letters");
    (order.date, order.due_date) = (Some(date(1900, 1, 1)), Some(date(2100, 12, 31)));
    order.status = Status { label: None, key: Some(Text::required("v_presoji").expect("text")) };
    order.lines = vec![line(Decimal::ZERO), line(huge), line(-huge)];
    order.sums = Sums { gross: Some(huge), paid: Some(-huge), ..Sums::default() };
    Record::Document(order)
}

#[tokio::test]
async fn odd_records_of_the_erp_are_shown_as_they_are() {
    let world = World::new().await;
    let records = [odd_order(), contact(7, MARKUP), product(8, MARKUP), stock(8, -7)];
    let ids = records.clone().map(|record| id_of(&world.tenant(1), &record));
    world.load(1, &records).await;
    let get = async |path: String| {
        let answer = world.get(1, &path).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"), "{path}");
        answer.body
    };
    let order = get(format!("/v1/documents/{}", ids[0])).await;
    assert_eq!((&order["title"], &order["currency"]), (&json!(MARKUP), &json!("XTS")));
    assert_eq!((&order["date"], &order["due_date"]), (&json!("1900-01-01"), &json!("2100-12-31")));
    let amounts: Vec<_> = order["lines"].as_array().expect("lines").iter().map(|line| &line["amount"]).collect();
    assert_eq!(amounts, ["0", HUGE, &format!("-{HUGE}")]);
    let story = get(format!("/v1/documents/{}/timeline", ids[0])).await;
    let state = &story["derived"]["status"];
    assert_eq!((&state["meaning"], &state["mapping"]), (&Value::Null, &json!("unknown")), "{story}");
    get(format!("/v1/documents/{}/actions", ids[0])).await;
    assert_eq!(get(format!("/v1/contacts/{}", ids[1])).await["name"], MARKUP);
    assert_eq!(get(format!("/v1/products/{}", ids[2])).await["name"], MARKUP);
    let stock = get(format!("/v1/stock/{}", ids[3])).await;
    assert_eq!(stock["levels"][0]["on_hand"], "-7", "{stock}");
}
