//! What the CRM does to a record: put it, delete it, take it back, settle a conflict, say which partner it is.
//!
//! Decides nothing about values: the engine does. Each request is one
//! transaction, conditional on the row as it was read; whoever comes second
//! looks again. Sending a request twice changes nothing the second time.

use cloud::{Work, WorkMessage};
use domain::change::ChangeKind;
use domain::fields::{PieceError, field_of, missing_to_create};
use domain::{Fields, Object, ObjectSettings, RecordId, Settings};
use jiff::Timestamp;
use std::time::Duration;
use store::{ByCrm, Commit, CommitError, Link, OpenWrite, RecordWrite, Row, StoreError, Tenant};
use sync::contacts::let_go;
use sync::guard::RestoreError;
use sync::twoway::{
    Change, CrmEdit, Decision, Entry, NotDecided, Refusal, Winner, accept, claim, decide, delete_by_crm, restore,
    settle_conflict,
};
use thiserror::Error;

use super::people;
use super::references::{followed, resolve, tell};
use super::rows::{entry_of_row, pack};
use super::seen::{FURTHEST, Unseen, seen};
use super::visit::new_change;
use crate::Services;

/// How often a request looks again because somebody else wrote meanwhile.
pub(super) const ATTEMPTS: usize = 12;

/// Who asks: the user or the key of the CRM, and the request.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// Who.
    pub actor: &'a str,
    /// The request's id.
    pub request: Option<&'a str>,
}

/// The CRM's whole value of a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Put {
    /// The value.
    pub fields: Fields,
    /// The revision that it was made on.
    pub revision: Option<u64>,
    /// The record of the ERP that it is.
    pub record: Option<RecordId>,
    /// When the CRM's user made it.
    pub edited_at: Option<Timestamp>,
}

/// A record after a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Both sides of it.
    pub entry: Entry,
    /// It was new.
    pub created: bool,
}

