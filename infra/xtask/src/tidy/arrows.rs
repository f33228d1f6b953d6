//! Who may depend on whom, as ARCHITECTURE.md draws it.
//!
//! Decides which edge between two packages of the workspace is allowed, and
//! which outside crates belong to one package only.

use crate::finding::Finding;
use crate::workspace::{Kind, Package};

const RULE: &str = "arrows";
const PURE: &[&str] = &["domain", "sync", "insight"];
const SHARED: &[&str] = &["domain", "sync", "insight", "erp", "store", "cloud"];
const FUNCTIONS: &[&str] =
    &["fn-webhook", "fn-schedule", "fn-sync", "fn-crm-api", "fn-console", "fn-ai", "fn-automation", "fn-report-export"];
/// The doubles that the tests of the crates with effects run on.
const DOUBLES: &[&str] = &["erp-sim"];
/// Crates that bring effects, chance or time into what must be pure.
const IMPURE: &[&str] =
    &["tokio", "futures", "async-trait", "reqwest", "axum", "rand", "rand_chacha", "tracing-subscriber"];

/// What a package may use in the product; `None` for a package that the table does not know.
fn allowed(package: &str) -> Option<Vec<&'static str>> {
    Some(match package {
        "domain" | "erp-sim" | "crm-sim" | "xtask" => vec![],
        "sync" | "insight" | "erp" | "store" | "cloud" => vec!["domain"],
        "app" => SHARED.to_vec(),
        "runtime" => vec!["store", "cloud", "domain"],
        function if FUNCTIONS.contains(&function) => [SHARED, &["app", "runtime"]].concat(),
        "local" => [SHARED, FUNCTIONS, &["app", "runtime", "erp-sim", "crm-sim"]].concat(),
        "e2e" | "model" => [SHARED, FUNCTIONS, &["app", "runtime", "erp-sim", "crm-sim", "local"]].concat(),
        _ => return None,
    })
}

/// What it may use in its tests besides.
fn allowed_in_tests(package: &str) -> &'static [&'static str] {
    match package {
        "erp" | "store" | "cloud" | "app" | "runtime" => DOUBLES,
        function if FUNCTIONS.contains(&function) => DOUBLES,
        _ => &[],
    }
}

/// Outside crates with one home: who may use them in the product.
fn homes(dependency: &str) -> Option<&'static [&'static str]> {
    Some(match dependency {
        "aws-sdk-dynamodb" => &["store", "local", "e2e", "model"],
        "dynoxide-rs" => &["local", "e2e", "model"],
        other if other.starts_with("aws-sdk-") => &["cloud"],
        _ => return None,
    })
}

/// Outside crates that a package may use in its tests although their home is elsewhere.
fn is_double(dependency: &str) -> bool {
    matches!(dependency, "dynoxide-rs" | "aws-sdk-dynamodb")
}

/// Every edge that is not allowed.
pub(crate) fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(|package| edges(package, packages)).collect()
}

fn edges(package: &Package, packages: &[Package]) -> Vec<Finding> {
    let manifest = format!("{}/Cargo.toml", package.folder);
    let Some(allowed) = allowed(&package.name) else {
        return vec![Finding::failure(
            manifest,
            0,
            RULE,
            format!("the package {} has no place in the direction of dependencies", package.name),
            "add it to the table in infra/xtask/src/tidy/arrows.rs, and to ARCHITECTURE.md",
        )];
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        let (name, in_tests) = (dependency.name.as_str(), dependency.kind == Kind::Dev);
        let finding = |message: String, remedy| Finding::failure(manifest.clone(), 0, RULE, message, remedy);
        if packages.iter().any(|other| other.name == name) {
            let fits = name == package.name && in_tests
                || allowed.contains(&name)
                || in_tests && allowed_in_tests(&package.name).contains(&name);
            if !fits {
                let how = if in_tests { "in its tests" } else { "" };
                findings.push(finding(
                    format!("{} must not use {name} {how}", package.name).trim_end().to_owned(),
                    "dependencies point inwards: move what is shared down, or hand it in from above",
                ));
            }
        } else if let Some(homes) = homes(name) {
            let at_home = homes.contains(&package.name.as_str());
            let tested_on = in_tests && is_double(name);
            if !at_home && !tested_on {
                findings.push(finding(
                    format!("{} must not name {name}: its home is {}", package.name, homes[0]),
                    "use what its home offers; add there what is missing",
                ));
            }
        } else if PURE.contains(&package.name.as_str()) && !in_tests && IMPURE.contains(&name) {
            findings.push(finding(
                format!("{} is pure and must not use {name}", package.name),
                "effects belong to app; hand their results in as values",
            ));
        }
    }
    findings
}

