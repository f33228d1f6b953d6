//! The files that git keeps or would keep.
//!
//! Decides which files the rules see: tracked, or new and not ignored. Must not
//! know any rule.

use super::source::Source;
use anyhow::{Context as _, Result};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// A file of text.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    names: BTreeSet<String>,
    texts: Vec<Text>,
    sources: Vec<Source>,
}

impl Tree {
    /// A tree of these files.
    pub(crate) fn new(files: Vec<Text>) -> Self {
        let mut sources: Vec<Source> = files
            .iter()
            .filter(|file| Path::new(&file.path).extension().is_some_and(|extension| extension == "rs"))
            .map(|file| Source::new(file.path.clone(), file.text.clone()))
            .collect();
        let for_tests: BTreeSet<String> = sources.iter().flat_map(|source| source.test_files.clone()).collect();
        for source in &mut sources {
            // A module of tests may have modules of its own in its folder.
            if for_tests.iter().any(|test| *test == source.path || is_below(test, &source.path)) {
                source.mark_as_test();
            }
        }
        Self { names: files.iter().map(|file| file.path.clone()).collect(), texts: files, sources }
    }

    /// The paths of all files, those that are not text too.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The files of text.
    pub(crate) fn texts(&self) -> &[Text] {
        &self.texts
    }

    /// The Rust files.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Whether a file or a folder of this path is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        self.names.contains(path) || self.names.range(folder.clone()..).next().is_some_and(|n| n.starts_with(&folder))
    }
}

fn is_below(test: &str, path: &str) -> bool {
    let folder = test.strip_suffix("/mod.rs").or_else(|| test.strip_suffix(".rs")).unwrap_or(test);
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Reads the files below `root`.
pub(crate) fn read(root: &Path) -> Result<Tree> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = crate::process::output(&mut git)?;
    let mut tree_of_names = BTreeSet::new();
    let mut files = Vec::new();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let path = root.join(name);
        // Deleted, but not yet in the index; or a link, which has no text of its own.
        if !path.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
            continue;
        }
        tree_of_names.insert(name.to_owned());
        let bytes = std::fs::read(&path).with_context(|| format!("could not read {name}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(Text { path: name.to_owned(), text });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    let mut tree = Tree::new(files);
    tree.names = tree_of_names;
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        Tree::new(
            files.iter().map(|(path, text)| Text { path: (*path).to_owned(), text: (*text).to_owned() }).collect(),
        )
    }

    #[test]
    fn a_file_declared_for_tests_elsewhere_is_not_product_nor_is_what_lies_below_it() {
        let tree = tree(&[
            ("shared/sync/src/lib.rs", "#[cfg(test)]\nmod world;\nmod worldly;"),
            ("shared/sync/src/world.rs", "mod erp; use tokio;"),
            ("shared/sync/src/world/erp.rs", "use tokio;"),
            ("shared/sync/src/worldly.rs", "use tokio;"),
        ]);
        let product: Vec<_> =
            tree.sources().iter().filter(|s| !s.in_product("tokio").is_empty()).map(|s| s.path.as_str()).collect();
        assert_eq!(product, ["shared/sync/src/worldly.rs"]);
    }

    #[test]
    fn files_and_folders_are_there() {
        let tree = tree(&[("shared/app/src/lib.rs", ""), ("shared/app2", "")]);
        assert!(tree.has("shared/app/src/lib.rs") && tree.has("shared/app") && tree.has("shared/app/"));
        assert!(!tree.has("shared/ap") && !tree.has("shared/app3"));
    }

    #[test]
    fn the_tree_of_this_repository_has_this_file() {
        let tree = read(crate::workspace::root()).expect("git lists the files");
        assert!(tree.has("infra/xtask/src/tidy/tree.rs"));
        assert!(!tree.has("target"));
    }
}
