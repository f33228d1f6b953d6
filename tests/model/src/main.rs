//! `cargo run --release -p model -- --schedules N --seed S [--replay SEED] [--bad VARIANT] [--idle N]`, or
//! `-- --fleet [--tenants N] [--workers N] [--outage-hours N] [--seed S] [--unpaced]`

use std::process::ExitCode;
use std::str::FromStr;

use clap::Parser;
use domain::DeedKind;
use model::arrange::KINDS;
use model::bad::Bad;
use model::fleet::{self, Size};
use model::world::{ASTRAY, HIDDEN};
use model::{IDLE, Summary, schedule, schedules};

/// Runs the fault model.
#[derive(Parser)]
struct Options {
    /// How many schedules.
    #[arg(long, default_value_t = 20_000)]
    schedules: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs this one seed, twice, and shows what went wrong.
    #[arg(long)]
    replay: Option<u64>,
    /// Tries a known mistake, which must be caught; `all` tries each.
    #[arg(long)]
    bad: Option<String>,
    /// Rounds of silence at the end of each schedule.
    #[arg(long, default_value_t = IDLE)]
    idle: u32,
    /// Runs a fleet of companies in place of schedules.
    #[arg(long)]
    fleet: bool,
    /// How many companies the fleet has.
    #[arg(long, default_value_t = 1_000)]
    tenants: usize,
    /// How many workers it has.
    #[arg(long, default_value_t = 50)]
    workers: usize,
    /// How long its ERP is away.
    #[arg(long, default_value_t = 6)]
    outage_hours: u32,
    /// The host has no bucket of its own: shows why it needs one.
    #[arg(long)]
    unpaced: bool,
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.fleet {
        return Ok(run_fleet(&options));
    }
    if options.bad.as_deref() == Some("all") {
        return Ok(try_all(&options));
    }
    let bad = options.bad.as_deref().map(Bad::from_str).transpose()?;
    if let Some(seed) = options.replay {
        let (first, second) = (schedule(seed, bad, options.idle), schedule(seed, bad, options.idle));
        print(&first);
        first.lines.iter().for_each(|line| println!("- {line}"));
        println!("same trace twice: {}", first == second);
        return Ok(ExitCode::from(u8::from(first.breaches.any() || first != second)));
    }
    let sum = schedules(options.seed..options.seed.saturating_add(options.schedules), bad, options.idle);
    print(&sum);
    Ok(ExitCode::from(u8::from(sum.breaches.any())))
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn run_fleet(options: &Options) -> ExitCode {
    let Options { tenants, workers, outage_hours, seed, unpaced, .. } = *options;
    let report = fleet::run(Size { tenants, workers, outage_hours, seed, is_paced: !unpaced });
    println!(
        "companies {tenants}, workers {workers}, outage {outage_hours} h, edits {}, calls {}",
        report.edits, report.calls
    );
    println!("lost {}, doubled {}", report.lost, report.doubled);
    println!("caught up after {} minutes", report.minutes);
    println!("steady calls a minute {}, peak after the outage {} %", report.steady, report.peak_percent);
    println!("most calls to one company at once {}", report.most_at_once);
    println!("delay of the others {} ms, {} ms without the busy company", report.delay.0, report.delay.1);
    let breaches = report.breaches();
    for breach in &breaches {
        println!("- {breach}");
    }
    ExitCode::from(u8::from(!breaches.is_empty()))
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn try_all(options: &Options) -> ExitCode {
    let mut missed = 0;
    for bad in Bad::ALL {
        let seeds = options.seed..options.seed + options.schedules;
        // Caught where the engine as it is passes.
        let caught = seeds
            .map(|s| schedule(s, Some(*bad), options.idle))
            .find(|with| with.failed.is_some_and(|seed| !schedule(seed, None, options.idle).breaches.any()));
        missed += u8::from(caught.is_none());
        match caught.and_then(|c| Some((c.failed?, c.breaches))) {
            Some((seed, breaches)) => {
                let by = breaches.named().into_iter().filter(|(_, n)| *n > 0).map(|(name, _)| name);
                let by = by.collect::<Vec<_>>().join(", ");
                println!("{:<22} caught after {} seeds: {by}", bad.name(), seed - options.seed + 1);
            }
            None => println!("{:<22} NOT caught in {} seeds", bad.name(), options.schedules),
        }
    }
    ExitCode::from(u8::from(missed > 0))
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn print(sum: &Summary) {
    println!(
        "schedules {}, edits {}, creates {}, ERP writes sent {}, executed {}",
        sum.schedules, sum.edits, sum.creates, sum.sends, sum.executed
    );
    let breaches: Vec<String> = sum.breaches.named().into_iter().map(|(name, n)| format!("{name} {n}")).collect();
    println!("{}", breaches.join(", "));
    println!(
        "rounds until silence, at most: {}; rounds of silence: {}; held for a person: {}",
        sum.rounds, sum.idle, sum.held
    );
    println!("ERP edits between our read and our write's arrival, which the ERP cannot refuse: {}", sum.overwritten);
    let rows = sum.fired.iter().enumerate().filter(|(row, n)| **n > 0 && *row < ASTRAY);
    let fired: Vec<String> = rows.map(|(row, n)| format!("{row}:{n}")).collect();
    println!("fault rows fired: {}", fired.join(" "));
    println!(
        "beyond the matrix: wrong company {}, lost right {}; deletions taken for done because of it: {}",
        sum.fired[ASTRAY], sum.fired[HIDDEN], sum.misled
    );
    let deeds: Vec<String> = DeedKind::ALL.iter().zip(sum.deeds).map(|(kind, n)| format!("{kind} {n}")).collect();
    let [done, refused, person] = sum.ended;
    println!("deeds: {}; done {done}, refused {refused}, for a person {person}", deeds.join(", "));
    let [notes, transfers, lines] = sum.stored;
    println!("warehouse documents made {notes}, transfers {transfers}; lines of transfers with new names {lines}");
    let arranged: Vec<String> = KINDS.iter().zip(sum.arranged).map(|(kind, n)| format!("{kind} {n}")).collect();
    println!("contacts: {}; refused {}", arranged.join(", "), sum.refused_asks);
    println!("trace {:016x}", sum.trace);
    if let Some(seed) = sum.failed {
        println!("first seed with a breach: {seed}");
    }
}
