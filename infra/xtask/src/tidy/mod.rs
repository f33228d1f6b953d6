//! `cargo xtask tidy`: the rules of ARCHITECTURE.md that no compiler checks.
//!
//! Decides which rules run over which files and whether the whole passes. Each
//! rule is a function from what it reads to findings, and knows no other rule.

mod arrows;
mod confined;
mod features;
mod manifests;
mod mask;
mod paths;
mod purity;
mod shape;
mod source;
mod tree;

use crate::finding::{Finding, Weight};
use crate::{template, workspace};
use anyhow::Result;

/// The one module that reads the environment.
const ENVIRONMENT_READER: &str = "shared/runtime/src/config.rs";

/// Runs every rule, prints what they found, and answers whether nothing failed.
pub(crate) fn run() -> Result<bool> {
    let mut findings = check()?;
    findings.sort_by(|a, b| (&a.path, a.line, a.rule).cmp(&(&b.path, b.line, b.rule)));
    for finding in &findings {
        println!("{finding}");
    }
    let failures = findings.iter().filter(|f| f.weight == Weight::Failure).count();
    println!("tidy: {failures} errors, {} warnings", findings.len() - failures);
    Ok(failures == 0)
}

fn check() -> Result<Vec<Finding>> {
    let tree = tree::read(workspace::root())?;
    let workspace = workspace::Workspace::load()?;
    let mut findings = arrows::check(&workspace.packages);
    findings.extend(arrows::check_binaries(&workspace.packages));
    for name in tree.names() {
        findings.extend(shape::check_name(name));
    }
    for file in tree.texts() {
        findings.extend(shape::check_size(&file.path, &file.text));
        findings.extend(paths::check(&file.path, &file.text, |path| tree.has(path)));
        if file.path.ends_with("Cargo.toml") && file.path != "Cargo.toml" {
            findings.extend(manifests::check(&file.path, &file.text));
        }
    }
    for source in tree.sources() {
        findings.extend(shape::check_source(source));
        findings.extend(purity::check(source));
        findings.extend(confined::check(source));
    }
    if let Some(text) = tree.text("infra/template.yaml") {
        let functions: Vec<&str> = workspace.functions().filter_map(workspace::Package::function).collect();
        findings.extend(template::check(text, &functions));
    }
    if let Some(text) = tree.text(ENVIRONMENT_READER) {
        findings.extend(template::check_reader(ENVIRONMENT_READER, text));
    }
    findings.extend(features::check(&tree)?);
    Ok(findings)
}
