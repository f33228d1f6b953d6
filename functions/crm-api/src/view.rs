//! What is stored, in the form that the API shows. Serialised from borrowed values, without a copy in between.

use domain::{Contact, Counts, Document, Object, Product, Record, RecordId, Run, RunError, RunId, Stock};
use jiff::Timestamp;
use runtime::Language;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Connection, ConnectionState, Stored};

/// A record: what we know of it, then its own fields.
#[derive(Serialize)]
pub(crate) struct RecordView<'a> {
    id: RecordId,
    version: u64,
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_since: Option<Timestamp>,
    #[serde(flatten)]
    fields: Fields<'a>,
}

/// The record's own fields, the ERP's id among them.
#[derive(Serialize)]
#[serde(untagged)]
enum Fields<'a> {
    Contact(&'a Contact),
    Product(&'a Product),
    Stock(&'a Stock),
    Document(&'a Document),
}

impl<'a> From<&'a Stored> for RecordView<'a> {
    fn from(stored: &'a Stored) -> Self {
        Self::new(stored.id, stored.version, stored.updated_at, stored.missing_since, &stored.record)
    }
}

impl<'a> RecordView<'a> {
    /// A record with what we know of it.
    pub(crate) const fn new(
        id: RecordId,
        version: u64,
        updated_at: Timestamp,
        missing_since: Option<Timestamp>,
        record: &'a Record,
    ) -> Self {
        let fields = match record {
            Record::Contact(c) => Fields::Contact(c),
            Record::Product(p) => Fields::Product(p),
            Record::Stock(s) => Fields::Stock(s),
            Record::Document(d) => Fields::Document(d),
        };
        Self { id, version, updated_at, missing_since, fields }
    }
}

/// A part of a list.
#[derive(Serialize)]
pub(crate) struct PageView<T> {
    pub(crate) data: Vec<T>,
    pub(crate) next_cursor: Option<String>,
    pub(crate) has_more: bool,
}

impl<T> PageView<T> {
    /// A part, and the cursor behind it if there is more.
    pub(crate) fn new(data: Vec<T>, next_cursor: Option<String>) -> Self {
        Self { has_more: next_cursor.is_some(), data, next_cursor }
    }
}

/// A run.
#[derive(Serialize)]
pub(crate) struct RunView<'a> {
    id: RunId,
    mode: domain::Mode,
    trigger: domain::Trigger,
    state: domain::RunState,
    objects: &'a [Object],
    processed: u64,
    total: Option<u64>,
    counts: &'a BTreeMap<Object, Counts>,
    requested_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView<'a>>,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Object>,
    retryable: bool,
}

impl<'a> RunView<'a> {
    /// A run, with texts in a language.
    pub(crate) fn new(run: &'a Run, language: Language) -> Self {
        let error = run.error.as_ref().map(|RunError { code, message, object, retryable }| ErrorView {
            code,
            message,
            remedy: remedy(code, language),
            object: *object,
            retryable: *retryable,
        });
        Self {
            id: run.id,
            mode: run.mode,
            trigger: run.trigger,
            state: run.state,
            objects: &run.objects,
            processed: run.counts.values().map(|c| c.read).sum(),
            total: total(run),
            counts: &run.counts,
            requested_at: run.requested_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
            error,
        }
    }
}

/// How many records there are to read, once it is known of every object type.
fn total(run: &Run) -> Option<u64> {
    run.objects.iter().map(|o| run.counts.get(o)?.total).sum()
}

fn remedy(code: &str, language: Language) -> Option<&'static str> {
    runtime::catalogue::describe(code, language).map(|text| text.remedy)
}

/// A connection. It holds no secret.
#[derive(Serialize)]
pub(crate) struct ConnectionView<'a> {
    company_id: &'a str,
    base_url: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_remedy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erp_away_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_url: Option<String>,
    cadence: &'a BTreeMap<Object, domain::Cadence>,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> ConnectionView<'a> {
    /// A connection, with texts in a language; with its webhook's address for those who may know `webhook_base`.
    pub(crate) fn new(connection: &'a Connection, language: Language, webhook_base: Option<&str>) -> Self {
        let paused_code = match &connection.state {
            ConnectionState::Connected => None,
            ConnectionState::Paused { code } => Some(code.as_str()),
        };
        Self {
            company_id: &connection.company_id,
            base_url: &connection.base_url,
            state: if paused_code.is_some() { "paused" } else { "connected" },
            paused_code,
            paused_remedy: paused_code.and_then(|code| remedy(code, language)),
            erp_away_until: None,
            webhook_url: webhook_base.map(|base| format!("{base}/w/{}", connection.endpoint_id)),
            cadence: &connection.cadence,
            version: connection.version,
            created_at: connection.created_at,
            updated_at: connection.updated_at,
        }
    }

    /// The same, saying that the ERP is away and when it is asked again.
    pub(crate) fn away_until(self, erp_away_until: Option<Timestamp>) -> Self {
        Self { erp_away_until, ..self }
    }
}

/// A connection that was saved.
#[derive(Serialize)]
pub(crate) struct SavedView<'a> {
    pub(crate) connection: ConnectionView<'a>,
    pub(crate) first_run: Option<RunView<'a>>,
}
