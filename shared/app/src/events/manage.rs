//! What people do with endpoints: make, change, remove them, rotate secrets, test, look, and have events sent again.

use cloud::SecretsError;
use domain::EventEndpointId;
use erp::Outbound;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use store::{DeliveryKey, DeliveryRow, Tenant};
use sync::delivery::{Answer, Fate, Filter, Off, Progress, TEST_EVENT, test_body, test_message_id};

use super::sign::new_secret;
use super::{Delivery, Endpoint, EventsError, MOST_ENDPOINTS, secrets_of, send};
use crate::Services;

/// How long the secret before the current one signs as well.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);
/// How often a change is written where a dispatcher writes as well.
const TRIES: usize = 8;

/// A new endpoint.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// Where it is.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// Which changes it is told of.
    pub filter: Filter,
}

/// What is to be another in an endpoint; the rest stays.
#[derive(Clone, Debug, Default)]
pub struct EndpointChange {
    /// Where it is.
    pub url: Option<String>,
    /// What it is for; empty for nothing.
    pub description: Option<String>,
    /// Which changes it is told of.
    pub filter: Option<Filter>,
    /// Whether it is on.
    pub on: Option<bool>,
}

/// All endpoints, the oldest first.
pub async fn all(tenant: &Tenant) -> Result<Vec<Endpoint>, EventsError> {
    let rows = tenant.event_endpoints().await?;
    Ok(rows.iter().map(Endpoint::read).collect::<Result<_, _>>()?)
}

/// An endpoint.
pub async fn one(tenant: &Tenant, id: EventEndpointId) -> Result<Endpoint, EventsError> {
    let row = tenant.event_endpoint(id).await?.ok_or(EventsError::NotFound)?;
    Ok(Endpoint::read(&row)?)
}

/// Makes an endpoint, which is told what changes from now on. Answers with its secret, which nobody sees again.
pub async fn create(
    services: &Services,
    outbound: &Outbound,
    tenant: &Tenant,
    new: NewEndpoint,
) -> Result<(Endpoint, SecretString), EventsError> {
    outbound.allows(&new.url)?;
    let now = services.clock.now();
    let known = tenant.event_endpoints().await?;
    if known.len() >= MOST_ENDPOINTS as usize {
        return Err(EventsError::TooManyEndpoints);
    }
    let (id, secret) = (services.event_endpoint_id(), new_secret());
    let mut endpoint = Endpoint::of(id, &new.url, new.description.as_deref(), new.filter, now);
    endpoint.progress = Progress::new(tenant.seq().await?);
    let mut secrets = services.secrets.get_fresh(tenant.id()).await?.as_ref().clone();
    // What an attempt that broke off left behind goes with the next one.
    secrets.events.retain(|id, _| known.iter().any(|row| row.id == *id));
    secrets.rotate_event_secret(id, 1, secret.clone(), now, OVERLAP);
    services.secrets.put(tenant.id(), &secrets).await?;
    tenant.keep_event_endpoint(&endpoint.row()?, MOST_ENDPOINTS).await?;
    Ok((endpoint, secret))
}

/// Changes the endpoint that is at `version`.
pub async fn change(
    services: &Services,
    outbound: &Outbound,
    tenant: &Tenant,
    id: EventEndpointId,
    version: u64,
    wanted: &EndpointChange,
) -> Result<Endpoint, EventsError> {
    if let Some(url) = &wanted.url {
        outbound.allows(url)?;
    }
    let now = services.clock.now();
    write(tenant, id, |endpoint| {
        if endpoint.version != version {
            return Err(EventsError::Moved);
        }
        let settings = &mut endpoint.settings;
        if let Some(url) = &wanted.url {
            settings.url.clone_from(url);
        }
        if let Some(text) = &wanted.description {
            settings.description = Some(text.clone()).filter(|text| !text.is_empty());
        }
        if let Some(filter) = &wanted.filter {
            settings.filter = filter.clone();
        }
        settings.updated_at = now;
        endpoint.version += 1;
        match (wanted.on, endpoint.settings.off) {
            (Some(true), Some(_)) => {
                endpoint.settings.off = None;
                endpoint.progress.revive(now);
            }
            (Some(false), None) => {
                endpoint.settings.off = Some(super::TurnedOff { why: Off::Person, at: now });
            }
            _ => {}
        }
        Ok(())
    })
    .await
}

