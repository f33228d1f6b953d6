//! The state of each object type.

use domain::{Object, Run, RunState};
use jiff::Timestamp;
use store::ConnectionState;
use sync::Cursor;

use super::Snapshot;
use super::due::{self, Next};
use super::view::due as due_at;
use crate::reader::{Badge, Moment, Reader};

/// One object type.
pub(crate) struct ObjectRow {
    pub(crate) name: &'static str,
    pub(crate) badge: Badge,
    pub(crate) progress: Option<Progress>,
    pub(crate) records: String,
    pub(crate) full_at: Moment,
    pub(crate) changes_at: Moment,
    pub(crate) next: Moment,
}

/// How far the current run is with it.
pub(crate) struct Progress {
    pub(crate) label: String,
    pub(crate) read: u64,
    /// How many there are; unknown before the ERP says it.
    pub(crate) total: Option<u64>,
    pub(crate) text: String,
}

pub(super) fn object_rows(snapshot: &Snapshot, reader: &Reader<'_>) -> Vec<ObjectRow> {
    if snapshot.connection.is_none() {
        return Vec::new();
    }
    Object::ALL.into_iter().map(|object| object_row(object, snapshot, reader)).collect()
}

fn object_row(object: Object, snapshot: &Snapshot, reader: &Reader<'_>) -> ObjectRow {
    let t = reader.texts();
    let cursor = snapshot.cursors.get(&object);
    let time =
        |at: fn(&Cursor) -> Option<Timestamp>| Moment::or(cursor.and_then(at).map(|at| reader.when(at)), t.never);
    let place = place_in_run(object, snapshot);
    ObjectRow {
        name: reader.phrases().object(object),
        badge: badge(object, place, snapshot, reader),
        progress: snapshot.current().filter(|_| place == Some(Place::Reading)).map(|run| progress(object, run, reader)),
        records: reader.number(snapshot.counts.get(&object).copied().unwrap_or_default()),
        full_at: time(|c| c.full_at),
        changes_at: time(|c| c.changes_at),
        next: due_at(next(object, snapshot), reader),
    }
}

/// Where the current run is with an object type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Waiting,
    Reading,
    Done,
}

fn place_in_run(object: Object, snapshot: &Snapshot) -> Option<Place> {
    let run = snapshot.current().filter(|r| r.objects.contains(&object))?;
    let Some((_, ahead)) = snapshot.ahead.as_ref().filter(|(id, _)| *id == run.id) else { return Some(Place::Waiting) };
    Some(match ahead.iter().position(|o| *o == object) {
        Some(0) => Place::Reading,
        Some(_) => Place::Waiting,
        None => Place::Done,
    })
}

fn badge(object: Object, place: Option<Place>, snapshot: &Snapshot, reader: &Reader<'_>) -> Badge {
    let t = reader.texts();
    match place {
        Some(Place::Reading) => return Badge { tone: "busy", text: t.reading },
        Some(Place::Waiting) => return Badge { tone: "idle", text: t.waiting },
        Some(Place::Done) => return Badge { tone: "good", text: t.done_in_run },
        None => {}
    }
    let is_off = snapshot.connection.as_ref().and_then(|c| c.cadence.get(&object)).is_some_and(|c| c.paused);
    let was_read = snapshot.cursors.get(&object).is_some_and(|c| c.full_at.is_some());
    if failed_last(object, &snapshot.runs) {
        Badge { tone: "bad", text: t.failed_at }
    } else if is_off {
        Badge { tone: "idle", text: t.off_schedule }
    } else if was_read {
        Badge { tone: "good", text: t.up_to_date }
    } else {
        Badge { tone: "idle", text: t.not_read_yet }
    }
}

/// Whether the last run that was over and had to do with an object type failed at it, or as a whole.
fn failed_last(object: Object, runs: &[Run]) -> bool {
    let last = runs.iter().find(|r| r.is_over() && r.objects.contains(&object));
    last.filter(|r| r.state == RunState::Failed)
        .and_then(|r| r.error.as_ref())
        .is_some_and(|e| e.object.is_none_or(|o| o == object))
}

fn progress(object: Object, run: &Run, reader: &Reader<'_>) -> Progress {
    let counts = run.counts.get(&object).copied().unwrap_or_default();
    // The ERP's total may shrink while it is read; a bar is never more than full.
    let total = counts.total.map(|total| total.max(counts.read).max(1));
    let text = match total {
        Some(total) => format!("{} / {}", reader.number(counts.read), reader.number(total)),
        None => reader.number(counts.read),
    };
    let label = reader.phrases().progress(reader.phrases().object(object));
    Progress { label, read: counts.read, total, text }
}

