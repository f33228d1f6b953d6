//! Files: attached to documents, and reports.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{DocumentKind, ErpId};

use super::{
    Client, ErpError,
    body::Object,
    call::{ADD_ATTACHMENT, GET_DOCUMENT, PROOF_OF_DELIVERY, REPORT, REPORT_JOB},
    documents::done,
};
use crate::{convert::At, wire};

/// A file to attach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentDraft {
    /// Its name.
    pub file_name: String,
    /// Where it comes from.
    pub content: Content,
}

/// Where a file comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// An address that the ERP can read.
    Url(String),
    /// Here it is.
    Bytes(Vec<u8>),
}

/// A report that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportQuery {
    /// The report: 38 is the invoice in Slovenian, 42 the one for abroad; a company has more.
    pub report_id: u32,
    /// The document it is about.
    pub document: Option<ErpId>,
    /// Names and values, `REPORT_TYPE` among them.
    pub params: Vec<(String, String)>,
}

/// How far a report is that was asked for by a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportProgress {
    /// It is being made.
    Making,
    /// It is at this address for 24 hours.
    Ready {
        /// Where.
        url: String,
    },
}

impl ReportQuery {
    fn write(&self, object: &mut Object<'_>) {
        object.id("mk_id", self.document);
        object.text("report_id", &self.report_id.to_string());
        object.list("params", &self.params, |object, (name, value)| {
            object.text("type", name);
            object.text("value", value);
        });
    }
}

impl Client {
    /// Attaches files to a document. Attached twice when it is sent twice.
    pub async fn add_attachments(
        &self,
        kind: DocumentKind,
        id: ErpId,
        files: &[AttachmentDraft],
    ) -> Result<(), ErpError> {
        let body = self.body(|object| {
            object.text("doc_type", kind.erp_name());
            object.id("mk_id", Some(id));
            object.list("attachment_list", files, |object, file| {
                object.text("file_name", &file.file_name);
                match &file.content {
                    Content::Url(url) => object.text("source_url", url),
                    Content::Bytes(bytes) => object.text("data_b64", &BASE64_STANDARD.encode(bytes)),
                }
            });
        });
        self.ask(&ADD_ATTACHMENT, body, done).await
    }

    /// The public addresses of a document's files, in its order. The ERP shows neither names nor ids of them.
    pub async fn attachments(&self, kind: DocumentKind, id: ErpId) -> Result<Vec<String>, ErpError> {
        let body = self.body(|object| {
            object.text("doc_type", kind.erp_name());
            object.id("doc_id", Some(id));
            object.text("show_attachments", "true");
        });
        self.ask(&GET_DOCUMENT, body, |answer| {
            let found = answer.read::<wire::Document<'_>>()?;
            if found.mk_id.raw().is_empty() {
                return Err(answer.inconsistent("a document without an id"));
            }
            let mut urls = Vec::new();
            for file in found.attachment_list.objects() {
                let url = At::Root.field("source_url", file.source_url).plain();
                let url = url.map_err(|refusal| answer.refused(refusal))?;
                urls.push(url.ok_or_else(|| answer.inconsistent("a file without an address"))?.into_owned());
            }
            Ok(urls)
        })
        .await
    }

    /// A report as the file that it is. Not as HTML: that could not be told from a maintenance page.
    pub async fn report(&self, query: &ReportQuery) -> Result<Vec<u8>, ErpError> {
        let body = self.body(|object| query.write(object));
        self.call(&REPORT, body, |bytes| Ok(bytes.to_vec())).await
    }

    /// Has a report made and answers with its token. It is asked about with [`report_progress`](Self::report_progress).
    pub async fn start_report(&self, query: &ReportQuery) -> Result<String, ErpError> {
        let body = self.body(|object| {
            query.write(object);
            object.text("async", "true");
        });
        self.ask(&REPORT_JOB, body, |answer| {
            let job = answer.read::<wire::Report<'_>>()?;
            let token = At::Root.field("token", job.token).plain().map_err(|refusal| answer.refused(refusal))?;
            Ok(token.ok_or_else(|| answer.inconsistent("a report without a token"))?.into_owned())
        })
        .await
    }

    /// How far a report is. The ERP tells it at most once in ten seconds.
    pub async fn report_progress(&self, report_id: u32, token: &str) -> Result<ReportProgress, ErpError> {
        let body = self.body(|object| {
            object.text("report_id", &report_id.to_string());
            object.text("async", "true");
            object.text("token", token);
        });
        self.ask(&REPORT_JOB, body, |answer| {
            let job = answer.read::<wire::Report<'_>>()?;
            let refused = |refusal| answer.refused(refusal);
            let progress = At::Root.field("progress", job.progress).plain().map_err(refused)?;
            let url = At::Root.field("url", job.url).plain().map_err(refused)?;
            match (progress, url) {
                // While it is being made the answer names another token; the one that was asked with stays.
                (Some(_), _) => Ok(ReportProgress::Making),
                (None, Some(url)) => Ok(ReportProgress::Ready { url: url.into_owned() }),
                (None, None) => Err(answer.inconsistent("a report that is neither made nor being made")),
            }
        })
        .await
    }

    /// The proof that a parcel of an order was delivered, as the file that the carrier gave.
    pub async fn proof_of_delivery(&self, buyer_order: &str, tracking_code: &str) -> Result<Vec<u8>, ErpError> {
        let body = self.body(|object| {
            object.text("buyer_order", buyer_order);
            object.text("tracking_code", tracking_code);
        });
        self.call(&PROOF_OF_DELIVERY, body, |bytes| Ok(bytes.to_vec())).await
    }
}
