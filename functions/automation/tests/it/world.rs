//! Tenants with changes, a clock that is moved by hand, and the function.

use app::events::{Endpoint, manage};
use app::{ErpSettings, Services};
use async_trait::async_trait;
use cloud::{Clock, LocalSecrets, NoBlobs, Queue, QueueError, TenantSecrets, WorkMessage};
use domain::change::{ChangeKind, diff};
use domain::{ErpId, EventEndpointId, Object, Record, RecordId, Settings, Stock, StockLevel, TenantId};
use erp::{Outbound, Reach};
use fn_automation::{Dispatcher, handle};
use jiff::{SignedDuration, Timestamp};
use runtime::stream::{Call, Wake};
use runtime::{CursorKey, FEED, Failure, SigningKey};
use rust_decimal::Decimal;
use secrecy::ExposeSecret as _;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Commit, Meter, NewChange, RecordWrite, Side, Tenant, VerifiedTenant};
use sync::delivery::Filter;

use crate::embedded_table;

struct NoQueue;

#[async_trait]
impl Queue for NoQueue {
    async fn send(&self, _: &WorkMessage, _: Duration) -> Result<(), QueueError> {
        panic!("events need no queue")
    }

    async fn send_all(&self, _: &[WorkMessage]) -> Result<(), QueueError> {
        panic!("events need no queue")
    }
}

pub(crate) struct World {
    clock: Arc<Mutex<Timestamp>>,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) cursors: CursorKey,
    pub(crate) meter: Meter,
    pub(crate) table_name: String,
}

pub(crate) fn start() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().expect("a time")
}

pub(crate) fn tenant_id(n: u32) -> TenantId {
    format!("t_{n:020}").parse().expect("a tenant id")
}

pub(crate) fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

pub(crate) fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

pub(crate) fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

impl World {
    /// Tenants 1 and 2 may be told.
    pub(crate) async fn new() -> Self {
        let embedded = embedded_table::new_table().await;
        let meter = Meter::new();
        let table = embedded.table.with_meter(&meter);
        let time = Arc::new(Mutex::new(start()));
        let read = time.clone();
        let clock = Clock::from_fn(move || *read.lock().expect("no panic"));
        let services = Services {
            table,
            secrets: Arc::new(LocalSecrets::in_memory()),
            blobs: Arc::new(NoBlobs),
            queue: Arc::new(NoQueue),
            clock,
            erp: Arc::new(ErpSettings::nowhere()),
        };
        let cursors = CursorKey::new(&SigningKey::new(vec![7; 32]).expect("long enough"));
        let sealing = cursors.clone();
        let dispatcher = Dispatcher {
            services,
            outbound: Outbound::new(Reach::ThisMachineToo).expect("TLS"),
            positions: Arc::new(move |tenant, behind| sealing.seal(tenant, FEED, &behind)),
        };
        let world = Self { clock: time, dispatcher, cursors, meter, table_name: embedded.name.clone() };
        for n in [1, 2] {
            let secrets = TenantSecrets::new("key".into(), "hook".into());
            world.services().secrets.put(&tenant_id(n), &secrets).await.expect("saved");
            world.read_only(n, false).await;
        }
        world
    }

    pub(crate) fn services(&self) -> &Services {
        &self.dispatcher.services
    }

    pub(crate) fn now(&self) -> Timestamp {
        *self.clock.lock().expect("no panic")
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        let mut time = self.clock.lock().expect("no panic");
        *time = time.checked_add(by).expect("in range");
    }

    pub(crate) fn tenant(&self, n: u32) -> Tenant {
        self.services().table.tenant(&VerifiedTenant::vouch(tenant_id(n)))
    }

    pub(crate) async fn read_only(&self, n: u32, read_only: bool) {
        let tenant = self.tenant(n);
        let known = tenant.settings().await.expect("read");
        let version = known.as_ref().map_or(0, |s| s.version);
        let settings = Settings { read_only, version: version.max(1) + 1, ..known.unwrap_or_else(Settings::standard) };
        tenant.replace_settings_if(version, &settings).await.expect("changed");
    }

