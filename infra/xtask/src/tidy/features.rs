//! `cargo run` and `cargo test --workspace` must build the same things, or a newcomer compiles everything twice.
//!
//! Decides whether the features that cargo resolves for the local runner are
//! those that it resolves for the workspace with its tests.

use super::tree::Tree;
use crate::finding::Finding;
use crate::process;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

const LOCK: &str = "Cargo.lock";
/// The package that `cargo run` starts.
const RUNNER: &str = "local";

/// A package with its version, and the sets of features it is built with: one, or one more for build scripts.
type Units = BTreeMap<String, BTreeSet<BTreeSet<String>>>;

/// Whether the lock file is kept and current, and the two commands agree.
pub(crate) fn check(tree: &Tree) -> Result<Vec<Finding>> {
    if !tree.has(LOCK) {
        let finding = Finding::failure(LOCK, 0, "lock", "not committed", "commit it: the product builds from it");
        return Ok(vec![finding]);
    }
    let runner = cargo_tree(&["--package", RUNNER, "--edges", "normal,build"]);
    let workspace = cargo_tree(&["--workspace", "--edges", "normal,build,dev"]);
    Ok(match (runner, workspace) {
        (Ok(runner), Ok(workspace)) => differences(&units(&runner), &units(&workspace)),
        (Err(error), _) | (_, Err(error)) if error.to_string().contains("--locked") => {
            vec![Finding::failure(
                LOCK,
                0,
                "lock",
                "older than the manifests",
                "run `cargo metadata` once and commit Cargo.lock",
            )]
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    })
}

fn cargo_tree(arguments: &[&str]) -> Result<String> {
    let mut cargo = process::cargo();
    cargo.args(["tree", "--locked", "--quiet", "--prefix", "none", "--format", "{p}|{f}"]).args(arguments);
    process::output(&mut cargo)
}

/// Reads lines like `serde v1.0.229|default,derive (*)`.
fn units(printed: &str) -> Units {
    let mut units = Units::new();
    for line in printed.lines() {
        let Some((package, features)) = line.split_once('|') else {
            continue;
        };
        let name = package.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let features = features.trim_end().trim_end_matches("(*)").trim_end();
        let features = features.split(',').filter(|f| !f.is_empty()).map(str::to_owned).collect();
        units.entry(name).or_default().insert(features);
    }
    units
}

fn differences(runner: &Units, workspace: &Units) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (package, sets) in runner {
        let empty = BTreeSet::new();
        let others = workspace.get(package).unwrap_or(&empty);
        for features in sets.difference(others) {
            findings.push(Finding::failure(
                "Cargo.toml",
                0,
                "features",
                format!("{package} is built twice: {}", difference(features, others)),
                "name the missing features of the package in the root Cargo.toml, in [workspace.dependencies], and let the runner depend on it",
            ));
        }
    }
    findings
}

fn difference(features: &BTreeSet<String>, others: &BTreeSet<BTreeSet<String>>) -> String {
    let listed = |set: Vec<&String>| set.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let Some(nearest) = others.iter().min_by_key(|other| other.symmetric_difference(features).count()) else {
        return "the workspace does not build it".to_owned();
    };
    format!(
        "only in `cargo run` [{}], only in `cargo test --workspace` [{}]",
        listed(features.difference(nearest).collect()),
        listed(nearest.difference(features).collect()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(runner: &str, workspace: &str) -> Vec<String> {
        differences(&units(runner), &units(workspace)).into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn equal_features_pass_whatever_else_the_workspace_builds() {
        let runner = "local v0.1.0 (/a/local)|\nserde v1.0.0|default,derive\n";
        let workspace =
            "e2e v0.1.0 (/a/e2e)|\nlocal v0.1.0 (/a/local)|\nserde v1.0.0|derive,default (*)\n\nserde v1.0.0|default\n";
        assert!(found(runner, workspace).is_empty());
    }

    #[test]
    fn a_feature_that_only_a_test_asks_for_fails() {
        assert_eq!(
            found("tokio v1.0.0|rt\n", "tokio v1.0.0|rt,test-util\n"),
            ["tokio v1.0.0 is built twice: only in `cargo run` [], only in `cargo test --workspace` [test-util]"]
        );
    }

    #[test]
    fn a_package_that_only_the_runner_builds_fails() {
        assert_eq!(found("a v1.0.0|\n", ""), ["a v1.0.0 is built twice: the workspace does not build it"]);
    }
}
