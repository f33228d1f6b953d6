//! The client against the ERP simulator: every record of a company, and writes with their effects.
#![expect(clippy::disallowed_methods, reason = "the test's own server and client")]

use domain::{Document, DocumentKind, Object, Text};
use erp::{
    Client, ClientConfig, Effect, ErpError,
    client::{
        AttachmentDraft, ComplaintDraft, Content, DocumentDraft, Filter, LineDraft, OrderChange, Page, PartnerKey,
        PartyDraft, PaymentDraft, PaymentMode, ProductQuery, ReportQuery, RetryPolicy, SearchQuery, StockQuery,
    },
};
use erp_sim::{Clock, CompanySpec, Sim, SimConfig};
use jiff::civil::date;
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) const COMPANY: &str = "1600";

pub(crate) struct World {
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) control: reqwest::Client,
}

impl World {
    pub(crate) async fn start(seed: u64) -> Self {
        let clock = Clock::manual("2026-01-15T10:00:00Z".parse().expect("an instant"));
        let company = CompanySpec { company_id: COMPANY.to_owned(), secret_key: "key".to_owned() };
        let sim = Sim::new(SimConfig { seed, scale: 1, clock, companies: vec![company], seeded_at: None });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(sim.serve(listener));
        let mut config = ClientConfig::new(url.as_str(), COMPANY, SecretString::from("key"));
        config.retry = RetryPolicy::at_once();
        let control = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { client: Client::new(config).expect("a client"), url, control }
    }

    pub(crate) async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let request = self.control.request(method, format!("{}/control{path}", self.url));
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.expect("a text")).expect("JSON")
    }

    async fn fault(&self, fault: Value) {
        self.control(reqwest::Method::POST, "/faults", fault).await;
    }

    pub(crate) async fn counts(&self) -> Value {
        self.control(reqwest::Method::GET, &format!("/companies/{COMPANY}/counts"), Value::Null).await
    }

    /// All documents of a kind, page by page.
    async fn documents(&self, kind: DocumentKind) -> Vec<Document> {
        let mut documents = Vec::new();
        loop {
            let query = SearchQuery { offset: documents.len() as u64, ..SearchQuery::all(kind) };
            let page = self.client.search(&query).await.expect("a page");
            documents.extend(page.rows.into_iter().map(|row| row.expect("it fits")));
            if documents.len() as u64 >= page.total {
                return documents;
            }
        }
    }

    /// An order of one product for a partner that is there.
    async fn order(&self, number: &str) -> DocumentDraft {
        let known = self.client.search(&SearchQuery::all(DocumentKind::SalesOrder)).await.expect("a page");
        let partner = known.rows.into_iter().flatten().find_map(|order| order.partner).expect("a partner");
        let products = self.client.products(&ProductQuery::default()).await.expect("a page");
        let product = products.rows.into_iter().flatten().find(|product| product.sales).expect("a product");
        DocumentDraft {
            date: Some(date(2026, 1, 15)),
            partner: Some(PartyDraft { erp_id: Some(partner.erp_id), ..PartyDraft::default() }),
            buyer_order: Some(text(number)),
            lines: vec![LineDraft {
                product: Some(product.erp_id),
                code: Some(product.code),
                number: product.number,
                name: None,
                description: None,
                amount: Decimal::TWO,
                price: Some(Decimal::TEN),
                price_with_tax: None,
                discounts: Vec::new(),
                tax: Some(text("EX4")),
            }],
            ..DocumentDraft::new(DocumentKind::SalesOrder)
        }
    }

    async fn by_buyer_order(&self, number: &str) -> Page<Document> {
        let filters = vec![Filter::BuyerOrder(number.to_owned())];
        self.client
            .search(&SearchQuery { filters, ..SearchQuery::all(DocumentKind::SalesOrder) })
            .await
            .expect("a page")
    }
}

fn text(s: &str) -> Text {
    Text::required(s).expect("not empty")
}

#[tokio::test]
async fn every_record_of_a_company_is_read_and_fits() {
    let world = World::start(3).await;
    let counts = world.counts().await;
    let mut partners = BTreeSet::new();
    for object in [Object::Offers, Object::Orders, Object::Invoices, Object::CreditNotes] {
        let mut read = 0;
        for kind in DocumentKind::of(object) {
            let documents = world.documents(kind).await;
            read += documents.len();
            partners
                .extend(documents.iter().filter_map(|document| document.partner.as_ref()).map(|party| party.erp_id));
            let Some(one) = documents.first() else { continue };
            assert_eq!(&world.client.document(kind, one.erp_id).await.expect("it is there"), one, "alone as on a page");
        }
        assert_eq!(counts[object.name()], read, "{object}");
    }
    for partner in partners.into_iter().take(40) {
        let found = world.client.partners(PartnerKey::Id(partner)).await.expect("it is there");
        assert_eq!(found.into_iter().map(|row| row.expect("it fits").erp_id).collect::<Vec<_>>(), [partner]);
    }
}

