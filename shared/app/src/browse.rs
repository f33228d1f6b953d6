//! Looking at records, with a cache that is never stale.
//!
//! An answer is kept with the number of the tenant's last change. Every read
//! asks for that number first (one read unit), so a read after a run sees the
//! run's writes, and a read in between costs one unit whatever its size.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Object, RecordId, TenantId};
use store::{Listed, StoreError, Tenant};

/// How many answers are kept.
const KEPT: usize = 256;

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The object type.
    pub object: Object,
    /// Records after this one.
    pub after: Option<RecordId>,
    /// At most so many.
    pub limit: usize,
    /// Those that the ERP no longer has as well.
    pub with_missing: bool,
}

/// Answers of a warm function, by tenant and part.
#[derive(Default)]
pub struct Browser {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    answers: BTreeMap<(TenantId, Part), (u64, Arc<Listed>)>,
    order: VecDeque<(TenantId, Part)>,
}

impl Browser {
    /// A part of a list as it is now.
    pub async fn list(&self, tenant: &Tenant, part: &Part) -> Result<Arc<Listed>, StoreError> {
        let seq = tenant.seq().await?;
        let key = (tenant.id().clone(), part.clone());
        if let Some(answer) = self.kept(&key, seq) {
            return Ok(answer);
        }
        let listed = tenant.list(part.object, part.after, part.limit, part.with_missing).await?;
        let listed = Arc::new(listed);
        self.keep(key, seq, &listed);
        Ok(listed)
    }

    fn kept(&self, key: &(TenantId, Part), seq: u64) -> Option<Arc<Listed>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.answers.get(key).filter(|(at, _)| *at == seq).map(|(_, answer)| answer.clone())
    }

    fn keep(&self, key: (TenantId, Part), seq: u64, listed: &Arc<Listed>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.answers.insert(key.clone(), (seq, listed.clone())).is_none() {
            kept.order.push_back(key);
        }
        while kept.order.len() > KEPT {
            if let Some(oldest) = kept.order.pop_front() {
                kept.answers.remove(&oldest);
            }
        }
    }
}
