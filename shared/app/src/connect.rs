//! Connecting a tenant to a company of the ERP: prove it first, then save it.
//!
//! The key is tested with a read before anything is saved. A connection's
//! company never changes: the records that were pulled belong to it.

use cloud::{BasicAuth, SecretsError, TenantSecrets};
use domain::{Cadence, EndpointId, Mode, Object, Run, Trigger};
use jiff::SignedDuration;
use secrecy::SecretString;
use std::collections::BTreeMap;
use store::{Connection, ConnectionState, StoreError, Tenant};
use thiserror::Error;
use uuid::Uuid;

use crate::Services;
use crate::door::{self, PersonError, Shut};
use crate::pacing::{self, Busy};
use crate::runs::{self, RequestError};

/// How long the previous webhook secret is still accepted.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// Why a person paused it, as the connection's code.
pub const PAUSED_BY_PERSON: &str = "paused_by_person";

/// What a person enters. Missing secrets stay as they are.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the ERP is.
    pub base_url: String,
    /// The company's id in the ERP.
    pub company_id: String,
    /// The company's key.
    pub secret_key: Option<SecretString>,
    /// What webhooks are signed with.
    pub webhook_secret: Option<SecretString>,
    /// User and password that webhooks bring.
    pub basic_auth: Option<(String, SecretString)>,
    /// The e-mail address of a user of the ERP; the one that is known stays when there is none.
    pub erp_user: Option<String>,
    /// How often object types are read; those not named stay as they are.
    pub cadence: BTreeMap<Object, Cadence>,
    /// Whether it is to be paused.
    pub paused: bool,
    /// The version that was seen; `None` for the first time.
    pub expected_version: Option<u64>,
}

/// What was saved.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The connection.
    pub connection: Connection,
    /// The first run, when the connection is new.
    pub first_run: Option<Run>,
}