#[tokio::test]
async fn products_warehouses_and_stock_are_read_and_fit() {
    let world = World::start(4).await;
    let counts = world.counts().await;
    let (mut products, mut next) = (Vec::new(), Some(0));
    while let Some(offset) = next {
        let query = ProductQuery { offset, limit: Some(200), ..ProductQuery::default() };
        let page = world.client.products(&query).await.expect("a page");
        products.extend(page.rows.into_iter().map(|row| row.expect("it fits")));
        next = page.next;
    }
    assert_eq!(counts["products"], products.len());
    assert!(products.iter().any(|product| !product.prices.is_empty() && !product.categories.is_empty()));
    let warehouses = world.client.warehouses().await.expect("a list");
    assert_eq!(counts["warehouses"], warehouses.into_iter().flatten().count());
    let (mut rows, mut coming, mut next) = (Vec::new(), Vec::new(), Some(0));
    while let Some(offset) = next {
        let page = world.client.stock(&StockQuery { offset, ..StockQuery::default() }).await.expect("a page");
        rows.extend(page.rows.into_iter().map(|row| row.expect("it fits")));
        coming.extend(page.incoming.into_iter().map(|row| row.expect("it fits")));
        next = page.next;
    }
    let stock = erp::aggregate(rows, coming);
    assert_eq!(counts["stock"], stock.len());
    let some = StockQuery { products: stock[..3].iter().map(|stock| stock.erp_id).collect(), ..StockQuery::default() };
    let page = world.client.stock(&some).await.expect("a page");
    let seen = erp::aggregate(page.rows.into_iter().flatten(), page.incoming.into_iter().flatten());
    assert_eq!(seen, stock[..3]);
}

#[tokio::test]
async fn a_short_row_is_of_the_document_that_the_whole_row_shows() {
    let world = World::start(5).await;
    let query = SearchQuery { limit: 7, ..SearchQuery::all(DocumentKind::SalesOrder) };
    let short = world.client.search_short(&query).await.expect("a page");
    let whole = world.client.search(&query).await.expect("a page");
    let short: Vec<_> = short.rows.into_iter().flatten().map(|row| (row.erp_id, row.number)).collect();
    let whole: Vec<_> = whole.rows.into_iter().flatten().map(|row| (row.erp_id, Some(row.number))).collect();
    assert_eq!(short, whole);
    let types = world.client.discover_filters().await.expect("a list");
    assert!(types.iter().any(|found| found.doc_type == "sales_order" && found.name == "last_change_from"));
}

#[tokio::test]
async fn an_order_lives_from_put_to_delete() {
    let world = World::start(6).await;
    let client = &world.client;
    let put = client.put_document(&world.order("CRM-1").await).await.expect("an order");
    let found: Vec<_> = world.by_buyer_order("CRM-1").await.rows.into_iter().flatten().collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].erp_id, found[0].partner.as_ref().map(|party| party.erp_id)), (put.erp_id, put.partner));
    assert_eq!((found[0].lines.len(), found[0].sums.net), (1, Some(Decimal::from(20))));
    let change = OrderChange { notes: Some(text("Pokličite prej")), ..OrderChange::default() };
    client.update_order(put.erp_id, &change).await.expect("changed");
    let read = client.document(DocumentKind::SalesOrder, put.erp_id).await.expect("it is there");
    assert_eq!(read.notes, change.notes);
    let files = [AttachmentDraft { file_name: "a.pdf".to_owned(), content: Content::Bytes(b"%PDF".to_vec()) }];
    client.add_attachments(DocumentKind::SalesOrder, put.erp_id, &files).await.expect("attached");
    let payment = PaymentDraft {
        document_kind: DocumentKind::SalesOrder,
        document: put.erp_id,
        mode: PaymentMode::Prepayment,
        kind: text("Transakcijski račun"),
        cash_register: None,
        date: date(2026, 1, 15),
        amount: Decimal::TEN,
        notes: None,
    };
    client.put_payment(&payment).await.expect("booked");
    client.delete_document(DocumentKind::SalesOrder, put.erp_id).await.expect("deleted");
    let gone = client.document(DocumentKind::SalesOrder, put.erp_id).await.expect_err("it is gone");
    assert!(matches!(gone, ErpError::NotFound { .. }), "{gone:?}");
    assert_eq!(world.by_buyer_order("CRM-1").await.total, 0);
}

