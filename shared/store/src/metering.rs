//! Counts what the table is asked and what that costs, for budgets in tests and benches.
//!
//! Decides nothing. Requests are counted where they leave the SDK, so its
//! retries are counted too; units are those the service reports.

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::ConsumedCapacity;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// A tenant's connection to the ERP.
    Connection,
    /// The lease of the sync worker.
    Lease,
    /// The claim on the ERP's search slot.
    Bucket,
    /// The run machine's state.
    State,
    /// The last change's number.
    Seq,
    /// A page of content hashes.
    IndexPage,
    /// Ids that a sweep has seen.
    Seen,
    /// A record.
    Record,
    /// A record that only the CRM has.
    Open,
    /// Where a record of the CRM is.
    Link,
    /// A change of a record.
    Change,
    /// An action on a document.
    Action,
    /// A run.
    Run,
    /// A webhook's event.
    Inbox,
    /// An ERP record that was not understood.
    Parked,
    /// An answer kept for a repeated request.
    Idempotency,
    /// A register of the ERP, such as its warehouses.
    Register,
    /// What a look from a screen found.
    Look,
    /// A document's place among those of its contact.
    Listing,
    /// A link or session of the console.
    Console,
    /// A webhook's address.
    Endpoint,
    /// A tenant's settings.
    Settings,
    /// A tenant's keys of the API.
    ApiKeys,
    /// How many requests a caller may still make.
    Rate,
    /// A plan.
    Plan,
    /// What is known of a document's files.
    File,
    /// A day's certificate.
    Certificate,
    /// A person's word about deletions.
    Approval,
    /// A tenant's place in the schedule.
    Due,
    /// The schedule's last tick.
    Tick,
    /// The door to a host of the ERP.
    Door,
    /// An endpoint that is told of changes.
    EventEndpoint,
    /// What is noted of an event's delivery.
    Delivery,
    /// That a tenant has endpoints.
    Out,
}

impl Entity {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Lease => "lease",
            Self::Bucket => "bucket",
            Self::State => "state",
            Self::Seq => "seq",
            Self::IndexPage => "index_page",
            Self::Seen => "seen",
            Self::Record => "record",
            Self::Open => "open",
            Self::Link => "link",
            Self::Change => "change",
            Self::Action => "action",
            Self::Run => "run",
            Self::Inbox => "inbox",
            Self::Parked => "parked",
            Self::Idempotency => "idempotency",
            Self::Look => "look",
            Self::Register => "register",
            Self::Listing => "listing",
            Self::Console => "console",
            Self::Endpoint => "endpoint",
            Self::Settings => "settings",
            Self::ApiKeys => "api_keys",
            Self::Rate => "rate",
            Self::Plan => "plan",
            Self::File => "file",
            Self::Certificate => "certificate",
            Self::Approval => "approval",
            Self::Due => "due",
            Self::Tick => "tick",
            Self::Door => "door",
            Self::EventEndpoint => "event_endpoint",
            Self::Delivery => "delivery",
            Self::Out => "out",
        }
    }
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// HTTP requests by operation (`PutItem`), retries included.
    pub requests: BTreeMap<String, u64>,
    /// Items that came back from reads, by what they are.
    pub items_read: BTreeMap<Entity, u64>,
    /// Items put, updated or deleted by calls that succeeded, by what they are. Condition checks write nothing.
    pub items_written: BTreeMap<Entity, u64>,
    /// Read units, as the service reports them.
    pub read_units: f64,
    /// Write units, as the service reports them.
    pub write_units: f64,
}

impl Tally {
    /// How many requests of `operation` were sent.
    pub fn requests_of(&self, operation: &str) -> u64 {
        self.requests.get(operation).copied().unwrap_or(0)
    }

    /// How many requests were sent in all.
    pub fn all_requests(&self) -> u64 {
        self.requests.values().sum()
    }

    /// How many items of `entity` were written.
    pub fn written(&self, entity: Entity) -> u64 {
        self.items_written.get(&entity).copied().unwrap_or(0)
    }

    /// How many items were written in all.
    pub fn all_written(&self) -> u64 {
        self.items_written.values().sum()
    }

    /// How many items of `entity` were read.
    pub fn read(&self, entity: Entity) -> u64 {
        self.items_read.get(&entity).copied().unwrap_or(0)
    }
}

/// A counter that clones share.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Tally>>);

impl Meter {
    /// A meter at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// What was counted since the start or the last `take`.
    pub fn tally(&self) -> Tally {
        self.with(|t| t.clone())
    }

    /// What was counted, and back to zero.
    pub fn take(&self) -> Tally {
        self.with(std::mem::take)
    }

    fn with<T>(&self, f: impl FnOnce(&mut Tally) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn count_read(&self, entity: Entity, items: usize) {
        self.with(|t| *t.items_read.entry(entity).or_default() += items as u64);
    }

    pub(crate) fn count_written(&self, entity: Entity) {
        self.with(|t| *t.items_written.entry(entity).or_default() += 1);
    }

    pub(crate) fn count_read_units(&self, capacity: &[ConsumedCapacity]) {
        self.with(|t| t.read_units += units(capacity));
    }

    pub(crate) fn count_write_units(&self, capacity: &[ConsumedCapacity]) {
        self.with(|t| t.write_units += units(capacity));
    }
}

fn units(capacity: &[ConsumedCapacity]) -> f64 {
    capacity.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let target = context.request().headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        self.with(|t| *t.requests.entry(operation).or_default() += 1);
        Ok(())
    }
}
