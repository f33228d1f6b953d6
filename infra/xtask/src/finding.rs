//! What a check has to say: where, which rule, what is wrong, and what to do.
//!
//! Decides how a finding reads. Must not decide whether something is one.

use std::fmt;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Told, and nothing more.
    Warning,
    /// The check fails.
    Failure,
}

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The file, from the root of the repository.
    pub(crate) path: String,
    /// Counted from one; zero is the file as a whole.
    pub(crate) line: usize,
    /// The rule's name.
    pub(crate) rule: &'static str,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) remedy: &'static str,
    /// Whether it fails the check.
    pub(crate) weight: Weight,
}

impl Finding {
    /// A finding that fails the check.
    pub(crate) fn failure(
        path: impl Into<String>,
        line: usize,
        rule: &'static str,
        message: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self { path: path.into(), line, rule, message: message.into(), remedy, weight: Weight::Failure }
    }

    /// The same, but only told.
    pub(crate) fn into_warning(mut self) -> Self {
        self.weight = Weight::Warning;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.weight {
            Weight::Warning => "warning",
            Weight::Failure => "error",
        };
        write!(f, "{}", self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {kind}[{}]: {}\n    -> {}", self.rule, self.message, self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_the_remedy() {
        let finding = Finding::failure("shared/domain/src/a.rs", 3, "purity", "names tokio", "move it");
        assert_eq!(finding.to_string(), "shared/domain/src/a.rs:3: error[purity]: names tokio\n    -> move it");
        let whole = Finding::failure("a.rs", 0, "size", "too long", "split it").into_warning();
        assert_eq!(whole.to_string(), "a.rs: warning[size]: too long\n    -> split it");
    }
}