#[tokio::test]
async fn a_report_of_an_invoice_is_a_pdf() {
    let world = World::start(7).await;
    let page = world.client.search(&SearchQuery::all(DocumentKind::SalesBillDomestic)).await.expect("a page");
    let invoice = page.rows.into_iter().flatten().next().expect("an invoice");
    let query = ReportQuery { report_id: 38, document: Some(invoice.erp_id), params: Vec::new() };
    assert!(world.client.report(&query).await.expect("a file").starts_with(b"%PDF"));
}

#[tokio::test]
async fn a_lost_answer_has_an_unknown_effect_and_the_order_is_there_once() {
    let world = World::start(8).await;
    let order = world.order("CRM-2").await;
    world.fault(json!({"kind": "commit_then_lose_answer", "endpoint": "put_document", "remaining": 1})).await;
    let lost = world.client.put_document(&order).await.expect_err("the answer is lost");
    assert_eq!((lost.code(), lost.effect()), ("erp_unreachable", Effect::Unknown));
    assert_eq!(world.by_buyer_order("CRM-2").await.total, 1);
}

#[tokio::test]
async fn a_second_order_with_the_number_of_the_first_names_the_first() {
    let world = World::start(9).await;
    let settings = json!({"unique_buyer_order": "on"});
    world.control(reqwest::Method::PATCH, &format!("/companies/{COMPANY}/settings"), settings).await;
    let order = world.order("CRM-3").await;
    let first = world.client.put_document(&order).await.expect("the first");
    let second = world.client.put_document(&order).await.expect_err("a duplicate");
    assert_eq!(second.effect(), Effect::NotExecuted);
    assert!(matches!(second, ErpError::Duplicate { existing, .. } if existing == [first.erp_id]));
}

#[tokio::test]
async fn a_fault_that_passes_does_not_fail_a_read_and_one_that_stays_has_its_code() {
    let world = World::start(10).await;
    let query = SearchQuery::all(DocumentKind::SalesOffer);
    for (kind, code) in [
        ("connection_reset", "erp_unreachable"),
        ("http_status", "erp_unavailable"),
        ("html_200", "erp_unavailable"),
        ("empty_body", "erp_unavailable"),
        ("quota", "erp_quota"),
    ] {
        world.fault(json!({"kind": kind, "endpoint": "search", "remaining": 1})).await;
        world.client.search(&query).await.expect(kind);
        world.fault(json!({"kind": kind, "endpoint": "search", "remaining": 3})).await;
        assert_eq!(world.client.search(&query).await.expect_err(kind).code(), code, "{kind}");
    }
    for (kind, code) in [
        ("not_utf8", "erp_malformed"),
        ("opr_code_1", "erp_failed"),
        ("short_page", "erp_inconsistent"),
        ("auth", "credentials_invalid"),
        ("ip", "erp_ip_denied"),
    ] {
        world.fault(json!({"kind": kind, "endpoint": "search", "remaining": 1, "rows": 2})).await;
        assert_eq!(world.client.search(&query).await.expect_err(kind).code(), code, "{kind}");
    }
}

#[tokio::test]
async fn a_complaint_a_file_and_the_order_of_an_offer_are_found_again() {
    let world = World::start(11).await;
    let client = &world.client;
    let before = client.newest_complaints().await.expect("a list");
    let page = client.search(&SearchQuery::all(DocumentKind::SalesOffer)).await.expect("a page");
    let offer = page.rows.into_iter().flatten().next().expect("an offer");
    let draft = DocumentDraft { offer: Some(offer.number.clone()), ..world.order("CRM-9").await };
    let order = client.put_document(&draft).await.expect("an order").erp_id;
    let read = client.document(DocumentKind::SalesOrder, order).await.expect("it is there");
    assert!(read.links.iter().any(|link| link.erp_id == offer.erp_id), "{:?}", read.links);
    let line = &read.lines[0];
    let complaint = ComplaintDraft {
        claim_type: "return",
        user_email: text("ana@example.com"),
        order: read.number.clone(),
        reason: Some(text("napaka")),
        description: Some(text("[A-1] ne dela")),
        lines: vec![(line.product.expect("a product"), line.code.clone().expect("a code"), Decimal::ONE)],
    };
    client.create_complaint(&complaint).await.expect("filed");
    let after = client.newest_complaints().await.expect("a list");
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(after[0].description, complaint.description, "the newest first");
    assert_eq!(client.attachments(DocumentKind::SalesOrder, order).await.expect("a list"), Vec::<String>::new());
    let files = [AttachmentDraft { file_name: "a.pdf".to_owned(), content: Content::Bytes(b"%PDF".to_vec()) }];
    client.add_attachments(DocumentKind::SalesOrder, order, &files).await.expect("attached");
    assert_eq!(client.attachments(DocumentKind::SalesOrder, order).await.expect("a list").len(), 1);
}
