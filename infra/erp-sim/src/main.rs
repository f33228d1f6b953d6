//! The simulator alone: `cargo run -p erp-sim -- --port 8700`.
#![expect(clippy::print_stdout, reason = "it tells its address and keys to the person who started it")]

use clap::{Parser, ValueEnum};
use erp_sim::{Clock, Sim, SimConfig};
use jiff::Timestamp;
use tokio::net::TcpListener;

/// A stateful Metakocka over HTTP.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Port on the loopback address; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Decides every generated value.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How much data; 1 is about 300 partners and 800 orders a company.
    #[arg(long, default_value_t = 1)]
    scale: u32,
    /// `manual` stands still until POST /control/clock/advance.
    #[arg(long, value_enum, default_value_t = ClockKind::System)]
    clock: ClockKind,
    /// Where a manual clock starts (RFC 3339); by default the present.
    #[arg(long)]
    start: Option<Timestamp>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ClockKind {
    System,
    Manual,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let clock = match args.clock {
        ClockKind::System => Clock::system(),
        ClockKind::Manual => Clock::manual(args.start.unwrap_or_else(|| Clock::system().now())),
    };
    let listener = TcpListener::bind(("127.0.0.1", args.port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let config = SimConfig::demo(args.seed, args.scale, clock);
    println!("erp      {url}");
    println!("control  {url}/control");
    for company in &config.companies {
        println!("company  {}  key {}", company.company_id, company.secret_key);
    }
    Sim::new(config).serve(listener).await?;
    Ok(())
}
