//! Odd data of the ERP: read as it is, or set aside and named; nothing is lost, and nothing else suffers.

use app::registers::known;
use domain::{Derived, Document, DocumentKind, ErpId, Object, Record, derive};
use jiff::civil::date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::world::{World, succeeded};

/// The most that 28 digits say.
const HUGE: &str = "9999999999999999999999999999";
const MARKUP: &str = "<script>alert(1)</script> & \"Sinovi\" <b>d.o.o.</b>";

struct Odd {
    w: World,
    partner: ErpId,
    product: (ErpId, Value),
}

impl Odd {
    async fn new(seed: u64) -> Self {
        let w = World::new(seed).await;
        succeeded(&w.connected(0, 0).await);
        let all = w.records(0).await;
        let order = all.values().find_map(|r| match r {
            Record::Document(d) if d.kind == DocumentKind::SalesOrder => d.partner.as_ref().map(|p| p.erp_id),
            _ => None,
        });
        // Goods that nobody has ordered from a supplier or reserved say exactly what is set.
        let stocked = all.iter().find_map(|((_, id), r)| match r {
            Record::Stock(s)
                if s.incoming.is_empty() && s.levels.iter().all(|l| l.reserved.is_none_or(|a| a.is_zero())) =>
            {
                Some(*id)
            }
            _ => None,
        });
        let product = stocked.expect("goods");
        let Record::Product(known) = &all[&(Object::Products, product)] else { panic!("a product") };
        let code = json!(known.code);
        Self { w, partner: order.expect("an order"), product: (product, code) }
    }

    /// A document that a user of the ERP makes; its id.
    async fn document(&self, kind: DocumentKind, more: Value) -> ErpId {
        let mut document = json!({
            "partner": { "mk_id": self.partner.to_string() },
            "product_list": [{ "code": self.product.1, "amount": "1", "price": "100" }],
        });
        for (name, value) in more.as_object().expect("fields") {
            document[name] = value.clone();
        }
        let made =
            self.w.edit(json!({ "op": "document.create", "doc_type": kind.erp_name(), "document": document })).await;
        made["id"].as_str().expect("an id").parse().expect("an id")
    }

    async fn read(&self, id: ErpId, kind: DocumentKind) -> Document {
        match self.w.records(0).await.remove(&(kind.object(), id)) {
            Some(Record::Document(document)) => *document,
            other => panic!("{kind:?} {id}: {other:?}"),
        }
    }

    /// What follows from a document today; that there is an answer at all is half of the test.
    async fn derived(&self, document: &Document) -> Derived {
        let known = known(&self.w.tenant(0)).await.expect("the table");
        derive(document, &known.meanings, date(2026, 3, 10))
    }
}

#[tokio::test]
async fn numbers_and_days_that_nobody_expects_are_read_as_they_are() {
    let odd = Odd::new(111).await;
    let (product, code) = odd.product.clone();
    odd.w.edit(json!({ "op": "stock.set", "product": product.to_string(), "warehouse": "LJ", "amount": "-7.5" })).await;
    let rows = json!([
        { "code": code, "amount": "0", "price": "5" },
        { "code": code, "amount": HUGE, "price": "0" },
        { "code": code, "amount": "1000000000000000", "price": "1000000" },
    ]);
    let order = odd
        .document(
            DocumentKind::SalesOrder,
            json!({ "doc_date": "1900-01-01", "product_list": rows, "status_code": "canceled" }),
        )
        .await;
    let bill = json!({ "doc_date": "2100-12-31", "duo_payment": "1900-01-01", "service_to_date": "2100-12-31" });
    let bill = odd.document(DocumentKind::SalesBillDomestic, bill).await;
    odd.w.edit(json!({ "op": "publish", "id": bill.to_string() })).await;

    succeeded(&odd.w.full_run(0).await);
    assert_eq!(odd.w.table_counts(0).await, odd.w.erp_counts(0).await);
    let all = odd.w.records(0).await;
    let Record::Stock(stock) = &all[&(Object::Stock, product)] else { panic!("stock") };
    let lowest = stock.levels.iter().map(|level| level.on_hand).min();
    assert_eq!(lowest, Some(Decimal::new(-75, 1)));
    let read = odd.read(order, DocumentKind::SalesOrder).await;
    let amounts: Vec<String> = read.lines.iter().map(|line| line.amount.to_string()).collect();
    assert_eq!(amounts, ["0", HUGE, "1000000000000000"]);
    assert_eq!((read.date, read.sums.net), (Some(date(1900, 1, 1)), Some(Decimal::from(10_u128.pow(21)))));
    odd.derived(&read).await;
    let read = odd.read(bill, DocumentKind::SalesBillDomestic).await;
    assert_eq!((read.date, read.due_date), (Some(date(2100, 12, 31)), Some(date(1900, 1, 1))));
    let due = odd.derived(&read).await.due.expect("an invoice");
    assert_eq!((due.state, due.days), (domain::derived::Due::Overdue, Some(46_089)));
}

