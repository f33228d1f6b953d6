//! Actions on documents: a form that is checked, asked about when it cannot be taken back, and sent once.

use app::{
    actions::{self, ActionError, Ask},
    registers,
};
use axum::{Extension, extract::State, response::Response};
use domain::action::DeedKind;
use domain::{Record, RecordId};
use http::StatusCode;
use runtime::{Code, Permission, http::Path};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::Arc};
use store::{Begun, Stored};

use super::{
    Seen,
    record_page::{Extras, Looking},
    see_other,
};
use crate::{
    Shared,
    form::Sheet,
    page::{self, Chrome},
    place::Place,
    refusal::Refusal,
    session::Session,
    twoway::{
        deed_form, deed_told,
        deeds::{self, Ground, Returned, Told},
        settings::Sent,
    },
    visit::Visit,
    wording::DeedTexts,
};

/// The longest key of a form.
const LONGEST_KEY: usize = 64;

/// The question before an action that cannot be taken back.
#[derive(askama::Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    chrome: Chrome,
    d: &'static DeedTexts,
    id: String,
    title: &'static str,
    about: &'static str,
    document: String,
    partner: Option<String>,
    told: Vec<Told>,
    /// The form as it was sent.
    fields: Vec<(&'a str, &'a str)>,
}

/// Why the actions of a document cannot be told.
pub(super) fn refusal(error: ActionError) -> Refusal {
    match error {
        ActionError::NotFound => Refusal::NotFound,
        ActionError::Missing => Code::DocumentMissing.into(),
        ActionError::ReadOnly => Code::ReadOnly.into(),
        ActionError::NoConnection => Code::ConnectionMissing.into(),
        ActionError::Paused => Code::ConnectionPaused.into(),
        ActionError::Barred(_) => Code::ActionNotAllowed.into(),
        ActionError::UnderWay(_) => Code::ActionUnderWay.into(),
        ActionError::File(why) => Code::parse(why.code()).unwrap_or(Code::FileTypeRefused).into(),
        ActionError::Files(error) => super::files::refusal(*error),
        ActionError::Store(error) => error.into(),
    }
}

/// A form that was sent.
struct Posted<'a> {
    looking: Looking<'a>,
    kind: DeedKind,
    key: String,
    sheet: Sheet,
}

/// `POST /console/records/{id}/actions`.
pub(crate) async fn ask(
    State(shared): State<Arc<Shared>>,
    session: Session,
    Extension(visit): Extension<Visit>,
    Path(id): Path<RecordId>,
    sheet: Sheet,
) -> Result<Response, Refusal> {
    let field = |name: &str| sheet.fields.get(name).cloned().ok_or(Code::InvalidRequest);
    session.authorise(&field("csrf")?, Permission::Sync)?;
    let kind = field("deed")?.parse().map_err(|_| Code::InvalidRequest)?;
    let key = field("once")?;
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Code::InvalidRequest.into());
    }
    let step = sheet.fields.get("step").cloned();
    let tenant = session.tenant(&shared);
    let looking = Looking { shared: &shared, session: &session, visit: &visit, tenant: &tenant, id };
    let posted = Posted { looking, kind, key, sheet };
    // A page is a large future; boxed, it does not make every caller's as large.
    match step.as_deref() {
        Some("change") => Box::pin(posted.again(BTreeMap::new(), None, StatusCode::OK)).await,
        Some("done") => Box::pin(posted.carry_out()).await,
        _ if deeds::is_final(kind) => Box::pin(posted.question()).await,
        _ => Box::pin(posted.carry_out()).await,
    }
}

