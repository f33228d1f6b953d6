//! What a client is made with.

use secrecy::SecretString;
use std::time::Duration;
use thiserror::Error;

use super::RetryPolicy;

/// What a client is made with. `Debug` shows no key.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// `https://main.metakocka.si`, or the address of the company's own installation.
    pub base_url: String,
    /// The company.
    pub company_id: String,
    /// Its key.
    pub secret_key: SecretString,
    /// How long an answer may take.
    pub timeouts: Timeouts,
    /// How reads are tried again.
    pub retry: RetryPolicy,
}

impl ClientConfig {
    /// A configuration with the usual timeouts and retries.
    pub fn new(base_url: impl Into<String>, company_id: impl Into<String>, secret_key: SecretString) -> Self {
        Self {
            base_url: base_url.into(),
            company_id: company_id.into(),
            secret_key,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
        }
    }
}

/// How long the ERP may take, by class of call.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To take the connection, TLS included.
    pub connect: Duration,
    /// To answer a read.
    pub read: Duration,
    /// To answer a write: 48 s were seen in the field.
    pub write: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), read: Duration::from_mins(1), write: Duration::from_mins(2) }
    }
}

/// Why no client can be made.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The address is none.
    #[error("the address of the ERP is not a URL")]
    NotAUrl,
    /// The address has a path, a query, or an account in it.
    #[error("the address of the ERP must be a scheme, a host and a port only")]
    NotAHost,
    /// The address is not encrypted and not on this machine.
    #[error("the address of the ERP must be https, except on this machine")]
    Unencrypted,
    /// Company or key are empty.
    #[error("the company or the key is empty")]
    NoAccount,
    /// TLS could not be set up.
    #[error("no TLS for the connection to the ERP")]
    Tls(#[source] reqwest::Error),
}

impl ConfigError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAUrl => "erp_address_invalid",
            Self::NotAHost => "erp_address_not_a_host",
            Self::Unencrypted => "erp_address_unencrypted",
            Self::NoAccount => "erp_account_missing",
            Self::Tls(_) => "erp_tls_unavailable",
        }
    }
}
