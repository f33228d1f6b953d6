//! A world for the console: tenants with data, people with sessions, a clock, a queue, a stand-in for the ERP.

use app::{ErpSettings, Services};
use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, Uri, header::COOKIE},
};
use cloud::{Clock, LocalBlobs, LocalQueue, LocalSecrets, QueueSettings, Secrets, TenantSecrets};
use domain::{Cadence, ContentHash, Counts, ErpId, Mode, Object, Parked, Run, RunError, RunState, TenantId, Trigger};
use fn_console::{Console, router};
use jiff::{SignedDuration, Timestamp};
use runtime::{
    ConsoleDoor, Role,
    telemetry::{JsonLines, Telemetry},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::{
    Arc, LazyLock, Mutex,
    atomic::{AtomicBool, AtomicI64, Ordering},
};
use store::{Commit, Connection, ConnectionState, ConsoleLink, Meter, StateWrite, Table, Tenant, VerifiedTenant};
use sync::{
    Cursor, SyncState,
    index::{Index, Mark},
};
use tower::ServiceExt;
use tracing_subscriber::layer::SubscriberExt;

use crate::embedded_table;

/// 24 November 2026, 10:05 in Ljubljana.
pub(crate) const NOW: i64 = 1_795_511_100;

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) services: Services,
    pub(crate) table: Table,
    pub(crate) meter: Meter,
    pub(crate) queue: Arc<LocalQueue>,
    pub(crate) secrets: Arc<LocalSecrets>,
    pub(crate) erp_url: String,
    refuses: Arc<AtomicBool>,
    now: Arc<AtomicI64>,
}

/// An answer as a browser gets it.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().expect("text"))
    }

    /// The token that the forms of the page carry.
    pub(crate) fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once(r#"name="csrf" value=""#).expect("a form");
        rest.split('"').next().expect("its end").to_owned()
    }

    /// What the page says, without its markup.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in self.body.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                c if !inside => text.push(c),
                _ => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The cookie that the answer sets, as a browser would send it back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers.get("set-cookie").expect("a cookie").to_str().expect("text");
        set.split(';').next().expect("a pair").to_owned()
    }
}

pub(crate) fn tenant_id(n: u32) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOW + second).expect("a time")
}

pub(crate) fn code(tenant: u32, n: u32) -> String {
    format!("{}.{n:043}", tenant_id(tenant))
}

/// A link for someone, usable until `expires`; its code.
pub(crate) async fn issue_link(table: &Table, tenant: u32, n: u32, role: &str, expires: Timestamp) -> String {
    let code = code(tenant, n);
    let (_, secret) = code.split_once('.').expect("two parts");
    let link = ConsoleLink { subject: format!("ana-{tenant}@example.com"), role: role.to_owned(), expires };
    let rows = table.tenant(&VerifiedTenant::vouch(tenant_id(tenant)));
    rows.create_link(&Sha256::digest(secret.as_bytes()).into(), &link).await.expect("made");
    code
}

pub(crate) fn connection(n: u32, base_url: &str) -> Connection {
    Connection {
        company_id: format!("160{n}"),
        base_url: base_url.to_owned(),
        endpoint_id: format!("whe_{n:032}").parse().expect("an endpoint id"),
        state: ConnectionState::Connected,
        cadence: Object::ALL.into_iter().map(|o| (o, Cadence::standard(o))).collect(),
        created_at: at(-86_400),
        updated_at: at(-86_400),
        version: 0,
    }
}

/// What the ERP answers: warehouses, a blacklist with everybody on it, or that the key is wrong.
async fn answer(State(refuses): State<Arc<AtomicBool>>, uri: Uri) -> Json<Value> {
    Json(if uri.path().ends_with("search_blacklist_partner") && !refuses.load(Ordering::SeqCst) {
        json!({ "opr_code": "0", "partner_list": [{ "reason": "Ne <prevzema>" }] })
    } else if refuses.load(Ordering::SeqCst) {
        json!({ "opr_code": "3", "opr_desc": "Wrong secret key" })
    } else {
        json!({ "opr_code": "0", "warehouse_list_count": "0", "warehouse_list": [] })
    })
}

/// Everything that this process has logged, at the most talkative level. One log for all tests: what is enabled is
/// remembered for the process, so a log of a test's own would miss lines.
static LOG: LazyLock<Arc<Mutex<Vec<String>>>> = LazyLock::new(|| {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let telemetry = Telemetry {
        service: "console",
        function: "test".to_owned(),
        level: tracing::Level::TRACE,
        clock: Clock::from_fn(|| at(0)),
        key: None,
    };
    let layer =
        JsonLines::new(telemetry, Box::new(move |line: &str| sink.lock().expect("no panic").push(line.to_owned())));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer)).expect("the only log");
    lines
});

/// The lines logged so far, by all tests.
pub(crate) fn log_lines() -> Vec<String> {
    LOG.lock().expect("no panic").clone()
}

