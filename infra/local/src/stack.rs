//! The product in one process: the table, the simulator, the queue, every function behind one port.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use app::browse::Browser;
use app::{ErpSettings, Services};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    response::{IntoResponse as _, Response},
};
use cloud::{Clock, LocalBlobs, LocalQueue, LocalSecrets, QueueSettings};
use domain::TenantId;
use erp::{Outbound, Reach};
use erp_sim::{Sim, SimConfig};
use fn_automation::Dispatcher;
use jiff::{SignedDuration, Timestamp};
use runtime::auth::TokenSettings;
use runtime::{Caller, Callers, ConsoleDoor, CursorKey, Rates, SigningKey, TokenVerifier};
use store::{StoreError, Table};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::cli::{ClockKind, RemoteCompany, RunArgs};
use crate::data::{Seeding, key_directory, seeding};
use crate::tokens::{AUDIENCE, ISSUER, Issuer, JWKS_PATH};

/// A tenant and the company it is connected to.
#[derive(Clone)]
pub(crate) struct DemoTenant {
    pub(crate) id: TenantId,
    pub(crate) company: RemoteCompany,
}

/// The product, up and answering.
pub(crate) struct Stack {
    pub(crate) services: Services,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) verifier: Arc<TokenVerifier>,
    pub(crate) door: ConsoleDoor,
    pub(crate) tenants: Vec<DemoTenant>,
    /// Where the product answers, without a slash at its end.
    pub(crate) base: String,
    /// Where the ERP is; several hosts are separated by commas.
    pub(crate) erp: String,
    /// The simulator's control plane; none with a real ERP.
    pub(crate) control: Option<String>,
    pub(crate) now: Clock,
    queue: Arc<LocalQueue>,
    dispatcher: Dispatcher,
    erp_clock: erp_sim::Clock,
}

impl Stack {
    /// Starts everything. Nothing binds outside this machine.
    pub(crate) async fn start(args: &RunArgs, remote: Vec<RemoteCompany>) -> Result<Self> {
        let keys = key_directory(args.data.as_deref())?;
        // The history ends at midnight, so that the same seed gives the same bytes all day.
        let today = midnight(now())?;
        let kept = seeding(args.data.as_deref(), Seeding { seed: args.seed, scale: args.scale, at: today })?;
        let erp_clock = match args.clock {
            ClockKind::System => erp_sim::Clock::system(),
            ClockKind::Manual => erp_sim::Clock::manual(kept.at),
        };
        let ticking = erp_clock.clone();
        let clock = Clock::from_fn(move || ticking.now());
        let simulated = remote.is_empty();
        let (companies, sim) = if simulated { simulate(&kept, &erp_clock).await? } else { (remote, None) };
        let listener = listen(args.port).await?;
        let base = address(&listener)?;
        let services = services(args, &companies, &clock).await?;
        let queue = services.queue.clone();
        let issuer = Arc::new(Issuer::of(&keys)?);
        let verifier = Arc::new(TokenVerifier::new(token_settings(&base)?, clock.clone()));
        let door = ConsoleDoor::new(services.services.table.clone(), clock.clone(), false);
        let cursor_key = signing_key(&keys)?;
        let services = services.services;
        let cursors = CursorKey::new(&cursor_key);
        // A receiver of events may be on this machine as well.
        let outbound = Outbound::new(Reach::ThisMachineToo).context("the client of the events")?;
        let dispatcher = Dispatcher {
            services: services.clone(),
            outbound: outbound.clone(),
            positions: Arc::new(move |tenant, behind| cursors.seal(tenant, runtime::FEED, &behind)),
        };
        // The product's clock may stand still; requests come by that of the wall.
        let rates = Rates::new(args.requests_per_second, runtime::clock::system());
        let router = product(&services, outbound, rates, &issuer, &verifier, &door, &cursor_key, &base, sim.as_ref());
        spawn(async move { axum::serve(listener, router).await });
        let erp = companies.iter().map(|c| c.base_url.clone()).collect::<std::collections::BTreeSet<_>>();
        let tenants = companies.into_iter().map(|company| DemoTenant { id: tenant_of(&company), company }).collect();
        let control = simulated.then(|| format!("{base}/control"));
        Ok(Self {
            services,
            issuer,
            verifier,
            door,
            tenants,
            base,
            erp: erp.into_iter().collect::<Vec<_>>().join(","),
            control,
            now: clock,
            queue,
            dispatcher,
            erp_clock,
        })
    }
}

