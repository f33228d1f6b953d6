//! The cache in front of the secret store of AWS.
//!
//! Decides when a secret is read again: after 300 s and up to 10 % more, one
//! reading at a time for each tenant, the old value for up to an hour when the
//! store does not answer, at most 64 tenants. Time is the injected clock's.

use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use super::TenantSecrets;
use crate::{
    clock::Clock,
    error::{Disposition, SecretsError},
};

const TTL_SECONDS: u64 = 300;
const JITTER_SECONDS: u64 = TTL_SECONDS / 10;
const NOT_FOUND_TTL: SignedDuration = SignedDuration::from_secs(30);
const FORCED_APART: SignedDuration = SignedDuration::from_secs(60);
const STALE_FOR: SignedDuration = SignedDuration::from_hours(1);
const AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(10);
const CAPACITY: usize = 64;

/// Whether a value that is still good may be answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Yes.
    Cached,
    /// No: the caller has reason to think that it changed.
    Fresh,
}

pub(super) struct Cache {
    clock: Clock,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    by_tenant: BTreeMap<TenantId, (u64, Arc<Slot>)>,
    uses: u64,
}

/// The lock is held while the store is asked: whoever comes meanwhile waits for that answer.
#[derive(Default)]
struct Slot(tokio::sync::Mutex<State>);

#[derive(Default)]
struct State {
    /// The last answer: secrets, or that there are none.
    known: Option<(Option<Arc<TenantSecrets>>, Timestamp)>,
    forced_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
}

