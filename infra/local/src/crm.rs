//! The other side of a local run: a small CRM for each tenant, which knows the product by its API only.
//!
//! Decides who it is to the API, and that it stands still while the clock is moved by hand.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use crm_sim::{Config, CrmSim, TokenSource};
use runtime::permission::Role;

use crate::cli::ClockKind;
use crate::stack::{DemoTenant, Stack, address, listen, spawn};

/// Starts the tenant's CRM on a port of its own; its address.
pub(crate) async fn start(stack: &Stack, tenant: &DemoTenant, clock: ClockKind) -> Result<String> {
    let (issuer, now, id) = (Arc::clone(&stack.issuer), stack.now.clone(), tenant.id.clone());
    // A token of its own for each request: they run out.
    let token =
        TokenSource::from_fn(move || issuer.token(&id, Role::Administrator, "crm-sim", now.now()).unwrap_or_default());
    let prefix = format!("crm{}", tenant.company.company_id);
    let crm = CrmSim::new(Config::new(stack.base.clone(), token, prefix)).context("the CRM could not be made")?;
    let by_hand = matches!(clock, ClockKind::Manual);
    crm.pause(Some(by_hand), Some(by_hand));
    let listener = listen(0).await?;
    let url = address(&listener)?;
    spawn(crm.serve(listener));
    Ok(url)
}
