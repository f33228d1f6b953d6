//! Runs, as people see them.
//!
//! Decides that a run is made once; afterwards only commits write it.

use domain::{Run, RunId};

use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, binary, pack_json};
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::write::Write;

fn run(item: Attributes) -> Result<Run, StoreError> {
    Fields::new(item, "run").json("b")
}

impl Tenant {
    /// Makes a run. [`StoreError::Conflict`] when its id is taken.
    pub async fn create_run(&self, run: &Run) -> Result<(), StoreError> {
        let write = Write::put(self.run_draft(run)?).when_absent();
        self.calls().write(write).await?;
        Ok(())
    }

    /// A run, consistently.
    pub async fn run(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        self.calls().get(&self.keys.run(id)).await?.map(run).transpose()
    }

    /// At most `limit` runs, the newest first, from behind `after`.
    pub async fn runs(&self, after: Option<RunId>, limit: usize) -> Result<Vec<Run>, StoreError> {
        let sort = after.map_or(Sort::All, |id| Sort::Before(id.to_string()));
        let mut query = Query::new(self.keys.runs(), sort);
        query.backward = true;
        self.calls().query_first(&query, limit).await?.into_iter().map(run).collect()
    }

    pub(crate) fn run_draft(&self, run: &Run) -> Result<Draft, StoreError> {
        Ok(Draft::new(self.keys.run(run.id)).with("b", binary(pack_json(run, "run")?)))
    }
}
