//! The ERP's registers that records refer to, and what people say of them.
//!
//! Decides that what was met is written by commits only, and what people say
//! only on the version that they saw.

use domain::{Meanings, Registers, Warehouse};

use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack_json};
use crate::tenant::Tenant;
use crate::transaction::TransactError;
use crate::write::Write;

impl Tenant {
    /// The ERP's warehouses as they were last read; `None` before that.
    pub async fn warehouses(&self) -> Result<Option<Vec<Warehouse>>, StoreError> {
        match self.calls().get(&self.keys.warehouses()).await? {
            Some(item) => Fields::new(item, "warehouses").json("b").map(Some),
            None => Ok(None),
        }
    }

    /// What was met of the registers that the ERP does not list.
    pub async fn registers(&self) -> Result<Registers, StoreError> {
        match self.calls().get(&self.keys.learned()).await? {
            Some(item) => Fields::new(item, "registers").json("b"),
            None => Ok(Registers::default()),
        }
    }

    /// What the statuses mean, as far as people said; version zero when nobody did.
    pub async fn meanings(&self) -> Result<Meanings, StoreError> {
        match self.calls().get(&self.keys.meanings()).await? {
            Some(item) => Fields::new(item, "meanings").json("b"),
            None => Ok(Meanings::default()),
        }
    }

    /// Writes what the statuses mean when the present version is the one before theirs; else [`StoreError::Conflict`].
    pub async fn replace_meanings(&self, meanings: &Meanings) -> Result<(), StoreError> {
        let packed = pack_json(meanings, "meanings")?;
        let draft = Draft::new(self.keys.meanings()).with("v", number(meanings.version)).with("b", binary(packed));
        let write = match meanings.version {
            0 => return Err(StoreError::Refused("meanings out of order".to_owned())),
            1 => Write::put(draft).when_absent(),
            version => Write::put(draft).when("v = :v").value(":v", number(version - 1)),
        };
        match self.calls().transact(vec![write]).await {
            Ok(()) => Ok(()),
            Err(TransactError::Conditions(_)) => Err(StoreError::Conflict),
            Err(TransactError::Store(e)) => Err(e),
        }
    }

    pub(crate) fn registers_write(&self, all: &Registers) -> Result<Write, StoreError> {
        let packed = pack_json(all, "registers")?;
        Ok(Write::put(Draft::new(self.keys.learned()).with("b", binary(packed))))
    }

    pub(crate) fn warehouses_write(&self, all: &[Warehouse]) -> Result<Write, StoreError> {
        let packed = pack_json(&all, "warehouses")?;
        Ok(Write::put(Draft::new(self.keys.warehouses()).with("b", binary(packed))))
    }
}
