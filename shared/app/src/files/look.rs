//! A look at what the ERP has attached to a document, on demand and in the background.
//!
//! On demand: the ERP's change times do not say that a file was attached, so a
//! pass over all documents would read each of them again for nothing. In the
//! background: a file may take longer than a caller waits, and only the worker
//! goes to addresses that others named. One look fetches a few files and then
//! lets others go first.

use cloud::{Work, WorkMessage};
use domain::file::{clean_name, name_for};
use domain::{BlobHash, FileRefusal, RecordId};
use erp::{DownloadError, Downloader, download};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::{StoreError, Tenant};
use sync::action::{Action, FileContent, View, new_files};

use super::attached::{Attached, Fate, Kept, Origin, accept, keep, refuse, rows};
use super::{FilesError, change, client, document, downloader, read};
use crate::Services;
use crate::work::Outcome;

/// The row of a document's looks.
const ROW: &str = "LOOK";
/// The most files that one message fetches.
const FETCHES: usize = 10;
/// The most files of a document that are looked at.
const FILES: usize = 200;
/// How long after a look the next one is taken.
const BETWEEN: SignedDuration = SignedDuration::from_secs(30);
/// After this a look that was asked for is thought to be lost, and may be asked for again.
const LOST: SignedDuration = SignedDuration::from_mins(15);

/// What is known of the looks at a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Look {
    /// When one was asked for that is not over.
    asked_at: Option<Timestamp>,
    /// How many of the files it has done.
    position: usize,
    /// When the last one was over.
    looked_at: Option<Timestamp>,
    /// Why it did not see everything: a code of the catalogue.
    problem: Option<String>,
}

/// What is known of the looks at a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookView {
    /// Whether one is going on.
    pub pending: bool,
    /// When the last one was over.
    pub looked_at: Option<Timestamp>,
    /// Why it did not see everything: a code of the catalogue.
    pub problem: Option<String>,
}

impl From<Look> for LookView {
    fn from(look: Look) -> Self {
        Self { pending: look.asked_at.is_some(), looked_at: look.looked_at, problem: look.problem }
    }
}

/// What the last look at a document came to.
pub async fn looked(tenant: &Tenant, id: RecordId) -> Result<LookView, FilesError> {
    Ok(load(tenant, id).await?.into())
}

async fn load(tenant: &Tenant, id: RecordId) -> Result<Look, StoreError> {
    Ok(tenant.file_row(id, ROW).await?.as_ref().map(read).transpose()?.unwrap_or_default())
}

/// Asks for a look. One that is going on, or was over a moment ago, is not asked for again.
pub async fn ask(services: &Services, tenant: &Tenant, id: RecordId) -> Result<LookView, FilesError> {
    document(tenant, id).await?;
    tenant.connection().await?.ok_or(FilesError::NoConnection)?;
    let now = services.clock.now();
    change(tenant, id, ROW, |look: Option<Look>| {
        let look = look.unwrap_or_default();
        let runs = look.asked_at.is_some_and(|at| now.duration_since(at) < LOST);
        let is_fresh = look.asked_at.is_none() && look.looked_at.is_some_and(|at| now.duration_since(at) < BETWEEN);
        if runs || is_fresh { None } else { Some(Look { asked_at: Some(now), position: 0, ..look }) }
    })
    .await?;
    let look = load(tenant, id).await?;
    // Sent also when somebody else has asked at this moment: their message may have been lost.
    if look.asked_at.is_some() {
        let message = WorkMessage::new(tenant.id().clone(), Work::Files(id));
        services.queue.send(&message, Duration::ZERO).await?;
    }
    Ok(look.into())
}

/// Takes the look that was asked for, or a part of it. What the ERP or a file's server fails at is in the row, and not an error.
pub async fn look(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    deadline: Timestamp,
) -> Result<Outcome, FilesError> {
    let asked = load(tenant, id).await?;
    let Some(asked_at) = asked.asked_at else { return Ok(Outcome::Done) };
    let seen = match see(services, tenant, id, asked.position, deadline).await {
        Ok(seen) => seen,
        Err(FilesError::Erp(e)) => Seen::failed(e.code()),
        Err(FilesError::NoConnection) => Seen::failed("connection_missing"),
        Err(FilesError::Connection(_)) => Seen::failed("host_not_allowed"),
        Err(FilesError::NotFound) => Seen::failed("not_found"),
        Err(other) => return Err(other),
    };
    let now = services.clock.now();
    change(tenant, id, ROW, |look: Option<Look>| {
        // Another worker has done it, or it was asked for anew.
        let look = look.filter(|look| look.asked_at == Some(asked_at))?;
        let problem = seen.problem.map(str::to_owned);
        Some(match seen.next {
            Some(position) => Look { position, problem: problem.or(look.problem), ..look },
            None => Look {
                asked_at: None,
                position: 0,
                looked_at: Some(now),
                problem: problem.or(if asked.position > 0 { look.problem } else { None }),
            },
        })
    })
    .await?;
    Ok(if seen.next.is_some() { Outcome::Again } else { Outcome::Done })
}

/// What a part of a look came to.
struct Seen {
    next: Option<usize>,
    problem: Option<&'static str>,
}

