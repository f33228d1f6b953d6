//! What anyone may ask: the API's description, and whether the function answers.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use runtime::http::Json;

use crate::{
    OPENAPI,
    contract::{Health, HealthStatus},
};

/// This description
///
/// OpenAPI 3.1. It needs no token.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "service", responses((status = 200, description = "The description", body = Object)))]
pub(super) async fn get_description() -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "public, max-age=300")], OPENAPI).into_response()
}

/// Whether the function answers
///
/// It looks at nothing else and needs no token.
#[utoipa::path(get, path = "/healthz", tag = "service", responses((status = 200, description = "It answers", body = Health)))]
pub(super) async fn get_health() -> Json<Health> {
    Json(Health { status: HealthStatus::Ok })
}
