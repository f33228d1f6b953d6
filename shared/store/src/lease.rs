//! The lease of a tenant's sync worker, and the epoch that fences its writes.
//!
//! Decides who may work for a tenant. The epoch grows with every acquisition
//! and never goes back, so a worker that lost its lease can be told from its
//! successor by any row that is written under that condition.

use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Attributes, Fields, number, text, time};
use crate::tenant::Tenant;
use crate::write::Write;

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
}

impl Lease {
    pub(crate) const fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

/// Why a lease was not acquired.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LeaseError {
    /// Another worker has it.
    #[error("another worker has the lease until {until}")]
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
    Ok(LeaseView { epoch: fields.number("ep")?, held })
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
        let lease = |epoch| Lease { tenant: self.id().clone(), epoch, owner: owner.to_owned(), until };
        let write = Write::update(self.keys.lease(), "SET ow = :ow, un = :un, ep = if_not_exists(ep, :zero) + :one")
            .when("attribute_not_exists(ow) OR un <= :now")
            .value(":ow", text(owner))
            .value(":un", time(until))
            .value(":now", time(now))
            .value(":zero", number(0))
            .value(":one", number(1))
            .telling_old();
        match self.calls().write(write).await {
            Ok(item) => Ok(lease(view(item.unwrap_or_default())?.epoch)),
            Err(WriteError::Condition(Some(item))) => {
                let view = view(item)?;
                match view.held {
                    // Our own attempt, whose answer was lost before the SDK repeated it.
                    Some((o, u)) if o == owner && u == until => Ok(lease(view.epoch)),
                    Some((_, until)) => Err(LeaseError::Held { until }),
                    None => Err(LeaseError::Store(StoreError::Conflict)),
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

    /// Who has the lease, consistently; `None` when nobody ever had it.
    pub async fn lease_view(&self) -> Result<Option<LeaseView>, StoreError> {
        self.calls().get(&self.keys.lease()).await?.map(view).transpose()
    }

    fn held(&self, lease: &Lease, update: &'static str) -> Write {
        Self::fenced(Write::update(self.keys.lease(), update), lease)
    }

    /// The write that gives the lease back.
    pub(crate) fn releasing(&self, lease: &Lease) -> Write {
        self.held(lease, "REMOVE ow, un")
    }

    /// The check that the lease is still this one's.
    pub(crate) fn holding(&self, lease: &Lease) -> Write {
        Self::fenced(Write::check(self.keys.lease()), lease)
    }

    fn fenced(write: Write, lease: &Lease) -> Write {
        write.when("ep = :ep AND ow = :ow").value(":ep", number(lease.epoch)).value(":ow", text(lease.owner.as_str()))
    }
}
