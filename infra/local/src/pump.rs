//! The local queue and schedule: they call the functions as Lambda would.
//!
//! Deliveries of one tenant are worked one after another, tenants side by side.
//! What a function does not finish stays in the queue and becomes visible again
//! by the product's clock.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::Services;
use app::tick::{Tenants, tick};
use cloud::{Delivery, Disposition, LocalQueue};
use domain::TenantId;
use fn_automation::Dispatcher;
use jiff::SignedDuration;
use runtime::sqs::Received;
use runtime::stream::{Call, Wake};
use tokio::task::JoinSet;

/// How many deliveries are taken at a time.
const BATCH: usize = 10;
/// How long one invocation may take, as on Lambda.
const INVOCATION: SignedDuration = SignedDuration::from_mins(15);
/// How often the pumps look when nothing wakes them.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often endpoints are looked at.
const EVENTS_EVERY: Duration = Duration::from_secs(1);

/// Deliveries that wait for their tenant's turn. A tenant with an entry is being worked for.
#[derive(Clone, Default)]
struct Turns(Arc<Mutex<BTreeMap<TenantId, VecDeque<Delivery>>>>);

impl Turns {
    /// Lines a delivery up; `true` when nobody works for the tenant yet.
    fn line_up(&self, tenant: &TenantId, delivery: Delivery) -> bool {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = !turns.contains_key(tenant);
        turns.entry(tenant.clone()).or_default().push_back(delivery);
        is_first
    }

    /// The tenant's next delivery; when there is none, its turn ends.
    fn next(&self, tenant: &TenantId) -> Option<Delivery> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = turns.get_mut(tenant).and_then(VecDeque::pop_front);
        if next.is_none() {
            turns.remove(tenant);
        }
        next
    }
}

/// Delivers messages to the sync function for as long as the product runs.
pub(crate) async fn deliver(services: Services, queue: Arc<LocalQueue>) {
    let turns = Turns::default();
    let mut tasks = JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        let deliveries = queue.receive(BATCH);
        let any = !deliveries.is_empty();
        for delivery in deliveries {
            // What is no message of ours comes again until it is a dead letter, as with SQS.
            let Ok(message) = delivery.message() else { continue };
            if turns.line_up(&message.tenant, delivery) {
                let (services, queue, turns) = (services.clone(), queue.clone(), turns.clone());
                tasks.spawn(async move {
                    while let Some(delivery) = turns.next(&message.tenant) {
                        work(&services, &queue, &delivery).await;
                    }
                });
            }
        }
        if !any {
            tokio::select! {
                () = queue.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

async fn work(services: &Services, queue: &LocalQueue, delivery: &Delivery) {
    let Ok(message) = delivery.message() else { return };
    let received = Received {
        message,
        message_id: delivery.id.clone(),
        receive_count: delivery.receive_count,
        deadline: services.clock.now() + INVOCATION,
    };
    match fn_sync::handle(services, received).await {
        Ok(()) => {
            queue.delete(&delivery.receipt);
        }
        Err(failure) if failure.disposition == Disposition::Reject => {
            queue.delete(&delivery.receipt);
        }
        Err(failure) => tracing::warn!(code = failure.code, "a message of work failed; it comes again"),
    }
}

/// Sends events for as long as the product runs: the embedded table has no stream, so every second is a tick.
pub(crate) async fn events(dispatcher: Dispatcher) {
    loop {
        let call = Call { wake: Wake::Tick, deadline: dispatcher.services.clock.now() + INVOCATION };
        if let Err(failure) = fn_automation::handle(&dispatcher, call).await {
            tracing::warn!(code = failure.code, "events were not sent; the next look goes on with them");
        }
        tokio::time::sleep(EVENTS_EVERY).await;
    }
}

/// Ticks once a minute of the product's clock, also when that clock is moved by hand.
pub(crate) async fn schedule(services: Services, clock: erp_sim::Clock) {
    let mut moved = clock.subscribe();
    let mut last = services.clock.now().as_second() / 60;
    loop {
        tokio::select! {
            _ = moved.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let now = services.clock.now();
        if now.as_second() / 60 > last {
            last = now.as_second() / 60;
            if let Err(error) = tick(&services, now, Tenants::All).await {
                tracing::error!(%error, "a tick of the schedule failed; the next one catches up");
            }
        }
    }
}