impl World {
    pub(crate) async fn new() -> Self {
        LazyLock::force(&LOG);
        let meter = Meter::new();
        let table = embedded_table::new_table().await.table.with_meter(&meter);
        let now = Arc::new(AtomicI64::new(NOW));
        let read = Arc::clone(&now);
        let clock = Clock::from_fn(move || Timestamp::from_second(read.load(Ordering::SeqCst)).expect("a time"));
        let refuses = Arc::new(AtomicBool::new(false));
        let erp_url = serve(Router::new().fallback(answer).with_state(Arc::clone(&refuses))).await;
        let secrets = Arc::new(LocalSecrets::in_memory());
        for n in [1, 2] {
            let kept = TenantSecrets::new("key".into(), "webhook".into());
            secrets.put(&tenant_id(n), &kept).await.expect("saved");
        }
        let queue = Arc::new(LocalQueue::new(clock.clone(), QueueSettings::default()));
        let erp = ErpSettings {
            allowed: [erp_url.clone()].into(),
            retry: erp::client::RetryPolicy::default(),
            calls_per_second: ErpSettings::CALLS_PER_SECOND,
        };
        let door = ConsoleDoor::new(table.clone(), clock.clone(), true);
        let services = Services {
            table: table.clone(),
            secrets: Arc::clone(&secrets) as Arc<dyn Secrets>,
            blobs: Arc::new(LocalBlobs::in_memory()),
            queue: Arc::clone(&queue) as Arc<dyn cloud::Queue>,
            clock,
            erp: Arc::new(erp),
        };
        let console = Console { services: services.clone(), door, webhook_url: "https://hooks.example".to_owned() };
        Self { router: router(console), services, table, meter, queue, secrets, erp_url, refuses, now }
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// From now on the ERP refuses the key, or takes it again.
    pub(crate) fn refuse_key(&self, refuse: bool) {
        self.refuses.store(refuse, Ordering::SeqCst);
    }

    pub(crate) fn tenant(&self, n: u32) -> Tenant {
        self.table.tenant(&VerifiedTenant::vouch(tenant_id(n)))
    }

    pub(crate) async fn connect(&self, n: u32) {
        self.tenant(n).create_connection(&connection(n, &self.erp_url)).await.expect("connected");
    }

    /// Someone of a tenant with a role; their cookie.
    pub(crate) async fn sign_in(&self, tenant: u32, role: Role) -> String {
        let n =
            1_000 * tenant + u32::try_from(Role::ALL.iter().position(|r| *r == role).expect("a role")).expect("few");
        let code = issue_link(&self.table, tenant, n, role.name(), at(864_000)).await;
        let page = self.post("/console/enter", "", &format!("code={code}")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        page.cookie()
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Page {
        self.send(Request::get(path).header(COOKIE, cookie).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Page {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(COOKIE, cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .expect("a request");
        self.send(request).await
    }

    /// An answer that is no page: its status, headers and bytes.
    pub(crate) async fn bytes(&self, path: &str, cookie: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request = Request::get(path).header(COOKIE, cookie).body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1_000_000).await.expect("a body");
        (parts.status, parts.headers, bytes.to_vec())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Page {
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1_000_000).await.expect("a body");
        let body = String::from_utf8(bytes.to_vec()).expect("text");
        Page { status: parts.status, headers: parts.headers, body }
    }

    /// Commits what a worker would: a run, the machine's state, index pages, parked records.
    pub(crate) async fn commit(
        &self,
        n: u32,
        run: &Run,
        pages: &[(Object, u64)],
        parked: Vec<Parked>,
        state: &SyncState,
    ) {
        let tenant = self.tenant(n);
        let lease =
            tenant.acquire_lease("worker", at(0), SignedDuration::from_secs(60)).await.expect("nobody has the lease");
        let mut commit = Commit::new(&lease);
        let expected_step = tenant.state().await.expect("read").map_or(0, |s| s.step);
        commit.state = Some(StateWrite { bytes: serde_json::to_vec(state).expect("plain data"), expected_step });
        commit.pages = pages.iter().flat_map(|(object, count)| index(*object, *count)).collect();
        commit.parked = parked;
        commit.run = Some(run);
        commit.release = true;
        tenant.commit(&commit, at(0)).await.expect("committed");
    }
}

/// Index pages with `count` records, one more that is parked and one more that is missing.
fn index(object: Object, count: u64) -> Vec<(Object, domain::IndexPage)> {
    let mut marks: Vec<_> = (1..=count).map(|n| (ErpId::new(n), Mark::known(ContentHash(n * 2)))).collect();
    marks.push((ErpId::new(count + 1), Mark::parked(ContentHash(7))));
    marks.push((ErpId::new(count + 2), Mark::Missing));
    Index::whole(Vec::new()).set(&marks).into_iter().map(|page| (object, page)).collect()
}

pub(crate) fn run(n: u32, state: RunState) -> Run {
    let id = format!("run_{:012x}7000800000000000{n:04x}", at(0).as_millisecond()).parse().expect("a run id");
    let mut run = Run::queued(id, Mode::Changes, Trigger::Schedule, &Object::ALL, at(-60));
    run.state = state;
    if state != RunState::Queued {
        run.started_at = Some(at(-60));
        run.counts.insert(
            Object::Orders,
            Counts { read: 1_234, created: 30, unchanged: 1_204, total: Some(5_678), ..Counts::default() },
        );
    }
    if run.is_over() {
        run.finished_at = Some(at(0));
    }
    if state == RunState::Failed {
        let message = "<b>Vzdrževanje</b>".to_owned();
        run.error = Some(RunError { code: "erp_unavailable".to_owned(), message, object: None, retryable: true });
    }
    run
}

pub(crate) fn parked(n: u64, reason: &str) -> Parked {
    Parked {
        object: Object::Orders,
        erp_id: ErpId::new(n),
        path: "product_list[3].amount".to_owned(),
        reason: reason.to_owned(),
        since: at(-3_600),
    }
}

/// A state in which every object type was read a while ago.
pub(crate) fn read_before() -> SyncState {
    let cursor = Cursor { full_at: Some(at(-1_800)), changes_at: Some(at(-60)), ..Cursor::default() };
    SyncState { cursors: Object::ALL.into_iter().map(|o| (o, cursor)).collect(), active: None }
}

async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = axum::serve(listener, routes).into_future();
    #[expect(clippy::disallowed_methods, reason = "the stand-in serves until the test ends")]
    tokio::spawn(serving);
    url
}
