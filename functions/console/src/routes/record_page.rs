//! The page of a record: what both sides have, what follows, what can be done.
//!
//! Decides which parts a kind of record has.

use app::{
    actions,
    files::{self, attached},
    registers,
    twoway::{
        blacklist::{self, LookError},
        edit, people,
    },
};
use axum::response::Response;
use domain::{Object, Record, RecordId};
use http::StatusCode;
use runtime::{Code, Permission};
use serde::Deserialize;
use store::{Stored, Tenant};
use sync::twoway::Entry;

use super::{Seen, connection, deeds, files as given};
use crate::{
    Shared,
    page::{self, Chrome},
    place::Place,
    reader::Reader,
    refusal::Refusal,
    session::Session,
    twoway::{
        deeds::{DeedsView, Ground, Returned},
        files::FilesView,
        making::{self, MakingRow},
        offering::OfferingView,
        people::{self as arranged, PeopleView},
        record::RecordView,
        story::{DocumentsView, StoryView},
    },
    visit::Visit,
    wording::{DeedTexts, FileTexts, MakingTexts, OfferTexts, PeopleTexts, StoryTexts, SyncTexts, Texts},
};

/// So many changes of a record are shown, and so many events.
const HISTORY: usize = 50;
/// So many documents of a contact are shown.
const DOCUMENTS: usize = 50;

/// What a look at a record asks beyond the record.
#[derive(Default, Deserialize)]
pub(crate) struct Question {
    /// `blacklist`: how the contact stands there.
    look: Option<String>,
    /// How much of the product is wanted.
    pub(super) amount: Option<String>,
    /// Whom the price is for, of how much, when, in which currency.
    pub(super) customer: Option<String>,
    pub(super) price_amount: Option<String>,
    pub(super) day: Option<String>,
    pub(super) currency: Option<String>,
}

/// What a page of a record shows beyond the record.
#[derive(Default)]
pub(super) struct Extras {
    pub(super) notice: Option<&'static str>,
    /// An action's form that came back.
    pub(super) deed: Option<Returned>,
    /// A form about a contact that came back.
    pub(super) people: Option<arranged::Returned>,
    pub(super) question: Question,
    /// The answer's status, when it is not 200.
    pub(super) status: Option<StatusCode>,
}

#[derive(askama::Template)]
#[template(path = "record.html")]
struct RecordPage<'a> {
    chrome: Chrome,
    t: &'static Texts,
    w: &'static SyncTexts,
    csrf: &'a str,
    /// What makes a form that is sent twice one request.
    key: String,
    notice: Option<&'static str>,
    view: RecordView,
    can_settle: bool,
    s: &'static StoryTexts,
    story: Option<StoryView>,
    documents: Option<DocumentsView>,
    d: &'static DeedTexts,
    deeds: Option<DeedsView>,
    f: &'static FileTexts,
    files: Option<FilesView>,
    p: &'static PeopleTexts,
    people: Option<PeopleView>,
    m: &'static MakingTexts,
    making: Vec<MakingRow>,
    o: &'static OfferTexts,
    offering: Option<OfferingView>,
}

/// Who looks at a record, and at which.
pub(super) struct Looking<'a> {
    pub(super) shared: &'a Shared,
    pub(super) session: &'a Session,
    pub(super) visit: &'a Visit,
    pub(super) tenant: &'a Tenant,
    pub(super) id: RecordId,
}

