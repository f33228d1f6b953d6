//! The CRM alone, against a product that runs somewhere: `cargo run -p crm-sim -- --api URL --token-file FILE`.
#![expect(clippy::print_stdout, reason = "it tells its address to the person who started it")]

use anyhow::Context as _;
use clap::Parser;
use crm_sim::{Clock, Config, CrmSim, TokenSource};
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;

/// A small CRM that keeps its records in step through the product's API.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Where the product's API is, without /v1.
    #[arg(long, value_name = "URL")]
    api: String,
    /// A file with the bearer token. It is read for every request, so that a token can be renewed.
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// Port on the loopback address; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Begins the ids of new records; made from the time when missing.
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Milliseconds between two pushes.
    #[arg(long, value_name = "MS", default_value_t = 1_000)]
    push_every: u64,
    /// Milliseconds between two looks at the feed.
    #[arg(long, value_name = "MS", default_value_t = 2_000)]
    follow_every: u64,
    /// Starts with both loops paused.
    #[arg(long)]
    paused: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let path = args.token_file;
    std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let token = TokenSource::from_fn(move || {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            tracing::warn!(%error, "the token cannot be read");
            String::new()
        });
        text.trim().to_owned()
    });
    let prefix = args.prefix.unwrap_or_else(|| format!("c{}", Clock::system().now().as_second()));
    let config = Config {
        push_every: Duration::from_millis(args.push_every.max(1)),
        follow_every: Duration::from_millis(args.follow_every.max(1)),
        ..Config::new(args.api, token, prefix)
    };
    let crm = CrmSim::new(config)?;
    crm.pause(Some(args.paused), Some(args.paused));
    let listener = TcpListener::bind(("127.0.0.1", args.port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    println!("crm      {url}");
    println!("control  {url}/control");
    crm.serve(listener).await?;
    Ok(())
}
