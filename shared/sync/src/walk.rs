//! Walking a list of the ERP safely: which read is next, whether a page can be trusted, when a walk is complete.
//!
//! Rows are ordered by id, not by change, and offset paging runs over a moving
//! set. A walk whose total fell, or whose page is shorter than its total
//! says, begins again; only a walk that stood still proves that a record is absent.

use std::collections::BTreeSet;

use domain::{ErpId, Object, Record};
use jiff::Timestamp;

use crate::IdSet;
use crate::index::Index;
use crate::machine::{Failure, Machine, Next, is_live};
use crate::pass::{
    Filter, Hint, LOOKUP_BATCH, LookupItem, Page, Pass, PassKind, Read, Refresh, STOCK_BATCH, WALK_ATTEMPTS, Walk,
};

/// More missing records than this, and more than a twentieth of those we have, are not believed.
const MANY_MISSING: usize = 10;

impl Machine {
    /// The next read of the current pass.
    pub(crate) fn next_read(&mut self, object: Object) -> Next {
        let Some(pass) = self.active.passes.front() else { return Next::PassOver };
        if pass.walk.done {
            return Next::PassOver;
        }
        let (offset, last) = (pass.walk.offset, pass.walk.last);
        match pass.kind.clone() {
            PassKind::Warehouses => Next::Read(Read::Warehouses),
            PassKind::Products => Next::Read(Read::Products { offset }),
            PassKind::Documents { kind, filter } => Next::Read(Read::Documents { kind, filter, offset }),
            PassKind::Stock => self.next_stock(last),
            PassKind::StockOf { hints } => self
                .ask(rest(&hints, offset, STOCK_BATCH).iter().map(|h| h.erp_id).collect(), |products| Read::Stock {
                    products,
                }),
            PassKind::UnknownProducts { hints } => {
                let items = rest(&hints, offset, LOOKUP_BATCH)
                    .iter()
                    .map(|h| LookupItem { erp_id: h.erp_id, number: h.number.clone(), code: None, kind: None })
                    .collect::<Vec<_>>();
                self.ask(items.iter().map(|i| i.erp_id).collect(), |_| Read::Lookup { object, items })
            }
            PassKind::Contacts { refresh } => {
                let ids = self.contact_ids(refresh).after(last, LOOKUP_BATCH);
                self.ask(ids, |ids| Read::Contacts { ids })
            }
            PassKind::Missing { .. } => self.next_candidates(object, last),
        }
    }

    fn ask(&mut self, ids: Vec<ErpId>, read: impl FnOnce(Vec<ErpId>) -> Read) -> Next {
        if ids.is_empty() {
            return Next::PassOver;
        }
        self.asked.clone_from(&ids);
        Next::Read(read(ids))
    }

    fn next_stock(&mut self, last: Option<ErpId>) -> Next {
        let products: IdSet = self.live(Object::Products);
        self.counts(Object::Stock).total.get_or_insert(products.len() as u64);
        self.ask(products.after(last, STOCK_BATCH), |products| Read::Stock { products })
    }

    /// The ids of an object type that we hold live records of.
    fn live(&self, object: Object) -> IdSet {
        let marks = self.index(object).into_iter().flat_map(Index::iter);
        marks.filter(|(_, m)| is_live(*m)).map(|(id, _)| id).collect()
    }

    /// The contacts to look up: named by new or changed documents, named and unknown, and those to refresh.
    fn contact_ids(&mut self, refresh: Refresh) -> &IdSet {
        if self.contacts_to_ask.is_none() {
            let known = self.live(Object::Contacts);
            let mut ids: IdSet = self.met.contacts.iter().filter(|id| !known.contains(*id)).collect();
            ids.extend(&self.met.touched);
            match refresh {
                Refresh::None => {}
                Refresh::All => ids.extend(&known),
                Refresh::Some(n) => {
                    let n = n as usize;
                    let from = self.state.cursors.get(&Object::Contacts).and_then(|c| c.refreshed_to);
                    let mut next = known.after(from, n);
                    next.extend(known.after(None, n.saturating_sub(next.len())));
                    self.active.reached.entry(Object::Contacts).or_default().refreshed_to = next.last().copied();
                    ids.extend(&next.into_iter().collect());
                }
            }
            self.counts(Object::Contacts).total.get_or_insert(ids.len() as u64);
            self.contacts_to_ask = Some(ids);
        }
        self.contacts_to_ask.get_or_insert_default()
    }

