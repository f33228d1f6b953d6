//! The real table in process, the real client against the simulator over HTTP, a clock moved by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::connect::{Connected, Settings, connect};
use app::work::{Outcome, work};
use app::{ErpSettings, Services};
use cloud::{Clock, LocalBlobs, LocalQueue, LocalSecrets, QueueSettings, Work};
use domain::{ErpId, Mode, Object, Record, Run, RunState, TenantId, Trigger};
use erp_sim::{CompanySpec, Sim, SimConfig};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{Meter, Table, Tenant, VerifiedTenant};
use tokio::net::TcpListener;

/// What a slice may take: in these tests a slice ends only where a test says so.
pub(crate) const LONG: SignedDuration = SignedDuration::from_hours(10);

pub(crate) struct World {
    pub(crate) services: Services,
    pub(crate) queue: Arc<LocalQueue>,
    pub(crate) meter: Meter,
    pub(crate) clock: erp_sim::Clock,
    pub(crate) erp_url: String,
    pub(crate) companies: Vec<(String, String)>,
    pub(crate) http: reqwest::Client,
}

pub(crate) fn start() -> Timestamp {
    "2026-03-10T09:00:00Z".parse().expect("a timestamp")
}

pub(crate) fn tenant_id(n: usize) -> TenantId {
    format!("t_{n:0>20}").parse().expect("a tenant id")
}

impl World {
    pub(crate) async fn new(seed: u64) -> Self {
        Self::of(SimConfig::demo(seed, 1, erp_sim::Clock::manual(start()))).await
    }

    /// A world of so many empty companies.
    pub(crate) async fn empty(companies: usize) -> Self {
        let spec = |n| CompanySpec { company_id: format!("{}", 7_000 + n), secret_key: format!("key-of-{n}") };
        let clock = erp_sim::Clock::manual(start());
        let config = SimConfig { companies: (0..companies).map(spec).collect(), ..SimConfig::demo(1, 0, clock) };
        Self::of(config).await
    }

    async fn of(config: SimConfig) -> Self {
        let clock = config.clock.clone();
        let companies = config.companies.iter().map(|c| (c.company_id.clone(), c.secret_key.clone())).collect();
        let erp_url = serve(|listener| Sim::new(config).serve(listener)).await;
        let table_url = serve(|listener| async {
            dynoxide::server::serve_on(listener, dynoxide::Database::memory().expect("a database")).await;
            Ok(())
        })
        .await;
        let meter = Meter::new();
        let table = Table::embedded(&table_url, "bridge").with_meter(&meter);
        table.create_if_missing().await.expect("a table");
        let ticking = clock.clone();
        let product_clock = Clock::from_fn(move || ticking.now());
        let queue = Arc::new(LocalQueue::new(product_clock.clone(), QueueSettings::default()));
        let services = Services {
            table,
            secrets: Arc::new(LocalSecrets::in_memory()),
            blobs: Arc::new(LocalBlobs::in_memory()),
            queue: queue.clone(),
            clock: product_clock,
            erp: Arc::new(ErpSettings {
                allowed: [erp_url.clone()].into(),
                retry: erp::client::RetryPolicy::never(),
                calls_per_second: ErpSettings::CALLS_PER_SECOND,
            }),
        };
        Self { services, queue, meter, clock, erp_url, companies, http: reqwest::Client::new() }
    }

    pub(crate) fn tenant(&self, n: usize) -> Tenant {
        self.services.table.tenant(&VerifiedTenant::vouch(tenant_id(n)))
    }

    pub(crate) fn settings(&self, company: usize) -> Settings {
        let (company_id, key) = self.companies[company].clone();
        Settings {
            base_url: self.erp_url.clone(),
            company_id,
            secret_key: Some(key.into()),
            webhook_secret: None,
            basic_auth: None,
            erp_user: None,
            cadence: BTreeMap::new(),
            paused: false,
            expected_version: None,
        }
    }

    /// Connects a tenant to a company; its first run waits.
    pub(crate) async fn connect(&self, n: usize, company: usize) -> Connected {
        connect(&self.services, &self.tenant(n), self.settings(company)).await.expect("a connection")
    }

