//! Sending an endpoint what changed, one event after another, while it is ours to do.
//!
//! Every send is saved before the next one, on the step that was read. Stopped between a send and its save, the same event
//! goes once more under the same `webhook-id`. Two dispatchers never work for one endpoint at a time as long as the one
//! that holds it says so within a minute.

use domain::TenantId;
use erp::Outbound;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::collections::VecDeque;
use std::sync::Arc;
use store::{Change, DeliveryKey, Tenant};
use sync::delivery::{Answer, Fate, Next, Progress, Told, Walk, event_name, message_id};
use uuid::Uuid;

use super::{Attempt, Delivery, Endpoint, EventsError, secrets_of, send};
use crate::Services;
use crate::feed::Position;
use crate::twoway::edit;

/// How many changes are read at a time.
const WINDOW: usize = 100;
/// The most sends to an endpoint in one look.
const MOST_SENDS: usize = 500;
/// How often an outcome is written where others write as well.
const TRIES: usize = 5;
/// A hold that lasts no longer than a send and its save take is renewed before it.
const LEFT: SignedDuration = SignedDuration::from_secs(25);

/// Makes the opaque position in the feed of changes that stands behind a change.
pub type Positions = Arc<dyn Fn(&TenantId, Position) -> String + Send + Sync>;

/// What sends events.
#[derive(Clone)]
pub struct Dispatcher {
    /// Table, secrets, clock.
    pub services: Services,
    /// The way out.
    pub outbound: Outbound,
    /// Positions in the feed.
    pub positions: Positions,
}

/// One endpoint of one tenant in one look.
struct Look<'a> {
    dispatcher: &'a Dispatcher,
    tenant: &'a Tenant,
    endpoint: Endpoint,
    newest: u64,
    who: String,
    secrets: Vec<SecretString>,
    window: VecDeque<Change>,
    sends: usize,
}

