//! Contacts as people arrange them: two that are one, a pair that is taken apart, a pair that is joined.
//!
//! Decides nothing about values: `sync::contacts` does. Each is one transaction
//! that is conditional on both rows as they were read, so that two people who
//! do the opposite at once do not both succeed.

use domain::{Fields, Object, RecordId};
use jiff::Timestamp;
use store::{Commit, CommitError, Link, Open, OpenWrite, RecordWrite, Row, StoreError, Stored, Tenant};
use sync::contacts::{self, ApartError, Built, Merge, Refused, Step, Trail, Unmerge};
use sync::twoway::{Change, Entry};
use thiserror::Error;

use super::edit::{ATTEMPTS, By, EditError, pause, row_by_crm, settings};
use super::rows::{entry_of_open, entry_of_row, pack};
use super::visit::new_change;
use crate::Services;

/// Where an id of the CRM leads.
#[derive(Clone, Debug)]
pub struct End {
    /// The record.
    pub entry: Entry,
    /// The ids on the way to it.
    pub trail: Trail,
    row: Row,
}

impl End {
    /// The record's id of the CRM, when the way began at another one's.
    pub fn merged_into(&self) -> Option<&str> {
        self.trail.ids().last().filter(|_| self.trail.ids().len() > 1).map(String::as_str)
    }
}

/// Both records after a merge, or after it was taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The one that stays, or stayed.
    pub survivor: Entry,
    /// The one that went, or had gone.
    pub gone: Entry,
}

