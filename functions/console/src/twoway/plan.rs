//! Plans: the list of them, and one with its records.

use app::twoway::plans::{PlanState, PlanView};
use runtime::Permission;
use serde_json::Value;
use store::PlanRow;
use sync::{guard::Verdict, plan::Plan};

use super::{
    count,
    item::{ItemRow, item_row},
    outcome::OutcomeView,
};
use crate::reader::{Badge, Reader, When};

/// So many records of a plan are on a page.
const PAGE: usize = 50;

/// A plan in the list.
pub(crate) struct PlanLine {
    pub(crate) id: String,
    pub(crate) when: When,
    pub(crate) badge: Badge,
}

/// How often something would be done.
pub(crate) struct CountRow {
    pub(crate) name: &'static str,
    pub(crate) count: String,
}

/// The guard's word on the deletions of an object type.
pub(crate) struct GuardRow {
    pub(crate) object: &'static str,
    pub(crate) word: &'static str,
    pub(crate) asks: bool,
}

/// What a plan says.
pub(crate) struct Said {
    pub(crate) hash: String,
    pub(crate) settings_version: String,
    pub(crate) is_empty: bool,
    pub(crate) counts: Vec<CountRow>,
    pub(crate) guard: Vec<GuardRow>,
    pub(crate) items: Vec<ItemRow>,
    /// Which of how many records are shown, when not all are.
    pub(crate) part: Option<String>,
    /// Where the next part begins.
    pub(crate) next: Option<usize>,
}

/// A plan as its page shows it.
pub(crate) struct PlanPageView {
    pub(crate) line: PlanLine,
    state: PlanState,
    pub(crate) said: Option<Said>,
    pub(crate) outcome: Option<OutcomeView>,
    pub(crate) can_approve: bool,
    /// Also the records of which nothing is written.
    pub(crate) all: bool,
    pub(crate) from: usize,
}

/// A plan in the list.
pub(crate) fn plan_line(row: &PlanRow, reader: &Reader<'_>) -> PlanLine {
    let state = serde_json::from_value(Value::String(row.state.clone())).unwrap_or(PlanState::Failed);
    PlanLine { id: row.id.clone(), when: reader.when(row.made_at), badge: badge(state, reader) }
}

fn badge(state: PlanState, reader: &Reader<'_>) -> Badge {
    let w = reader.sync_texts();
    match state {
        PlanState::Making => Badge { tone: "busy", text: w.making },
        PlanState::Made => Badge { tone: "warn", text: w.made },
        PlanState::Approved => Badge { tone: "busy", text: w.approved },
        PlanState::Applied => Badge { tone: "good", text: w.applied },
        PlanState::Refused => Badge { tone: "bad", text: w.refused },
        PlanState::Failed => Badge { tone: "bad", text: w.failed },
    }
}

impl PlanPageView {
    /// What `reader` sees of a plan: its records from behind the first `from`, all or those that are written.
    pub(crate) fn of(view: &PlanView, all: bool, from: usize, reader: &Reader<'_>) -> Self {
        Self {
            line: plan_line(&view.row, reader),
            state: view.state,
            said: view.plan.as_ref().map(|plan| said(plan, all, from, reader)),
            outcome: view.outcome.as_ref().map(|outcome| OutcomeView::of(outcome, reader)),
            can_approve: view.state == PlanState::Made && view.plan.is_some() && reader.may(Permission::Configure),
            all,
            from,
        }
    }

    /// It changes by itself.
    pub(crate) const fn is_going_on(&self) -> bool {
        matches!(self.state, PlanState::Making | PlanState::Approved)
    }

    pub(crate) const fn is_failed(&self) -> bool {
        matches!(self.state, PlanState::Failed)
    }
}

fn said(plan: &Plan, all: bool, from: usize, reader: &Reader<'_>) -> Said {
    let chosen: Vec<_> = plan.items.iter().filter(|item| all || item.writes()).collect();
    let items: Vec<ItemRow> = chosen.iter().skip(from).take(PAGE).map(|item| item_row(item, reader)).collect();
    let to = from.saturating_add(items.len());
    let is_part = items.len() < chosen.len();
    let p = reader.phrases();
    let counts = plan.counts().into_iter();
    let guard = plan.guard.iter();
    Said {
        hash: plan.hash(),
        settings_version: reader.number(plan.settings_version),
        is_empty: plan.is_empty(),
        counts: counts.map(|(name, n)| CountRow { name: p.action_named(name), count: reader.number(n) }).collect(),
        guard: guard
            .map(|(object, verdict)| GuardRow {
                object: p.object(*object),
                word: match verdict {
                    Verdict::Go => reader.sync_texts().guard_go,
                    Verdict::Ask { reason, .. } => p.stop(*reason),
                },
                asks: matches!(verdict, Verdict::Ask { .. }),
            })
            .collect(),
        part: (is_part && !items.is_empty()).then(|| p.part(count(from) + 1, count(to), count(chosen.len()))),
        next: (to < chosen.len()).then_some(to),
        items,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, id, reader};
    use super::*;
    use domain::{Fields, Object};
    use runtime::{Language, Role};
    use sync::plan::{Action, Item, Reason};

    fn item(n: u64, action: Action) -> Item {
        Item {
            record: id(Object::Orders, n),
            crm_id: None,
            erp_id: None,
            entry_version: 1,
            action,
            tells: [].into(),
            reasons: vec![Reason::NewInCrm],
        }
    }

    fn view(state: PlanState, items: Vec<Item>) -> PlanView {
        let row = PlanRow {
            id: "pln_1".to_owned(),
            version: 1,
            made_at: at(0),
            state: "made".to_owned(),
            hash: String::new(),
            bytes: Vec::new(),
        };
        let plan = Plan { settings_version: 3, made_at: at(0), items, guard: [].into() };
        PlanView { row, state, plan: Some(plan), outcome: None }
    }

    #[test]
    fn only_a_plan_that_waits_for_it_can_be_approved_and_only_by_who_configures() {
        for (state, role, may) in [
            (PlanState::Made, Role::Administrator, true),
            (PlanState::Made, Role::Operator, false),
            (PlanState::Applied, Role::Administrator, false),
            (PlanState::Approved, Role::Administrator, false),
        ] {
            let page = PlanPageView::of(&view(state, Vec::new()), false, 0, &reader(Language::En, role));
            assert_eq!(page.can_approve, may, "{state:?} {role}");
        }
    }

    #[test]
    fn a_long_plan_is_shown_in_parts_and_what_is_left_alone_only_when_asked_for() {
        let writes = (1..=120).map(|n| item(n, Action::CreateInErp { fields: Fields::default() }));
        let items: Vec<Item> = writes.chain([item(500, Action::Nothing)]).collect();
        let view = view(PlanState::Made, items);
        let english = reader(Language::En, Role::Support);
        let part = |all, from| {
            let said = PlanPageView::of(&view, all, from, &english).said.expect("made");
            (said.items.len(), said.part, said.next)
        };
        assert_eq!(part(false, 0), (50, Some("1\u{2013}50 of 120".to_owned()), Some(50)));
        assert_eq!(part(false, 100), (20, Some("101\u{2013}120 of 120".to_owned()), None));
        assert_eq!(part(true, 100), (21, Some("101\u{2013}121 of 121".to_owned()), None));
        assert_eq!(part(false, usize::MAX), (0, None, None));
    }
}
