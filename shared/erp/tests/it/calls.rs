//! Every call: its path, a request of known fields only, and what is made of the answer.

use domain::{AddressKind, DocumentKind, ErpId, Text};
use erp::{
    client::{
        AddressDraft, AttachmentDraft, Content, Direction, DocumentDraft, Filter, LineDraft, OrderChange,
        PartnerChange, PartnerDraft, PartnerKey, PartyDraft, PaymentDraft, PaymentMark, PaymentMode, PersonDraft,
        PriceDraft, ProductChange, ProductKey, ProductQuery, ProductText, ReportQuery, RowChange, SearchQuery,
        StockQuery,
    },
    samples::{Kind, decode},
};
use jiff::civil::date;
use rust_decimal::Decimal;

use crate::server::{Reply, Server};

/// An answer that satisfies every call.
const OK: &str = r#"{"opr_code":"0","mk_id":"5","count_code":"X-1","result_all_records":"0","result_count":"0",
    "product_list_count":"0","stock_list_count":"0","warehouse_list_count":"0","partner_list_count":"1","partner":{"mk_id":"8"},
    "mk_contact_id":"6","mk_address_id_list":{"mk_id":"7","street":"S"},
    "partner_list":{"mk_id":"5","customer":"Kos d.o.o."}}"#;

fn text(s: &str) -> Text {
    Text::required(s).expect("not empty")
}

fn id(n: u64) -> ErpId {
    ErpId::new(n)
}

fn partner() -> PartnerDraft {
    let address = AddressDraft {
        street: Some(text("Cesta 1")),
        post_code: Some(text("1000")),
        city: Some(text("Ljubljana")),
        country: Some("SI".parse().expect("a country")),
        ..AddressDraft::default()
    };
    PartnerDraft {
        name: text("Kos d.o.o."),
        company: true,
        taxpayer: true,
        foreign: false,
        buyer: true,
        supplier: false,
        tax_number: Some("SI12345678".parse().expect("a number")),
        registration_number: Some(text("1234567000")),
        delivery_address: Some(AddressDraft { kind: Some(AddressKind::Delivery), ..address.clone() }),
        address,
        person: Some(person()),
    }
}

fn person() -> PersonDraft {
    PersonDraft {
        address: Some(id(7)),
        name: Some(text("Ana")),
        email: Some("ana@example.si".parse().expect("an address")),
        mobile: Some(text("031111222")),
        phone: Some(text("015551234")),
        fax: Some(text("015551235")),
        ..PersonDraft::default()
    }
}

fn line() -> LineDraft {
    LineDraft {
        product: Some(id(3)),
        code: Some(text("a")),
        number: Some(text("PA-1")),
        name: Some(text("na ponudbi")),
        description: Some(text("d")),
        amount: Decimal::new(25, 1),
        price: Some(Decimal::new(1050, 2)),
        price_with_tax: None,
        discounts: vec![Decimal::new(22, 0), Decimal::new(235, 1)],
        tax: Some(text("EX4")),
    }
}

fn order() -> DocumentDraft {
    let party = PartyDraft { erp_id: Some(id(8)), address: Some(id(9)), details: Some(partner()) };
    DocumentDraft {
        number: Some(text("PP-1")),
        date: Some(date(2024, 1, 5)),
        title: Some(text("t")),
        notes: Some(text("n")),
        partner: Some(party.clone()),
        receiver: Some(party),
        buyer_order: Some(text("B-1")),
        currency: Some(domain::Currency::EUR),
        warehouse: Some(text("m")),
        delivery_type: Some(text("GLS")),
        payment_method: Some(text("PayPal")),
        status_key: Some(text("shipped")),
        due_date: Some(date(2024, 2, 5)),
        valid_to: Some(date(2024, 2, 6)),
        service_from: Some(date(2024, 1, 1)),
        service_to: Some(date(2024, 1, 31)),
        discount_percent: Some(Decimal::new(5, 0)),
        lines: vec![line(), line()],
        paid: vec![PaymentMark { kind: text("Gotovina"), date: Some(date(2024, 1, 6)) }],
        extra: [("tag".to_owned(), text("x"))].into(),
        meta: [("crm_id".to_owned(), text("y"))].into(),
        kept: [("pariteta", text("DAP"))].into(),
        change_note: Some("č".repeat(60)),
        ..DocumentDraft::new(DocumentKind::SalesOrder)
    }
}

