//! Sends what is due: wakes on an advance of the clock, on new events, and on a short real interval.

use super::{Delivery, STOCK_EVENT, is_loopback};
use crate::sim::{Inner, hold};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the clock is looked at when nothing wakes the pump.
const INTERVAL: Duration = Duration::from_millis(100);

/// Runs as long as the simulator lives.
#[expect(
    clippy::disallowed_methods,
    reason = "webhooks go to loopback addresses only and share nothing with the product's clients"
)]
pub(crate) async fn run(sim: Weak<Inner>, mut clock: watch::Receiver<Timestamp>) {
    let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().pool_max_idle_per_host(0).build();
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "webhooks cannot be sent");
            return;
        }
    };
    loop {
        let wake = {
            let Some(inner) = sim.upgrade() else {
                return;
            };
            send_due(&inner, &client).await;
            Arc::clone(&inner.wake)
        };
        tokio::select! {
            changed = clock.changed() => if changed.is_err() { return },
            () = wake.notified() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

async fn send_due(inner: &Inner, client: &reqwest::Client) {
    loop {
        let now = inner.clock.now();
        let due = {
            let faults = hold(&inner.faults);
            hold(&inner.hooks).take_due(now, |company| faults.in_maintenance(company, now))
        };
        if due.is_empty() {
            return;
        }
        // One company's events keep their order; companies do not wait for each other.
        let mut queues: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
        for delivery in due {
            queues.entry(delivery.company.clone()).or_default().push(delivery);
        }
        futures::future::join_all(queues.into_values().map(|queue| async {
            for delivery in queue {
                let result = send(client, &delivery).await;
                hold(&inner.hooks).finish(delivery, inner.clock.now(), result);
            }
        }))
        .await;
    }
}

async fn send(client: &reqwest::Client, delivery: &Delivery) -> Result<(), String> {
    if !is_loopback(&delivery.hook.url) {
        return Err("the address is not on this machine".to_owned());
    }
    let mut request = client
        .post(&delivery.hook.url)
        .header("Content-Type", "application/json")
        .header("charset", "UTF-8")
        .header("User-Agent", "Java/1.8.0_242")
        .header("Connection", "close")
        .header("X-MetaKocka-Event", STOCK_EVENT)
        .header("X-MetaKocka-Id", delivery.id.to_string())
        .header("X-MetaKocka-Signature", &delivery.signature)
        .body(delivery.body.clone());
    if let Some(user) = &delivery.hook.user {
        request = request.basic_auth(user, delivery.hook.password.as_ref());
    }
    let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("status {}", status.as_u16()));
    }
    if delivery.hook.require_ok {
        let body = answer.text().await.map_err(|error| error.without_url().to_string())?;
        let json: serde_json::Value = serde_json::from_str(&body).map_err(|_| "the answer is no JSON".to_owned())?;
        if json["status"] != "ok" && json["check_respond_status_json_ok"] != "true" {
            return Err("the answer does not say ok".to_owned());
        }
    }
    Ok(())
}
