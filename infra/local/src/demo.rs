//! What `cargo run` does once everything is up: connect the tenants, follow their first sync, report, stay.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use domain::Object;
use indicatif::MultiProgress;
use runtime::permission::Role;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::{Api, Refusal, RunView, Wish};
use crate::cli::{RemoteCompany, RunArgs};
use crate::progress::{Bars, follow};
use crate::report::{Report, TenantReport, line};
use crate::stack::{DemoTenant, Stack};

/// A tenant with what scripts need to work with it.
#[derive(Serialize)]
struct ReadyTenant {
    tenant: String,
    company_id: String,
    token: String,
    webhook_url: String,
    webhook_secret: String,
    /// Opens the console once, within minutes.
    console_link: String,
    /// Its CRM: a page to look at, and a control plane under `/control`.
    crm: String,
}

/// The ready line.
#[derive(Serialize)]
struct Ready {
    api: String,
    console: String,
    webhook: String,
    erp: String,
    control: Option<String>,
    tenants: Vec<ReadyTenant>,
}

/// Runs the demo; the exit code.
pub(crate) fn run(args: &RunArgs, remote: Vec<RemoteCompany>) -> Result<u8> {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(std::io::stderr)
        // The embedded table warns of every condition that does not hold; they are the product's daily bread.
        .with_env_filter("warn,dynoxide=error")
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads")?;
    runtime.block_on(async {
        let stack = Stack::start(args, remote).await?;
        let demo = Demo::new(args, &stack)?;
        demo.run().await
    })
}

struct Demo<'a> {
    args: &'a RunArgs,
    stack: &'a Stack,
    http: reqwest::Client,
    bars: MultiProgress,
}

/// One tenant's way in.
struct Access {
    api: Api,
    token: String,
    webhook_secret: String,
}