impl Stack {
    /// Takes back what a process that died held of a tenant. Only one process has a data directory, so it is not there any more.
    pub(crate) async fn take_back(&self, caller: &Caller) -> Result<(), StoreError> {
        let rows = self.services.table.tenant(caller.tenant());
        if let Some((_, until)) = rows.lease_view().await?.and_then(|l| l.held)
            && let Ok(lease) = rows.acquire_lease("local-runner", until, SignedDuration::ZERO).await
        {
            rows.release_lease(&lease).await?;
        }
        if let Some(claim) = rows.search_claim().await? {
            rows.release_search(&claim.who).await?;
        }
        Ok(())
    }

    /// Lets the queue and the schedule begin. Not before the tenants are connected: the simulator has a new port.
    pub(crate) fn begin(&self, with_schedule: bool) {
        spawn(crate::pump::deliver(self.services.clone(), self.queue.clone()));
        spawn(crate::pump::events(self.dispatcher.clone()));
        if with_schedule {
            spawn(crate::pump::schedule(self.services.clone(), self.erp_clock.clone()));
        }
    }
}

/// Starts the simulator on a port of its own: some of its faults cut connections.
async fn simulate(seeding: &Seeding, clock: &erp_sim::Clock) -> Result<(Vec<RemoteCompany>, Option<Sim>)> {
    let config = SimConfig::demo(seeding.seed, seeding.scale, clock.clone()).seeded_at(seeding.at);
    let listener = listen(0).await?;
    let base_url = address(&listener)?;
    let companies = config.companies.iter().map(|c| RemoteCompany {
        base_url: base_url.clone(),
        company_id: c.company_id.clone(),
        secret_key: c.secret_key.clone().into(),
    });
    let companies = companies.collect();
    let sim =
        tokio::task::spawn_blocking(move || Sim::new(config)).await.context("the simulator could not be seeded")?;
    let serving = sim.clone();
    spawn(async move { serving.serve(listener).await });
    Ok((companies, Some(sim)))
}

struct LocalServices {
    services: Services,
    queue: Arc<LocalQueue>,
}

async fn services(args: &RunArgs, companies: &[RemoteCompany], clock: &Clock) -> Result<LocalServices> {
    let database = match &args.data {
        Some(directory) => dynoxide::Database::new(&directory.join("table.db").to_string_lossy()),
        None => dynoxide::Database::memory(),
    };
    let database = database.map_err(|e| anyhow::anyhow!("the embedded table could not be opened: {e}"))?;
    let listener = listen(0).await?;
    let table = Table::embedded(&address(&listener)?, "bridge");
    spawn(async move { dynoxide::server::serve_on(listener, database).await });
    table.create_if_missing().await.context("the table could not be made")?;
    let secrets = match &args.data {
        Some(directory) => LocalSecrets::open(directory.join("secrets.json")).await?,
        None => LocalSecrets::in_memory(),
    };
    let blobs = match &args.data {
        Some(directory) => LocalBlobs::at(directory.join("files")),
        None => LocalBlobs::in_memory(),
    };
    let queue = Arc::new(LocalQueue::new(clock.clone(), QueueSettings::default()));
    let erp = ErpSettings {
        allowed: companies.iter().map(|c| c.base_url.clone()).collect(),
        retry: erp::client::RetryPolicy::default(),
        calls_per_second: ErpSettings::CALLS_PER_SECOND,
    };
    let services = Services {
        table,
        secrets: Arc::new(secrets),
        blobs: Arc::new(blobs),
        queue: queue.clone(),
        clock: clock.clone(),
        erp: Arc::new(erp),
    };
    Ok(LocalServices { services, queue })
}

