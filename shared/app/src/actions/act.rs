//! The interpreter of an action: carries out each effect on the table and the ERP.
//!
//! Makes no choices. Every save is under the lease and conditional on the
//! action's version; a send happens inside the invocation, once, and only while
//! its window is open. With the last save, history and feed are told, and the
//! document is made due so that its record shows what was done.

use std::collections::BTreeSet;

use domain::action::MAX_FILE;
use domain::change::ChangeKind;
use domain::{ActionId, BlobHash, Deed, DeedKind, Document, DocumentKind, ErpId, Object, Product, Record, RecordId};
use jiff::{SignedDuration, Timestamp};
use store::{ActionWrite, Commit, CommitError, NewChange, RecordWrite, Row, Side, StoreError};
use sync::action::{Act, Action, Effect, Ended, Input, Seen, Stage};
use sync::index::Index;
use sync::twoway::{Outcome, Timing, gate_open};

use super::{action_of, row_of};
use crate::drive::{Slice, SliceError, Worker};
use crate::files::{self, FilesError};
use crate::twoway::bound::Bound;
use crate::twoway::edit::settings;
use crate::twoway::rows::{entry_of, entry_of_row, pack};
use crate::writing::{Control, LONGEST, Writer};

/// How many due actions are looked up at once.
const AT_ONCE: usize = 100;
/// How many of a document's actions are looked through for one that is under way.
const BESIDE: usize = 50;
/// How many known orders are looked at for a search's control.
const CONTROLS: usize = 40;
/// How often the last save is tried again because others wrote meanwhile.
const ATTEMPTS: usize = 8;
/// Who reads the document that an action made.
const READER: &str = "sync";