impl<'a> Demo<'a> {
    fn new(args: &'a RunArgs, stack: &'a Stack) -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "a client of our own loopback address, for the runner alone")]
        let http = reqwest::Client::builder().no_proxy().build().context("no HTTP client")?;
        Ok(Self { args, stack, http, bars: MultiProgress::new() })
    }

    async fn run(&self) -> Result<u8> {
        let mut connected = Vec::new();
        for tenant in &self.stack.tenants {
            let access = self.access(tenant)?;
            let caller = self.stack.verifier.verify(&access.token).await.context("our own token")?;
            self.stack.take_back(&caller).await.context("what the last process held")?;
            let run = self.connect(tenant, &access).await;
            connected.push((tenant, access, run));
        }
        if let Some(code) = self.told_refusals(&connected) {
            return Ok(code);
        }
        self.stack.begin(!self.args.once);
        if !self.args.once {
            self.tell_ready(&connected).await?;
        }
        let mut following = Vec::new();
        for (tenant, access, run) in connected {
            let bars = Bars::new(&self.bars, &tenant.company.company_id);
            following.push(async move {
                match run {
                    Ok(run) => (tenant, follow(&access.api, run, &bars).await),
                    Err(refusal) => (tenant, Err(refusal)),
                }
            });
        }
        let mut reports = Vec::new();
        for (tenant, run) in futures::future::join_all(following).await {
            reports.push(self.report(tenant, run).await?);
        }
        self.tell(&Report::of(reports)).await
    }

    fn access(&self, tenant: &DemoTenant) -> Result<Access> {
        let token = self.stack.issuer.token(&tenant.id, Role::Administrator, "local-runner", self.stack.now.now())?;
        let webhook_secret =
            self.args.webhook_secret.clone().unwrap_or_else(|| format!("whs-{}", uuid::Uuid::new_v4().simple()));
        Ok(Access { api: Api::new(self.http.clone(), &self.stack.base, &token), token, webhook_secret })
    }

    async fn connect(&self, tenant: &DemoTenant, access: &Access) -> Result<RunView, Refusal> {
        let wish = Wish {
            base_url: &tenant.company.base_url,
            company_id: &tenant.company.company_id,
            secret_key: tenant.company.secret_key.expose_secret(),
            webhook_secret: &access.webhook_secret,
        };
        let run = access.api.connect(&wish).await?;
        if let Some(control) = &self.stack.control {
            let hook =
                json!([{"url": access.api.webhook_url().await?, "secret": access.webhook_secret, "require_ok": true}]);
            let url = format!("{control}/companies/{}/webhooks", tenant.company.company_id);
            // In the ERP, a person enters these by hand; the simulator has a route for it.
            let _ = self.http.put(url).json(&hook).send().await;
        }
        Ok(run)
    }

    /// Tells what the ERP or the product refused; the exit code when nothing can go on.
    fn told_refusals(&self, connected: &[(&DemoTenant, Access, Result<RunView, Refusal>)]) -> Option<u8> {
        let mut code = None;
        for (tenant, _, run) in connected {
            if let Err(refusal) = run {
                eprintln!("company {}: {} ({})", tenant.company.company_id, refusal.detail, refusal.code);
                if !refusal.remedy.is_empty() {
                    eprintln!("  {}", refusal.remedy);
                }
                code = Some(if refusal.is_erp() { 3 } else { code.unwrap_or(1) });
            }
        }
        if code.is_some() && self.args.once && self.args.json {
            let tenant = |(t, ..): &(&DemoTenant, Access, _)| json!({"tenant": t.id, "company_id": t.company.company_id, "objects": {}});
            println!("{}", json!({"ok": false, "tenants": connected.iter().map(tenant).collect::<Vec<_>>()}));
        }
        code
    }

    async fn tell_ready(&self, connected: &[(&DemoTenant, Access, Result<RunView, Refusal>)]) -> Result<()> {
        let mut tenants = Vec::new();
        for (tenant, access, _) in connected {
            let caller = self.stack.verifier.verify(&access.token).await.context("our own token")?;
            let code = self.stack.door.issue_link(&caller).await.context("a link to the console")?;
            tenants.push(ReadyTenant {
                tenant: tenant.id.to_string(),
                company_id: tenant.company.company_id.clone(),
                token: access.token.clone(),
                webhook_url: access.api.webhook_url().await.map_err(|r| anyhow::anyhow!("{}", r.detail))?,
                webhook_secret: access.webhook_secret.clone(),
                crm: crate::crm::start(self.stack, tenant, self.args.clock).await?,
                console_link: format!("{}/console/enter?code={code}", self.stack.base),
            });
        }
        let base = &self.stack.base;
        let ready = Ready {
            api: base.clone(),
            console: format!("{base}/console/"),
            webhook: base.clone(),
            erp: self.stack.erp.clone(),
            control: self.stack.control.clone(),
            tenants,
        };
        if self.args.json {
            println!("{}", serde_json::to_string(&ready)?);
        } else {
            eprintln!("Ready. API {base}, ERP {}", ready.erp);
        }
        for tenant in ready.tenants.iter().filter(|_| !self.args.json) {
            eprintln!("\n{}  company {}", tenant.tenant, tenant.company_id);
            eprintln!("  console (opens once)  {}", tenant.console_link);
            eprintln!("  its CRM               {}", tenant.crm);
            eprintln!("  bearer token          {}", tenant.token);
        }
        Ok(())
    }

    async fn report(&self, tenant: &DemoTenant, run: Result<RunView, Refusal>) -> Result<TenantReport> {
        let token = self.stack.issuer.token(&tenant.id, Role::Administrator, "local-runner", self.stack.now.now())?;
        let caller = self.stack.verifier.verify(&token).await.context("our own token")?;
        let rows = self.stack.services.table.tenant(caller.tenant());
        let erp = self.erp_counts(&tenant.company.company_id).await?;
        let (counts, error) = match run {
            Ok(run) => (run.counts, run.error),
            Err(r) => {
                let error = domain::RunError { code: r.code, message: r.detail, object: None, retryable: false };
                (BTreeMap::new(), Some(error))
            }
        };
        let mut objects = BTreeMap::new();
        for object in Object::ALL {
            let table = rows.count(object).await.context("the table could not be counted")? as u64;
            let there = erp.as_ref().and_then(|counts| counts[object.name()].as_u64());
            objects.insert(object.name(), line(object, &counts, table, there));
        }
        Ok(TenantReport {
            tenant: tenant.id.to_string(),
            company_id: tenant.company.company_id.clone(),
            objects,
            error,
        })
    }

    async fn erp_counts(&self, company: &str) -> Result<Option<Value>> {
        let Some(control) = &self.stack.control else { return Ok(None) };
        let answer = self.http.get(format!("{control}/companies/{company}/counts")).send().await?;
        Ok(Some(answer.json().await.context("the simulator's counts")?))
    }

    /// Prints the report; with `--once` its exit code, else the product stays up until Ctrl-C.
    async fn tell(&self, report: &Report) -> Result<u8> {
        if self.args.once && self.args.json {
            println!("{}", serde_json::to_string(report)?);
        } else if self.args.json {
            eprintln!("{}", report.table());
        } else {
            println!("{}", report.table());
        }
        if self.args.once {
            return Ok(report.exit_code());
        }
        eprintln!("The schedule keeps syncing. Ctrl-C ends it.");
        tokio::signal::ctrl_c().await.context("no signals")?;
        Ok(0)
    }
}
