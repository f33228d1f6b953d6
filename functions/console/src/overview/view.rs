//! The overview as a page shows it: texts in the reader's language, and what the reader may do.

use runtime::Permission;

use super::connection::{ConnectionCard, connection_card};
use super::objects::{ObjectRow, object_rows};
use super::parked::{ParkedList, parked_list};
use super::runs::{RunRow, run_rows};
use super::{Snapshot, due::Next, objects};
use crate::reader::{Moment, Reader};

/// Seconds between two looks while nothing happens, and while a run is going on.
const IDLE_S: u32 = 15;
const LIVELY_S: u32 = 2;

/// The part of the overview that refreshes.
pub(crate) struct Live {
    pub(crate) csrf: String,
    pub(crate) can_sync: bool,
    /// Whether the runs have a column with a way to take them back.
    pub(crate) can_undo: bool,
    pub(crate) announcement: String,
    pub(crate) connection: Option<ConnectionCard>,
    pub(crate) total: String,
    pub(crate) last_sync: Moment,
    pub(crate) next_sync: Moment,
    pub(crate) objects: Vec<ObjectRow>,
    pub(crate) runs: Vec<RunRow>,
    pub(crate) parked: ParkedList,
    /// Seconds to the next look; `None` when the page does not refresh.
    pub(crate) poll_s: Option<u32>,
}

impl Live {
    /// What `reader` sees of `snapshot`.
    pub(crate) fn of(snapshot: &Snapshot, reader: &Reader<'_>) -> Self {
        let connection = snapshot.connection.as_ref().map(|c| connection_card(c, reader));
        let is_paused = connection.as_ref().is_some_and(|c| c.pause.is_some());
        let total: u64 = snapshot.counts.values().sum();
        let whole = snapshot.runs.iter().filter(|r| r.error.is_none() && r.is_over());
        let last = whole.filter_map(|r| r.finished_at).max();
        Self {
            csrf: reader.csrf.to_owned(),
            can_sync: reader.may(Permission::Sync) && connection.is_some() && !is_paused,
            can_undo: reader.may(Permission::Sync),
            announcement: announce(snapshot, reader),
            total: reader.number(total),
            last_sync: Moment::or(last.map(|at| reader.when(at)), reader.texts().never),
            next_sync: due(objects::earliest(snapshot), reader),
            objects: object_rows(snapshot, reader),
            runs: run_rows(&snapshot.runs, reader),
            parked: parked_list(&snapshot.parked, reader),
            poll_s: reader.is_live.then_some(if snapshot.is_lively() { LIVELY_S } else { IDLE_S }),
            connection,
        }
    }
}

/// When something is due, as a page says it.
pub(super) fn due(next: Next, reader: &Reader<'_>) -> Moment {
    match next {
        Next::Now => Moment::Word(reader.texts().due_now),
        Next::At(at) => Moment::At(reader.when(at)),
        Next::Never => Moment::Word("\u{2013}"),
    }
}

/// What is read out when it changes.
fn announce(snapshot: &Snapshot, reader: &Reader<'_>) -> String {
    let phrases = reader.phrases();
    let Some(run) = snapshot.current() else { return phrases.idle().to_owned() };
    let Some((_, ahead)) = snapshot.ahead.as_ref().filter(|(id, _)| *id == run.id) else {
        return phrases.queued().to_owned();
    };
    let left = run.objects.iter().filter(|o| ahead.contains(o)).count();
    let count = |n: usize| u64::try_from(n).unwrap_or_default();
    let object = ahead.first().map(|o| phrases.object(*o));
    phrases.running(object, count(run.objects.len() - left), count(run.objects.len()))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, connected, reader, running, succeeded};
    use super::*;
    use runtime::{Language, Role};

    #[test]
    fn a_page_asks_often_only_while_a_run_is_going_on() {
        let idle = connected();
        assert_eq!(Live::of(&idle, &reader(Language::En, Role::Operator)).poll_s, Some(15));
        let mut busy = connected();
        busy.runs.insert(0, running(at(50)));
        assert_eq!(Live::of(&busy, &reader(Language::En, Role::Operator)).poll_s, Some(2));
        let stopped = Reader { is_live: false, ..reader(Language::En, Role::Operator) };
        assert_eq!(Live::of(&busy, &stopped).poll_s, None);
    }

    #[test]
    fn a_run_that_nobody_takes_up_is_not_asked_for_every_two_seconds_for_ever() {
        let mut forgotten = connected();
        let mut run = running(at(0));
        run.state = domain::RunState::Queued;
        forgotten.runs.insert(0, run);
        forgotten.now = at(3_600);
        assert_eq!(Live::of(&forgotten, &reader(Language::En, Role::Operator)).poll_s, Some(15));
    }

    #[test]
    fn what_is_read_out_changes_with_the_object_type_and_not_with_each_count() {
        let mut snapshot = connected();
        let run = running(at(50));
        snapshot.ahead = Some((run.id, vec![domain::Object::Orders, domain::Object::Contacts]));
        snapshot.runs.insert(0, run);
        let say = |s: &Snapshot| Live::of(s, &reader(Language::En, Role::Operator)).announcement;
        assert_eq!(say(&snapshot), "Sync is running: Orders. Object types done: 10 of 12.");
        let before = say(&snapshot);
        snapshot.runs[0].counts.entry(domain::Object::Orders).or_default().read += 1;
        assert_eq!(say(&snapshot), before);
    }

    #[test]
    fn the_last_success_is_that_of_a_run_that_ended_well() {
        let mut snapshot = connected();
        snapshot.runs = vec![running(at(60)), succeeded(at(10))];
        let live = Live::of(&snapshot, &reader(Language::Sl, Role::Support));
        assert!(matches!(live.last_sync, Moment::At(when) if when.iso == at(22).to_string()));
    }
}
