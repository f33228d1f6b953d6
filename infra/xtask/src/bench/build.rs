//! Row 20: how long a build takes from nothing, and after an edit.
//!
//! Decides what counts as an edit: a file written anew with what it says, which
//! cargo builds again. Must not leave the tree changed.

use super::{Row, median};
use crate::process;
use crate::stopwatch::Stopwatch;
use crate::workspace::{Workspace, root};
use anyhow::{Context as _, Result};
use std::time::Duration;

const ROUNDS: usize = 3;
const DOMAIN: &str = "shared/domain/src/lib.rs";
const STORE: &str = "shared/store/src/lib.rs";

/// The edits, and with `cold` the build from nothing.
pub(super) fn measure(workspace: &Workspace, cold: bool) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    if cold {
        rows.push(from_nothing(workspace)?);
    }
    let test = ["test", "--locked", "--quiet", "--package", "domain", "--lib"];
    rows.push(after_an_edit("a pure crate to its tests' end", DOMAIN, &test, Duration::from_secs(3))?);
    let link = ["build", "--locked", "--quiet", "--workspace", "--bin", "webhook"];
    rows.push(after_an_edit("store to a linked function", STORE, &link, Duration::from_secs(10))?);
    Ok(rows)
}

fn from_nothing(workspace: &Workspace) -> Result<Row> {
    let folder = workspace.target.join("bench-cold");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let watch = Stopwatch::start();
    process::must_succeed(process::cargo().args(["build", "--locked", "--quiet"]).env("CARGO_TARGET_DIR", &folder))?;
    let took = watch.elapsed();
    std::fs::remove_dir_all(&folder)?;
    Ok(row("what `cargo run` builds, from nothing", took, Duration::from_mins(12)))
}

fn after_an_edit(what: &str, file: &str, arguments: &[&str], budget: Duration) -> Result<Row> {
    let path = root().join(file);
    process::output(process::cargo().args(arguments))?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let text = std::fs::read(&path).with_context(|| format!("could not read {file}"))?;
        std::fs::write(&path, text)?;
        let watch = Stopwatch::start();
        process::output(process::cargo().args(arguments))?;
        times.push(watch.elapsed());
    }
    let middle = median(&mut times).context("no round was measured")?;
    Ok(row(&format!("edit of {what}, median of {ROUNDS}"), middle, budget))
}

fn row(what: &str, took: Duration, budget: Duration) -> Row {
    Row::told(20, what, format!("{:.1} s", took.as_secs_f64()), format!("{} s", budget.as_secs()), took <= budget)
}