    fn next_candidates(&mut self, object: Object, last: Option<ErpId>) -> Next {
        if self.active.unproven.contains(&object) {
            return Next::PassOver;
        }
        let live = self.live(object);
        let none = IdSet::default();
        let seen = self.met.seen.get(&object).unwrap_or(&none);
        let absent: IdSet = match object {
            // Contacts are not swept: only those that a lookup did not find are in doubt.
            Object::Contacts => self.met.doubted.iter().filter(|id| live.contains(*id)).collect(),
            _ => live.iter().filter(|id| !seen.contains(*id)).collect(),
        };
        if last.is_none() && absent.len() > MANY_MISSING && absent.len() * 20 > live.len() {
            return Next::Failed(Failure {
                code: "many_missing".into(),
                message: format!(
                    "the ERP no longer shows {} of {} {object}; nothing was flagged, because that many do not go at once by intent",
                    absent.len(),
                    live.len()
                ),
                retryable: false,
                ends_run: false,
            });
        }
        let mut ids = absent.after(last, LOOKUP_BATCH);
        if ids.is_empty() {
            return Next::PassOver;
        }
        self.asked.clone_from(&ids);
        // The positive control: a record that the sweep has just met must be found by the same lookup.
        self.control = seen.iter().filter(|id| live.contains(*id)).last();
        ids.extend(self.control);
        Next::Candidates(ids)
    }

    /// The lookup of the candidates whose records are loaded now, the control first.
    pub(crate) fn lookup_read(&self, ids: &[ErpId]) -> Read {
        let object = self.active.passes.front().map_or(Object::Products, Pass::object);
        match object {
            Object::Stock => return Read::Stock { products: ids.to_vec() },
            Object::Contacts => return Read::Contacts { ids: ids.to_vec() },
            _ => {}
        }
        let items = ids
            .iter()
            .rev()
            .filter_map(|id| {
                let stored = self.candidates.get(id)?;
                let bare = LookupItem { erp_id: *id, number: None, code: None, kind: None };
                Some(match &stored.record {
                    Record::Product(p) => LookupItem {
                        number: p.number.as_ref().map(ToString::to_string),
                        code: Some(p.code.to_string()),
                        ..bare
                    },
                    Record::Document(d) => LookupItem { kind: Some(d.kind), ..bare },
                    _ => bare,
                })
            })
            .collect();
        Read::Lookup { object, items }
    }

    /// Refuses a page that cannot be true.
    pub(crate) fn check_page(&self, page: &Page) -> Option<Failure> {
        let pass = self.active.passes.front()?;
        let counted = matches!(pass.kind, PassKind::Documents { .. });
        (counted && page.total.is_none()).then(|| {
            failure(
                "page_without_total",
                "the ERP sent a page without saying how many records there are; it was not used",
            )
        })
    }

    /// Begins the walk again when the page shows that rows moved under it. `Err` when that was tried often enough.
    pub(crate) fn restart_if_moved(&mut self, page: &Page, now: Timestamp) -> Result<bool, Failure> {
        let Some(pass) = self.active.passes.front_mut() else { return Ok(false) };
        let rows = page.rows.len() as u64;
        let (short, moved) = match &pass.kind {
            PassKind::Documents { filter, .. } => {
                let total = page.total.unwrap_or(0);
                let expected = page.page_size.min(total.saturating_sub(pass.walk.offset));
                (rows < expected, is_moved(&mut pass.walk, *filter, total))
            }
            PassKind::Products => (pass.walk.confirming && rows > 0, false),
            _ => return Ok(false),
        };
        if !short && !moved {
            return Ok(false);
        }
        let attempt = pass.walk.attempt + 1;
        if attempt <= WALK_ATTEMPTS {
            pass.walk = Walk { attempt, began: Some(now), ..Walk::default() };
            return Ok(true);
        }
        if short {
            return Err(failure(
                "page_incomplete",
                "the ERP sent fewer rows than it counted, several times; nothing of it was used",
            ));
        }
        self.give_up_standing_still(now)
    }

