//! The API's description, made from the routes and the contract's types, and kept in `openapi.json`.
//!
//! Decides what the types cannot say: who may call, which problems an operation
//! answers, and the examples. Runs in tests only; the function sends the file.

mod actions;
mod document;
mod events;
mod examples;
mod files;
mod keys;
mod offering;
mod records;
mod story;
mod twoway;

use expect_test::expect_file;
use serde_json::Value;
use std::collections::BTreeSet;

use document::{METHODS, document};

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths").iter();
    paths.flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| Some((path.as_str(), *method, item.get(*method)?)))
    })
}

#[test]
fn the_file_says_what_the_types_say() {
    // UPDATE_EXPECT=1 writes the file.
    let text = serde_json::to_string_pretty(&document()).expect("JSON") + "\n";
    expect_file!["../openapi.json"].assert_eq(&text);
}

#[test]
fn every_operation_says_what_it_is_and_has_a_name_of_its_own() {
    let document = document();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = operation["operationId"].as_str().expect("a name");
        assert!(names.insert(name.to_owned()), "{name} twice");
        for member in ["summary", "description"] {
            assert!(operation[member].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {member}");
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
        assert!(operation["security"].is_array(), "{method} {path}");
    }
    assert!(names.len() >= 50, "{} operations", names.len());
}

#[test]
fn every_problem_that_is_described_has_an_example_with_its_status() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            if status.starts_with('4') || status.starts_with('5') {
                let examples =
                    response["content"]["application/problem+json"]["examples"].as_object().expect("examples");
                assert!(!examples.is_empty(), "{method} {path} {status}");
                for name in examples.keys() {
                    let example = &document["components"]["examples"][name]["value"];
                    let problem: crate::contract::Problem = serde_json::from_value(example.clone()).expect("a problem");
                    assert_eq!(problem.status.to_string(), *status, "{method} {path}");
                }
            }
        }
    }
}

#[test]
fn every_reference_leads_to_a_schema() {
    let document = document();
    let known: BTreeSet<_> = document["components"]["schemas"].as_object().expect("schemas").keys().cloned().collect();
    let mut used = BTreeSet::new();
    collect_references(&document, &mut used);
    let missing: Vec<_> = used.difference(&known).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

fn collect_references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(all) => {
            if let Some(name) = all.get("$ref").and_then(|r| r.as_str()?.strip_prefix("#/components/schemas/")) {
                into.insert(name.to_owned());
            }
            all.values().for_each(|v| collect_references(v, into));
        }
        Value::Array(all) => all.iter().for_each(|v| collect_references(v, into)),
        _ => {}
    }
}
