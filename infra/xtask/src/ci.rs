//! `cargo xtask ci`: everything a submission must pass before its tests.
//!
//! Decides the order: what is quick to fail comes first, and every check runs,
//! so that one run tells all. Must not know any rule itself.

use crate::process::{cargo, succeeds};
use crate::stopwatch::Stopwatch;
use crate::tools::Tools;
use crate::workspace::Workspace;
use crate::{table, tidy};
use anyhow::Result;
use clap::Args;

const TEMPLATE: &str = "infra/template.yaml";

type Check = fn() -> Result<bool>;

const CHECKS: [(&str, Check); 4] = [("tidy", tidy::run), ("fmt", format), ("template", template), ("clippy", clippy)];

/// Which checks.
#[derive(Args)]
pub(crate) struct Options {
    /// Only this one; may be repeated.
    #[arg(long, value_parser = CHECKS.map(|(name, _)| name))]
    only: Vec<String>,
}

/// Runs every check; whether all passed.
pub(crate) fn run(options: &Options) -> bool {
    let mut rows = Vec::new();
    let mut all = true;
    for (name, check) in CHECKS {
        if !options.only.is_empty() && !options.only.iter().any(|only| only == name) {
            continue;
        }
        println!("== {name}");
        let watch = Stopwatch::start();
        // A check that could not run has failed; the others still tell what they find.
        let passed = check().unwrap_or_else(|error| {
            println!("error: {error:#}");
            false
        });
        all &= passed;
        let result = if passed { "passed" } else { "FAILED" };
        rows.push(vec![name.to_owned(), result.to_owned(), format!("{:.1} s", watch.elapsed().as_secs_f64())]);
    }
    println!("\n{}", table::render(&["check", "result", "time"], &rows));
    all
}

fn format() -> Result<bool> {
    succeeds(cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<bool> {
    succeeds(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))
}

fn template() -> Result<bool> {
    let tools = Tools::ready(&Workspace::load()?, "lint")?;
    let linted = succeeds(tools.command("cfn-lint").args(["--non-zero-exit-code", "warning", "--", TEMPLATE]))?;
    let valid = succeeds(tools.command("sam").args(["validate", "--lint", "--template-file", TEMPLATE]))?;
    Ok(linted && valid)
}
