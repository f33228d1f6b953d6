//! `kill -9` in the middle of the first sync: the run goes on where its last commit left it.

use e2e::http::OBJECTS;
use e2e::{Caller, Product, eventually};
use serde_json::{Value, json};
use tempfile::TempDir;

#[tokio::test]
async fn a_killed_first_sync_goes_on_after_a_restart_and_repeats_nothing() {
    let data = TempDir::new().expect("a folder");
    let first = Product::start_with_data(data.path(), &["--clock", "manual"]);
    let look = async || {
        let [one, other] = [0, 1].map(|n| first.administrator(n));
        let run = first_run(&one).await;
        assert!(!e2e::http::is_over(&run), "the sync was over before it could be killed");
        // Both are under way: the queue is in memory, and a run that has not begun is lost with it.
        let begun = first_run(&other).await["state"] == "running";
        run["processed"].as_u64().filter(|n| begun && (100..2_500).contains(n)).map(|_| run)
    };
    let stopped = eventually("a run half-way", look).await;
    first.kill();

    let second = Product::start_with_data(data.path(), &["--clock", "manual"]);
    let (api, control) = (second.administrator(0), second.control());
    let kept = api.get(&format!("/v1/runs/{}", stopped["id"].as_str().expect("an id"))).await.success();
    assert!(kept["processed"].as_u64() >= stopped["processed"].as_u64(), "what was shown was kept: {stopped} {kept}");
    // The lease of the dead worker runs out by the clock; the schedule or the next request wakes the run.
    control.advance(61).await;
    let run = api.end_of(&stopped).await;
    assert_eq!(run["state"], "succeeded", "{run}");
    second.administrator(1).settled().await;

    for (n, tenant) in second.ready.tenants.iter().enumerate() {
        let api = second.administrator(n);
        api.settled().await;
        let there = control.counts(&tenant.company_id).await;
        for (object, count) in OBJECTS.iter().zip(there) {
            let records = api.walk(&e2e::http::path_of(object)).await;
            assert_eq!(records.len() as u64, count, "{object}");
            let twice: Vec<_> = records.iter().filter(|r| r["version"] != 1).collect();
            assert_eq!(twice, Vec::<&Value>::new(), "{object}: written twice");
            if n == 0 {
                let counts = &run["counts"][object];
                assert_eq!((&counts["read"], &counts["created"]), (&json!(count), &json!(count)), "{object}: {run}");
            }
        }
    }
}

async fn first_run(api: &Caller) -> Value {
    api.get("/v1/runs?limit=1").await.success()["data"][0].take()
}
