//! The use cases' errors as the API tells them.
//!
//! Decides which code of the catalogue each error becomes, and where in the request its cause is.

use app::actions::ActionError;
use app::twoway::{
    blacklist::LookError, edit::EditError, oversight::WordError, people::PeopleError, plans::PlanError, undo::UndoError,
};
use app::{
    connect::ConnectError, events::EventsError, feed::FeedError, files::FilesError, keys::KeyError,
    registers::MapError, runs::RequestError,
};
use cloud::Disposition;
use domain::settings::SettingsError;
use jiff::Timestamp;
use runtime::{Code, Problem};
use sync::contacts::{ApartError, Built, Refused};
use sync::twoway::{NotDecided, Refusal};

/// Seconds after which a write that is under way may be over.
const UNDER_WAY: u32 = 60;

/// Why a run could not be asked for.
pub(crate) fn of_request(error: RequestError) -> Problem {
    match error {
        RequestError::NoConnection => Problem::new(Code::ConnectionMissing),
        RequestError::Store(e) => e.into(),
        RequestError::Queue(e) => e.into(),
    }
}

/// Why a connection was not saved. `is_based` says whether the caller named a version.
pub(crate) fn of_connect(error: ConnectError, is_based: bool, now: Timestamp) -> Problem {
    match error {
        ConnectError::HostNotAllowed => {
            Problem::new(Code::HostNotAllowed).at("$.base_url", "not one of the allowed hosts")
        }
        ConnectError::KeyMissing => Problem::new(Code::InvalidRequest).at("$.secret_key", "a new connection needs it"),
        ConnectError::OtherCompany => Problem::new(Code::CompanyFixed),
        ConnectError::VersionMismatch { .. } if is_based => Problem::new(Code::VersionMismatch),
        ConnectError::VersionMismatch { .. } => {
            Problem::new(Code::PreconditionRequired).at("if-match", "there is a connection already")
        }
        ConnectError::Account(e) => match e {
            erp::client::ConfigError::Tls(_) => Problem::internal(&e),
            erp::client::ConfigError::NoAccount => Problem::new(Code::InvalidRequest).at("$.company_id", e.to_string()),
            _ => Problem::new(Code::InvalidRequest).at("$.base_url", e.to_string()),
        },
        ConnectError::Erp(e) => of_erp(&e),
        ConnectError::Shut(shut) => {
            let seconds = shut.until.duration_since(now).as_secs().max(1);
            Problem::new(Code::ErpPaused).retry_after(u32::try_from(seconds).unwrap_or(60))
        }
        ConnectError::Busy(e) => {
            tracing::warn!(error = %e, "the ERP could not be looked at for now");
            Problem::new(Code::Busy).retry_after(30)
        }
        ConnectError::Store(e) => e.into(),
        ConnectError::Secrets(e) => e.into(),
        ConnectError::Run(e) => of_request(e),
    }
}

/// Why an action is not taken.
pub(crate) fn of_action(error: ActionError) -> Problem {
    match error {
        ActionError::NotFound => Problem::new(Code::NotFound),
        ActionError::Missing => Problem::new(Code::DocumentMissing),
        ActionError::ReadOnly => Problem::new(Code::ReadOnly),
        ActionError::NoConnection => Problem::new(Code::ConnectionMissing),
        ActionError::Paused => Problem::new(Code::ConnectionPaused),
        ActionError::Barred(barred) => {
            let problem = Problem::new(Code::parse(barred.code).unwrap_or(Code::ActionNotAllowed));
            let path = barred.input.map_or_else(|| "$.action".to_owned(), |input| format!("$.inputs.{input}"));
            problem.at(path, barred.reason)
        }
        ActionError::UnderWay(id) => Problem::new(Code::ActionUnderWay).at("$.action", format!("it is {id}")),
        ActionError::File(why) => of_files(why.into()).at("$.inputs.content", why.to_string()),
        ActionError::Files(e) => of_files(*e),
        ActionError::Store(e) => e.into(),
    }
}

