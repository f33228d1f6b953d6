//! What the ERP makes for a document when it is asked: its printed form, the proof that it was delivered.
//!
//! Decides when what was made once still holds (as long as the record has the
//! same version) and how long a caller waits: a form that takes longer than that
//! is made by the ERP in the background and asked for by its token, at most once
//! in ten seconds, whoever asks.

use bytes::Bytes;
use domain::file::{FileKind, judge, name_for};
use domain::{BlobHash, Object, PrintLanguage, RecordId, Settings};
use erp::client::{ReportProgress, ReportQuery};
use erp::{Client, ErpError, download};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;
use store::{StoreError, Tenant};

use super::{File, FilesError, Found, blobs, client, document, downloader, read};
use crate::Services;

/// How long a caller waits for a form before the ERP makes it in the background.
pub const PATIENCE: Duration = Duration::from_secs(12);
/// How often the ERP tells how far a form is.
const BETWEEN: SignedDuration = SignedDuration::from_secs(10);
/// After this a form that is still not made is asked for anew.
const GIVEN_UP: SignedDuration = SignedDuration::from_mins(30);
/// The field of an order that holds its tracking number.
const TRACKING: &str = "tracking_number";
/// The longest tracking code.
const LONGEST_CODE: usize = 100;

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// Here it is.
    Ready(File),
    /// It is being made.
    Later {
        /// After how many seconds to ask again.
        seconds: u32,
    },
}

/// A form that was made, or is being made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Form {
    /// The version of the record that it is of.
    of_version: u64,
    /// The report that makes it; zero for what is no report.
    report: u32,
    /// What was made.
    made: Option<MadeOnce>,
    /// What is being made.
    job: Option<Job>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MadeOnce {
    hash: BlobHash,
    size: u64,
    kind: FileKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Job {
    token: String,
    started_at: Timestamp,
    asked_at: Timestamp,
}

/// What is to be made: where it is noted and from what.
struct Wanted<'a> {
    services: &'a Services,
    tenant: &'a Tenant,
    id: RecordId,
    row: String,
    of_version: u64,
    report: u32,
    name: String,
}

/// The printed form of an invoice or a credit note. `patience` is how long this call may wait for it.
pub async fn pdf(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    language: Option<PrintLanguage>,
    patience: Duration,
) -> Result<Made, FilesError> {
    let Found { stored, document } = document(tenant, id).await?;
    let language = language.unwrap_or(PrintLanguage::of(document.kind));
    let settings = tenant.settings().await?.unwrap_or_else(Settings::standard);
    let report = settings.report(document.kind, language);
    let report = report.ok_or(FilesError::NoReport("only invoices and credit notes are printed"))?;
    let wanted = Wanted {
        services,
        tenant,
        id,
        row: format!("MADE#PDF#{}", language.name()),
        of_version: stored.version,
        report,
        name: document.number.as_str().to_owned(),
    };
    let (form, version) = wanted.load().await?;
    if let Some(file) = wanted.kept(form.as_ref()).await? {
        return Ok(Made::Ready(file));
    }
    let client = client(services, tenant).await?;
    let now = services.clock.now();
    if let Some(job) = form.and_then(|form| form.job).filter(|job| now.duration_since(job.started_at) < GIVEN_UP) {
        return wanted.go_on(&client, job, version).await;
    }
    let query = ReportQuery { report_id: report, document: Some(document.erp_id), params: Vec::new() };
    if !patience.is_zero() {
        if let Ok(bytes) = tokio::time::timeout(patience, client.report(&query)).await {
            return wanted.keep_pdf(bytes.map_err(no_report)?.into(), None).await.map(Made::Ready);
        }
        tracing::info!("a form takes longer than its caller waits");
    }
    let token = client.start_report(&query).await.map_err(no_report)?;
    let job = Job { token, started_at: now, asked_at: services.clock.now() };
    wanted.note(version, None, Some(job)).await?;
    Ok(Made::Later { seconds: seconds(BETWEEN) })
}

/// The proof of delivery of an order's parcel: the one that the order names, or `tracking_code`.
pub async fn proof_of_delivery(
    services: &Services,
    tenant: &Tenant,
    id: RecordId,
    tracking_code: Option<&str>,
) -> Result<File, FilesError> {
    let Found { stored, document } = document(tenant, id).await?;
    if document.kind.object() != Object::Orders {
        return Err(FilesError::NoProof("only orders are delivered"));
    }
    let order = document.buyer_order.as_ref().ok_or(FilesError::NoProof("the order has no number of the customer"))?;
    let code = tracking_code.or_else(|| document.extra.get(TRACKING).map(domain::Text::as_str));
    let code = code.map(str::trim).filter(|code| !code.is_empty() && code.len() <= LONGEST_CODE);
    let code = code.ok_or(FilesError::NoProof("the order has no tracking number"))?;
    let wanted = Wanted {
        services,
        tenant,
        id,
        row: format!("MADE#PROOF#{}", BlobHash::of(code.as_bytes())),
        of_version: stored.version,
        report: 0,
        name: format!("{} {code}", document.number.as_str()),
    };
    let (form, version) = wanted.load().await?;
    if let Some(file) = wanted.kept(form.as_ref()).await? {
        return Ok(file);
    }
    let answer = client(services, tenant).await?.proof_of_delivery(order.as_str(), code).await;
    let bytes = answer.map_err(|error| match error {
        ErpError::NotFound { .. } | ErpError::Application { .. } | ErpError::Invalid { .. } => {
            FilesError::NoProof("the ERP has none for this parcel")
        }
        other => other.into(),
    })?;
    let kind = judge(None, &bytes)?;
    if !matches!(kind, FileKind::Pdf | FileKind::Png | FileKind::Jpeg | FileKind::Tiff | FileKind::Gif) {
        return Err(FilesError::NoProof("what the ERP sent is no document and no picture"));
    }
    wanted.keep(version, bytes.into(), kind).await
}

