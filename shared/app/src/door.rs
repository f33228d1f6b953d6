//! The door to a host of the ERP, carried out on its row: read before anything is asked of the host, written where `sync::door` says so.
//!
//! Makes no choices: whether, when and how many is decided there. What goes
//! wrong with the row stops no work that the door lets through. Nothing here
//! waits; who may not call is told when to come back.

use domain::TenantId;
use erp::client::{Ended, RetryPolicy};
use erp::{Client, ErpError};
use jiff::{SignedDuration, Timestamp};
use store::{Connection, StoreError, Tenant};
use sync::breaker::FailureKind;
use sync::door::{Admission, Caller, Door, Outcomes, Taken, share_of};

use crate::Services;
use crate::drive::MOST_AT_ONCE;

/// So many calls are taken at least while the host comes back, and so many at the start of a slice: enough for any one
/// read, so that every slice that begins gets on.
const BLOCK: u32 = 10;
const FIRST_BLOCK: u32 = MOST_AT_ONCE;
/// How often a write is tried when others write the row at the same time.
const TRIES: usize = 5;
/// When to come back if they always did.
const CONTENDED: SignedDuration = SignedDuration::from_secs(2);
/// So many calls without an answer, one after another, end a slice, and so long it stays away then.
const STRAIGHT: u32 = 5;
const UNANSWERED: SignedDuration = SignedDuration::from_secs(60);

/// The host may not be called now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ERP is left alone until {until}")]
pub struct Shut {
    /// When to come back.
    pub until: Timestamp,
    /// The host is away; otherwise it is coming back, and not everybody is admitted at once.
    pub away: bool,
}

/// A slice of work on its way to a host.
pub(crate) struct Gate<'a> {
    services: &'a Services,
    origin: &'a str,
    caller: Caller,
    /// Good news is no news, as the door was when it was read.
    is_calm: bool,
    /// Calls that may still be made; none when they are not counted.
    tokens: Option<i64>,
    /// Calls of the slice that were taken from the tokens.
    counted: u32,
    /// When the slice may go on, once it may not.
    later: Option<Timestamp>,
}

/// Until when the host of this address is taken to be away; `None` when it is not.
pub async fn away_until(services: &Services, base_url: &str) -> Result<Option<Timestamp>, StoreError> {
    Ok(load(services, origin_of(base_url)).await?.0.away_until(services.clock.now()))
}

/// Lets a slice of work through. Who is the first after an outage makes one light read, and everybody goes by its answer.
pub(crate) async fn enter<'a>(
    services: &'a Services,
    tenant: &Tenant,
    connection: &'a Connection,
) -> Result<Result<Gate<'a>, Shut>, StoreError> {
    let origin = origin_of(&connection.base_url);
    let caller = Caller { share: share_of(tenant.id()), interactive: false };
    for _ in 0..TRIES {
        let now = services.clock.now();
        let (door, version) = load(services, origin).await?;
        let is_calm = door.is_calm(now);
        let gate = |tokens| Gate { services, origin, caller, is_calm, tokens, counted: 0, later: None };
        let who = services.one_time_name();
        match door.admit(&who, caller, now) {
            Admission::Shut { until, away } => return Ok(Err(Shut { until, away })),
            Admission::Probe(next) => {
                // Without a client no call can be made: whoever makes the next one finds out why.
                let Some(client) = prober(services, tenant, connection).await else { return Ok(Ok(gate(None))) };
                if replace(services, origin, version, &next).await? {
                    let answered = client.warehouses().await;
                    tell_probe(services, origin, &who, &answered).await?;
                }
            }
            Admission::Open => match take(services, (&door, version), origin, caller, FIRST_BLOCK).await? {
                Took::Free => return Ok(Ok(gate(None))),
                Took::Granted => return Ok(Ok(gate(Some(i64::from(FIRST_BLOCK))))),
                Took::Wait(until) => return Ok(Err(Shut { until, away: false })),
                Took::Lost => {}
            },
        }
    }
    Ok(Err(Shut { until: services.clock.now() + CONTENDED, away: false }))
}