/// Why a request about a record of the CRM changed nothing.
pub(crate) fn of_edit(error: EditError) -> Problem {
    let at = |code: Code, path: &str, message: String| Problem::new(code).at(path, message);
    match error {
        EditError::Piece(e) if e.piece == "fields" => at(Code::InvalidRequest, "$.fields", e.reason.into_owned()),
        EditError::Piece(e) => at(Code::InvalidRequest, &format!("$.fields[\"{}\"]", e.piece), e.to_string()),
        EditError::Incomplete(pieces) => pieces.iter().fold(Problem::new(Code::InvalidRequest), |problem, piece| {
            problem.at(format!("$.fields[\"{piece}\"]"), "a new record needs it")
        }),
        EditError::MadeByAction(_) => at(Code::MadeByAction, "$.record", error.to_string()),
        EditError::Refused(Refusal::OwnedByErp(pieces)) => {
            pieces.iter().fold(Problem::new(Code::FieldOfErp), |problem, piece| {
                problem.at(format!("$.fields[\"{piece}\"]"), "not yours to change")
            })
        }
        EditError::Refused(Refusal::Direction) => Problem::new(Code::OneWay),
        EditError::Refused(Refusal::Deleted) => Problem::new(Code::RecordDeleted),
        EditError::TooOld => at(Code::RevisionTooOld, "if-match", error.to_string()),
        EditError::NeverSeen => at(Code::VersionMismatch, "if-match", error.to_string()),
        EditError::NotFound => Problem::new(Code::NotFound),
        EditError::LinkTaken { .. } | EditError::LinkedElsewhere => at(Code::LinkTaken, "$.record", error.to_string()),
        EditError::NameOfErp(ref piece) => {
            at(Code::InvalidRequest, &format!("$.fields[\"{piece}\"]"), error.to_string())
        }
        EditError::TakenApart => Problem::new(Code::TakenApart),
        EditError::Merged { .. } => at(Code::ContactMerged, "id", error.to_string()),
        EditError::Busy => at(Code::Busy, "id", error.to_string()).retry_after(UNDER_WAY),
        EditError::NoConflict(_) => at(Code::NoConflict, "$.piece", "there is no conflict about it".to_owned()),
        EditError::NotDecided(why) => of_decision(why),
        EditError::Restore(_) => Problem::new(Code::RestoreTooLate),
        EditError::Contended => Problem::new(Code::Conflict).retry_after(1),
        EditError::Store(e) => e.into(),
    }
}

/// Why it cannot be said how a contact stands on the blacklist.
pub(crate) fn of_look(error: LookError, now: Timestamp) -> Problem {
    match error {
        LookError::NotFound => Problem::new(Code::NotFound),
        LookError::NoConnection => Problem::new(Code::ConnectionMissing),
        LookError::Connect(error) => of_connect(error, true, now),
        LookError::Store(error) => error.into(),
    }
}

/// Why contacts were not merged, taken apart or joined.
pub(crate) fn of_people(error: PeopleError) -> Problem {
    let at = |code: Code, path: &str| Problem::new(code).at(path, error.to_string());
    match &error {
        PeopleError::Edit(_) => {}
        PeopleError::Unknown(_) => return at(Code::InvalidRequest, "$.into"),
        PeopleError::Moved => return at(Code::VersionMismatch, "if-match"),
        PeopleError::Merge(refused) => {
            return match refused {
                Refused::Cyclic(_) => at(Code::MergeCyclic, "$.into"),
                Refused::BothLinked { .. } => at(Code::TwoPartners, "$.into"),
                Refused::Busy(_) => at(Code::Busy, "$.into").retry_after(UNDER_WAY),
                Refused::Deleted(_) => at(Code::RecordDeleted, "$.into"),
                Refused::TooDeep(_) => at(Code::MergeTooDeep, "id"),
                Refused::NotOfCrm => at(Code::InvalidRequest, "id"),
            };
        }
        PeopleError::Built(built) => {
            return match built {
                Built::NotMerged => at(Code::NotMerged, "id"),
                Built::Busy(_) => at(Code::Busy, "id").retry_after(UNDER_WAY),
                Built::Changed(_) | Built::Written(_) | Built::WentOn(..) => at(Code::MergeBuiltOn, "id"),
            };
        }
        PeopleError::Apart(why) => {
            return match why {
                ApartError::NotLinked => at(Code::NotLinked, "id"),
                ApartError::Busy => at(Code::Busy, "id").retry_after(UNDER_WAY),
                ApartError::Deleted => at(Code::RecordDeleted, "id"),
            };
        }
    }
    match error {
        PeopleError::Edit(error) => of_edit(error),
        other => Problem::internal(&other),
    }
}

/// Why a person's word about candidates was not taken.
fn of_decision(why: NotDecided) -> Problem {
    let (code, path) = match why {
        NotDecided::Moved => (Code::VersionMismatch, "if-match"),
        NotDecided::NotAsked => return Problem::new(Code::NoCandidates),
        NotDecided::NoCandidate(_) => (Code::NoCandidates, "$.link"),
        NotDecided::OthersByNow => (Code::CandidatesMoved, "$.none_of"),
        NotDecided::SameTaxNumber(_) => (Code::SameTaxNumber, "$.none_of"),
    };
    Problem::new(code).at(path, why.to_string())
}

/// Why a person's word was not taken.
pub(crate) fn of_word(error: WordError) -> Problem {
    match error {
        WordError::ListMoved => Problem::new(Code::ListMoved),
        WordError::SettingsMoved => Problem::new(Code::VersionMismatch),
        WordError::Settings(SettingsError::NotTotal { object, fields }) => {
            fields.iter().fold(Problem::new(Code::InvalidRequest), |problem, field| {
                problem.at(
                    format!("$.objects.{object}.rules.{field}"),
                    "every field that both sides may change needs a rule",
                )
            })
        }
        WordError::Settings(SettingsError::UnknownField { object, field }) => Problem::new(Code::InvalidRequest)
            .at(format!("$.objects.{object}.rules.{field}"), "not a field that both sides may change"),
        WordError::Store(e) => e.into(),
    }
}

