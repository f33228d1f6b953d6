//! The lease of a tenant's sync worker, and the epoch that fences its writes.
//!
//! Decides who may work for a tenant. The epoch grows with every acquisition
//! and never goes back, so a worker that lost its lease can be told from its
//! successor by any row that is written under that condition.

use domain::{DayCalls, TenantId};
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Attributes, Fields, number, text, time};
use crate::tenant::Tenant;
use crate::write::Write;

/// No company waits for longer: an end that is farther away was written by a clock that is wrong.
const LONGEST_SLOW: SignedDuration = SignedDuration::from_mins(16);

/// A lease that was acquired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    tenant: TenantId,
    /// The number of this acquisition.
    pub epoch: u64,
    /// Who holds it.
    pub owner: String,
    /// Until when, unless it is renewed.
    pub until: Timestamp,
    /// How long the ERP last made the company wait, in seconds; 0 when it did not.
    pub slowed_s: u32,
    /// The calls of the ERP that the workers of a day made. Written when the lease is given back.
    pub calls: Option<DayCalls>,
}

impl Lease {
    pub(crate) const fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

/// Why a lease was not acquired.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LeaseError {
    /// Another worker has it, or the company has to wait because its quota is used up.
    #[error("nobody else can have the lease until {until}")]
    Held {
        /// Until when, unless it is renewed.
        until: Timestamp,
    },
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The lease as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseView {
    /// The number of the last acquisition.
    pub epoch: u64,
    /// Who holds it and until when; `None` when it was released.
    pub held: Option<(String, Timestamp)>,
    /// Until when and for how many seconds the company waits because its quota was used up.
    pub slowed: Option<(Timestamp, u32)>,
    /// The calls of the ERP that the workers of a day made.
    pub calls: Option<DayCalls>,
}

impl LeaseView {
    /// Whether someone holds it at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.held.as_ref().is_some_and(|(_, until)| *until > now)
    }
}

fn view(item: Attributes) -> Result<LeaseView, StoreError> {
    let fields = Fields::new(item, "lease");
    let held = if fields.has("ow") { Some((fields.text("ow")?.to_owned(), fields.time("un")?)) } else { None };
    let slowed = if fields.has("nb") { Some((fields.time("nb")?, fields.number("nw")?)) } else { None };
    let calls = if fields.has("cd") {
        let day = fields.text("cd")?.parse().map_err(|_| StoreError::Corrupt { what: "day of calls" })?;
        Some(DayCalls { day, calls: fields.number("cn")? })
    } else {
        None
    };
    Ok(LeaseView { epoch: fields.number("ep")?, held, slowed, calls })
}

/// When a hold of `ttl` from `now` ends.
pub(crate) fn end_of(now: Timestamp, ttl: SignedDuration) -> Timestamp {
    let until = now.saturating_add(ttl).unwrap_or(Timestamp::MAX);
    // The row has milliseconds, and what we say must be what others read.
    Timestamp::from_millisecond(until.as_millisecond()).unwrap_or(until)
}

impl Tenant {
    /// Acquires the lease if nobody has it. `owner` names this one worker: no two invocations may share a name.
    pub async fn acquire_lease(&self, owner: &str, now: Timestamp, ttl: SignedDuration) -> Result<Lease, LeaseError> {
        let until = end_of(now, ttl);
        let lease = |view: &LeaseView| {
            let slowed_s = view.slowed.map_or(0, |(_, s)| s);
            Lease {
                tenant: self.id().clone(),
                epoch: view.epoch,
                owner: owner.to_owned(),
                until,
                slowed_s,
                calls: view.calls,
            }
        };
        let write = Write::update(self.keys.lease(), "SET ow = :ow, un = :un, ep = if_not_exists(ep, :zero) + :one")
            .when("(attribute_not_exists(ow) OR un <= :now) AND (attribute_not_exists(nb) OR nb <= :now OR nb > :far)")
            .value(":far", time(end_of(now, LONGEST_SLOW)))
            .value(":ow", text(owner))
            .value(":un", time(until))
            .value(":now", time(now))
            .value(":zero", number(0))
            .value(":one", number(1))
            .telling_old();
        match self.calls().write(write).await {
            Ok(item) => Ok(lease(&view(item.unwrap_or_default())?)),
            Err(WriteError::Condition(Some(item))) => {
                let view = view(item)?;
                match (&view.held, view.slowed) {
                    // Our own attempt, whose answer was lost before the SDK repeated it.
                    (Some((o, u)), _) if o == owner && *u == until => Ok(lease(&view)),
                    (Some((_, until)), slowed) if *until > now || slowed.is_none() => {
                        Err(LeaseError::Held { until: *until })
                    }
                    (_, Some((until, _))) => Err(LeaseError::Held { until }),
                    (_, None) => Err(LeaseError::Store(StoreError::Conflict)),
                }
            }
            Err(e) => Err(LeaseError::Store(e.into())),
        }
    }

