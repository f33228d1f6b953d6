//! Row 10: a full read of 20,000 orders in 200 pages in which nothing changed, on the real client and the real table.
//!
//! Counted is what this process spends: HTTP, parsing, conversion, judging, the
//! table's client. The ERP and the table run in another process.

mod stand;

use domain::Object;
use stand::{Stand, cpu_seconds, peak_mib, print};

/// 800 orders a company at scale 1.
const SCALE: u32 = 25;

fn main() -> anyhow::Result<()> {
    stand::run(SCALE, &[Object::Orders], bench)
}

async fn bench(stand: Stand) -> anyhow::Result<()> {
    // Not measured: the first run of a process opens connections.
    let orders = stand.full_run(&[Object::Orders]).await?.counts[&Object::Orders].read;
    let mut seconds = Vec::new();
    for _ in 0..5 {
        let before = cpu_seconds()?;
        let run = stand.full_run(&[Object::Orders]).await?;
        anyhow::ensure!(run.counts[&Object::Orders].unchanged == orders, "something changed");
        seconds.push((cpu_seconds()? - before) * 20_000.0 / f64::from(u32::try_from(orders)?));
    }
    seconds.sort_by(f64::total_cmp);
    let (cpu, peak) = (seconds[seconds.len() / 2], peak_mib()?);
    let measured = format!("{cpu:.2} s CPU, {peak:.0} MiB ({orders} orders, scaled to 20,000)");
    print(10, "pull of 20,000 unchanged records in 200 pages", &measured, "0.25 s, 24 MiB", cpu <= 0.25 && peak <= 24.0)
}
