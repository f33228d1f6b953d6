//! The command line: what can be asked of the local runner, and what is refused.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use runtime::{Rates, permission::Role};

/// Runs the whole product on this machine: the table, every function, and a simulated ERP with two companies.
#[derive(Debug, Parser)]
#[command(name = "cargo run --", version, about, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

const AFTER_HELP: &str = "\
Exit codes: 0 both sides are equal; 1 they differ, or something failed; 2 wrong usage;
3 the ERP refused the connection or could not be reached.

Examples:
  cargo run                                 the demo, until Ctrl-C
  cargo run -- --once --json                one sync, one line of JSON
  cargo run -- --erp https://main.metakocka.si --company 16 --key KEY
  cargo run -- token --tenant t_... --role salesperson";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints a bearer token for a tenant, signed with the key of the data directory.
    Token(TokenArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The tenant, as the runner prints it (t_ and 20 characters).
    #[arg(long)]
    pub(crate) tenant: domain::TenantId,
    /// The role: administrator, salesperson, support, operations, accountant, developer, operator.
    #[arg(long)]
    pub(crate) role: Role,
    /// Who the token is for.
    #[arg(long, default_value = "local-user")]
    pub(crate) subject: String,
    /// The data directory of the runner that is to accept it.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClockKind {
    /// The time of this machine.
    System,
    /// Stands still until POST /control/clock/advance moves product and simulator together.
    Manual,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Exit after the first sync, and say whether both sides are equal.
    #[arg(long)]
    pub(crate) once: bool,
    /// One line of JSON on stdout instead of tables; everything else goes to stderr.
    #[arg(long)]
    pub(crate) json: bool,
    /// A Metakocka-compatible host to use instead of the simulator. Repeat --erp, --company and --key together for several tenants.
    #[arg(long, value_name = "URL", requires_all = ["company", "key"])]
    pub(crate) erp: Vec<String>,
    /// The company's id there.
    #[arg(long, value_name = "ID", requires = "erp")]
    pub(crate) company: Vec<String>,
    /// The company's secret key.
    #[arg(long, value_name = "KEY", requires = "erp")]
    pub(crate) key: Vec<String>,
    /// The client secret that the ERP signs webhooks with; made up when missing.
    #[arg(long, value_name = "S")]
    pub(crate) webhook_secret: Option<String>,
    /// The port of the product; 0 takes any free one.
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub(crate) port: u16,
    /// Keep table, secrets and keys here; without it the table lives in memory.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Size of the simulated companies: 1 is about 300 partners, 500 products, 200 offers, 800 orders, 800 invoices.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) scale: u32,
    /// Seed of the simulated data: the same seed gives the same companies.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Which clock product and simulator go by.
    #[arg(long, value_enum, default_value_t = ClockKind::System)]
    pub(crate) clock: ClockKind,
    /// Requests a second that the API takes of a tenant: more for a load test.
    #[arg(long, value_name = "N", default_value_t = Rates::PER_SECOND, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) requests_per_second: u32,
}

/// A company of a real host.
#[derive(Clone)]
pub(crate) struct RemoteCompany {
    pub(crate) base_url: String,
    pub(crate) company_id: String,
    pub(crate) secret_key: secrecy::SecretString,
}

impl RunArgs {
    /// The companies of real hosts; none means the simulator. `Err` says what is wrong with the command line.
    pub(crate) fn remote(&self) -> Result<Vec<RemoteCompany>, String> {
        let n = self.erp.len();
        if self.company.len() != n || self.key.len() != n {
            return Err(format!(
                "--erp, --company and --key come in groups of three: there are {n}, {} and {}",
                self.company.len(),
                self.key.len()
            ));
        }
        let groups = self.erp.iter().zip(&self.company).zip(&self.key);
        groups.map(|((url, company), key)| remote(url, company, key)).collect()
    }
}

fn remote(url: &str, company: &str, key: &str) -> Result<RemoteCompany, String> {
    let parsed = reqwest::Url::parse(url).map_err(|e| format!("--erp {url}: {e}"))?;
    let loopback = matches!(parsed.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if parsed.scheme() != "https" && !(parsed.scheme() == "http" && loopback) {
        return Err(format!("--erp {url}: it must be https, or http on this machine"));
    }
    if parsed.path() != "/" || parsed.query().is_some() {
        return Err(format!("--erp {url}: only the host, without a path"));
    }
    if company.trim().is_empty() || key.trim().is_empty() {
        return Err("--company and --key must not be empty".to_owned());
    }
    Ok(RemoteCompany {
        base_url: parsed.origin().ascii_serialization(),
        company_id: company.trim().to_owned(),
        secret_key: key.trim().to_owned().into(),
    })
}
