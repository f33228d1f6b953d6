//! What every HTTP function does the same way: the frame around a router, extractors, serving under Lambda.
//!
//! Decides that each error answer is a problem, that no body or query reaches
//! the log, and which headers every answer carries. Must not know any route.

mod extract;
mod frame;
mod trace;

pub use extract::{Json, Path, Query, json_from_slice};
pub use frame::{Frame, frame};
pub use trace::TraceId;

use axum::Router;

/// Serve a router as a Lambda function behind a function URL.
pub async fn serve_lambda(router: Router) -> Result<(), lambda_http::Error> {
    lambda_http::run(router).await
}
