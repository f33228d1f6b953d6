//! Actions on documents: each a row of its own, listed by document, and found when it is due.
//!
//! Decides where they lie. What an action says is opaque: `app` makes and reads it.

use domain::{Acted, ActionId, RecordId};
use jiff::Timestamp;

use crate::error::StoreError;
use crate::item::{Attributes, Draft, Fields, binary, number, pack, text};
use crate::key::{action_waiting_sort, of_action_waiting_sort};
use crate::reading::{Query, Sort};
use crate::tenant::Tenant;
use crate::transaction::TransactError;
use crate::write::Write;

/// An action as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRow {
    /// Its id.
    pub id: ActionId,
    /// The document's record.
    pub document: RecordId,
    /// Grows by one with every write.
    pub version: u64,
    /// When to look at it again; none when it is over.
    pub due: Option<Timestamp>,
    /// What the request that asked for it is known by, so that it makes no second one.
    pub request: Option<String>,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// The next version of an action, to write in a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionWrite {
    /// The action as it is to be; its version is one above that of the row.
    pub row: ActionRow,
    /// What is told in the change of its document's record of kind [`domain::change::ChangeKind::Acted`].
    pub told: Option<Acted>,
}

impl Tenant {
    /// Keeps a new action, in its own row and in its document's list. [`StoreError::Conflict`] when there is one.
    pub async fn keep_action(&self, row: &ActionRow) -> Result<(), StoreError> {
        let listed = Draft::new(self.keys.action_of(row.document, row.id));
        let listed = listed.with_some("q", row.request.as_deref().map(text));
        let writes = vec![Write::put(self.action_draft(row)?).when_absent(), Write::put(listed).when_absent()];
        match self.calls().transact(writes).await {
            Ok(()) => Ok(()),
            Err(TransactError::Conditions(_)) => Err(StoreError::Conflict),
            Err(TransactError::Store(e)) => Err(e),
        }
    }

    /// An action, consistently.
    pub async fn action(&self, id: ActionId) -> Result<Option<ActionRow>, StoreError> {
        self.calls().get(&self.keys.action(id)).await?.map(read).transpose()
    }

    /// At most `limit` actions on a document, the newest first, consistently.
    pub async fn actions_of(&self, document: RecordId, limit: usize) -> Result<Vec<ActionRow>, StoreError> {
        let mut query = Query::new(self.keys.actions_of(document), Sort::All);
        query.backward = true;
        let listed = self.calls().query_first(&query, limit).await?;
        let ids: Vec<ActionId> =
            listed.into_iter().map(|row| Fields::new(row, "action").parsed("sk")).collect::<Result<_, _>>()?;
        let keys: Vec<_> = ids.iter().map(|id| self.keys.action(*id)).collect();
        let found = self.calls().batch_get(&keys).await?;
        let mut rows: Vec<ActionRow> = found.into_iter().map(read).collect::<Result<_, _>>()?;
        rows.sort_by_key(|row| std::cmp::Reverse(row.id));
        Ok(rows)
    }

    /// The action on a document that a request asked for, if it did.
    pub async fn action_of_request(&self, document: RecordId, request: &str) -> Result<Option<ActionRow>, StoreError> {
        let listed = self.calls().query(&Query::new(self.keys.actions_of(document), Sort::All)).await?;
        for row in listed {
            let fields = Fields::new(row, "action");
            if fields.has("q") && fields.text("q")? == request {
                return self.action(fields.parsed("sk")?).await;
            }
        }
        Ok(None)
    }

    /// Actions that are due at `now`, the longest due first. Only a finder: the rows themselves may have moved on.
    pub async fn due_actions(&self, now: Timestamp, limit: usize) -> Result<Vec<(Timestamp, ActionId)>, StoreError> {
        let mut query = Query::new(self.keys.waiting("ACT"), Sort::UpTo(format!("{:014}~", now.as_millisecond())));
        query.todo = true;
        let rows = self.calls().query_first(&query, limit).await?;
        rows.into_iter()
            .map(|row| {
                let fields = Fields::new(row, "action");
                let (at, id) = of_action_waiting_sort(fields.text("gsk")?).ok_or_else(|| fields.corrupt())?;
                Ok((Timestamp::from_millisecond(at).map_err(|_| fields.corrupt())?, id))
            })
            .collect()
    }

    /// The write of an action's next version.
    pub(crate) fn action_write(&self, write: &ActionWrite) -> Result<Write, StoreError> {
        let before = write.row.version.checked_sub(1).ok_or(StoreError::Corrupt { what: "action" })?;
        Ok(Write::put(self.action_draft(&write.row)?).when("v = :v").value(":v", number(before)))
    }

    fn action_draft(&self, row: &ActionRow) -> Result<Draft, StoreError> {
        let draft = Draft::new(self.keys.action(row.id))
            .with("v", number(row.version))
            .with("doc", text(row.document.to_string()))
            .with_some("q", row.request.as_deref().map(text))
            .with("b", binary(pack(&row.bytes)?));
        let Some(due) = row.due else { return Ok(draft) };
        let sort = action_waiting_sort(due.as_millisecond(), row.id);
        Ok(draft.with("gpk", text(self.keys.waiting("ACT").pk)).with("gsk", text(sort)))
    }
}

fn read(item: Attributes) -> Result<ActionRow, StoreError> {
    let fields = Fields::new(item, "action");
    let due = if fields.has("gsk") {
        let (at, _) = of_action_waiting_sort(fields.text("gsk")?).ok_or_else(|| fields.corrupt())?;
        Some(Timestamp::from_millisecond(at).map_err(|_| fields.corrupt())?)
    } else {
        None
    };
    Ok(ActionRow {
        id: fields.parsed("sk")?,
        document: fields.parsed("doc")?,
        version: fields.number("v")?,
        due,
        request: if fields.has("q") { Some(fields.text("q")?.to_owned()) } else { None },
        bytes: fields.unpacked("b")?,
    })
}