async fn call_everything(server: &Server) -> Result<(), erp::ErpError> {
    let client = server.client();
    let order_kind = DocumentKind::SalesOrder;
    let moment = "2024-01-05T10:00:00Z".parse().expect("a moment");
    let query = SearchQuery {
        text: Some("PP".to_owned()),
        filters: vec![
            Filter::ChangedFrom(moment),
            Filter::ChangedTo(moment),
            Filter::DatedFrom(date(2024, 1, 1)),
            Filter::DatedTo(date(2024, 1, 31)),
            Filter::Paid(false),
            Filter::StatusKeys(vec!["a".to_owned(), "b".to_owned()]),
            Filter::Partner(id(8)),
            Filter::BuyerOrder("B-1".to_owned()),
            Filter::Other { name: "delivery_type".to_owned(), value: "GLS".to_owned() },
        ],
        direction: Direction::Descending,
        ..SearchQuery::all(order_kind)
    };
    client.search(&query).await?;
    client.search_short(&query).await?;
    client.discover_filters().await?;
    client.document(order_kind, id(5)).await?;
    client.document_with_time(order_kind, id(5)).await?;
    client.rewrite_base(order_kind, id(5)).await?;
    let put = client.put_document(&order()).await?;
    assert_eq!((put.erp_id, put.partner), (id(5), Some(id(8))));
    let change = OrderChange {
        status_key: Some(text("shipped")),
        delivery_type: Some(text("GLS")),
        tracking_code: Some(text("T1")),
        shipped_date: Some(date(2024, 1, 9)),
        title: Some(text("t")),
        notes: Some(text("n")),
        discount_percent: Some(Decimal::new(5, 0)),
        warehouse: Some(text("m")),
        number: Some(text("PP-2")),
        partner: order().partner,
        receiver: order().receiver,
        rows: vec![
            RowChange::Add(line()),
            RowChange::Set { row: id(4), line: line() },
            RowChange::Remove { row: id(5) },
        ],
        extra: order().extra,
        clear: vec!["notes_header"],
        change_note: Some("note".to_owned()),
    };
    client.update_order(id(5), &change).await?;
    client.change_order_status(&[id(5), id(6)], "shipped").await?;
    call_with_documents(&client).await?;
    for key in [
        PartnerKey::Id(id(5)),
        PartnerKey::Email("a@b.si"),
        PartnerKey::TaxNumber("SI1"),
        PartnerKey::Name("a"),
        PartnerKey::Phone("1"),
    ] {
        assert_eq!(client.partners(key).await?.len(), 1);
    }
    let added = client.add_partner(&partner()).await?;
    assert_eq!((added.erp_id, added.person, added.addresses), (id(5), Some(id(6)), vec![id(7)]));
    let change = PartnerChange {
        erp_id: id(5),
        name: Some(text("Kos")),
        company: Some(true),
        taxpayer: Some(false),
        buyer: Some(true),
        supplier: Some(false),
        tax_number: partner().tax_number,
        registration_number: None,
        addresses: vec![partner().address],
        persons: vec![person()],
    };
    assert_eq!(client.update_partner(&change).await?.erp_id, id(5));
    call_products_and_stock(&client).await
}

async fn call_with_documents(client: &erp::Client) -> Result<(), erp::ErpError> {
    let kind = DocumentKind::SalesOrder;
    client.update_invoice_status(DocumentKind::SalesBillDomestic, id(5), "draft").await?;
    client.delete_document(kind, id(5)).await?;
    let payment = PaymentDraft {
        document_kind: kind,
        document: id(5),
        mode: PaymentMode::Payment,
        kind: text("Gotovina"),
        cash_register: Some(text("B1")),
        date: date(2024, 1, 9),
        amount: Decimal::new(1230, 2),
        notes: Some(text("n")),
    };
    client.put_payment(&payment).await?;
    let file = |content| AttachmentDraft { file_name: "a.pdf".to_owned(), content };
    let files = [file(Content::Bytes(b"pdf".to_vec())), file(Content::Url("https://example.com/a.pdf".to_owned()))];
    client.add_attachments(kind, id(5), &files).await
}

