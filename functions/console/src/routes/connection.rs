//! Pausing and resuming the connection.
//!
//! A pause is saved whatever the ERP says. Resuming tests the key first, as
//! connecting does: a connection that the ERP refuses stays paused.

use app::connect::{ConnectError, PAUSED_BY_PERSON, Settings, connect};
use axum::{extract::State, response::Response};
use runtime::{Code, Permission, Problem};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};
use store::{Connection, ConnectionState, StoreError, Tenant};

use super::see_other;
use crate::{Shared, form::Form, refusal::Refusal, session::Session};

#[derive(Deserialize)]
pub(crate) struct Change {
    csrf: String,
    /// The version that the person saw.
    version: u64,
}

/// `POST /console/connection/pause`.
pub(crate) async fn pause(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Form(change): Form<Change>,
) -> Result<Response, Refusal> {
    session.authorise(&change.csrf, Permission::Configure)?;
    let tenant = session.tenant(&shared);
    let mut connection = seen(&tenant, change.version).await?;
    connection.state = ConnectionState::Paused { code: PAUSED_BY_PERSON.to_owned() };
    connection.updated_at = shared.console.services.clock.now();
    match tenant.replace_connection_if(change.version, &connection).await {
        Ok(_) => Ok(see_other("/console/?done=paused")),
        Err(StoreError::Conflict) => Err(Code::VersionMismatch.into()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /console/connection/resume`.
pub(crate) async fn resume(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Form(change): Form<Change>,
) -> Result<Response, Refusal> {
    session.authorise(&change.csrf, Permission::Configure)?;
    let tenant = session.tenant(&shared);
    let connection = seen(&tenant, change.version).await?;
    let settings = Settings {
        base_url: connection.base_url,
        company_id: connection.company_id,
        secret_key: None,
        webhook_secret: None,
        basic_auth: None,
        erp_user: None,
        cadence: BTreeMap::new(),
        paused: false,
        expected_version: Some(change.version),
    };
    connect(&shared.console.services, &tenant, settings).await.map_err(refusal)?;
    Ok(see_other("/console/?done=resumed"))
}

/// The connection, if it is still as the person saw it.
async fn seen(tenant: &Tenant, version: u64) -> Result<Connection, Refusal> {
    let connection = tenant.connection().await?.ok_or(Code::ConnectionMissing)?;
    if connection.version == version { Ok(connection) } else { Err(Code::VersionMismatch.into()) }
}

pub(super) fn refusal(error: ConnectError) -> Refusal {
    match error {
        ConnectError::HostNotAllowed => Code::HostNotAllowed.into(),
        ConnectError::KeyMissing => Code::CredentialsInvalid.into(),
        ConnectError::VersionMismatch { .. } => Code::VersionMismatch.into(),
        // A code that the catalogue does not have yet is the ERP's refusal all the same.
        ConnectError::Erp(error) => Code::parse(error.code()).unwrap_or(Code::ErpRefused).into(),
        ConnectError::Shut(_) => Code::ErpPaused.into(),
        ConnectError::Busy(_) => Code::Busy.into(),
        ConnectError::Secrets(error) => Refusal::Problem(error.into()),
        ConnectError::Store(error) => error.into(),
        error => Refusal::Problem(Problem::internal(&error)),
    }
}