    /// Connects and does the first run.
    pub(crate) async fn connected(&self, n: usize, company: usize) -> Run {
        let run = self.connect(n, company).await.first_run.expect("a first run");
        self.finish(n, &run).await
    }

    /// A full run of everything, to its end.
    pub(crate) async fn full_run(&self, n: usize) -> Run {
        self.run_of(n, &Object::ALL).await
    }

    /// A full run of some object types, to its end.
    pub(crate) async fn run_of(&self, n: usize, objects: &[Object]) -> Run {
        let run = app::runs::request(&self.services, &self.tenant(n), Mode::Full, Trigger::Request, objects).await;
        self.finish(n, &run.expect("a run")).await
    }

    pub(crate) async fn finish(&self, n: usize, run: &Run) -> Run {
        let tenant = self.tenant(n);
        loop {
            match work(&self.services, &tenant, &Work::Run(run.id), LONG).await.expect("a slice") {
                // The ERP is left alone until then.
                Outcome::Later { until } | Outcome::Busy { until } => self.wait_until(until),
                outcome => break assert_eq!(outcome, Outcome::Done),
            }
        }
        tenant.run(run.id).await.expect("the table").expect("the run")
    }

    /// Moves the clock on to `until`, a second at least.
    pub(crate) fn wait_until(&self, until: Timestamp) {
        self.clock.advance(until.duration_since(self.clock.now()).max(SignedDuration::from_secs(1)));
    }

    pub(crate) async fn control(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}/control{path}", self.erp_url)).json(&body);
        let answer = request.send().await.expect("the control plane");
        let status = answer.status();
        let value: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{path}: {status} {value}");
        value
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.control(reqwest::Method::POST, "/faults", fault).await;
    }

    pub(crate) async fn no_faults(&self) {
        self.control(reqwest::Method::DELETE, "/faults", json!({})).await;
    }

    /// How many records the simulator has, by object type.
    pub(crate) async fn erp_counts(&self, company: usize) -> BTreeMap<Object, u64> {
        let id = &self.companies[company].0;
        let counts = self.control(reqwest::Method::GET, &format!("/companies/{id}/counts"), json!({})).await;
        Object::ALL.into_iter().map(|o| (o, counts[o.name()].as_u64().expect("a count"))).collect()
    }

    /// How many records the table has, by object type.
    pub(crate) async fn table_counts(&self, n: usize) -> BTreeMap<Object, u64> {
        let mut counts = BTreeMap::new();
        for object in Object::ALL {
            counts.insert(object, self.tenant(n).count(object).await.expect("the table") as u64);
        }
        counts
    }

    /// All live records of a tenant.
    pub(crate) async fn records(&self, n: usize) -> BTreeMap<(Object, ErpId), Record> {
        let mut all = BTreeMap::new();
        for object in Object::ALL {
            let mut after = None;
            loop {
                let part = self.tenant(n).list(object, after, 200, false).await.expect("the table");
                all.extend(part.records.into_iter().map(|s| ((object, s.erp_id), s.record)));
                match part.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        all
    }

    /// How many pages the ERP was asked for since the journal was emptied: lookups go by twenty.
    pub(crate) async fn pages_read(&self) -> u64 {
        let calls = self.calls().await;
        let of = |name: &str| calls["calls"][name].as_u64().unwrap_or(0);
        of("search")
            + of("product_list")
            + of("warehouse_list")
            + of("warehouse_stock")
            + of("get_partner").div_ceil(20)
    }

    pub(crate) async fn calls(&self) -> Value {
        self.control(reqwest::Method::GET, "/journal/counts", json!({})).await
    }
}

/// Serves on a free loopback port for as long as the test runs; its address.
async fn serve<F>(server: impl FnOnce(TcpListener) -> F) -> String
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(server(listener));
    url
}

pub(crate) fn succeeded(run: &Run) {
    assert_eq!(run.state, RunState::Succeeded, "{:?}", run.error);
}
