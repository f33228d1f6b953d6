//! Where a tenant's run machine stands, and the number of its last change.
//!
//! Decides that a step is taken once: the state is written only by a commit
//! that names the step it was read at. What the bytes mean is the machine's.

use crate::error::StoreError;
use crate::item::{Draft, Fields, binary, number, pack};
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::write::Write;
use jiff::{SignedDuration, Timestamp};

/// How long the ids that a sweep saw are kept: longer than any sweep takes.
const SEEN_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The machine's state as it was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedState {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many times it was saved.
    pub step: u64,
}

/// The machine's next state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateWrite {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The step it was read at; 0 when there was none. The state is then at the next step.
    pub expected_step: u64,
}

/// A part of the ids that a sweep has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenChunk {
    /// The sweep.
    pub pass: u64,
    /// The part's number; parts come back in this order.
    pub n: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Tenant {
    /// The saved state, consistently.
    pub async fn state(&self) -> Result<Option<SavedState>, StoreError> {
        let Some(item) = self.calls().get(&self.keys.state()).await? else {
            return Ok(None);
        };
        let fields = Fields::new(item, "run state");
        Ok(Some(SavedState { bytes: fields.unpacked("b")?, step: fields.number("sp")? }))
    }

    /// The number of the last change, consistently; 0 when there was none.
    pub async fn seq(&self) -> Result<u64, StoreError> {
        match self.calls().get(&self.keys.seq()).await? {
            Some(item) => Fields::new(item, "sequence").number("n"),
            None => Ok(0),
        }
    }

    /// The parts of what a sweep has seen, in order.
    pub async fn seen(&self, pass: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let query = Query::new(self.keys.seen_chunks(pass), Sort::All);
        let rows = self.calls().query(&query).await?;
        rows.into_iter().map(|row| Fields::new(row, "seen set").unpacked("b")).collect()
    }

    pub(crate) fn state_write(&self, state: &StateWrite) -> Result<Write, StoreError> {
        let draft = Draft::new(self.keys.state())
            .with("sp", number(state.expected_step + 1))
            .with("b", binary(pack(&state.bytes)?));
        Ok(match state.expected_step {
            0 => Write::put(draft).when_absent(),
            step => Write::put(draft).when("sp = :sp").value(":sp", number(step)),
        })
    }

    pub(crate) fn seq_write(&self, expected: u64, by: u64) -> Write {
        let write = Write::update(self.keys.seq(), "SET n = :next").value(":next", number(expected.saturating_add(by)));
        match expected {
            0 => write.when_absent(),
            n => write.when("n = :n").value(":n", number(n)),
        }
    }

    pub(crate) fn seen_write(&self, seen: &SeenChunk, now: Timestamp) -> Result<Write, StoreError> {
        let draft = Draft::new(self.keys.seen(seen.pass, seen.n))
            .with("b", binary(pack(&seen.bytes)?))
            .expiring(now.saturating_add(SEEN_KEPT).unwrap_or(Timestamp::MAX));
        Ok(Write::put(draft))
    }
}
