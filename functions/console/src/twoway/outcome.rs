//! What came of an approved plan.

use app::twoway::plans::PlanOutcome;
use domain::RecordId;
use sync::plan::{Item, Moved};

use super::{RecordLink, count};
use crate::reader::Reader;

/// So many records of a list are named.
const NAMED: usize = 100;

/// Records with the same outcome.
pub(crate) struct OutcomeList {
    pub(crate) title: &'static str,
    pub(crate) count: String,
    pub(crate) records: Vec<RecordLink>,
    pub(crate) more: Option<String>,
}

/// A record that is not as it was approved.
pub(crate) struct MovedRow {
    pub(crate) record: RecordLink,
    pub(crate) was: String,
    pub(crate) is: String,
}

/// What came of a plan.
pub(crate) struct OutcomeView {
    pub(crate) moved: Vec<MovedRow>,
    pub(crate) moved_more: Option<String>,
    /// Those of the lists that hold anything.
    pub(crate) lists: Vec<OutcomeList>,
}

impl OutcomeView {
    pub(super) fn of(outcome: &PlanOutcome, reader: &Reader<'_>) -> Self {
        let w = reader.sync_texts();
        let lists = [
            (w.outcome_written, &outcome.written),
            (w.outcome_waiting, &outcome.waiting),
            (w.outcome_refused, &outcome.refused),
        ];
        let lists = lists.into_iter().filter(|(_, records)| !records.is_empty());
        Self {
            moved: outcome.moved.iter().take(NAMED).map(|moved| moved_row(moved, reader)).collect(),
            moved_more: more(outcome.moved.len(), reader),
            lists: lists.map(|(title, records)| list(title, records, reader)).collect(),
        }
    }
}

fn list(title: &'static str, records: &[RecordId], reader: &Reader<'_>) -> OutcomeList {
    OutcomeList {
        title,
        count: reader.number(count(records.len())),
        records: records.iter().take(NAMED).map(|id| RecordLink::of_id(*id, None, reader)).collect(),
        more: more(records.len(), reader),
    }
}

fn more(n: usize, reader: &Reader<'_>) -> Option<String> {
    (n > NAMED).then(|| reader.phrases().first_of_more(count(NAMED)))
}

fn moved_row(moved: &Moved, reader: &Reader<'_>) -> MovedRow {
    let text = |item: Option<&Item>| {
        item.map_or_else(
            || reader.sync_texts().not_in_plan.to_owned(),
            |item| {
                let reasons: Vec<String> = item.reasons.iter().map(|r| reader.phrases().plan_reason(r)).collect();
                format!("{}. {}", reader.phrases().action(&item.action), reasons.join(" "))
            },
        )
    };
    let known = moved.was.as_deref().or(moved.is.as_deref());
    MovedRow {
        record: RecordLink::of_id(moved.record, known.and_then(|item| item.crm_id.as_deref()), reader),
        was: text(moved.was.as_deref()),
        is: text(moved.is.as_deref()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{id, reader};
    use super::*;
    use domain::Object;
    use runtime::{Language, Role};

    #[test]
    fn lists_that_hold_nothing_are_left_out_and_long_ones_end() {
        let written = (1..=101).map(|n| id(Object::Orders, n)).collect();
        let outcome = PlanOutcome { written, refused: vec![id(Object::Orders, 200)], ..PlanOutcome::default() };
        let view = OutcomeView::of(&outcome, &reader(Language::En, Role::Support));
        let told: Vec<_> = view.lists.iter().map(|l| (l.title, l.count.as_str(), l.records.len())).collect();
        assert_eq!(told, [("Written", "101", 100), ("Moved while it was carried out; not written", "1", 1)]);
        assert!(view.lists[0].more.is_some() && view.lists[1].more.is_none() && view.moved.is_empty());
    }

    #[test]
    fn what_moved_says_what_was_planned_and_what_is_now() {
        let outcome = PlanOutcome {
            moved: vec![Moved { record: id(Object::Orders, 1), was: None, is: None }],
            ..PlanOutcome::default()
        };
        let view = OutcomeView::of(&outcome, &reader(Language::Sl, Role::Support));
        assert_eq!((view.moved[0].was.as_str(), view.moved[0].is.as_str()), ("ni v načrtu", "ni v načrtu"));
    }
}