    /// The set moves too fast for this walk: a window is halved, a whole walk goes on but proves nothing.
    fn give_up_standing_still(&mut self, now: Timestamp) -> Result<bool, Failure> {
        let Some(pass) = self.active.passes.front_mut() else { return Ok(false) };
        let PassKind::Documents { kind, filter } = pass.kind.clone() else { return Ok(false) };
        let Filter::Window { from, to } = filter else {
            pass.walk.grew = true;
            pass.walk.gave_up = true;
            return Ok(false);
        };
        let half = from + to.duration_since(from) / 2;
        if to.duration_since(from) < jiff::SignedDuration::from_secs(2) {
            return Err(failure("moving_set", "orders change faster than they can be read; the next run tries again"));
        }
        self.active.passes.pop_front();
        for (from, to) in [(half, to), (from, half)] {
            let mut part = Pass::new(PassKind::Documents { kind, filter: Filter::Window { from, to } });
            part.walk.began = Some(now);
            self.active.passes.push_front(part);
        }
        Ok(true)
    }

    /// Counts a row as met by this walk. Walks over documents go up by id, so a distinct row is one with a larger id.
    pub(crate) fn count_in_walk(&mut self, erp_id: ErpId) {
        let Some(pass) = self.active.passes.front_mut() else { return };
        let upward = matches!(&pass.kind, PassKind::Documents { filter, .. } if *filter != Filter::Newest);
        if upward && pass.walk.last.is_none_or(|last| last < erp_id) {
            pass.walk.last = Some(erp_id);
            pass.walk.distinct += 1;
        }
    }

    /// The records of a page that are proven to be absent, among those we hold live.
    pub(crate) fn gone_for_good(&self, page: &Page) -> Vec<ErpId> {
        let Some(pass) = self.active.passes.front() else { return Vec::new() };
        let proven = match &pass.kind {
            PassKind::Missing { .. } => self.control.is_some_and(|c| page.rows.iter().any(|r| r.erp_id == c)),
            _ => false,
        };
        if !proven {
            return Vec::new();
        }
        let with_rows: BTreeSet<_> = page.rows.iter().map(|r| r.erp_id).collect();
        let gone = match &pass.kind {
            // Stock says what is there; what was asked for and is not there is gone.
            PassKind::Missing { object: Object::Stock } => {
                self.asked.iter().filter(|id| !with_rows.contains(id)).collect()
            }
            _ => page.gone.iter().collect::<Vec<_>>(),
        };
        let live = |id: &ErpId| self.index(pass.object()).and_then(|i| i.get(*id)).is_some_and(is_live);
        gone.into_iter().copied().filter(live).collect()
    }

    /// Moves the walk past the page that was judged.
    pub(crate) fn advance_walk(&mut self) {
        let Some(open) = self.open_page.take() else { return };
        let asked = self.asked.last().copied();
        let quiet = self.quiet;
        let known = self.active.passes.front().map_or(0, |p| self.live(p.object()).len());
        let Some(pass) = self.active.passes.front_mut() else { return };
        let seen = self.met.seen.get(&pass.object()).map_or(0, IdSet::len);
        let walk = &mut pass.walk;
        match &pass.kind {
            PassKind::Warehouses => walk.done = true,
            PassKind::Products => {
                walk.offset += open.rows;
                let short = open.rows < open.page_size;
                // Nothing tells the end of the products but a short page, and a page can be short by mistake.
                walk.done = short && (walk.confirming || known <= seen);
                walk.confirming = short && !walk.done;
            }
            PassKind::Documents { filter, .. } => {
                walk.offset += open.rows;
                let over = walk.offset >= open.total;
                walk.done = over || open.rows == 0 || (*filter == Filter::Newest && quiet);
            }
            PassKind::StockOf { hints } | PassKind::UnknownProducts { hints } => {
                walk.offset += self.asked.len() as u64;
                walk.done = walk.offset >= hints.len() as u64;
            }
            PassKind::Stock | PassKind::Contacts { .. } | PassKind::Missing { .. } => walk.last = asked.or(walk.last),
        }
    }

