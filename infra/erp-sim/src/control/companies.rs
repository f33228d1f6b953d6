//! Companies: which there are, their counts, switches and webhooks.

use super::{Answer, Refused, cell, ok, read};
use crate::model::DocType;
use crate::sim::{CompanySpec, Sim, hold};
use crate::state::company::Company;
use crate::state::doctype::ALL;
use crate::state::settings::Settings;
use crate::webhook::{Webhook, is_loopback};
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(super) async fn list(State(sim): State<Sim>) -> Response {
    let companies: Vec<Value> =
        sim.cells().iter().map(|cell| json!({"company_id": cell.id, "name": cell.lock().name})).collect();
    ok(&json!({"companies": companies}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    company_id: String,
    secret_key: String,
    #[serde(default)]
    seed: u64,
    #[serde(default = "one")]
    scale: u32,
}

fn one() -> u32 {
    1
}

pub(super) async fn create(State(sim): State<Sim>, body: Bytes) -> Answer {
    let new: New = read(&body)?;
    if new.company_id.is_empty() || new.secret_key.is_empty() {
        return Err(Refused::bad("company_id and secret_key must not be empty", "send both"));
    }
    let id = new.company_id.clone();
    let spec = CompanySpec { company_id: new.company_id, secret_key: new.secret_key };
    let made = tokio::task::spawn_blocking(move || sim.add_company(spec, new.seed, new.scale)).await;
    match made {
        Ok(true) => Ok(ok(&json!({"company_id": id}))),
        _ => Err(Refused::conflict(format!("company {id} exists"), "choose another company_id")),
    }
}

pub(super) async fn counts(State(sim): State<Sim>, Path(id): Path<String>) -> Answer {
    let cell = cell(&sim, &id)?;
    let company = cell.lock();
    Ok(ok(&count(&company)))
}

fn count(company: &Company) -> Value {
    let of = |kind: DocType| company.indexes.of_type(kind).len();
    let stocked = company
        .stock
        .rows
        .iter()
        .filter(|(id, rows)| !rows.is_empty() && company.products.get(id).is_some_and(|product| !product.service));
    let mut counts = Map::new();
    counts.insert("contacts".to_owned(), company.partners.len().into());
    counts.insert("products".to_owned(), company.products.len().into());
    counts.insert("stock".to_owned(), stocked.count().into());
    counts.insert("warehouses".to_owned(), company.warehouses.len().into());
    counts.insert("offers".to_owned(), of(DocType::SalesOffer).into());
    counts.insert("orders".to_owned(), of(DocType::SalesOrder).into());
    let mut sum = |name: &str, fits: &dyn Fn(DocType) -> bool| {
        let all: usize = ALL.iter().copied().filter(|kind| fits(*kind)).map(of).sum();
        counts.insert(name.to_owned(), all.into());
    };
    sum("invoices", &|kind| kind.is_sales_bill() && kind != DocType::SalesBillCreditNote);
    sum("credit_notes", &|kind| kind == DocType::SalesBillCreditNote);
    sum("purchase_orders", &|kind| kind == DocType::PurchaseOrder);
    sum("purchase_invoices", &|kind| kind.is_bill() && !kind.is_sales_bill());
    sum("work_orders", &|kind| kind == DocType::Workorder);
    sum("warehouse_documents", &|kind| kind.is_warehouse() || kind == DocType::TransferOrder);
    sum("complaints", &|kind| kind == DocType::Complaint);
    for kind in ALL {
        counts.insert(kind.name().to_owned(), of(*kind).into());
    }
    Value::Object(counts)
}

pub(super) async fn settings(State(sim): State<Sim>, Path(id): Path<String>) -> Answer {
    let cell = cell(&sim, &id)?;
    let settings = cell.lock().settings.clone();
    Ok(ok(&serde_json::to_value(settings).unwrap_or_default()))
}

pub(super) async fn change_settings(State(sim): State<Sim>, Path(id): Path<String>, body: Bytes) -> Answer {
    let patch: Map<String, Value> = read(&body)?;
    let cell = cell(&sim, &id)?;
    let mut company = cell.lock();
    let mut merged = serde_json::to_value(&company.settings).unwrap_or_default();
    if let Some(fields) = merged.as_object_mut() {
        fields.extend(patch);
    }
    let settings: Settings = serde_json::from_value(merged)
        .map_err(|error| Refused::bad(error.to_string(), "GET the settings to see names and forms"))?;
    company.settings = settings;
    company.revision += 1;
    Ok(ok(&serde_json::to_value(&company.settings).unwrap_or_default()))
}

pub(super) async fn webhooks(State(sim): State<Sim>, Path(id): Path<String>) -> Answer {
    let cell = cell(&sim, &id)?;
    let company = cell.lock();
    Ok(ok(&show(&company)))
}

/// Secrets stay inside.
fn show(company: &Company) -> Value {
    let show = |hook: &Webhook| json!({"url": hook.url, "user": hook.user, "require_ok": hook.require_ok});
    json!({"webhooks": company.webhooks.iter().map(show).collect::<Vec<_>>()})
}

pub(super) async fn set_webhooks(State(sim): State<Sim>, Path(id): Path<String>, body: Bytes) -> Answer {
    let list: Vec<Webhook> = read(&body)?;
    if let Some(far) = list.iter().find(|hook| !is_loopback(&hook.url)) {
        return Err(Refused::bad(
            format!("{} is not on this machine", far.url),
            "use an address of the loopback interface",
        ));
    }
    let cell = cell(&sim, &id)?;
    let mut company = cell.lock();
    company.webhooks = list;
    Ok(ok(&show(&company)))
}

pub(super) async fn attempts(State(sim): State<Sim>, Path(id): Path<String>) -> Answer {
    cell(&sim, &id)?;
    let hooks = hold(&sim.inner.hooks);
    let list: Vec<_> = hooks.attempts.iter().filter(|attempt| attempt.company == id).collect();
    let (waiting, due) = hooks.waiting(sim.inner.clock.now());
    Ok(ok(&json!({"attempts": list, "waiting": waiting, "due": due, "in_flight": hooks.in_flight})))
}
