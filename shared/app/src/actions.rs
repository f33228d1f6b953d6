//! Actions on documents: asked for by the CRM, carried out by the worker.
//!
//! Decides nothing about them: `domain::transition` says what a document allows,
//! `sync::action` what is sent and what a lost answer means.

mod act;

use domain::day::day_of;
use domain::transition::{self, Barred, Transition};
use domain::{ActionId, BlobHash, Deed, Document, FileRefusal, Record, RecordId};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use store::{ActionRow, ConnectionState, Row, StoreError, Stored, Tenant};
use sync::action::Action;
use thiserror::Error;

use crate::Services;
use crate::files::{FilesError, attached::keep_of_crm};
use crate::twoway::edit::{By, settings, wake};
use crate::twoway::rows::entry_of;

/// How many of a document's actions are shown, the newest first.
const SHOWN: usize = 50;
/// So long a request that comes again is the same one.
const REPEATED: SignedDuration = SignedDuration::from_hours(24);

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The deed; of an attachment, what `file` says is filled in.
    pub deed: Deed,
    /// The bytes of the file to attach.
    pub file: Option<Vec<u8>>,
    /// What the request is known by when it comes again.
    pub key: Option<String>,
}

/// Why an action is not taken.
#[derive(Debug, Error)]
pub enum ActionError {
    /// There is no such document.
    #[error("there is no such document")]
    NotFound,
    /// The ERP no longer has it, or it is deleted.
    #[error("the ERP no longer has the document")]
    Missing,
    /// Nothing may be written.
    #[error("the tenant is read-only")]
    ReadOnly,
    /// No company is connected.
    #[error("no ERP company is connected")]
    NoConnection,
    /// The connection is paused.
    #[error("the connection is paused")]
    Paused,
    /// The document or the inputs do not allow it.
    #[error("{}", .0.reason)]
    Barred(Barred),
    /// The same is under way.
    #[error("the same action is under way as {0}")]
    UnderWay(ActionId),
    /// The file is not one that is taken.
    #[error(transparent)]
    File(FileRefusal),
    /// The file could not be kept.
    #[error(transparent)]
    Files(Box<FilesError>),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a document allows, and what was done.
#[derive(Clone, Debug, PartialEq)]
pub struct OfDocument {
    /// What it allows now, as it was last read.
    pub allowed: Vec<&'static Transition>,
    /// The last actions, the newest first.
    pub actions: Vec<Action>,
}

/// Asks for an action. It is kept when this returns, and the worker knows of it.
pub async fn request(
    services: &Services,
    tenant: &Tenant,
    document: RecordId,
    ask: Ask,
    by: By<'_>,
) -> Result<Action, ActionError> {
    let now = services.clock.now();
    let request = ask.key.as_deref().map(|key| hex(&Sha256::digest(key.as_bytes())));
    if let Some(request) = &request
        && let Some(row) = tenant.action_of_request(document, request).await?
    {
        let action = action_of(&row)?;
        if now.duration_since(action.at) < REPEATED {
            wake(services, tenant).await;
            return Ok(action);
        }
    }
    let file = ask.file.unwrap_or_default();
    let deed = with_file(ask.deed, &file);
    let stored = check(services, tenant, document, &deed).await?;
    let read = as_document(&stored)?;
    let id = services.action_id();
    let planned = Action::planned(id, document, (read.kind, read.erp_id), deed, by.actor.to_owned(), now);
    let action = Action { version: 1, ..planned };
    if let Deed::Attachment { file_name, .. } = &action.deed {
        // Kept before the action, so that whoever does it finds the bytes; and known when the ERP shows them.
        let kept = keep_of_crm(services, tenant, document, file_name.as_str(), None, file.into()).await;
        kept.map_err(|error| match error {
            FilesError::Refused(why) => ActionError::File(why),
            FilesError::Store(error) => ActionError::Store(error),
            other => ActionError::Files(Box::new(other)),
        })?;
    }
    tenant.keep_action(&row_of(&action, request)?).await?;
    wake(services, tenant).await;
    Ok(action)
}

/// Whether a deed would be taken now, with the document that it is about. Nothing is written.
pub async fn check(
    services: &Services,
    tenant: &Tenant,
    document: RecordId,
    deed: &Deed,
) -> Result<Stored, ActionError> {
    let stored = found(tenant, document).await?;
    may_write(tenant).await?;
    let today = day_of(services.clock.now());
    transition::check(as_document(&stored)?, deed, today).map_err(ActionError::Barred)?;
    for other in tenant.actions_of(document, SHOWN).await? {
        let other = action_of(&other)?;
        if !other.is_over() && other.deed == *deed {
            return Err(ActionError::UnderWay(other.id));
        }
    }
    Ok(stored)
}

/// What a document allows and what was done to it.
pub async fn of_document(tenant: &Tenant, document: RecordId) -> Result<OfDocument, ActionError> {
    let stored = found(tenant, document).await;
    let allowed = match &stored {
        Ok(stored) => {
            let read = as_document(stored)?;
            transition::allowed(read.kind, &read.status).collect()
        }
        Err(ActionError::Missing) => Vec::new(),
        Err(_) => return Err(stored.err().unwrap_or(ActionError::NotFound)),
    };
    let rows = tenant.actions_of(document, SHOWN).await?;
    Ok(OfDocument { allowed, actions: rows.iter().map(action_of).collect::<Result<_, _>>()? })
}

/// An action by its id.
pub async fn get(tenant: &Tenant, id: ActionId) -> Result<Option<Action>, StoreError> {
    tenant.action(id).await?.as_ref().map(action_of).transpose()
}

async fn may_write(tenant: &Tenant) -> Result<(), ActionError> {
    let connection = tenant.connection().await?.ok_or(ActionError::NoConnection)?;
    if matches!(connection.state, ConnectionState::Paused { .. }) {
        return Err(ActionError::Paused);
    }
    if settings(tenant).await?.read_only { Err(ActionError::ReadOnly) } else { Ok(()) }
}

/// A document that the ERP has.
async fn found(tenant: &Tenant, document: RecordId) -> Result<Stored, ActionError> {
    let Some(Row::Record(stored)) = tenant.row(document).await? else { return Err(ActionError::NotFound) };
    let entry = entry_of(&stored)?;
    let is_gone = stored.missing_since.is_some() || entry.erp_id.is_none();
    if is_gone || entry.archived_at.is_some() || entry.crm_deleted_at.is_some() {
        return Err(ActionError::Missing);
    }
    Ok(*stored)
}

fn as_document(stored: &Stored) -> Result<&Document, ActionError> {
    match &stored.record {
        Record::Document(document) => Ok(document),
        _ => Err(ActionError::NotFound),
    }
}

/// The deed with what is known of its file.
fn with_file(deed: Deed, file: &[u8]) -> Deed {
    match deed {
        Deed::Attachment { file_name, .. } => {
            let bytes = u32::try_from(file.len()).unwrap_or(u32::MAX);
            Deed::Attachment { file_name, bytes, hash: BlobHash::of(file).to_string() }
        }
        deed => deed,
    }
}

/// An action as it lies in the table.
pub(crate) fn row_of(action: &Action, request: Option<String>) -> Result<ActionRow, StoreError> {
    let bytes = serde_json::to_vec(action).map_err(|_| StoreError::Corrupt { what: "action" })?;
    let (id, document, version, due) = (action.id, action.document, action.version, action.due);
    Ok(ActionRow { id, document, version, due, request, bytes })
}

/// The action that a row says.
pub(crate) fn action_of(row: &ActionRow) -> Result<Action, StoreError> {
    let action: Action = serde_json::from_slice(&row.bytes).map_err(|_| StoreError::Corrupt { what: "action" })?;
    Ok(Action { version: row.version, due: row.due, ..action })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// When the first action is due, up to `horizon`.
pub(crate) async fn next_due(tenant: &Tenant, horizon: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    Ok(tenant.due_actions(horizon, 1).await?.first().map(|(at, _)| *at))
}
