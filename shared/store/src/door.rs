//! The row of the door to a host of the ERP, which all tenants of the host share.
//!
//! Decides nothing but the condition of its writes. What it holds is for `sync`
//! to say; it names no tenant.

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack};
use crate::key;
use crate::table::Table;
use crate::write::Write;

/// A door as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedDoor {
    /// What `sync` made of it; empty when there is no row.
    pub bytes: Vec<u8>,
    /// Grows by one with every write; 0 when there is no row.
    pub version: u64,
}

impl Table {
    /// The door to the host at this origin, consistently.
    pub async fn door(&self, origin: &str) -> Result<SavedDoor, StoreError> {
        let Some(item) = self.calls.get(&key::door(origin)).await? else { return Ok(SavedDoor::default()) };
        let fields = Fields::new(item, "door");
        Ok(SavedDoor { bytes: fields.unpacked("b")?, version: fields.number("v")? })
    }

    /// Replaces the door that was read at `version`. `false` when somebody else did so since.
    pub async fn replace_door_if(&self, version: u64, origin: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        let draft = Draft::new(key::door(origin)).with("v", number(version + 1)).with("b", binary(pack(bytes)?));
        let write = match version {
            0 => Write::put(draft).when_absent(),
            _ => Write::put(draft).when("v = :v").value(":v", number(version)),
        };
        match self.calls.write(write).await {
            Ok(_) => Ok(true),
            Err(WriteError::Condition(_)) => Ok(false),
            Err(WriteError::Store(e)) => Err(e),
        }
    }
}
