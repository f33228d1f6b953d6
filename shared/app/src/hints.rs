//! What the webhooks that are waiting have named.

use domain::{ErpId, Object};
use store::{InboxKey, StoreError, Tenant};
use sync::{Hint, Pass, plan_hints};

/// The most events that one run takes.
const MAX_EVENTS: usize = 80;

/// The events that are waiting, and the passes that follow them up.
#[derive(Default)]
pub(crate) struct Waiting {
    pub(crate) keys: Vec<InboxKey>,
    pub(crate) passes: Vec<Pass>,
}

/// Reads the events that wait. Events that name nothing we can read are done as well: they are kept and counted.
pub(crate) async fn waiting(tenant: &Tenant) -> Result<Waiting, StoreError> {
    let keys = tenant.pending_inbox(MAX_EVENTS).await?;
    if keys.is_empty() {
        return Ok(Waiting::default());
    }
    let mut hints: Vec<Hint> = Vec::new();
    let mut open = Vec::new();
    // The index that found the keys may be behind; the rows say what is done.
    for row in tenant.inbox_events(&keys).await?.into_iter().filter(|r| r.done_at.is_none()) {
        match erp::webhook_products(&row.event.body) {
            Ok(products) => hints.extend(products.into_iter().map(|p| Hint { erp_id: p.erp_id, number: p.number })),
            Err(refusal) => {
                tracing::warn!(event = row.event.event, %refusal, "a webhook names nothing that can be read");
            }
        }
        open.push(row.key);
    }
    hints.sort_by_key(|h| h.erp_id);
    hints.dedup_by_key(|h| h.erp_id);
    let mut unknown = Vec::new();
    for hint in &hints {
        if !is_known(tenant, hint.erp_id).await? {
            unknown.push(hint.clone());
        }
    }
    Ok(Waiting { keys: open, passes: plan_hints(hints, unknown) })
}

async fn is_known(tenant: &Tenant, product: ErpId) -> Result<bool, StoreError> {
    let page = tenant.index_page_of(Object::Products, product).await?;
    Ok(page.is_some_and(|p| p.entries.iter().any(|e| e.erp_id == product)))
}
