//! How files are named, how long they are, how they open, and which attributes none may carry.
//!
//! Decides the limits. Must not judge what a file does.

use super::source::Source;
use crate::finding::Finding;

const LONG: usize = 400;
const TOO_LONG: usize = 600;
const MAIN: usize = 40;
/// What says how something is done; the rest is data, text, or generated. The template is one list of
/// what one stack has, and grows with it.
const WRITTEN: &[&str] = &["rs", "py", "sh", "ts", "js", "css", "html"];
const SAYS_NOTHING: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"];

/// The names of a path's folders and of its file.
pub(crate) fn check_name(path: &str) -> Vec<Finding> {
    let words = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    let empty = words.filter(|word| SAYS_NOTHING.contains(&word.to_lowercase().as_str()));
    empty
        .map(|word| {
            Finding::failure(
                path,
                0,
                "names",
                format!("`{word}` says nothing about what is in it"),
                "name it by the noun it is about, or move its parts to where they are used",
            )
        })
        .collect()
}

/// The length of a file.
pub(crate) fn check_size(path: &str, text: &str) -> Vec<Finding> {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    if !WRITTEN.contains(&extension) || path.split('/').any(|part| part == "vendor") {
        return Vec::new();
    }
    let lines = text.lines().count();
    let finding = |message: String, remedy| vec![Finding::failure(path, 0, "size", message, remedy)];
    if path.starts_with("functions/") && path.ends_with("/src/main.rs") && lines > MAIN {
        return finding(
            format!("{lines} lines; the main.rs of a function has at most {MAIN}"),
            "main.rs wires; move the rest to lib.rs or to runtime",
        );
    }
    let remedy = "split it by what it decides";
    if lines > TOO_LONG {
        finding(format!("{lines} lines; at most {TOO_LONG}"), remedy)
    } else if lines > LONG {
        let told = finding(format!("{lines} lines; about {LONG} is the aim"), remedy);
        told.into_iter().map(Finding::into_warning).collect()
    } else {
        Vec::new()
    }
}

/// The opening of a Rust file and the attributes in it.
pub(crate) fn check_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fail = |line: usize, rule, message: String, remedy| {
        findings.push(Finding::failure(source.path.clone(), line, rule, message, remedy));
    };
    if !source.text.starts_with("//!") {
        fail(
            1,
            "opening",
            "the file does not open with `//!`".to_owned(),
            "say what the module decides and what it must not do",
        );
    }
    for attribute in ["#[allow", "#![allow"] {
        for line in source.in_code(attribute) {
            fail(
                line,
                "attributes",
                format!("`{attribute}(`"),
                "repair it, or use #[expect(..., reason = \"...\")], which speaks up when it is no longer needed",
            );
        }
    }
    for line in source.in_code("#[ignore") {
        fail(
            line,
            "attributes",
            "`#[ignore]`".to_owned(),
            "repair the test or delete it: a test that does not run tests nothing",
        );
    }
    for (n, line) in source.code.lines().enumerate() {
        let applies =
            line.split_once("cfg_attr(").is_some_and(|(_, rest)| rest.contains("allow(") || rest.contains("ignore"));
        if applies {
            fail(n + 1, "attributes", "`allow` or `ignore` under cfg_attr".to_owned(), "the rule holds for it too");
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Weight;

    #[test]
    fn names_that_say_nothing_fail() {
        for path in
            ["shared/app/src/utils.rs", "shared/common/src/lib.rs", "tests/e2e/src/helpers/mod.rs", "a/manager.rs"]
        {
            assert_eq!(check_name(path).len(), 1, "{path}");
        }
        for path in ["shared/app/src/utilisation.rs", "shared/app/src/run.rs", "docs/common-questions.md"] {
            assert!(check_name(path).is_empty(), "{path}");
        }
    }

    #[test]
    fn a_long_file_is_told_and_a_longer_one_fails() {
        let weight = |path: &str, lines| check_size(path, &"x\n".repeat(lines)).first().map(|f| f.weight);
        assert_eq!(weight("a.rs", 400), None);
        assert_eq!(weight("a.rs", 401), Some(Weight::Warning));
        assert_eq!(weight("a.rs", 600), Some(Weight::Warning));
        assert_eq!(weight("a.rs", 601), Some(Weight::Failure));
        assert_eq!(weight("a.json", 9000), None);
        assert_eq!(weight("functions/console/vendor/htmx.js", 9000), None);
    }

    #[test]
    fn the_main_of_a_function_only_wires() {
        let weight = |path: &str, lines| check_size(path, &"x\n".repeat(lines)).first().map(|f| f.weight);
        assert_eq!(weight("functions/webhook/src/main.rs", 40), None);
        assert_eq!(weight("functions/webhook/src/main.rs", 41), Some(Weight::Failure));
        assert_eq!(weight("infra/local/src/main.rs", 41), None);
    }

    #[test]
    fn a_file_opens_with_what_it_decides() {
        assert!(check_source(&Source::new("a.rs", "//! Decides.\n")).is_empty());
        assert_eq!(check_source(&Source::new("a.rs", "use x;\n//! Late.\n"))[0].rule, "opening");
        assert_eq!(check_source(&Source::new("a.rs", ""))[0].rule, "opening");
    }

    #[test]
    fn exceptions_are_expected_not_allowed() {
        let found = |text: &str| check_source(&Source::new("a.rs", format!("//! A.\n{text}"))).len();
        assert_eq!(found("#[expect(dead_code, reason = \"x\")]\nfn a() {} // #[allow(x)]"), 0);
        assert_eq!(found("#[allow(dead_code)]\nfn a() {}"), 1);
        assert_eq!(found("#![allow(dead_code)]"), 1);
        assert_eq!(found("#[test]\n#[ignore]\nfn a() {}"), 1);
        assert_eq!(found("#[ignore = \"slow\"]\nfn a() {}"), 1);
        assert_eq!(found("#[cfg_attr(unix, allow(dead_code))]\nfn a() {}"), 1);
    }
}
