//! Faults on and off, the clock, and waiting for webhooks.

use super::{Answer, Refused, ok, read};
use crate::fault::{Fault, FaultKind};
use crate::sim::{Sim, hold};
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How long settling waits in real time.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn list(State(sim): State<Sim>) -> Response {
    let faults = hold(&sim.inner.faults);
    ok(&json!({"faults": faults.list()}))
}

pub(super) async fn add(State(sim): State<Sim>, body: Bytes) -> Answer {
    let fault: Fault = read(&body)?;
    if !(0.0..=1.0).contains(&fault.probability) {
        return Err(Refused::bad("probability is out of range", "use a number from 0 to 1"));
    }
    if fault.endpoint != "*" && !crate::api::routes::ENDPOINTS.iter().any(|endpoint| endpoint.name == fault.endpoint) {
        return Err(Refused::bad(
            format!("no endpoint {}", fault.endpoint),
            "use * or a name that GET /control lists under endpoints",
        ));
    }
    if fault.company != "*" && sim.cell(&fault.company).is_none() {
        return Err(Refused::bad(format!("no company {}", fault.company), "GET /control/companies lists them"));
    }
    if fault.kind == FaultKind::Maintenance && fault.from.is_none() && fault.to.is_none() {
        return Err(Refused::bad("a maintenance window has no begin and no end", "send from or to as RFC 3339"));
    }
    let id = hold(&sim.inner.faults).add(fault);
    Ok(ok(&json!({"id": id})))
}

pub(super) async fn clear(State(sim): State<Sim>) -> Response {
    let removed = hold(&sim.inner.faults).remove(None);
    sim.inner.wake.notify_one();
    ok(&json!({"removed": removed}))
}

pub(super) async fn remove(State(sim): State<Sim>, Path(id): Path<u64>) -> Answer {
    if hold(&sim.inner.faults).remove(Some(id)) == 0 {
        return Err(Refused::missing(format!("no fault {id}"), "GET /control/faults lists them"));
    }
    sim.inner.wake.notify_one();
    Ok(ok(&json!({"removed": 1})))
}

pub(super) async fn clock(State(sim): State<Sim>) -> Response {
    ok(&json!({"now": sim.inner.clock.now(), "manual": sim.inner.clock.is_manual()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: i64,
}

pub(super) async fn advance(State(sim): State<Sim>, body: Bytes) -> Answer {
    let advance: Advance = read(&body)?;
    if advance.seconds < 0 {
        return Err(Refused::bad("time does not run backwards", "send seconds of 0 or more"));
    }
    sim.inner.clock.advance(SignedDuration::from_secs(advance.seconds));
    Ok(ok(&json!({"now": sim.inner.clock.now()})))
}

/// Returns when nothing is due any more; a company in maintenance keeps its events.
pub(super) async fn settle(State(sim): State<Sim>) -> Answer {
    sim.start_pump();
    let tries = PATIENCE.as_millis() / 5;
    for _ in 0..tries {
        let now = sim.inner.clock.now();
        let done = {
            let faults = hold(&sim.inner.faults);
            let hooks = hold(&sim.inner.hooks);
            hooks.in_flight == 0 && hooks.due(now, |company| faults.in_maintenance(company, now)) == 0
        };
        if done {
            let (waiting, due) = hold(&sim.inner.hooks).waiting(now);
            return Ok(ok(&json!({"waiting": waiting, "due": due})));
        }
        sim.inner.wake.notify_one();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Err(Refused::conflict("webhooks are still being sent", "look at the attempts of the companies"))
}
