//! What a look from a screen found in the ERP, kept for a few minutes.
//!
//! Decides that it is of one record at one version, and that what is too old
//! counts as never kept. Must not know what was looked for.

use domain::RecordId;
use jiff::{SignedDuration, Timestamp};

use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack, time};
use crate::tenant::Tenant;
use crate::write::Write;

/// How long it is good.
const KEPT: SignedDuration = SignedDuration::from_mins(5);

impl Tenant {
    /// What the last look of this kind at the record found, if the record is still at `revision` and it is not too old.
    pub async fn kept_look(
        &self,
        what: &str,
        id: RecordId,
        revision: u64,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(item) = self.calls().get(&self.keys.look(what, id)).await? else { return Ok(None) };
        let fields = Fields::new(item, "look");
        let age = now.duration_since(fields.time("t")?);
        // One from a clock that is ahead is not believed either.
        let is_good = fields.number::<u64>("r")? == revision && age.abs() <= KEPT;
        is_good.then(|| fields.unpacked("b")).transpose()
    }

    /// Keeps what a look found.
    pub async fn keep_look(
        &self,
        what: &str,
        id: RecordId,
        revision: u64,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let draft = Draft::new(self.keys.look(what, id))
            .with("r", number(revision))
            .with("t", time(now))
            .with("b", binary(pack(bytes)?))
            .expiring(now.saturating_add(KEPT).unwrap_or(Timestamp::MAX));
        self.calls().write(Write::put(draft)).await?;
        Ok(())
    }
}
