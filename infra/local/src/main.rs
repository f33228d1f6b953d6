//! The whole product on this machine, with one command.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line: it talks to people")]

mod api;
mod cli;
mod crm;
mod data;
mod demo;
mod progress;
mod pump;
mod report;
mod stack;
mod tokens;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command, TokenArgs};

/// The command line was wrong.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Token(args)) => token(&args).map(|()| 0),
        None => match cli.run.remote() {
            Ok(remote) => demo::run(&cli.run, remote),
            Err(wrong) => {
                eprintln!("error: {wrong}\n\nFor more information, try '--help'.");
                Ok(USAGE)
            }
        },
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn token(args: &TokenArgs) -> anyhow::Result<()> {
    let directory = data::key_directory(args.data.as_deref())?;
    let issuer = tokens::Issuer::of(&directory)?;
    println!("{}", issuer.token(&args.tenant, args.role, &args.subject, stack::now())?);
    Ok(())
}
