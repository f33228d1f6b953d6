//! The command line as scripts use it: what is printed, and how it exits.

use std::collections::BTreeSet;

use axum::Router;
use axum::response::Html;
use e2e::http::OBJECTS;
use e2e::{Customer, Ended, Product, run_to_end};
use serde_json::Value;

/// Runs the runner while this test goes on serving.
async fn run(arguments: &[&str]) -> Ended {
    let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
    let ended =
        tokio::task::spawn_blocking(move || run_to_end(&arguments.iter().map(String::as_str).collect::<Vec<_>>()));
    ended.await.expect("no panic")
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// The line of `--once --json` has the promised members and no other.
fn assert_report(report: &Value) {
    assert_eq!(keys(report), ["ok", "tenants"].into());
    for tenant in report["tenants"].as_array().expect("a list") {
        assert_eq!(keys(tenant), ["company_id", "objects", "tenant"].into());
        assert_eq!(keys(&tenant["objects"]), OBJECTS.into());
        for (name, counts) in tenant["objects"].as_object().expect("an object") {
            assert_eq!(
                keys(counts),
                ["created", "erp", "parked", "read", "table", "unchanged", "updated"].into(),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn one_sync_prints_one_line_and_exits_with_0_when_both_sides_are_equal() {
    for seed in ["1", "2", "3", "4", "5"] {
        let ended = run(&["--once", "--json", "--port", "0", "--scale", "1", "--seed", seed]).await;
        assert_eq!(ended.code, Some(0), "{seed}: {ended:?}");
        let report = ended.line();
        assert_report(&report);
        assert_eq!(report["ok"], true, "{seed}");
        let tenants = report["tenants"].as_array().expect("a list");
        assert_eq!(tenants.len(), 2);
        for tenant in tenants {
            for (name, counts) in tenant["objects"].as_object().expect("an object") {
                assert!(counts["table"].as_u64() > Some(0), "{seed} {name}: {counts}");
                for equal in ["erp", "read", "created"] {
                    assert_eq!(counts[equal], counts["table"], "{seed} {name}: {counts}");
                }
            }
        }
    }
}

#[tokio::test]
async fn wrong_usage_exits_with_2_and_says_nothing_on_stdout() {
    let erp = "http://127.0.0.1:1";
    let wrong: [&[&str]; 14] = [
        &["--no-such-flag"],
        &["--erp", erp],
        &["--erp", erp, "--company", "16"],
        &["--erp", erp, "--key", "k"],
        &["--company", "16", "--key", "k"],
        &["--erp", erp, "--company", "16", "--key", "k", "--erp", erp],
        &["--erp", erp, "--company", "16", "--company", "17", "--key", "k"],
        &["--erp", "http://erp.example", "--company", "16", "--key", "k"],
        &["--erp", "http://10.0.0.1", "--company", "16", "--key", "k"],
        &["--erp", "http://127.0.0.1:1/rest", "--company", "16", "--key", "k"],
        &["--erp", "not a host", "--company", "16", "--key", "k"],
        &["--scale", "0"],
        &["--clock", "sundial"],
        &["--port", "70000"],
    ];
    for arguments in wrong {
        let ended = run(&[&["--once", "--json"], arguments].concat()).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}: {ended:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
    for arguments in
        [["token", "--tenant", "t_short", "--role", "support"], ["token", "--tenant", TENANT, "--role", "king"]]
    {
        let ended = run(&arguments).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}: {ended:?}");
    }
}

const TENANT: &str = "t_00000000000000000001";

#[tokio::test]
async fn help_names_every_option_and_every_exit_code() {
    let ended = run(&["--help"]).await;
    assert_eq!(ended.code, Some(0));
    for said in [
        "--once",
        "--json",
        "--erp",
        "--company",
        "--key",
        "--webhook-secret",
        "--port",
        "--data",
        "--scale",
        "--seed",
        "--clock",
        "token",
        "0 both sides are equal",
        "1 they differ",
        "2 wrong usage",
        "3 the ERP refused",
    ] {
        assert!(ended.stdout.contains(said), "{said}: {}", ended.stdout);
    }
}

/// Every way in which an ERP is not there: a closed port, a key that it refuses, something that is no ERP.
#[tokio::test]
async fn an_erp_that_refuses_or_cannot_be_reached_exits_with_3() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let web_site = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let html = format!("http://{}", web_site.local_addr().expect("an address"));
    let pages = Router::new().fallback(async || Html("<html><body>Prijava</body></html>"));
    #[expect(clippy::disallowed_methods, reason = "the web site answers while the runner asks it")]
    tokio::spawn(axum::serve(web_site, pages).into_future());
    let company = Customer::small(Product::shared()).await;
    let simulator = &Product::shared().ready.erp;
    for (erp, key, code) in [
        (&closed, company.key.as_str(), "erp_unreachable"),
        (simulator, "wrong", "credentials_invalid"),
        (&html, company.key.as_str(), "erp_unavailable"),
    ] {
        let of_erp = ["--erp", erp, "--company", &company.company, "--key", key];
        for how in [&["--once", "--json", "--port", "0"][..], &["--json", "--port", "0"], &["--once", "--port", "0"]] {
            let ended = run(&[how, &of_erp].concat()).await;
            assert_eq!(ended.code, Some(3), "{code} {how:?}: {ended:?}");
            assert!(ended.stderr.contains(code), "{code} {how:?}: {ended:?}");
            assert!(key == "wrong" || !format!("{ended:?}").contains(key), "the key is in the output: {ended:?}");
            if how.len() == 4 {
                assert_eq!(ended.line()["ok"], false);
            } else {
                assert_eq!(ended.stdout, "", "{code} {how:?}");
            }
        }
    }
}

#[tokio::test]
async fn companies_of_another_host_are_brought_over_and_their_counts_there_are_not_known() {
    let product = Product::shared();
    let (one, two) = (Customer::small(product).await, Customer::small(product).await);
    let mut arguments = vec!["--once", "--json", "--port", "0"];
    for of in [&one, &two] {
        arguments.extend(["--erp", &product.ready.erp, "--company", &of.company, "--key", &of.key]);
    }
    let ended = run(&arguments).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let report = ended.line();
    assert_report(&report);
    for (tenant, of) in report["tenants"].as_array().expect("a list").iter().zip([&one, &two]) {
        assert_eq!(tenant["company_id"], of.company.as_str());
        let there = of.control.counts(&of.company).await;
        for (object, count) in OBJECTS.iter().zip(there) {
            let counts = &tenant["objects"][object];
            assert_eq!((counts["table"].as_u64(), &counts["erp"]), (Some(count), &Value::Null), "{object}");
        }
    }
}
