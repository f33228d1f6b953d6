//! The web console: the entry by a one-time link, and the overview of a tenant.
//!
//! Decides what a page shows to whom. Every page works without scripts; htmx
//! only asks again for the part of the overview that changes. Must not decide
//! what a run does or who someone is: that is `app` and `runtime::auth`.

mod assets;
mod csrf;
mod form;
mod overview;
mod page;
mod place;
mod reader;
mod refusal;
mod routes;
mod session;
mod twoway;
mod visit;
mod wording;

use app::Services;
use axum::{
    Router,
    middleware::from_fn,
    routing::{any, get, post},
};
use runtime::{
    ConsoleDoor,
    http::{Frame, frame},
};
use std::sync::Arc;

/// The largest form that is accepted: one with a file of 4 MiB. One without a file is refused above 16 KiB.
pub const BODY_LIMIT: usize = domain::action::MAX_FILE + 16 * 1024;

/// What the console needs.
#[derive(Clone)]
pub struct Console {
    /// The table, the queue, the clock, the way to the ERP.
    pub services: Services,
    /// What turns links into sessions.
    pub door: ConsoleDoor,
    /// What the addresses of webhooks begin with, without a slash at its end.
    pub webhook_url: String,
}

/// What the routes share.
struct Shared {
    console: Console,
    counter: overview::Counter,
}

/// The pages about both sides.
fn both_sides() -> Router<Arc<Shared>> {
    Router::new()
        .route("/console/waiting", get(routes::waiting::page))
        .route("/console/deletions/approve", post(routes::waiting::approve))
        .route("/console/find", get(routes::find::page))
        .route("/console/records/{id}", get(routes::records::page))
        .route("/console/records/{id}/actions", post(routes::deeds::ask))
        .route("/console/records/{id}/files/refresh", post(routes::files::refresh))
        .route("/console/records/{id}/files/{file}", get(routes::files::one))
        .route("/console/records/{id}/pdf", get(routes::files::pdf))
        .route("/console/records/{id}/proof-of-delivery", get(routes::files::proof))
        .route("/console/records/{id}/merge", get(routes::people::ask_merge).post(routes::people::merge))
        .route("/console/records/{id}/unmerge", post(routes::people::unmerge))
        .route("/console/records/{id}/unlink", post(routes::people::unlink))
        .route("/console/records/{id}/link", post(routes::people::link))
        .route("/console/records/{id}/settle", post(routes::records::settle))
        .route("/console/records/{id}/settle-match", post(routes::records::settle_match))
        .route("/console/records/{id}/look-again", post(routes::records::look_again))
        .route("/console/records/{id}/restore", post(routes::records::restore))
        .route("/console/plans", get(routes::plans::list).post(routes::plans::make))
        .route("/console/plans/{id}", get(routes::plans::page))
        .route("/console/plans/{id}/approve", post(routes::plans::approve))
        .route("/console/settings", get(routes::settings::page).post(routes::settings::change))
        .route("/console/settings/read-only", post(routes::settings::switch))
        .route("/console/registers", get(routes::registers::page))
        .route("/console/registers/statuses", post(routes::registers::map))
        .route("/console/certificates", get(routes::certificates::page))
        .route("/console/runs/{id}/undo", get(routes::undo::ask).post(routes::undo::carry_out))
}

/// The console's routes, all under `/console`.
pub fn router(console: Console) -> Router {
    let settings = Frame { clock: console.services.clock.clone(), body_limit: BODY_LIMIT };
    let shared = Arc::new(Shared { console, counter: overview::Counter::default() });
    let routes = both_sides()
        .route("/console", get(routes::to_overview))
        .route("/console/", get(routes::overview::page))
        .route("/console/live", get(routes::overview::live))
        .route("/console/enter", get(routes::entry::ask).post(routes::entry::enter))
        .route("/console/leave", post(routes::entry::leave))
        .route("/console/left", get(routes::entry::left))
        .route("/console/runs", post(routes::runs::request))
        .route("/console/connection/pause", post(routes::connection::pause))
        .route("/console/connection/resume", post(routes::connection::resume))
        .route("/console/{*rest}", any(async || refusal::Refusal::NotFound))
        .method_not_allowed_fallback(async || refusal::Refusal::MethodNotAllowed)
        .layer(from_fn(visit::dress))
        .with_state(shared)
        // Assets are the same for everybody, so they know nothing of language and session.
        .route("/console/assets/{file}", get(assets::serve));
    frame(routes, settings)
}