/// Why what was said of the statuses is not taken.
pub(crate) fn of_map(error: MapError) -> Problem {
    match error {
        MapError::Moved => Problem::new(Code::VersionMismatch),
        MapError::Meanings(e) => Problem::new(Code::InvalidRequest).at("$.statuses", e.to_string()),
        MapError::Store(e) => e.into(),
    }
}

/// Why a plan was not made or approved.
pub(crate) fn of_plan(error: PlanError) -> Problem {
    match error {
        PlanError::NotFound => Problem::new(Code::NotFound),
        PlanError::Moved(why) => Problem::new(Code::PlanMoved).at("$.hash", why),
        PlanError::NoConnection => Problem::new(Code::ConnectionMissing),
        PlanError::Store(e) => e.into(),
        PlanError::Queue(e) => e.into(),
    }
}

/// Why there is no file.
pub(crate) fn of_files(error: FilesError) -> Problem {
    match error {
        FilesError::NotFound => Problem::new(Code::NotFound),
        FilesError::NoConnection => Problem::new(Code::ConnectionMissing),
        FilesError::Refused(why) => Problem::new(Code::parse(why.code()).unwrap_or(Code::FileTypeRefused)),
        FilesError::NoReport(why) => Problem::new(Code::ReportNotAvailable).at("id", why),
        FilesError::NoProof(why) => Problem::new(Code::ProofNotAvailable).at("id", why),
        FilesError::Unavailable(why) => {
            tracing::warn!(why, "a file could not be fetched");
            Problem::new(Code::FileUnavailable).retry_after(30)
        }
        FilesError::Erp(e) => of_erp(&e),
        FilesError::Connection(e) => match e.as_ref() {
            ConnectError::HostNotAllowed => Problem::new(Code::HostNotAllowed),
            other => Problem::internal(other),
        },
        FilesError::Store(e) => e.into(),
        FilesError::Secrets(e) => e.into(),
        FilesError::Queue(e) => e.into(),
        FilesError::Blobs(e) => match e.disposition() {
            Disposition::Retry => {
                tracing::warn!(error = %e, "the file store does not answer");
                Problem::new(Code::Busy).retry_after(5)
            }
            Disposition::Reject | Disposition::Bug => Problem::internal(&e),
        },
    }
}

/// What the ERP said, or that it said nothing.
fn of_erp(error: &erp::ErpError) -> Problem {
    let code = Code::parse(error.code()).unwrap_or(Code::ErpRefused);
    tracing::warn!(code = code.name(), erp_code = error.code(), "the ERP did not do what was asked");
    let problem = match error.said() {
        Some((code_of_erp, text)) => Problem::new(code).said_by_erp(code_of_erp, text),
        None => Problem::new(code),
    };
    if code.is_retryable() { problem.retry_after(60) } else { problem }
}

/// Why a part of the feed is not told.
pub(crate) fn of_feed(error: FeedError) -> Problem {
    match error {
        FeedError::TooOld => Problem::new(Code::FeedTooOld).at("cursor", "older than 90 days"),
        FeedError::SetBack => Problem::new(Code::FeedTooOld).at("cursor", "the feed was set back behind it"),
        FeedError::Store(e) => e.into(),
    }
}

/// Why a key was not made, renewed or taken away.
pub(crate) fn of_key(error: KeyError) -> Problem {
    match error {
        KeyError::NotFound => Problem::new(Code::NotFound),
        KeyError::TooMany(_) => Problem::new(Code::TooManyKeys),
        KeyError::Over => Problem::new(Code::InvalidRequest).at("$.expires_at", "not in the future"),
        KeyError::Store(e) => e.into(),
    }
}

/// Why something about an endpoint was not done.
pub(crate) fn of_events(error: EventsError) -> Problem {
    match error {
        EventsError::NotFound => Problem::new(Code::NotFound),
        EventsError::Moved => Problem::new(Code::VersionMismatch),
        EventsError::Address(e) => Problem::new(Code::EndpointAddressRefused).at("$.url", e.to_string()),
        EventsError::TooManyEndpoints => Problem::new(Code::TooManyEndpoints),
        EventsError::TooManyWaiting(e) => Problem::new(Code::Conflict).at("delivery_id", e.to_string()).retry_after(60),
        EventsError::NoConnection => Problem::new(Code::ConnectionMissing),
        EventsError::SecretMissing => Problem::new(Code::EndpointSecretMissing),
        EventsError::Contended => Problem::new(Code::Conflict).retry_after(1),
        EventsError::Secrets(e) => e.into(),
        EventsError::Store(e) => e.into(),
    }
}

/// Why a run was not taken back.
pub(crate) fn of_undo(error: UndoError) -> Problem {
    match error {
        UndoError::NotFound => Problem::new(Code::NotFound),
        UndoError::NotOver => Problem::new(Code::RunNotOver).retry_after(30),
        UndoError::TooLarge => Problem::new(Code::RunTooLarge),
        UndoError::Contended => Problem::new(Code::Conflict).retry_after(1),
        UndoError::Store(e) => e.into(),
    }
}
