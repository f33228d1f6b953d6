//! Row 9: everything that a company has is read again and nothing changed: calls of the ERP, read units of the table,
//! writes of records, and what the worker needs of memory.
//!
//! The ERP and the table run in another process. The row's figures are for 20,000 products and 50,000 documents; the
//! company here has others, so they follow what it has. A second run reads stock and contacts as well: stock is asked
//! for by product and contacts one by one, each a budget of its own.

mod stand;

use domain::{DocumentKind, Object, Run};
use stand::{Stand, cpu_seconds, peak_mib, print};
use store::metering::{Entity, Tally};
use store::{Meter, VerifiedTenant};

/// About 50,000 documents.
const SCALE: u32 = 26;
/// Read units of the row, for how many records.
const UNITS_OF_RECORDS: (u64, u64) = (320, 70_000);

fn main() -> anyhow::Result<()> {
    stand::run(SCALE, &Object::ALL, bench)
}

/// What a run took.
struct Taken {
    run: Run,
    calls: u64,
    tally: Tally,
    seconds: f64,
}

async fn bench(mut stand: Stand) -> anyhow::Result<()> {
    let meter = Meter::new();
    stand.services.table = stand.services.table.with_meter(&meter);
    stand.tenant = stand.services.table.tenant(&VerifiedTenant::vouch(stand.tenant.id().clone()));
    let documents: Vec<_> =
        Object::ALL.into_iter().filter(|o| DocumentKind::ALL.iter().any(|k| k.object() == *o)).collect();
    let row: Vec<_> = documents.iter().copied().chain([Object::Products]).collect();
    let listed = resync(&stand, &meter, &row).await?;
    let all = resync(&stand, &meter, &Object::ALL).await?;
    let peak = peak_mib()?;

    let (products, documents) = (listed.read(&[Object::Products]), listed.read(&documents));
    let (contacts, stock) = (all.read(&[Object::Contacts]), all.read(&[Object::Stock]));
    // A page of products has 1,000, one of documents 100. Each kind ends with a page that is not full.
    let most_calls = products.div_ceil(1_000) + documents.div_ceil(100) + DocumentKind::ALL.len() as u64 + 1;
    // Stock is asked for by 250 products a call, and the warehouses once.
    let most_of_all = most_calls + products.div_ceil(250) + 1 + contacts;
    let (units, of_records) = UNITS_OF_RECORDS;
    let most_units = ((products + documents) * units).div_ceil(of_records);
    let written = listed.tally.written(Entity::Record) + all.tally.written(Entity::Record);
    let measured = format!(
        "{products} products, {documents} documents: {} calls, {:.0} read units, {:.1} s CPU; with {stock} stock and {contacts} contacts {} calls, {:.0} read units, {:.1} s CPU; {written} record writes, {peak:.0} MiB",
        listed.calls, listed.tally.read_units, listed.seconds, all.calls, all.tally.read_units, all.seconds,
    );
    let budget = format!(
        "{most_calls} calls, {most_units} read units; with stock by 250 products and a lookup a contact {most_of_all} calls; 0 record writes, 40 MiB"
    );
    #[expect(clippy::cast_precision_loss, reason = "a few hundred units")]
    let units_within = listed.tally.read_units <= most_units as f64;
    let calls_within = listed.calls <= most_calls && all.calls <= most_of_all;
    print(
        9,
        "full resync of an unchanged company",
        &measured,
        &budget,
        calls_within && units_within && written == 0 && peak <= 40.0,
    )
}

/// Reads `objects` again, whole.
async fn resync(stand: &Stand, meter: &Meter, objects: &[Object]) -> anyhow::Result<Taken> {
    let calls = erp_calls(stand).await?;
    meter.take();
    let before = cpu_seconds()?;
    let run = stand.full_run(objects).await?;
    let (seconds, tally) = (cpu_seconds()? - before, meter.take());
    anyhow::ensure!(run.counts.values().all(|c| c.read == c.unchanged), "something changed: {:?}", run.counts);
    Ok(Taken { run, calls: erp_calls(stand).await? - calls, tally, seconds })
}

impl Taken {
    /// How many records of these types were read.
    fn read(&self, objects: &[Object]) -> u64 {
        objects.iter().filter_map(|o| self.run.counts.get(o)).map(|c| c.read).sum()
    }
}

/// How many calls the ERP has had.
async fn erp_calls(stand: &Stand) -> anyhow::Result<u64> {
    let counts = reqwest::get(format!("{}/control/journal/counts", stand.address.erp)).await?;
    let counts: serde_json::Value = counts.json().await?;
    let calls = counts["calls"].as_object().ok_or_else(|| anyhow::anyhow!("no counts"))?;
    Ok(calls.values().filter_map(serde_json::Value::as_u64).sum())
}