impl Wanted<'_> {
    /// What is noted, when it is of this version and report, and the version of the row.
    async fn load(&self) -> Result<(Option<Form>, u64), StoreError> {
        let Some(row) = self.tenant.file_row(self.id, &self.row).await? else { return Ok((None, 0)) };
        let form: Form = read(&row)?;
        let holds = form.of_version == self.of_version && form.report == self.report;
        Ok((holds.then_some(form), row.version))
    }

    fn file(&self, made: MadeOnce) -> File {
        File { name: name_for(Some(&self.name), made.kind), kind: made.kind, hash: made.hash, size: made.size }
    }

    /// What was made, while its bytes are there.
    async fn kept(&self, form: Option<&Form>) -> Result<Option<File>, FilesError> {
        let Some(made) = form.and_then(|form| form.made) else { return Ok(None) };
        let is_there = blobs(self.services, self.tenant).exists(made.hash).await?;
        Ok(is_there.then(|| self.file(made)))
    }

    /// Notes how far it is. Two that ask at once are one: the second sees the first one's row the next time.
    async fn note(&self, version: u64, made: Option<MadeOnce>, job: Option<Job>) -> Result<bool, StoreError> {
        let form = Form { of_version: self.of_version, report: self.report, made, job };
        let bytes = serde_json::to_vec(&form).map_err(|_| StoreError::Corrupt { what: "file row" })?;
        match self.tenant.put_file_row(self.id, &self.row, version, &bytes).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Asks how far it is, if that may be asked now, and fetches what is made.
    async fn go_on(&self, client: &Client, job: Job, version: u64) -> Result<Made, FilesError> {
        let now = self.services.clock.now();
        let wait = BETWEEN - now.duration_since(job.asked_at);
        if wait.is_positive() {
            return Ok(Made::Later { seconds: seconds(wait) });
        }
        // Noted before it is asked, so that of two callers one asks.
        let next = Job { asked_at: now, ..job.clone() };
        if !self.note(version, None, Some(next)).await? {
            return Ok(Made::Later { seconds: seconds(BETWEEN) });
        }
        let url = match client.report_progress(self.report, &job.token).await {
            Ok(ReportProgress::Making) => return Ok(Made::Later { seconds: seconds(BETWEEN) }),
            Ok(ReportProgress::Ready { url }) => url,
            Err(ErpError::NotFound { .. }) => {
                // The token's day is over: the next caller has it made anew.
                self.note(version + 1, None, None).await?;
                return Ok(Made::Later { seconds: 1 });
            }
            Err(error) => return Err(no_report(error)),
        };
        let hosts: BTreeSet<String> = download::host_of(&url).into_iter().collect();
        match downloader(self.services)?.fetch(&url, &hosts).await {
            Ok(got) => self.keep_pdf(got.bytes.into(), Some(version + 1)).await.map(Made::Ready),
            Err(error) => {
                if matches!(error, erp::DownloadError::Refused(_)) {
                    self.note(version + 1, None, None).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Keeps what is a PDF by its bytes, and nothing else.
    async fn keep_pdf(&self, bytes: Bytes, version: Option<u64>) -> Result<File, FilesError> {
        if judge(None, &bytes)? != FileKind::Pdf {
            return Err(FilesError::NoReport("what the ERP sent is no PDF"));
        }
        let version = match version {
            Some(version) => version,
            None => self.load().await?.1,
        };
        self.keep(version, bytes, FileKind::Pdf).await
    }

    async fn keep(&self, version: u64, bytes: Bytes, kind: FileKind) -> Result<File, FilesError> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let hash = blobs(self.services, self.tenant).put(bytes).await?;
        let made = MadeOnce { hash, size, kind };
        self.note(version, Some(made), None).await?;
        Ok(self.file(made))
    }
}

fn no_report(error: ErpError) -> FilesError {
    match error {
        ErpError::NotFound { .. } | ErpError::Application { .. } | ErpError::Invalid { .. } => {
            FilesError::NoReport("the ERP does not print it")
        }
        other => other.into(),
    }
}

fn seconds(wait: SignedDuration) -> u32 {
    u32::try_from(wait.as_secs().max(1)).unwrap_or(1)
}
