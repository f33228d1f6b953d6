//! One Rust file as the rules read it.
//!
//! Decides what of a file is code and what is product, and finds words in it.
//! Must not know any rule.

use super::mask;

/// A Rust file in three readings of the same length.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    /// As it is.
    pub(crate) text: String,
    /// Without comments and strings.
    pub(crate) code: String,
    /// Without tests too; blank in a file that is only for tests.
    pub(crate) product: String,
    /// The paths of files that it declares for tests only.
    pub(crate) test_files: Vec<String>,
}

impl Source {
    /// Reads it.
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let code = mask::code(&text);
        let (product, modules) = mask::without_tests(&code);
        let test_files = modules.iter().flat_map(|module| files_of(&path, module)).collect();
        let mut source = Self { path, text, code, product, test_files };
        if is_test_path(&source.path) {
            source.mark_as_test();
        }
        source
    }

    /// Says that nothing in it is product.
    pub(crate) fn mark_as_test(&mut self) {
        self.product = self.product.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
    }

    /// The lines of the code where `pattern` stands as words of its own.
    pub(crate) fn in_code(&self, pattern: &str) -> Vec<usize> {
        lines_with(&self.code, pattern)
    }

    /// The same, tests left out.
    pub(crate) fn in_product(&self, pattern: &str) -> Vec<usize> {
        lines_with(&self.product, pattern)
    }
}

fn is_test_path(path: &str) -> bool {
    let folders_of_tests = ["tests", "benches", "examples"];
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    folders.split('/').any(|folder| folders_of_tests.contains(&folder))
        || file == "tests.rs"
        || file.ends_with("_tests.rs")
}

fn files_of(path: &str, module: &str) -> [String; 2] {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.trim_end_matches(".rs");
    let base = match stem {
        "lib" | "main" | "mod" => folder.to_owned(),
        _ => format!("{folder}/{stem}"),
    };
    [format!("{base}/{module}.rs"), format!("{base}/{module}/mod.rs")]
}

/// The lines of a text where `pattern` stands as words of its own.
pub(crate) fn lines_with(text: &str, pattern: &str) -> Vec<usize> {
    let first = pattern.chars().next().is_some_and(mask::is_name);
    let last = pattern.chars().next_back().is_some_and(mask::is_name);
    let stands_alone = |at: usize| {
        let before = text[..at].chars().next_back().is_some_and(mask::is_name);
        let after = text[at + pattern.len()..].chars().next().is_some_and(mask::is_name);
        !(first && before || last && after)
    };
    let mut lines: Vec<usize> =
        text.match_indices(pattern).filter(|(at, _)| stands_alone(*at)).map(|(at, _)| line_of(text, at)).collect();
    lines.dedup();
    lines
}

/// The line, from one, of a place in a text.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_with_their_line() {
        let source =
            Source::new("shared/domain/src/a.rs", "use rand::x;\nlet operand = brand::x; // rand::y\nrand::z();");
        assert_eq!(source.in_code("rand::"), [1, 3]);
        assert_eq!(source.in_code("operand"), [2]);
        assert!(source.in_code("opera").is_empty());
    }

    #[test]
    fn tests_are_code_but_not_product() {
        let source = Source::new("shared/domain/src/a.rs", "#[cfg(test)]\nmod tests { use tokio; }\n");
        assert_eq!(source.in_code("tokio"), [2]);
        assert!(source.in_product("tokio").is_empty());
    }

    #[test]
    fn files_of_tests_benches_and_examples_are_not_product() {
        for path in
            ["tests/e2e/src/a.rs", "shared/app/tests/it/main.rs", "shared/erp/examples/b.rs", "shared/erp/src/tests.rs"]
        {
            assert!(Source::new(path, "use tokio;").in_product("tokio").is_empty(), "{path}");
        }
        assert_eq!(Source::new("shared/app/src/latest.rs", "use tokio;").in_product("tokio"), [1]);
    }

    #[test]
    fn a_file_declared_for_tests_is_named_beside_its_parent() {
        let root = Source::new("shared/sync/src/lib.rs", "#[cfg(test)]\nmod world;");
        assert_eq!(root.test_files, ["shared/sync/src/world.rs", "shared/sync/src/world/mod.rs"]);
        let nested = Source::new("shared/sync/src/machine.rs", "#[cfg(test)]\nmod world;");
        assert_eq!(nested.test_files[0], "shared/sync/src/machine/world.rs");
    }
}
