//! Asking for a run.

use app::runs::RequestError;
use axum::{extract::State, response::Response};
use domain::{Mode, Object, Run, RunState, Trigger};
use jiff::{SignedDuration, Timestamp};
use runtime::{Code, Permission};
use serde::Deserialize;
use std::sync::Arc;
use store::ConnectionState;

use super::see_other;
use crate::{Shared, form::Form, refusal::Refusal, session::Session};

/// A run that was asked for this long ago and still waits does what a second one would do.
const SOON: SignedDuration = SignedDuration::from_mins(2);
/// Among how many of the last runs such a one is looked for.
const LOOKED_AT: usize = 5;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    csrf: String,
    mode: Mode,
}

/// `POST /console/runs`: a run over all object types.
pub(crate) async fn request(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Refusal> {
    session.authorise(&wanted.csrf, Permission::Sync)?;
    let (services, tenant) = (&shared.console.services, session.tenant(&shared));
    let connection = tenant.connection().await?.ok_or(Code::ConnectionMissing)?;
    if matches!(connection.state, ConnectionState::Paused { .. }) {
        return Err(Code::ConnectionPaused.into());
    }
    // Stock that webhooks named is read by every run; asking for that alone means asking for what changed.
    let mode = if wanted.mode == Mode::Full { Mode::Full } else { Mode::Changes };
    let last = tenant.runs(None, LOOKED_AT).await?;
    if last.iter().any(|run| does_the_same(run, mode, services.clock.now())) {
        return Ok(see_other("/console/?done=queued"));
    }
    app::runs::request(services, &tenant, mode, Trigger::Request, &Object::ALL).await.map_err(refusal)?;
    Ok(see_other("/console/?done=sync"))
}

fn does_the_same(run: &Run, mode: Mode, now: Timestamp) -> bool {
    run.state == RunState::Queued
        && run.mode == mode
        && run.objects == Object::ALL
        && now.duration_since(run.requested_at) < SOON
}

fn refusal(error: RequestError) -> Refusal {
    match error {
        RequestError::NoConnection => Code::ConnectionMissing.into(),
        RequestError::Store(error) => error.into(),
        RequestError::Queue(error) => Refusal::Problem(error.into()),
    }
}
