//! Row 9: everything that a company has is read again and nothing changed: what the worker needs of memory.
//!
//! The ERP and the table run in another process. Calls and read units are
//! counted in tests.

mod stand;

use domain::Object;
use stand::{Stand, cpu_seconds, peak_mib, print};

/// About 80,000 records a company.
const SCALE: u32 = 26;

fn main() -> anyhow::Result<()> {
    stand::run(SCALE, &Object::ALL, bench)
}

async fn bench(stand: Stand) -> anyhow::Result<()> {
    let before = cpu_seconds()?;
    let run = stand.full_run(&Object::ALL).await?;
    let (seconds, peak) = (cpu_seconds()? - before, peak_mib()?);
    anyhow::ensure!(run.counts.values().all(|c| c.read == c.unchanged), "something changed: {:?}", run.counts);
    let read: Vec<String> =
        run.counts.iter().filter(|(_, c)| c.read > 0).map(|(o, c)| format!("{} {o}", c.read)).collect();
    let measured = format!("{peak:.0} MiB, {seconds:.1} s CPU ({})", read.join(", "));
    print(9, "full resync of an unchanged company", &measured, "40 MiB", peak <= 40.0)
}
