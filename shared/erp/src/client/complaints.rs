//! Complaints: filed without an answer that names them, and listed.

use domain::{ErpId, Text as Canonical};
use rust_decimal::Decimal;

use super::{
    Client, ErpError,
    call::{CREATE_COMPLAINT, SEARCH},
    documents::done,
};
use crate::{
    convert::At,
    wire::{self, SearchAnswer},
};

/// The most complaints of a page.
const PAGE: usize = 100;

/// A complaint to file. Filed twice when it is sent twice; the ERP answers without an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintDraft {
    /// What is wanted: `reclamation`, `return` or `replacement`.
    pub claim_type: &'static str,
    /// E-mail of the user of the ERP in whose name it is filed.
    pub user_email: Canonical,
    /// Number of the order.
    pub order: Canonical,
    /// Reason.
    pub reason: Option<Canonical>,
    /// Description.
    pub description: Option<Canonical>,
    /// Products by their codes, and how much of each.
    pub lines: Vec<(ErpId, Canonical, Decimal)>,
}

/// A complaint as a search lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Its id.
    pub erp_id: ErpId,
    /// Its description.
    pub description: Option<Canonical>,
}

impl Client {
    /// Files a complaint about an order.
    pub async fn create_complaint(&self, complaint: &ComplaintDraft) -> Result<(), ErpError> {
        let body = self.body(|object| {
            object.text("api_user_email", complaint.user_email.as_str());
            object.text("claim_type", complaint.claim_type);
            object.text("sales_order_count_code", complaint.order.as_str());
            object.maybe("claim_reason", complaint.reason.as_ref());
            object.maybe("claim_description", complaint.description.as_ref());
            object.list("complaint_products", &complaint.lines, |object, (id, code, amount)| {
                object.id("mk_id", Some(*id));
                object.text("code", code.as_str());
                object.decimal("amount", Some(*amount));
            });
        });
        self.ask(&CREATE_COMPLAINT, body, done).await
    }

    /// The newest complaints, at most a hundred, the newest first. The list has no total: that one is not on it says
    /// something only when it shows one that was there before.
    pub async fn newest_complaints(&self) -> Result<Vec<Complaint>, ErpError> {
        let body = self.body(|object| {
            object.text("doc_type", "complaint");
            object.text("offset", "0");
            object.text("limit", &PAGE.to_string());
            object.text("order_direction", "desc");
            object.text("result_type", "doc");
        });
        let answer = self.ask(&SEARCH, body, |answer| {
            let found = answer.read::<SearchAnswer<'_>>()?;
            let rows = found.result.objects().map(complaint).collect::<Result<Vec<_>, _>>();
            rows.map_err(|refusal| answer.refused(refusal))
        });
        match answer.await {
            // So it says that there are none at all.
            Err(ErpError::Application { text, .. }) if text.to_lowercase().contains("no complaints found") => {
                Ok(Vec::new())
            }
            other => other,
        }
    }
}

fn complaint(row: &wire::Document<'_>) -> Result<Complaint, crate::Refusal> {
    let id = At::Root.field("mk_id", row.mk_id);
    let description = At::Root.field("claim_description", row.claim_description).text()?;
    Ok(Complaint { erp_id: id.required(id.id()?)?, description })
}