async fn call_products_and_stock(client: &erp::Client) -> Result<(), erp::ErpError> {
    let change = ProductChange {
        code: Some(text("a")),
        name: Some(text("A")),
        description: Some(text("d")),
        unit: Some(text("kos")),
        barcode: None,
        service: Some(false),
        sales: Some(true),
        purchasing: Some(true),
        active: Some(true),
        weight: Some(Decimal::new(73, 1)),
        min_stock: Some(Decimal::ONE),
        customs_code: Some(text("100200300")),
        origin: Some("IT".parse().expect("a country")),
        prices: vec![PriceDraft {
            list: text("PC"),
            amount_from: Some(Decimal::ZERO),
            amount_to: Some(Decimal::TEN),
            price: Decimal::TWO,
            with_tax: true,
            discount: Some(Decimal::ONE),
            tax: Some(text("EX4")),
        }],
        categories: vec![text("A"), text("B")],
        clear: vec![ProductText::Barcode],
        extra: [("declaration".to_owned(), text("x"))].into(),
    };
    client.add_product(Some("PA-1"), &change).await?;
    client.update_product(&ProductKey::Number("PA-1".to_owned()), &change).await?;
    client.delete_product(&ProductKey::Id(id(5))).await?;
    let query = ProductQuery { number: Some("PA-1".to_owned()), code: Some("a".to_owned()), ..ProductQuery::default() };
    client.products(&query).await?;
    client.warehouses().await?;
    client.stock(&StockQuery { products: vec![id(1), id(2)], warehouses: vec![id(3)], offset: 1000 }).await?;
    Ok(())
}

#[tokio::test]
async fn every_request_goes_to_its_path_with_fields_that_the_erp_knows() {
    let server = Server::start(vec![Reply::json(OK)]).await;
    call_everything(&server).await.expect("every call succeeds");
    let seen = server.seen();
    assert_eq!(seen.len(), 26);
    for request in seen {
        let decoded = decode(&request.path, Kind::Request, request.body.as_bytes()).expect("a known path");
        assert_eq!((decoded.kept, decoded.lost.len()), (0, 0), "{}: {}", request.path, request.body);
    }
}

