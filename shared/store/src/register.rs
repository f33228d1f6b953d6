//! The ERP's registers that records refer to. Written by commits only.

use domain::Warehouse;

use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, pack_json};
use crate::tenant::Tenant;
use crate::write::Write;

impl Tenant {
    /// The ERP's warehouses as they were last read; `None` before that.
    pub async fn warehouses(&self) -> Result<Option<Vec<Warehouse>>, StoreError> {
        match self.calls().get(&self.keys.warehouses()).await? {
            Some(item) => Fields::new(item, "warehouses").json("b").map(Some),
            None => Ok(None),
        }
    }

    pub(crate) fn warehouses_write(&self, all: &[Warehouse]) -> Result<Write, StoreError> {
        let packed = pack_json(&all, "warehouses")?;
        Ok(Write::put(Draft::new(self.keys.warehouses()).with("b", binary(packed))))
    }
}
