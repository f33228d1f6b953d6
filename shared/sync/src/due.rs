//! What a run has to do: all passes of a full run, or what is due of each object type.
//!
//! Decides from cursors, cadence and the time it is given; starts nothing itself.

use std::collections::BTreeMap;

use domain::{Allowance, Cadence, DocumentKind, ErpId, Feed, Object};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::pass::{Filter, Hint, Pass, PassKind, Refresh};

/// Change windows begin this much before the last one ended: it covers clock skew, the ERP's fake offset and the hour that autumn repeats.
pub const OVERLAP: SignedDuration = SignedDuration::from_hours(2);
/// Change windows end this much in the past, so that their rows can only leave.
pub const SETTLED: SignedDuration = SignedDuration::from_secs(5);
/// Open invoices are read again this often: a payment leaves no other trace.
pub const UNPAID_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Contacts that a run refreshes beyond those it meets: 9,600 a day at the usual cadence. They cannot be listed, so each
/// costs a call; this is all that the schedule spends on them.
pub const REFRESH_A_RUN: u32 = 100;
/// A tick that comes this much early still counts.
const SLACK: SignedDuration = SignedDuration::from_secs(5);

/// How far an object type has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// When changes were last looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_at: Option<Timestamp>,
    /// End of the last change window that was walked whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_to: Option<Timestamp>,
    /// When the last full read that was complete began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_at: Option<Timestamp>,
    /// When open invoices were last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpaid_at: Option<Timestamp>,
    /// The last contact that was refreshed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshed_to: Option<ErpId>,
}

/// All passes that read `objects` whole.
pub fn plan_full(objects: &[Object]) -> Vec<Pass> {
    let mut kinds = Vec::new();
    for object in sorted(objects) {
        push_full(object, &mut kinds);
    }
    finish(kinds)
}

/// The passes that are due. Empty when nothing is: then no run is made.
pub fn plan_changes(
    cursors: &BTreeMap<Object, Cursor>,
    cadence: &BTreeMap<Object, Cadence>,
    now: Timestamp,
) -> Vec<Pass> {
    plan_within(Allowance::Everything, cursors, cadence, now)
}

/// Those of the passes that are due which the day's budget of calls allows.
pub fn plan_within(
    allowance: Allowance,
    cursors: &BTreeMap<Object, Cursor>,
    cadence: &BTreeMap<Object, Cadence>,
    now: Timestamp,
) -> Vec<Pass> {
    if allowance == Allowance::Nothing {
        return Vec::new();
    }
    let sweeps = allowance == Allowance::Everything;
    let mut kinds = Vec::new();
    for (object, c) in cadence.iter().filter(|(_, c)| !c.paused) {
        let cursor = cursors.get(object).copied().unwrap_or_default();
        // Contacts are refreshed round and round; all of them at once only when there are none yet, or by request.
        let is_paced = *object == Object::Contacts && cursor.full_at.is_some();
        if sweeps && !is_paced && is_due(cursor.full_at, SignedDuration::from_secs(c.full_every_s.into()), now) {
            push_full(*object, &mut kinds);
        } else if is_due(cursor.changes_at, SignedDuration::from_secs(c.every_s.into()), now) {
            push_changes(*object, &cursor, now, &mut kinds);
        }
    }
    if !sweeps {
        kinds.retain(|kind| !matches!(kind, PassKind::Contacts { .. }));
    }
    finish(kinds)
}

/// The passes that follow up what webhooks named. `unknown` are the products that we do not have yet; one without a
/// number cannot be looked up and comes with the next full read.
pub fn plan_hints(hints: Vec<Hint>, mut unknown: Vec<Hint>) -> Vec<Pass> {
    unknown.retain(|hint| hint.number.is_some());
    let mut kinds = Vec::new();
    if !unknown.is_empty() {
        kinds.push(PassKind::UnknownProducts { hints: unknown });
    }
    if !hints.is_empty() {
        kinds.push(PassKind::StockOf { hints });
    }
    finish(kinds)
}

fn sorted(objects: &[Object]) -> Vec<Object> {
    let mut objects = objects.to_vec();
    objects.sort_unstable();
    objects.dedup();
    objects
}

fn is_due(last: Option<Timestamp>, every: SignedDuration, now: Timestamp) -> bool {
    last.is_none_or(|last| now.duration_since(last) + SLACK >= every)
}

fn push_full(object: Object, kinds: &mut Vec<PassKind>) {
    match object {
        Object::Products => kinds.extend([PassKind::Products, PassKind::Missing { object }]),
        Object::Stock => kinds.extend([PassKind::Warehouses, PassKind::Stock, PassKind::Missing { object }]),
        Object::Contacts => kinds.push(PassKind::Contacts { refresh: Refresh::All }),
        _ => {
            kinds.extend(DocumentKind::of(object).map(|kind| PassKind::Documents { kind, filter: Filter::All }));
            kinds.push(PassKind::Missing { object });
        }
    }
}

fn push_changes(object: Object, cursor: &Cursor, now: Timestamp, kinds: &mut Vec<PassKind>) {
    match object {
        // The ERP tells no change of products and stock: full reads and webhooks find them.
        Object::Products | Object::Stock => {}
        Object::Contacts => kinds.push(PassKind::Contacts { refresh: Refresh::Some(REFRESH_A_RUN) }),
        _ => {
            let reads_unpaid = is_due(cursor.unpaid_at, UNPAID_EVERY, now);
            let with = |kind: DocumentKind, filter| PassKind::Documents { kind, filter };
            for kind in DocumentKind::of(object) {
                kinds.push(match kind.entry().feed {
                    Feed::Changes => {
                        let to = now - SETTLED;
                        let from = cursor.changed_to.unwrap_or(to) - OVERLAP;
                        with(kind, Filter::Window { from, to })
                    }
                    Feed::Newest | Feed::NewestAndUnpaid => with(kind, Filter::Newest),
                });
            }
            let shows_unpaid = |kind: &DocumentKind| kind.entry().feed == Feed::NewestAndUnpaid;
            let unpaid = DocumentKind::of(object).filter(shows_unpaid).filter(|_| reads_unpaid);
            kinds.extend(unpaid.map(|kind| with(kind, Filter::Unpaid)));
        }
    }
}