/// Makes the read of the warehouses for a person who waits, if the host may be called.
pub(crate) async fn test_for_person(
    services: &Services,
    tenant: &TenantId,
    base_url: &str,
    client: &Client,
) -> Result<Result<(), ErpError>, PersonError> {
    let origin = origin_of(base_url);
    let caller = Caller { share: share_of(tenant), interactive: true };
    for _ in 0..TRIES {
        let now = services.clock.now();
        let (door, version) = load(services, origin).await?;
        let who = services.one_time_name();
        match door.admit(&who, caller, now) {
            Admission::Shut { until, away } => return Err(Shut { until, away }.into()),
            Admission::Probe(next) => {
                if replace(services, origin, version, &next).await? {
                    let answered = client.warehouses().await;
                    tell_probe(services, origin, &who, &answered).await?;
                    return Ok(answered.map(|_| ()));
                }
            }
            Admission::Open => match take(services, (&door, version), origin, caller, 1).await? {
                Took::Free | Took::Granted => {
                    let answered = client.warehouses().await;
                    tell(services, origin, caller.share, door.is_calm(now), client.take_outcomes(), 0).await;
                    return Ok(answered.map(|_| ()));
                }
                Took::Wait(until) => return Err(Shut { until, away: false }.into()),
                Took::Lost => {}
            },
        }
    }
    Err(Shut { until: services.clock.now() + CONTENDED, away: false }.into())
}

/// Why a person's call was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PersonError {
    #[error(transparent)]
    Shut(#[from] Shut),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gate<'_> {
    /// Whether so many more calls may be made; `so_far` is what became of those of this slice. `false` ends the slice.
    pub(crate) async fn may_call(&mut self, so_far: erp::client::Outcomes, calls: u32) -> Result<bool, StoreError> {
        if so_far.straight >= STRAIGHT {
            return Ok(self.come_back(self.services.clock.now() + UNANSWERED));
        }
        let Some(mut tokens) = self.tokens else { return Ok(true) };
        tokens -= i64::from(so_far.calls - self.counted);
        self.counted = so_far.calls;
        self.tokens = Some(tokens);
        // What was called beyond them is paid first.
        let missing = u32::try_from(i64::from(calls) - tokens).unwrap_or(0);
        if missing == 0 {
            return Ok(true);
        }
        let block = missing.max(BLOCK);
        for _ in 0..TRIES {
            let (door, version) = load(self.services, self.origin).await?;
            match take(self.services, (&door, version), self.origin, self.caller, block).await? {
                Took::Free => {
                    self.tokens = None;
                    return Ok(true);
                }
                Took::Granted => {
                    self.tokens = Some(tokens + i64::from(block));
                    return Ok(true);
                }
                Took::Wait(until) => return Ok(self.come_back(until)),
                Took::Lost => {}
            }
        }
        Ok(self.come_back(self.services.clock.now() + CONTENDED))
    }

    /// The slice may not go on before `until`. Answers with `false`.
    pub(crate) const fn come_back(&mut self, until: Timestamp) -> bool {
        self.later = Some(until);
        false
    }

    /// When the slice may go on, if it was ended here.
    pub(crate) const fn later(&self) -> Option<Timestamp> {
        self.later
    }

    /// Tells the door what became of the slice's calls, and gives back those that it did not make. Nothing is written in fair weather.
    pub(crate) async fn tell(&self, outcomes: erp::client::Outcomes) {
        let left = self.tokens.map_or(0, |tokens| tokens - i64::from(outcomes.calls - self.counted));
        let unused = u32::try_from(left).unwrap_or(0);
        tell(self.services, self.origin, self.caller.share, self.is_calm, outcomes, unused).await;
    }
}

/// The origin that a connection names: what the row is found by.
fn origin_of(base_url: &str) -> &str {
    base_url.trim_end_matches('/')
}