/// Why contacts stay as they are.
#[derive(Debug, Error)]
pub enum PeopleError {
    /// As for any edit.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The contact that is to stay is not known.
    #[error("there is no contact {0}")]
    Unknown(String),
    /// It is at another revision than the one that was shown.
    #[error("the contact has changed since it was read")]
    Moved,
    /// The two are not merged.
    #[error(transparent)]
    Merge(#[from] Refused),
    /// The merge is not taken back.
    #[error(transparent)]
    Built(#[from] Built),
    /// The two are not taken apart.
    #[error(transparent)]
    Apart(#[from] ApartError),
}

impl From<StoreError> for PeopleError {
    fn from(error: StoreError) -> Self {
        Self::Edit(error.into())
    }
}

/// The record that an id of the CRM leads to, past those that went into others.
pub async fn end_of(tenant: &Tenant, object: Object, crm_id: &str) -> Result<Option<End>, StoreError> {
    let (mut trail, mut at) = (Trail::from(crm_id), crm_id.to_owned());
    loop {
        let Some(row) = row_by_crm(tenant, object, &at).await? else { return Ok(None) };
        let entry = entry_of_row(&row)?;
        let step = trail.step(entry.merged.as_ref().map(|m| m.into.as_str()));
        match step.map_err(|_| StoreError::Corrupt { what: "way of a merged record" })? {
            Step::Here => return Ok(Some(End { entry, trail, row })),
            Step::Next(next) => at = next,
        }
    }
}

/// The record at the end of the way from one that was found by its own id.
pub async fn end_from(tenant: &Tenant, entry: Entry) -> Result<Option<End>, StoreError> {
    let Some(crm_id) = entry.merged.as_ref().and(entry.crm_id.as_deref()) else {
        let row = tenant.row(entry.id).await?;
        let trail = Trail::from(entry.crm_id.as_deref().unwrap_or_default());
        return Ok(row.map(|row| End { entry, trail, row }));
    };
    end_of(tenant, entry.id.object(), crm_id).await
}

/// What a merge would make of two contacts.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The one that would go.
    pub gone: Entry,
    /// The one that would stay, as it is.
    pub survivor: Entry,
    /// The one that would stay, as the merge would leave it.
    pub merged: Entry,
}

/// What a merge of `going` into `into` would make of both as they are now. Nothing is written.
pub async fn preview(
    services: &Services,
    tenant: &Tenant,
    (going, into): (&str, &str),
    by: By<'_>,
) -> Result<Preview, PeopleError> {
    let row = row_by_crm(tenant, Object::Contacts, going).await?.ok_or(EditError::NotFound)?;
    let gone = entry_of_row(&row)?;
    let end = end_of(tenant, Object::Contacts, into).await?;
    let end = end.ok_or_else(|| PeopleError::Unknown(into.to_owned()))?;
    end.trail.check(going)?;
    if let Some(merged) = &gone.merged {
        return Err(EditError::Merged { into: merged.into.clone() }.into());
    }
    let settings = settings(tenant).await?.of(Object::Contacts);
    let done = contacts::merge(tenant.id(), &gone, &end.entry, &settings, by.actor, services.clock.now())?;
    Ok(Preview { gone, survivor: end.entry, merged: done.survivor })
}

/// Makes two contacts of the CRM one: `going` leads to `into` from then on. Asked again, it changes nothing.
pub async fn merge(
    services: &Services,
    tenant: &Tenant,
    (going, into): (&str, &str),
    revision: u64,
    by: By<'_>,
) -> Result<Pair, PeopleError> {
    for n in 1..=ATTEMPTS {
        let now = services.clock.now();
        let row = row_by_crm(tenant, Object::Contacts, going).await?.ok_or(EditError::NotFound)?;
        let gone = entry_of_row(&row)?;
        let end = end_of(tenant, Object::Contacts, into).await?;
        let end = end.ok_or_else(|| PeopleError::Unknown(into.to_owned()))?;
        end.trail.check(going)?;
        if let Some(merged) = &gone.merged {
            let led = end_of(tenant, Object::Contacts, going).await?;
            return match led {
                Some(led) if led.entry.id == end.entry.id => Ok(Pair { survivor: led.entry, gone }),
                _ => Err(EditError::Merged { into: merged.into.clone() }.into()),
            };
        }
        if gone.revision != revision {
            return Err(PeopleError::Moved);
        }
        let settings = settings(tenant).await?.of(Object::Contacts);
        let done = contacts::merge(tenant.id(), &gone, &end.entry, &settings, by.actor, now)?;
        let commit = merging(tenant, &row, &end.row, &done, by).await?;
        if write_all(tenant, &commit, now).await? {
            let (survivor, gone) = (done.survivor, done.alias);
            return Ok(Pair { survivor, gone });
        }
        pause(n).await;
    }
    Err(EditError::Contended.into())
}

/// What a merge writes.
async fn merging(
    tenant: &Tenant,
    gone: &Row,
    survivor: &Row,
    done: &Merge,
    by: By<'_>,
) -> Result<Commit<'static>, StoreError> {
    let mut commit = begun(tenant).await?;
    let alias = pack(&done.alias, None)?;
    match (gone, survivor) {
        (Row::Record(record), Row::Open(open)) => {
            let write = RecordWrite::replace(record, record.record.to_bytes(), told(&done.told, by));
            let write = write.still_missing(record).taken_over_by(open);
            commit.writes.push(write.with_two_way(Some(pack(&done.survivor, Some(&record.record))?)));
            let write = OpenWrite::create(done.alias.id, alias, told(&done.alias_told, by));
            commit.opens.push(write.joining(record.last_change));
            commit.closes.push((&**open).into());
            commit.links.push(Link { crm: open.id, to: record.id });
            commit.unlinks.push(Link { crm: done.alias.id, to: record.id });
        }
        (Row::Open(open), Row::Record(record)) => {
            let write = replaced(record, &done.survivor, &done.told, by)?;
            commit.writes.push(write.joining(open.last_change));
            commit.opens.push(OpenWrite::replace(open, alias, told(&done.alias_told, by)));
        }
        (Row::Open(open), Row::Open(other)) => {
            let write = OpenWrite::replace(other, pack(&done.survivor, None)?, told(&done.told, by));
            commit.opens.push(write.joining(open.last_change));
            commit.opens.push(OpenWrite::replace(open, alias, told(&done.alias_told, by)));
        }
        (Row::Record(_), Row::Record(_)) => return Err(StoreError::Corrupt { what: "two partners in one merge" }),
    }
    Ok(commit)
}

/// Makes two contacts of one again, while nothing was built on the merge. `going` is the one that went.
pub async fn unmerge(services: &Services, tenant: &Tenant, going: &str, by: By<'_>) -> Result<Pair, PeopleError> {
    for n in 1..=ATTEMPTS {
        let now = services.clock.now();
        let row = row_by_crm(tenant, Object::Contacts, going).await?.ok_or(EditError::NotFound)?;
        let alias = entry_of_row(&row)?;
        let (Row::Open(open), Some(merged)) = (&row, &alias.merged) else { return Err(Built::NotMerged.into()) };
        let stayed = row_by_crm(tenant, Object::Contacts, &merged.into).await?;
        let stayed = stayed.ok_or_else(|| Built::Changed(merged.into.clone()))?;
        let done = contacts::unmerge(&alias, &entry_of_row(&stayed)?, now)?;
        let commit = unmerging(tenant, open, &stayed, &done, by).await?;
        if write_all(tenant, &commit, now).await? {
            let (survivor, gone) = (done.survivor, done.gone);
            return Ok(Pair { survivor, gone });
        }
        pause(n).await;
    }
    Err(EditError::Contended.into())
}

/// What taking a merge back writes.
async fn unmerging(
    tenant: &Tenant,
    alias: &Open,
    stayed: &Row,
    done: &Unmerge,
    by: By<'_>,
) -> Result<Commit<'static>, StoreError> {
    let mut commit = begun(tenant).await?;
    match stayed {
        Row::Record(record) if done.moves => {
            commit.writes.push(replaced(record, &done.gone, &done.gone_told, by)?.joining(alias.last_change));
            commit.closes.push(alias.into());
            commit.links.push(Link { crm: alias.id, to: record.id });
            let id = done.survivor.id;
            let write = OpenWrite::create(id, pack(&done.survivor, None)?, told(&done.told, by));
            // It goes on from what the first change of this commit leaves.
            commit.opens.push(write.continuing(commit.seq + 1));
            commit.unlinks.push(Link { crm: id, to: record.id });
        }
        Row::Record(record) => {
            commit.writes.push(replaced(record, &done.survivor, &done.told, by)?);
            commit.opens.push(OpenWrite::replace(alias, pack(&done.gone, None)?, told(&done.gone_told, by)));
        }
        Row::Open(open) => {
            commit.opens.push(OpenWrite::replace(open, pack(&done.survivor, None)?, told(&done.told, by)));
            commit.opens.push(OpenWrite::replace(alias, pack(&done.gone, None)?, told(&done.gone_told, by)));
        }
    }
    Ok(commit)
}