/// Why a connection was not saved. Nothing is changed by any of these but the last two.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The host is not on the list.
    #[error("the address is not one of the ERP's")]
    HostNotAllowed,
    /// A first connection needs a key.
    #[error("the company's secret key is missing")]
    KeyMissing,
    /// The company is another one.
    #[error("the connection is to another company")]
    OtherCompany,
    /// The connection was changed since it was seen, or exists and no version was given.
    #[error("the connection is at another version")]
    VersionMismatch {
        /// The version it is at.
        current: Option<u64>,
    },
    /// The ERP refused the test, or could not be reached.
    #[error("the test of the connection failed")]
    Erp(#[from] erp::ErpError),
    /// The address or the account is none.
    #[error("the address or the account cannot be used")]
    Account(#[from] erp::client::ConfigError),
    /// The host of the ERP is left alone for now.
    #[error(transparent)]
    Shut(#[from] Shut),
    /// Another call is going on.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The secrets could not be read or saved.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is saved, but the first run could not be queued.
    #[error(transparent)]
    Run(#[from] RequestError),
}

/// Tests and saves a connection; a new one gets its first run.
pub async fn connect(services: &Services, tenant: &Tenant, settings: Settings) -> Result<Connected, ConnectError> {
    let existing = tenant.connection().await?;
    check(services, existing.as_ref(), &settings)?;
    let secrets = next_secrets(services, tenant, existing.is_some(), &settings).await?;
    test(services, tenant, &settings, &secrets).await?;
    services.secrets.put(tenant.id(), &secrets).await?;
    if let Some(old) = existing {
        let next = next_version(services, &old, settings);
        let connection =
            tenant.replace_connection_if(old.version, &next).await.map_err(|e| moved(e, Some(old.version)))?;
        return Ok(Connected { connection, first_run: None });
    }
    let first = first_version(services, settings);
    let connection = tenant.create_connection(&first).await.map_err(|e| moved(e, None))?;
    let run = runs::request(services, tenant, Mode::Full, Trigger::Connected, &Object::ALL).await?;
    Ok(Connected { connection, first_run: Some(run) })
}

fn check(services: &Services, existing: Option<&Connection>, settings: &Settings) -> Result<(), ConnectError> {
    if !services.erp.allows(&settings.base_url) {
        return Err(ConnectError::HostNotAllowed);
    }
    let Some(old) = existing else {
        return match (&settings.secret_key, settings.expected_version) {
            (None, _) => Err(ConnectError::KeyMissing),
            (Some(_), Some(_)) => Err(ConnectError::VersionMismatch { current: None }),
            (Some(_), None) => Ok(()),
        };
    };
    if settings.expected_version != Some(old.version) {
        return Err(ConnectError::VersionMismatch { current: Some(old.version) });
    }
    if old.company_id != settings.company_id {
        return Err(ConnectError::OtherCompany);
    }
    Ok(())
}

async fn next_secrets(
    services: &Services,
    tenant: &Tenant,
    exists: bool,
    settings: &Settings,
) -> Result<TenantSecrets, ConnectError> {
    let now = services.clock.now();
    let mut secrets = if exists {
        let kept = services.secrets.get(tenant.id()).await?;
        TenantSecrets::clone(&kept)
    } else {
        let key = settings.secret_key.clone().ok_or(ConnectError::KeyMissing)?;
        let webhook = settings.webhook_secret.clone().unwrap_or_else(|| random_text(64).into());
        TenantSecrets::new(key, webhook)
    };
    if exists {
        if let Some(key) = &settings.secret_key {
            secrets.erp_key = key.clone();
        }
        if let Some(webhook) = &settings.webhook_secret {
            secrets.rotate_webhook(webhook.clone(), now, OVERLAP);
        }
    }
    if let Some((user, password)) = &settings.basic_auth {
        secrets.basic_auth = Some(BasicAuth { user: user.clone(), password: password.clone() });
    }
    if let Some(user) = &settings.erp_user {
        secrets.erp_user = Some(user.clone());
    }
    Ok(secrets)
}

/// A read that only the right key gets: the warehouses.
async fn test(
    services: &Services,
    tenant: &Tenant,
    settings: &Settings,
    secrets: &TenantSecrets,
) -> Result<(), ConnectError> {
    let client = crate::reading::client(services, &settings.base_url, &settings.company_id, secrets)?;
    let who = services.one_time_name();
    pacing::claim(tenant, &services.clock, &who).await?;
    let answer = door::test_for_person(services, tenant.id(), &settings.base_url, &client).await;
    tenant.release_search(&who).await?;
    match answer {
        Ok(answer) => Ok(answer?),
        Err(PersonError::Shut(shut)) => Err(shut.into()),
        Err(PersonError::Store(error)) => Err(error.into()),
    }
}

fn first_version(services: &Services, settings: Settings) -> Connection {
    let now = services.clock.now();
    let cadence = Object::ALL.into_iter().map(|o| (o, Cadence::standard(o))).chain(settings.cadence).collect();
    Connection {
        company_id: settings.company_id,
        base_url: settings.base_url.trim_end_matches('/').to_owned(),
        endpoint_id: endpoint_id(),
        state: state(settings.paused),
        cadence,
        created_at: now,
        updated_at: now,
        version: 0,
    }
}

fn next_version(services: &Services, old: &Connection, settings: Settings) -> Connection {
    let mut next = old.clone();
    settings.base_url.trim_end_matches('/').clone_into(&mut next.base_url);
    next.state = state(settings.paused);
    next.cadence.extend(settings.cadence);
    next.updated_at = services.clock.now();
    next
}

fn state(paused: bool) -> ConnectionState {
    if paused { ConnectionState::Paused { code: PAUSED_BY_PERSON.to_owned() } } else { ConnectionState::Connected }
}

fn moved(error: StoreError, current: Option<u64>) -> ConnectError {
    match error {
        StoreError::Conflict => ConnectError::VersionMismatch { current },
        error => error.into(),
    }
}

fn endpoint_id() -> EndpointId {
    format!("whe_{}", random_text(32)).parse().expect("32 hexadecimal digits make an endpoint id")
}

/// Random hexadecimal digits, from as many version 4 UUIDs as they take.
fn random_text(len: usize) -> String {
    let mut text = String::new();
    while text.len() < len {
        text.push_str(&Uuid::new_v4().simple().to_string());
    }
    text.truncate(len);
    text
}