impl Cache {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, slots: Mutex::default() }
    }

    /// The secrets of `tenant`, from here or from `fetch`.
    pub(super) async fn get<F>(
        &self,
        tenant: &TenantId,
        want: Want,
        fetch: impl FnOnce() -> F,
    ) -> Result<Arc<TenantSecrets>, SecretsError>
    where
        F: Future<Output = Result<TenantSecrets, SecretsError>>,
    {
        let slot = self.slot(tenant);
        let mut state = slot.0.lock().await;
        let now = self.clock.now();
        if let Some(known) = state.good_enough(tenant, want, now) {
            return known;
        }
        if want == Want::Fresh {
            state.forced_at = Some(now);
        }
        match fetch().await {
            Ok(secrets) => {
                let secrets = Arc::new(secrets);
                state.keep(Some(Arc::clone(&secrets)), now);
                Ok(secrets)
            }
            Err(SecretsError::NotFound) => {
                state.keep(None, now);
                Err(SecretsError::NotFound)
            }
            Err(error) if error.disposition() == Disposition::Retry => {
                state.failed_at = Some(now);
                match state.known.as_ref() {
                    Some((Some(old), at)) if now.duration_since(*at) < STALE_FOR => {
                        tracing::warn!(code = error.code(), "secrets are not refreshed; the known ones are used");
                        Ok(Arc::clone(old))
                    }
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Take over what was just saved.
    pub(super) async fn replace(&self, tenant: &TenantId, secrets: TenantSecrets) {
        let slot = self.slot(tenant);
        let now = self.clock.now();
        slot.0.lock().await.keep(Some(Arc::new(secrets)), now);
    }

    fn slot(&self, tenant: &TenantId) -> Arc<Slot> {
        // A panic between these lines cannot leave the map half-changed.
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.uses += 1;
        let uses = slots.uses;
        if let Some((used, slot)) = slots.by_tenant.get_mut(tenant) {
            *used = uses;
            return Arc::clone(slot);
        }
        if slots.by_tenant.len() >= CAPACITY
            && let Some(oldest) = slots.by_tenant.iter().min_by_key(|(_, (used, _))| *used).map(|(t, _)| t.clone())
        {
            slots.by_tenant.remove(&oldest);
        }
        let slot = Arc::new(Slot::default());
        slots.by_tenant.insert(tenant.clone(), (uses, Arc::clone(&slot)));
        slot
    }
}

impl State {
    fn keep(&mut self, answer: Option<Arc<TenantSecrets>>, now: Timestamp) {
        self.known = Some((answer, now));
        self.failed_at = None;
    }

    fn good_enough(
        &self,
        tenant: &TenantId,
        want: Want,
        now: Timestamp,
    ) -> Option<Result<Arc<TenantSecrets>, SecretsError>> {
        let (answer, at) = self.known.as_ref()?;
        let age = now.duration_since(*at);
        let since = |then: Option<Timestamp>| then.map(|t| now.duration_since(t));
        let Some(secrets) = answer else {
            // That there are none is soon asked again: they may have been saved by another function.
            return (want == Want::Cached && age < NOT_FOUND_TTL).then_some(Err(SecretsError::NotFound));
        };
        let young = match want {
            Want::Cached => age < time_to_live(tenant),
            Want::Fresh => since(self.forced_at).is_some_and(|s| s < FORCED_APART),
        };
        // A store that has just failed is not asked at every call.
        let spared = age < STALE_FOR && since(self.failed_at).is_some_and(|s| s < AFTER_FAILURE);
        (young || spared).then(|| Ok(Arc::clone(secrets)))
    }
}

/// 300 s and up to 10 % more by tenant, so that tenants cached together are not read again together (FNV-1a).
fn time_to_live(tenant: &TenantId) -> SignedDuration {
    let hash = tenant
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let seconds = TTL_SECONDS + hash % (JITTER_SECONDS + 1);
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(300))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    struct World {
        cache: Cache,
        now: Arc<AtomicI64>,
        calls: AtomicUsize,
    }

    fn world() -> World {
        let now = Arc::new(AtomicI64::new(1_000_000));
        let read = Arc::clone(&now);
        let clock = Clock::from_fn(move || Timestamp::from_second(read.load(Ordering::SeqCst)).expect("a time"));
        World { cache: Cache::new(clock), now, calls: AtomicUsize::new(0) }
    }

    fn tenant(n: usize) -> TenantId {
        format!("t_{n:020}").parse().expect("a tenant id")
    }

    impl World {
        fn advance(&self, seconds: i64) {
            self.now.fetch_add(seconds, Ordering::SeqCst);
        }

        fn calls(&self) -> usize {
            self.calls.load(Ordering::SeqCst)
        }

        async fn ask(&self, n: usize, want: Want, answer: Result<&str, SecretsError>) -> Result<String, SecretsError> {
            let fetch = || async {
                self.calls.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                answer.map(|key| TenantSecrets::new(key.into(), "hook".into()))
            };
            self.cache.get(&tenant(n), want, fetch).await.map(|s| s.erp_key.expose_secret().to_owned())
        }
    }

    fn down() -> Result<&'static str, SecretsError> {
        Err(SecretsError::Unavailable("down".into()))
    }

    #[tokio::test]
    async fn a_value_is_kept_for_300_to_330_seconds() {
        let w = world();
        assert_eq!(w.ask(1, Want::Cached, Ok("a")).await.expect("fetched"), "a");
        w.advance(299);
        assert_eq!(w.ask(1, Want::Cached, Ok("b")).await.expect("cached"), "a");
        w.advance(32);
        assert_eq!(w.ask(1, Want::Cached, Ok("b")).await.expect("fetched"), "b");
        assert_eq!(w.calls(), 2);
    }

    #[test]
    fn the_jitter_differs_by_tenant_and_stays_in_its_bounds() {
        let all: Vec<_> = (0..50).map(|n| time_to_live(&tenant(n)).as_secs()).collect();
        assert!(all.iter().all(|s| (300..=330).contains(s)), "{all:?}");
        assert!(all.iter().any(|s| *s != all[0]), "{all:?}");
    }

    #[tokio::test]
    async fn callers_at_the_same_time_share_one_reading() {
        let w = world();
        let (a, b, c) = tokio::join!(
            w.ask(1, Want::Cached, Ok("a")),
            w.ask(1, Want::Cached, Ok("b")),
            w.ask(1, Want::Cached, Ok("c"))
        );
        assert_eq!([a.expect("a"), b.expect("b"), c.expect("c")], ["a", "a", "a"]);
        assert_eq!(w.calls(), 1);
    }

    #[tokio::test]
    async fn a_forced_reading_happens_at_most_once_a_minute_for_each_tenant() {
        let w = world();
        w.ask(1, Want::Cached, Ok("a")).await.expect("fetched");
        assert_eq!(w.ask(1, Want::Fresh, Ok("b")).await.expect("forced"), "b");
        w.advance(59);
        assert_eq!(w.ask(1, Want::Fresh, Ok("c")).await.expect("cached"), "b");
        assert_eq!(w.ask(2, Want::Fresh, Ok("x")).await.expect("forced"), "x");
        w.advance(1);
        assert_eq!(w.ask(1, Want::Fresh, Ok("c")).await.expect("forced"), "c");
    }

    #[tokio::test]
    async fn an_old_value_serves_for_an_hour_when_the_store_is_down() {
        let w = world();
        w.ask(1, Want::Cached, Ok("a")).await.expect("fetched");
        w.advance(400);
        assert_eq!(w.ask(1, Want::Cached, down()).await.expect("stale"), "a");
        assert_eq!(w.ask(1, Want::Cached, down()).await.expect("stale"), "a");
        assert_eq!(w.calls(), 2, "a store that has just failed is not asked again at once");
        w.advance(3_200);
        let error = w.ask(1, Want::Cached, down()).await.expect_err("older than an hour");
        assert_eq!(error.disposition(), Disposition::Retry);
        assert_eq!(w.ask(1, Want::Cached, Ok("b")).await.expect("back"), "b");
    }

    #[tokio::test]
    async fn a_refusal_is_not_papered_over_with_an_old_value() {
        let w = world();
        w.ask(1, Want::Cached, Ok("a")).await.expect("fetched");
        w.advance(400);
        let error = w.ask(1, Want::Cached, Err(SecretsError::Refused("denied".into()))).await.expect_err("refused");
        assert_eq!(error.disposition(), Disposition::Bug);
    }

    #[tokio::test]
    async fn that_nothing_is_saved_is_remembered_for_half_a_minute() {
        let w = world();
        w.ask(1, Want::Cached, Err(SecretsError::NotFound)).await.expect_err("none");
        w.advance(29);
        w.ask(1, Want::Cached, Ok("a")).await.expect_err("none, from the cache");
        assert_eq!(w.ask(1, Want::Fresh, Ok("a")).await.expect("forced"), "a");
    }

    #[tokio::test]
    async fn what_was_saved_here_is_known_at_once() {
        let w = world();
        w.ask(1, Want::Cached, Ok("a")).await.expect("fetched");
        w.cache.replace(&tenant(1), TenantSecrets::new("b".into(), "hook".into())).await;
        assert_eq!(w.ask(1, Want::Cached, Ok("c")).await.expect("cached"), "b");
    }

    #[tokio::test]
    async fn the_tenant_that_was_not_asked_for_longest_makes_room() {
        let w = world();
        for n in 0..CAPACITY {
            w.ask(n, Want::Cached, Ok("a")).await.expect("fetched");
        }
        w.ask(0, Want::Cached, Ok("b")).await.expect("cached");
        w.ask(CAPACITY, Want::Cached, Ok("a")).await.expect("fetched");
        let before = w.calls();
        w.ask(0, Want::Cached, Ok("b")).await.expect("still cached");
        assert_eq!(w.calls(), before);
        w.ask(1, Want::Cached, Ok("b")).await.expect("fetched again");
        assert_eq!(w.calls(), before + 1);
    }
}
