//! A record, and what a person decides about it.

use app::twoway::edit::{self, EditError, Held};
use axum::{Extension, extract::State, response::Response};
use domain::{ErpId, RecordId};
use runtime::{
    Code, Permission,
    http::{Path, Query},
};
use serde::Deserialize;
use std::sync::Arc;
use store::Tenant;
use sync::twoway::{Decision, Winner};

use super::{
    record_page::{Extras, Looking, Question},
    see_other,
    waiting::Done,
};
use crate::{Shared, form::Form, refusal::Refusal, session::Session, visit::Visit};

/// So many letters a reason has at most.
const LONGEST_REASON: usize = 500;

#[derive(Deserialize)]
pub(crate) struct Asked {
    done: Option<Done>,
    #[serde(flatten)]
    question: Question,
}

/// Which page a form was on.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum From {
    Waiting,
    Record,
}

#[derive(Deserialize)]
pub(crate) struct Settle {
    csrf: String,
    from: From,
    piece: String,
    winner: Winner,
}

#[derive(Deserialize)]
pub(crate) struct SettleMatch {
    csrf: String,
    from: From,
    /// The revision that was shown.
    revision: u64,
    /// The candidate that it is.
    link: Option<ErpId>,
    /// All candidates that were shown, with commas between them: it is none of them.
    none_of: Option<String>,
    #[serde(default)]
    reason: String,
}

impl SettleMatch {
    fn word(&self) -> Result<edit::Word, Refusal> {
        let decision = match (self.link, &self.none_of) {
            (Some(erp_id), None) => Decision::Link { erp_id },
            (None, Some(shown)) => {
                let ids: Result<_, _> = shown.split(',').map(str::parse).collect();
                Decision::New { none_of: ids.map_err(|_| Code::InvalidRequest)? }
            }
            _ => return Err(Code::InvalidRequest.into()),
        };
        let reason = self.reason.trim();
        if reason.chars().count() > LONGEST_REASON {
            return Err(Code::InvalidRequest.into());
        }
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        Ok(edit::Word { revision: self.revision, decision, reason })
    }
}

#[derive(Deserialize)]
pub(crate) struct Word {
    csrf: String,
    from: From,
}

/// `GET /console/records/{id}`.
pub(crate) async fn page(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let tenant = session.tenant(&shared);
    let looking = Looking { shared: &shared, session: &session, visit: &visit, tenant: &tenant, id };
    let notice = asked.done.map(|done| done.text(visit.language));
    looking.page(Extras { notice, question: asked.question, ..Extras::default() }).await
}

/// `POST /console/records/{id}/settle`: says which side's value a piece has.
pub(crate) async fn settle(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Form(word): Form<Settle>,
) -> Result<Response, Refusal> {
    session.authorise(&word.csrf, Permission::LogsResolve)?;
    let tenant = session.tenant(&shared);
    let done = edit::settle(&shared.console.services, &tenant, id, &word.piece, word.winner, session.by(&visit)).await;
    back(&shared, &tenant, done, word.from, "settled").await
}

/// `POST /console/records/{id}/settle-match`: says which partner a contact is, or that it is none of those shown.
pub(crate) async fn settle_match(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Form(said): Form<SettleMatch>,
) -> Result<Response, Refusal> {
    session.authorise(&said.csrf, Permission::LogsResolve)?;
    let tenant = session.tenant(&shared);
    let word = said.word()?;
    let done = edit::settle_match(&shared.console.services, &tenant, id, &word, session.by(&visit)).await;
    back(&shared, &tenant, done, said.from, "decided").await
}

/// `POST /console/records/{id}/look-again`: lets a record that waits for a person go on.
pub(crate) async fn look_again(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Form(word): Form<Word>,
) -> Result<Response, Refusal> {
    session.authorise(&word.csrf, Permission::LogsResolve)?;
    let tenant = session.tenant(&shared);
    let done = edit::look_again(&shared.console.services, &tenant, id, session.by(&visit)).await;
    back(&shared, &tenant, done, word.from, "looked").await
}

/// `POST /console/records/{id}/restore`: takes a deleted or archived record back.
pub(crate) async fn restore(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    Form(word): Form<Word>,
) -> Result<Response, Refusal> {
    session.authorise(&word.csrf, Permission::Sync)?;
    let tenant = session.tenant(&shared);
    let done = edit::take_back(&shared.console.services, &tenant, id, session.by(&visit)).await;
    back(&shared, &tenant, done, word.from, "restored").await
}

/// Wakes the worker, and shows the page that the form was on.
async fn back(
    shared: &Shared,
    tenant: &Tenant,
    done: Result<Held, EditError>,
    from: From,
    what: &str,
) -> Result<Response, Refusal> {
    let held = done?;
    edit::wake(&shared.console.services, tenant).await;
    Ok(see_other(&match from {
        // With more to decide it is not lost from sight: a visit may come before the list has it again.
        From::Waiting if held.entry.conflicts.is_empty() => format!("/console/waiting?done={what}"),
        From::Waiting | From::Record => format!("/console/records/{}?done={what}", held.entry.id),
    }))
}