#[tokio::test]
async fn a_put_document_is_written_as_the_erp_writes() {
    let server = Server::start(vec![Reply::json(OK)]).await;
    server.client().put_document(&order()).await.expect("it succeeds");
    let body = server.seen()[0].body.clone();
    for part in [
        r#""doc_date":"05.01.2024""#,
        r#""amount":"2.5","price":"10.5","discount":"22;23.5""#,
        r#""meta_data":[{"key":"crm_id","value_string":"y"}]"#,
        r#""country":"Slovenia""#,
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    let note = format!(r#""document_change_log_notes":"{}""#, "č".repeat(50));
    assert!(body.contains(&note), "a note is cut to what the ERP takes");
}

#[tokio::test]
async fn a_report_is_a_file_and_json_in_its_place_an_error() {
    let query = ReportQuery {
        report_id: 38,
        document: Some(id(5)),
        params: vec![("REPORT_TYPE".to_owned(), "PDF".to_owned())],
    };
    let server = Server::start(vec![Reply::With(200, "application/pdf", b"%PDF-1.7".to_vec())]).await;
    assert_eq!(server.client().report(&query).await.expect("a file"), b"%PDF-1.7");
    let request = &server.seen()[0];
    assert_eq!(decode(&request.path, Kind::Request, request.body.as_bytes()).expect("known").kept, 0);
    let cases = [
        (Reply::json(r#"{"opr_code":"6","opr_desc":"Report with this token does not exist."}"#), "erp_not_found"),
        (Reply::json(r#"{"opr_code":"0"}"#), "erp_inconsistent"),
        (Reply::With(200, "text/html", b"<html>".to_vec()), "erp_unavailable"),
    ];
    for (reply, code) in cases {
        let server = Server::start(vec![reply]).await;
        assert_eq!(server.client().report(&query).await.expect_err("no file").code(), code);
    }
}

#[tokio::test]
async fn a_duplicate_names_what_is_there_and_was_not_executed() {
    let body = r#"{"opr_code":"6","opr_code_app":"7","opr_desc_app":"Documents with some buyer order exist","duplicate_doc_list":[{"count_code":"PP-1","mk_id":"400000000159"}]}"#;
    let server = Server::start(vec![Reply::json(body)]).await;
    let error = server.client().put_document(&order()).await.expect_err("a duplicate");
    assert_eq!((error.code(), error.effect()), ("erp_duplicate", erp::Effect::NotExecuted));
    assert!(matches!(error, erp::ErpError::Duplicate { existing, .. } if existing == [id(400_000_000_159)]));
}

#[tokio::test]
async fn a_price_list_is_sent_once_with_all_its_tiers() {
    let server = Server::start(vec![Reply::json(OK)]).await;
    let price = |list: &str, from: i64, price: i64| PriceDraft {
        list: text(list),
        amount_from: Some(Decimal::from(from)),
        amount_to: None,
        price: Decimal::from(price),
        with_tax: false,
        discount: None,
        tax: None,
    };
    let prices = vec![price("PC", 0, 5), price("MP", 0, 7), price("PC", 10, 4)];
    let change = ProductChange { prices, clear: vec![ProductText::Description], ..ProductChange::default() };
    server.client().update_product(&ProductKey::Id(id(5)), &change).await.expect("it succeeds");
    let body = server.seen()[0].body.clone();
    for part in [
        r#"{"count_code":"PC","price_def":[{"amount_from":"0","price":"5"},{"amount_from":"10","price":"4"}]}"#,
        r#"{"count_code":"MP","price_def":[{"amount_from":"0","price":"7"}]}"#,
        r#""name_desc":"$REMOVE_STRING_VALUE$""#,
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[tokio::test]
async fn a_rewrite_keeps_what_it_can_say_again_and_names_what_it_would_lose() {
    let plain = r#""mk_id":"5","doc_type":"sales_offer","opr_code":"0","count_code":"P-1","doc_date":"2015-04-20+02:00",
        "partner":{"mk_id":"8","customer":"Ana"},"currency_code":"EUR","status_code":"Odprta","status_desc":"open",
        "sales_pricelist_code":"bruto1","valid_days":"30","sum_basic":"44.4","sum_tax_ex4":"9.77","sum_paid":"0","meta_data":[]"#;
    let row = r#""mk_row_id":"4","mk_id":"3","code":"a","name":"A","name_desc":"artikel","doc_desc":"na ponudbi","amount":"2","price":"10""#;
    let base = async |head: &str, in_row: &str| {
        let answer = format!("{{{plain}{head},\"product_list\":[{{{row}{in_row}}}]}}");
        let server = Server::start(vec![Reply::json(&answer)]).await;
        server.client().rewrite_base(DocumentKind::SalesOffer, id(5)).await.expect("it fits")
    };
    let whole = base("", "").await;
    assert_eq!(whole.lost, Vec::<String>::new());
    assert_eq!(whole.kept, [("sales_pricelist_code", text("bruto1")), ("valid_days", text("30"))].into());
    let own = &whole.rows[0];
    assert_eq!(
        (own.description.clone(), own.product_description.clone()),
        (Some(text("na ponudbi")), Some(text("artikel")))
    );
    for (head, in_row, lost) in [
        (r#","notes_header":"x""#, "", "notes_header"),
        (r#","doc_link_list":[{"mk_id":"9","doc_type":"sales_order"}]"#, "", "doc_link_list"),
        (r#","attachment_list":{"source_url":"https://x"}"#, "", "attachment_list"),
        (r#","something_new":"1""#, "", "something_new"),
        ("", r#","lot_number_value":"L1""#, "product_list.lot_number_value"),
    ] {
        assert_eq!(base(head, in_row).await.lost, [lost]);
    }
    let paid = format!("{{{}}}", plain.replace(r#""sum_paid":"0""#, r#""sum_paid":"5""#));
    let server = Server::start(vec![Reply::json(&paid)]).await;
    let paid = server.client().rewrite_base(DocumentKind::SalesOffer, id(5)).await.expect("it fits");
    assert_eq!(paid.lost, ["sum_paid"]);
}

#[tokio::test]
async fn a_document_was_last_changed_when_its_log_says() {
    let log = r#""document_info":[{"operation_time":"2026-01-15T11:00:00+02:00"},{"operation_time":"2026-01-15T12:30:00+02:00"},{"operation_time":"?"}]"#;
    let document = r#""mk_id":"5","doc_type":"sales_order","opr_code":"0","count_code":"N-1","#;
    let server = Server::start(vec![Reply::json(&format!("{{{document}{log}}}"))]).await;
    let (_, changed) = server.client().document_with_time(DocumentKind::SalesOrder, id(5)).await.expect("it fits");
    assert_eq!(changed, Some("2026-01-15T11:30:00Z".parse().expect("a moment")), "the wall clock of Ljubljana");
}
