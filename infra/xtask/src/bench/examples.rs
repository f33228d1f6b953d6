//! The rows that a crate measures itself, in an example that prints them as JSON lines.
//!
//! Decides how such a program is run and read. Must not know what it measures.

use super::Row;
use crate::process;
use anyhow::{Context as _, Result, ensure};

/// Builds and runs the example; its rows.
pub(super) fn run(package: &str, example: &str) -> Result<Vec<Row>> {
    let mut cargo = process::cargo();
    cargo.args(["run", "--release", "--locked", "--quiet", "--package", package, "--example", example]);
    rows(&process::output(&mut cargo)?).with_context(|| format!("the example {example} of {package}"))
}

fn rows(printed: &str) -> Result<Vec<Row>> {
    let lines = printed.lines().filter(|line| line.starts_with('{'));
    let rows: Vec<Row> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(!rows.is_empty(), "printed no row");
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_among_other_lines() {
        let line = r#"{"row":12,"what":"parse","measured":"0.6 GB/s","budget":"0.5 GB/s","within":true}"#;
        assert_eq!(rows(&format!("warming up\n{line}\n{line}\n")).expect("rows").len(), 2);
    }

    #[test]
    fn a_program_without_a_row_or_with_half_a_row_is_an_error() {
        assert!(rows("done\n").is_err());
        assert!(rows("{\"row\":12}\n").is_err());
    }
}
