//! What comes of a page: which rows are as we have them, which wait to be written, what is in doubt.

use domain::{ErpId, Object, Record};
use jiff::Timestamp;

use crate::classify::{Judged, Pending, judge};
use crate::index::Index;
use crate::machine::{Effect, Machine, OpenPage, Stage, is_live};
use crate::pass::{Filter, Page, PassKind, Row, RowOutcome};

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
        for row in page.rows {
            self.count_in_walk(row.erp_id);
            self.judge_row(object, row, now);
        }
        for erp_id in gone {
            self.pending.push_back(Pending::Missing { erp_id });
        }
        let stored: Vec<_> = self.pending.iter().filter(|p| p.needs_stored()).map(Pending::erp_id).collect();
        if stored.is_empty() {
            return self.write_or_go_on(now);
        }
        self.stage = Stage::Stored;
        Effect::LoadRecords { object, ids: stored }
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

    fn judge_row(&mut self, object: Object, row: Row, now: Timestamp) {
        let erp_id = row.erp_id;
        let contacts = contacts_of(&row);
        for contact in &contacts {
            if self.met.contacts.insert(*contact) {
                self.fresh.contacts.insert(*contact);
            }
        }
        if self.met.seen.get(&object).is_some_and(|s| s.contains(erp_id)) {
            return;
        }
        let empty = Index::default();
        match judge(object, row, self.indexes.get(&object).unwrap_or(&empty), now) {
            Judged::Unchanged => {
                self.see(object, erp_id);
                self.counts(object).unchanged += 1;
            }
            Judged::StillParked => {
                self.see(object, erp_id);
                self.counts(object).parked += 1;
            }
            Judged::Write(pending) => {
                self.quiet = false;
                for contact in contacts {
                    if self.met.touched.insert(contact) {
                        self.fresh.touched.insert(contact);
                    }
                }
                self.pending.push_back(pending);
            }
        }
    }

    /// Counts a record as read, once a run.
    pub(crate) fn see(&mut self, object: Object, erp_id: ErpId) {
        if self.met.seen.entry(object).or_default().insert(erp_id) {
            self.fresh.seen.entry(object).or_default().insert(erp_id);
            self.counts(object).read += 1;
        }
    }
}

fn contacts_of(row: &Row) -> Vec<ErpId> {
    match &row.outcome {
        RowOutcome::Record(Record::Document(d)) => d.partner.iter().chain(&d.receiver).map(|p| p.erp_id).collect(),
        _ => Vec::new(),
    }
}
