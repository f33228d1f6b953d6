//! The tenant's keys of the API: one row, replaced as a whole.

use domain::api_key::ApiKeys;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack_json};
use crate::tenant::Tenant;
use crate::write::Write;

impl Tenant {
    /// The tenant's keys, consistently. None is version zero.
    pub async fn api_keys(&self) -> Result<ApiKeys, StoreError> {
        let found = self.calls().get(&self.keys.api_keys()).await?;
        found.map_or(Ok(ApiKeys::default()), |item| Fields::new(item, "api keys").json("b"))
    }

    /// Writes the keys when their version is the one after the kept one, else [`StoreError::Conflict`].
    pub async fn replace_api_keys(&self, keys: &ApiKeys) -> Result<(), StoreError> {
        let draft = Draft::new(self.keys.api_keys()).with("v", number(keys.version));
        let write = Write::put(draft.with("b", binary(pack_json(keys, "api keys")?)));
        let write = match keys.version {
            0 | 1 => write.when_absent(),
            version => write.when("v = :v").value(":v", number(version - 1)),
        };
        match self.calls().write(write).await {
            Ok(_) => Ok(()),
            Err(WriteError::Condition(_)) => Err(StoreError::Conflict),
            Err(WriteError::Store(e)) => Err(e),
        }
    }
}
