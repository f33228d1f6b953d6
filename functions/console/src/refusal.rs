//! What the console refuses, and the page that says so: what happened, what to do, the code.

use app::registers::MapError;
use app::twoway::{edit::EditError, oversight::WordError, plans::PlanError, undo::UndoError};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use runtime::{Code, Permission, Problem, Role, auth::ConsoleError};
use store::StoreError;

use crate::{
    page::Explanation,
    wording::{Phrases, Texts},
};
use runtime::Language;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// There is no session.
    SignedOut,
    /// The one-time link was used, is too old, or is none.
    LinkGone,
    /// The form is not of this session.
    Forged,
    /// The role does not have the permission.
    NotAllowed(Role, Permission),
    /// There is nothing at this address.
    NotFound,
    /// The address does not know the method.
    MethodNotAllowed,
    /// Something that the catalogue of codes explains.
    Problem(Problem),
}

impl Refusal {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::LinkGone => StatusCode::GONE,
            Self::Forged | Self::NotAllowed(..) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Problem(problem) => problem.code().status(),
        }
    }

    /// The stable code.
    fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::LinkGone => Code::LinkInvalid.name(),
            Self::Forged => "form_not_genuine",
            Self::NotAllowed(..) => Code::Forbidden.name(),
            Self::NotFound => Code::NotFound.name(),
            Self::MethodNotAllowed => Code::MethodNotAllowed.name(),
            Self::Problem(problem) => problem.code().name(),
        }
    }

    /// What a page says about it.
    pub(crate) fn explain(&self, language: Language) -> Explanation {
        let (t, phrases) = (Texts::of(language), Phrases(language));
        let of = |title: &str, detail: &str, remedy: &str| Explanation {
            title: title.to_owned(),
            detail: detail.to_owned(),
            remedy: remedy.to_owned(),
            code: Some(self.code()),
            leads_back: !matches!(self, Self::SignedOut | Self::LinkGone),
        };
        let from_catalogue = |code: Code| {
            if let Some([title, detail, remedy]) = phrases.plainly(code) {
                return of(title, detail, remedy);
            }
            let text = code.text(language);
            of(text.title, text.detail, text.remedy)
        };
        match self {
            Self::SignedOut => of(t.signed_out_title, t.signed_out_detail, t.signed_out_remedy),
            Self::LinkGone => of(t.link_title, t.link_detail, t.link_remedy),
            Self::Forged => of(t.forged_title, t.forged_detail, t.forged_remedy),
            Self::NotAllowed(role, permission) => {
                of(t.forbidden_title, &phrases.not_allowed(*role, *permission), phrases.ask_for_permission())
            }
            Self::NotFound => from_catalogue(Code::NotFound),
            Self::MethodNotAllowed => from_catalogue(Code::MethodNotAllowed),
            Self::Problem(problem) => from_catalogue(problem.code()),
        }
    }
}

/// Left for [`crate::visit::dress`], which knows the reader's language.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::Problem(code.into())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Problem(error.into())
    }
}

impl From<EditError> for Refusal {
    fn from(error: EditError) -> Self {
        use sync::twoway::{NotDecided, Refusal as Engine};
        let code = match error {
            EditError::Store(error) => return error.into(),
            EditError::Piece(_) | EditError::Incomplete(_) | EditError::NameOfErp(_) => Code::InvalidRequest,
            EditError::MadeByAction(_) => Code::MadeByAction,
            EditError::TakenApart => Code::TakenApart,
            EditError::Merged { .. } => Code::ContactMerged,
            EditError::Busy => Code::Busy,
            EditError::Refused(Engine::OwnedByErp(_)) => Code::FieldOfErp,
            EditError::Refused(Engine::Direction) => Code::OneWay,
            EditError::Refused(Engine::Deleted) => Code::RecordDeleted,
            EditError::TooOld => Code::RevisionTooOld,
            EditError::NeverSeen | EditError::NotDecided(NotDecided::Moved) => Code::VersionMismatch,
            EditError::NotFound => Code::NotFound,
            EditError::LinkTaken { .. } | EditError::LinkedElsewhere => Code::LinkTaken,
            EditError::NoConflict(_) => Code::NoConflict,
            EditError::NotDecided(NotDecided::NotAsked | NotDecided::NoCandidate(_)) => Code::NoCandidates,
            EditError::NotDecided(NotDecided::OthersByNow) => Code::CandidatesMoved,
            EditError::NotDecided(NotDecided::SameTaxNumber(_)) => Code::SameTaxNumber,
            EditError::Restore(_) => Code::RestoreTooLate,
            EditError::Contended => Code::Conflict,
        };
        code.into()
    }
}

