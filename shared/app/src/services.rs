//! What every use case needs: the table, the secrets, the queue, the clock, the way to the ERP.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use cloud::{Blobs, Clock, Queue, Secrets};
use domain::{ActionId, ApiKeyId, EventEndpointId, RunId};
use store::Table;
use uuid::{ContextV7, Timestamp, Uuid};

/// Which ERP hosts may be called, and how.
#[derive(Clone, Debug)]
pub struct ErpSettings {
    /// The origins (`https://main.metakocka.si`) that a connection may name. A request never goes anywhere else.
    pub allowed: BTreeSet<String>,
    /// How reads are retried.
    pub retry: erp::client::RetryPolicy,
    /// How many calls a second all tenants of a host make together while it comes back from an outage.
    pub calls_per_second: u32,
}

impl ErpSettings {
    /// The calls a second unless an operator says otherwise.
    pub const CALLS_PER_SECOND: u32 = 20;

    /// For the hosts that an operator allows.
    pub fn new<'a>(allowed: impl Iterator<Item = &'a str>, calls_per_second: u32) -> Self {
        let allowed = allowed.map(str::to_owned).collect();
        Self { allowed, retry: erp::client::RetryPolicy::default(), calls_per_second }
    }

    /// For what never calls the ERP: no address is allowed.
    pub fn nowhere() -> Self {
        let retry = erp::client::RetryPolicy::default();
        Self { allowed: BTreeSet::new(), retry, calls_per_second: Self::CALLS_PER_SECOND }
    }

    /// Whether requests may go to this address.
    pub fn allows(&self, base_url: &str) -> bool {
        self.allowed.contains(base_url.trim_end_matches('/'))
    }
}

/// What every use case needs. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The table.
    pub table: Table,
    /// The tenants' secrets.
    pub secrets: Arc<dyn Secrets>,
    /// The files of tenants; `files::blobs` makes one tenant's of it.
    pub blobs: Arc<dyn Blobs>,
    /// The queue of work.
    pub queue: Arc<dyn Queue>,
    /// The present time.
    pub clock: Clock,
    /// The way to the ERP.
    pub erp: Arc<ErpSettings>,
}

/// Keeps ids of the same millisecond in the order in which they were made.
static IN_ORDER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

impl Services {
    /// A new id of a run. It sorts by the time of the clock that was handed in.
    pub fn run_id(&self) -> RunId {
        RunId::new(self.timed_uuid())
    }

    /// A new id of an action. It sorts as a run's.
    pub(crate) fn action_id(&self) -> ActionId {
        ActionId::new(self.timed_uuid())
    }

    /// A new id of an endpoint that is told of changes. It sorts as a run's.
    pub(crate) fn event_endpoint_id(&self) -> EventEndpointId {
        EventEndpointId::new(self.timed_uuid())
    }

    /// A new id of a key of the API.
    pub(crate) fn api_key_id(&self) -> ApiKeyId {
        ApiKeyId::new(self.timed_uuid())
    }

    /// A new id of a plan.
    pub(crate) fn plan_id(&self) -> String {
        format!("pln_{}", self.timed_uuid().simple())
    }

    /// A name for one invocation or call, that no other has.
    pub fn one_time_name(&self) -> String {
        self.timed_uuid().to_string()
    }

    fn timed_uuid(&self) -> Uuid {
        let now = self.clock.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
        let context = IN_ORDER.lock().unwrap_or_else(PoisonError::into_inner);
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, nanos))
    }
}
