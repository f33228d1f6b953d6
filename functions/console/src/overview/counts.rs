//! How many records of each object type there are, without reading them.
//!
//! Counted from the packed index, 250 records a read unit, and kept with the
//! number of the tenant's last change: while nothing changed, nothing is read.
//! During a run they may be up to half a minute old; its progress shows the rest.

use domain::{Object, TenantId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use store::{StoreError, Tenant};
use sync::index::{Index, Mark};

/// How old counts may be while a run is going on.
const FRESH_ENOUGH: SignedDuration = SignedDuration::from_secs(30);
/// How many tenants are kept.
const KEPT: usize = 256;

/// The counts of a warm function's tenants.
#[derive(Default)]
pub(crate) struct Counter {
    kept: Mutex<BTreeMap<TenantId, Counted>>,
}

#[derive(Clone)]
struct Counted {
    seq: u64,
    at: Timestamp,
    counts: BTreeMap<Object, u64>,
}

impl Counter {
    /// The counts as they are after change `seq`.
    pub(crate) async fn count(
        &self,
        tenant: &Tenant,
        seq: u64,
        is_going: bool,
        now: Timestamp,
    ) -> Result<BTreeMap<Object, u64>, StoreError> {
        if let Some(counted) = self.kept(tenant.id()) {
            let is_young = now.duration_since(counted.at) < FRESH_ENOUGH;
            if counted.seq == seq || (is_going && is_young) {
                return Ok(counted.counts);
            }
        }
        let counts = count_all(tenant).await?;
        self.keep(tenant.id(), Counted { seq, at: now, counts: counts.clone() });
        Ok(counts)
    }

    fn kept(&self, tenant: &TenantId) -> Option<Counted> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    fn keep(&self, tenant: &TenantId, counted: Counted) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(tenant.clone(), counted);
        while kept.len() > KEPT {
            let oldest = kept.iter().min_by_key(|(_, c)| c.at).map(|(t, _)| t.clone());
            oldest.map(|t| kept.remove(&t));
        }
    }
}

async fn count_all(tenant: &Tenant) -> Result<BTreeMap<Object, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    for object in Object::ALL {
        let index = Index::whole(tenant.index_pages(object).await?);
        // Parked and missing records are marked there too, and are not in the ERP's count.
        let known = index.iter().filter(|(_, mark)| matches!(mark, Mark::Known(_))).count();
        counts.insert(object, u64::try_from(known).unwrap_or(u64::MAX));
    }
    Ok(counts)
}