/// Documents name contacts, so a run that reads documents looks up the contacts that it meets.
fn finish(mut kinds: Vec<PassKind>) -> Vec<Pass> {
    let reads_documents = kinds.iter().any(|k| matches!(k, PassKind::Documents { .. }));
    let looks_up = kinds.iter().any(|k| matches!(k, PassKind::Contacts { .. }));
    if reads_documents && !looks_up {
        kinds.push(PassKind::Contacts { refresh: Refresh::None });
    }
    if reads_documents || looks_up {
        kinds.push(PassKind::Missing { object: Object::Contacts });
    }
    kinds.into_iter().map(Pass::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: &str) -> Timestamp {
        s.parse().expect("a timestamp")
    }

    fn cadence() -> BTreeMap<Object, Cadence> {
        Object::ALL.into_iter().map(|o| (o, Cadence { every_s: 900, full_every_s: 86_400, paused: false })).collect()
    }

    fn read_at(t: Timestamp) -> BTreeMap<Object, Cursor> {
        let cursor = Cursor {
            changes_at: Some(t),
            changed_to: Some(t),
            full_at: Some(t),
            unpaid_at: Some(t),
            refreshed_to: None,
        };
        Object::ALL.into_iter().map(|o| (o, cursor)).collect()
    }

    #[test]
    fn nothing_is_due_right_after_a_run() {
        let t = at("2026-01-10T10:00:00Z");
        assert_eq!(plan_changes(&read_at(t), &cadence(), t + SignedDuration::from_secs(600)), vec![]);
    }

    #[test]
    fn an_idle_look_for_changes_reads_each_feed_once() {
        let t = at("2026-01-10T10:00:00Z");
        let now = t + SignedDuration::from_secs(900);
        let passes = plan_changes(&read_at(t), &cadence(), now);
        let windows: Vec<_> = passes
            .iter()
            .filter_map(|p| match &p.kind {
                PassKind::Documents { filter: Filter::Window { from, to }, .. } => Some((*from, *to)),
                _ => None,
            })
            .collect();
        let feeds = DocumentKind::ALL.iter().filter(|kind| kind.entry().feed == Feed::Changes).count();
        assert_eq!(windows, vec![(t - OVERLAP, now - SETTLED); feeds]);
        assert!(!passes.iter().any(|p| matches!(p.kind, PassKind::Products | PassKind::Stock)));
    }

    #[test]
    fn a_first_look_reads_everything_whole_and_contacts_last() {
        let passes = plan_changes(&BTreeMap::new(), &cadence(), at("2026-01-10T10:00:00Z"));
        assert_eq!(passes, plan_full(&Object::ALL));
        let last: Vec<_> = passes.iter().rev().take(2).map(|p| &p.kind).collect();
        assert_eq!(
            last,
            [&PassKind::Missing { object: Object::Contacts }, &PassKind::Contacts { refresh: Refresh::All }]
        );
    }

    #[test]
    fn a_paused_object_is_never_due_but_its_neighbours_are() {
        let mut cadence = cadence();
        cadence.entry(Object::Orders).and_modify(|c| c.paused = true);
        let passes = plan_changes(&BTreeMap::new(), &cadence, at("2026-01-10T10:00:00Z"));
        assert!(passes.iter().all(|p| p.object() != Object::Orders));
        assert!(passes.iter().any(|p| p.object() == Object::Offers));
    }

    #[test]
    fn a_run_over_documents_looks_up_the_contacts_it_meets_even_when_nobody_asked_for_contacts() {
        let passes = plan_full(&[Object::Offers]);
        assert!(passes.iter().any(|p| p.kind == PassKind::Contacts { refresh: Refresh::None }));
    }

    #[test]
    fn when_calls_run_short_changes_are_looked_for_and_sweeps_wait() {
        let t = at("2026-01-10T10:00:00Z");
        let now = t + SignedDuration::from_hours(25);
        let of = |allowance| plan_within(allowance, &read_at(t), &cadence(), now);
        assert_eq!(of(Allowance::Everything), plan_changes(&read_at(t), &cadence(), now));
        let is_sweep = |pass: &Pass| match &pass.kind {
            PassKind::Products | PassKind::Stock | PassKind::Missing { .. } => true,
            PassKind::Documents { filter, .. } => *filter == Filter::All,
            PassKind::Contacts { refresh } => *refresh != Refresh::None,
            _ => false,
        };
        assert!(of(Allowance::Everything).iter().any(is_sweep));
        let changes = of(Allowance::Changes);
        let sweeps: Vec<_> = changes.iter().filter(|p| is_sweep(p)).map(|p| &p.kind).collect();
        // The contacts that the documents name are looked up, and what that finds gone is told.
        assert_eq!(sweeps, [&PassKind::Missing { object: Object::Contacts }]);
        let windows = |p: &&Pass| matches!(&p.kind, PassKind::Documents { filter: Filter::Window { .. }, .. });
        assert!(changes.iter().any(|p| windows(&p)));
        assert_eq!(of(Allowance::Nothing), vec![]);
    }
}