/// Why a request changed nothing.
#[derive(Debug, Error)]
pub enum EditError {
    /// A piece is not of the form that it must have.
    #[error(transparent)]
    Piece(#[from] PieceError),
    /// A new record lacks these pieces.
    #[error("a new record needs {}", .0.join(", "))]
    Incomplete(Vec<&'static str>),
    /// A new record of this type is made by an action on another record, never by itself.
    #[error("{0} are made by an action on the document that they are about")]
    MadeByAction(Object),
    /// The engine refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The revision is of a time that is no longer looked at.
    #[error("the revision is more than {FURTHEST} changes old")]
    TooOld,
    /// The record never had that revision.
    #[error("the record never had that revision")]
    NeverSeen,
    /// No such record.
    #[error("there is no such record")]
    NotFound,
    /// The record of the ERP is linked to another record of the CRM.
    #[error("the record is linked to {crm_id} already")]
    LinkTaken {
        /// The other one.
        crm_id: String,
    },
    /// This record of the CRM is linked to another record of the ERP.
    #[error("the CRM's record is linked to another record already")]
    LinkedElsewhere,
    /// An entry of a list that is named as the ERP names its own.
    #[error("{0}: a name of digits is the ERP's; use one with a letter")]
    NameOfErp(String),
    /// It went into another record of the CRM.
    #[error("the record was merged into {into}")]
    Merged {
        /// The one that it went into.
        into: String,
    },
    /// A write of it to the ERP is under way. Trying again helps.
    #[error("a write of the record to the ERP is under way")]
    Busy,
    /// The two were taken apart when the record was deleted.
    #[error("the two records were taken apart")]
    TakenApart,
    /// There is no conflict about this piece.
    #[error("there is no conflict about {0}")]
    NoConflict(String),
    /// A person's word about candidates does not fit what waits.
    #[error(transparent)]
    NotDecided(#[from] NotDecided),
    /// Its time is over.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Others kept writing. Trying again helps.
    #[error("others kept changing the record")]
    Contended,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The pieces of `fields` that differ from the last answer are taken; a record that is not known is new.
pub async fn put(
    services: &Services,
    tenant: &Tenant,
    object: Object,
    crm_id: &str,
    put: &Put,
    by: By<'_>,
) -> Result<Held, EditError> {
    let fields = resolve(tenant, put.fields.canonical(object)?).await?;
    let settings = settings(tenant).await?;
    let put = Put { fields, ..put.clone() };
    for n in 1..=ATTEMPTS {
        let now = services.clock.now();
        let crm = RecordId::for_crm(tenant.id(), object, crm_id);
        let step = match (tenant.find_by_crm(crm).await?, put.record) {
            // A later edit of something that is gone, not a new record.
            (None, None) if put.revision.is_some() => return Err(EditError::NeverSeen),
            (None, None) => create(tenant, object, crm_id, &put, &settings, now)?,
            (None, Some(record)) if record.object() != object => return Err(EditError::NotFound),
            (None, Some(record)) => link(tenant, record, crm_id, &put, &settings, now).await?,
            (Some(ByCrm::Open(open)), Some(record)) => {
                if put.revision.is_some_and(|revision| revision != open.two_way.revision) {
                    return Err(EditError::NeverSeen);
                }
                match people::join(tenant, &open, record, Some(&put.fields), by, now).await? {
                    Some(entry) => return Ok(Held { entry, created: false }),
                    None => continue,
                }
            }
            (Some(ByCrm::Linked(id)), Some(record)) if id != record => return Err(EditError::LinkedElsewhere),
            (Some(ByCrm::Open(open)), None) => update(tenant, Row::Open(open), &put, &settings, now).await?,
            (Some(ByCrm::Linked(id)), _) => {
                let Some(row) = tenant.row(id).await? else { continue };
                update(tenant, row, &put, &settings, now).await?
            }
        };
        if let Some(held) = step.write(tenant, by, now).await? {
            return Ok(held);
        }
        pause(n).await;
    }
    Err(EditError::Contended)
}

/// The CRM deleted the record.
pub async fn delete(
    services: &Services,
    tenant: &Tenant,
    object: Object,
    crm_id: &str,
    by: By<'_>,
) -> Result<Held, EditError> {
    change_one(services, tenant, Which::Crm(object, crm_id), by, |entry, now| Ok(delete_by_crm(entry, now))).await
}

/// Takes a deleted or archived record back, within 30 days.
pub async fn take_back(services: &Services, tenant: &Tenant, id: RecordId, by: By<'_>) -> Result<Held, EditError> {
    change_one(services, tenant, Which::Record(id), by, |entry, now| {
        let change = restore(entry, now)?;
        if entry.crm_id.is_none() && change.is_some() {
            return Err(EditError::TakenApart);
        }
        Ok(change)
    })
    .await
}

/// A person says which side's value a piece has.
pub async fn settle(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    piece: &str,
    winner: Winner,
    by: By<'_>,
) -> Result<Held, EditError> {
    change_one(services, tenant, Which::Record(id), by, |entry, now| {
        let change = settle_conflict(entry, piece, winner).ok_or_else(|| EditError::NoConflict(piece.to_owned()))?;
        entry.due = Some(now);
        Ok(Some(change))
    })
    .await
}

/// What a person says about a contact that could be one of several partners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The revision that the person saw.
    pub revision: u64,
    /// Which partner it is, or none.
    pub decision: Decision,
    /// The reason that the person gives, for the history.
    pub reason: Option<String>,
}

/// A person says which partner a contact is, or that it is none of them.
pub async fn settle_match(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    word: &Word,
    by: By<'_>,
) -> Result<Held, EditError> {
    if entry(tenant, id).await?.is_none() {
        return Err(EditError::NotFound);
    }
    if let Decision::Link { erp_id } = word.decision {
        // The visit looks again; who decides is told at once.
        let theirs = entry(tenant, RecordId::for_erp(tenant.id(), id.object(), erp_id)).await?;
        if let Some(crm_id) = theirs.and_then(|theirs| theirs.crm_id) {
            return Err(EditError::LinkTaken { crm_id });
        }
    }
    change_one(services, tenant, Which::Record(id), by, |entry, now| {
        Ok(decide(entry, word.revision, &word.decision, word.reason.clone(), now)?)
    })
    .await
}

/// A person says that a record that waits for one is to be looked at again.
pub async fn look_again(services: &Services, tenant: &Tenant, id: RecordId, by: By<'_>) -> Result<Held, EditError> {
    change_one(services, tenant, Which::Record(id), by, |entry, now| {
        if let Some(change) = let_go(entry, now) {
            return Ok(Some(change));
        }
        if entry.hold.take().is_some() {
            entry.due = Some(now);
            // Told as history: who let it go on.
            return Ok(Some(Change { from: Winner::Crm, ..Change::of_erp([].into()) }));
        }
        Ok(None)
    })
    .await
}

/// A record of the CRM by the CRM's id of it.
pub async fn find(tenant: &Tenant, object: Object, crm_id: &str) -> Result<Option<Entry>, StoreError> {
    row_by_crm(tenant, object, crm_id).await?.as_ref().map(entry_of_row).transpose()
}

/// The row that the CRM's id leads to.
pub(super) async fn row_by_crm(tenant: &Tenant, object: Object, crm_id: &str) -> Result<Option<Row>, StoreError> {
    match tenant.find_by_crm(RecordId::for_crm(tenant.id(), object, crm_id)).await? {
        None => Ok(None),
        Some(ByCrm::Open(open)) => Ok(Some(Row::Open(open))),
        Some(ByCrm::Linked(id)) => tenant.row(id).await,
    }
}

/// A record by its id.
pub async fn entry(tenant: &Tenant, id: RecordId) -> Result<Option<Entry>, StoreError> {
    tenant.row(id).await?.as_ref().map(entry_of_row).transpose()
}

/// The tenant's settings; of one that never changed them, the standard ones.
pub async fn settings(tenant: &Tenant) -> Result<Settings, StoreError> {
    Ok(tenant.settings().await?.unwrap_or_else(Settings::standard))
}

/// Says that there is something to look at. Should it be lost, the schedule looks as well.
pub async fn wake(services: &Services, tenant: &Tenant) {
    let message = WorkMessage::new(tenant.id().clone(), Work::Push);
    if let Err(error) = services.queue.send(&message, Duration::ZERO).await {
        tracing::warn!(%error, "the next look is left to the schedule");
    }
}

enum Which<'a> {
    Crm(Object, &'a str),
    Record(RecordId),
}

async fn change_one(
    services: &Services,
    tenant: &Tenant,
    which: Which<'_>,
    by: By<'_>,
    change: impl Fn(&mut Entry, Timestamp) -> Result<Option<Change>, EditError>,
) -> Result<Held, EditError> {
    for _ in 0..ATTEMPTS {
        let now = services.clock.now();
        let row = match which {
            Which::Record(id) => tenant.row(id).await?,
            Which::Crm(object, crm_id) => row_by_crm(tenant, object, crm_id).await?,
        };
        let row = row.ok_or(EditError::NotFound)?;
        let mut entry = entry_of_row(&row)?;
        if let Some(merged) = &entry.merged {
            return Err(EditError::Merged { into: merged.into.clone() });
        }
        let change = change(&mut entry, now)?;
        if let Some(held) = (Step { before: Some(row), entry, change, created: false }).write(tenant, by, now).await? {
            return Ok(held);
        }
    }
    Err(EditError::Contended)
}

/// What a request makes of a record.
struct Step {
    before: Option<Row>,
    entry: Entry,
    change: Option<Change>,
    created: bool,
}

fn create(
    tenant: &Tenant,
    object: Object,
    crm_id: &str,
    put: &Put,
    settings: &Settings,
    now: Timestamp,
) -> Result<Step, EditError> {
    if !object.can_be_made() {
        return Err(EditError::MadeByAction(object));
    }
    let missing = missing_to_create(object, &put.fields);
    if !missing.is_empty() {
        return Err(EditError::Incomplete(missing));
    }
    check_names(&put.fields, &[])?;
    let id = RecordId::for_crm(tenant.id(), object, crm_id);
    let mut entry = Entry::of_crm(id, crm_id.to_owned(), Fields::default());
    let edit = CrmEdit {
        fields: put.fields.clone(),
        seen: Fields::default(),
        told_since: [].into(),
        edited_at: put.edited_at,
    };
    let change = accept(&mut entry, &edit, &settings.of(object), now)?;
    entry.revision = 1;
    let change = change.map(|c| Change { kind: ChangeKind::Added, ..c });
    Ok(Step { before: None, entry, change, created: true })
}

async fn link(
    tenant: &Tenant,
    record: RecordId,
    crm_id: &str,
    put: &Put,
    settings: &Settings,
    now: Timestamp,
) -> Result<Step, EditError> {
    let row = match tenant.row(record).await? {
        // What the ERP no longer has cannot be linked.
        Some(Row::Record(stored)) if stored.missing_since.is_none() => Row::Record(stored),
        _ => return Err(EditError::NotFound),
    };
    let known = entry_of_row(&row)?;
    check_names(&put.fields, &[&known.erp])?;
    if let Some(crm_id) = known.crm_id {
        return Err(EditError::LinkTaken { crm_id });
    }
    let settings = settings.of(record.object());
    if let Some(revision) = put.revision {
        return link_as_told(tenant, row, known, crm_id, (put, revision), &settings, now).await;
    }
    let (mut entry, change) = claim(&known, crm_id.to_owned(), put.fields.clone(), &settings, now);
    entry.crm_edited_at = put.edited_at;
    Ok(Step { before: Some(row), entry, change: Some(change), created: false })
}

/// The CRM took the record up from the feed: its value differs from what it was told at that revision where it edited it.
async fn link_as_told(
    tenant: &Tenant,
    row: Row,
    mut entry: Entry,
    crm_id: &str,
    (put, revision): (&Put, u64),
    settings: &ObjectSettings,
    now: Timestamp,
) -> Result<Step, EditError> {
    let history = if revision == entry.revision { Vec::new() } else { tenant.history(entry.id, FURTHEST).await? };
    let seen = seen(None, &entry.crm, entry.revision, Some(revision), &history).map_err(unseen)?;
    let edit = CrmEdit {
        fields: put.fields.clone(),
        seen: resolve(tenant, seen.fields).await?,
        told_since: seen.told_since,
        edited_at: put.edited_at,
    };
    entry.crm_id = Some(crm_id.to_owned());
    let before = entry.revision;
    let change = accept(&mut entry, &edit, settings, now)?;
    entry.revision = before + 1;
    let linked = Change { from: Winner::Crm, kind: ChangeKind::Linked, ..Change::of_erp([].into()) };
    let change = change.map_or(linked, |c| Change { kind: ChangeKind::Linked, ..c });
    Ok(Step { before: Some(row), entry, change: Some(change), created: false })
}

fn unseen(why: Unseen) -> EditError {
    match why {
        Unseen::TooOld => EditError::TooOld,
        Unseen::Never => EditError::NeverSeen,
    }
}

async fn update(tenant: &Tenant, row: Row, put: &Put, settings: &Settings, now: Timestamp) -> Result<Step, EditError> {
    let mut entry = entry_of_row(&row)?;
    if let Some(merged) = &entry.merged {
        return Err(EditError::Merged { into: merged.into.clone() });
    }
    let crm = resolve(tenant, entry.crm.clone()).await?;
    let moved = followed(&entry.crm, &crm);
    entry.crm = crm;
    let history =
        if put.revision == Some(entry.revision) { Vec::new() } else { tenant.history(entry.id, FURTHEST).await? };
    let seen = seen(entry.crm_id.as_deref(), &entry.crm, entry.revision, put.revision, &history).map_err(unseen)?;
    check_names(&put.fields, &[&entry.crm, &entry.erp, &seen.fields])?;
    let object = entry.id.object();
    let had = missing_to_create(object, &entry.crm);
    let lost: Vec<&str> =
        missing_to_create(object, &put.fields).into_iter().filter(|piece| !had.contains(piece)).collect();
    if !lost.is_empty() {
        return Err(EditError::Incomplete(lost));
    }
    let edit = CrmEdit {
        fields: put.fields.clone(),
        seen: resolve(tenant, seen.fields).await?,
        told_since: seen.told_since,
        edited_at: put.edited_at,
    };
    let settings = settings.of(entry.id.object());
    let mut change = accept(&mut entry, &edit, &settings, now)?;
    if change.is_some() {
        tell(&mut change, &moved, &entry.crm);
    }
    Ok(Step { before: Some(row), entry, change, created: false })
}

impl Step {
    /// Writes it. `None` when somebody else wrote meanwhile: look again.
    async fn write(self, tenant: &Tenant, by: By<'_>, now: Timestamp) -> Result<Option<Held>, EditError> {
        let Self { before, mut entry, change, created } = self;
        let Some(change) = change else { return Ok(Some(Held { entry, created })) };
        let mut told = new_change(&change, by.actor, None);
        told.event = by.request.map(str::to_owned);
        let mut commit = Commit::unleased();
        commit.seq = tenant.seq().await?;
        entry.version = before.as_ref().map_or(0, Row::version) + 1;
        match &before {
            None => commit.opens.push(OpenWrite::create(entry.id, pack(&entry, None)?, Some(told))),
            Some(Row::Open(open)) => commit.opens.push(OpenWrite::replace(open, pack(&entry, None)?, Some(told))),
            Some(Row::Record(stored)) => {
                let part = pack(&entry, Some(&stored.record))?;
                let is_new_link = stored.two_way.as_ref().is_none_or(|t| t.crm_id.is_none());
                if let Some(crm_id) = entry.crm_id.as_ref().filter(|_| is_new_link) {
                    let crm = RecordId::for_crm(tenant.id(), entry.id.object(), crm_id);
                    commit.links.push(Link { crm, to: entry.id });
                }
                let write = RecordWrite::replace(stored, stored.record.to_bytes(), Some(told))
                    .still_missing(stored)
                    .without_erp(entry.erp_id.is_none());
                commit.writes.push(write.with_two_way(Some(part)));
            }
        }
        match tenant.commit(&commit, now).await {
            Ok(_) => Ok(Some(Held { entry, created })),
            // Not written, or perhaps written: looking again tells, for a request that is repeated changes nothing.
            Err(
                CommitError::SeqMoved | CommitError::RecordMoved(_) | CommitError::Store(StoreError::Unavailable(_)),
            ) => Ok(None),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(CommitError::TooLarge) => Err(StoreError::TooLarge.into()),
            Err(_) => Err(EditError::Contended),
        }
    }
}

/// Somebody else writes as well: a moment, longer each time.
pub(super) async fn pause(attempt: usize) {
    tokio::time::sleep(Duration::from_millis(3 * attempt as u64)).await;
}

/// Entries of the CRM's own making have names of its own; digits are the ERP's.
fn check_names(fields: &Fields, known: &[&Fields]) -> Result<(), EditError> {
    let is_of_erp = |piece: &str| {
        let list = matches!(field_of(piece), "lines" | "addresses" | "persons");
        let name = piece.split_once('/').map_or("", |(_, name)| name);
        list && !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
    };
    let strange = fields
        .iter()
        .map(|(piece, _)| piece)
        .find(|piece| is_of_erp(piece) && !known.iter().any(|k| k.get(piece).is_some()));
    strange.map_or(Ok(()), |piece| Err(EditError::NameOfErp(piece.to_owned())))
}
