//! No file may lean on the machine it was written on, or on what lies outside the repository.
//!
//! Decides which texts are such a path.

use super::source::line_of;
use crate::finding::Finding;

const RULE: &str = "paths";
/// Written in two parts, so that this file passes its own rule.
const MACHINE: &[&str] = &[concat!("/", "work/"), concat!("/", "farm/"), concat!("/", "tmp/"), concat!("/", "root/")];
const OUTSIDE: &str = concat!("../", "shared/");

/// Every such path; `exists` tells whether a path of the repository is there.
pub(crate) fn check(path: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    if path == "Cargo.lock" {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for folder in MACHINE {
        let absolute = text.match_indices(folder).filter(|(at, _)| starts_a_path(&text[..*at]));
        findings.extend(absolute.map(|(at, _)| {
            Finding::failure(
                path,
                line_of(text, at),
                RULE,
                format!("`{folder}` is a folder of one machine"),
                "take the place as an argument, or use a folder below target/ or tempfile",
            )
        }));
    }
    for (at, _) in text.match_indices(OUTSIDE) {
        let start = text[..at]
            .rfind(|c: char| !is_of_a_path(c))
            .map_or(0, |n| n + text[n..].chars().next().map_or(1, char::len_utf8));
        let end = text[at..].find(|c: char| !is_of_a_path(c)).map_or(text.len(), |n| at + n);
        let written = text[start..end].trim_end_matches('.');
        if !resolve(path, written).is_some_and(|inside| exists(&inside)) {
            findings.push(Finding::failure(
                path,
                line_of(text, at),
                RULE,
                format!("`{written}` is not in this repository"),
                "a clone has only what is committed: say it here, or name it without a path",
            ));
        }
    }
    findings
}

fn starts_a_path(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| c.is_whitespace() || "\"'`(=:,[<>|".contains(c))
}

fn is_of_a_path(c: char) -> bool {
    c.is_alphanumeric() || "/._-".contains(c)
}

/// A path written in a file, from the root; `None` when it leads outside.
fn resolve(file: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(path, text, |p| p == "shared/domain/src/lib.rs").into_iter().map(|f| f.line).collect()
    }

    #[test]
    fn a_path_of_one_machine_fails() {
        for folder in MACHINE {
            assert_eq!(lines("README.md", &format!("a\nsee {folder}x")), [2], "{folder}");
            assert_eq!(lines("src/a.rs", &format!("open(\"{folder}x\")")), [1], "{folder}");
        }
    }

    #[test]
    fn a_path_that_only_contains_such_a_name_passes() {
        assert!(lines("a.md", &format!("target{0}x https://host{0}x {{root}}{0}x", MACHINE[0])).is_empty());
        assert!(lines("Cargo.lock", &format!(" {}", MACHINE[0])).is_empty());
    }

    #[test]
    fn a_path_out_of_the_repository_fails_and_one_within_passes() {
        assert_eq!(lines("README.md", &format!("read {OUTSIDE}architecture.md.")), [1]);
        assert_eq!(lines("docs/a.md", &format!("read {OUTSIDE}architecture.md.")), [1]);
        assert!(lines("docs/a.md", &format!("read [this]({OUTSIDE}domain/src/lib.rs).")).is_empty());
        assert!(
            lines("functions/webhook/src/lib.rs", &format!("include!(\"../../{OUTSIDE}domain/src/lib.rs\")"))
                .is_empty()
        );
        assert_eq!(lines("functions/a.rs", &format!("include!(\"../../{OUTSIDE}domain/src/lib.rs\")")), [1]);
    }
}
