//! The simulator as a value: its companies, its clock, its faults, its journal.
//!
//! It owns the locks (one per company, never held across an await) and wires the
//! router; it knows no endpoint.

use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Journal;
use crate::seed;
use crate::state::company::Company;
use crate::webhook::HookQueue;
use crate::{control, gate, server, webhook};
use axum::Router;
use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use tokio::sync::{Notify, Semaphore};

/// What a simulator starts with.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Decides every generated value.
    pub seed: u64,
    /// How much data: 1 is about 300 partners and 800 orders a company.
    pub scale: u32,
    /// The time of the simulated world.
    pub clock: Clock,
    /// The companies to make.
    pub companies: Vec<CompanySpec>,
    /// Where the four years of generated history end; the clock's present when `None`.
    pub seeded_at: Option<Timestamp>,
}

/// One company to make.
#[derive(Clone)]
pub struct CompanySpec {
    /// The ERP's id of the company.
    pub company_id: String,
    /// The key that opens it.
    pub secret_key: String,
}

impl fmt::Debug for CompanySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompanySpec").field("company_id", &self.company_id).field("secret_key", &"[redacted]").finish()
    }
}

impl SimConfig {
    /// Two companies whose ids and keys follow from the seed.
    pub fn demo(seed: u64, scale: u32, clock: Clock) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x0de3_0c0d);
        let companies = (0..2_u32)
            .map(|number| CompanySpec {
                company_id: (1000 + number * 4000 + rng.random_range(0..4000_u32)).to_string(),
                secret_key: format!("{:016x}{:016x}", rng.random::<u64>(), rng.random::<u64>()),
            })
            .collect();
        Self { seed, scale, clock, companies, seeded_at: None }
    }

    /// The same with a history that ends at `at`, so that a restart makes the same data again.
    #[must_use]
    pub const fn seeded_at(mut self, at: Timestamp) -> Self {
        self.seeded_at = Some(at);
        self
    }
}

/// The simulator. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Sim {
    pub(crate) inner: Arc<Inner>,
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim").finish_non_exhaustive()
    }
}

/// What the clones share.
pub(crate) struct Inner {
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) companies: RwLock<BTreeMap<String, Arc<Cell>>>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) hooks: Mutex<HookQueue>,
    pub(crate) wake: Arc<Notify>,
    pub(crate) latency: Mutex<ChaCha8Rng>,
    pump: AtomicBool,
}

/// One company with its locks and gauges.
pub(crate) struct Cell {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) company: Mutex<Company>,
    /// The search locks: the first, and one per further search group.
    locks: Mutex<Vec<Arc<Semaphore>>>,
    pub(crate) gauge: Gauge,
}

/// How many calls of the slow class were under way at once.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    pub(crate) current: AtomicUsize,
    pub(crate) max: AtomicUsize,
    pub(crate) waited: AtomicUsize,
}

impl Gauge {
    /// Counts one in until the guard is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        let now = self.current.fetch_add(1, Ordering::SeqCst) + 1;
        self.max.fetch_max(now, Ordering::SeqCst);
        Entered(self)
    }
}

/// One call of the slow class under way.
pub(crate) struct Entered<'a>(&'a Gauge);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.current.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Cell {
    /// The company, for as long as no await comes between.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Company> {
        hold(&self.company)
    }

    /// The search lock of a group.
    pub(crate) fn search_lock(&self, group: usize) -> Arc<Semaphore> {
        let mut locks = hold(&self.locks);
        while locks.len() <= group {
            locks.push(Arc::new(Semaphore::new(1)));
        }
        Arc::clone(&locks[group])
    }
}

/// Takes a lock; a panic elsewhere does not spread.
pub(crate) fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sim {
    /// Makes and seeds the companies.
    pub fn new(config: SimConfig) -> Self {
        let sim = Self {
            inner: Arc::new(Inner {
                clock: config.clock,
                seed: config.seed,
                companies: RwLock::new(BTreeMap::new()),
                faults: Mutex::new(Faults::new(config.seed)),
                journal: Mutex::new(Journal::default()),
                hooks: Mutex::new(HookQueue::new(config.seed)),
                wake: Arc::new(Notify::new()),
                latency: Mutex::new(ChaCha8Rng::seed_from_u64(config.seed ^ 0x1a7e)),
                pump: AtomicBool::new(false),
            }),
        };
        // Companies do not know each other, so they are made side by side; their numbers follow the list.
        let at = config.seeded_at.unwrap_or_else(|| sim.inner.clock.now());
        std::thread::scope(|scope| {
            for (number, spec) in (0..).zip(config.companies) {
                let sim = &sim;
                let spec_of =
                    move |company_no| seed::SeedSpec { seed: config.seed, scale: config.scale, company_no, now: at };
                scope.spawn(move || sim.make(spec, &spec_of(number)));
            }
        });
        sim
    }

    /// Makes and seeds one more company; false when the id is taken.
    pub(crate) fn add_company(&self, spec: CompanySpec, seed: u64, scale: u32) -> bool {
        if self.cell(&spec.company_id).is_some() {
            return false;
        }
        let number = u32::try_from(self.cells().len()).unwrap_or(u32::MAX);
        self.make(spec, &seed::SeedSpec { seed, scale, company_no: number, now: self.inner.clock.now() })
    }

    fn make(&self, spec: CompanySpec, history: &seed::SeedSpec) -> bool {
        let seeded = seed::seed_company(history);
        let cell = Cell {
            id: spec.company_id.clone(),
            key: spec.secret_key,
            company: Mutex::new(Company::new(spec.company_id.clone(), seeded)),
            locks: Mutex::new(Vec::new()),
            gauge: Gauge::default(),
        };
        let mut companies = self.inner.companies.write().unwrap_or_else(PoisonError::into_inner);
        match companies.entry(spec.company_id) {
            Entry::Vacant(place) => {
                place.insert(Arc::new(cell));
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    /// The ERP's API, the downloads, and the control plane.
    pub fn router(&self) -> Router {
        self.start_pump();
        Router::new()
            .nest("/control", control::router())
            .fallback(gate::handle)
            .layer(axum::extract::DefaultBodyLimit::max(gate::MAX_BODY))
            .with_state(self.clone())
    }

    /// Serves until the process ends. Faults that cut connections work best here.
    pub async fn serve(self, listener: tokio::net::TcpListener) -> std::io::Result<()> {
        server::serve(self.router(), listener).await
    }

    /// The clock of the simulated world.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(crate) fn cell(&self, company_id: &str) -> Option<Arc<Cell>> {
        self.inner.companies.read().unwrap_or_else(PoisonError::into_inner).get(company_id).cloned()
    }

    pub(crate) fn cells(&self) -> Vec<Arc<Cell>> {
        self.inner.companies.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Queues the stock events of what a change recalculated.
    pub(crate) fn send_events(&self, company: &mut Company) {
        if company.recalculated.is_empty() {
            return;
        }
        let products = std::mem::take(&mut company.recalculated);
        if company.webhooks.is_empty() {
            return;
        }
        let now = self.inner.clock.now();
        hold(&self.inner.hooks).enqueue(company, &products, now);
        self.inner.wake.notify_one();
    }

    /// Starts the task that sends webhooks, once, when a runtime is there.
    #[expect(clippy::disallowed_methods, reason = "the pump lives as long as the simulator")]
    pub(crate) fn start_pump(&self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        if !self.inner.pump.swap(true, Ordering::SeqCst) {
            runtime.spawn(webhook::pump::run(Arc::downgrade(&self.inner), self.inner.clock.subscribe()));
        }
    }
}
