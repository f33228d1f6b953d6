//! A record: both sides of it, its state, and what a reader may do with it.

use domain::{Document, Object, Owner, RecordId, TenantId, fields::owner};
use jiff::Timestamp;
use runtime::Permission;
use std::collections::BTreeSet;
use store::Change;
use sync::{
    guard,
    twoway::{Entry, pending},
};

use super::{
    RecordLink,
    history::{ChangeRow, change_row},
    waiting::{Candidates, ConflictRow, Why, candidates, conflicts, why},
};
use crate::{
    reader::{Badge, Reader, When},
    wording::{of_piece, piece},
};

/// A piece on both sides.
pub(crate) struct PieceRow {
    pub(crate) name: String,
    pub(crate) crm: String,
    pub(crate) erp: String,
    pub(crate) agreed: Badge,
}

/// A record that is deleted or archived.
pub(crate) struct Gone {
    pub(crate) since: When,
    pub(crate) is_late: bool,
    pub(crate) can_restore: bool,
}

/// A record as its page shows it.
pub(crate) struct RecordView {
    pub(crate) record: RecordLink,
    /// What it is: of a document its kind.
    pub(crate) what: &'static str,
    /// Whom a document is for.
    pub(crate) partner: Option<RecordLink>,
    pub(crate) badge: Badge,
    pub(crate) crm_id: Option<String>,
    pub(crate) erp_id: Option<String>,
    pub(crate) revision: String,
    pub(crate) edited_at: Option<When>,
    pub(crate) due_at: Option<When>,
    pub(crate) why: Option<Why>,
    pub(crate) candidates: Option<Candidates>,
    pub(crate) conflicts: Vec<ConflictRow>,
    pub(crate) pieces: Vec<PieceRow>,
    pub(crate) gone: Option<Gone>,
    pub(crate) history: Vec<ChangeRow>,
    /// That the history goes on.
    pub(crate) more: Option<String>,
}

impl RecordView {
    /// What `reader` sees of a record and the last changes of it, at most `shown`.
    pub(crate) fn of(entry: &Entry, history: &[Change], shown: usize, now: Timestamp, reader: &Reader<'_>) -> Self {
        let is_more = history.len() > shown;
        Self {
            what: reader.phrases().one(entry.id.object()),
            partner: None,
            record: RecordLink::of_entry(entry, reader),
            badge: badge(entry, reader),
            crm_id: entry.crm_id.clone(),
            erp_id: entry.erp_id.map(|id| id.to_string()),
            revision: reader.number(entry.revision),
            edited_at: entry.crm_edited_at.map(|at| reader.when(at)),
            due_at: entry.due.map(|at| reader.when(at)),
            why: why(entry, reader),
            candidates: candidates(entry, reader),
            conflicts: conflicts(entry, reader),
            pieces: piece_rows(entry, reader),
            gone: gone(entry, now, reader),
            history: history.iter().take(shown).map(|change| change_row(change, reader)).collect(),
            more: is_more.then(|| reader.phrases().first_of_more(super::count(shown))),
        }
    }
}

impl RecordView {
    /// The same for a document: its kind, and whom it is for.
    pub(crate) fn about(mut self, document: &Document, tenant: &TenantId, reader: &Reader<'_>) -> Self {
        self.what = reader.phrases().document_kind(document.kind);
        self.partner = document.partner.as_ref().map(|partner| {
            let id = RecordId::for_erp(tenant, Object::Contacts, partner.erp_id);
            let link = RecordLink::of_id(id, None, reader);
            let name = partner.name.as_ref().map_or(link.name, ToString::to_string);
            RecordLink { name, ..link }
        });
        self
    }
}

fn badge(entry: &Entry, reader: &Reader<'_>) -> Badge {
    let w = reader.sync_texts();
    let waits = entry.due.is_some() || entry.intent.is_some() || !pending(entry).is_empty();
    // One that was taken apart waits for nobody once it is deleted.
    let hold = entry.hold.as_ref().filter(|_| !entry.is_unlinked() || entry.crm_deleted_at.is_none());
    match (hold, entry.crm_deleted_at, entry.archived_at) {
        _ if entry.merged.is_some() => Badge { tone: "idle", text: w.kind_merged },
        (Some(_), ..) => Badge { tone: "warn", text: w.held },
        (None, Some(_), _) if entry.erp_id.is_some() && entry.crm_id.is_some() => {
            Badge { tone: "busy", text: w.deleting }
        }
        (None, Some(_), _) => Badge { tone: "idle", text: w.deleted },
        (None, None, Some(_)) => Badge { tone: "idle", text: w.archived },
        _ if !entry.conflicts.is_empty() => Badge { tone: "warn", text: w.held },
        _ if waits => Badge { tone: "busy", text: w.waits },
        _ => Badge { tone: "good", text: w.in_step },
    }
}

fn gone(entry: &Entry, now: Timestamp, reader: &Reader<'_>) -> Option<Gone> {
    let since = entry.archived_at.or(entry.crm_deleted_at)?;
    let is_late = guard::restore(since, now).is_err();
    Some(Gone { since: reader.when(since), is_late, can_restore: !is_late && reader.may(Permission::Sync) })
}