impl Posted<'_> {
    fn read(&self) -> Result<Ask, deed_form::Faults> {
        deed_form::read(self.kind, &self.sheet.fields, self.sheet.file.as_ref(), &self.key)
    }

    /// The page with the form as it was sent, and what is wrong with it.
    async fn again(
        self,
        faults: BTreeMap<&'static str, &'static str>,
        fault: Option<String>,
        status: StatusCode,
    ) -> Result<Response, Refusal> {
        let Self { looking, kind, sheet, .. } = self;
        let returned = Returned { kind, sent: sheet.fields, faults, fault };
        let extras = Extras { deed: Some(returned), status: Some(status), ..Extras::default() };
        looking.page(extras).await
    }

    async fn malformed(self, faults: deed_form::Faults) -> Result<Response, Refusal> {
        if faults.is_empty() {
            return Err(Code::InvalidRequest.into());
        }
        let d = self.looking.reader().phrases().deeds();
        let faults = faults.into_iter().map(|(input, wrong)| (input, deeds::wrong(d, wrong))).collect();
        self.again(faults, None, StatusCode::BAD_REQUEST).await
    }

    /// The page that says why the action is not taken, at the field where it is one.
    async fn refused(self, error: ActionError) -> Result<Response, Refusal> {
        let p = self.looking.reader().phrases();
        let d = p.deeds();
        let (faults, fault) = match &error {
            ActionError::Barred(barred) => match barred.input {
                Some(input) => ([(input, p.barred(barred))].into(), None),
                None => (BTreeMap::new(), Some(p.barred(barred).to_owned())),
            },
            ActionError::UnderWay(_) => (BTreeMap::new(), Some(d.under_way.to_owned())),
            ActionError::File(why) => {
                let text = Code::parse(why.code()).unwrap_or(Code::FileTypeRefused).text(self.looking.visit.language);
                ([("content", text.detail)].into(), None)
            }
            ActionError::ReadOnly | ActionError::Paused | ActionError::NoConnection => {
                let explanation = refusal(error).explain(self.looking.visit.language);
                let text = format!("{} {}", explanation.detail, explanation.remedy);
                return self.again(BTreeMap::new(), Some(text), StatusCode::CONFLICT).await;
            }
            ActionError::NotFound | ActionError::Missing | ActionError::Files(_) | ActionError::Store(_) => {
                return Err(refusal(error));
            }
        };
        self.again(faults, fault, StatusCode::CONFLICT).await
    }

    /// Shows what would be done, and asks.
    async fn question(self) -> Result<Response, Refusal> {
        let ask = match self.read() {
            Ok(ask) => ask,
            Err(faults) => return self.malformed(faults).await,
        };
        let Looking { shared, session, visit, tenant, id } = self.looking;
        let stored = match actions::check(&shared.console.services, tenant, id, &ask.deed).await {
            Ok(stored) => stored,
            Err(error) => return self.refused(error).await,
        };
        let Stored { record: Record::Document(document), .. } = &stored else { return Err(Refusal::NotFound) };
        let known = registers::known(tenant).await?;
        let today = app::offering::today(&shared.console.services);
        let ground = Ground { document, tenant: tenant.id(), known: &known, today, is_read_only: false };
        let reader = self.looking.reader();
        let p = reader.phrases();
        let seen = Seen { session, visit, tenant };
        let page = ConfirmPage {
            chrome: seen.chrome(Place::Elsewhere, &format!("/console/records/{id}"), "").await?,
            d: p.deeds(),
            id: id.to_string(),
            title: p.command(self.kind),
            about: p.about(self.kind),
            document: format!("{} {}", p.document_kind(document.kind), document.number),
            partner: document.partner.as_ref().and_then(|partner| partner.name.as_ref()).map(ToString::to_string),
            told: deed_told::told(&ask.deed, &ground, &reader),
            fields: visible(&self.sheet.fields),
        };
        Ok(page::show(StatusCode::OK, &page))
    }

    /// Asks for the action, once for each form.
    async fn carry_out(self) -> Result<Response, Refusal> {
        let ask = match self.read() {
            Ok(ask) => ask,
            Err(faults) => return self.malformed(faults).await,
        };
        let Looking { shared, session, visit, tenant, id } = self.looking;
        let services = &shared.console.services;
        let done = see_other(&format!("/console/records/{id}?done=asked#actions"));
        let fingerprint = fingerprint(id, &self.sheet);
        let token = match tenant.begin(&self.key, &fingerprint, services.clock.now()).await? {
            Begun::Fresh { token } => token,
            // It was pressed twice: the first one does it.
            Begun::Running | Begun::Replay { .. } => return Ok(done),
            Begun::OtherBody => {
                let text = self.looking.reader().phrases().deeds().wrong_other.to_owned();
                return self.again(BTreeMap::new(), Some(text), StatusCode::CONFLICT).await;
            }
        };
        match actions::request(services, tenant, id, ask, session.by(visit)).await {
            Ok(action) => {
                // It was asked for; that this is not noted does not undo it.
                if let Err(error) = tenant.finish(&token, 303, "text/plain", action.id.to_string().as_bytes()).await {
                    tracing::warn!(error = %error, "that a form was used is not noted");
                }
                Ok(done)
            }
            Err(error) => {
                if let Err(error) = tenant.abandon(&token).await {
                    tracing::warn!(error = %error, "a form's key stays taken for a minute");
                }
                self.refused(error).await
            }
        }
    }
}

/// The fields of a form that are no machinery.
fn visible(sent: &Sent) -> Vec<(&str, &str)> {
    let all = sent.iter().filter(|(name, _)| *name != "csrf" && *name != "step");
    all.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What makes two forms the same: the document and everything that was filled in.
fn fingerprint(id: RecordId, sheet: &Sheet) -> [u8; 32] {
    let mut digest = Sha256::new().chain_update(format!("console {id}"));
    for (name, value) in visible(&sheet.fields) {
        for part in [name, value] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
    }
    if let Some(file) = &sheet.file {
        digest.update(&file.bytes);
    }
    digest.finalize().into()
}
