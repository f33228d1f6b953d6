//! `cargo xtask events`: the libraries of Standard Webhooks verify events of the running product.
//!
//! Decides what is started and which libraries judge. Must not know how an event is signed: the scripts of
//! infra/tools/events ask the product as the CRM would, and the libraries decide.

use crate::process::{cargo, must_succeed};
use crate::tools::Tools;
use crate::workspace::{Workspace, root};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const SCRIPTS: &str = "infra/tools/events";

/// The product, ended with this value. What it prints has a reader as long as it runs.
struct Product {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Drop for Product {
    fn drop(&mut self) {
        // Whether it has ended by itself does not matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the product, has it send events and verifies them; whether all were good.
pub(crate) fn run() -> Result<bool> {
    let workspace = Workspace::load()?;
    let python = Tools::ready(&workspace, "events")?;
    let node = node_tools(&workspace)?;
    must_succeed(cargo().args(["build", "--locked"]))?;
    let (product, api, token) = start()?;
    let kept = node.join("events.json");
    let mut receive = python.command("python");
    must_succeed(receive.arg(root().join(SCRIPTS).join("receive.py")).arg(&api).arg(&kept).env("TOKEN", &token))?;
    drop(product);
    must_succeed(Command::new("node").current_dir(&node).arg("verify.mjs").arg(&kept))?;
    Ok(true)
}

/// The JavaScript library beside its script, below target; the lock file pins it by hash.
fn node_tools(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("tools/events-node");
    std::fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json", "verify.mjs"] {
        copy(&root().join(SCRIPTS).join(file), &folder.join(file))?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    must_succeed(&mut npm).context("Node.js 20 or newer with npm is needed")?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("{} could not be copied", from.display()))?;
    Ok(())
}

/// The product on a free port, with the token of its first tenant.
fn start() -> Result<(Product, String, String)> {
    let mut run = cargo();
    run.args(["run", "--locked", "--quiet", "--", "--json", "--port", "0"]);
    let mut child = run.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let stdout = BufReader::new(child.stdout.take().context("no stdout")?);
    let mut product = Product { child, stdout };
    for line in product.stdout.by_ref().lines() {
        if let Some((api, token)) = ready(&line?) {
            return Ok((product, api, token));
        }
    }
    bail!("the product ended without a ready line")
}

fn ready(line: &str) -> Option<(String, String)> {
    let ready: serde_json::Value = serde_json::from_str(line).ok()?;
    let token = ready["tenants"][0]["token"].as_str()?;
    Some((ready["api"].as_str()?.to_owned(), token.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_line_has_the_address_and_a_token() {
        let line = r#"{"api":"http://127.0.0.1:1","tenants":[{"tenant":"t","token":"e.y.J"}]}"#;
        assert_eq!(ready(line), Some(("http://127.0.0.1:1".to_owned(), "e.y.J".to_owned())));
        assert_eq!(ready(r#"{"api":"http://127.0.0.1:1"}"#), None);
    }

    #[test]
    fn what_is_installed_for_javascript_is_pinned_by_its_hash() {
        let lock = std::fs::read_to_string(root().join(SCRIPTS).join("package-lock.json")).expect("the lock file");
        let lock: serde_json::Value = serde_json::from_str(&lock).expect("JSON");
        let packages = lock["packages"].as_object().expect("packages");
        let installed: Vec<_> = packages.iter().filter(|(name, _)| !name.is_empty()).collect();
        assert!(installed.len() >= 3);
        assert!(installed.iter().all(|(_, p)| p["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-"))));
    }
}
