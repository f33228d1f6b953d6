//! Names that have one home: the SDKs, the proof of a tenant, and a scan, which has none.
//!
//! Decides where each may stand. Exceptions are places, never comments.

use super::source::Source;
use crate::finding::Finding;

struct Confined {
    rule: &'static str,
    word: &'static str,
    homes: &'static [&'static str],
    tests_are_free: bool,
    message: &'static str,
    remedy: &'static str,
}

const CONFINED: &[Confined] = &[
    Confined {
        rule: "sdk",
        word: "aws_sdk_dynamodb",
        homes: &["shared/store/", "infra/local/", "tests/"],
        tests_are_free: true,
        message: "only store names the DynamoDB client",
        remedy: "use a method of store's tenant handle, or add one",
    },
    Confined {
        rule: "tenancy",
        word: "::vouch",
        homes: &["shared/runtime/src/auth", "shared/store/", "tests/"],
        tests_are_free: true,
        message: "only runtime::auth vouches for a tenant",
        remedy: "take a VerifiedTenant from the caller: it is the proof that somebody checked",
    },
    Confined {
        rule: "scan",
        word: ".scan()",
        homes: &[],
        tests_are_free: false,
        message: "a scan reads every tenant's rows",
        remedy: "read by key, or add an index",
    },
    Confined {
        rule: "scan",
        word: "operation::scan",
        homes: &[],
        tests_are_free: false,
        message: "a scan reads every tenant's rows",
        remedy: "read by key, or add an index",
    },
    Confined {
        rule: "scan",
        word: ".execute_statement()",
        homes: &[],
        tests_are_free: false,
        message: "PartiQL can scan, and escapes the rule of leading keys",
        remedy: "use a typed request with its key",
    },
];

const SDK_HOMES: &[&str] = &["shared/cloud/", "tests/"];

/// Every name away from its home.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in CONFINED {
        if rule.homes.iter().any(|home| source.path.starts_with(home)) {
            continue;
        }
        let lines = if rule.tests_are_free { source.in_product(rule.word) } else { source.in_code(rule.word) };
        let found = lines
            .into_iter()
            .map(|line| Finding::failure(source.path.clone(), line, rule.rule, rule.message, rule.remedy));
        findings.extend(found);
    }
    findings.extend(other_sdks(source));
    findings
}

fn other_sdks(source: &Source) -> Vec<Finding> {
    if SDK_HOMES.iter().any(|home| source.path.starts_with(home)) {
        return Vec::new();
    }
    let names_one =
        |line: &str| line.match_indices("aws_sdk_").any(|(at, _)| !line[at..].starts_with("aws_sdk_dynamodb"));
    let lines = source.product.lines().enumerate().filter(|(_, line)| names_one(line));
    lines
        .map(|(n, _)| {
            Finding::failure(
                source.path.clone(),
                n + 1,
                "sdk",
                "only cloud names the other AWS clients",
                "use one of cloud's traits, or add to them",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(&'static str, usize)> {
        check(&Source::new(path, text)).into_iter().map(|f| (f.rule, f.line)).collect()
    }

    #[test]
    fn at_home_every_name_passes() {
        assert!(rules("shared/store/src/a.rs", "use aws_sdk_dynamodb::Client;").is_empty());
        assert!(rules("shared/cloud/src/a.rs", "use aws_sdk_sqs::Client;").is_empty());
        assert!(rules("shared/runtime/src/auth/token.rs", "VerifiedTenant::vouch(id)").is_empty());
        assert!(rules("shared/app/src/a.rs", "#[cfg(test)]\nmod tests { VerifiedTenant::vouch(id) }").is_empty());
    }

    #[test]
    fn away_from_home_it_fails() {
        assert_eq!(rules("shared/app/src/a.rs", "\nuse aws_sdk_dynamodb::Client;"), [("sdk", 2)]);
        assert_eq!(rules("functions/sync/src/lib.rs", "use aws_sdk_sqs::Client;"), [("sdk", 1)]);
        assert_eq!(rules("shared/store/src/a.rs", "use aws_sdk_sqs::Client;"), [("sdk", 1)]);
        assert_eq!(rules("functions/sync/src/lib.rs", "let t = VerifiedTenant::vouch(id);"), [("tenancy", 1)]);
    }

    #[test]
    fn nobody_scans_not_even_a_test() {
        assert_eq!(rules("shared/store/src/a.rs", "client\n    .scan()\n    .send()"), [("scan", 2)]);
        assert_eq!(rules("tests/e2e/src/a.rs", "client.scan().send()"), [("scan", 1)]);
        assert!(rules("shared/store/src/a.rs", "iter.scan(0, |a, b| None) // .scan()").is_empty());
    }
}
