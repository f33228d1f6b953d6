//! `cargo xtask bundle`: every function as the file that Lambda starts, and how large it is.
//!
//! Decides which tool builds, what is measured, and when a function is too
//! large. Must not know what a function does.

use crate::process::must_succeed;
use crate::table;
use crate::tools::Tools;
use crate::workspace::Workspace;
use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// What the runtime provided.al2023 has; a binary that asks for more does not start.
const GLIBC: (u32, u32) = (2, 34);
const MEGABYTE: u64 = 1_000_000;

/// How to build.
#[derive(Args)]
pub(crate) struct Options {
    /// The processor the functions run on; the parameter Architecture of the template.
    #[arg(long, value_enum, default_value_t = Architecture::X86_64)]
    architecture: Architecture,
    /// What links: `cargo` is this machine's own, `zig` also builds for another processor or an older libc.
    #[arg(long, value_enum)]
    linker: Option<Linker>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Architecture {
    #[value(name = "x86_64")]
    X86_64,
    Arm64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Linker {
    Cargo,
    Zig,
}

impl Architecture {
    const fn is_of_this_machine(self) -> bool {
        match self {
            Self::X86_64 => cfg!(all(target_arch = "x86_64", target_os = "linux")),
            Self::Arm64 => cfg!(all(target_arch = "aarch64", target_os = "linux")),
        }
    }
}

/// The budget of one function, in bytes: stripped, zipped.
const fn budget(function: &str) -> (u64, u64) {
    match function.as_bytes() {
        b"ai" | b"report-export" => (60 * MEGABYTE, 25 * MEGABYTE),
        _ => (14 * MEGABYTE, 5 * MEGABYTE),
    }
}

/// One built function.
#[derive(Debug)]
pub(crate) struct Built {
    /// Its name.
    pub(crate) function: String,
    /// The file that Lambda starts.
    pub(crate) bootstrap: PathBuf,
    /// Its bytes, stripped.
    pub(crate) bytes: u64,
    /// Its bytes, zipped; zero until it is.
    pub(crate) zipped: u64,
}

impl Built {
    /// Whether it keeps its budget.
    pub(crate) fn fits(&self) -> bool {
        let (stripped, zipped) = budget(&self.function);
        self.bytes <= stripped && self.zipped <= zipped
    }

    /// Its budget, for a table.
    pub(crate) fn budget(&self) -> String {
        let (stripped, zipped) = budget(&self.function);
        format!("{} / {} MB", stripped / MEGABYTE, zipped / MEGABYTE)
    }

    /// Its sizes, for a table.
    pub(crate) fn sizes(&self) -> String {
        format!("{} / {} MB", megabytes(self.bytes), megabytes(self.zipped))
    }
}

/// Builds all functions and prints their sizes; whether each one fits and starts on Lambda.
pub(crate) fn run(options: &Options) -> Result<bool> {
    let workspace = Workspace::load()?;
    let tools = Tools::ready(&workspace, "bundle")?;
    build(&workspace, &tools, options)?;
    let mut all = true;
    let mut rows = Vec::new();
    for built in built(&workspace, &tools)? {
        let needs = glibc(&std::fs::read(&built.bootstrap)?);
        let starts = needs.is_none_or(|version| version <= GLIBC);
        all &= built.fits() && starts;
        let verdict = match (built.fits(), starts) {
            (true, true) => "ok",
            (false, _) => "TOO LARGE",
            (true, false) => "NEEDS A NEWER LIBC: use --linker zig",
        };
        let libc = needs.map_or_else(|| "none".to_owned(), |(major, minor)| format!("{major}.{minor}"));
        rows.push(vec![built.function.clone(), built.sizes(), built.budget(), libc, verdict.to_owned()]);
    }
    println!("\n{}", table::render(&["function", "stripped / zipped", "budget", "libc", ""], &rows));
    Ok(all)
}

fn build(workspace: &Workspace, tools: &Tools, options: &Options) -> Result<()> {
    let native = options.architecture.is_of_this_machine();
    let linker = options.linker.unwrap_or(if native { Linker::Cargo } else { Linker::Zig });
    let mut command = tools.command("cargo-lambda");
    command.args(["lambda", "build", "--locked", "--profile", "lambda"]);
    command.arg(match options.architecture {
        Architecture::X86_64 => "--x86-64",
        Architecture::Arm64 => "--arm64",
    });
    command.args(["--compiler", if linker == Linker::Zig { "zig" } else { "cargo" }]);
    command.arg("--lambda-dir").arg(folder(workspace));
    let mut any = false;
    for package in workspace.functions() {
        for bin in &package.bins {
            command.args(["--package", &package.name, "--bin", bin]);
            any = true;
        }
    }
    ensure!(any, "no package under functions/ has a binary");
    must_succeed(&mut command)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("lambda")
}

/// The functions that were built before, zipped and weighed.
pub(crate) fn built(workspace: &Workspace, tools: &Tools) -> Result<Vec<Built>> {
    let mut all = Vec::new();
    for function in workspace.functions().flat_map(|package| &package.bins) {
        let bootstrap = folder(workspace).join(function).join("bootstrap");
        if !bootstrap.exists() {
            continue;
        }
        let zip = bootstrap.with_extension("zip");
        must_succeed(tools.command("python").args(["-m", "zipfile", "-c"]).arg(&zip).arg(&bootstrap))?;
        all.push(Built { function: function.clone(), bytes: size(&bootstrap)?, zipped: size(&zip)?, bootstrap });
        // Only weighed: what is deployed is zipped by the deploying tool.
        std::fs::remove_file(&zip)?;
    }
    Ok(all)
}

fn size(path: &Path) -> Result<u64> {
    let meta = path.metadata().with_context(|| format!("{} was not built", path.display()))?;
    Ok(meta.len())
}

fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + MEGABYTE / 20) / (MEGABYTE / 10);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The newest glibc that a binary's versioned symbols ask for.
fn glibc(binary: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"GLIBC_";
    let versions = binary.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    versions
        .filter_map(|(at, _)| {
            let rest = &binary[at + MARK.len()..];
            let end = rest.iter().position(|b| !b.is_ascii_digit() && *b != b'.').unwrap_or(rest.len());
            let mut numbers = std::str::from_utf8(&rest[..end]).ok()?.split('.');
            Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str, bytes: u64, zipped: u64) -> Built {
        Built { function: name.to_owned(), bootstrap: PathBuf::new(), bytes, zipped }
    }

    #[test]
    fn a_function_over_either_budget_is_too_large() {
        assert!(function("webhook", 14 * MEGABYTE, 5 * MEGABYTE).fits());
        assert!(!function("webhook", 14 * MEGABYTE + 1, MEGABYTE).fits());
        assert!(!function("webhook", MEGABYTE, 5 * MEGABYTE + 1).fits());
        assert!(function("report-export", 60 * MEGABYTE, 25 * MEGABYTE).fits());
    }

    #[test]
    fn sizes_are_rounded_to_tenths() {
        assert_eq!(function("sync", 9_849_999, 4_050_000).sizes(), "9.8 / 4.1 MB");
        assert_eq!(function("sync", 0, 0).budget(), "14 / 5 MB");
    }

    #[test]
    fn the_newest_libc_counts_not_the_last_named() {
        assert_eq!(glibc(b"\0GLIBC_2.34\0GLIBC_2.9\0GLIBC_2.2.5\0GLIBC_PRIVATE\0"), Some((2, 34)));
        assert!(glibc(b"\0GLIBC_2.36\0") > Some(GLIBC));
        assert_eq!(glibc(b"static"), None);
    }
}
