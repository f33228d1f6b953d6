//! The CRM's API: records, runs, the connection, what was set aside.
//!
//! Decides the routes and the form of requests and answers. Must not decide
//! anything about records: it reads, and hands what is asked for to `app`.

pub mod contract;

mod action_view;
mod body;
mod etag;
mod event_view;
mod file_view;
mod offering_view;
#[cfg(test)]
mod openapi;
mod paging;
mod plan_view;
mod refusal;
mod routes;
mod story_view;
mod twoway_view;
mod view;

use app::{Services, browse::Browser};
use axum::Router;
use runtime::{
    Callers, CursorKey, Gate, Rates,
    http::{Frame, frame},
};
use std::sync::Arc;

/// The largest body that is accepted where no file is sent.
pub const BODY_LIMIT: usize = 256 * 1024;
/// The largest body that is accepted: a file of 4 MiB in base64, and what is said of it. A function takes 6 MB.
pub const FILE_BODY_LIMIT: usize = 5_700_000;

/// The API's description, OpenAPI 3.1. A test keeps it equal to what the types say.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// What the function needs.
#[derive(Clone)]
pub struct CrmApi {
    /// Table, secrets, queue, clock, the way to the ERP.
    pub services: Services,
    /// What tells who is asking.
    pub callers: Callers,
    /// How many requests there may be.
    pub rates: Rates,
    /// The cache of lists.
    pub browser: Arc<Browser>,
    /// What signs cursors.
    pub cursors: CursorKey,
    /// The way to endpoints that are told of changes, for a test.
    pub outbound: erp::Outbound,
    /// Where the webhook function is, without a slash at its end.
    pub webhook_base: Arc<str>,
}

/// The function's routes.
pub fn router(api: CrmApi) -> Router {
    let settings = Frame { clock: api.services.clock.clone(), body_limit: FILE_BODY_LIMIT };
    let gate = Gate {
        callers: api.callers.clone(),
        rates: api.rates.clone(),
        table: api.services.table.clone(),
        clock: api.services.clock.clone(),
    };
    frame(routes::all(&gate).with_state(api), settings)
}
