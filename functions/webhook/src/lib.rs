//! Metakocka's webhooks: verified, made durable, acknowledged, hinted.
//!
//! Decides what counts as one event and what the sender hears. Must not look
//! into the body: an event is a hint, and the worker reads the present state.

mod event;
mod routes;

use app::Services;
use axum::{Router, routing::post};
use runtime::{
    auth::WebhookVerifier,
    http::{Frame, frame},
};
use std::sync::Arc;

/// The largest body that is accepted.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// What the function needs.
#[derive(Clone)]
pub struct Webhook {
    /// The table, the queue, the clock.
    pub services: Services,
    /// What tells genuine webhooks from forged ones.
    pub verifier: Arc<WebhookVerifier>,
}

impl Webhook {
    /// A function on `services`.
    pub fn new(services: Services) -> Self {
        let verifier = WebhookVerifier::new(services.table.clone(), services.secrets.clone(), services.clock.clone());
        Self { services, verifier: Arc::new(verifier) }
    }
}

/// The function's routes.
pub fn router(webhook: Webhook) -> Router {
    let settings = Frame { clock: webhook.services.clock.clone(), body_limit: BODY_LIMIT };
    let routes = Router::new().route("/w/{endpoint_id}", post(routes::receive)).with_state(webhook);
    frame(routes, settings)
}
