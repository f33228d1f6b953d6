//! Signed events (Standard Webhooks): the CRM's endpoints, and sending them what changed.
//!
//! Makes no choices about when and what is sent: `sync::delivery` decides, this carries out. The changes themselves are
//! the outbox; an endpoint's row says how far it is. What is kept of an endpoint's secrets lies with the tenant's secrets.

pub mod dispatch;
pub mod manage;
pub mod sign;

use cloud::SecretsError;
use domain::{EventEndpointId, RecordId};
use erp::{AddressRefused, Outbound, SendError, Sent};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::{DeliveryKey, DeliveryRow, EventEndpointRow, KeepEndpointError, StoreError, Tenant};
use sync::delivery::{Answer, Fate, Filter, Off, Progress, TooMany, retry_after};
use thiserror::Error;

use crate::Services;

/// The most endpoints of a tenant.
pub const MOST_ENDPOINTS: u32 = 10;
/// The most attempts that are listed of an event: the last ones.
const MOST_ATTEMPTS: usize = 20;

/// What people say of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointSettings {
    /// Where it is.
    pub url: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which changes it is told of.
    #[serde(default)]
    pub filter: Filter,
    /// Why and since when it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off: Option<TurnedOff>,
    /// The number of its current secret.
    pub key: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// That an endpoint is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnedOff {
    /// Why.
    pub why: Off,
    /// Since when.
    pub at: Timestamp,
}

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: EventEndpointId,
    /// Grows by one with every change of its settings.
    pub version: u64,
    /// What people say of it.
    pub settings: EndpointSettings,
    /// How far it is.
    pub progress: Progress,
    step: u64,
}

/// What became of an event for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The `webhook-id` of all its attempts.
    pub message: String,
    /// The event's type.
    pub event: String,
    /// The record that changed; none for a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// How it stands.
    #[serde(flatten)]
    pub fate: Fate,
    /// Its last attempts, the oldest first.
    pub attempts: Vec<Attempt>,
}

