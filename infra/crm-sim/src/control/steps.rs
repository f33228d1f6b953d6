//! Steps, faults, the journal and the loops over the control plane.

use super::{Answer, Trouble, read};
use crate::fault::{FaultKind, Faults};
use crate::sim::{CrmSim, hold};
use axum::Json;
use axum::extract::{Query, State};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// The longest that settling may be asked to take, in seconds.
const LONGEST: u64 = 300;

fn shown(value: impl Serialize) -> Json<Value> {
    Json(serde_json::to_value(value).unwrap_or_default())
}

pub(super) async fn counts(State(sim): State<CrmSim>) -> Json<Value> {
    shown(sim.standing())
}

pub(super) async fn push(State(sim): State<CrmSim>) -> Json<Value> {
    shown(sim.push_once().await)
}

pub(super) async fn follow(State(sim): State<CrmSim>) -> Json<Value> {
    shown(sim.follow_once().await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    #[serde(default = "usual")]
    seconds: u64,
}

const fn usual() -> u64 {
    30
}

pub(super) async fn settle(State(sim): State<CrmSim>, body: Bytes) -> Answer {
    let limit: Limit = read(&body)?;
    if limit.seconds > LONGEST {
        return Err(Trouble::bad(format!("at most {LONGEST} seconds")));
    }
    Ok(shown(sim.settle(Duration::from_secs(limit.seconds)).await))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pause {
    push: Option<bool>,
    follow: Option<bool>,
}

pub(super) async fn pause(State(sim): State<CrmSim>, body: Bytes) -> Answer {
    let pause: Pause = read(&body)?;
    sim.pause(pause.push, pause.follow);
    let standing = sim.standing();
    Ok(Json(json!({ "push_paused": standing.push_paused, "follow_paused": standing.follow_paused })))
}

pub(super) async fn faults(State(sim): State<CrmSim>) -> Json<Value> {
    let faults = hold(&sim.inner.faults).clone();
    shown(faults)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    kind: FaultKind,
    #[serde(default = "once")]
    count: u32,
    #[serde(default)]
    ms: u64,
}

const fn once() -> u32 {
    1
}

pub(super) async fn order(State(sim): State<CrmSim>, body: Bytes) -> Answer {
    let order: Order = read(&body)?;
    sim.order_fault(order.kind, order.count, order.ms);
    Ok(faults(State(sim)).await)
}

pub(super) async fn clear_faults(State(sim): State<CrmSim>) -> Json<Value> {
    *hold(&sim.inner.faults) = Faults::default();
    faults(State(sim)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    after: Option<u64>,
    crm_id: Option<String>,
    limit: Option<usize>,
}

pub(super) async fn journal(State(sim): State<CrmSim>, Query(wanted): Query<Wanted>) -> Json<Value> {
    let journal = hold(&sim.inner.journal);
    let limit = wanted.limit.unwrap_or(200).min(5_000);
    Json(json!({ "entries": journal.page(wanted.after.unwrap_or(0), wanted.crm_id.as_deref(), limit) }))
}

pub(super) async fn clear_journal(State(sim): State<CrmSim>) -> Json<Value> {
    hold(&sim.inner.journal).clear();
    Json(json!({ "cleared": true }))
}
