//! The queue without AWS, with the semantics of SQS: at least once, a visibility
//! timeout, a receive count, redelivery, dead letters and a delay.
//!
//! Whether a message is visible is judged by the injected clock whenever someone
//! asks; nothing here waits or sleeps.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, futures::Notified};

use super::{Queue, check_delay};
use crate::{clock::Clock, error::QueueError, work::WorkMessage};

/// How the queue behaves. The defaults are those of the deployed one.
#[derive(Clone, Copy, Debug)]
pub struct QueueSettings {
    /// How long a received message stays unseen before it is delivered again.
    pub visibility: SignedDuration,
    /// After how many receives a message that comes back is a dead letter.
    pub max_receives: u32,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self { visibility: SignedDuration::from_mins(15), max_receives: 5 }
    }
}

/// A message as it was received.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The message's id, the same at every delivery.
    pub id: String,
    /// What deletes or releases this delivery.
    pub receipt: String,
    /// The body. Text, as SQS has it: whoever receives it decodes it.
    pub body: String,
    /// How often the message was received, this time included.
    pub receive_count: u32,
}

impl Delivery {
    /// The work message that the body says.
    pub fn message(&self) -> Result<WorkMessage, QueueError> {
        WorkMessage::decode(&self.body)
    }
}

struct Entry {
    id: u64,
    body: String,
    visible_at: Timestamp,
    receives: u32,
    receipt: Option<u64>,
    twin: bool,
}

#[derive(Default)]
struct State {
    /// By a number of their own: two copies of one message have the same id.
    entries: BTreeMap<u64, Entry>,
    dead: Vec<Delivery>,
    last: u64,
}

impl State {
    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn of_receipt(&self, receipt: &str) -> Option<u64> {
        let receipt: u64 = receipt.strip_prefix("r-")?.parse().ok()?;
        self.entries.iter().find(|(_, e)| e.receipt == Some(receipt)).map(|(n, _)| *n)
    }
}

/// A queue in this process.
pub struct LocalQueue {
    clock: Clock,
    settings: QueueSettings,
    state: Mutex<State>,
    arrived: Notify,
    duplicating: AtomicBool,
}

impl LocalQueue {
    /// An empty queue.
    pub fn new(clock: Clock, settings: QueueSettings) -> Self {
        Self { clock, settings, state: Mutex::default(), arrived: Notify::new(), duplicating: AtomicBool::new(false) }
    }

    /// From now on, deliver every message twice, as SQS may.
    pub fn duplicate_deliveries(&self, on: bool) {
        self.duplicating.store(on, Ordering::SeqCst);
    }

