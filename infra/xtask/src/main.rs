//! `cargo xtask`: what keeps the workspace in order, as commands.
//!
//! Decides which checks a submission passes, how the functions are bundled and
//! what is measured. Must not know the product: it reads the tree, runs cargo
//! and the pinned tools, and reports.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line reports to its terminal")]

mod bench;
mod bundle;
mod ci;
mod events;
mod finding;
mod process;
mod stopwatch;
mod table;
mod template;
mod tidy;
mod tools;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Checks, bundles and measures the workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Checks the rules of ARCHITECTURE.md that no compiler checks.
    Tidy,
    /// Everything a submission must pass before its tests: tidy, fmt, clippy, the template.
    Ci(ci::Options),
    /// Builds every function for Lambda and prints its size beside the budget.
    Bundle(bundle::Options),
    /// Has the libraries of Standard Webhooks verify events of the running product; needs the network and Node.js.
    Events,
    /// Measures what ARCHITECTURE.md sets budgets for and prints it beside the budget.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Tidy => tidy::run(),
        Task::Ci(options) => Ok(ci::run(&options)),
        Task::Bundle(options) => bundle::run(&options),
        Task::Events => events::run(),
        Task::Bench(options) => bench::run(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