    /// Notes what a finished pass reached.
    pub(crate) fn close_pass(&mut self, pass: &Pass) {
        let object = pass.object();
        let seen = self.met.seen.get(&object).map_or(0, IdSet::len) as u64;
        let (walk, began) = (&pass.walk, pass.walk.began);
        let reached = self.active.reached.entry(object).or_default();
        match &pass.kind {
            PassKind::Products => {
                if walk.offset > seen {
                    self.active.unproven.insert(object);
                }
                reached.full_at = began;
            }
            PassKind::Documents { filter: Filter::All, .. } => {
                if walk.grew || Some(walk.distinct) != walk.total {
                    self.active.unproven.insert(object);
                }
                if walk.gave_up {
                    self.active.failed.insert(object);
                }
                reached.full_at = reached.full_at.min(began).or(began);
                reached.changes_at = reached.full_at;
                reached.changed_to = reached.full_at;
                reached.unpaid_at = reached.full_at;
            }
            PassKind::Documents { filter: Filter::Window { to, .. }, .. } => {
                reached.changed_to = Some(*to);
                reached.changes_at = began;
            }
            PassKind::Documents { filter: Filter::Newest, .. } => reached.changes_at = began,
            PassKind::Documents { filter: Filter::Unpaid, .. } => reached.unpaid_at = began,
            PassKind::Stock => reached.full_at = began,
            PassKind::Contacts { refresh } => {
                if *refresh != Refresh::None {
                    reached.changes_at = began;
                }
                if *refresh == Refresh::All {
                    reached.full_at = began;
                }
                self.contacts_to_ask = None;
            }
            PassKind::Warehouses
            | PassKind::StockOf { .. }
            | PassKind::UnknownProducts { .. }
            | PassKind::Missing { .. } => {}
        }
    }

    /// Moves the cursors to what the run reached.
    ///
    /// When contacts could not be looked up, the cursors of documents stay: the
    /// documents are walked again, and their contacts are met again.
    pub(crate) fn close_cursors(&mut self) {
        let no_contacts = self.active.failed.contains(&Object::Contacts);
        for (object, reached) in &self.active.reached {
            if self.active.failed.contains(object) || (no_contacts && object.is_document()) {
                continue;
            }
            let cursor = self.state.cursors.entry(*object).or_default();
            cursor.full_at = reached.full_at.or(cursor.full_at);
            cursor.changes_at = reached.changes_at.or(cursor.changes_at);
            cursor.changed_to = reached.changed_to.or(cursor.changed_to);
            cursor.unpaid_at = reached.unpaid_at.or(cursor.unpaid_at);
            cursor.refreshed_to = reached.refreshed_to.or(cursor.refreshed_to);
        }
    }
}

/// Whether the total says that rows may have been skipped. A whole walk goes up by id, so rows that were added come at its end.
fn is_moved(walk: &mut Walk, filter: Filter, total: u64) -> bool {
    let before = walk.total.replace(total);
    match (before, filter) {
        (None, _) | (_, Filter::Newest) => false,
        (Some(_), _) if walk.gave_up => false,
        (Some(before), Filter::All) if total > before => {
            walk.grew = true;
            false
        }
        (Some(before), _) => total != before,
    }
}

fn rest(hints: &[Hint], offset: u64, limit: usize) -> &[Hint] {
    let from = usize::try_from(offset).unwrap_or(usize::MAX).min(hints.len());
    let to = (from + limit).min(hints.len());
    &hints[from..to]
}

fn failure(code: &str, message: &str) -> Failure {
    Failure { code: code.into(), message: message.into(), retryable: true, ends_run: false }
}
