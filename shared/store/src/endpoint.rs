//! Endpoints of the CRM that are told of changes, and which tenants have any.
//!
//! Decides where they lie, that a tenant has a bounded number of them, and that every write of one is made on the step
//! that was read: of two dispatchers one writes. What an endpoint's settings and progress say is opaque.

use domain::{EventEndpointId, TenantId};

use crate::delivery::DeliveryRow;
use crate::due::slot_of;
use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, binary, number, pack};
use crate::key;
use crate::reading::{Query, Sort};
use crate::table::Table;
use crate::tenant::Tenant;
use crate::transaction::TransactError;
use crate::write::Write;

/// How many slots the tenants with endpoints spread over.
pub const OUT_SLOTS: u8 = 4;

/// An endpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventEndpointRow {
    /// Its id.
    pub id: EventEndpointId,
    /// Grows by one with every change of its settings.
    pub version: u64,
    /// Grows by one with every write.
    pub step: u64,
    /// What people say of it.
    pub settings: Vec<u8>,
    /// How far it is.
    pub progress: Vec<u8>,
}

/// Why an endpoint was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeepEndpointError {
    /// The tenant has as many as it may.
    #[error("the tenant has as many endpoints as it may")]
    TooMany,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The slot of a tenant among those that have endpoints.
pub(crate) fn out_slot(tenant: &TenantId) -> u8 {
    slot_of(tenant) % OUT_SLOTS
}

impl Tenant {
    /// All endpoints, the oldest first, consistently.
    pub async fn event_endpoints(&self) -> Result<Vec<EventEndpointRow>, StoreError> {
        let rows = self.calls().query(&Query::new(self.keys.event_endpoints(), Sort::All)).await?;
        rows.into_iter().map(read).collect()
    }

    /// An endpoint, consistently.
    pub async fn event_endpoint(&self, id: EventEndpointId) -> Result<Option<EventEndpointRow>, StoreError> {
        self.calls().get(&self.keys.event_endpoint(id)).await?.map(read).transpose()
    }

    /// Keeps a new endpoint at step 1, unless the tenant has `most` already.
    pub async fn keep_event_endpoint(&self, row: &EventEndpointRow, most: u32) -> Result<(), KeepEndpointError> {
        let first = EventEndpointRow { step: 1, ..row.clone() };
        let counted = Write::update(self.out(), "ADD n :one")
            .when("attribute_not_exists(n) OR n < :most")
            .value(":one", number(1))
            .value(":most", number(most));
        let writes = vec![Write::put(self.endpoint_draft(&first)?).when_absent(), counted];
        match self.calls().transact(writes).await {
            Ok(()) => Ok(()),
            Err(TransactError::Conditions(failed)) if failed.contains(&0) => Err(StoreError::Conflict.into()),
            Err(TransactError::Conditions(_)) => Err(KeepEndpointError::TooMany),
            Err(TransactError::Store(e)) => Err(e.into()),
        }
    }

    /// Writes an endpoint that was read at its step, and what is to be noted of sends to it. Answers with its next step;
    /// [`StoreError::Conflict`] when it is at another one, or gone.
    pub async fn replace_event_endpoint(
        &self,
        row: &EventEndpointRow,
        deliveries: &[DeliveryRow],
    ) -> Result<u64, StoreError> {
        let next = EventEndpointRow { step: row.step + 1, ..row.clone() };
        let mut writes = vec![Write::put(self.endpoint_draft(&next)?).when("n = :n").value(":n", number(row.step))];
        for delivery in deliveries {
            writes.push(self.delivery_write(delivery)?);
        }
        match self.calls().transact(writes).await {
            Ok(()) => Ok(next.step),
            Err(TransactError::Conditions(_)) => Err(StoreError::Conflict),
            Err(TransactError::Store(e)) => Err(e),
        }
    }

    /// Removes an endpoint; `false` when there is none.
    pub async fn drop_event_endpoint(&self, id: EventEndpointId) -> Result<bool, StoreError> {
        let gone = Write::delete(self.keys.event_endpoint(id)).when("attribute_exists(pk)");
        let counted = Write::update(self.out(), "ADD n :less").value(":less", number(-1));
        match self.calls().transact(vec![gone, counted]).await {
            Ok(()) => Ok(true),
            Err(TransactError::Conditions(_)) => Ok(false),
            Err(TransactError::Store(e)) => Err(e),
        }
    }

    fn out(&self) -> key::Key {
        key::out(out_slot(self.id()), self.id())
    }

    fn endpoint_draft(&self, row: &EventEndpointRow) -> Result<Draft, StoreError> {
        Ok(Draft::new(self.keys.event_endpoint(row.id))
            .with("v", number(row.version))
            .with("n", number(row.step))
            .with("b", binary(pack(&row.settings)?))
            .with("p", binary(pack(&row.progress)?)))
    }
}

impl Table {
    /// The tenants of a slot that have endpoints.
    pub async fn tenants_with_endpoints(&self, slot: u8) -> Result<Vec<TenantId>, StoreError> {
        let rows = self.calls.query(&Query::new(key::out_slot(slot), Sort::All)).await?;
        let rows = rows.into_iter().map(|row| Fields::new(row, "tenant with endpoints"));
        rows.filter(has_any).map(|fields| fields.parsed("sk")).collect()
    }

    /// Whether a tenant has endpoints.
    pub async fn has_endpoints(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        let found = self.calls.get(&key::out(out_slot(tenant), tenant)).await?;
        Ok(found.is_some_and(|row| has_any(&Fields::new(row, "tenant with endpoints"))))
    }
}

fn has_any(fields: &Fields) -> bool {
    fields.number::<i64>("n").is_ok_and(|n| n > 0)
}

fn read(item: Attributes) -> Result<EventEndpointRow, StoreError> {
    let fields = Fields::new(item, "event endpoint");
    Ok(EventEndpointRow {
        id: fields.parsed("sk")?,
        version: fields.number("v")?,
        step: fields.number("n")?,
        settings: fields.unpacked("b")?,
        progress: fields.unpacked("p")?,
    })
}
