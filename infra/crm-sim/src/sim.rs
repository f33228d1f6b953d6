//! The CRM as a value: its records, its two loops, its settings.
//!
//! It owns the locks, which are never held across an await, and the turns: one push and one look at the feed at a
//! time, side by side.

use crate::books::{Books, Refused, Waits};
use crate::client::{Client, TokenSource};
use crate::clock::Clock;
use crate::fault::{FaultKind, Faults};
use crate::follower::{self, FollowReport};
use crate::journal::{Entry, Journal, What};
use crate::pusher::{self, PushReport};
use crate::record::{CrmRecord, Life};
use crate::settle::{self, Settled};
use crate::wire::{Object, Pieces};
use crate::{control, make, page};
use axum::Router;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// What a CRM starts with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the product's API is, without `/v1`: https, or http on this machine.
    pub api_base_url: String,
    /// The bearer token of the tenant.
    pub token: TokenSource,
    /// Begins every id that this CRM makes, and marks its requests: 1 to 24 letters, digits, `.`, `_`, `:`, `-`. A CRM
    /// that starts without its records needs one that no CRM of the tenant had before.
    pub id_prefix: String,
    /// Says when an edit was made.
    pub clock: Clock,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// The wait after the first request without a known outcome; it doubles.
    pub backoff: Duration,
    /// The longest such wait.
    pub backoff_most: Duration,
    /// How often the loop pushes.
    pub push_every: Duration,
    /// How often the loop looks at the feed.
    pub follow_every: Duration,
    /// From how many records of an object type on they are sent together.
    pub bulk_from: usize,
    /// How many changes a page of the feed has at most.
    pub page: u32,
}

impl Config {
    /// The usual settings.
    pub fn new(api_base_url: impl Into<String>, token: TokenSource, id_prefix: impl Into<String>) -> Self {
        Self {
            api_base_url: api_base_url.into(),
            token,
            id_prefix: id_prefix.into(),
            clock: Clock::system(),
            timeout: Duration::from_secs(10),
            backoff: Duration::from_millis(500),
            backoff_most: Duration::from_mins(1),
            push_every: Duration::from_secs(1),
            follow_every: Duration::from_secs(2),
            bulk_from: 8,
            page: 200,
        }
    }
}

/// The CRM. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct CrmSim {
    pub(crate) inner: Arc<Inner>,
}

/// What the clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) client: Client,
    pub(crate) books: Mutex<Books>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) pushing: tokio::sync::Mutex<()>,
    pub(crate) following: tokio::sync::Mutex<()>,
    pub(crate) is_push_paused: AtomicBool,
    pub(crate) is_follow_paused: AtomicBool,
    is_started: AtomicBool,
}

/// The lock of a part; what a panic left behind is used as it is.
pub(crate) fn hold<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many records there are, by what is to be done with them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All, with those that are deleted.
    pub records: usize,
    /// Neither deleted nor archived.
    pub live: usize,
    /// Of the live ones, those that no answer or change has named an ERP id for.
    pub without_erp_id: usize,
    /// Something is left to be sent.
    pub waiting: usize,
    /// The product refused something.
    pub problems: usize,
    /// Deleted in the CRM.
    pub deleted: usize,
    /// Deleted in the ERP.
    pub archived: usize,
}

/// How the CRM stands: its records by object type, and its requests since the start.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// By object type.
    pub objects: BTreeMap<Object, Counts>,
    /// How often each thing happened: `put`, `delete`, `get`, `bulk`, `changes`, `told`, `known`.
    pub journal: Value,
    /// How far the feed was followed.
    pub cursor: Option<String>,
    /// The loop that pushes stands still.
    pub push_paused: bool,
    /// The loop that follows the feed stands still.
    pub follow_paused: bool,
}