/// One send. Neither the address nor anything that was sent or answered is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// The status of the answer, if one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What was wrong, as a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// Why something about an endpoint was not done.
#[derive(Debug, Error)]
pub enum EventsError {
    /// There is no such endpoint or delivery.
    #[error("there is no such endpoint or delivery")]
    NotFound,
    /// It was changed since it was seen.
    #[error("the endpoint is at another version")]
    Moved,
    /// The address is not gone to.
    #[error(transparent)]
    Address(#[from] AddressRefused),
    /// The tenant has as many endpoints as it may.
    #[error("the tenant has as many endpoints as it may")]
    TooManyEndpoints,
    /// As many events wait as may.
    #[error(transparent)]
    TooManyWaiting(#[from] TooMany),
    /// The tenant has no connection, so it has no secrets either.
    #[error("the tenant has no connection")]
    NoConnection,
    /// The endpoint's secret is not there: it was lost, or is not to be seen yet.
    #[error("the endpoint's secret is missing")]
    SecretMissing,
    /// Others were always faster.
    #[error("the endpoint changes all the time")]
    Contended,
    /// The secrets could not be read or saved.
    #[error(transparent)]
    Secrets(SecretsError),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SecretsError> for EventsError {
    fn from(e: SecretsError) -> Self {
        if matches!(e, SecretsError::NotFound) { Self::NoConnection } else { Self::Secrets(e) }
    }
}

impl From<KeepEndpointError> for EventsError {
    fn from(e: KeepEndpointError) -> Self {
        match e {
            KeepEndpointError::TooMany => Self::TooManyEndpoints,
            KeepEndpointError::Store(e) => e.into(),
        }
    }
}

impl Endpoint {
    /// A new one, which was told nothing yet.
    pub fn of(id: EventEndpointId, url: &str, description: Option<&str>, filter: Filter, now: Timestamp) -> Self {
        let description = description.filter(|text| !text.is_empty()).map(str::to_owned);
        let url = url.to_owned();
        let settings =
            EndpointSettings { url, description, filter, off: None, key: 1, created_at: now, updated_at: now };
        Self { id, version: 1, settings, progress: Progress::new(0), step: 1 }
    }

    fn read(row: &EventEndpointRow) -> Result<Self, StoreError> {
        let corrupt = |_| StoreError::Corrupt { what: "event endpoint" };
        Ok(Self {
            id: row.id,
            version: row.version,
            settings: serde_json::from_slice(&row.settings).map_err(corrupt)?,
            progress: serde_json::from_slice(&row.progress).map_err(corrupt)?,
            step: row.step,
        })
    }

    fn row(&self) -> Result<EventEndpointRow, StoreError> {
        let corrupt = |_| StoreError::Corrupt { what: "event endpoint" };
        Ok(EventEndpointRow {
            id: self.id,
            version: self.version,
            step: self.step,
            settings: serde_json::to_vec(&self.settings).map_err(corrupt)?,
            progress: serde_json::to_vec(&self.progress).map_err(corrupt)?,
        })
    }

    /// Writes it where it was read, and what is to be noted; `false` when another one wrote it since.
    async fn save(&mut self, tenant: &Tenant, deliveries: &[DeliveryRow]) -> Result<bool, StoreError> {
        match tenant.replace_event_endpoint(&self.row()?, deliveries).await {
            Ok(step) => {
                self.step = step;
                Ok(true)
            }
            Err(StoreError::Conflict) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Reads it again; `None` when it is gone.
    async fn reload(&self, tenant: &Tenant) -> Result<Option<Self>, StoreError> {
        tenant.event_endpoint(self.id).await?.as_ref().map(Self::read).transpose()
    }

    fn turn_off(&mut self, why: Off, now: Timestamp) {
        self.settings.off = Some(TurnedOff { why, at: now });
        self.settings.updated_at = now;
        self.version += 1;
    }
}

impl Delivery {
    /// What a row of the log says.
    pub fn read(row: &DeliveryRow) -> Result<Self, StoreError> {
        serde_json::from_slice(&row.bytes).map_err(|_| StoreError::Corrupt { what: "delivery" })
    }

    fn row(&self, endpoint: EventEndpointId, key: DeliveryKey, now: Timestamp) -> Result<DeliveryRow, StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::Corrupt { what: "delivery" })?;
        Ok(DeliveryRow { endpoint, key, tried_at: now, bytes })
    }

    fn note(&mut self, attempt: Attempt, fate: Fate) {
        self.fate = fate;
        self.attempts.push(attempt);
        let over = self.attempts.len().saturating_sub(MOST_ATTEMPTS);
        self.attempts.drain(..over);
    }
}

/// The secrets that sign for an endpoint, the current one first.
async fn secrets_of(
    services: &Services,
    tenant: &Tenant,
    endpoint: &Endpoint,
) -> Result<Vec<SecretString>, EventsError> {
    let now = services.clock.now();
    for is_fresh in [false, true] {
        let all = if is_fresh {
            services.secrets.get_fresh(tenant.id()).await?
        } else {
            services.secrets.get(tenant.id()).await?
        };
        let signing: Vec<_> = all.event_secrets(endpoint.id, now).collect();
        // One that was just rotated may not be seen yet where the secrets are cached.
        if signing.first().is_some_and(|current| current.key == endpoint.settings.key) {
            return Ok(signing.into_iter().map(|s| s.secret.clone()).collect());
        }
    }
    Err(EventsError::SecretMissing)
}

/// Sends a body once, signed at this moment.
async fn send(
    services: &Services,
    outbound: &Outbound,
    endpoint: &Endpoint,
    secrets: &[SecretString],
    message: &str,
    body: String,
) -> (Answer, Attempt) {
    let (at, started) = (services.clock.now(), services.clock.steady());
    let headers = sign::headers(secrets, message, at, &body);
    let sent = outbound.post(&endpoint.settings.url, &headers, body).await;
    let took = services.clock.steady().saturating_sub(started);
    let (status, code) = match &sent {
        Ok(Sent { status, .. }) => (Some(*status), code_of(*status)),
        Err(error) => (None, Some(SendError::code(*error))),
    };
    let attempt =
        Attempt { at, status, code: code.map(str::to_owned), ms: u64::try_from(took.as_millis()).unwrap_or_default() };
    let answer = match sent {
        Ok(Sent { status: 200..300, .. }) => Answer::Taken,
        Ok(Sent { status: 410, .. }) => Answer::Gone,
        Ok(sent) => Answer::Failed(sent.retry_after.and_then(|text| retry_after(&text, services.clock.now()))),
        Err(_) => Answer::Failed(None),
    };
    (answer, attempt)
}

const fn code_of(status: u16) -> Option<&'static str> {
    match status {
        200..300 => None,
        300..400 => Some("redirected"),
        410 => Some("gone"),
        429 => Some("throttled"),
        _ => Some("refused"),
    }
}
