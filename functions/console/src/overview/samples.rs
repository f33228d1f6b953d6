//! Snapshots for the tests of the views.

use domain::{Counts, Mode, Object, Run, RunError, RunId, RunState, Trigger};
use jiff::{SignedDuration, Timestamp};
use runtime::{Language, Role};
use std::collections::BTreeMap;
use store::{Connection, ConnectionState};
use sync::Cursor;

use super::Snapshot;
use crate::reader::Reader;

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

pub(super) fn reader(language: Language, role: Role) -> Reader<'static> {
    Reader { language, role, csrf: "token", webhook_url: "https://hooks.example", is_live: true }
}

/// A tenant whose object types were all read a moment ago.
pub(super) fn connected() -> Snapshot {
    let cadence = Object::ALL.into_iter().map(|o| (o, domain::Cadence::standard(o))).collect();
    let connection = Connection {
        company_id: "1600".to_owned(),
        base_url: "https://main.metakocka.si".to_owned(),
        endpoint_id: format!("whe_{}", "e".repeat(32)).parse().expect("an endpoint id"),
        state: ConnectionState::Connected,
        cadence,
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    };
    let cursor = Cursor { changes_at: Some(at(0)), full_at: Some(at(0)), ..Cursor::default() };
    Snapshot {
        now: at(60),
        connection: Some(connection),
        cursors: Object::ALL.into_iter().map(|o| (o, cursor)).collect(),
        ahead: None,
        runs: vec![succeeded(at(10))],
        parked: Vec::new(),
        counts: BTreeMap::from([(Object::Products, 500), (Object::Orders, 800)]),
    }
}

fn id(at: Timestamp) -> RunId {
    format!("run_{:012x}70008000000000000001", at.as_millisecond()).parse().expect("a run id")
}

pub(super) fn running(started: Timestamp) -> Run {
    let mut run = Run::queued(id(started), Mode::Full, Trigger::Request, &Object::ALL, started);
    run.state = RunState::Running;
    run.started_at = Some(started);
    run
}

pub(super) fn succeeded(started: Timestamp) -> Run {
    let mut run = Run::queued(id(started), Mode::Changes, Trigger::Schedule, &Object::ALL, started);
    run.state = RunState::Succeeded;
    run.started_at = Some(started);
    run.finished_at = Some(started + SignedDuration::from_secs(12));
    run.counts = BTreeMap::from([
        (
            Object::Products,
            Counts { read: 505, created: 12, updated: 3, unchanged: 488, parked: 2, missing: 1, total: Some(505) },
        ),
        (Object::Orders, Counts { read: 8_000, unchanged: 8_000, ..Counts::default() }),
    ]);
    run
}

pub(super) fn failed(started: Timestamp, object: Option<Object>) -> Run {
    let mut run = succeeded(started);
    run.state = RunState::Failed;
    run.error = Some(RunError {
        code: "erp_unavailable".to_owned(),
        message: "an HTML page came in the place of data".to_owned(),
        object,
        retryable: true,
    });
    run
}