    /// The same lease with a later end. [`StoreError::Fenced`] when it has passed to another worker.
    pub async fn renew_lease(&self, lease: &Lease, now: Timestamp, ttl: SignedDuration) -> Result<Lease, StoreError> {
        self.own(&lease.tenant)?;
        let until = end_of(now, ttl);
        let write = self.held(lease, "SET un = :un").value(":un", time(until));
        match self.calls().write(write).await {
            Ok(_) => Ok(Lease { until, ..lease.clone() }),
            Err(WriteError::Condition(_)) => Err(StoreError::Fenced),
            Err(WriteError::Store(e)) => Err(e),
        }
    }

    /// Gives the lease back. The epoch stays. [`StoreError::Fenced`] when it has passed to another worker.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        self.own(&lease.tenant)?;
        match self.calls().write(self.releasing(lease).telling_old()).await {
            Ok(_) => Ok(()),
            Err(WriteError::Condition(Some(item))) => {
                let view = view(item)?;
                let released = view.epoch == lease.epoch && view.held.is_none();
                if released { Ok(()) } else { Err(StoreError::Fenced) }
            }
            Err(WriteError::Condition(None)) => Err(StoreError::Fenced),
            Err(WriteError::Store(e)) => Err(e),
        }
    }

    /// Nobody has the lease before `until`, `wait_s` seconds from now: the company's quota is used up.
    /// Nothing is changed when another worker has acquired it since.
    pub async fn slow_down(&self, lease: &Lease, until: Timestamp, wait_s: u32) -> Result<(), StoreError> {
        let write = self.last_held(lease, "SET nb = :nb, nw = :nw").value(":nb", time(until));
        self.told(write.value(":nw", number(wait_s))).await
    }

    /// The company need not wait any more. Nothing is changed when another worker has acquired the lease since.
    pub async fn speed_up(&self, lease: &Lease) -> Result<(), StoreError> {
        self.told(self.last_held(lease, "REMOVE nb, nw")).await
    }

    fn last_held(&self, lease: &Lease, update: &'static str) -> Write {
        Write::update(self.keys.lease(), update).when("ep = :ep").value(":ep", number(lease.epoch))
    }

    async fn told(&self, write: Write) -> Result<(), StoreError> {
        match self.calls().write(write).await {
            Ok(_) | Err(WriteError::Condition(_)) => Ok(()),
            Err(WriteError::Store(e)) => Err(e),
        }
    }

    /// Who has the lease, consistently; `None` when nobody ever had it.
    pub async fn lease_view(&self) -> Result<Option<LeaseView>, StoreError> {
        self.calls().get(&self.keys.lease()).await?.map(view).transpose()
    }

    fn held(&self, lease: &Lease, update: &'static str) -> Write {
        Self::fenced(Write::update(self.keys.lease(), update), lease)
    }

    /// The write that gives the lease back.
    pub(crate) fn releasing(&self, lease: &Lease) -> Write {
        match lease.calls {
            Some(DayCalls { day, calls }) => self
                .held(lease, "SET cd = :cd, cn = :cn REMOVE ow, un")
                .value(":cd", text(day.to_string()))
                .value(":cn", number(calls)),
            None => self.held(lease, "REMOVE ow, un"),
        }
    }

    /// The check that the lease is still this one's.
    pub(crate) fn holding(&self, lease: &Lease) -> Write {
        Self::fenced(Write::check(self.keys.lease()), lease)
    }

    fn fenced(write: Write, lease: &Lease) -> Write {
        write.when("ep = :ep AND ow = :ow").value(":ep", number(lease.epoch)).value(":ow", text(lease.owner.as_str()))
    }
}