    /// Put a body of any content into the queue: a redriven dead letter, or what a test wants to be there.
    pub fn put_body(&self, body: impl Into<String>, delay: Duration) -> Result<(), QueueError> {
        check_delay(delay)?;
        let now = self.clock.now();
        let visible_at = now.saturating_add(delay).unwrap_or(now);
        let mut state = self.lock();
        let id = state.next();
        state.entries.insert(id, Entry { id, body: body.into(), visible_at, receives: 0, receipt: None, twin: false });
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// At most `max` of the messages that are visible now, oldest first. They stay unseen for the visibility timeout.
    pub fn receive(&self, max: usize) -> Vec<Delivery> {
        let now = self.clock.now();
        let mut state = self.lock();
        let mut visible: Vec<(Timestamp, u64)> =
            state.entries.iter().filter(|(_, e)| e.visible_at <= now).map(|(n, e)| (e.visible_at, *n)).collect();
        visible.sort_unstable();
        let mut deliveries = Vec::new();
        for (_, n) in visible {
            if deliveries.len() == max {
                break;
            }
            deliveries.extend(self.deliver(&mut state, n, now));
        }
        deliveries
    }

    fn deliver(&self, state: &mut State, n: u64, now: Timestamp) -> Option<Delivery> {
        let receipt = state.next();
        let twin = self.duplicating.load(Ordering::SeqCst).then(|| state.next());
        let entry = state.entries.get_mut(&n)?;
        let mut delivery = Delivery {
            id: format!("m-{}", entry.id),
            receipt: format!("r-{receipt}"),
            body: entry.body.clone(),
            receive_count: entry.receives,
        };
        if entry.receives >= self.settings.max_receives {
            state.entries.remove(&n);
            delivery.receipt = String::new();
            state.dead.push(delivery);
            return None;
        }
        entry.receives += 1;
        entry.receipt = Some(receipt);
        entry.visible_at = now.saturating_add(self.settings.visibility).unwrap_or(now);
        delivery.receive_count = entry.receives;
        let copy = Entry {
            id: entry.id,
            body: entry.body.clone(),
            visible_at: now,
            receives: entry.receives,
            receipt: None,
            twin: true,
        };
        if let Some(twin) = twin
            && entry.receives == 1
            && !entry.twin
        {
            state.entries.insert(twin, copy);
        }
        Some(delivery)
    }

    /// The message is done with. Says whether the receipt was still the last one of its message.
    pub fn delete(&self, receipt: &str) -> bool {
        let mut state = self.lock();
        state.of_receipt(receipt).is_some_and(|n| state.entries.remove(&n).is_some())
    }

    /// The message is not done with: it is visible again at once. Says whether the receipt was still the last one of its message.
    pub fn release(&self, receipt: &str) -> bool {
        let now = self.clock.now();
        let mut state = self.lock();
        let found = state.of_receipt(receipt);
        if let Some(entry) = found.and_then(|n| state.entries.get_mut(&n)) {
            entry.visible_at = now;
            entry.receipt = None;
        }
        drop(state);
        if found.is_some() {
            self.arrived.notify_one();
        }
        found.is_some()
    }

    /// The messages that were received too often.
    pub fn dead_letters(&self) -> Vec<Delivery> {
        self.lock().dead.clone()
    }

    /// Put the dead letters back. A dead letter is only a pointer: whoever receives it plans again.
    pub fn redrive(&self) -> usize {
        let dead = std::mem::take(&mut self.lock().dead);
        for letter in &dead {
            // Without delay there is nothing to refuse.
            let _ = self.put_body(letter.body.clone(), Duration::ZERO);
        }
        dead.len()
    }

    /// How many messages there are, seen and unseen, dead letters aside.
    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Whether there are none, dead letters aside.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When the next message becomes visible: in the past if there is one now.
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        self.lock().entries.values().map(|e| e.visible_at).min()
    }

