//! Records over the control plane: list, make, edit, delete.

use super::{Answer, Trouble, object, read};
use crate::books::Refused;
use crate::sim::CrmSim;
use crate::wire::{Object, Pieces};
use axum::Json;
use axum::extract::{Path, Query, State};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    object: Option<String>,
    dirty: Option<bool>,
    problem: Option<bool>,
    after: Option<String>,
    limit: Option<usize>,
}

/// In the order of object types and ids; `next` is the `after` of the next part.
pub(super) async fn list(State(sim): State<CrmSim>, Query(wanted): Query<Wanted>) -> Answer {
    let objects = match &wanted.object {
        Some(name) => vec![object(name)?],
        None if wanted.after.is_some() => return Err(Trouble::bad("`after` is within one object type: name it")),
        None => Object::ALL.to_vec(),
    };
    let limit = wanted.limit.unwrap_or(1_000).min(10_000);
    let mut records = objects.into_iter().flat_map(|object| sim.records(object)).filter(|record| {
        wanted.dirty.is_none_or(|dirty| record.is_dirty() == dirty)
            && wanted.problem.is_none_or(|problem| record.problem.is_some() == problem)
            && wanted.after.as_ref().is_none_or(|after| record.crm_id > *after)
    });
    let page: Vec<_> = records.by_ref().take(limit).collect();
    let next = records.next().and(page.last()).map(|record| record.crm_id.clone());
    let page: Vec<Value> = page.iter().map(crate::record::CrmRecord::view).collect();
    Ok(Json(json!({ "records": page, "next": next })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    object: Object,
    crm_id: Option<String>,
    fields: Pieces,
}

pub(super) async fn create(State(sim): State<CrmSim>, body: Bytes) -> Answer {
    let new: New = read(&body)?;
    let crm_id = sim.create(new.object, new.crm_id.as_deref(), new.fields)?;
    shown(&sim, new.object, &crm_id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    object: Object,
    count: usize,
    #[serde(default)]
    template: Pieces,
}

pub(super) async fn make(State(sim): State<CrmSim>, body: Bytes) -> Answer {
    let many: Many = read(&body)?;
    let made = sim.make(many.object, many.count, &many.template)?;
    Ok(Json(json!({ "crm_ids": made })))
}

pub(super) async fn single(State(sim): State<CrmSim>, Path((name, crm_id)): Path<(String, String)>) -> Answer {
    shown(&sim, object(&name)?, &crm_id)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    fields: Pieces,
}

pub(super) async fn edit(
    State(sim): State<CrmSim>,
    Path((name, crm_id)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let edit: Edit = read(&body)?;
    let object = object(&name)?;
    sim.edit(object, &crm_id, edit.fields)?;
    shown(&sim, object, &crm_id)
}

pub(super) async fn delete(State(sim): State<CrmSim>, Path((name, crm_id)): Path<(String, String)>) -> Answer {
    let object = object(&name)?;
    sim.delete(object, &crm_id)?;
    shown(&sim, object, &crm_id)
}

pub(super) async fn retry(State(sim): State<CrmSim>, Path((name, crm_id)): Path<(String, String)>) -> Answer {
    let object = object(&name)?;
    sim.try_again(object, &crm_id)?;
    shown(&sim, object, &crm_id)
}

fn shown(sim: &CrmSim, object: Object, crm_id: &str) -> Answer {
    Ok(Json(sim.record(object, crm_id).ok_or(Refused::Missing)?.view()))
}
