//! Webhook events, made durable before they are acknowledged.
//!
//! Decides when an event is the same as an earlier one: equal id and equal
//! body. The row itself is the hint that something is to be done; it stands in
//! the `todo` index until a commit says that it is.

use domain::TenantId;
use jiff::{SignedDuration, Timestamp};
use std::fmt;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack, text, time};
use crate::key::{Key, inbox_sort, inbox_sort_of_todo, inbox_todo_sort};
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::write::Write;

/// The longest id of an event, in bytes. The key has room for 1,024.
pub const MAX_EVENT_ID: usize = 512;

/// How long an event is kept, and with it the memory that it came.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A webhook's event.
#[derive(Clone, PartialEq, Eq)]
pub struct InboxEvent {
    /// The sender's id of it.
    pub event_id: String,
    /// SHA-256 of the body.
    pub body_sha256: [u8; 32],
    /// What kind of event, in the sender's words.
    pub event: String,
    /// When it came.
    pub received_at: Timestamp,
    /// Its body, as it came.
    pub body: Vec<u8>,
}

// The body is another company's data.
impl fmt::Debug for InboxEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxEvent")
            .field("event", &self.event)
            .field("received_at", &self.received_at)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Where an event is kept.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InboxKey {
    tenant: TenantId,
    sort: String,
}

impl fmt::Debug for InboxKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxKey").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl InboxKey {
    /// The key as text, for a state that is saved. [`Tenant::inbox_key`] makes it a key again.
    pub fn as_str(&self) -> &str {
        &self.sort
    }
}

/// Whether an event was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is kept now.
    New,
    /// It had been kept before; nothing was written.
    Duplicate,
}

/// A kept event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// Where it is kept.
    pub key: InboxKey,
    /// The event.
    pub event: InboxEvent,
    /// When it was done, if it is.
    pub done_at: Option<Timestamp>,
}

fn expiry(from: Timestamp) -> Timestamp {
    from.saturating_add(KEPT).unwrap_or(Timestamp::MAX)
}

impl Tenant {
    /// Keeps an event: exactly one write.
    pub async fn receive(&self, event: &InboxEvent) -> Result<Received, StoreError> {
        if event.event_id.len() > MAX_EVENT_ID {
            return Err(StoreError::TooLarge);
        }
        let sort = inbox_sort(&event.event_id, &event.body_sha256);
        let todo_sort = inbox_todo_sort(event.received_at.as_millisecond(), &sort);
        let draft = Draft::new(self.keys.inbox(&sort))
            .with("gpk", text(self.keys.inbox_todo().pk))
            .with("gsk", text(todo_sort))
            .with("id", text(event.event_id.as_str()))
            .with("h", binary(event.body_sha256))
            .with("ev", text(event.event.as_str()))
            .with("t", time(event.received_at))
            .with("b", binary(pack(&event.body)?))
            .expiring(expiry(event.received_at));
        match self.calls().write(Write::put(draft).when_absent()).await {
            Ok(_) => Ok(Received::New),
            Err(WriteError::Condition(_)) => Ok(Received::Duplicate),
            Err(WriteError::Store(e)) => Err(e),
        }
    }

    /// The key of a kept event from its text.
    pub fn inbox_key(&self, text: &str) -> Result<InboxKey, StoreError> {
        let corrupt = StoreError::Corrupt { what: "inbox key" };
        let (_, hash) = text.rsplit_once('#').ok_or(corrupt.clone())?;
        let well_formed = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if !well_formed || text.len() > MAX_EVENT_ID + 65 {
            return Err(corrupt);
        }
        Ok(InboxKey { tenant: self.id().clone(), sort: text.to_owned() })
    }

    /// The key that an event is kept under.
    pub fn inbox_key_of(&self, event: &InboxEvent) -> InboxKey {
        let sort = inbox_sort(&event.event_id, &event.body_sha256);
        InboxKey { tenant: self.id().clone(), sort }
    }

    /// At most `limit` events that are not done, the oldest first. It may lag behind a moment;
    /// [`Tenant::inbox_events`] tells which of them are done by now.
    pub async fn pending_inbox(&self, limit: usize) -> Result<Vec<InboxKey>, StoreError> {
        let mut query = Query::new(self.keys.inbox_todo(), Sort::All);
        query.todo = true;
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter()
            .map(|row| {
                let fields = Fields::new(row, "inbox event");
                let sort = inbox_sort_of_todo(fields.text("gsk")?).ok_or(fields.corrupt())?;
                self.inbox_key(sort)
            })
            .collect()
    }

    /// Those of the events that are kept, consistently, in the order of the keys.
    pub async fn inbox_events(&self, keys: &[InboxKey]) -> Result<Vec<InboxRow>, StoreError> {
        for key in keys {
            self.own(&key.tenant)?;
        }
        let wanted: Vec<Key> = keys.iter().map(|k| self.keys.inbox(&k.sort)).collect();
        let mut rows = Vec::with_capacity(keys.len());
        for item in self.calls().batch_get(&wanted).await? {
            rows.push(self.inbox_row(&Fields::new(item, "inbox event"))?);
        }
        let place = |key: &InboxKey| keys.iter().position(|k| k == key);
        rows.sort_by_cached_key(|row| place(&row.key));
        Ok(rows)
    }

    fn inbox_row(&self, fields: &Fields) -> Result<InboxRow, StoreError> {
        Ok(InboxRow {
            key: InboxKey { tenant: self.id().clone(), sort: fields.text("sk")?.to_owned() },
            event: InboxEvent {
                event_id: fields.text("id")?.to_owned(),
                body_sha256: fields.binary("h")?.try_into().map_err(|_| fields.corrupt())?,
                event: fields.text("ev")?.to_owned(),
                received_at: fields.time("t")?,
                body: fields.unpacked("b")?,
            },
            done_at: fields.time_if_any("d")?,
        })
    }

    /// Takes an event out of the `todo` index.
    ///
    /// The row may have expired since it was read: the write must not fail then, and what it leaves must expire again.
    pub(crate) fn inbox_done_write(&self, key: &InboxKey, now: Timestamp) -> Result<Write, StoreError> {
        self.own(&key.tenant)?;
        let update = "SET d = :now, #ttl = if_not_exists(#ttl, :ttl) REMOVE gpk, gsk";
        Ok(Write::update(self.keys.inbox(&key.sort), update)
            .value(":now", time(now))
            .value(":ttl", number(expiry(now).as_second())))
    }
}
