//! A tenant's connection to the ERP: where it is, how often it is read, whether it is paused.
//!
//! Decides that a tenant has one connection, that its webhook address and its
//! place in the schedule are made with it, and that a change needs the version
//! it was read at. Credentials are not here: they are secrets.

use domain::{Cadence, EndpointId, Object, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::due::slot_of;
use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack_json, text};
use crate::key;
use crate::table::Table;
use crate::tenant::Tenant;
use crate::transaction::TransactError;
use crate::write::Write;

/// Whether a connection is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConnectionState {
    /// It is used.
    Connected,
    /// It is not used until a person acts.
    Paused {
        /// Why, as a stable code.
        code: String,
    },
}

/// A tenant's connection to the ERP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The company's id in the ERP.
    pub company_id: String,
    /// Where the ERP is.
    pub base_url: String,
    /// The webhook's address. It stays for the connection's life.
    pub endpoint_id: EndpointId,
    /// Whether it is used.
    #[serde(flatten)]
    pub state: ConnectionState,
    /// How often each object type is read.
    pub cadence: BTreeMap<Object, Cadence>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Grows by one with every change.
    #[serde(skip)]
    pub version: u64,
}

impl Tenant {
    /// The connection, if one was made.
    pub async fn connection(&self) -> Result<Option<Connection>, StoreError> {
        let Some(item) = self.calls().get(&self.keys.connection()).await? else {
            return Ok(None);
        };
        let fields = Fields::new(item, "connection");
        let mut connection: Connection = fields.json("b")?;
        connection.version = fields.number("v")?;
        // An object type that came to the product after the connection was made.
        for object in Object::ALL {
            connection.cadence.entry(object).or_insert_with(|| Cadence::standard(object));
        }
        Ok(Some(connection))
    }

    /// Makes the connection, its webhook's address and its place in the schedule: all or nothing.
    /// [`StoreError::Conflict`] when there is a connection already, or the address is taken.
    pub async fn create_connection(&self, connection: &Connection) -> Result<Connection, StoreError> {
        let mut made = connection.clone();
        made.version = 1;
        let tenant = || text(self.id().as_str());
        let endpoint = Draft::new(key::endpoint(&made.endpoint_id)).with("tenant", tenant());
        let due = Draft::new(key::due(slot_of(self.id()), self.id()));
        let writes =
            vec![Write::put(self.draft(&made)?).when_absent(), Write::put(endpoint).when_absent(), Write::put(due)];
        match self.calls().transact(writes).await {
            Ok(()) => Ok(made),
            Err(TransactError::Conditions(_)) => Err(StoreError::Conflict),
            Err(TransactError::Store(e)) => Err(e),
        }
    }

    /// Replaces the connection that was read at `version`.
    /// [`StoreError::Conflict`] when it is not at that version, or when its endpoint would change.
    pub async fn replace_connection_if(&self, version: u64, connection: &Connection) -> Result<Connection, StoreError> {
        let mut next = connection.clone();
        next.version = version + 1;
        let write = Write::put(self.draft(&next)?)
            .when("v = :v AND ep = :ep")
            .value(":v", number(version))
            .value(":ep", text(next.endpoint_id.as_str()));
        self.calls().write(write).await?;
        Ok(next)
    }

    fn draft(&self, connection: &Connection) -> Result<Draft, StoreError> {
        Ok(Draft::new(self.keys.connection())
            .with("v", number(connection.version))
            .with("ep", text(connection.endpoint_id.as_str()))
            .with("b", binary(pack_json(connection, "connection")?)))
    }
}

impl Table {
    /// The tenant that a webhook's address belongs to.
    pub async fn tenant_of_endpoint(&self, endpoint: &EndpointId) -> Result<Option<TenantId>, StoreError> {
        match self.calls.get(&key::endpoint(endpoint)).await? {
            Some(item) => Fields::new(item, "endpoint").parsed("tenant").map(Some),
            None => Ok(None),
        }
    }
}