impl Seen {
    const fn failed(code: &'static str) -> Self {
        Self { next: None, problem: Some(code) }
    }
}

/// An address of a file, and what it is known by.
struct Address {
    url: String,
    hash: String,
}

async fn see(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    from: usize,
    deadline: Timestamp,
) -> Result<Seen, FilesError> {
    let found = document(tenant, id).await?;
    let client = client(services, tenant).await?;
    let urls = client.attachments(found.document.kind, found.document.erp_id).await?;
    let hosts: BTreeSet<String> = urls.iter().filter_map(|url| download::host_of(url)).collect();
    let mut problem = (urls.len() > FILES).then_some("file_too_many");
    let shown: Vec<Address> = urls.into_iter().take(FILES).map(Address::of).collect();
    let known: BTreeMap<String, Attached> = by_address(rows(tenant, id).await?);
    let downloader = downloader(services)?;
    let mut fetched = 0;
    for (n, address) in shown.iter().enumerate().skip(from) {
        if is_kept(known.get(&address.hash)) {
            continue;
        }
        if fetched == FETCHES || services.clock.now() >= deadline {
            return Ok(Seen { next: Some(n), problem });
        }
        fetched += 1;
        if !fetch(services, tenant, id, address, (&downloader, &hosts)).await? {
            problem = Some("file_unavailable");
        }
    }
    note_shown(tenant, id, &shown).await?;
    Ok(Seen { next: None, problem })
}

impl Address {
    fn of(url: String) -> Self {
        let hash = blake3::hash(download::unsigned(&url).as_bytes()).to_hex();
        Self { hash: hash[..32].to_owned(), url }
    }
}

fn by_address(files: Vec<Attached>) -> BTreeMap<String, Attached> {
    files.into_iter().flat_map(|file| file.addresses.clone().into_iter().map(move |a| (a, file.clone()))).collect()
}

fn is_kept(file: Option<&Attached>) -> bool {
    file.is_some_and(|file| matches!(file.fate, Fate::Kept { .. }))
}

/// Fetches one file and notes what came of it. `false` when that is not known yet.
async fn fetch(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    address: &Address,
    (downloader, hosts): (&Downloader, &BTreeSet<String>),
) -> Result<bool, FilesError> {
    let in_path = download::name_in_path(&address.url);
    match downloader.fetch(&address.url, hosts).await {
        Ok(got) => {
            let name = name_for(got.name.or(in_path).as_deref(), got.kind);
            let kept = Kept { name, kind: got.kind, origin: Origin::Erp, address: Some(address.hash.clone()) };
            keep(services, tenant, id, kept, got.bytes.into()).await?;
            accept(tenant, id, &address.hash).await?;
            Ok(true)
        }
        Err(DownloadError::Refused(why)) => {
            let name = in_path.as_deref().and_then(clean_name).unwrap_or_else(|| "file".to_owned());
            tracing::info!(code = why.code(), "a file of the ERP is not kept");
            refuse(tenant, id, (name, &address.hash), why, services.clock.now()).await?;
            Ok(true)
        }
        Err(DownloadError::Unavailable(why)) => {
            tracing::warn!(why, "a file of the ERP could not be fetched");
            Ok(false)
        }
    }
}

/// Reads those of a document's files that came since an action was first sent: whether one is what the action attached,
/// its bytes say. One that cannot be had now stays unread.
pub(crate) async fn read_new(services: &Services, action: &Action, view: &mut View) -> Result<(), FilesError> {
    let new: BTreeSet<String> = new_files(action, view).map(|file| file.url.clone()).collect();
    if new.is_empty() {
        return Ok(());
    }
    let hosts: BTreeSet<String> = view.files.iter().filter_map(|file| download::host_of(&file.address)).collect();
    let downloader = downloader(services)?;
    for file in view.files.iter_mut().filter(|file| new.contains(&file.url)).take(FETCHES) {
        file.content = match downloader.fetch(&file.address, &hosts).await {
            Ok(got) => FileContent::Hash(BlobHash::of(&got.bytes).to_string()),
            Err(DownloadError::Refused(FileRefusal::Empty | FileRefusal::TooLarge | FileRefusal::Type)) => {
                FileContent::Foreign
            }
            // Nobody has seen its bytes.
            Err(_) => FileContent::Unread,
        };
    }
    Ok(())
}

/// Notes which files the ERP shows, and which no longer.
async fn note_shown(tenant: &Tenant, id: RecordId, shown: &[Address]) -> Result<(), StoreError> {
    let shown: BTreeSet<&str> = shown.iter().map(|address| address.hash.as_str()).collect();
    for file in rows(tenant, id).await? {
        let is_shown = file.addresses.iter().any(|a| shown.contains(a.as_str()));
        // One of the CRM's that was never shown is on its way.
        let is_new = file.in_erp.is_none() && !is_shown;
        if file.in_erp != Some(is_shown) && !is_new {
            change(tenant, id, &Attached::row(&file.id), |known: Option<Attached>| {
                known.map(|known| Attached { in_erp: Some(is_shown), ..known })
            })
            .await?;
        }
    }
    Ok(())
}
