//! What makes a worker look: messages, the schedule's minutes, webhooks. A message is a hint; the row is the truth.

use domain::ErpId;

use crate::bad::Bad;
use crate::table::By;
use crate::worker::Worker;
use crate::world::{Event, World};

/// A message that was taken comes again after this, unless it was acknowledged.
const VISIBILITY: i64 = 300_000;
/// So often a message is received before it is set aside.
const RECEIVES: u32 = 5;
const MINUTE: i64 = 60_000;
/// Each tenant is looked at in one minute of so many.
const SLOTS: i64 = 15;

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The schedule says that something is due.
    Due,
    /// Records are to be looked at on both sides.
    Push,
    /// A webhook was kept.
    Inbox,
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Whose work it is.
    pub tenant: usize,
    /// What there is to do.
    pub work: Work,
    receives: u32,
}

/// The ERP says that a product's stock changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Webhook {
    /// The tenant.
    pub tenant: usize,
    /// The how-manieth of the ERP it is.
    pub n: u64,
    /// The product.
    pub product: ErpId,
    /// What the body says: true when it was sent.
    pub pieces: u64,
    /// How often it was sent before.
    pub tries: u32,
}

impl World {
    /// Sends a message. It can be lost, doubled or late.
    pub fn hint(&mut self, tenant: usize, work: Work, delay: i64) {
        if self.fault(43, 40) {
            return;
        }
        self.queued_messages += 1;
        let id = self.queued_messages;
        self.messages.insert(id, Message { tenant, work, receives: 0 });
        let late = if self.fault(42, 20) { self.dice.ms(15 * MINUTE) } else { 200 };
        self.queue(self.now + delay + late, Event::Deliver(id));
        if self.fault(42, 60) {
            let again = self.dice.ms(20_000);
            self.queue(self.now + delay + again, Event::Deliver(id));
        }
    }

    /// A message can be received.
    pub fn deliver(&mut self, id: u64) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        let t = message.tenant;
        let Some(w) = self.workers.iter().position(Worker::is_idle) else {
            self.queue(self.now + 3_000, Event::Deliver(id));
            return;
        };
        message.receives += 1;
        let (work, set_aside) = (message.work, message.receives > RECEIVES);
        if set_aside {
            // Only a pointer: the rows say what is to be done.
            self.messages.remove(&id);
            return;
        }
        if self.workers.iter().any(|w| w.is_on(t)) {
            // Doubled, or taken longer than it stayed invisible.
            self.fire(42);
        }
        self.queue(self.now + VISIBILITY, Event::Deliver(id));
        self.begin(w, t, id, work);
    }

    /// The schedule's minute: a message for each tenant whose minute has come since the last one.
    pub fn tick(&mut self) {
        // When all is calm, half an hour at once.
        let next = if self.settled { 2 * SLOTS * MINUTE } else { MINUTE };
        self.queue(self.now + next, Event::Tick);
        if self.fault(46, 30) {
            return;
        }
        let twice = self.fault(46, 30);
        let minute = self.now / MINUTE;
        let from = self.last_tick.max(minute - SLOTS);
        for t in 0..self.tenants.len() {
            let slot = self.tenants[t].slot;
            let is_due = (from + 1..=minute).any(|m| m.rem_euclid(SLOTS) == slot);
            if is_due && self.bad != Some(Bad::HintOnly) {
                self.hint(t, Work::Due, 0);
                if twice {
                    self.hint(t, Work::Due, 0);
                }
            }
        }
        self.last_tick = minute;
    }

    /// A webhook arrives: kept, then hinted at, then acknowledged. What is not acknowledged is sent again, twice.
    pub fn receive(&mut self, webhook: &Webhook) {
        let twice = self.fault(64, 60);
        let mut acknowledged = self.take_in(webhook);
        if twice {
            acknowledged |= self.take_in(webhook);
        }
        if !acknowledged && webhook.tries < 2 {
            let again = Webhook { tries: webhook.tries + 1, ..webhook.clone() };
            self.queue(self.now + 30_000, Event::Webhook(again));
        }
    }

    fn take_in(&mut self, webhook: &Webhook) -> bool {
        let t = webhook.tenant;
        // The table does not answer, and the sender is told so.
        if self.fault(45, 20) || self.fault(1, 20) {
            return false;
        }
        let tenant = &mut self.tenants[t];
        let newest = tenant.delivered.entry(webhook.product).or_default();
        let is_old = webhook.n < *newest;
        *newest = webhook.n.max(*newest);
        let key = format!("{}-{}", webhook.n, webhook.pieces);
        let is_new = !tenant.table.inbox.contains_key(&key);
        if is_new {
            tenant.table.inbox.insert(key, (webhook.product, false));
        }
        if is_old && is_new {
            self.fire(72);
        }
        if self.bad == Some(Bad::BodyIsTruth) {
            self.believe(webhook);
        }
        if self.fault(2, 20) {
            return false;
        }
        if is_new {
            self.hint(t, Work::Inbox, 0);
        }
        !self.fault(3, 20)
    }

    /// The mistake of taking a webhook's body for the truth.
    fn believe(&mut self, webhook: &Webhook) {
        let now = self.now;
        let tenant = &mut self.tenants[webhook.tenant];
        let mut other = crate::erp::Erp::new(false);
        other.set_stock(webhook.product, webhook.pieces);
        let Some(snap) = other.stock.remove(&webhook.product) else { return };
        let id = domain::RecordId::for_erp(&tenant.id, domain::Object::Stock, webhook.product);
        let mut row = tenant.table.rows.get(&id).cloned().unwrap_or_default();
        (row.version, row.revision, row.snap) = (row.version + 1, row.revision + 1, Some(snap));
        tenant.table.put(id, row);
        let change = sync::twoway::Change::of_erp([].into());
        tenant.table.tell(id, &change, By { at: now, began: now, bad: None });
    }
}
