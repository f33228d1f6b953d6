//! Whole records, as they come and as they become.

use domain::{AddressKind, Contact, Document, DocumentKind, Product};
use rust_decimal::Decimal;

use super::{At, Problem, Refusal, contact, document, product};
use crate::{
    json::Reader,
    wire::{self, Fields, Rows, Value},
};

fn read<'a, T: Fields<'a>>(body: &'a str) -> Rows<'a, T> {
    Rows::read(&mut Reader::of(body)).expect("well-formed")
}

fn as_document(body: &str) -> Result<Document, Refusal> {
    let rows = read::<wire::Document<'_>>(body);
    document(rows.objects().next().expect("an object"), Some(DocumentKind::SalesOrder), At::Root)
}

fn as_contact(body: &str) -> Result<Contact, Refusal> {
    contact(read::<wire::Partner<'_>>(body).objects().next().expect("an object"), At::Root)
}

fn as_product(body: &str) -> Result<Product, Refusal> {
    product(read::<wire::Product<'_>>(body).objects().next().expect("an object"), At::Root)
}

fn dec(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[test]
fn a_document_comes_with_lines_sums_payments_and_links() {
    let document = as_document(
        r#"{"mk_id":1600203487,"count_code":"PP-1","doc_date":"2024-01-15+02:00","status_code":"Odpremljen",
        "status_desc":"shipped","currency_code":"usd","partner":{"mk_id":"7","mk_address_id":"8","customer":" Kos  d.o.o."},
        "product_list":{"mk_row_id":"3","code":"a","amount":"-1.50","price_with_tax":"19,99","discount":"22;23"},
        "mark_paid":[{"payment_type":"Gotovina","date":"15.03.2017","amount":"1.895,01"},{"amount":"1.895"}],
        "sum_basic":"10.0000","sum_tax_EX4":"2.2","sum_tax_085":"0","sum_tax_ex4":"9","sum_all":"12.2",
        "doc_link_list":{"mk_id":"5","doc_type":"sales_bill_domestic","count_code":"1-MK-1"},
        "extra_column":[{"name":"tag","value":"a"},{"name":"tag","value":"b"}],
        "meta_data":{"key":"crm","value_string":"x"},"publish_ts":"2024-01-15T10:00:00+02:00"}"#,
    );
    let document = document.expect("it fits");
    assert_eq!((document.currency.code(), document.issued), ("USD", true));
    assert_eq!(document.partner.and_then(|party| party.name).expect("a name").as_str(), "Kos d.o.o.");
    let line = &document.lines[0];
    assert_eq!((line.amount, line.price_with_tax), (dec("-1.5"), Some(dec("19.99"))));
    assert_eq!(line.discounts, [dec("22"), dec("23")]);
    let amounts: Vec<_> = document.payments.iter().map(|payment| payment.amount).collect();
    assert_eq!(amounts, [Some(dec("1895.01")), Some(dec("1895"))]);
    assert_eq!(document.links.len(), 1);
    assert_eq!(document.extra.keys().collect::<Vec<_>>(), ["tag", "tag#2"]);
    assert_eq!(document.sums.taxes["085"], Decimal::ZERO);
}

#[test]
fn an_order_comes_with_its_shipment_and_the_rates_of_its_tax_codes() {
    let document = as_document(
        r#"{"mk_id":"1","count_code":"PP-1","tracking_url":"https://gls.example/1",
        "extra_column":[{"name":"tracking_number","value":"GLS1"},{"name":"tracking_url","value":"https://old.example"}],
        "delivery_service_events":[{"event_code":"3","event_date":"2020-04-18T10:05:00+02:00","event_status":"Dostavljena"},
        {"event_code":"1","event_date":"2020-04-17+02:00","event_status":"In transit","event_place":"Kranj"},
        {"event_date":"2020-04-17+02:00"},{"event_code":"0"}],
        "product_list":[{"amount":"1","tax":"EX4","tax_factor":"0.22"},{"amount":"1","tax":"ex4","tax_factor":"0.220"},
        {"amount":"1","tax":"085","tax_factor":"0.095"},{"amount":"1","tax":"EX1","tax_factor":"0.22"},
        {"amount":"1","tax":"EX1","tax_factor":"0.25"},{"amount":"1","tax":"EX2"}],
        "installment_list":[{"installment_date":"2020-06-01+02:00","installment_amount":"50.00"},
        {"installment_date":"2020-05-01+02:00","installment_amount":"25.5"},{"installment_date":"2020-05-01+02:00"}]}"#,
    );
    let document = document.expect("it fits");
    let tracking = [document.tracking.number, document.tracking.url].map(|t| t.expect("there").to_string());
    assert_eq!(tracking, ["GLS1", "https://gls.example/1"]);
    let events: Vec<_> = document.delivery_events.iter().map(|e| (e.date.to_string(), e.at.is_some())).collect();
    assert_eq!(events, [("2020-04-17".to_owned(), false), ("2020-04-18".to_owned(), true)], "the oldest first");
    assert_eq!(document.delivery_events[0].place.as_ref().expect("a place").as_str(), "Kranj");
    assert_eq!(document.delivery_events[1].at.expect("a moment").to_string(), "2020-04-18T08:05:00Z");
    let rates: Vec<_> = document.sums.rates.iter().map(|(code, rate)| (code.as_str(), *rate)).collect();
    assert_eq!(rates, [("085", dec("0.095")), ("ex4", dec("0.22"))], "two rates of one code say nothing");
    let parts: Vec<_> = document.installments.iter().map(|i| (i.due.to_string(), i.amount)).collect();
    assert_eq!(parts, [("2020-05-01".to_owned(), dec("25.5")), ("2020-06-01".to_owned(), dec("50"))]);
}

#[test]
fn a_value_that_does_not_fit_is_named_by_its_path() {
    let refusal =
        |head: &str| as_document(&format!(r#"{{"mk_id":"1","count_code":"1",{head}}}"#)).expect_err("it does not fit");
    let cases = [
        (r#""product_list":[{"amount":"1"},{"amount":"1e999"}]"#, "product_list[1].amount", "unreadable"),
        (r#""product_list":[{"amount":NAN}]"#, "product_list[0].amount", "unreadable"),
        (r#""product_list":{"amount":{"x":1}}"#, "product_list[0].amount", "unexpected_shape"),
        (r#""product_list":"x""#, "product_list[0]", "unexpected_shape"),
        (r#""product_list":[{}]"#, "product_list[0].amount", "missing"),
        (r#""mark_paid":{"date":"2021-11-205+02:00"}"#, "mark_paid[0].date", "unreadable"),
        (r#""partner":[{"mk_id":"1"},{"mk_id":"2"}]"#, "partner", "several_values"),
        (r#""partner":{"customer":"x"}"#, "partner.mk_id", "missing"),
        (r#""title":"a\ud83d""#, "title", "bad_text"),
        (r#""title":"a\u0000""#, "title", "bad_text"),
        (r#""currency_code":"evro""#, "currency_code", "invalid_value"),
        (r#""sum_all":"1,895""#, "sum_all", "ambiguous_number"),
        (r#""doc_type":"sales_offer""#, "doc_type", "unreadable"),
        (
            r#""delivery_service_events":{"event_date":"yesterday","event_code":"1"}"#,
            "delivery_service_events[0].event_date",
            "unreadable",
        ),
    ];
    for (head, path, code) in cases {
        let refusal = refusal(&head.replace("NAN", "\"NaN\""));
        assert_eq!((refusal.path.as_str(), refusal.code()), (path, code), "{head}");
    }
    assert_eq!(as_document(r#"{"count_code":"1"}"#).expect_err("no id").path, "mk_id");
    let id = as_document(r#"{"mk_id":"12x","count_code":"1"}"#).expect_err("no id");
    assert!(matches!(id.problem, Problem::Invalid(_)), "{id}");
}

#[test]
fn a_personal_value_that_does_not_fit_is_not_repeated() {
    let refusal = as_contact(r#"{"mk_id":"1","customer":"Ana","partner_contact_list":{"email":"ana at example"}}"#);
    let refusal = refusal.expect_err("no address");
    assert_eq!(refusal.path, "partner_contact_list[0].email");
    assert!(!format!("{refusal} {refusal:?}").contains("example"));
}

#[test]
fn a_partner_becomes_a_contact_with_sorted_addresses_and_persons() {
    let contact = as_contact(
        r#"{"mk_id":"1","customer":"Kos d.o.o.","business_entity":"true","tax_id_number":"si 12345678","count_code":"P1",
        "partner_contact_list":[{"mk_id":"9","gsm":"031 111 222"},{"mk_id":"8","mk_address_id":"3","email":"Info@Kos.si"}],
        "partner_delivery_address_list":[{"mk_id":"4","address_type":"Dobava"},{"mk_id":"3","address_type":"Račun",
        "city":"Kranj","country":"Slovenija","payment_due_days":"15","currency":"EUR"},{"mk_id":"5","address_type":"Gradbišče"}],
        "discounts":[{"categories":"Knjige","discount_percent":"10.00"},{"categories":["A","B"],"discount_percent":"5","override_existing":"true"}]}"#,
    );
    let contact = contact.expect("it fits");
    assert_eq!((contact.company, contact.taxpayer), (true, None));
    let kinds: Vec<_> = contact.addresses.iter().map(|address| &address.kind).collect();
    assert!(matches!(kinds[..], [AddressKind::Billing, AddressKind::Delivery, AddressKind::Other(_)]));
    assert_eq!(contact.persons[0].email.as_ref().expect("an address").as_str(), "info@kos.si");
    assert_eq!(contact.persons[1].mobile.as_ref().expect("a number").as_str(), "+38631111222");
    assert_eq!(contact.discounts[1].categories.len(), 2);
}

#[test]
fn a_partner_without_a_list_of_addresses_has_the_one_it_carries() {
    let contact = as_contact(r#"{"mk_id":"1","customer":"Ana","street":"Cesta 1","place":"Kranj"}"#).expect("it fits");
    assert_eq!(contact.addresses.len(), 1);
    assert_eq!(contact.addresses[0].city.as_ref().expect("a city").as_str(), "Kranj");
}

#[test]
fn a_product_comes_with_a_price_for_each_list_and_tier() {
    let product = as_product(
        r#"{"mk_id":"1","code":"a","name":"A","unit":"kos","weight":"863,75","sales":"true","localization":{"language":"en","name":"An A"},
        "pricelist":[{"count_code":"PC","currency_code":"EUR","sales_purchase":"purchase","price_def":{"price":"2"}},
        {"count_code":"PB","title":"cenik 1","buyer":" Janez  Novak","valid_from":"2009-05-10+02:00","price_def":[
        {"amount_from":"10","price_with_tax":"1.220","tax":"EX4","tax_desc":"22","tax_factor":"0.220"},{"amount_from":"0","price":"","price_with_tax":"3"}]},
        {"count_code":"PE","price_def":{"discount":"5"}},{"count_code":"PF"}],
        "category_tree_list":{"tree_node_label":"A","tree_node_list":[{"tree_node_label":"B"},{"tree_node_label":"C"}]}}"#,
    );
    let product = product.expect("it fits");
    assert_eq!((product.weight, product.active, product.service), (Some(dec("863.75")), true, false));
    let prices: Vec<_> =
        product.prices.iter().map(|p| (p.list.as_str(), p.sales, p.with_tax, p.price.to_string())).collect();
    assert_eq!(
        prices,
        [("PB", true, true, "3".into()), ("PB", true, true, "1.22".into()), ("PC", false, false, "2".into())]
    );
    let of_list: Vec<_> = product
        .prices
        .iter()
        .map(|p| {
            (p.list_title.as_ref().map(ToString::to_string), p.buyer.as_ref().map(ToString::to_string), p.tax_percent)
        })
        .collect();
    let named = |percent| (Some("cenik 1".to_owned()), Some("Janez Novak".to_owned()), percent);
    assert_eq!(of_list, [named(None), named(Some(dec("22"))), (None, None, None)]);
    let path: Vec<_> = product.categories.iter().map(domain::Text::as_str).collect();
    assert_eq!(path, ["A", "B"]);
    assert_eq!(product.translations["en"].as_str(), "An A");
    let ambiguous =
        as_product(r#"{"mk_id":"1","code":"a","name":"A","unit":"kos","weight":"1.895"}"#).expect_err("two ways");
    assert_eq!((ambiguous.path.as_str(), ambiguous.code()), ("weight", "ambiguous_number"));
}
