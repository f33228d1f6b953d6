//! The request journal as assertions need it.

use super::ok;
use crate::sim::{Sim, hold};
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::atomic::Ordering;

#[derive(Deserialize)]
pub(super) struct Wanted {
    company: Option<String>,
    endpoint: Option<String>,
    after: Option<u64>,
    limit: Option<usize>,
}

pub(super) async fn page(State(sim): State<Sim>, Query(wanted): Query<Wanted>) -> Response {
    let journal = hold(&sim.inner.journal);
    let limit = wanted.limit.unwrap_or(1000).min(10_000);
    let entries = journal.page(wanted.company.as_deref(), wanted.endpoint.as_deref(), wanted.after.unwrap_or(0), limit);
    ok(&json!({"entries": entries}))
}

pub(super) async fn counts(State(sim): State<Sim>, Query(wanted): Query<Wanted>) -> Response {
    let mut searches = Map::new();
    for cell in sim.cells() {
        let touched = cell.lock().rows_touched;
        searches.insert(
            cell.id.clone(),
            json!({
                "max_concurrent_searches_seen": cell.gauge.max.load(Ordering::SeqCst),
                "waited_for_lock": cell.gauge.waited.load(Ordering::SeqCst),
                "rows_touched": touched,
            }),
        );
    }
    let max = searches.values().filter_map(|value| value["max_concurrent_searches_seen"].as_u64()).max();
    let journal = hold(&sim.inner.journal);
    ok(&json!({
        "calls": journal.counts(wanted.company.as_deref()),
        "max_concurrent_searches_seen": max.unwrap_or(0),
        "companies": Value::Object(searches),
    }))
}

pub(super) async fn clear(State(sim): State<Sim>) -> Response {
    hold(&sim.inner.journal).clear();
    for cell in sim.cells() {
        cell.gauge.max.store(cell.gauge.current.load(Ordering::SeqCst), Ordering::SeqCst);
        cell.gauge.waited.store(0, Ordering::SeqCst);
        cell.lock().rows_touched = 0;
    }
    ok(&json!({"cleared": true}))
}
