//! The ERP fails for a while, in every way in which a read can: nothing is lost, nothing is called missing.

use std::collections::BTreeSet;
use std::time::Duration;

use e2e::http::{OBJECTS, path_of};
use e2e::{Customer, Product};
use serde_json::{Value, json};

/// What a run may say of an ERP that fails.
const CODES: [&str; 6] =
    ["erp_unavailable", "erp_unreachable", "erp_failed", "erp_malformed", "erp_inconsistent", "erp_quota"];

#[tokio::test]
async fn an_erp_that_fails_for_a_while_costs_runs_but_no_record() {
    // A product of its own: an ERP that fails is left alone for a while, for everybody who shares its host.
    let product = Product::start(&["--clock", "manual"]);
    let mut customer = Customer::small(&product).await.connected().await;
    let (before, company) = (customer.counts().await, customer.company.clone());
    let fault = |kind: &str, probability: f64| json!({"company": company, "kind": kind, "probability": probability, "page": "maintenance"});
    let mut failed = BTreeSet::new();
    for (kind, endpoint) in
        [("commit_then_lose_answer", "*"), ("html_200", "*"), ("truncated_json", "*"), ("html_200", "search")]
    {
        let mut wanted = fault(kind, 0.3);
        if endpoint == "search" {
            // So often that three tries in a row fail.
            wanted = fault(kind, 0.9);
            wanted["endpoint"] = json!(endpoint);
        }
        let id = customer.control.fault(&wanted).await;
        let run = run(&product, &mut customer, &format!("{kind}-{}", endpoint.len())).await;
        assert!(customer.control.end_fault(id).await > 0, "{kind} {endpoint} hit nothing");
        note(&run, &mut failed);
        assert_nothing_is_missing(&customer, before).await;
    }
    // The client waits for seconds when the ERP wants fewer calls, so this one comes once.
    let quota = json!({"company": company, "kind": "quota", "remaining": 1});
    let quota = customer.control.fault(&quota).await;
    note(&run(&product, &mut customer, "quota").await, &mut failed);
    customer.control.end_fault(quota).await;
    assert!(!failed.is_empty(), "no run failed: the faults were too few");
    assert_nothing_is_missing(&customer, before).await;

    let run = run(&product, &mut customer, "all-is-well-again").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    for object in OBJECTS {
        let counts = &run["counts"][object];
        assert_eq!(
            (&counts["created"], &counts["updated"], &counts["parked"]),
            (&json!(0), &json!(0), &json!(0)),
            "{object}: {run}"
        );
    }
    assert_eq!(customer.counts().await, customer.control.counts(&company).await);
}

/// A run to its end. Time goes on, so that an ERP that was left alone is asked again.
async fn run(product: &Product, customer: &mut Customer, key: &str) -> Value {
    // A token is good for an hour.
    customer.api = product.caller(&customer.tenant, "administrator");
    let customer = &*customer;
    let time_goes_on = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            customer.control.advance(60).await;
        }
    };
    tokio::select! {
        run = customer.api.run(key) => run,
        () = time_goes_on => unreachable!("it goes on"),
    }
}

/// A failed run says why with a stable code and a remedy.
fn note(run: &Value, failed: &mut BTreeSet<String>) {
    if run["state"] == "failed" {
        let error = &run["error"];
        let code = error["code"].as_str().unwrap_or_default();
        assert!(CODES.contains(&code), "{run}");
        assert!(error["remedy"].as_str().is_some_and(|r| !r.is_empty()), "{run}");
        failed.insert(code.to_owned());
    }
}

async fn assert_nothing_is_missing(customer: &Customer, before: [u64; OBJECTS.len()]) {
    for object in OBJECTS {
        let path = path_of(object);
        let and = if path.contains('?') { '&' } else { '?' };
        let all = customer.api.walk(&format!("{path}{and}include_missing=true")).await;
        let missing: Vec<_> = all.iter().filter(|r| !r["missing_since"].is_null()).collect();
        assert_eq!(missing, Vec::<&Value>::new(), "{object}");
    }
    assert_eq!(customer.counts().await, before);
}