impl CrmSim {
    /// A CRM without records. Nothing is sent before it is served, started or told to.
    ///
    /// # Errors
    ///
    /// An address that is neither https nor on this machine, or a prefix that no id can begin with.
    pub fn new(config: Config) -> anyhow::Result<Self> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
        let prefix = config.id_prefix.as_str();
        anyhow::ensure!(
            (1..=24).contains(&prefix.len()) && prefix.bytes().all(fits),
            "the prefix of ids must be 1 to 24 letters, digits, '.', '_', ':' or '-'"
        );
        let client = Client::new(&config.api_base_url, config.token.clone(), prefix, config.timeout)?;
        let waits = Waits { first: config.backoff, most: config.backoff_most };
        let inner = Inner {
            books: Mutex::new(Books::new(prefix, waits)),
            client,
            faults: Mutex::default(),
            journal: Mutex::default(),
            pushing: tokio::sync::Mutex::default(),
            following: tokio::sync::Mutex::default(),
            is_push_paused: AtomicBool::new(false),
            is_follow_paused: AtomicBool::new(false),
            is_started: AtomicBool::new(false),
            config,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Somebody makes a record; its id, made up when none is given.
    ///
    /// # Errors
    ///
    /// An id that is taken or is none.
    pub fn create(&self, object: Object, crm_id: Option<&str>, fields: Pieces) -> Result<String, Refused> {
        let now = self.inner.config.clock.now();
        hold(&self.inner.books).create(object, crm_id.map(str::to_owned), fields, now)
    }

    /// Somebody makes `count` records like `template`, in whose texts `{n}` is each one's number. Partner and product
    /// of documents are existing records in turn, where the template names none. The ids.
    ///
    /// # Errors
    ///
    /// No record that a document could refer to.
    pub fn make(&self, object: Object, count: usize, template: &Pieces) -> Result<Vec<String>, Refused> {
        make::make(&self.inner, object, count, template)
    }

    /// Somebody sets pieces of a record; `null` unsets one.
    ///
    /// # Errors
    ///
    /// No such record, or one that is deleted or archived.
    pub fn edit(&self, object: Object, crm_id: &str, pieces: Pieces) -> Result<(), Refused> {
        let now = self.inner.config.clock.now();
        hold(&self.inner.books).edit(&(object, crm_id.to_owned()), pieces, now)
    }

    /// Somebody deletes a record.
    ///
    /// # Errors
    ///
    /// No such record.
    pub fn delete(&self, object: Object, crm_id: &str) -> Result<(), Refused> {
        hold(&self.inner.books).delete(&(object, crm_id.to_owned()))
    }

    /// What was refused is sent again.
    ///
    /// # Errors
    ///
    /// No such record.
    pub fn try_again(&self, object: Object, crm_id: &str) -> Result<(), Refused> {
        hold(&self.inner.books).try_again(&(object, crm_id.to_owned()))
    }

    /// A record as it is now.
    pub fn record(&self, object: Object, crm_id: &str) -> Option<CrmRecord> {
        hold(&self.inner.books).get(object, crm_id).cloned()
    }

    /// All records of an object type as they are now, by id.
    pub fn records(&self, object: Object) -> Vec<CrmRecord> {
        hold(&self.inner.books).all().filter(|record| record.object == object).cloned().collect()
    }

    /// How the CRM stands.
    pub fn standing(&self) -> Standing {
        let mut objects: BTreeMap<Object, Counts> = Object::ALL.into_iter().map(|o| (o, Counts::default())).collect();
        let books = hold(&self.inner.books);
        for record in books.all() {
            let counts = objects.entry(record.object).or_default();
            let is_live = matches!(record.life, Life::Live | Life::Missing);
            counts.records += 1;
            counts.live += usize::from(is_live);
            counts.without_erp_id += usize::from(is_live && record.erp_id.is_none());
            counts.waiting += usize::from(record.is_waiting());
            counts.problems += usize::from(record.problem.is_some());
            counts.deleted += usize::from(record.life == Life::Deleted);
            counts.archived += usize::from(record.life == Life::Archived);
        }
        Standing {
            objects,
            cursor: books.cursor.clone(),
            journal: serde_json::to_value(hold(&self.inner.journal).counts()).unwrap_or_default(),
            push_paused: self.inner.is_push_paused.load(Ordering::SeqCst),
            follow_paused: self.inner.is_follow_paused.load(Ordering::SeqCst),
        }
    }

    /// One step of the pusher: everything whose time has come, each once.
    pub async fn push_once(&self) -> PushReport {
        pusher::push(&self.inner).await
    }

    /// One step of the follower: one page of the feed.
    pub async fn follow_once(&self) -> FollowReport {
        follower::follow(&self.inner).await
    }

    /// Pushes and follows until nothing is left on this side, for `limit` at most.
    pub async fn settle(&self, limit: Duration) -> Settled {
        settle::settle(&self.inner, limit).await
    }

    /// Orders a fault for the next `count` requests that it can hit; `ms` is how long those take that make slow.
    pub fn order_fault(&self, kind: FaultKind, count: u32, ms: u64) {
        hold(&self.inner.faults).order(kind, count, ms);
    }

    /// Lets the loops stand still or go on; `None` leaves one as it is. Steps that are asked for are made all the same.
    pub fn pause(&self, push: Option<bool>, follow: Option<bool>) {
        if let Some(push) = push {
            self.inner.is_push_paused.store(push, Ordering::SeqCst);
        }
        if let Some(follow) = follow {
            self.inner.is_follow_paused.store(follow, Ordering::SeqCst);
        }
    }

    /// The control plane under `/control` and the pages for people under `/`.
    pub fn router(&self) -> Router {
        control::router().merge(page::router()).with_state(self.clone())
    }

    /// Starts the loops, once. They end when the last clone is gone.
    #[expect(clippy::disallowed_methods, reason = "the loops live as long as the CRM")]
    pub fn start(&self) {
        if self.inner.is_started.swap(true, Ordering::SeqCst) {
            return;
        }
        let (pusher, follower) = (Arc::downgrade(&self.inner), Arc::downgrade(&self.inner));
        tokio::spawn(async move {
            while let Some(sim) = pusher.upgrade() {
                if !sim.is_push_paused.load(Ordering::SeqCst) {
                    pusher::push(&sim).await;
                }
                let every = sim.config.push_every;
                drop(sim);
                tokio::time::sleep(every).await;
            }
        });
        tokio::spawn(async move {
            while let Some(sim) = follower.upgrade() {
                let is_paused = sim.is_follow_paused.load(Ordering::SeqCst);
                let more = !is_paused && follower::follow(&sim).await.more;
                let every = if more { Duration::ZERO } else { sim.config.follow_every };
                drop(sim);
                tokio::time::sleep(every).await;
            }
        });
    }

    /// Starts the loops and answers on `listener` until the process ends.
    ///
    /// # Errors
    ///
    /// What the listener fails with.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        self.start();
        axum::serve(listener, self.router()).await
    }
}

impl Inner {
    /// Enters something into the journal.
    pub(crate) fn enter(&self, what: What, object: Option<Object>, crm_id: Option<&str>, body: Value, outcome: String) {
        let crm_id = crm_id.map(str::to_owned);
        let at = self.config.clock.now();
        hold(&self.journal).enter(Entry { seq: 0, at, what, object, crm_id, body, outcome });
    }
}