/// Removes an endpoint and its secrets.
pub async fn remove(services: &Services, tenant: &Tenant, id: EventEndpointId) -> Result<(), EventsError> {
    if !tenant.drop_event_endpoint(id).await? {
        return Err(EventsError::NotFound);
    }
    // Secrets that stay behind sign nothing: the next endpoint that is made takes them away.
    match services.secrets.get_fresh(tenant.id()).await {
        Ok(known) if known.events.contains_key(&id) => {
            let mut secrets = known.as_ref().clone();
            secrets.events.remove(&id);
            Ok(services.secrets.put(tenant.id(), &secrets).await?)
        }
        Ok(_) | Err(SecretsError::NotFound) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

/// Gives an endpoint a new secret; the one before it signs as well for a day. Answers with the new one.
pub async fn rotate(
    services: &Services,
    tenant: &Tenant,
    id: EventEndpointId,
) -> Result<(Endpoint, SecretString), EventsError> {
    let (now, secret) = (services.clock.now(), new_secret());
    let key = one(tenant, id).await?.settings.key + 1;
    let mut secrets = services.secrets.get_fresh(tenant.id()).await?.as_ref().clone();
    secrets.rotate_event_secret(id, key, secret.clone(), now, OVERLAP);
    services.secrets.put(tenant.id(), &secrets).await?;
    let endpoint = write(tenant, id, |endpoint| {
        if endpoint.settings.key + 1 != key {
            return Err(EventsError::Contended);
        }
        endpoint.settings.key = key;
        endpoint.settings.updated_at = now;
        endpoint.version += 1;
        Ok(())
    })
    .await?;
    Ok((endpoint, secret))
}

/// Sends an endpoint a test, also when it is off or down. It says nothing of any record.
pub async fn test(
    services: &Services,
    outbound: &Outbound,
    tenant: &Tenant,
    id: EventEndpointId,
) -> Result<(DeliveryKey, Delivery), EventsError> {
    let endpoint = one(tenant, id).await?;
    let secrets = secrets_of(services, tenant, &endpoint).await?;
    let now = services.clock.now();
    let message = test_message_id(tenant.id(), id, now);
    let body = test_body(id, now);
    let (answer, attempt) = send(services, outbound, &endpoint, &secrets, &message, body).await;
    let fate = if answer == Answer::Taken { Fate::Delivered } else { Fate::GivenUp };
    let delivery = Delivery { message, event: TEST_EVENT.to_owned(), record: None, fate, attempts: vec![attempt] };
    let at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    let key = DeliveryKey { at, number: 0 };
    tenant.note_delivery(&delivery.row(id, key, now)?).await?;
    Ok((key, delivery))
}

/// At most `limit` deliveries to an endpoint, the newest event first, from behind `before`.
pub async fn deliveries(
    tenant: &Tenant,
    id: EventEndpointId,
    before: Option<DeliveryKey>,
    limit: usize,
) -> Result<Vec<(DeliveryKey, Delivery)>, EventsError> {
    one(tenant, id).await?;
    let rows = tenant.deliveries(id, before, limit).await?;
    Ok(rows.iter().map(|row| Ok((row.key, Delivery::read(row)?))).collect::<Result<_, store::StoreError>>()?)
}

/// Has a noted event sent again.
pub async fn redeliver(
    services: &Services,
    tenant: &Tenant,
    id: EventEndpointId,
    key: DeliveryKey,
) -> Result<(DeliveryKey, Delivery), EventsError> {
    one(tenant, id).await?;
    let row = tenant.delivery(id, key).await?.ok_or(EventsError::NotFound)?;
    if key.number == 0 || tenant.change(key.number).await?.is_none() {
        return Err(EventsError::NotFound);
    }
    let now = services.clock.now();
    let mut delivery = Delivery::read(&row)?;
    delivery.fate = Fate::Waiting { due: now };
    let noted: DeliveryRow = delivery.row(id, key, now)?;
    write_with(tenant, id, std::slice::from_ref(&noted), |endpoint| Ok(endpoint.progress.again(key.number, now)?))
        .await?;
    Ok((key, delivery))
}

/// Has all events since `since` sent again that the endpoint was told of, or would have been. Answers with how many
/// changes are looked at for it.
pub async fn redeliver_since(tenant: &Tenant, id: EventEndpointId, since: Timestamp) -> Result<u64, EventsError> {
    let cursor = one(tenant, id).await?.progress.cursor();
    let before = last_before(tenant, cursor, since).await?;
    let endpoint = write(tenant, id, |endpoint| {
        endpoint.progress.again_since(before);
        Ok(())
    })
    .await?;
    Ok(endpoint.progress.cursor().saturating_sub(before))
}

/// The number of the last change before a time; changes are numbered as they happened.
async fn last_before(tenant: &Tenant, newest: u64, since: Timestamp) -> Result<u64, EventsError> {
    let (mut before, mut from) = (0, newest + 1);
    while before + 1 < from {
        let middle = before + (from - before) / 2;
        let is_before = tenant.change(middle).await?.is_none_or(|change| change.at < since);
        if is_before { before = middle } else { from = middle }
    }
    Ok(before)
}

async fn write(
    tenant: &Tenant,
    id: EventEndpointId,
    change: impl Fn(&mut Endpoint) -> Result<(), EventsError>,
) -> Result<Endpoint, EventsError> {
    write_with(tenant, id, &[], change).await
}

async fn write_with(
    tenant: &Tenant,
    id: EventEndpointId,
    deliveries: &[DeliveryRow],
    change: impl Fn(&mut Endpoint) -> Result<(), EventsError>,
) -> Result<Endpoint, EventsError> {
    for _ in 0..TRIES {
        let mut endpoint = one(tenant, id).await?;
        change(&mut endpoint)?;
        if endpoint.save(tenant, deliveries).await? {
            return Ok(endpoint);
        }
    }
    Err(EventsError::Contended)
}