    /// Ready when a message has come or was released since the last time. For a pump: nothing is lost between two waits.
    pub fn notified(&self) -> Notified<'_> {
        self.arrived.notified()
    }

    /// Wake the pump, because the clock was moved.
    pub fn wake(&self) {
        self.arrived.notify_one();
    }

    // A panic of another holder cannot leave the state half-changed in a way that matters here.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Queue for LocalQueue {
    async fn send(&self, message: &WorkMessage, delay: Duration) -> Result<(), QueueError> {
        self.put_body(message.encode(), delay)
    }

    async fn send_all(&self, messages: &[WorkMessage]) -> Result<(), QueueError> {
        messages.iter().try_for_each(|m| self.put_body(m.encode(), Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::Work;
    use std::sync::{Arc, atomic::AtomicI64};

    struct World {
        queue: LocalQueue,
        now: Arc<AtomicI64>,
    }

    fn world() -> World {
        let now = Arc::new(AtomicI64::new(1_000_000));
        let read = Arc::clone(&now);
        let clock = Clock::from_fn(move || Timestamp::from_second(read.load(Ordering::SeqCst)).expect("a time"));
        World {
            queue: LocalQueue::new(clock, QueueSettings { visibility: SignedDuration::from_secs(30), max_receives: 5 }),
            now,
        }
    }

    impl World {
        async fn send(&self, key: &str, delay: u64) {
            let tenant = "t_00000000000000000001".parse().expect("a tenant id");
            let message = WorkMessage::new(tenant, Work::Inbox(key.to_owned()));
            self.queue.send(&message, Duration::from_secs(delay)).await.expect("sent");
        }

        fn advance(&self, seconds: i64) {
            self.now.fetch_add(seconds, Ordering::SeqCst);
        }

        fn keys(&self) -> Vec<(String, u32)> {
            self.queue
                .receive(10)
                .iter()
                .map(|d| match d.message().expect("our own message").work {
                    Work::Inbox(key) => (key, d.receive_count),
                    other => panic!("not sent: {other:?}"),
                })
                .collect()
        }
    }

    #[tokio::test]
    async fn a_received_message_is_unseen_until_its_time_is_over_and_then_comes_again() {
        let w = world();
        w.send("a", 0).await;
        assert_eq!(w.keys(), [("a".to_owned(), 1)]);
        w.advance(29);
        assert_eq!(w.keys(), []);
        w.advance(1);
        assert_eq!(w.keys(), [("a".to_owned(), 2)]);
        assert_eq!(w.queue.len(), 1);
    }

    #[tokio::test]
    async fn a_deleted_message_does_not_come_again_and_an_old_receipt_deletes_nothing() {
        let w = world();
        w.send("a", 0).await;
        let first = w.queue.receive(1).remove(0);
        w.advance(30);
        let second = w.queue.receive(1).remove(0);
        assert_eq!(first.id, second.id);
        assert!(!w.queue.delete(&first.receipt));
        assert!(w.queue.delete(&second.receipt));
        assert!(!w.queue.delete(&second.receipt));
        assert!(!w.queue.delete("anything"));
        assert!(w.queue.is_empty());
    }

    #[tokio::test]
    async fn a_released_message_is_visible_at_once() {
        let w = world();
        w.send("a", 0).await;
        let d = w.queue.receive(1).remove(0);
        assert!(w.queue.release(&d.receipt));
        assert_eq!(w.keys(), [("a".to_owned(), 2)]);
    }

    #[tokio::test]
    async fn after_five_receives_a_message_is_a_dead_letter_and_can_be_put_back() {
        let w = world();
        w.send("a", 0).await;
        for n in 1..=5 {
            assert_eq!(w.keys(), [("a".to_owned(), n)]);
            w.advance(30);
        }
        assert_eq!(w.keys(), []);
        assert!(w.queue.is_empty());
        let dead = w.queue.dead_letters();
        assert_eq!((dead.len(), dead[0].receive_count), (1, 5));
        assert_eq!(w.queue.redrive(), 1);
        assert_eq!(w.keys(), [("a".to_owned(), 1)]);
        assert_eq!(w.queue.dead_letters().len(), 0);
    }

    #[tokio::test]
    async fn a_delayed_message_comes_when_the_clock_says_so() {
        let w = world();
        w.send("late", 900).await;
        w.send("now", 0).await;
        assert_eq!(w.keys(), [("now".to_owned(), 1)]);
        w.advance(900);
        assert!(w.queue.next_visible_at().is_some());
        assert_eq!(w.keys().len(), 2, "the delayed one and the one that was not deleted");
        let message = WorkMessage::new("t_00000000000000000001".parse().expect("a tenant id"), Work::Due);
        let error = w.queue.send(&message, Duration::from_secs(901)).await.expect_err("too long");
        assert_eq!(error.code(), "delay_too_long");
    }

    #[tokio::test]
    async fn with_the_switch_on_every_message_is_delivered_twice_even_when_the_first_is_deleted() {
        let w = world();
        w.queue.duplicate_deliveries(true);
        w.send("a", 0).await;
        let first = w.queue.receive(10);
        assert_eq!(first.len(), 1);
        assert!(w.queue.delete(&first[0].receipt));
        let again = w.queue.receive(10);
        assert_eq!((again.len(), again[0].id.as_str()), (1, first[0].id.as_str()));
        assert!(w.queue.delete(&again[0].receipt));
        w.advance(60);
        assert_eq!(w.queue.receive(10).len(), 0, "twice, not for ever");
    }

    #[tokio::test]
    async fn a_pump_that_waits_is_woken_by_a_message_that_came_before_it_waited() {
        let w = world();
        w.send("a", 0).await;
        w.queue.notified().await;
        assert_eq!(w.keys().len(), 1);
    }

    #[tokio::test]
    async fn a_batch_takes_no_more_than_asked_oldest_first() {
        let w = world();
        for key in ["a", "b", "c"] {
            w.send(key, 0).await;
            w.advance(1);
        }
        let keys: Vec<_> =
            w.queue.receive(2).iter().map(|d| d.body.contains("\"a\"") || d.body.contains("\"b\"")).collect();
        assert_eq!(keys, [true, true]);
    }
}