impl From<WordError> for Refusal {
    fn from(error: WordError) -> Self {
        match error {
            WordError::ListMoved => Code::ListMoved.into(),
            WordError::SettingsMoved => Code::VersionMismatch.into(),
            WordError::Settings(_) => Code::InvalidRequest.into(),
            WordError::Store(error) => error.into(),
        }
    }
}

impl From<MapError> for Refusal {
    fn from(error: MapError) -> Self {
        match error {
            MapError::Moved => Code::VersionMismatch.into(),
            MapError::Meanings(_) => Code::InvalidRequest.into(),
            MapError::Store(error) => error.into(),
        }
    }
}

impl From<PlanError> for Refusal {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::NotFound => Self::NotFound,
            PlanError::Moved(_) => Code::PlanMoved.into(),
            PlanError::NoConnection => Code::ConnectionMissing.into(),
            PlanError::Store(error) => error.into(),
            PlanError::Queue(error) => Self::Problem(error.into()),
        }
    }
}

impl From<UndoError> for Refusal {
    fn from(error: UndoError) -> Self {
        match error {
            UndoError::NotFound => Self::NotFound,
            UndoError::NotOver => Code::RunNotOver.into(),
            UndoError::TooLarge => Code::RunTooLarge.into(),
            UndoError::Contended => Code::Conflict.into(),
            UndoError::Store(error) => error.into(),
        }
    }
}

impl From<ConsoleError> for Refusal {
    fn from(error: ConsoleError) -> Self {
        match error {
            ConsoleError::LinkInvalid => Self::LinkGone,
            ConsoleError::SignedOut | ConsoleError::NoPerson => Self::SignedOut,
            ConsoleError::Role(_) | ConsoleError::Store(_) => Self::Problem(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_what_happened_and_what_to_do_in_both_languages() {
        let all = [
            Refusal::SignedOut,
            Refusal::LinkGone,
            Refusal::Forged,
            Refusal::NotAllowed(Role::Support, Permission::Sync),
            Refusal::NotFound,
            Refusal::MethodNotAllowed,
            Refusal::Problem(Problem::new(Code::Busy)),
            Refusal::Problem(Problem::new(Code::VersionMismatch)),
            Refusal::Problem(Problem::new(Code::InvalidRequest)),
            Refusal::Problem(Problem::new(Code::RevisionTooOld)),
            Refusal::Problem(Problem::new(Code::LinkTaken)),
            Refusal::Problem(Problem::new(Code::TakenApart)),
            Refusal::Problem(Problem::new(Code::ErpPaused)),
        ];
        for refusal in all {
            let (en, sl) = (refusal.explain(Language::En), refusal.explain(Language::Sl));
            for (a, b) in [(en.title, sl.title), (en.detail, sl.detail), (en.remedy, sl.remedy)] {
                assert!(!a.is_empty() && !b.is_empty() && a != b, "{refusal:?}: {a}");
                assert!(!a.contains('`') && !b.contains('`'), "{refusal:?}: {a} is for programs");
            }
            assert!(refusal.status().is_client_error() || refusal.status().is_server_error());
        }
    }
}