    /// An endpoint of tenant `n`, and its secret.
    pub(crate) async fn endpoint(&self, n: u32, url: &str, filter: Filter) -> (EventEndpointId, String) {
        let new = manage::NewEndpoint { url: url.to_owned(), description: None, filter };
        let made = manage::create(self.services(), &self.dispatcher.outbound, &self.tenant(n), new).await;
        let (endpoint, secret) = made.expect("made");
        (endpoint.id, secret.expose_secret().to_owned())
    }

    pub(crate) async fn look(&self, n: u32, id: EventEndpointId) -> Endpoint {
        manage::one(&self.tenant(n), id).await.expect("there")
    }

    /// New stock of tenant `n`, a change each.
    pub(crate) async fn add(&self, n: u32, ids: impl IntoIterator<Item = u64>) {
        let tenant = self.tenant(n);
        let ids: Vec<u64> = ids.into_iter().collect();
        for chunk in ids.chunks(Commit::MAX_RECORDS) {
            let writes = chunk.iter().map(|id| {
                let record = stock(*id, 1);
                let id = RecordId::for_erp(tenant.id(), Object::Stock, record.erp_id());
                RecordWrite::create(id, record.erp_id(), record.to_bytes(), change(ChangeKind::Added, None, &record))
            });
            self.commit(&tenant, writes.collect()).await;
        }
    }

    /// Another amount of what there is.
    pub(crate) async fn update(&self, n: u32, id: u64, on_hand: i64) {
        let tenant = self.tenant(n);
        let record = stock(id, on_hand);
        let known = RecordId::for_erp(tenant.id(), Object::Stock, record.erp_id());
        let stored = tenant.record(known).await.expect("read").expect("there");
        let change = change(ChangeKind::Updated, Some(&stored.record), &record);
        self.commit(&tenant, vec![RecordWrite::replace(&stored, record.to_bytes(), change)]).await;
    }

    async fn commit(&self, tenant: &Tenant, writes: Vec<RecordWrite>) {
        let lease = tenant.acquire_lease("test", self.now(), seconds(60)).await.expect("free");
        let mut commit = Commit::new(&lease);
        commit.seq = tenant.seq().await.expect("a number");
        commit.writes = writes;
        commit.release = true;
        tenant.commit(&commit, self.now()).await.expect("a commit");
    }

    fn call(&self, wake: Wake) -> Call {
        Call { wake, deadline: self.now() + minutes(2) }
    }

    /// A tick.
    pub(crate) async fn tick(&self) {
        self.try_tick().await.expect("a tick");
    }

    pub(crate) async fn try_tick(&self) -> Result<(), Failure> {
        handle(&self.dispatcher, self.call(Wake::Tick)).await
    }

    /// The stream says that these tenants have new changes.
    pub(crate) async fn wake(&self, tenants: &[u32]) {
        let tenants = tenants.iter().map(|n| tenant_id(*n)).collect();
        handle(&self.dispatcher, self.call(Wake::Changed(tenants))).await.expect("woken");
    }
}

fn stock(n: u64, on_hand: i64) -> Record {
    let amount = Decimal::from(on_hand);
    let level = StockLevel { warehouse: ErpId::new(1), on_hand: amount, reserved: None, free: amount };
    let name = Some("MARKER of a person".parse().expect("a text"));
    let erp_id = ErpId::new(n);
    Record::Stock(Box::new(Stock { erp_id, code: None, name, unit: None, incoming: vec![], levels: vec![level] }))
}

fn change(kind: ChangeKind, before: Option<&Record>, after: &Record) -> NewChange {
    NewChange {
        run: None,
        actor: "MARKER of a user".to_owned(),
        side: Side::Erp,
        kind,
        fields: diff(before, after),
        decided: BTreeMap::new(),
        event: None,
        matched: None,
    }
}
