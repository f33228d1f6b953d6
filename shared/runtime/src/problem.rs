//! Errors as the outside sees them: RFC 9457 problems with a stable code and a remedy.
//!
//! Decides the form of every error answer. A problem carries no text of an
//! inner error; that goes to the log, once, with the same trace id.

use axum::response::{IntoResponse, Response};
use cloud::{QueueError, SecretsError};
use http::{
    HeaderValue, Uri,
    header::{CONTENT_LANGUAGE, RETRY_AFTER},
};
use problem_details::{JsonProblemDetails, ProblemDetails};
use serde::Serialize;
use store::StoreError;

use crate::{catalogue::Code, failure::chain, language::Language};

/// What is wrong with one part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: a JSON path (`$.objects[0]`), a parameter or a header.
    pub path: String,
    /// What is wrong with it, in English. It repeats nothing of what was sent.
    pub message: String,
}

/// What the ERP itself said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErpSaid {
    /// Its code.
    pub code: String,
    /// Its text, in its language.
    pub text: String,
}

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    errors: Vec<Fault>,
    erp: Option<Box<ErpSaid>>,
    retry_after: Option<u32>,
}

/// The members beside those of the RFC.
#[derive(Serialize)]
struct Members<'a> {
    code: &'static str,
    retryable: bool,
    remedy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Fault],
    #[serde(skip_serializing_if = "Option::is_none")]
    erp: Option<&'a ErpSaid>,
}

impl Problem {
    /// A problem with a code of the catalogue.
    pub const fn new(code: Code) -> Self {
        Self { code, errors: Vec::new(), erp: None, retry_after: None }
    }

    /// A problem of ours: it is logged here, and the answer says nothing about it.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(code = Code::Internal.name(), error = chain(error), "a request failed through our fault");
        Self::new(Code::Internal)
    }

    /// Also say what is wrong with a part of the request.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(Fault { path: path.into(), message: message.into() });
        self
    }

    /// Also say what the ERP said. It goes to the caller only, never to the log.
    #[must_use]
    pub fn said_by_erp(mut self, code: impl Into<String>, text: impl Into<String>) -> Self {
        self.erp = Some(Box::new(ErpSaid { code: code.into(), text: text.into() }));
        self
    }

    /// Also say after how many seconds it may be tried again.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What is wrong with parts of the request.
    pub fn errors(&self) -> &[Fault] {
        &self.errors
    }

    /// The address that stands for the kind of problem; it answers with the catalogue's text.
    pub fn type_uri(code: Code) -> Uri {
        let path = format!("/problems/{}", code.name().replace('_', "-"));
        path.parse().expect("a code is a path segment")
    }

    /// The answer in a language, with the id under which the log knows the request.
    pub fn render(&self, language: Language, trace_id: Option<&str>) -> Response {
        let text = self.code.text(language);
        let members = Members {
            code: self.code.name(),
            retryable: self.code.is_retryable(),
            remedy: text.remedy,
            trace_id,
            errors: &self.errors,
            erp: self.erp.as_deref(),
        };
        let details = ProblemDetails::from_status_code(self.code.status())
            .with_type(Self::type_uri(self.code))
            .with_title(text.title)
            .with_detail(text.detail)
            .with_extensions(members);
        let mut response = JsonProblemDetails::from(details).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// In English and without a trace; `http::frame` renders it again with what it knows of the request.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.render(Language::default(), None);
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Conflict => Self::new(Code::Conflict),
            StoreError::TooLarge => Self::new(Code::BodyTooLarge),
            StoreError::Fenced | StoreError::Throttled | StoreError::Unavailable(_) => busy(&error),
            StoreError::Corrupt { .. } | StoreError::WrongTenant | StoreError::Refused(_) => Self::internal(&error),
        }
    }
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        match &error {
            SecretsError::NotFound => Self::new(Code::ConnectionMissing),
            SecretsError::Unavailable(_) => busy(&error),
            SecretsError::Refused(_) | SecretsError::Malformed(_) | SecretsError::File { .. } => Self::internal(&error),
        }
    }
}

impl From<QueueError> for Problem {
    fn from(error: QueueError) -> Self {
        match &error {
            QueueError::Unavailable(_) => busy(&error),
            QueueError::Refused(_) | QueueError::Malformed(_) | QueueError::DelayTooLong => Self::internal(&error),
        }
    }
}

fn busy(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::warn!(code = Code::Busy.name(), error = chain(error), "a request could not be served for now");
    Problem::new(Code::Busy).retry_after(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;
    use serde_json::{Value, json};

    async fn body(response: Response) -> Value {
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[tokio::test]
    async fn a_problem_has_every_member_in_the_language_asked_for() {
        let problem = Problem::new(Code::Throttled).at("$.objects[0]", "expected a string").retry_after(7);
        let response = problem.render(Language::Sl, Some("0af7651916cd43dd8448eb211c80319c"));
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(headers["retry-after"], "7");
        assert_eq!(headers["content-language"], "sl");
        let expected = json!({
            "type": "/problems/throttled",
            "status": 429,
            "title": "Preveč zahtev",
            "detail": "Prišlo je več zahtev, kot jih ta naslov sprejme naenkrat.",
            "remedy": "Počakajte, kolikor pravi `Retry-After`, potem ponovni poskus pomaga.",
            "code": "throttled",
            "retryable": true,
            "trace_id": "0af7651916cd43dd8448eb211c80319c",
            "errors": [{ "path": "$.objects[0]", "message": "expected a string" }],
        });
        assert_eq!(body(response).await, expected);
    }

    #[tokio::test]
    async fn an_inner_error_leaves_nothing_of_its_text_in_the_answer() {
        let problems: [Problem; 4] = [
            SecretsError::Refused("MARKER".into()).into(),
            QueueError::Unavailable("MARKER".into()).into(),
            StoreError::Refused("MARKER".to_owned()).into(),
            StoreError::Unavailable("MARKER").into(),
        ];
        for (problem, code) in problems.into_iter().zip(["internal", "busy", "internal", "busy"]) {
            let answer = body(problem.into_response()).await;
            assert_eq!(answer["code"], code);
            assert!(!answer.to_string().contains("MARKER"), "{answer}");
        }
    }

    #[test]
    fn every_code_renders_in_every_language() {
        for &code in Code::ALL {
            for language in [Language::En, Language::Sl] {
                assert_eq!(Problem::new(code).render(language, None).status(), code.status());
            }
        }
    }
}
