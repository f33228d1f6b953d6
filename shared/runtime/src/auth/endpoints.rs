//! Which tenant a webhook address belongs to, remembered for a minute.
//!
//! Decides how much is remembered: known and unknown addresses apart, each at
//! most 4,096, so that made-up addresses cost neither memory nor the known ones.

use cloud::Clock;
use domain::{EndpointId, TenantId};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

const KEPT: SignedDuration = SignedDuration::from_secs(60);
const CAPACITY: usize = 4096;

pub(super) struct Endpoints {
    clock: Clock,
    remembered: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    known: Bounded<TenantId>,
    unknown: Bounded<()>,
}

/// Entries in the order in which they came; the oldest make room.
struct Bounded<V> {
    entries: BTreeMap<EndpointId, (V, Timestamp)>,
    order: VecDeque<(EndpointId, Timestamp)>,
}

impl<V> Default for Bounded<V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<V: Clone> Bounded<V> {
    fn get(&self, id: &EndpointId, now: Timestamp) -> Option<V> {
        self.entries.get(id).filter(|(_, at)| now.duration_since(*at) < KEPT).map(|(v, _)| v.clone())
    }

    fn put(&mut self, id: &EndpointId, value: V, now: Timestamp) {
        while self.order.len() >= CAPACITY
            && let Some((oldest, at)) = self.order.pop_front()
        {
            // An entry that was renewed meanwhile has a younger place in the order.
            if self.entries.get(&oldest).is_some_and(|(_, renewed)| *renewed == at) {
                self.entries.remove(&oldest);
            }
        }
        self.entries.insert(id.clone(), (value, now));
        self.order.push_back((id.clone(), now));
    }
}

impl Endpoints {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, remembered: Mutex::default() }
    }

    /// The tenant of an address, from memory or from `look_up`. An error of the look-up is not remembered.
    pub(super) async fn tenant<E, F>(&self, id: &EndpointId, look_up: impl FnOnce() -> F) -> Result<Option<TenantId>, E>
    where
        F: Future<Output = Result<Option<TenantId>, E>>,
    {
        let now = self.clock.now();
        match self.remembered(id, now) {
            Memory::Known(tenant) => return Ok(Some(tenant)),
            Memory::Unknown => return Ok(None),
            Memory::Nothing => {}
        }
        let found = look_up().await?;
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        match &found {
            Some(tenant) => remembered.known.put(id, tenant.clone(), now),
            None => remembered.unknown.put(id, (), now),
        }
        Ok(found)
    }

    fn remembered(&self, id: &EndpointId, now: Timestamp) -> Memory {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = remembered.known.get(id, now) {
            return Memory::Known(tenant);
        }
        remembered.unknown.get(id, now).map_or(Memory::Nothing, |()| Memory::Unknown)
    }
}

/// What is remembered of an address.
enum Memory {
    /// Whose it is.
    Known(TenantId),
    /// That it is nobody's.
    Unknown,
    /// Nothing: it has to be looked up.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    };

    struct World {
        endpoints: Endpoints,
        now: Arc<AtomicI64>,
        look_ups: AtomicUsize,
    }

    fn world() -> World {
        let now = Arc::new(AtomicI64::new(1_000_000));
        let read = Arc::clone(&now);
        let clock = Clock::from_fn(move || Timestamp::from_second(read.load(Ordering::SeqCst)).expect("a time"));
        World { endpoints: Endpoints::new(clock), now, look_ups: AtomicUsize::new(0) }
    }

    impl World {
        async fn ask(&self, n: usize, answer: Result<Option<TenantId>, ()>) -> Result<Option<TenantId>, ()> {
            let id = format!("whe_{n:032}").parse().expect("an endpoint id");
            let look_up = || async {
                self.look_ups.fetch_add(1, Ordering::SeqCst);
                answer
            };
            self.endpoints.tenant(&id, look_up).await
        }

        fn look_ups(&self) -> usize {
            self.look_ups.load(Ordering::SeqCst)
        }
    }

    fn tenant() -> TenantId {
        "t_00000000000000000001".parse().expect("a tenant id")
    }

    #[tokio::test]
    async fn a_known_and_an_unknown_address_are_looked_up_once_a_minute() {
        let w = world();
        for _ in 0..2 {
            for _ in 0..3 {
                assert_eq!(w.ask(1, Ok(Some(tenant()))).await, Ok(Some(tenant())));
                assert_eq!(w.ask(2, Ok(None)).await, Ok(None));
            }
            w.now.fetch_add(60, Ordering::SeqCst);
        }
        assert_eq!(w.look_ups(), 4);
    }

    #[tokio::test]
    async fn a_failed_look_up_is_not_remembered() {
        let w = world();
        assert_eq!(w.ask(1, Err(())).await, Err(()));
        assert_eq!(w.ask(1, Ok(Some(tenant()))).await, Ok(Some(tenant())));
    }

    #[tokio::test]
    async fn made_up_addresses_neither_grow_the_memory_nor_push_out_known_ones() {
        let w = world();
        w.ask(0, Ok(Some(tenant()))).await.expect("found");
        for n in 1..=CAPACITY + 100 {
            w.ask(n, Ok(None)).await.expect("looked up");
        }
        let before = w.look_ups();
        assert_eq!(w.ask(0, Ok(None)).await, Ok(Some(tenant())), "still remembered");
        assert_eq!(w.look_ups(), before);
        let remembered = w.endpoints.remembered.lock().expect("no panic");
        assert_eq!((remembered.unknown.entries.len(), remembered.unknown.order.len()), (CAPACITY, CAPACITY));
    }
}