#[tokio::test]
async fn markup_in_names_is_text_and_a_product_that_is_not_known_stays_on_its_line() {
    let odd = Odd::new(112).await;
    let (product, _) = odd.product.clone();
    let partner = odd.partner.to_string();
    odd.w.edit(json!({ "op": "partner.update", "id": partner, "fields": { "customer": MARKUP } })).await;
    odd.w.edit(json!({ "op": "product.update", "id": product.to_string(), "fields": { "name": MARKUP } })).await;
    // The row makes a product that no run has read yet.
    let rows = json!([{ "code": "NEZNAN-1", "name": MARKUP, "unit": "kos", "amount": "2", "price": "3" }]);
    let order = odd.document(DocumentKind::SalesOrder, json!({ "title": MARKUP, "product_list": rows })).await;

    succeeded(&odd.w.run_of(0, &[Object::Orders]).await);
    let read = odd.read(order, DocumentKind::SalesOrder).await;
    assert_eq!(read.title.as_ref().map(domain::Text::as_str), Some(MARKUP));
    let line = &read.lines[0];
    assert_eq!((line.name.as_ref().map(domain::Text::as_str), line.amount), (Some(MARKUP), Decimal::TWO));
    let unknown = line.product.expect("it has an id in the ERP");
    assert!(!odd.w.records(0).await.contains_key(&(Object::Products, unknown)), "nobody has read it");
    odd.derived(&read).await;

    succeeded(&odd.w.full_run(0).await);
    let all = odd.w.records(0).await;
    let name = |object, id| match &all[&(object, id)] {
        Record::Contact(c) => c.name.to_string(),
        Record::Product(p) => p.name.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(name(Object::Contacts, odd.partner), MARKUP);
    assert_eq!(
        (name(Object::Products, product), name(Object::Products, unknown)),
        (MARKUP.to_owned(), MARKUP.to_owned())
    );
    assert_eq!(odd.w.table_counts(0).await, odd.w.erp_counts(0).await);
}

#[tokio::test]
async fn a_currency_without_a_rate_is_read_and_one_that_is_none_sets_its_document_aside_until_it_is_mended() {
    let odd = Odd::new(113).await;
    let order = odd.document(DocumentKind::SalesOrder, json!({ "currency_code": "XTS" })).await;
    let wrong = odd.document(DocumentKind::SalesOrder, json!({ "currency_code": "EURO" })).await;
    let run = odd.w.full_run(0).await;
    succeeded(&run);
    let read = odd.read(order, DocumentKind::SalesOrder).await;
    assert_eq!((read.currency.code(), read.sums.net), ("XTS", Some(Decimal::from(100))));
    assert_eq!(odd.derived(&read).await.payment.expect("it is paid").currency.code(), "XTS");

    assert_eq!(run.counts[&Object::Orders].parked, 1);
    let parked = odd.w.tenant(0).parked(None, 10).await.expect("the table");
    let named: Vec<_> = parked.iter().map(|p| (p.object, p.erp_id, p.path.as_str())).collect();
    assert_eq!(named, [(Object::Orders, wrong, "currency_code")]);
    let (here, there) = (odd.w.table_counts(0).await, odd.w.erp_counts(0).await);
    for (object, count) in &there {
        assert_eq!(here[object] + u64::from(*object == Object::Orders), *count, "{object}");
    }

    odd.w.edit(json!({ "op": "document.update", "id": wrong.to_string(), "fields": { "currency_code": "EUR" } })).await;
    let run = odd.w.full_run(0).await;
    assert_eq!(run.counts[&Object::Orders].parked, 0);
    assert_eq!(odd.read(wrong, DocumentKind::SalesOrder).await.currency.code(), "EUR");
    assert_eq!(odd.w.table_counts(0).await, odd.w.erp_counts(0).await);
}

#[tokio::test]
async fn a_status_that_nobody_mapped_is_read_decides_nothing_and_waits_for_a_person() {
    let odd = Odd::new(114).await;
    let all = odd.w.records(0).await;
    let mut complaints = all.keys().filter(|(object, _)| *object == Object::Complaints).map(|(_, id)| *id);
    let id = complaints.next().expect("a complaint");
    let (company, key) = &odd.w.companies[0];
    let body = json!({ "secret_key": key, "company_id": company, "claim_id": id.to_string(),
        "claim_type": "return", "claim_status": "v_presoji" });
    let url = format!("{}/rest/eshop/update_complaint", odd.w.erp_url);
    let answer: Value = odd.w.http.post(url).json(&body).send().await.expect("sent").json().await.expect("JSON");
    assert_eq!(answer["opr_code"], "0", "{answer}");

    succeeded(&odd.w.full_run(0).await);
    let read = odd.read(id, DocumentKind::Complaint).await;
    assert_eq!(read.status.key.as_ref().map(domain::Text::as_str), Some("v_presoji"));
    let status = odd.derived(&read).await.status.expect("a status");
    assert_eq!((status.meaning, status.mapping), (None, domain::Mapping::Unknown));
    let known = known(&odd.w.tenant(0)).await.expect("the table");
    let waits = known
        .registers
        .unmapped(&known.meanings)
        .any(|(kind, name, _)| kind == DocumentKind::Complaint && name.as_str() == "v_presoji");
    assert!(waits, "a person is asked");
}
