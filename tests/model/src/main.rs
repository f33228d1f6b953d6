//! `cargo run --release -p model -- --schedules N --seed S [--replay SEED] [--bad VARIANT]`

use std::process::ExitCode;
use std::str::FromStr;

use clap::Parser;
use model::bad::Bad;
use model::{Summary, schedule, schedules};

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
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if options.bad.as_deref() == Some("all") {
        return Ok(try_all(&options));
    }
    let bad = options.bad.as_deref().map(Bad::from_str).transpose()?;
    if let Some(seed) = options.replay {
        let (first, second) = (schedule(seed, bad), schedule(seed, bad));
        print(&first);
        first.lines.iter().for_each(|line| println!("- {line}"));
        println!("same trace twice: {}", first == second);
        return Ok(ExitCode::from(u8::from(first.breaches.any() || first != second)));
    }
    let sum = schedules(options.seed..options.seed.saturating_add(options.schedules), bad);
    print(&sum);
    Ok(ExitCode::from(u8::from(sum.breaches.any())))
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn try_all(options: &Options) -> ExitCode {
    let mut missed = 0;
    for bad in Bad::ALL {
        let caught = (options.seed..options.seed + options.schedules).find(|s| schedule(*s, Some(*bad)).breaches.any());
        missed += u8::from(caught.is_none());
        match caught {
            Some(seed) => println!("{:<20} caught after {} seeds", bad.name(), seed - options.seed + 1),
            None => println!("{:<20} NOT caught in {} seeds", bad.name(), options.schedules),
        }
    }
    ExitCode::from(u8::from(missed > 0))
}

#[expect(clippy::print_stdout, reason = "the report of a command")]
fn print(sum: &Summary) {
    let b = &sum.breaches;
    println!(
        "schedules {}, edits {}, creates {}, ERP writes sent {}",
        sum.schedules, sum.edits, sum.creates, sum.sends
    );
    println!(
        "lost {}, duplicated {}, crossed {}, diverged {}, false deletes {}, writes after quiescence {}",
        b.lost, b.duplicated, b.crossed, b.diverged, b.false_deletes, b.writes_when_quiet
    );
    println!("ERP edits between our read and our write's arrival, which the ERP cannot refuse: {}", sum.overwritten);
    let fired: Vec<String> =
        sum.fired.iter().enumerate().filter(|(_, n)| **n > 0).map(|(row, n)| format!("{row}:{n}")).collect();
    println!("fault rows fired: {}", fired.join(" "));
    println!("trace {:016x}", sum.trace);
    if let Some(seed) = sum.failed {
        println!("first seed with a breach: {seed}");
    }
}
