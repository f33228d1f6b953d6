//! What comes of a page: which rows are as we have them, which wait to be written, what is in doubt.

use std::collections::BTreeMap;

use domain::{ErpId, Object};
use jiff::Timestamp;

use crate::classify::{Pending, pending};
use crate::index::{Index, Mark};
use crate::machine::{Effect, Machine, OpenPage, Stage, is_live};
use crate::pass::{Filter, Page, PassKind, Row, RowOutcome};
use crate::registers::learn;

impl Machine {
    pub(crate) fn receive(&mut self, mut page: Page, now: Timestamp) -> Effect {
        if !page.warehouses.is_empty() {
            self.warehouses = Some(std::mem::take(&mut page.warehouses));
        }
        if let Some(failure) = self.check_page(&page) {
            return self.fail(failure, now);
        }
        match self.restart_if_moved(&page, now) {
            Err(failure) => return self.fail(failure, now),
            Ok(true) => return self.go_on(now),
            Ok(false) => {}
        }
        self.note_total(&page);
        let object = self.object();
        let index = self.indexes.entry(object).or_default();
        let ids = index.unknown_of(page.rows.iter().map(|r| r.erp_id).chain(page.gone.iter().copied()));
        if ids.is_empty() {
            return self.judge_page(page, now);
        }
        self.stage = Stage::RowIndex { page, ids: ids.clone() };
        Effect::LoadIndex { object, ids: Some(ids) }
    }

    /// The total of a whole walk is what its progress is measured against.
    fn note_total(&mut self, page: &Page) {
        let begins = self.active.passes.front().is_some_and(|p| {
            let whole = matches!(p.kind, PassKind::Documents { filter: Filter::All, .. });
            whole && p.walk.offset == 0 && p.walk.attempt == 0
        });
        if let (true, Some(total)) = (begins, page.total) {
            let object = self.object();
            *self.counts(object).total.get_or_insert(0) += total;
        }
    }

    /// Judges every row of a page; unchanged rows are counted, the others wait to be written.
    pub(crate) fn judge_page(&mut self, page: Page, now: Timestamp) -> Effect {
        let object = self.object();
        self.quiet = true;
        self.open_page =
            Some(OpenPage { rows: page.rows.len() as u64, page_size: page.page_size, total: page.total.unwrap_or(0) });
        let gone = self.gone_for_good(&page);
        self.doubt(&page);
        for erp_id in gone {
            self.pending.push_back(Pending::Missing { erp_id });
        }
        let mut unread = Vec::new();
        for row in page.rows {
            self.count_in_walk(row.erp_id);
            unread.extend(self.judge_row(object, row));
        }
        if unread.is_empty() {
            return self.load_stored(now);
        }
        let ids = unread.iter().map(|r| r.erp_id).collect();
        self.stage = Stage::Unread(unread);
        Effect::ReadRows(ids)
    }

    /// Takes what the unread rows of the page turned out to be.
    pub(crate) fn take_rows(
        &mut self,
        unread: Vec<Row>,
        mut outcomes: BTreeMap<ErpId, RowOutcome>,
        now: Timestamp,
    ) -> Effect {
        let object = self.object();
        let empty = Index::default();
        for row in unread {
            // A row that is not told stays as it was: the next run asks again.
            let Some(outcome) = outcomes.remove(&row.erp_id) else { continue };
            if let RowOutcome::Record(record) = &outcome {
                self.learned |= learn(&mut self.registers, record);
            }
            let index = self.indexes.get(&object).unwrap_or(&empty);
            self.pending.push_back(pending(object, &row, outcome, index, now));
        }
        self.load_stored(now)
    }

    fn load_stored(&mut self, now: Timestamp) -> Effect {
        let object = self.object();
        let ids: Vec<_> = self.pending.iter().filter(|p| p.needs_stored()).map(Pending::erp_id).collect();
        let open = object.can_be_made() && self.pending.iter().any(Pending::is_new);
        if ids.is_empty() && !open {
            return self.write_or_go_on(now);
        }
        self.stage = Stage::Stored;
        Effect::LoadRecords { object, ids, open }
    }

    /// Contacts that were not found are looked up once more at the end, with a control.
    fn doubt(&mut self, page: &Page) {
        let looks_up = self.active.passes.front().is_some_and(|p| matches!(p.kind, PassKind::Contacts { .. }));
        for id in page.gone.iter().filter(|_| looks_up) {
            if self.index(Object::Contacts).and_then(|i| i.get(*id)).is_some_and(is_live)
                && self.met.doubted.insert(*id)
            {
                self.fresh.doubted.insert(*id);
            }
        }
    }

    /// Counts a row that is as it was; gives back one that has to be read.
    fn judge_row(&mut self, object: Object, row: Row) -> Option<Row> {
        for contact in &row.contacts {
            if self.met.contacts.insert(*contact) {
                self.fresh.contacts.insert(*contact);
            }
        }
        if self.met.seen.get(&object).is_some_and(|s| s.contains(row.erp_id)) {
            return None;
        }
        let before = self.index(object).and_then(|i| i.get(row.erp_id));
        if before == Some(Mark::known(row.text)) {
            self.see(object, row.erp_id);
            self.counts(object).unchanged += 1;
            return None;
        }
        if before == Some(Mark::parked(row.text)) {
            self.see(object, row.erp_id);
            self.counts(object).parked += 1;
            return None;
        }
        self.quiet = false;
        for contact in &row.contacts {
            if self.met.touched.insert(*contact) {
                self.fresh.touched.insert(*contact);
            }
        }
        Some(row)
    }

    /// Counts a record as read, once a run.
    pub(crate) fn see(&mut self, object: Object, erp_id: ErpId) {
        if self.met.seen.entry(object).or_default().insert(erp_id) {
            self.fresh.seen.entry(object).or_default().insert(erp_id);
            self.counts(object).read += 1;
        }
    }
}