impl<'a> Looking<'a> {
    pub(super) fn reader(&self) -> Reader<'a> {
        self.session.reader(self.shared, self.visit)
    }

    /// The page.
    pub(super) async fn page(&self, mut extras: Extras) -> Result<Response, Refusal> {
        let Self { shared, session, visit, tenant, id } = *self;
        let seen = Seen { session, visit, tenant };
        let chrome = seen.chrome(Place::Elsewhere, &format!("/console/records/{id}"), "").await?;
        let reader = self.reader();
        let entry = edit::entry(tenant, id).await?.ok_or(Refusal::NotFound)?;
        let history = tenant.whole_history(id, HISTORY + 1).await?;
        let now = shared.console.services.clock.now();
        let story = app::story::story(tenant, id, now).await?;
        let documents = match id.object() {
            Object::Contacts => Some(app::story::documents_of(tenant, id, None, DOCUMENTS, false, now).await?),
            _ => None,
        };
        let stored = tenant.record(id).await?;
        let view = RecordView::of(&entry, &history, HISTORY, now, &reader);
        let page = RecordPage {
            t: reader.texts(),
            w: reader.sync_texts(),
            csrf: &session.csrf,
            key: shared.console.services.one_time_name(),
            notice: extras.notice,
            view: match stored.as_ref().map(|stored| &stored.record) {
                Some(Record::Document(document)) => view.about(document, tenant.id(), &reader),
                _ => view,
            },
            can_settle: reader.may(Permission::LogsResolve),
            s: StoryTexts::of(visit.language),
            story: story.map(|story| StoryView::of(&story, tenant.id(), HISTORY, &reader)),
            documents: documents.map(|found| DocumentsView::of(&found, &reader)),
            d: DeedTexts::of(visit.language),
            deeds: self.deeds(stored.as_ref(), &extras, chrome.is_read_only()).await?,
            f: FileTexts::of(visit.language),
            files: self.files(stored.as_ref()).await?,
            p: PeopleTexts::of(visit.language),
            people: self.people(&entry, extras.people.take(), &extras.question).await?,
            m: MakingTexts::of(visit.language),
            making: match stored.as_ref().map(|stored| &stored.record) {
                Some(Record::Document(document)) => making::rows(document, tenant.id(), &reader),
                _ => Vec::new(),
            },
            o: OfferTexts::of(visit.language),
            offering: self.offering(stored.as_ref(), &extras.question).await?,
            chrome,
        };
        Ok(page::show(extras.status.unwrap_or(StatusCode::OK), &page))
    }

    /// What can be done to a document.
    async fn deeds(
        &self,
        stored: Option<&Stored>,
        extras: &Extras,
        is_read_only: bool,
    ) -> Result<Option<DeedsView>, Refusal> {
        let Some(Record::Document(document)) = stored.map(|stored| &stored.record) else { return Ok(None) };
        let found = actions::of_document(self.tenant, self.id).await.map_err(deeds::refusal)?;
        let known = registers::known(self.tenant).await?;
        let today = app::offering::today(&self.shared.console.services);
        let ground = Ground { document, tenant: self.tenant.id(), known: &known, today, is_read_only };
        Ok(Some(DeedsView::of(&found, &ground, extras.deed.as_ref(), &self.reader())))
    }

    /// The files of a document.
    async fn files(&self, stored: Option<&Stored>) -> Result<Option<FilesView>, Refusal> {
        let Some(Record::Document(document)) = stored.map(|stored| &stored.record) else { return Ok(None) };
        let all = attached::list(self.tenant, self.id).await.map_err(given::refusal)?;
        let look = files::looked(self.tenant, self.id).await.map_err(given::refusal)?;
        let settings = edit::settings(self.tenant).await?;
        Ok(Some(FilesView::of(&all, &look, document, &settings, &self.reader())))
    }

    /// What can be done with a contact.
    async fn people(
        &self,
        entry: &Entry,
        returned: Option<arranged::Returned>,
        question: &Question,
    ) -> Result<Option<PeopleView>, Refusal> {
        if self.id.object() != Object::Contacts {
            return Ok(None);
        }
        let end = if entry.merged.is_some() { people::end_from(self.tenant, entry.clone()).await? } else { None };
        let survivor = end.as_ref().map(|end| &end.entry);
        let view = PeopleView::of(entry, survivor, self.tenant.id(), &self.reader());
        let mut view = PeopleView { returned, ..view };
        if question.look.as_deref() == Some("blacklist") {
            match blacklist::look(&self.shared.console.services, self.tenant, self.id).await {
                Ok(look) => view.blacklist = Some(arranged::blacklist(&look, &self.reader())),
                Err(error) => {
                    let told = of_look(error).explain(self.visit.language);
                    view.blacklist_fault = Some(format!("{} {}", told.detail, told.remedy));
                }
            }
        }
        Ok(Some(view))
    }
}

/// Why it cannot be said how a contact stands on the blacklist.
fn of_look(error: LookError) -> Refusal {
    match error {
        LookError::NotFound => Refusal::NotFound,
        LookError::NoConnection => Code::ConnectionMissing.into(),
        LookError::Connect(error) => connection::refusal(error),
        LookError::Store(error) => error.into(),
    }
}
