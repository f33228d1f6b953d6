//! The use cases' errors as the API tells them.
//!
//! Decides which code of the catalogue each error becomes, and where in the request its cause is.

use app::{connect::ConnectError, runs::RequestError};
use runtime::{Code, Problem};

/// Why a run could not be asked for.
pub(crate) fn of_request(error: RequestError) -> Problem {
    match error {
        RequestError::NoConnection => Problem::new(Code::ConnectionMissing),
        RequestError::Store(e) => e.into(),
        RequestError::Queue(e) => e.into(),
    }
}

/// Why a connection was not saved. `is_based` says whether the caller named a version.
pub(crate) fn of_connect(error: ConnectError, is_based: bool) -> Problem {
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
        ConnectError::Erp(e) => {
            let code = Code::parse(e.code()).unwrap_or(Code::ErpRefused);
            tracing::warn!(code = code.name(), erp_code = e.code(), "the test of a connection failed");
            if code.is_retryable() { Problem::new(code).retry_after(60) } else { Problem::new(code) }
        }
        ConnectError::Busy(e) => {
            tracing::warn!(error = %e, "a connection could not be tested for now");
            Problem::new(Code::Busy).retry_after(30)
        }
        ConnectError::Store(e) => e.into(),
        ConnectError::Secrets(e) => e.into(),
        ConnectError::Run(e) => of_request(e),
    }
}
