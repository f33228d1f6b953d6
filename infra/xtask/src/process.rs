//! Running other programs: shown before they run, and failed with their name.
//!
//! Decides how a command is shown and what its failure says. Must not decide
//! what to run.

use anyhow::{Context as _, Result, bail};
use std::process::{Command, Stdio};

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs it on this terminal, without input; whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let what = shown(command);
    println!("$ {what}");
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("could not start `{what}`"))?;
    Ok(status.success())
}

/// Runs it on this terminal; its failure is an error.
pub(crate) fn must_succeed(command: &mut Command) -> Result<()> {
    if !succeeds(command)? {
        bail!("`{}` failed", shown(command));
    }
    Ok(())
}

/// What it printed; its failure is an error that ends with what it complained of.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let what = shown(command);
    let out = command.stdin(Stdio::null()).output().with_context(|| format!("could not start `{what}`"))?;
    if !out.status.success() {
        bail!("`{what}` failed: {}", String::from_utf8_lossy(&out.stderr).trim());
    }
    String::from_utf8(out.stdout).with_context(|| format!("`{what}` printed something that is not UTF-8"))
}

/// `cargo`, run at the root of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(crate::workspace::root());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command() {
        let error = output(Command::new("false").arg("--why")).expect_err("`false` fails");
        assert!(error.to_string().starts_with("`false --why` failed"), "{error}");
        assert!(must_succeed(&mut Command::new("false")).is_err());
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = output(&mut Command::new("no-such-program-here")).expect_err("it does not exist");
        assert_eq!(error.to_string(), "could not start `no-such-program-here`");
    }
}