/// A client for one read that is not tried again; none when there can be none.
async fn prober(services: &Services, tenant: &Tenant, connection: &Connection) -> Option<Client> {
    let secrets = services.secrets.get(tenant.id()).await.ok()?;
    let (url, company) = (&connection.base_url, &connection.company_id);
    crate::reading::client_with(services, url, company, &secrets, RetryPolicy::never()).ok()
}

enum Took {
    Free,
    Granted,
    Wait(Timestamp),
    /// Somebody else wrote the row.
    Lost,
}

async fn take(
    services: &Services,
    (door, version): (&Door, u64),
    origin: &str,
    caller: Caller,
    calls: u32,
) -> Result<Took, StoreError> {
    Ok(match door.take(calls, caller, services.clock.now()) {
        Taken::Free => Took::Free,
        Taken::Granted(next) if replace(services, origin, version, &next).await? => Took::Granted,
        Taken::Granted(_) => Took::Lost,
        Taken::Wait { until, set_back } => {
            if let Some(next) = set_back {
                replace(services, origin, version, &next).await?;
            }
            Took::Wait(until)
        }
    })
}

async fn tell_probe<T>(
    services: &Services,
    origin: &str,
    who: &str,
    answered: &Result<T, ErpError>,
) -> Result<(), StoreError> {
    let answered = match answered.as_ref().err().map(ErpError::ended) {
        None | Some(Ended::Answered | Ended::Quota) => Ok(()),
        Some(Ended::Connect) => Err(FailureKind::Connect),
        Some(Ended::Html) => Err(FailureKind::Html),
        Some(Ended::Fault) => Err(FailureKind::Fault),
    };
    for _ in 0..TRIES {
        let (door, version) = load(services, origin).await?;
        let now = services.clock.now();
        let Some(next) = door.probed(who, answered, services.erp.calls_per_second, now) else { break };
        if replace(services, origin, version, &next).await? {
            tracing::warn!(origin, answered = answered.is_ok(), "the ERP was asked whether it is back");
            break;
        }
    }
    Ok(())
}

/// What cannot be written is left: it is told to spare the host, and the next slice tells again.
async fn tell(
    services: &Services,
    origin: &str,
    share: u32,
    is_calm: bool,
    outcomes: erp::client::Outcomes,
    unused: u32,
) {
    let failed = outcomes.failed();
    let told = Outcomes { calls: outcomes.calls, failed, straight: outcomes.straight };
    if unused == 0 && (told.calls == 0 || (failed == 0 && is_calm)) {
        return;
    }
    for _ in 0..TRIES {
        let written = async {
            let (door, version) = load(services, origin).await?;
            let now = services.clock.now();
            let next = door.told(told, share, now);
            let is_news = next.is_some();
            let full = next.as_ref().unwrap_or(&door).given_back(unused, now);
            let Some(next) = full.or(next) else { return Ok(true) };
            if is_news && next.away_until(now).is_some() {
                tracing::warn!(origin, ?outcomes, "the ERP does not answer; it is left alone for a while");
            }
            replace(services, origin, version, &next).await
        };
        match written.await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(origin, %error, "the door could not be told");
                return;
            }
        }
    }
}

async fn load(services: &Services, origin: &str) -> Result<(Door, u64), StoreError> {
    let saved = services.table.door(origin).await?;
    if saved.version == 0 {
        return Ok((Door::default(), 0));
    }
    let door = serde_json::from_slice(&saved.bytes).unwrap_or_else(|error| {
        // It keeps nobody out for ever: the next write makes it whole.
        tracing::error!(origin, %error, "the door cannot be read");
        Door::default()
    });
    Ok((door, saved.version))
}

async fn replace(services: &Services, origin: &str, version: u64, next: &Door) -> Result<bool, StoreError> {
    let bytes = serde_json::to_vec(next).map_err(|_| StoreError::Corrupt { what: "door" })?;
    services.table.replace_door_if(version, origin, &bytes).await
}
