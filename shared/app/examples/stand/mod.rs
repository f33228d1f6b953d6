//! The other side of a benchmark in a process of its own: the simulator and the
//! embedded table, so that only the product's own work is measured here.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use app::connect::{Settings, connect};
use app::work::work;
use app::{ErpSettings, Services};
use cloud::{Clock, LocalBlobs, LocalQueue, LocalSecrets, QueueSettings, TenantSecrets, Work};
use domain::{Mode, Object, Run, Trigger};
use erp_sim::{Sim, SimConfig};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{Table, Tenant, VerifiedTenant};
use tokio::net::TcpListener;

/// The argument with which a benchmark starts itself as the other side.
const SERVE: &str = "serve";
/// The argument with which a benchmark prepares the table in a process that is not measured.
const PREPARE: &str = "prepare";

#[derive(Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) erp: String,
    table: String,
    company: String,
    key: String,
}

/// The product against the other side.
pub(crate) struct Stand {
    pub(crate) services: Services,
    pub(crate) tenant: Tenant,
    pub(crate) address: Address,
}

/// The other side's process, ended with this one.
struct OtherSide(Child);

impl Drop for OtherSide {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// Starts the other side, connects and loads `prepared` in a process of its own, then runs `bench` in this one.
pub(crate) fn run<F: Future<Output = anyhow::Result<()>>>(
    scale: u32,
    prepared: &[Object],
    bench: impl FnOnce(Stand) -> F,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some(SERVE), _) => runtime.block_on(serve(scale)),
        (Some(PREPARE), Some(address)) => runtime.block_on(async {
            let stand = Stand::attach(serde_json::from_str(&address)?).await?;
            stand.connect().await?;
            if !prepared.is_empty() {
                stand.full_run(prepared).await?;
            }
            Ok(())
        }),
        _ => {
            let (_other_side, address) = start_other_side()?;
            let text = serde_json::to_string(&address)?;
            let done = Command::new(std::env::current_exe()?).args([PREPARE, &text]).status()?;
            anyhow::ensure!(done.success(), "the table could not be prepared");
            runtime.block_on(async { bench(Stand::attach(address).await?).await })
        }
    }
}

fn start_other_side() -> anyhow::Result<(OtherSide, Address)> {
    let mut child =
        Command::new(std::env::current_exe()?).arg(SERVE).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let out = child.stdout.take().ok_or_else(|| anyhow::anyhow!("no output of the other side"))?;
    let mut line = String::new();
    BufReader::new(out).read_line(&mut line)?;
    Ok((OtherSide(child), serde_json::from_str(&line)?))
}

async fn serve(scale: u32) -> anyhow::Result<()> {
    let (erp, table) = (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
    let mut config = SimConfig::demo(1, scale, erp_sim::Clock::system());
    config.companies.truncate(1);
    let address = Address {
        erp: format!("http://{}", erp.local_addr()?),
        table: format!("http://{}", table.local_addr()?),
        company: config.companies[0].company_id.clone(),
        key: config.companies[0].secret_key.clone(),
    };
    let sim = Sim::new(config);
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&address)?)?;
    let database = dynoxide::Database::memory().map_err(|e| anyhow::anyhow!("{e}"))?;
    tokio::join!(async { sim.serve(erp).await }, dynoxide::server::serve_on(table, database)).0?;
    Ok(())
}

impl Stand {
    async fn attach(address: Address) -> anyhow::Result<Self> {
        let clock = Clock::from_fn(now);
        let table = Table::embedded(&address.table, "bridge");
        let tenant = table.tenant(&VerifiedTenant::vouch("t_000000000000000bench".parse()?));
        let services = Services {
            table,
            secrets: Arc::new(LocalSecrets::in_memory()),
            blobs: Arc::new(LocalBlobs::in_memory()),
            queue: Arc::new(LocalQueue::new(clock.clone(), QueueSettings::default())),
            clock,
            erp: Arc::new(ErpSettings {
                allowed: [address.erp.clone()].into(),
                retry: erp::client::RetryPolicy::never(),
                calls_per_second: ErpSettings::CALLS_PER_SECOND,
            }),
        };
        let secrets = TenantSecrets::new(address.key.clone().into(), "unused".to_owned().into());
        services.secrets.put(tenant.id(), &secrets).await?;
        Ok(Self { services, tenant, address })
    }

    /// Makes the table and connects the tenant; nothing is read yet.
    async fn connect(&self) -> anyhow::Result<()> {
        self.services.table.create_if_missing().await?;
        let settings = Settings {
            base_url: self.address.erp.clone(),
            company_id: self.address.company.clone(),
            secret_key: Some(self.address.key.clone().into()),
            webhook_secret: None,
            basic_auth: None,
            erp_user: None,
            cadence: std::collections::BTreeMap::new(),
            paused: false,
            expected_version: None,
        };
        connect(&self.services, &self.tenant, settings).await?;
        Ok(())
    }

    /// A full run of some object types, to its end.
    pub(crate) async fn full_run(&self, objects: &[Object]) -> anyhow::Result<Run> {
        let run = app::runs::request(&self.services, &self.tenant, Mode::Full, Trigger::Request, objects).await?;
        work(&self.services, &self.tenant, &Work::Run(run.id), SignedDuration::from_hours(1)).await?;
        let run = self.tenant.run(run.id).await?.ok_or_else(|| anyhow::anyhow!("no run"))?;
        anyhow::ensure!(run.error.is_none(), "{:?}", run.error);
        Ok(run)
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is a process of its own, with a clock of its own")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// CPU seconds of all threads of this process so far.
pub(crate) fn cpu_seconds() -> anyhow::Result<f64> {
    let mut nanos = 0u64;
    for task in std::fs::read_dir("/proc/self/task")? {
        let stat = std::fs::read_to_string(task?.path().join("schedstat"))?;
        nanos += stat.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(std::time::Duration::from_nanos(nanos).as_secs_f64())
}

/// The peak of memory, in MiB.
pub(crate) fn peak_mib() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    let kib: u32 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(f64::from(kib) / 1024.0)
}

/// Prints a row for `cargo xtask bench`.
pub(crate) fn print(row: u32, what: &str, measured: &str, budget: &str, within: bool) -> anyhow::Result<()> {
    let row = serde_json::json!({"row": row, "what": what, "measured": measured, "budget": budget, "within": within});
    Ok(writeln!(std::io::stdout(), "{row}")?)
}
