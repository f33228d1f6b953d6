//! Row 21: from `cargo run` without a rebuild to its ready line, and the memory until then.
//!
//! Decides what the ready line is: the first line on stdout that is a JSON
//! object with the API's address.

use super::Row;
use crate::process;
use crate::stopwatch::Stopwatch;
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const BUDGET: Duration = Duration::from_secs(5);
const BUDGET_MIB: u64 = 150;

/// As a newcomer starts it, and in release.
pub(super) fn measure() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (what, profile) in [("`cargo run`", None), ("`cargo run --release`", Some("--release"))] {
        process::output(process::cargo().args(["build", "--locked"]).args(profile))?;
        let mut run = process::cargo();
        run.args(["run", "--locked", "--quiet"]).args(profile).args(["--", "--json", "--port", "0"]);
        let (took, mib) = until_ready(&mut run)?;
        let seconds = format!("{:.1} s", took.as_secs_f64());
        rows.push(Row::told(21, format!("{what} to its ready line"), seconds, "5 s", took <= BUDGET));
        let memory = format!("{mib} MiB");
        rows.push(Row::told(21, format!("{what}, memory until then"), memory, "150 MiB", mib <= BUDGET_MIB));
    }
    Ok(rows)
}

fn until_ready(run: &mut Command) -> Result<(Duration, u64)> {
    let watch = Stopwatch::start();
    let mut child = run.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let measured = ready(&mut child).and_then(|()| {
        let took = watch.elapsed();
        // `cargo run` becomes the program, so its process is the program's.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        Ok((took, peak_mib(&status).context("the system does not tell the memory of a process")?))
    });
    child.kill()?;
    child.wait()?;
    measured
}

fn ready(child: &mut Child) -> Result<()> {
    let stdout = child.stdout.take().context("no stdout")?;
    for line in BufReader::new(stdout).lines() {
        if is_ready(&line?) {
            return Ok(());
        }
    }
    bail!("it ended without a ready line")
}

fn is_ready(line: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(line).is_ok_and(|value| value["api"].is_string())
}

fn peak_mib(status: &str) -> Option<u64> {
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = kib.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib.div_ceil(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_has_the_address_of_the_api() {
        assert!(is_ready(r#"{"api":"http://127.0.0.1:1","tenants":[]}"#));
        assert!(!is_ready(r#"{"ok":true}"#) && !is_ready("starting"));
    }

    #[test]
    fn the_peak_is_read_in_mebibytes() {
        assert_eq!(peak_mib("Name:\ta\nVmPeak:\t   9 kB\nVmHWM:\t  102401 kB\n"), Some(101));
        assert_eq!(peak_mib("Name:\ta\n"), None);
    }

    #[test]
    fn a_program_that_ends_early_is_not_ready() {
        let error = until_ready(&mut Command::new("true")).expect_err("it prints nothing");
        assert_eq!(error.to_string(), "it ended without a ready line");
    }
}
