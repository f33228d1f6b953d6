//! The last runs: what each did, and why it failed.

use domain::{Counts, Run, RunError, RunState};
use runtime::{Permission, catalogue::describe};

use crate::{
    reader::{Badge, Fault, Reader, When},
    wording::elapsed,
};

/// A run.
pub(crate) struct RunRow {
    pub(crate) badge: Badge,
    pub(crate) when: When,
    pub(crate) why: String,
    pub(crate) took: String,
    pub(crate) read: String,
    pub(crate) created: String,
    pub(crate) updated: String,
    pub(crate) unchanged: String,
    pub(crate) parked: String,
    pub(crate) missing: String,
    pub(crate) error: Option<Fault>,
    /// The address of the page that takes it back: of a run that is over, for those who may.
    pub(crate) undo: Option<String>,
}

pub(super) fn run_rows(runs: &[Run], reader: &Reader<'_>) -> Vec<RunRow> {
    runs.iter().map(|run| run_row(run, reader)).collect()
}

fn run_row(run: &Run, reader: &Reader<'_>) -> RunRow {
    let sum = |of: fn(&Counts) -> u64| reader.number(run.counts.values().map(of).sum());
    let tone = match run.state {
        RunState::Queued => "idle",
        RunState::Running => "busy",
        RunState::Succeeded => "good",
        RunState::Failed => "bad",
    };
    let took = run.started_at.zip(run.finished_at).map(|(start, end)| elapsed(end.duration_since(start)));
    RunRow {
        badge: Badge { tone, text: reader.phrases().state(run.state) },
        when: reader.when(run.started_at.unwrap_or(run.requested_at)),
        why: reader.phrases().reason(run.trigger, run.mode),
        took: took.unwrap_or_else(|| "\u{2013}".to_owned()),
        read: sum(|c| c.read),
        created: sum(|c| c.created),
        updated: sum(|c| c.updated),
        unchanged: sum(|c| c.unchanged),
        parked: sum(|c| c.parked),
        missing: sum(|c| c.missing),
        error: run.error.as_ref().map(|e| fault(e, reader)),
        undo: (run.is_over() && reader.may(Permission::Sync)).then(|| format!("/console/runs/{}/undo", run.id)),
    }
}

fn fault(error: &RunError, reader: &Reader<'_>) -> Fault {
    let t = reader.texts();
    let text = describe(&error.code, reader.language);
    let title = text.map_or(t.unknown_error_title, |t| t.title);
    let by_itself = if error.retryable { t.unknown_error_retry } else { t.unknown_error_report };
    Fault {
        title: match error.object {
            Some(object) => format!("{}: {title}", reader.phrases().object(object)),
            None => title.to_owned(),
        },
        detail: text.map_or(t.unknown_error_detail, |t| t.detail),
        remedy: text.map_or(by_itself, |t| t.remedy),
        code: error.code.clone(),
        message: Some(error.message.clone()).filter(|m| !m.is_empty() && reader.may(Permission::LogsView)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, failed, reader, running, succeeded};
    use super::*;
    use domain::Object;
    use runtime::{Language, Role};

    #[test]
    fn a_run_tells_its_sums_over_all_object_types_and_how_long_it_took() {
        let row = run_row(&succeeded(at(10)), &reader(Language::Sl, Role::Operator));
        assert_eq!((row.took.as_str(), row.badge.text, row.badge.tone), ("12 s", "Uspešno", "good"));
        let cells = [row.read, row.created, row.updated, row.unchanged, row.parked, row.missing];
        assert_eq!(cells, ["8.505", "12", "3", "8.488", "2", "1"]);
        assert_eq!(row.why, "Urnik: spremembe");
    }

    #[test]
    fn a_failure_names_the_object_type_and_the_remedy_and_keeps_the_message_for_those_who_see_logs() {
        let run = failed(at(10), Some(Object::Invoices));
        let seen = |role| run_row(&run, &reader(Language::En, role)).error.expect("an error");
        let error = seen(Role::Operator);
        assert_eq!(error.title, "Invoices: Metakocka is not available");
        assert!(error.message.is_some() && !error.remedy.is_empty());
        assert!(seen(Role::Salesperson).message.is_none());
    }

    #[test]
    fn only_a_run_that_is_over_can_be_taken_back_and_only_by_those_who_may_start_one() {
        let undo = |run: &Run, role| run_row(run, &reader(Language::En, role)).undo;
        let over = succeeded(at(10));
        assert_eq!(undo(&over, Role::Operations), Some(format!("/console/runs/{}/undo", over.id)));
        assert!(undo(&failed(at(10), None), Role::Operations).is_some(), "what it wrote before it failed");
        assert_eq!(undo(&over, Role::Salesperson), None);
        assert_eq!(undo(&running(at(10)), Role::Administrator), None);
    }

    #[test]
    fn a_code_that_the_catalogue_does_not_have_still_gets_a_remedy() {
        for retryable in [true, false] {
            let error = RunError { code: "no_such_code".to_owned(), message: "x".to_owned(), object: None, retryable };
            let fault = fault(&error, &reader(Language::Sl, Role::Operator));
            assert!(!fault.title.is_empty() && !fault.detail.is_empty() && !fault.remedy.is_empty());
        }
    }
}