/// Takes a contact of the CRM and its partner apart. Asked again, it changes nothing. `revision` is that of the one that
/// was shown, if the caller says.
pub async fn unlink(
    services: &Services,
    tenant: &Tenant,
    crm_id: &str,
    revision: Option<u64>,
    by: By<'_>,
) -> Result<Entry, PeopleError> {
    for n in 1..=ATTEMPTS {
        let now = services.clock.now();
        let row = row_by_crm(tenant, Object::Contacts, crm_id).await?.ok_or(EditError::NotFound)?;
        let entry = entry_of_row(&row)?;
        if let Some(merged) = &entry.merged {
            return Err(EditError::Merged { into: merged.into.clone() }.into());
        }
        if entry.is_unlinked() && entry.crm_deleted_at.is_none() {
            return Ok(entry);
        }
        if revision.is_some_and(|revision| revision != entry.revision) {
            return Err(PeopleError::Moved);
        }
        let apart = contacts::unlink(tenant.id(), &entry, by.actor, now)?;
        let Row::Record(record) = &row else { return Err(ApartError::NotLinked.into()) };
        let mut commit = begun(tenant).await?;
        commit.writes.push(replaced(record, &apart.record, &apart.record_told, by)?);
        let write = OpenWrite::create(apart.open.id, pack(&apart.open, None)?, told(&apart.open_told, by));
        // It goes on from what the first change of this commit leaves.
        commit.opens.push(write.continuing(commit.seq + 1));
        commit.unlinks.push(Link { crm: apart.open.id, to: record.id });
        if write_all(tenant, &commit, now).await? {
            return Ok(apart.open);
        }
        pause(n).await;
    }
    Err(EditError::Contended.into())
}

/// Joins a contact of the CRM with a partner that is nobody's. A contact that the CRM no longer had, because the two were
/// taken apart when it was deleted, begins with what the ERP has. Asked again, it changes nothing.
pub async fn link(
    services: &Services,
    tenant: &Tenant,
    crm_id: &str,
    record: RecordId,
    by: By<'_>,
) -> Result<Entry, PeopleError> {
    for n in 1..=ATTEMPTS {
        let now = services.clock.now();
        let done = match row_by_crm(tenant, Object::Contacts, crm_id).await? {
            None => take_up(tenant, crm_id, record, by, now).await?,
            Some(Row::Open(open)) => join(tenant, &open, record, None, by, now).await?,
            Some(Row::Record(stored)) if stored.id == record => Some(entry_of_row(&Row::Record(stored))?),
            Some(Row::Record(_)) => return Err(EditError::LinkedElsewhere.into()),
        };
        if let Some(entry) = done {
            return Ok(entry);
        }
        pause(n).await;
    }
    Err(EditError::Contended.into())
}

