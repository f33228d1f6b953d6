//! The Python tools, in virtual environments that this module makes from pinned lists.
//!
//! Decides where they live (below target/tools) and when they are made anew:
//! when their list changed. Must not install anything outside.

use crate::process;
use crate::workspace::{Workspace, root};
use anyhow::{Context as _, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the list that an environment was made from.
const STAMP: &str = "made-from.txt";

/// A virtual environment that is ready.
#[derive(Debug)]
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// The environment of infra/tools/`name`.txt; made first if need be.
    pub(crate) fn ready(workspace: &Workspace, name: &str) -> Result<Self> {
        let list = root().join("infra/tools").join(format!("{name}.txt"));
        let wanted = std::fs::read_to_string(&list).with_context(|| format!("no list of tools: {}", list.display()))?;
        let folder = workspace.target.join("tools").join(name);
        let tools = Self { folder };
        if !is_current(&tools.folder, &wanted) {
            tools.make(&list).with_context(|| {
                format!("could not make the tools of {}; Python 3.11 or newer with venv is needed", list.display())
            })?;
            std::fs::write(tools.folder.join(STAMP), &wanted)?;
        }
        Ok(tools)
    }

    fn make(&self, list: &Path) -> Result<()> {
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder)?;
        }
        process::must_succeed(Command::new("python3").args(["-m", "venv"]).arg(&self.folder))?;
        let mut pip = Command::new(self.bin("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
        pip.args(["--no-deps", "--require-hashes", "--requirement"]).arg(list);
        process::must_succeed(&mut pip)
    }

    /// Where one of its programs is.
    pub(crate) fn bin(&self, program: &str) -> PathBuf {
        self.folder.join("bin").join(program)
    }

    /// One of its programs, which finds the others and writes its own state here.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin(program));
        command.current_dir(root()).env("PATH", self.path());
        // The SAM tool would call home, keep state in the user's folder and ask for a region.
        command.env("SAM_CLI_TELEMETRY", "0").env("__SAM_CLI_APP_DIR", self.folder.join("sam"));
        command.env("AWS_DEFAULT_REGION", "eu-central-1").env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    #[expect(clippy::disallowed_methods, reason = "the PATH of this process is what its children search")]
    fn path(&self) -> OsString {
        let mut path = self.folder.join("bin").into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }
}

fn is_current(folder: &Path, wanted: &str) -> bool {
    std::fs::read_to_string(folder.join(STAMP)).is_ok_and(|made_from| made_from == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_pinned_by_its_hash() {
        for name in ["lint", "bundle", "events"] {
            let path = root().join(format!("infra/tools/{name}.txt"));
            let list = std::fs::read_to_string(&path).expect("the list is there");
            let tools: Vec<_> = list.lines().filter(|line| !line.starts_with([' ', '#'])).collect();
            assert!(!tools.is_empty());
            assert!(tools.iter().all(|tool| tool.contains("==") && tool.ends_with('\\')), "{name}: {tools:?}");
            assert!(list.matches("--hash=sha256:").count() >= tools.len());
        }
    }

    #[test]
    fn an_environment_without_its_stamp_is_not_current() {
        assert!(!is_current(Path::new("no-such-folder"), ""));
    }
}
