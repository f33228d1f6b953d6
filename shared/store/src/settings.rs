//! A tenant's settings, every version of them.
//!
//! Decides that a version is written once and stays: a run is pinned to one.

use domain::Settings;

use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack_json};
use crate::tenant::Tenant;
use crate::transaction::TransactError;
use crate::write::Write;

impl Tenant {
    /// The settings as they are now; none when nobody ever changed them.
    pub async fn settings(&self) -> Result<Option<Settings>, StoreError> {
        let found = self.calls().get(&self.keys.settings()).await?;
        found.map(|item| Fields::new(item, "settings").json("b")).transpose()
    }

    /// The settings of a version.
    pub async fn settings_at(&self, version: u64) -> Result<Option<Settings>, StoreError> {
        let found = self.calls().get(&self.keys.settings_at(version)).await?;
        found.map(|item| Fields::new(item, "settings").json("b")).transpose()
    }

    /// Writes the settings when the present version is `expected`, zero when there must be none; else
    /// [`StoreError::Conflict`]. Their own version must be a later one: the first that is written may be 2, after the
    /// standard that no row holds.
    pub async fn replace_settings_if(&self, expected: u64, settings: &Settings) -> Result<(), StoreError> {
        if settings.version <= expected {
            return Err(StoreError::Refused("settings out of order".to_owned()));
        }
        let packed = pack_json(settings, "settings")?;
        let draft = |key| Draft::new(key).with("v", number(settings.version)).with("b", binary(packed.clone()));
        let current = Write::put(draft(self.keys.settings()));
        let current =
            if expected == 0 { current.when_absent() } else { current.when("v = :v").value(":v", number(expected)) };
        let kept = Write::put(draft(self.keys.settings_at(settings.version))).when_absent();
        match self.calls().transact(vec![current, kept]).await {
            Ok(()) => Ok(()),
            Err(TransactError::Conditions(_)) => Err(StoreError::Conflict),
            Err(TransactError::Store(e)) => Err(e),
        }
    }
}
