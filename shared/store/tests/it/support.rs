//! An embedded DynamoDB for the test binary, a table for each test, and values to store.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Intercept, Region};
use domain::change::{ChangeKind, diff};
use domain::{ErpId, Object, Product, Record, RecordId, TenantId, Text};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Commit, Lease, Meter, NewChange, RecordWrite, Side, Table, Tenant, VerifiedTenant};

/// The address of the server, which runs on a thread of its own until the binary ends.
fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.set_nonblocking(true).expect("non-blocking");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let db = dynoxide::Database::memory().expect("a database");
                dynoxide::server::serve_on(listener, db).await;
            });
        });
        format!("http://{address}")
    })
}

fn name() -> String {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    format!("table-{}", TABLES.fetch_add(1, Ordering::Relaxed))
}

/// A new table.
pub(crate) async fn table() -> Table {
    let table = Table::embedded(endpoint(), name());
    table.create_if_missing().await.expect("a table");
    table
}

/// A new table that counts.
pub(crate) async fn metered() -> (Table, Meter) {
    let meter = Meter::new();
    let table = table().await.with_meter(&meter);
    (table, meter)
}

/// A new table whose requests pass through `fault`.
pub(crate) async fn faulty(fault: impl Intercept + Clone + 'static) -> Table {
    let name = name();
    Table::embedded(endpoint(), &name).create_if_missing().await.expect("a table");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(Credentials::new("k", "s", None, None, "test"))
        .endpoint_url(endpoint())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .interceptor(fault)
        .build();
    #[expect(clippy::disallowed_methods, reason = "the only way to put a fault into the client")]
    let client = Client::from_conf(config);
    Table::new(client, name)
}

pub(crate) fn tenant_id(n: u32) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

pub(crate) fn tenant(table: &Table, n: u32) -> Tenant {
    table.tenant(&VerifiedTenant::vouch(tenant_id(n)))
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

pub(crate) const TTL: SignedDuration = SignedDuration::from_secs(60);

pub(crate) async fn lease(tenant: &Tenant, owner: &str, second: i64) -> Lease {
    tenant.acquire_lease(owner, at(second), TTL).await.expect("the lease is free")
}

pub(crate) fn product(erp_id: u64, name: &str) -> Record {
    let text = |s: &str| Text::required(s).expect("a text");
    Record::Product(Box::new(Product {
        erp_id: ErpId::new(erp_id),
        number: None,
        code: text(&format!("C-{erp_id}")),
        name: text(name),
        description: None,
        unit: text("kos"),
        barcode: None,
        service: false,
        sales: true,
        purchasing: true,
        active: true,
        webshop: false,
        weight: None,
        min_stock: None,
        categories: vec![],
        prices: vec![],
        translations: BTreeMap::new(),
        extra: BTreeMap::new(),
        customs_code: None,
        origin: None,
    }))
}

/// An order as they come: a customer, a few lines, a payment.
pub(crate) fn order(erp_id: u64, lines: u64) -> Record {
    let names = ["Vijak M8x40 pocinkan", "Kladivo 500 g, les", "Brusni papir P120 230x280"];
    let lines: Vec<String> = (0..lines)
        .map(|n| {
            let (id, product) = (400_000_100_000 + erp_id * 50 + n, 1_600_000_000 + n * 7_919);
            let name = names[usize::try_from((n + erp_id) % 3).expect("small")];
            let (amount, price, cents) = (n * 3 % 20 + 1, n * 37 % 90 + 3, n * 13 % 90 + 10);
            format!(
                r#"{{"erp_id":"{id}","product":"{product}","code":"ART-{product}","name":"{name}",
                "unit":"kos","amount":"{amount}","price":"{price}.{cents}",
                "price_with_tax":"{price}.{cents}7","tax":"EX4"}}"#
            )
        })
        .collect();
    let json = format!(
        r#"{{"type":"document","erp_id":"{erp_id}","kind":"sales_order","number":"PRO-2026-{erp_id}",
        "date":"2026-03-17","status":{{"label":"Odpremljen","key":"shipped"}},
        "partner":{{"erp_id":"1600012345","name":"Pohištvo Žagar d.o.o.","address":"1600012346"}},
        "receiver":{{"erp_id":"1600012347","name":"Tadeja Žagar"}},"buyer_order":"S-{erp_id}",
        "currency":"EUR","warehouse":"MB","delivery_type":"Pošta","payment_method":"Po povzetju",
        "issued":true,"lines":[{}],"sums":{{"net":"412.37","taxes":{{"ex4":"90.72"}},
        "gross":"503.09","paid":"503.09"}},
        "payments":[{{"kind":"Kartica","date":"2026-03-18","amount":"503.09"}}]}}"#,
        lines.join(",")
    );
    Record::from_bytes(json.as_bytes()).expect("an order")
}

/// `len` characters that hardly compress.
pub(crate) fn noise(seed: u64, len: usize) -> String {
    let mut out = String::with_capacity(len + 64);
    for n in 0u64.. {
        if out.len() >= len {
            break;
        }
        out.push_str(&blake3::hash(format!("{seed}/{n}").as_bytes()).to_hex());
    }
    out.truncate(len);
    out
}

/// A product of about `len` bytes that hardly compresses.
pub(crate) fn bulky(erp_id: u64, len: usize) -> Record {
    let Record::Product(mut product) = product(erp_id, "Vijak") else {
        unreachable!("a product is a product");
    };
    for (n, part) in noise(erp_id, len).as_bytes().chunks(50_000).enumerate() {
        let part = String::from_utf8_lossy(part);
        product.extra.insert(format!("part-{n}"), Text::required(&part).expect("a text"));
    }
    Record::Product(product)
}

pub(crate) fn product_id(tenant: &Tenant, erp_id: u64) -> RecordId {
    RecordId::for_erp(tenant.id(), Object::Products, ErpId::new(erp_id))
}

pub(crate) fn change(before: Option<&Record>, after: &Record) -> NewChange {
    NewChange {
        run: None,
        actor: "sync".to_owned(),
        side: Side::Erp,
        kind: if before.is_some() { ChangeKind::Updated } else { ChangeKind::Added },
        fields: diff(before, after),
        decided: std::collections::BTreeMap::new(),
        event: None,
        matched: None,
    }
}

pub(crate) fn create(tenant: &Tenant, record: &Record) -> RecordWrite {
    let erp_id = record.erp_id();
    let id = RecordId::for_erp(tenant.id(), record.object(), erp_id);
    RecordWrite::create(id, erp_id, record.to_bytes(), change(None, record))
}

/// Commits new products with the ERP ids of `ids`, in commits of the size that fits.
pub(crate) async fn load(tenant: &Tenant, lease: &Lease, ids: std::ops::Range<u64>, name: &str) {
    let all: Vec<u64> = ids.collect();
    for chunk in all.chunks(Commit::MAX_RECORDS) {
        let mut commit = Commit::new(lease);
        commit.seq = tenant.seq().await.expect("a sequence");
        commit.writes = chunk.iter().map(|id| create(tenant, &product(*id, name))).collect();
        tenant.commit(&commit, at(1)).await.expect("a commit");
    }
}
