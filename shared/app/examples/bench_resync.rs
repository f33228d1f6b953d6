//! Row 9: everything that a company has is read again and nothing changed: calls of the ERP, read units of the table,
//! writes of records, and what the worker needs of memory.
//!
//! The ERP and the table run in another process. The row's figures are for
//! 20,000 products and 50,000 documents; the company here has others, so they follow what it has. Contacts are looked up
//! one by one, which is a budget of its own.

mod stand;

use domain::{DocumentKind, Object};
use stand::{Stand, cpu_seconds, peak_mib, print};
use store::metering::Entity;
use store::{Meter, VerifiedTenant};

/// About 50,000 documents.
const SCALE: u32 = 26;
/// Read units of the row, for how many records.
const UNITS_OF_RECORDS: (u64, u64) = (320, 70_000);

fn main() -> anyhow::Result<()> {
    stand::run(SCALE, &Object::ALL, bench)
}

async fn bench(mut stand: Stand) -> anyhow::Result<()> {
    let meter = Meter::new();
    stand.services.table = stand.services.table.with_meter(&meter);
    stand.tenant = stand.services.table.tenant(&VerifiedTenant::vouch(stand.tenant.id().clone()));
    let calls_before = erp_calls(&stand).await?;
    meter.take();
    let before = cpu_seconds()?;
    let run = stand.full_run(&Object::ALL).await?;
    let (seconds, peak) = (cpu_seconds()? - before, peak_mib()?);
    let (calls, tally) = (erp_calls(&stand).await? - calls_before, meter.take());
    anyhow::ensure!(run.counts.values().all(|c| c.read == c.unchanged), "something changed: {:?}", run.counts);

    let of = |objects: &[Object]| objects.iter().filter_map(|o| run.counts.get(o)).map(|c| c.read).sum::<u64>();
    let documents: Vec<_> =
        Object::ALL.into_iter().filter(|o| DocumentKind::ALL.iter().any(|k| k.object() == *o)).collect();
    let (products, documents) = (of(&[Object::Products]), of(&documents));
    let (contacts, stock) = (of(&[Object::Contacts]), of(&[Object::Stock]));
    // A page of products or stock has 1,000, one of documents 100; each kind ends with a page that is not full.
    let lists = products.div_ceil(1_000) + stock.div_ceil(1_000) + documents.div_ceil(100);
    let most_calls = lists + DocumentKind::ALL.len() as u64 + 3 + contacts;
    let (units, of_records) = UNITS_OF_RECORDS;
    let read: u64 = run.counts.values().map(|c| c.read).sum();
    let most_units = (read * units).div_ceil(of_records);
    let written = tally.written(Entity::Record);
    let measured = format!(
        "{products} products, {documents} documents, {contacts} contacts, {read} records: {calls} calls, {:.0} read units, {written} record writes, {peak:.0} MiB, {seconds:.1} s CPU",
        tally.read_units
    );
    let budget =
        format!("{most_calls} calls with a lookup a contact, {most_units} read units, 0 record writes, 40 MiB");
    #[expect(clippy::cast_precision_loss, reason = "a few hundred units")]
    let within = calls <= most_calls && tally.read_units <= most_units as f64 && written == 0 && peak <= 40.0;
    print(9, "full resync of an unchanged company", &measured, &budget, within)
}

/// How many calls the ERP has had.
async fn erp_calls(stand: &Stand) -> anyhow::Result<u64> {
    let counts = reqwest::get(format!("{}/control/journal/counts", stand.address.erp)).await?;
    let counts: serde_json::Value = counts.json().await?;
    let calls = counts["calls"].as_object().ok_or_else(|| anyhow::anyhow!("no counts"))?;
    Ok(calls.values().filter_map(serde_json::Value::as_u64).sum())
}
