//! The one route: `POST /w/{endpoint_id}`.
//!
//! Decides nothing but the order: verify, keep, acknowledge. What is not kept
//! is not acknowledged, so that the sender tries again.

use app::intake;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use runtime::{Problem, WebhookCall, http::Path};

use crate::{Webhook, event};

/// Both answers that Metakocka's setting "Respond status ok json" may ask for.
const ACKNOWLEDGED: &str = r#"{"status":"ok","check_respond_status_json_ok":"true"}"#;

pub(crate) async fn receive(
    State(webhook): State<Webhook>,
    Path(endpoint): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let call = WebhookCall {
        endpoint: &endpoint,
        authorization: event::text(&headers, AUTHORIZATION.as_str()),
        signature: event::text(&headers, "x-metakocka-signature"),
        body: &body,
    };
    let verified = webhook.verifier.verify(call).await?;
    let services = &webhook.services;
    let id = event::id(&headers, &body, services.clock.now());
    let kind = event::kind(&headers);
    let tenant = services.table.tenant(&verified);
    let received = intake::receive(services, &tenant, id, kind, body.into()).await?;
    tracing::info!(tenant = %verified.id(), ?received, "a webhook was kept");
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], ACKNOWLEDGED).into_response())
}