/// Sends all endpoints of a tenant what is due for them, until `until`. Answers with how many sends there were.
pub async fn deliver(dispatcher: &Dispatcher, tenant: &Tenant, until: Timestamp) -> Result<usize, EventsError> {
    // As the feed: nothing is told before a person has allowed the product to act.
    if edit::settings(tenant).await?.read_only {
        return Ok(0);
    }
    let newest = tenant.seq().await?;
    let rows = tenant.event_endpoints().await?;
    let looks = rows.iter().map(|row| async {
        let endpoint = Endpoint::read(row)?;
        look(dispatcher, tenant, endpoint, newest, until).await
    });
    // One that fails does not stop the others.
    let done = join_all(looks).await;
    let mut sends = 0;
    let mut failed = None;
    for outcome in done {
        match outcome {
            Ok(n) => sends += n,
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(sends), Err)
}

async fn look(
    dispatcher: &Dispatcher,
    tenant: &Tenant,
    mut endpoint: Endpoint,
    newest: u64,
    until: Timestamp,
) -> Result<usize, EventsError> {
    let services = &dispatcher.services;
    let now = services.clock.now();
    if endpoint.settings.off.is_some() || endpoint.progress.next(now, newest) == Next::Rest {
        return Ok(0);
    }
    let secrets = secrets_of(services, tenant, &endpoint).await?;
    let who = services.one_time_name();
    if !endpoint.progress.hold(&who, now) || !endpoint.save(tenant, &[]).await? {
        return Ok(0);
    }
    let mut look = Look { dispatcher, tenant, endpoint, newest, who, secrets, window: VecDeque::new(), sends: 0 };
    if look.work(until).await? {
        look.keep(|progress, _, _| {
            progress.release();
            true
        })
        .await?;
    }
    Ok(look.sends)
}

impl Look<'_> {
    fn now(&self) -> Timestamp {
        self.dispatcher.services.clock.now()
    }

    /// Works until there is nothing to do; `false` when the endpoint is no longer ours.
    async fn work(&mut self, until: Timestamp) -> Result<bool, EventsError> {
        while self.sends < MOST_SENDS && self.now() < until && self.endpoint.settings.off.is_none() {
            let now = self.now();
            if !self.endpoint.progress.is_held_for(now, LEFT) && !self.keep(Progress::hold).await? {
                return Ok(false);
            }
            match self.endpoint.progress.next(now, self.newest) {
                Next::Rest => break,
                Next::Again(number) => {
                    let Some(change) = self.tenant.change(number).await? else {
                        self.endpoint.progress.forget(number);
                        continue;
                    };
                    if !self.tell(None, &change).await? {
                        return Ok(false);
                    }
                }
                Next::Look(walk, number) => {
                    let Some(change) = self.at(number).await? else { break };
                    if !self.is_told(walk, &change) {
                        self.endpoint.progress.pass(walk, change.seq);
                    } else if !self.tell(Some(walk), &change).await? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(true)
    }

    /// Changes who holds the endpoint and saves how far it is; `false` when it is no longer ours.
    async fn keep(&mut self, change: fn(&mut Progress, &str, Timestamp) -> bool) -> Result<bool, EventsError> {
        for _ in 0..TRIES {
            let now = self.now();
            if !change(&mut self.endpoint.progress, &self.who, now) {
                return Ok(false);
            }
            if self.endpoint.save(self.tenant, &[]).await? {
                return Ok(true);
            }
            if !self.read_again().await? {
                return Ok(false);
            }
        }
        Err(EventsError::Contended)
    }

    /// Reads the endpoint, which a person has changed; `false` when it is no longer ours.
    async fn read_again(&mut self) -> Result<bool, EventsError> {
        let fresh = self.endpoint.reload(self.tenant).await?;
        let Some(fresh) = fresh.filter(|fresh| fresh.progress.is_held_by(&self.who)) else { return Ok(false) };
        if fresh.settings.key != self.endpoint.settings.key {
            self.secrets = secrets_of(&self.dispatcher.services, self.tenant, &fresh).await?;
        }
        self.endpoint = fresh;
        Ok(true)
    }

    fn is_told(&self, walk: Walk, change: &Change) -> bool {
        let takes = self.endpoint.settings.filter.takes(change.record.object(), change.kind);
        takes && !(walk == Walk::Replay && self.endpoint.progress.is_waiting(change.seq))
    }

    /// The change with this number, or the first one behind it.
    async fn at(&mut self, number: u64) -> Result<Option<Change>, EventsError> {
        while self.window.front().is_some_and(|change| change.seq < number) {
            self.window.pop_front();
        }
        // The two walks are at different places.
        if self.window.front().is_none_or(|change| change.seq > number) {
            self.window = self.tenant.changes(number - 1, WINDOW).await?.into();
        }
        Ok(self.window.front().cloned())
    }

    /// Sends a change's event and saves what came of it; `false` when the endpoint is no longer ours.
    async fn tell(&mut self, walk: Option<Walk>, change: &Change) -> Result<bool, EventsError> {
        let tenant = self.tenant.id();
        let message = message_id(tenant, self.endpoint.id, change.seq);
        // A reading from there begins with this change.
        // Of the change's own time, so that an event that is sent again says the same.
        let position = Position { seq: change.seq - 1, at: change.at.as_second() };
        let cursor = (self.dispatcher.positions)(tenant, position);
        let body = told(change).body(&cursor);
        let (services, outbound) = (&self.dispatcher.services, &self.dispatcher.outbound);
        let (answer, attempt) = send(services, outbound, &self.endpoint, &self.secrets, &message, body).await;
        self.sends += 1;
        tracing::info!(tenant = %tenant, endpoint = %self.endpoint.id, status = attempt.status, code = attempt.code, "an event");
        let noted = if walk == Some(Walk::Live) { None } else { self.noted(change).await? };
        let noted = noted.unwrap_or_else(|| Delivery {
            message,
            event: event_name(change.record.object(), change.kind),
            record: Some(change.record),
            fate: Fate::Delivered,
            attempts: Vec::new(),
        });
        self.settle(walk, change, answer, &attempt, &noted).await
    }

    async fn noted(&self, change: &Change) -> Result<Option<Delivery>, EventsError> {
        let row = self.tenant.delivery(self.endpoint.id, key_of(change)).await?;
        Ok(row.as_ref().map(Delivery::read).transpose()?)
    }

    async fn settle(
        &mut self,
        walk: Option<Walk>,
        change: &Change,
        answer: Answer,
        attempt: &Attempt,
        noted: &Delivery,
    ) -> Result<bool, EventsError> {
        let jitter = u16::try_from(Uuid::new_v4().as_u128() % 1_001).unwrap_or_default();
        for _ in 0..TRIES {
            let now = self.now();
            let verdict = self.endpoint.progress.sent(walk, change.seq, answer, now, jitter);
            self.endpoint.progress.hold(&self.who, now);
            if let (Some(why), None) = (verdict.off, self.endpoint.settings.off) {
                self.endpoint.turn_off(why, now);
                tracing::warn!(tenant = %self.tenant.id(), endpoint = %self.endpoint.id, ?why, "an endpoint is turned off");
            }
            let mut delivery = noted.clone();
            delivery.note(attempt.clone(), verdict.event);
            let row = delivery.row(self.endpoint.id, key_of(change), now)?;
            // What was sent holds, whatever a person has changed meanwhile.
            if self.endpoint.save(self.tenant, &[row]).await? {
                return Ok(true);
            }
            if !self.read_again().await? {
                return Ok(false);
            }
        }
        Err(EventsError::Contended)
    }
}

fn key_of(change: &Change) -> DeliveryKey {
    DeliveryKey { at: change.at, number: change.seq }
}

fn told(change: &Change) -> Told<'_> {
    Told {
        at: change.at,
        record: change.record,
        kind: change.kind,
        crm_id: change.crm_id.as_deref(),
        erp_id: change.erp_id,
        version: change.version,
        revision: change.revision,
    }
}