fn piece_rows(entry: &Entry, reader: &Reader<'_>) -> Vec<PieceRow> {
    let (language, w) = (reader.language, reader.sync_texts());
    let names: BTreeSet<&str> = entry.crm.iter().chain(entry.erp.iter()).map(|(name, _)| name).collect();
    let row = |name: &str| {
        let conflict = entry.conflicts.get(name);
        let erp = conflict.map_or(entry.erp.get(name), |c| c.erp.as_ref());
        let is_agreed = entry.crm.get(name) == entry.agreed.get(name);
        let agreed = match () {
            () if conflict.is_some() => Badge { tone: "bad", text: w.agreed_conflict },
            () if entry.merged.is_some() => Badge { tone: "idle", text: w.kind_merged },
            () if entry.erp_id.is_none() => Badge { tone: "idle", text: w.agreed_new },
            () if is_agreed => Badge { tone: "good", text: w.agreed_yes },
            () if owner(entry.id.object(), name) == Owner::Both => Badge { tone: "busy", text: w.agreed_pending },
            () => Badge { tone: "idle", text: w.agreed_erp },
        };
        PieceRow {
            name: piece(language, name),
            crm: of_piece(language, name, entry.crm.get(name)),
            erp: of_piece(language, name, erp),
            agreed,
        }
    };
    names.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, contact, reader};
    use super::*;
    use runtime::{Language, Role};
    use serde_json::json;
    use sync::twoway::{Conflict, Hold, HoldReason, Merged};

    fn seen(entry: &Entry, now: Timestamp, role: Role) -> RecordView {
        RecordView::of(entry, &[], 10, now, &reader(Language::En, role))
    }

    fn state(entry: &Entry) -> &'static str {
        seen(entry, at(0), Role::Support).badge.text
    }

    #[test]
    fn the_state_says_what_happens_next() {
        let plain = contact("Ana");
        assert_eq!(state(&plain), "In step");
        let held = Hold { reason: HoldReason::GivenUp, since: at(0), candidates: Vec::new() };
        assert_eq!(state(&Entry { hold: Some(held), ..plain.clone() }), "Waits for a person");
        assert_eq!(state(&Entry { due: Some(at(0)), ..plain.clone() }), "Waits to be written");
        assert_eq!(state(&Entry { archived_at: Some(at(0)), ..plain.clone() }), "Archived");
        let apart = HoldReason::Unlinked { by: "ana".to_owned(), erp_id: domain::ErpId::new(7) };
        let apart = Entry {
            hold: Some(Hold { reason: apart, since: at(0), candidates: Vec::new() }),
            erp_id: None,
            ..plain.clone()
        };
        assert_eq!(state(&apart), "Waits for a person");
        assert_eq!(state(&Entry { crm_deleted_at: Some(at(0)), ..apart }), "Deleted");
        let merged = Merged {
            into: "c-2".to_owned(),
            by: "ana".to_owned(),
            since: at(0),
            gone: plain.clone(),
            survivor: plain.clone(),
            revision: 2,
            base: 0,
        };
        let merged = Entry { merged: Some(Box::new(merged)), ..plain.clone() };
        assert_eq!(state(&merged), "Merged with another one");
        let deleted = Entry { crm_deleted_at: Some(at(0)), ..plain };
        assert_eq!(state(&deleted), "Being deleted");
        assert_eq!(state(&Entry { erp_id: None, ..deleted }), "Deleted");
    }

    #[test]
    fn each_piece_says_whether_the_sides_agree() {
        let mut entry = contact("Ana");
        entry.crm.set("name", json!("Anica"));
        entry.crm.set("number", json!("18"));
        entry.crm.set("buyer", json!(true));
        entry.agreed.set("buyer", json!(true));
        entry.crm.set("tax", json!({ "taxpayer": true }));
        let conflict = Conflict { base: None, crm: None, erp: Some(json!({ "taxpayer": false })) };
        entry.conflicts.insert("tax".to_owned(), conflict);
        let rows = seen(&entry, at(0), Role::Support).pieces;
        let told: Vec<_> =
            rows.iter().map(|r| (r.name.as_str(), r.crm.as_str(), r.erp.as_str(), r.agreed.text)).collect();
        assert_eq!(
            told,
            [
                ("Buyer", "yes", "\u{2013}", "yes"),
                ("Name", "Anica", "Ana", "the CRM's is still to be written"),
                ("Number", "18", "17", "Metakocka's counts"),
                ("Tax", "Taxpayer: yes", "Taxpayer: no", "conflict"),
            ]
        );
        let only_crm = Entry { erp_id: None, conflicts: [].into(), ..entry };
        let rows = seen(&only_crm, at(0), Role::Support).pieces;
        assert!(rows.iter().all(|r| r.agreed.text == "not in Metakocka yet"));
    }

    #[test]
    fn a_deleted_record_comes_back_within_thirty_days_and_only_by_those_who_may() {
        let entry = Entry { crm_deleted_at: Some(at(0)), ..contact("Ana") };
        let gone = |days: i64, role| {
            let gone = seen(&entry, at(days * 86_400), role).gone.expect("it is deleted");
            (gone.can_restore, gone.is_late)
        };
        assert_eq!(gone(29, Role::Operations), (true, false));
        assert_eq!(gone(29, Role::Accountant), (false, false));
        assert_eq!(gone(31, Role::Operations), (false, true));
        assert!(seen(&contact("Ana"), at(0), Role::Operations).gone.is_none());
    }
}
