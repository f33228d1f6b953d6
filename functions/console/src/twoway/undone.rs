//! Taking a run back: what the run did, and what came of taking it back.

use app::twoway::undo::Undone;
use domain::Run;
use sync::undo::{Later, Refused, Undo};

use super::RecordLink;
use crate::{
    reader::{Reader, When},
    wording::{optional, piece, side},
};

/// What a run did to an object type.
pub(crate) struct DidRow {
    pub(crate) object: &'static str,
    pub(crate) created: String,
    pub(crate) updated: String,
}

/// A run that may be taken back.
pub(crate) struct UndoView {
    pub(crate) id: String,
    pub(crate) when: When,
    pub(crate) why: String,
    pub(crate) state: &'static str,
    pub(crate) did: Vec<DidRow>,
    pub(crate) is_over: bool,
}

/// A piece that was set back.
pub(crate) struct BackRow {
    pub(crate) name: String,
    pub(crate) was: String,
    pub(crate) is: String,
}

/// A piece, or the whole record, that stays, and why.
pub(crate) struct StaysRow {
    pub(crate) name: String,
    pub(crate) why: String,
    pub(crate) instead: Option<&'static str>,
}

/// What came of one record.
pub(crate) struct UndoneRow {
    pub(crate) record: RecordLink,
    pub(crate) set: Vec<BackRow>,
    pub(crate) kept: Vec<StaysRow>,
    pub(crate) refused: Vec<StaysRow>,
}

/// What came of taking a run back.
pub(crate) struct UndoneView {
    pub(crate) run: String,
    pub(crate) records: Vec<UndoneRow>,
}

impl UndoView {
    /// A run as the page shows it that asks whether it is to be taken back.
    pub(crate) fn of(run: &Run, reader: &Reader<'_>) -> Self {
        let did = run.counts.iter().filter(|(_, c)| c.created + c.updated > 0);
        Self {
            id: run.id.to_string(),
            when: reader.when(run.started_at.unwrap_or(run.requested_at)),
            why: reader.phrases().reason(run.trigger, run.mode),
            state: reader.phrases().state(run.state),
            did: did
                .map(|(object, c)| DidRow {
                    object: reader.phrases().object(*object),
                    created: reader.number(c.created),
                    updated: reader.number(c.updated),
                })
                .collect(),
            is_over: run.is_over(),
        }
    }
}

impl UndoneView {
    /// What came of taking a run back, record by record.
    pub(crate) fn of(undone: &Undone, reader: &Reader<'_>) -> Self {
        let none = Vec::new();
        let row = |one| undone_row(one, undone.left.get(&one.record).unwrap_or(&none), reader);
        Self { run: undone.run.id.to_string(), records: undone.records.iter().map(row).collect() }
    }
}

fn undone_row(one: &Undo, left: &[String], reader: &Reader<'_>) -> UndoneRow {
    let (language, w) = (reader.language, reader.sync_texts());
    let name = |name: &String| piece(language, name);
    let set = one.set.iter().filter(|(name, _)| !left.contains(name));
    let kept = one.kept.iter().map(|(name, later)| (name, kept_why(later.as_ref(), reader)));
    let left = left.iter().map(|name| (name, w.kept_meanwhile.to_owned()));
    let of_whole = one.whole.map(|why| refused_row(w.the_record.to_owned(), why, reader));
    UndoneRow {
        record: RecordLink::of_id(one.record, None, reader),
        set: set
            .map(|(piece, back)| BackRow {
                name: name(piece),
                was: optional(language, back.is.as_ref()),
                is: optional(language, back.to.as_ref()),
            })
            .collect(),
        kept: kept.chain(left).map(|(piece, why)| StaysRow { name: name(piece), why, instead: None }).collect(),
        refused: of_whole
            .into_iter()
            .chain(one.refused.iter().map(|(piece, why)| refused_row(name(piece), *why, reader)))
            .collect(),
    }
}

fn refused_row(name: String, why: Refused, reader: &Reader<'_>) -> StaysRow {
    let p = reader.phrases();
    StaysRow { name, why: p.refused(why).to_owned(), instead: Some(p.instead(why.instead())) }
}

fn kept_why(later: Option<&Later>, reader: &Reader<'_>) -> String {
    let w = reader.sync_texts();
    let Some(later) = later else { return w.kept_unknown.to_owned() };
    let side = side(later.from);
    format!("{}: {}, {} ({side})", w.kept_unknown, later.by, reader.when(later.at).text)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, id, reader};
    use super::*;
    use domain::{Counts, Mode, Object, RunState, Trigger};
    use runtime::{Language, Role};
    use serde_json::json;
    use std::collections::BTreeMap;
    use sync::{twoway::Winner, undo::Back};

    fn run() -> Run {
        let id = "run_00000000000070008000000000000001".parse().expect("a run id");
        let mut run = Run::queued(id, Mode::Changes, Trigger::Schedule, &[Object::Orders], at(0));
        run.counts.insert(Object::Orders, Counts { updated: 3, ..Counts::default() });
        run.counts.insert(Object::Stock, Counts { unchanged: 3, ..Counts::default() });
        run
    }

    #[test]
    fn the_question_shows_what_the_run_did_where_it_did_anything() {
        let mut run = run();
        let view = UndoView::of(&run, &reader(Language::En, Role::Operator));
        assert_eq!((view.did.len(), view.did[0].object, view.did[0].updated.as_str()), (1, "Orders", "3"));
        assert!(!view.is_over);
        run.state = RunState::Succeeded;
        assert!(UndoView::of(&run, &reader(Language::En, Role::Operator)).is_over);
    }

    #[test]
    fn the_result_says_of_each_piece_whether_it_went_back_stayed_or_could_not_and_what_to_do() {
        let record = id(Object::Contacts, 7);
        let back = |to: &str| Back { is: Some(json!("Anica")), to: Some(json!(to)) };
        let later = Later { seq: 9, at: at(0), by: "ana".to_owned(), from: Winner::Crm };
        let one = Undo {
            record,
            set: [("name".to_owned(), back("Ana")), ("persons/1".to_owned(), back("x"))].into(),
            kept: [("buyer".to_owned(), Some(later))].into(),
            refused: [("tax".to_owned(), Refused::Conflict)].into(),
            whole: Some(Refused::Linked),
        };
        let left = BTreeMap::from([(record, vec!["persons/1".to_owned()])]);
        let undone = Undone { run: run(), records: vec![one], left };
        let view = UndoneView::of(&undone, &reader(Language::En, Role::Operator));
        let row = &view.records[0];
        assert_eq!(row.set.len(), 1);
        assert_eq!((row.set[0].was.as_str(), row.set[0].is.as_str()), ("Anica", "Ana"));
        let kept: Vec<_> = row.kept.iter().map(|k| (k.name.as_str(), k.why.as_str())).collect();
        assert_eq!(kept[0], ("Buyer", "changed later: ana, 21 Sep 2026, 16:13 (CRM)"));
        assert_eq!(kept[1], ("Contact person 1", "changed while the undo went on"));
        let refused: Vec<_> = row.refused.iter().map(|r| (r.name.as_str(), r.instead)).collect();
        assert_eq!(
            refused,
            [
                ("Record", Some("Delete the record in the CRM if it should not be there.")),
                ("Tax", Some("Settle the conflict."))
            ]
        );
    }
}
