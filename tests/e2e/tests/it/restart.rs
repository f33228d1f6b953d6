//! A data directory: what was there before a restart is there after it.

use e2e::{Caller, Product, run_to_end};
use serde_json::{Value, json};
use tempfile::TempDir;

#[tokio::test]
async fn a_restart_finds_everything_as_it_was() {
    let data = TempDir::new().expect("a folder");
    let first = Product::start_with_data(data.path(), &["--clock", "manual"]);
    for n in 0..2 {
        let runs = first.administrator(n).settled().await;
        assert_eq!((runs.len(), &runs[0]["state"]), (1, &json!("succeeded")), "{runs:?}");
    }
    let before = first.administrator(0).get("/v1/contacts?limit=50").await.success();
    let cursor = before["next_cursor"].as_str().expect("more").to_owned();
    let behind = format!("/v1/contacts?limit=50&cursor={cursor}");
    let next = first.administrator(0).get(&behind).await.success();
    assert_ne!(before["data"], next["data"]);
    let tenants: Vec<_> = first.ready.tenants.iter().map(|t| (t.tenant.clone(), t.company_id.clone())).collect();
    let (old_token, webhook) = (first.ready.tenants[0].token.clone(), path_of_webhook(&first));
    roles(&first).await;
    first.kill();

    let second = Product::start_with_data(data.path(), &["--clock", "manual"]);
    let again: Vec<_> = second.ready.tenants.iter().map(|t| (t.tenant.clone(), t.company_id.clone())).collect();
    assert_eq!(again, tenants);
    for n in 0..2 {
        let runs = second.administrator(n).settled().await;
        let run = runs.iter().find(|run| run["trigger"] == "request").expect("a run of this start");
        assert_eq!((&run["state"], &run["mode"]), (&json!("succeeded"), &json!("full")), "{run}");
        for (object, counts) in run["counts"].as_object().expect("an object") {
            assert_eq!((&counts["created"], &counts["updated"]), (&json!(0), &json!(0)), "{object}");
            assert_eq!(counts["read"], counts["unchanged"], "{object}");
            assert!(counts["read"].as_u64() > Some(0), "{object}");
        }
    }
    let api = Caller::with_token(&second.ready.api, &old_token);
    assert_eq!(api.get(&behind).await.success(), next, "an old token and an old cursor");
    assert_eq!(path_of_webhook(&second), webhook, "nobody has to enter another address in the ERP");
    second.kill();

    let folder = data.path().to_str().expect("a name");
    let other = run_to_end(&["--once", "--json", "--port", "0", "--data", folder, "--seed", "2"]);
    assert_ne!(other.code, Some(0), "other companies in the same directory: {other:?}");
    assert_eq!(other.stdout, "");
}

fn path_of_webhook(product: &Product) -> String {
    let url = &product.ready.tenants[0].webhook_url;
    url[url.find("/w/").expect("a path")..].to_owned()
}

/// Tokens of the command line are good for the running product, each for what its role may do.
async fn roles(product: &Product) {
    let tenant = product.ready.tenants[0].tenant.as_str();
    let may = |allowed: bool, answer: &e2e::Answer| {
        let (status, code) = answer.problem();
        assert_eq!((status == 403, code == "forbidden"), (!allowed, !allowed), "{}", answer.text);
    };
    for (role, configures, syncs, sees_logs) in [
        ("administrator", true, true, true),
        ("salesperson", false, false, false),
        ("support", false, false, false),
        ("operations", false, true, true),
        ("accountant", false, false, false),
        ("developer", false, true, true),
        ("operator", false, true, true),
    ] {
        let caller = product.caller(tenant, role);
        assert_eq!(caller.get("/v1/contacts?limit=1").await.status, 200, "{role}");
        // What they send is wrong, so that the one who may does no harm either.
        let nonsense = json!({"nonsense": role});
        may(configures, &caller.send_json("PUT", "/v1/connection", &[], &nonsense).await);
        may(syncs, &caller.send_json("POST", "/v1/runs", &[("idempotency-key", role)], &nonsense).await);
        may(sees_logs, &caller.get("/v1/parked").await);
        let shown = caller.get("/v1/connection").await.success();
        assert_eq!(shown.get("webhook_url").is_some_and(Value::is_string), configures, "{role}: {shown}");
    }
}