/// Joins an open record with one of the ERP. `ours` is what the CRM has, when it says so with the request. `None` when
/// somebody else wrote meanwhile: look again.
pub(super) async fn join(
    tenant: &Tenant,
    open: &Open,
    record: RecordId,
    ours: Option<&Fields>,
    by: By<'_>,
    now: Timestamp,
) -> Result<Option<Entry>, EditError> {
    let entry = entry_of_open(open)?;
    if let Some(merged) = &entry.merged {
        return Err(EditError::Merged { into: merged.into.clone() });
    }
    if entry.intent.is_some() {
        return Err(EditError::Busy);
    }
    if entry.crm_deleted_at.is_some() {
        return Err(EditError::Refused(sync::twoway::Refusal::Deleted));
    }
    let (stored, known) = free(tenant, record).await?;
    let settings = settings(tenant).await?.of(record.object());
    let (joined, change) = contacts::link_to(&entry, ours.unwrap_or(&entry.crm), &known, &settings, now);
    let mut commit = begun(tenant).await?;
    let write = RecordWrite::replace(&stored, stored.record.to_bytes(), told(&change, by)).taken_over_by(open);
    commit.writes.push(write.with_two_way(Some(pack(&joined, Some(&stored.record))?)));
    commit.closes.push(open.into());
    commit.links.push(Link { crm: open.id, to: record });
    Ok(write_all(tenant, &commit, now).await?.then_some(joined))
}

/// A contact that the CRM has no record of here takes up what the ERP has.
async fn take_up(
    tenant: &Tenant,
    crm_id: &str,
    record: RecordId,
    by: By<'_>,
    now: Timestamp,
) -> Result<Option<Entry>, EditError> {
    let (stored, known) = free(tenant, record).await?;
    let settings = settings(tenant).await?.of(record.object());
    let ours = known.in_erp_names();
    let (entry, change) = sync::twoway::claim(&known, crm_id.to_owned(), ours, &settings, now);
    let mut commit = begun(tenant).await?;
    commit.writes.push(replaced(&stored, &entry, &change, by)?);
    commit.links.push(Link { crm: RecordId::for_crm(tenant.id(), record.object(), crm_id), to: record });
    Ok(write_all(tenant, &commit, now).await?.then_some(entry))
}

/// A record that the ERP has and no record of the CRM.
async fn free(tenant: &Tenant, record: RecordId) -> Result<(Box<Stored>, Entry), EditError> {
    let row = tenant.row(record).await?;
    let Some(Row::Record(stored)) = row.filter(|row| matches!(row, Row::Record(s) if s.missing_since.is_none())) else {
        return Err(EditError::NotFound);
    };
    let known = super::rows::entry_of(&stored)?;
    match known.crm_id.clone() {
        Some(crm_id) => Err(EditError::LinkTaken { crm_id }),
        None if known.erp_id.is_none() => Err(EditError::NotFound),
        None => Ok((stored, known)),
    }
}

async fn begun(tenant: &Tenant) -> Result<Commit<'static>, StoreError> {
    let mut commit = Commit::unleased();
    commit.seq = tenant.seq().await?;
    Ok(commit)
}

fn told(change: &Change, by: By<'_>) -> store::NewChange {
    let mut told = new_change(change, by.actor, None);
    told.event = by.request.map(str::to_owned);
    told
}

fn replaced(stored: &Stored, entry: &Entry, change: &Change, by: By<'_>) -> Result<RecordWrite, StoreError> {
    let write = RecordWrite::replace(stored, stored.record.to_bytes(), told(change, by)).still_missing(stored);
    Ok(write.with_two_way(Some(pack(entry, Some(&stored.record))?)))
}

/// Writes it. `false` when somebody else wrote meanwhile, or nobody can say: look again.
async fn write_all(tenant: &Tenant, commit: &Commit<'_>, now: Timestamp) -> Result<bool, EditError> {
    match tenant.commit(commit, now).await {
        Ok(_) => Ok(true),
        Err(CommitError::SeqMoved | CommitError::RecordMoved(_) | CommitError::Store(StoreError::Unavailable(_))) => {
            Ok(false)
        }
        Err(CommitError::Store(error)) => Err(error.into()),
        Err(CommitError::TooLarge) => Err(StoreError::TooLarge.into()),
        Err(_) => Err(EditError::Contended),
    }
}
