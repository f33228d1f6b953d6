//! What `domain`, `sync` and `insight` must not do: wait, read, choose by chance, calculate with floats.
//!
//! Decides which words betray an effect. The same input must give the same
//! bytes; tests of these crates are free.

use super::mask::is_name;
use super::source::{Source, line_of, lines_with};
use crate::finding::Finding;

const PURE: &[&str] = &["shared/domain/src/", "shared/sync/src/", "shared/insight/src/"];
const EXACT: &[&str] = &["shared/domain/src/", "shared/sync/src/"];

const EFFECTS: &[(&str, &str)] = &[
    ("tokio", "waits"),
    ("async", "waits"),
    ("SystemTime", "reads the clock"),
    ("Instant", "reads the clock"),
    ("Timestamp::now", "reads the clock"),
    ("Zoned::now", "reads the clock"),
    ("now_v7", "reads the clock"),
    ("new_v4", "is random"),
    ("rand::", "is random"),
    ("getrandom", "is random"),
    ("env::", "reads the environment"),
    ("fs::", "reads files"),
    ("net::", "reaches the network"),
    ("process::", "starts programs"),
    ("thread::", "starts threads"),
    ("HashMap", "has an order that differs between runs"),
    ("HashSet", "has an order that differs between runs"),
    ("RandomState", "is random"),
];

/// Every effect and every float.
pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_in = |folders: &[&str]| folders.iter().any(|folder| source.path.starts_with(folder));
    if is_in(PURE) {
        for (word, why) in EFFECTS {
            for line in source.in_product(word) {
                findings.push(Finding::failure(
                    source.path.clone(),
                    line,
                    "purity",
                    format!("`{}` {why}; this crate is pure", word.trim_end_matches("::")),
                    "take it as a parameter, keep order with BTreeMap or BTreeSet, or move the effect to app",
                ));
            }
        }
    }
    if is_in(EXACT) {
        // A decoder that refuses a float has to name it: `fn visit_f64(self, _: f64)`.
        let kept = source.product.replace("_: f32", "_: ___").replace("_: f64", "_: ___");
        let mut lines: Vec<usize> = [lines_with(&kept, "f32"), lines_with(&kept, "f64")].concat();
        lines.extend(float_literals(&source.product));
        lines.sort_unstable();
        lines.dedup();
        findings.extend(lines.into_iter().map(|line| {
            Finding::failure(
                source.path.clone(),
                line,
                "floats",
                "a float; money and quantities are exact",
                "use rust_decimal, or integers with the unit in the name",
            )
        }));
    }
    findings
}

/// The lines of literals like `1.5`, `1e9`, `2f64`.
fn float_literals(code: &str) -> Vec<usize> {
    let chars: Vec<(usize, char)> = code.char_indices().collect();
    let at = |i: usize| chars.get(i).map(|(_, c)| *c);
    let mut lines = Vec::new();
    let mut i = 0;
    while let Some(c) = at(i) {
        let inside_a_name = i > 0 && at(i - 1).is_some_and(is_name);
        // `tuple.0.1` and `1..2` are no floats.
        let after_a_dot = i > 0 && at(i - 1) == Some('.') && !(i > 1 && at(i - 2) == Some('.'));
        if !c.is_ascii_digit() || inside_a_name || after_a_dot {
            i += 1;
            continue;
        }
        let start = i;
        let radix = c == '0' && matches!(at(i + 1), Some('x' | 'b' | 'o'));
        while at(i).is_some_and(is_name) {
            i += 1;
        }
        let word: String = chars[start..i].iter().map(|(_, c)| *c).collect();
        let exponent =
            word.contains(['e', 'E']) && word.chars().all(|c| c.is_ascii_digit() || matches!(c, 'e' | 'E' | '_'));
        let typed = word.ends_with("f32") || word.ends_with("f64");
        let fraction =
            at(i) == Some('.') && !matches!(at(i + 1), Some(c) if c == '.' || (is_name(c) && !c.is_ascii_digit()));
        if !radix && (exponent || typed || fraction) {
            lines.push(line_of(code, chars[start].0));
        }
        if fraction {
            i += 1;
            while at(i).is_some_and(is_name) {
                i += 1;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(&'static str, usize)> {
        check(&Source::new(path, text)).into_iter().map(|f| (f.rule, f.line)).collect()
    }

    #[test]
    fn pure_code_passes() {
        let text = "//! No tokio here.\nuse std::collections::BTreeMap;\nfn a(now: Timestamp) -> u64 { t.0.1 + 0x1e5 + (0..10).count() + 1.max(2) }\n";
        assert!(rules("shared/sync/src/a.rs", text).is_empty());
    }

    #[test]
    fn each_effect_fails_at_its_line() {
        for text in [
            "use tokio::x;",
            "async fn a() {}",
            "let now = SystemTime::now();",
            "let now = Timestamp::now();",
            "let id = Uuid::now_v7();",
            "let home = std::env::var(x);",
            "let x = rand::random();",
            "let m: HashMap<u8, u8>;",
            "let t = std::fs::read(p);",
        ] {
            let found = rules("shared/insight/src/a.rs", &format!("//! a\n{text}\n"));
            assert!(found.contains(&("purity", 2)), "{text}: {found:?}");
        }
    }

    #[test]
    fn floats_fail_in_exact_crates_only() {
        for text in
            ["let a: f64 = b;", "let a = 1.5;", "let a = 1e9;", "let a = 2f32;", "let a = 1.;", "let r = 0.5..b;"]
        {
            assert_eq!(rules("shared/domain/src/a.rs", text), [("floats", 1)], "{text}");
            assert!(rules("shared/insight/src/a.rs", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_decoder_may_refuse_a_float() {
        assert!(
            rules("shared/domain/src/a.rs", "fn visit_f64<E>(self, _: f64) -> Result<T, E> { refuse() }").is_empty()
        );
        assert_eq!(
            rules("shared/domain/src/a.rs", "fn visit_f64<E>(self, v: f64) -> Result<T, E> { take(v) }").len(),
            1
        );
    }

    #[test]
    fn tests_and_other_crates_are_free() {
        assert!(rules("shared/sync/src/a.rs", "#[cfg(test)]\nmod tests { use tokio; const A: f64 = 1.5; }").is_empty());
        assert!(rules("shared/app/src/a.rs", "use tokio; async fn a() {}").is_empty());
    }
}
