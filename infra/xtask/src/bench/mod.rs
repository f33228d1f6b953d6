//! `cargo xtask bench`: the measured beside its budget, with the load of the machine.
//!
//! Decides which measurement answers which row and when the whole fails: when
//! one could not be made, or a gated one is over. Times are told, not gated,
//! unless they are a ratio against a peer in the same run.

mod build;
mod examples;
mod local;
mod size;
mod start;

use crate::table;
use crate::workspace::Workspace;
use anyhow::Result;
use clap::Args;
use serde::{Deserialize, Serialize};

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these rows, separated by commas.
    #[arg(long, value_delimiter = ',')]
    rows: Vec<u8>,
    /// Also a build from nothing, in a folder of its own (row 20): many minutes.
    #[arg(long)]
    cold: bool,
    /// One JSON line for each row instead of the table.
    #[arg(long)]
    json: bool,
}

/// One measured thing; the bench programs print it as one JSON line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Its number in the table of budgets.
    #[serde(rename = "row")]
    pub(crate) number: u8,
    /// What was measured.
    pub(crate) what: String,
    /// What came out.
    pub(crate) measured: String,
    /// What may come out.
    pub(crate) budget: String,
    /// Whether it did; `None` if it could not be measured.
    pub(crate) within: Option<bool>,
    /// Whether being over fails the bench.
    #[serde(default)]
    pub(crate) gated: bool,
    /// The load of the machine just before.
    #[serde(default)]
    pub(crate) load: String,
}

impl Row {
    fn told(
        number: u8,
        what: impl Into<String>,
        measured: impl Into<String>,
        budget: impl Into<String>,
        within: bool,
    ) -> Self {
        Self {
            number,
            what: what.into(),
            measured: measured.into(),
            budget: budget.into(),
            within: Some(within),
            gated: false,
            load: String::new(),
        }
    }

    fn unmeasured(number: u8, what: &str, error: &anyhow::Error) -> Self {
        let measured = format!("not measured: {error:#}").replace('\n', " ");
        Self { within: None, ..Self::told(number, what, measured, "", false) }
    }

    const fn fails(&self) -> bool {
        matches!((self.within, self.gated), (None, _) | (Some(false), true))
    }

    const fn verdict(&self) -> &'static str {
        match (self.within, self.gated) {
            (Some(true), _) => "ok",
            (Some(false), true) => "FAILED",
            (Some(false), false) => "over",
            (None, _) => "MISSING",
        }
    }
}

type Measure = fn(&Workspace, &Options) -> Result<Vec<Row>>;

const MEASURES: &[(u8, &str, Measure)] = &[
    (3, "CPU per webhook", |_, _| examples::run("fn-webhook", "bench_webhook")),
    (5, "start to first poll", |workspace, _| start::measure(workspace)),
    (6, "size of the functions", |workspace, _| size::measure(workspace)),
    (9, "full resync", |_, _| examples::run("app", "bench_resync")),
    (10, "pull in which nothing changed", |_, _| examples::run("app", "bench_pull")),
    (11, "first load, CPU per record", |_, _| examples::run("app", "bench_first_load")),
    (12, "page parse", |_, _| examples::run("erp", "bench_parse")),
    (20, "build", |workspace, options| build::measure(workspace, options.cold)),
    (21, "`cargo run` to its first answer", |_, _| local::measure()),
];

/// Measures and prints; whether nothing failed.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let workspace = Workspace::load()?;
    let mut rows = Vec::new();
    for (number, what, measure) in MEASURES {
        if !options.rows.is_empty() && !options.rows.contains(number) {
            continue;
        }
        eprintln!("measuring row {number}: {what}");
        let load = load();
        let measured =
            measure(&workspace, options).unwrap_or_else(|error| vec![Row::unmeasured(*number, what, &error)]);
        rows.extend(measured.into_iter().map(|row| Row { load: load.clone(), ..row }));
    }
    if options.json {
        for row in &rows {
            println!("{}", serde_json::to_string(row)?);
        }
    } else {
        print!("{}", shown(&rows));
    }
    Ok(!rows.iter().any(Row::fails))
}

fn shown(rows: &[Row]) -> String {
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let (what, measured, budget) = (row.what.clone(), row.measured.clone(), row.budget.clone());
            vec![row.number.to_string(), what, measured, budget, row.verdict().to_owned(), row.load.clone()]
        })
        .collect();
    table::render(&["row", "what", "measured", "budget", "", "load"], &cells)
}

/// The load of the last minute, as the system writes it.
fn load() -> String {
    let written = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    written.split_whitespace().next().unwrap_or("?").to_owned()
}

/// The middle one.
fn median<T: Ord + Copy>(values: &mut [T]) -> Option<T> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_or_a_gated_row_fails() {
        let told = Row::told(5, "a", "12 ms", "10 ms", false);
        assert!(!told.fails());
        assert!(Row { gated: true, ..told.clone() }.fails());
        assert!(!Row { gated: true, within: Some(true), ..told }.fails());
        assert!(Row::unmeasured(3, "a", &anyhow::anyhow!("no such\nexample")).fails());
    }

    #[test]
    fn the_line_of_a_bench_program_is_a_row() {
        let line = r#"{"row":3,"what":"CPU per webhook","measured":"1.04x","budget":"1.15x","within":true}"#;
        let row: Row = serde_json::from_str(line).expect("a row");
        assert_eq!(row, Row::told(3, "CPU per webhook", "1.04x", "1.15x", true));
    }

    #[test]
    fn the_table_shows_what_stands_beside_what() {
        let text = shown(&[Row { load: "0.42".to_owned(), ..Row::told(6, "sync", "9.1 MB", "14 MB", true) }]);
        assert_eq!(text.lines().last(), Some("6    sync  9.1 MB    14 MB   ok  0.42"));
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [9, 1, 5]), Some(5));
        assert_eq!(median::<u8>(&mut []), None);
    }
}
