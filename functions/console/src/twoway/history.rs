//! A record's history: who, when, which side, which rule, which request.

use domain::{change::ChangeKind, change::FieldChange};
use runtime::Permission;
use std::collections::BTreeSet;
use store::{Change, Side};

use super::count;
use crate::{
    reader::{Reader, When},
    wording::{optional, piece, value},
};

/// More pieces than this are shown when somebody asks.
const SHORT: usize = 8;
/// Who the engine is in the history.
const ENGINE: &str = "sync";

/// What a change did to a piece.
pub(crate) struct PieceChange {
    pub(crate) name: String,
    pub(crate) before: String,
    pub(crate) after: String,
    /// The rule that decided, and the value that lost.
    pub(crate) why: Option<String>,
}

/// A change.
pub(crate) struct ChangeRow {
    pub(crate) number: String,
    pub(crate) when: When,
    pub(crate) what: &'static str,
    pub(crate) from: &'static str,
    pub(crate) actor: String,
    /// The run and the request, for those who see runs in detail.
    pub(crate) run: Option<String>,
    pub(crate) request: Option<String>,
    /// By what a contact was found to be a partner, or what a person said about it.
    pub(crate) matched: Option<String>,
    pub(crate) pieces: Vec<PieceChange>,
    /// In place of many pieces, their number.
    pub(crate) folded: Option<String>,
}

/// A change as a page tells it.
pub(crate) fn change_row(change: &Change, reader: &Reader<'_>) -> ChangeRow {
    let w = reader.sync_texts();
    let names: BTreeSet<&String> = change.fields.keys().chain(change.decided.keys()).collect();
    let says_nothing = names.is_empty() && change.kind == ChangeKind::Updated;
    let in_detail = reader.may(Permission::LogsView);
    let n = names.len();
    ChangeRow {
        number: reader.number(change.seq),
        when: reader.when(change.at),
        what: match &change.matched {
            Some(matched) if says_nothing && matched.erp_id.is_some() => w.said_link,
            Some(_) if says_nothing => w.said_new,
            None if says_nothing => w.looked_again,
            _ => reader.phrases().kind(change.kind),
        },
        from: match change.side {
            Side::Crm => w.from_crm,
            Side::Erp => w.from_erp,
        },
        actor: if change.actor == ENGINE { w.by_sync.to_owned() } else { change.actor.clone() },
        run: change.run.map(|run| run.to_string()).filter(|_| in_detail),
        request: change.event.clone().filter(|_| in_detail),
        matched: change.matched.as_ref().map(|matched| reader.phrases().matched(matched)),
        pieces: names.into_iter().map(|name| piece_change(name, change, reader)).collect(),
        folded: (n > SHORT).then(|| reader.phrases().piece_count(count(n))),
    }
}

fn piece_change(name: &str, change: &Change, reader: &Reader<'_>) -> PieceChange {
    let (language, w) = (reader.language, reader.sync_texts());
    let field = change.fields.get(name);
    let text = |of: fn(&FieldChange) -> Option<&serde_json::Value>| match field {
        Some(field) => optional(language, of(field)),
        None => w.stays.to_owned(),
    };
    let why = change.decided.get(name).map(|decided| {
        let rule = format!("{}: {}", w.rule, reader.phrases().rule(decided.rule));
        let lost = decided.lost.as_ref().map(|lost| format!("; {}: {}", w.lost, value(language, lost)));
        rule + &lost.unwrap_or_default()
    });
    PieceChange {
        name: piece(language, name),
        before: text(|f| f.before.as_ref()),
        after: text(|f| f.after.as_ref()),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, id, reader};
    use super::*;
    use domain::{Object, Rule};
    use runtime::{Language, Role};
    use serde_json::json;
    use store::Decided;

    fn change() -> Change {
        let name = FieldChange { before: Some(json!("Ana")), after: Some(json!("Anica")) };
        let lost = |value| Decided { rule: Rule::Erp, lost: Some(json!(value)) };
        Change {
            seq: 1_042,
            at: at(0),
            run: Some("run_00000000000070008000000000000001".parse().expect("a run id")),
            actor: "sync".to_owned(),
            side: Side::Erp,
            kind: ChangeKind::Updated,
            record: id(Object::Contacts, 7),
            erp_id: None,
            crm_id: None,
            version: 3,
            revision: 2,
            prev: None,
            joined: None,
            decided: [("name".to_owned(), lost("Anika")), ("notes".to_owned(), lost("x"))].into(),
            event: Some("req-7".to_owned()),
            matched: None,
            action: None,
            fields: [("name".to_owned(), name)].into(),
        }
    }

    #[test]
    fn a_change_answers_who_when_which_side_which_rule_and_what_lost() {
        let row = change_row(&change(), &reader(Language::En, Role::Developer));
        assert_eq!((row.what, row.from, row.actor.as_str()), ("Changed", "from Metakocka", "synchronisation"));
        assert_eq!((row.number.as_str(), row.folded), ("1,042", None));
        let told: Vec<_> = row
            .pieces
            .iter()
            .map(|p| (p.name.as_str(), p.before.as_str(), p.after.as_str(), p.why.as_deref()))
            .collect();
        let why = |lost| format!("Rule: Metakocka wins; the value that lost: {lost}");
        let (anika, x) = (why("Anika"), why("x"));
        assert_eq!(
            told,
            [("Name", "Ana", "Anica", Some(anika.as_str())), ("Notes", "stays", "stays", Some(x.as_str()))]
        );
    }

    #[test]
    fn run_and_request_are_for_those_who_see_runs_in_detail() {
        for (role, may) in [(Role::Operator, true), (Role::Developer, true), (Role::Support, false)] {
            let row = change_row(&change(), &reader(Language::Sl, role));
            assert_eq!((row.run.is_some(), row.request.is_some()), (may, may), "{role}");
        }
    }

    #[test]
    fn a_change_that_names_no_piece_is_a_persons_word_and_many_pieces_are_folded() {
        let none = Change { fields: [].into(), decided: [].into(), ..change() };
        let english = reader(Language::En, Role::Operator);
        assert_eq!(change_row(&none, &english).what, "A person let it be looked at again");
        assert_eq!(change_row(&Change { kind: ChangeKind::Deleted, ..none }, &english).what, "Deleted or archived");
        let field = FieldChange { before: None, after: Some(json!(1)) };
        let many = (0..9).map(|n| (format!("extra/{n}"), field.clone())).collect();
        let row = change_row(&Change { fields: many, decided: [].into(), ..change() }, &english);
        assert_eq!(row.folded.as_deref(), Some("9 pieces"));
    }
}