fn next(object: Object, snapshot: &Snapshot) -> Next {
    let in_use = snapshot.connection.as_ref().filter(|c| c.state == ConnectionState::Connected);
    match in_use.and_then(|c| c.cadence.get(&object)) {
        Some(c) if !c.paused => {
            due::next(object, snapshot.cursors.get(&object), c.every_s, c.full_every_s, snapshot.now)
        }
        _ => Next::Never,
    }
}

/// When the first of all object types is due.
pub(super) fn earliest(snapshot: &Snapshot) -> Next {
    Object::ALL.into_iter().map(|object| next(object, snapshot)).min().unwrap_or(Next::Never)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, connected, failed, reader, running};
    use super::*;
    use domain::Counts;
    use runtime::{Language, Role};

    fn rows(snapshot: &Snapshot) -> Vec<(&'static str, &'static str)> {
        let rows = object_rows(snapshot, &reader(Language::En, Role::Operator));
        rows.into_iter().map(|r| (r.name, r.badge.text)).collect()
    }

    #[test]
    fn a_running_run_shows_what_is_done_what_is_read_and_what_waits() {
        let mut snapshot = connected();
        let mut run = running(at(50));
        run.counts.insert(Object::Orders, Counts { read: 120, total: Some(800), ..Counts::default() });
        snapshot.ahead = Some((run.id, vec![Object::Orders, Object::Invoices, Object::CreditNotes, Object::Contacts]));
        snapshot.runs.insert(0, run);
        let expected = [
            ("Products", "Done"),
            ("Stock", "Done"),
            ("Offers", "Done"),
            ("Orders", "Reading"),
            ("Invoices", "Waiting"),
            ("Credit notes", "Waiting"),
            ("Purchase orders", "Done"),
            ("Purchase invoices", "Done"),
            ("Work orders", "Done"),
            ("Warehouse documents", "Done"),
            ("Complaints", "Done"),
            ("Contacts", "Waiting"),
        ];
        assert_eq!(rows(&snapshot), expected);
        let all = object_rows(&snapshot, &reader(Language::Sl, Role::Operator));
        let bars: Vec<_> = all.iter().filter_map(|r| r.progress.as_ref()).collect();
        assert_eq!((bars.len(), bars[0].read, bars[0].total, bars[0].text.as_str()), (1, 120, Some(800), "120 / 800"));
    }

    #[test]
    fn a_total_that_shrinks_does_not_overfill_the_bar() {
        let mut run = running(at(0));
        run.counts.insert(Object::Orders, Counts { read: 10, total: Some(7), ..Counts::default() });
        let bar = progress(Object::Orders, &run, &reader(Language::En, Role::Operator));
        assert_eq!((bar.read, bar.total), (10, Some(10)));
    }

    #[test]
    fn a_failure_is_shown_at_its_object_type_until_a_later_run_ends_well() {
        let mut snapshot = connected();
        snapshot.runs = vec![failed(at(40), Some(Object::Invoices))];
        assert!(
            rows(&snapshot).contains(&("Invoices", "Failed")) && rows(&snapshot).contains(&("Orders", "Up to date"))
        );
        snapshot.runs = vec![failed(at(40), None)];
        assert!(rows(&snapshot).iter().all(|(_, badge)| *badge == "Failed"));
        snapshot.runs.insert(0, super::super::samples::succeeded(at(60)));
        assert!(rows(&snapshot).iter().all(|(_, badge)| *badge == "Up to date"));
    }

    #[test]
    fn an_object_type_off_the_schedule_says_so_and_is_never_due() {
        let mut snapshot = connected();
        let cadence = &mut snapshot.connection.as_mut().expect("a connection").cadence;
        cadence.get_mut(&Object::Offers).expect("a cadence").paused = true;
        assert!(rows(&snapshot).contains(&("Offers", "Off schedule")));
        assert_eq!(next(Object::Offers, &snapshot), Next::Never);
        assert_ne!(earliest(&snapshot), Next::Never);
    }

    #[test]
    fn nothing_is_due_while_the_connection_is_paused() {
        let mut snapshot = connected();
        let connection = snapshot.connection.as_mut().expect("a connection");
        connection.state = ConnectionState::Paused { code: "credentials_invalid".to_owned() };
        assert_eq!(earliest(&snapshot), Next::Never);
    }

    #[test]
    fn without_a_connection_there_are_no_rows() {
        let mut snapshot = connected();
        snapshot.connection = None;
        assert!(rows(&snapshot).is_empty());
        assert_eq!(earliest(&snapshot), Next::Never);
    }
}