impl Worker<'_> {
    /// Goes through the actions that are due. `Paused` when the budget is used up; `None` when the ERP refuses everything.
    pub(crate) async fn act_on_due(&mut self) -> Result<Option<Slice>, SliceError> {
        let mut visited: BTreeSet<ActionId> = BTreeSet::new();
        loop {
            let now = self.services.clock.now();
            let due = self.tenant.due_actions(now, AT_ONCE + visited.len()).await?;
            let fresh: Vec<ActionId> = due.into_iter().map(|(_, id)| id).filter(|id| !visited.contains(id)).collect();
            if fresh.is_empty() {
                return Ok(Some(Slice::Over));
            }
            for id in fresh {
                if self.services.clock.now() >= self.deadline {
                    return Ok(Some(Slice::Paused));
                }
                visited.insert(id);
                // Read for each: whoever makes the tenant read-only stops the next one.
                if settings(self.tenant).await?.read_only {
                    return Ok(Some(Slice::Over));
                }
                if Box::pin(self.act(id)).await? == Ended::NoAccess {
                    return Ok(None);
                }
            }
        }
    }

    async fn act(&mut self, id: ActionId) -> Result<Ended, SliceError> {
        let mut act = Act::new(id, Timing::STANDARD);
        let mut document: Option<Document> = None;
        let mut decided_at = self.services.clock.steady();
        let mut input = Input::Begin;
        loop {
            self.keep_lease(self.services.clock.now()).await?;
            let (now, steady) = (self.services.clock.now(), self.services.clock.steady());
            input = match act.step(input, now) {
                Effect::Done(ended) => return Ok(ended),
                Effect::Load(id) => self.load_action(id).await?,
                Effect::Look(action) => {
                    let seen = self.look(&action).await?;
                    if let Seen::There(view) = &seen {
                        document = Some(view.document.clone());
                    }
                    Input::Looked(seen)
                }
                Effect::Save(action) => {
                    decided_at = steady;
                    self.save_action(&action).await?
                }
                Effect::Send { action, since } => {
                    let outcome = match &document {
                        Some(document) => self.send_action(&action, document, since, decided_at).await?,
                        None => Outcome::NotSent,
                    };
                    Input::Sent(outcome)
                }
            };
        }
    }

    /// The action, and what is under way on its document: another action, or a write of its content.
    async fn load_action(&self, id: ActionId) -> Result<Input, SliceError> {
        let row = self.tenant.action(id).await?;
        let Some(action) = row.as_ref().map(action_of).transpose()? else {
            return Ok(Input::Loaded { action: None, behind: None });
        };
        let mut behind: Option<Timestamp> = None;
        if !action.is_sending() && !action.is_over() {
            for other in self.tenant.actions_of(action.document, BESIDE).await? {
                let other = action_of(&other)?;
                if other.id != id && other.is_sending() {
                    behind = behind.max(other.due);
                }
            }
            let entry = self.tenant.row(action.document).await?.as_ref().map(entry_of_row).transpose()?;
            behind = behind.max(entry.filter(|e| e.intent.is_some()).and_then(|e| e.due));
        }
        Ok(Input::Loaded { action: Some(Box::new(action)), behind })
    }

    async fn look(&mut self, action: &Action) -> Result<Seen, SliceError> {
        let mut controls: Vec<Control> = Vec::new();
        if action.deed.kind() == DeedKind::OrderFromOffer {
            let known = self.tenant.list(Object::Orders, None, CONTROLS, false).await?;
            controls.extend(known.records.iter().filter_map(|s| Control::of(&s.record)));
        }
        self.pace.before_read(self.tenant, &self.lease, &self.services.clock).await?;
        let mut seen = Writer::new(self.erp.client()).view(action, &controls).await;
        if let (Seen::There(view), true) = (&mut seen, action.is_sending()) {
            files::read_new(self.services, action, view).await.map_err(Box::new)?;
        }
        if seen == Seen::Gone && !self.hands(None, None).sees_another(action.document).await? {
            // Perhaps another company, or a right that was lost: that proves nothing.
            return Ok(Seen::CannotTell);
        }
        Ok(seen)
    }

    /// Sends, if the window is still open by both clocks. Nothing may come between the question and the first byte.
    async fn send_action(
        &mut self,
        action: &Action,
        document: &Document,
        since: Timestamp,
        decided_at: SignedDuration,
    ) -> Result<Outcome, SliceError> {
        let file = match &action.deed {
            Deed::Attachment { hash, .. } => self.file_of(hash).await?,
            _ => Vec::new(),
        };
        let products = self.products_of_lines(document).await?;
        let clock = &self.services.clock;
        let open = || gate_open(since, clock.now(), clock.steady() - decided_at, &Timing::STANDARD);
        let writer = Writer::new(self.erp.client()).with_products(products);
        // Longer than that, nothing of it may go out: the wait for a lost answer counts on it.
        let longest = SignedDuration::try_from(LONGEST).unwrap_or_default();
        let alive = || clock.steady() - decided_at <= longest && clock.now().duration_since(since) <= longest;
        let sent = Bound::new(writer.act(action, document, file, open), &alive).await;
        let outcome = sent.unwrap_or(Outcome::Unknown);
        tracing::info!(action = %action.id, deed = %action.deed.kind(), ?outcome, "an action on a document");
        Ok(outcome)
    }

    /// The bytes of a file that is attached; none when they are not there, which the writer sees.
    async fn file_of(&self, hash: &str) -> Result<Vec<u8>, SliceError> {
        let Some(hash) = BlobHash::parse(hash) else { return Ok(Vec::new()) };
        let found = files::blobs(self.services, self.tenant).get(hash, MAX_FILE).await;
        let found = found.map_err(|error| Box::new(FilesError::from(error)))?;
        Ok(found.map(Vec::from).unwrap_or_default())
    }

    async fn products_of_lines(&self, document: &Document) -> Result<Vec<Product>, StoreError> {
        let id = |erp_id| RecordId::for_erp(self.tenant.id(), Object::Products, erp_id);
        let ids: Vec<RecordId> = document.lines.iter().filter_map(|line| line.product).map(id).collect();
        let known = self.tenant.records(&ids).await?;
        let product = |record| if let Record::Product(product) = record { Some(*product) } else { None };
        Ok(known.into_values().filter_map(|stored| product(stored.record)).collect())
    }

    async fn save_action(&mut self, action: &Action) -> Result<Input, SliceError> {
        let made = self.made(action).await?;
        for _ in 0..ATTEMPTS {
            let now = self.services.clock.now();
            let before = self.tenant.action(action.id).await?;
            let Some(before) = before.filter(|row| row.version + 1 == action.version) else {
                return Ok(Input::Moved);
            };
            let mut commit = Commit::new(&self.lease);
            commit.seq = self.position.seq;
            let told = action.acted(made.as_ref().map(|(id, _)| *id));
            if told.is_some() {
                self.tell_of(action, made.as_ref(), &mut commit, now).await?;
            }
            commit.action = Some(ActionWrite { row: row_of(action, before.request)?, told });
            match self.tenant.commit(&commit, now).await {
                Ok(report) => {
                    self.position.seq = report.seq;
                    return Ok(Input::Saved);
                }
                Err(CommitError::SeqMoved) => self.position.seq = self.tenant.seq().await?,
                Err(CommitError::RecordMoved(_) | CommitError::Store(StoreError::Conflict)) => {}
                // Perhaps written: the row says.
                Err(CommitError::Store(StoreError::Unavailable(_))) => {
                    self.position.seq = self.tenant.seq().await?;
                    let row = self.tenant.action(action.id).await?;
                    if row.as_ref().map(action_of).transpose()?.as_ref() == Some(action) {
                        return Ok(Input::Saved);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::SeqMoved.into())
    }

    /// The document that the action made: the id of its record, and the record when it can be read now.
    async fn made(&mut self, action: &Action) -> Result<Option<(RecordId, Option<Document>)>, SliceError> {
        let Stage::Done { made: Some(erp_id), .. } = action.stage else { return Ok(None) };
        let kind = match action.deed.kind() {
            DeedKind::OrderFromOffer => DocumentKind::SalesOrder,
            DeedKind::Complaint => DocumentKind::Complaint,
            _ => return Ok(None),
        };
        self.pace.before_read(self.tenant, &self.lease, &self.services.clock).await?;
        let read = self.erp.client().document(kind, erp_id).await.ok();
        Ok(Some((RecordId::for_erp(self.tenant.id(), kind.object(), erp_id), read)))
    }

    /// Puts into the commit what is told of an action that is over, and what makes the records show it.
    async fn tell_of(
        &self,
        action: &Action,
        made: Option<&(RecordId, Option<Document>)>,
        commit: &mut Commit<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(Row::Record(stored)) = self.tenant.row(action.document).await? {
            let mut entry = entry_of(&stored)?;
            // What is refused left nothing to be read; a write that is under way has its own time.
            let is_read = !matches!(action.stage, Stage::Rejected { .. }) && entry.intent.is_none();
            let is_read = is_read && entry.erp_id.is_some();
            let mut part = None;
            if is_read {
                entry.due = Some(entry.due.map_or(now, |due| due.min(now)));
                part = Some(pack(&entry, Some(&stored.record))?);
            }
            let told = change(action.by.clone(), Side::Crm, ChangeKind::Acted);
            let write = RecordWrite::replace(&stored, stored.record.to_bytes(), Some(told)).still_missing(&stored);
            commit.writes.push(write.without_erp(entry.erp_id.is_none()).with_two_way(part));
        }
        if let Some((id, Some(document))) = made
            && self.tenant.row(*id).await?.is_none()
        {
            let record = Record::Document(Box::new(document.clone()));
            let added = change(READER.to_owned(), Side::Erp, ChangeKind::Added);
            let write = RecordWrite::create(*id, document.erp_id, record.to_bytes(), Some(added));
            commit.writes.push(write.listed(record.listing()));
            commit.pages = self.unread_page(id.object(), document.erp_id).await?;
        }
        Ok(())
    }

    /// The document's place in the index, so that the next reading run meets it and makes no second record.
    async fn unread_page(&self, object: Object, erp_id: ErpId) -> Result<Vec<(Object, domain::IndexPage)>, StoreError> {
        let page = self.tenant.index_page_of(object, erp_id).await?;
        Ok(Index::with_unread(page, erp_id).into_iter().map(|page| (object, page)).collect())
    }
}

fn change(actor: String, side: Side, kind: ChangeKind) -> NewChange {
    NewChange { run: None, actor, side, kind, fields: [].into(), decided: [].into(), event: None, matched: None }
}