/// Every function's routes behind one port, and what the CRM and the simulator serve besides.
#[expect(clippy::too_many_arguments, reason = "each function's own, given once")]
fn product(
    services: &Services,
    outbound: Outbound,
    rates: Rates,
    issuer: &Issuer,
    verifier: &Arc<TokenVerifier>,
    door: &ConsoleDoor,
    cursor_key: &SigningKey,
    base: &str,
    sim: Option<&Sim>,
) -> Router {
    let api = fn_crm_api::router(fn_crm_api::CrmApi {
        services: services.clone(),
        callers: Callers::new(verifier.clone(), services.table.clone(), services.clock.clone()),
        rates,
        browser: Arc::new(Browser::default()),
        cursors: CursorKey::new(cursor_key),
        outbound,
        webhook_base: base.into(),
    });
    let console = fn_console::router(fn_console::Console {
        services: services.clone(),
        door: door.clone(),
        webhook_url: base.to_owned(),
    });
    let front = Front {
        console,
        webhook: fn_webhook::router(fn_webhook::Webhook::new(services.clone())),
        keys: issuer.router(),
        control: sim.map(|sim| sim.router().layer(DefaultBodyLimit::max(16 * 1024 * 1024))),
        api,
    };
    Router::new().fallback(move |request| front.clone().serve(request))
}

/// One port for what are several function URLs when they are deployed.
#[derive(Clone)]
struct Front {
    console: Router,
    webhook: Router,
    keys: Router,
    control: Option<Router>,
    api: Router,
}

impl Front {
    async fn serve(self, mut request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let is_under =
            |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let router = match self.control {
            // The ready line's `control` ends in `/control`; scripts that add the whole path to it arrive here too.
            Some(control) if is_under("/control") => {
                let whole = request.uri().path_and_query().map_or("", |p| p.as_str());
                if let Some(Ok(uri)) =
                    whole.strip_prefix("/control/control").map(|rest| format!("/control{rest}").parse())
                {
                    *request.uri_mut() = uri;
                }
                control
            }
            _ if is_under("/console") => self.console,
            _ if is_under("/w") => self.webhook,
            _ if path == JWKS_PATH => self.keys,
            _ => self.api,
        };
        router.oneshot(request).await.into_response()
    }
}

fn token_settings(base: &str) -> Result<TokenSettings> {
    Ok(TokenSettings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        jwks_url: format!("{base}{JWKS_PATH}").parse().context("the address of the key set")?,
    })
}

/// The key for cursors, kept beside the issuer's so that cursors survive a restart.
fn signing_key(directory: &Path) -> Result<SigningKey> {
    let path = directory.join("signing-key");
    let kept = std::fs::read(&path).ok();
    let bytes = if let Some(bytes) = kept {
        bytes
    } else {
        let random = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4(), uuid::Uuid::new_v4()];
        let bytes = random.iter().flat_map(|u| *u.as_bytes()).collect::<Vec<_>>();
        crate::data::write_private(&path, &bytes)?;
        bytes
    };
    SigningKey::new(bytes).with_context(|| format!("{} is too short: remove it to make a new one", path.display()))
}

/// The demo tenant of a company: the same company gives the same tenant, so that a data directory finds it again.
fn tenant_of(company: &RemoteCompany) -> TenantId {
    let name =
        format!("{}#{}", if is_local(&company.base_url) { "simulator" } else { &company.base_url }, company.company_id);
    let hash = blake3::hash(name.as_bytes()).to_hex();
    format!("t_{}", &hash[..20]).parse().expect("20 hexadecimal digits make a tenant id")
}

fn is_local(base_url: &str) -> bool {
    base_url.starts_with("http://127.0.0.1:")
}

pub(crate) async fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("port {port} cannot be used: name another with --port, or 0 for any that is free"))
}

pub(crate) fn address(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the runner is the process: its servers and pumps live as long as it does"
)]
pub(crate) fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) {
    tokio::spawn(task);
}

/// The midnight (UTC) before `now`.
fn midnight(now: Timestamp) -> Result<Timestamp> {
    const DAY: i64 = 24 * 3_600;
    Ok(Timestamp::from_second(now.as_second().div_euclid(DAY) * DAY)?)
}

/// The present of this machine.
pub(crate) fn now() -> Timestamp {
    runtime::clock::system().now()
}