/// Every function must build one binary, named as its folder.
pub(crate) fn check_binaries(packages: &[Package]) -> Vec<Finding> {
    packages
        .iter()
        .filter_map(|package| package.function().map(|function| (package, function)))
        .filter(|(package, function)| package.bins != [*function])
        .map(|(package, function)| {
            Finding::failure(
                format!("{}/Cargo.toml", package.folder),
                0,
                "function",
                format!(
                    "the function {function} must build exactly one binary, {function}; it builds {:?}",
                    package.bins
                ),
                "add src/main.rs and `[[bin]] name = \"...\" path = \"src/main.rs\"` with the folder's name",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn package(name: &str, folder: &str, dependencies: &[(&str, Kind)]) -> Package {
        Package {
            name: name.to_owned(),
            folder: folder.to_owned(),
            dependencies: dependencies
                .iter()
                .map(|(n, kind)| Dependency { name: (*n).to_owned(), kind: *kind })
                .collect(),
            bins: vec![],
        }
    }

    fn found(name: &str, dependencies: &[(&str, Kind)]) -> Vec<String> {
        let mut packages = vec![package(name, "x", dependencies)];
        for other in ["domain", "sync", "erp", "store", "cloud", "app", "runtime", "fn-sync", "erp-sim", "local", "e2e"]
        {
            if other != name {
                packages.push(package(other, "y", &[]));
            }
        }
        check(&packages).into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn inward_dependencies_pass() {
        assert!(found("app", &[("store", Kind::Normal), ("erp", Kind::Normal), ("erp-sim", Kind::Dev)]).is_empty());
        assert!(
            found("fn-webhook", &[("app", Kind::Normal), ("runtime", Kind::Normal), ("dynoxide-rs", Kind::Dev)])
                .is_empty()
        );
        assert!(found("local", &[("fn-sync", Kind::Normal), ("dynoxide-rs", Kind::Normal)]).is_empty());
        assert!(found("e2e", &[("local", Kind::Dev), ("erp-sim", Kind::Normal)]).is_empty());
    }

    #[test]
    fn outward_and_sideways_dependencies_fail() {
        assert_eq!(found("domain", &[("sync", Kind::Normal)]), ["domain must not use sync"]);
        assert_eq!(found("erp", &[("store", Kind::Dev)]), ["erp must not use store in its tests"]);
        assert_eq!(found("fn-webhook", &[("fn-sync", Kind::Normal)]), ["fn-webhook must not use fn-sync"]);
        assert_eq!(found("app", &[("erp-sim", Kind::Normal)]), ["app must not use erp-sim"]);
        assert_eq!(found("erp-sim", &[("erp", Kind::Normal)]), ["erp-sim must not use erp"]);
        assert_eq!(found("runtime", &[("app", Kind::Normal)]), ["runtime must not use app"]);
    }

    #[test]
    fn an_sdk_has_one_home() {
        assert_eq!(
            found("app", &[("aws-sdk-sqs", Kind::Normal)]),
            ["app must not name aws-sdk-sqs: its home is cloud"]
        );
        assert_eq!(found("app", &[("aws-sdk-dynamodb", Kind::Normal)]).len(), 1);
        assert!(found("app", &[("aws-sdk-dynamodb", Kind::Dev)]).is_empty());
        assert!(found("store", &[("aws-sdk-dynamodb", Kind::Normal)]).is_empty());
    }

    #[test]
    fn a_pure_crate_takes_nothing_impure() {
        assert_eq!(found("sync", &[("tokio", Kind::Normal)]), ["sync is pure and must not use tokio"]);
        assert!(found("sync", &[("tokio", Kind::Dev), ("serde", Kind::Normal)]).is_empty());
    }

    #[test]
    fn a_package_without_a_place_fails() {
        assert_eq!(found("extras", &[]), ["the package extras has no place in the direction of dependencies"]);
    }

    #[test]
    fn a_function_builds_the_binary_of_its_folder() {
        let mut good = package("fn-webhook", "functions/webhook", &[]);
        good.bins = vec!["webhook".to_owned()];
        let mut bad = package("fn-sync", "functions/sync", &[]);
        bad.bins = vec!["fn-sync".to_owned()];
        let findings = check_binaries(&[good, bad, package("domain", "shared/domain", &[])]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "functions/sync/Cargo.toml");
    }
}
