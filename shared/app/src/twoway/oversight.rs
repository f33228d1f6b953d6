//! What waits for a person: records, and deletions that the guard holds back.
//!
//! Decides nothing: reads what waits, and keeps a person's word.

use std::collections::BTreeSet;

use domain::settings::SettingsError;
use domain::{ContentHash, Direction, Object, RecordId, Rule, Settings};
use jiff::Timestamp;
use store::{DeletionApproval, StoreError, Tenant};
use sync::guard::{self, Verdict};
use sync::twoway::{Entry, HoldReason, Winner};
use thiserror::Error;

use super::edit::{self, By, EditError};
use super::push::{judge, waiting_deletions};
use super::rows::entry_of_row;
use crate::Services;

/// How many waiting records a change of the settings settles at most.
const JUDGED_ANEW: usize = 1_000;

/// Deletions of an object type that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletions {
    /// The object type.
    pub object: Object,
    /// The records.
    pub records: BTreeSet<RecordId>,
    /// The guard's word.
    pub verdict: Verdict,
    /// The hash of the list: what an approval names.
    pub list: ContentHash,
}

/// Why a person's word is not taken.
#[derive(Debug, Error)]
pub enum WordError {
    /// The list is another one by now.
    #[error("the list has changed since it was shown")]
    ListMoved,
    /// Somebody else changed the settings.
    #[error("the settings have changed since they were read")]
    SettingsMoved,
    /// They do not say what to do with every field.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Records that wait for a person, the longest waiting first, and where the next part begins.
pub async fn waiting(
    tenant: &Tenant,
    after: Option<(Timestamp, RecordId)>,
    limit: usize,
) -> Result<(Vec<Entry>, Option<(Timestamp, RecordId)>), StoreError> {
    let found = tenant.for_people(after, limit + 1).await?;
    let next = (found.len() > limit).then(|| found[limit - 1]);
    let mut entries = Vec::with_capacity(limit);
    for (_, id) in found.into_iter().take(limit) {
        if let Some(row) = tenant.row(id).await? {
            entries.push(entry_of_row(&row)?);
        }
    }
    entries.retain(|e| e.hold.is_some() || !e.conflicts.is_empty());
    Ok((entries, next))
}

/// Deletions by the CRM that wait, by object type.
pub async fn deletions(tenant: &Tenant, now: Timestamp) -> Result<Vec<Deletions>, StoreError> {
    let mut out = Vec::new();
    for (object, waiting) in waiting_deletions(tenant).await? {
        let records: BTreeSet<RecordId> = waiting.into_keys().collect();
        let verdict = judge(tenant, object, &records, now).await?;
        out.push(Deletions { object, list: guard::list_hash(&records), verdict, records });
    }
    Ok(out)
}

/// A person lets exactly this list pass.
pub async fn approve_deletions(
    services: &Services,
    tenant: &Tenant,
    object: Object,
    list: &str,
    by: By<'_>,
) -> Result<(), WordError> {
    let waiting = deletions(tenant, services.clock.now()).await?;
    let is_shown = waiting.iter().any(|d| d.object == object && format!("{:016x}", d.list.0) == list);
    if !is_shown {
        return Err(WordError::ListMoved);
    }
    let word = DeletionApproval { list: list.to_owned(), by: by.actor.to_owned(), at: services.clock.now() };
    tenant.approve_deletions(object, &word).await?;
    super::edit::wake(services, tenant).await;
    Ok(())
}

/// Settles what a rule decides by now, and lets go on what the direction held back.
async fn judge_anew(services: &Services, tenant: &Tenant, settings: &Settings, by: By<'_>) -> Result<(), WordError> {
    for (_, id) in tenant.for_people(None, JUDGED_ANEW).await? {
        let Some(row) = tenant.row(id).await? else { continue };
        let entry = entry_of_row(&row)?;
        let of = settings.of(id.object());
        let one_way = entry.hold.as_ref().is_some_and(|h| h.reason == HoldReason::OneWay);
        if one_way && of.direction != Direction::ToCrm {
            told(edit::look_again(services, tenant, id, by).await)?;
        }
        for piece in entry.conflicts.keys() {
            let winner = match of.rule(piece) {
                Rule::Crm => Winner::Crm,
                Rule::Erp => Winner::Erp,
                Rule::Newest | Rule::Park => continue,
            };
            told(edit::settle(services, tenant, id, piece, winner, by).await)?;
        }
    }
    Ok(())
}

/// Somebody else was quicker: then it is settled.
fn told(done: Result<edit::Held, EditError>) -> Result<(), StoreError> {
    match done {
        Err(EditError::Store(error)) => Err(error),
        _ => Ok(()),
    }
}

/// Changes the settings; a run that is going on keeps those that it began under. Records that wait because of a rule are
/// looked at again.
pub async fn change_settings(
    services: &Services,
    tenant: &Tenant,
    expected: u64,
    wanted: Settings,
    by: By<'_>,
) -> Result<Settings, WordError> {
    wanted.check()?;
    // One read: between two, another change could come, and be taken for the one that was seen.
    let stored = tenant.settings().await?;
    let current = stored.as_ref().map_or_else(|| Settings::standard().version, |s| s.version);
    if current != expected {
        return Err(WordError::SettingsMoved);
    }
    let stored = stored.map_or(0, |s| s.version);
    let next = Settings { version: expected + 1, ..wanted };
    match tenant.replace_settings_if(stored, &next).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(WordError::SettingsMoved),
        Err(error) => return Err(error.into()),
    }
    tracing::info!(actor = by.actor, version = next.version, "the settings were changed");
    judge_anew(services, tenant, &next, by).await?;
    super::edit::wake(services, tenant).await;
    Ok(next)
}
