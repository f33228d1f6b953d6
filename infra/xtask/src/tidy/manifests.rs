//! Versions, features and lints stand in the root manifest only.
//!
//! Decides what a member's manifest may say about a dependency: its name.

use crate::finding::Finding;

const RULE: &str = "manifests";
const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];
const ROOT_ONLY: &[&str] = &["workspace", "profile", "patch", "replace"];

/// What a member's manifest says that only the root may say.
pub(crate) fn check(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fail = |line: usize, message: String, remedy| {
        findings.push(Finding::failure(path, line, RULE, message, remedy));
    };
    let mut table = String::new();
    let mut inherits_lints = false;
    for (n, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(header) = line.strip_prefix('[') {
            header.trim_matches(['[', ']']).trim().clone_into(&mut table);
            let first = table.split('.').next().unwrap_or_default();
            if ROOT_ONLY.contains(&first) {
                fail(n + 1, format!("`[{table}]` in a member"), "it belongs to the root Cargo.toml");
            } else if dependency_of(&table).is_some() {
                fail(n + 1, format!("`[{table}]` as a table of its own"), "write `name.workspace = true`");
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=').map(|(k, v)| (k.trim(), v.trim())) else {
            continue;
        };
        if is_of_dependencies(&table) && !is_inherited(key, value) {
            fail(
                n + 1,
                format!("`{line}` names more than the dependency"),
                "put version and features into [workspace.dependencies] and write `name.workspace = true`",
            );
        }
        if table == "package" && INHERITED.contains(&key) {
            fail(n + 1, format!("`{line}` is not inherited"), "write `key.workspace = true`");
        }
        inherits_lints |= table == "lints" && key == "workspace" && value == "true";
    }
    if !inherits_lints {
        fail(0, "the workspace's lints are not inherited".to_owned(), "add `[lints]` with `workspace = true`");
    }
    findings
}

fn is_of_dependencies(table: &str) -> bool {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .any(|kind| table.strip_suffix(kind).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

/// The dependency in a header like `[dependencies.name]`.
fn dependency_of(table: &str) -> Option<&str> {
    table.rsplit_once('.').filter(|(before, _)| is_of_dependencies(before)).map(|(_, name)| name)
}

fn is_inherited(key: &str, value: &str) -> bool {
    if let Some((_, field)) = key.rsplit_once('.') {
        return field == "workspace" && value == "true";
    }
    let fields: Vec<String> = value
        .trim_matches(['{', '}', ' '])
        .split(',')
        .map(|field| field.chars().filter(|c| !c.is_whitespace()).collect())
        .collect();
    value.starts_with('{')
        && fields.iter().any(|field| field == "workspace=true")
        && fields.iter().all(|field| matches!(field.as_str(), "workspace=true" | "optional=true" | ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"a\"\nversion.workspace = true\n\n[lints]\nworkspace = true\n\n[dependencies]\nserde.workspace = true\ntokio = { workspace = true, optional = true }\n\n[[bin]]\nname = \"a\"\n";

    #[test]
    fn a_member_that_only_names_passes() {
        assert_eq!(check("a/Cargo.toml", GOOD), []);
    }

    #[test]
    fn a_member_that_says_more_fails_at_its_line() {
        for line in [
            "serde = \"1\"",
            "serde = { version = \"1\" }",
            "serde = { workspace = true, features = [\"derive\"] }",
            "serde = { path = \"../serde\" }",
            "serde.version = \"1\"",
        ] {
            for table in ["dependencies", "dev-dependencies", "target.'cfg(unix)'.dependencies"] {
                let findings = check("a/Cargo.toml", &format!("{GOOD}\n[{table}]\n{line}\n"));
                assert_eq!(findings.iter().map(|f| f.line).collect::<Vec<_>>(), [16], "{table}: {line}");
            }
        }
    }

    #[test]
    fn what_belongs_to_the_root_fails() {
        for extra in ["[dependencies.serde]\nworkspace = true", "[profile.dev]\nopt-level = 1", "[workspace]"] {
            assert_eq!(check("a/Cargo.toml", &format!("{GOOD}\n{extra}\n")).len(), 1, "{extra}");
        }
        let own = GOOD.replace("version.workspace = true", "version = \"1.0.0\"");
        assert_eq!(check("a/Cargo.toml", &own)[0].line, 3);
        let unlinted = GOOD.replace("[lints]\nworkspace = true\n", "");
        assert_eq!(check("a/Cargo.toml", &unlinted)[0].line, 0);
    }
}
