//! Who is due: the cross-tenant rows that the schedule reads. They hold tenant ids and nothing personal.
//!
//! Decides how tenants spread over the slots of a quarter of an hour. Whether a
//! tenant is really due is for its own rows to say.

use domain::TenantId;

use crate::calls::WriteError;
use crate::error::StoreError;
use crate::item::{Fields, number};
use crate::key;
use crate::reading::{Query, Sort};
use crate::table::Table;
use crate::write::Write;

/// How many slots there are: one for each minute of a quarter of an hour.
pub const SLOTS: u8 = 15;

/// The slot of a tenant. It never moves, so it needs no row to be found again.
pub(crate) fn slot_of(tenant: &TenantId) -> u8 {
    let hash = blake3::hash(tenant.as_str().as_bytes());
    let sum = hash.as_bytes()[..8].iter().fold(0u64, |n, b| (n << 8) | u64::from(*b));
    u8::try_from(sum % u64::from(SLOTS)).unwrap_or(0)
}

impl Table {
    /// The tenants of a slot.
    pub async fn due(&self, slot: u8) -> Result<Vec<TenantId>, StoreError> {
        let rows = self.calls.query(&Query::new(key::due_slot(slot), Sort::All)).await?;
        rows.into_iter().map(|row| Fields::new(row, "due row").parsed("sk")).collect()
    }

    /// The minute (since the epoch) up to which the schedule has gone.
    pub async fn last_tick(&self) -> Result<Option<i64>, StoreError> {
        match self.calls.get(&key::tick()).await? {
            Some(item) => Fields::new(item, "tick").number("n").map(Some),
            None => Ok(None),
        }
    }

    /// Moves the schedule on. `false` when another one did so since `from` was read.
    pub async fn advance_tick(&self, from: Option<i64>, to: i64) -> Result<bool, StoreError> {
        let write = Write::update(key::tick(), "SET n = :to").value(":to", number(to));
        let write = match from {
            Some(from) => write.when("n = :from").value(":from", number(from)),
            None => write.when_absent(),
        };
        match self.calls.write(write).await {
            Ok(_) => Ok(true),
            Err(WriteError::Condition(_)) => Ok(false),
            Err(WriteError::Store(e)) => Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_spread_over_all_slots() {
        let mut used = [0u32; SLOTS as usize];
        for n in 0..1_500 {
            let tenant = format!("t_{n:020}").parse().expect("a tenant id");
            used[usize::from(slot_of(&tenant))] += 1;
        }
        assert!(used.iter().all(|n| (60..=140).contains(n)), "{used:?}");
    }
}
