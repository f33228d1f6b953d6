//! The log of deliveries: a row an event and endpoint, for thirty days after its last attempt.
//!
//! Decides where it lies and how long it is kept. It is written only with the endpoint's progress, so that it never says
//! more than what holds. What a row says is opaque.

use domain::EventEndpointId;
use jiff::{SignedDuration, Timestamp};

use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, binary, pack};
use crate::key::of_delivery_sort;
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::write::Write;

/// How long a row is kept after its last attempt.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Which event of an endpoint: that of a change, or a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeliveryKey {
    /// When the change was, or the test, to the millisecond.
    pub at: Timestamp,
    /// The change's number; zero for a test.
    pub number: u64,
}

/// What is noted of an event's attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The endpoint.
    pub endpoint: EventEndpointId,
    /// The event.
    pub key: DeliveryKey,
    /// When it was last tried.
    pub tried_at: Timestamp,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl Tenant {
    /// What is noted of an event, consistently.
    pub async fn delivery(
        &self,
        endpoint: EventEndpointId,
        key: DeliveryKey,
    ) -> Result<Option<DeliveryRow>, StoreError> {
        let found = self.calls().get(&self.keys.delivery(endpoint, key)).await?;
        found.map(|item| read(endpoint, item)).transpose()
    }

    /// At most `limit` events of an endpoint, the newest first, from behind `before`.
    pub async fn deliveries(
        &self,
        endpoint: EventEndpointId,
        before: Option<DeliveryKey>,
        limit: usize,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        let sort = before.map_or(Sort::All, |key| Sort::Before(self.keys.delivery(endpoint, key).sk));
        let mut query = Query::new(self.keys.deliveries(endpoint), sort);
        query.backward = true;
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter().map(|item| read(endpoint, item)).collect()
    }

    /// Notes a send that is no part of the endpoint's progress: a test.
    pub async fn note_delivery(&self, row: &DeliveryRow) -> Result<(), StoreError> {
        self.calls().write(self.delivery_write(row)?).await?;
        Ok(())
    }

    pub(crate) fn delivery_write(&self, row: &DeliveryRow) -> Result<Write, StoreError> {
        let expires = row.tried_at.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        let draft = Draft::new(self.keys.delivery(row.endpoint, row.key))
            .with("t", crate::item::time(row.tried_at))
            .with("b", binary(pack(&row.bytes)?))
            .expiring(expires);
        Ok(Write::put(draft))
    }
}

fn read(endpoint: EventEndpointId, item: Attributes) -> Result<DeliveryRow, StoreError> {
    let fields = Fields::new(item, "delivery");
    let (at, number) = of_delivery_sort(fields.text("sk")?).ok_or_else(|| fields.corrupt())?;
    let at = Timestamp::from_millisecond(at).map_err(|_| fields.corrupt())?;
    Ok(DeliveryRow {
        endpoint,
        key: DeliveryKey { at, number },
        tried_at: fields.time("t")?,
        bytes: fields.unpacked("b")?,
    })
}
