//! The configuration of a function, from its environment.
//!
//! The only place of the product that reads the environment, once, at start.
//! Decides the form of each variable; each function asks for those it needs. An
//! error names the variable and its rule, and repeats no value.

use cloud::LocalSecrets;
use reqwest::Url;
use std::{collections::BTreeMap, fmt};

use crate::{auth::TokenSettings, key::SigningKey};

/// A variable that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// It is not of its form.
    #[error("the environment variable {name} must be {rule}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What it has to be.
        rule: &'static str,
    },
}

/// The environment as it was at start.
#[derive(Clone)]
pub struct Environment(BTreeMap<String, String>);

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// Read the environment of the process.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Self {
        Self(std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect())
    }

    /// An environment of the caller's own, for the local runner and tests.
    pub fn of<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }

    fn text(&self, name: &'static str) -> Result<&str, ConfigError> {
        self.0.get(name).map(|v| v.trim()).filter(|v| !v.is_empty()).ok_or(ConfigError::Missing(name))
    }

    fn url(&self, name: &'static str) -> Result<Url, ConfigError> {
        let rule = "an https URL, or an http URL of this machine";
        let url = Url::parse(self.text(name)?).map_err(|_| ConfigError::Invalid { name, rule })?;
        let fits = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if fits && url.has_host() { Ok(url) } else { Err(ConfigError::Invalid { name, rule }) }
    }

    /// `TABLE_NAME`: the DynamoDB table.
    pub fn table_name(&self) -> Result<String, ConfigError> {
        const NAME: &str = "TABLE_NAME";
        let value = self.text(NAME)?;
        let fits =
            (3..=255).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        if fits {
            Ok(value.to_owned())
        } else {
            Err(ConfigError::Invalid { name: NAME, rule: "3 to 255 characters of a-z, A-Z, 0-9, _ . -" })
        }
    }

    /// `FILES_BUCKET`: the bucket of the tenants' files.
    pub fn files_bucket(&self) -> Result<String, ConfigError> {
        const NAME: &str = "FILES_BUCKET";
        let value = self.text(NAME)?;
        let fits = (3..=63).contains(&value.len())
            && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
        if fits {
            Ok(value.to_owned())
        } else {
            Err(ConfigError::Invalid { name: NAME, rule: "3 to 63 characters of a-z, 0-9, - ." })
        }
    }

    /// `QUEUE_URL`: the work queue.
    pub fn queue_url(&self) -> Result<String, ConfigError> {
        self.url("QUEUE_URL").map(Into::into)
    }

    /// `SECRETS_PREFIX`: what the names of the tenants' secrets begin with.
    pub fn secrets_prefix(&self) -> Result<String, ConfigError> {
        const NAME: &str = "SECRETS_PREFIX";
        let value = self.text(NAME)?;
        let fits = value.len() <= 200 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b));
        if fits {
            Ok(value.to_owned())
        } else {
            Err(ConfigError::Invalid { name: NAME, rule: "at most 200 characters that a secret's name may have" })
        }
    }

    /// `JWT_ISSUER`, `JWT_AUDIENCE`, `JWKS_URL`: whose tokens are accepted.
    pub fn tokens(&self) -> Result<TokenSettings, ConfigError> {
        Ok(TokenSettings {
            issuer: self.text("JWT_ISSUER")?.to_owned(),
            audience: self.text("JWT_AUDIENCE")?.to_owned(),
            jwks_url: self.url("JWKS_URL")?,
        })
    }

    /// `ERP_HOSTS`: the hosts that a connection may name, separated by commas.
    pub fn erp_hosts(&self) -> Result<AllowedHosts, ConfigError> {
        const NAME: &str = "ERP_HOSTS";
        AllowedHosts::parse(self.text(NAME)?).ok_or(ConfigError::Invalid {
            name: NAME,
            rule: "host names, or origins such as http://127.0.0.1:8080 of this machine, separated by commas",
        })
    }

    /// `ERP_CALLS_PER_SECOND`: how many calls all tenants of a host make together while it comes back; 20 unless it is set.
    pub fn erp_calls_per_second(&self) -> Result<u32, ConfigError> {
        const NAME: &str = "ERP_CALLS_PER_SECOND";
        let Ok(value) = self.text(NAME) else { return Ok(20) };
        let rate = value.parse().ok().filter(|rate| (1..=1_000).contains(rate));
        rate.ok_or(ConfigError::Invalid { name: NAME, rule: "a whole number from 1 to 1000" })
    }

    /// `API_REQUESTS_PER_SECOND`: how many requests of a tenant the API takes; 300 unless it is set.
    pub fn api_requests_per_second(&self) -> Result<u32, ConfigError> {
        const NAME: &str = "API_REQUESTS_PER_SECOND";
        let Ok(value) = self.text(NAME) else { return Ok(crate::Rates::PER_SECOND) };
        let rate = value.parse().ok().filter(|rate| (1..=10_000).contains(rate));
        rate.ok_or(ConfigError::Invalid { name: NAME, rule: "a whole number from 1 to 10000" })
    }

    /// `PUBLIC_WEBHOOK_URL`: the address under which the ERP reaches the webhook function, without a slash at its end.
    pub fn public_webhook_url(&self) -> Result<String, ConfigError> {
        Ok(self.url("PUBLIC_WEBHOOK_URL")?.as_str().trim_end_matches('/').to_owned())
    }

    /// `SIGNING_KEY`: base64 of at least 32 secret bytes, for cursors and the tags of tenants in logs.
    pub fn signing_key(&self) -> Result<SigningKey, ConfigError> {
        const NAME: &str = "SIGNING_KEY";
        SigningKey::from_base64(self.text(NAME)?)
            .ok_or(ConfigError::Invalid { name: NAME, rule: "the base64 of at least 32 bytes" })
    }

    /// `LOG_LEVEL`: what is logged; `info` unless it is set.
    pub fn log_level(&self) -> Result<tracing::Level, ConfigError> {
        const NAME: &str = "LOG_LEVEL";
        match self.text(NAME) {
            Ok(value) => value
                .parse()
                .map_err(|_| ConfigError::Invalid { name: NAME, rule: "error, warn, info, debug or trace" }),
            Err(_) => Ok(tracing::Level::INFO),
        }
    }

    /// The function's name, for logs and metrics.
    pub fn function_name(&self) -> String {
        self.text("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("local").to_owned()
    }

    /// `SECRETS_FILE`: the file of the local secrets, if they are to survive the process.
    pub async fn local_secrets(&self) -> Result<LocalSecrets, cloud::SecretsError> {
        match self.text("SECRETS_FILE") {
            Ok(path) => LocalSecrets::open(path).await,
            Err(_) => Ok(LocalSecrets::in_memory()),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback()),
        None => false,
    }
}

/// The ERP hosts that a connection may name. Anything else could be an address inside our own network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// The origins, as a connection names them.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// From host names (reached by https at its usual port) and origins of this machine, separated by commas.
    pub fn parse(text: &str) -> Option<Self> {
        let origins: Option<Vec<_>> = text.split(',').map(str::trim).filter(|h| !h.is_empty()).map(origin_of).collect();
        origins.filter(|o| !o.is_empty()).map(Self)
    }

    /// Whether `url` is of an allowed host: equal scheme, host and port, and nobody's name or password in it.
    pub fn allow(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| {
            let plain = url.username().is_empty() && url.password().is_none();
            plain && self.0.contains(&url.origin().ascii_serialization())
        })
    }
}

fn origin_of(entry: &str) -> Option<String> {
    let url =
        if entry.contains("://") { Url::parse(entry).ok()? } else { Url::parse(&format!("https://{entry}")).ok()? };
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    (bare && safe && url.has_host()).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_variable_and_never_its_value() {
        let env = Environment::of([
            ("TABLE_NAME", "MARKER/1"),
            ("QUEUE_URL", "MARKER"),
            ("FILES_BUCKET", "MARKER"),
            ("SIGNING_KEY", "MARKER"),
            ("ERP_HOSTS", "MARKER/path"),
            ("LOG_LEVEL", "MARKER"),
            ("ERP_CALLS_PER_SECOND", "MARKER"),
            ("API_REQUESTS_PER_SECOND", "MARKER"),
            ("JWT_ISSUER", "i"),
        ]);
        let errors = [
            ("TABLE_NAME", env.table_name().err()),
            ("QUEUE_URL", env.queue_url().err()),
            ("FILES_BUCKET", env.files_bucket().err()),
            ("SECRETS_PREFIX", env.secrets_prefix().err()),
            ("JWT_AUDIENCE", env.tokens().err()),
            ("ERP_HOSTS", env.erp_hosts().err()),
            ("PUBLIC_WEBHOOK_URL", env.public_webhook_url().err()),
            ("SIGNING_KEY", env.signing_key().err()),
            ("LOG_LEVEL", env.log_level().err()),
            ("ERP_CALLS_PER_SECOND", env.erp_calls_per_second().err()),
            ("API_REQUESTS_PER_SECOND", env.api_requests_per_second().err()),
        ];
        for (name, error) in errors {
            let text = error.expect(name).to_string();
            assert!(text.contains(name) && !text.contains("MARKER"), "{text}");
        }
        assert!(!format!("{env:?}").contains("MARKER"));
    }

    #[test]
    fn the_api_takes_three_hundred_requests_a_second_unless_it_is_set() {
        let of = |value: &str| Environment::of([("API_REQUESTS_PER_SECOND", value)]).api_requests_per_second().ok();
        assert_eq!([of(""), of("1"), of("0"), of("10001"), of("x")], [Some(300), Some(1), None, None, None]);
    }

    #[test]
    fn the_pace_of_the_erp_is_twenty_calls_a_second_unless_it_is_set() {
        let of = |value: &str| Environment::of([("ERP_CALLS_PER_SECOND", value)]).erp_calls_per_second().ok();
        assert_eq!(
            [of(""), of("5"), of("0"), of("1001"), of("-1"), of("2.5")],
            [Some(20), Some(5), None, None, None, None]
        );
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for (url, fits) in [
            ("https://sqs.eu-central-1.amazonaws.com/1/q", true),
            ("http://127.0.0.1:9324/q", true),
            ("http://localhost:1/q", true),
            ("http://[::1]:1/q", true),
            ("http://10.0.0.1/q", false),
            ("http://localhost.example.com/q", false),
            ("ftp://127.0.0.1/q", false),
            ("/q", false),
        ] {
            assert_eq!(Environment::of([("QUEUE_URL", url)]).queue_url().is_ok(), fits, "{url}");
        }
    }

    #[test]
    fn only_an_allowed_host_by_its_own_scheme_and_port_is_let_through() {
        let hosts = AllowedHosts::parse("main.metakocka.si, http://127.0.0.1:8081").expect("hosts");
        for (url, allowed) in [
            ("https://main.metakocka.si", true),
            ("https://MAIN.metakocka.si:443/rest/eshop/v1", true),
            ("http://127.0.0.1:8081/rest", true),
            ("http://main.metakocka.si", false),
            ("https://main.metakocka.si:8443", false),
            ("https://main.metakocka.si.example.com", false),
            ("https://main.metakocka.si@example.com", false),
            ("https://user@main.metakocka.si", false),
            ("https://example.com/?main.metakocka.si", false),
            ("http://127.0.0.1:8082", false),
            ("http://169.254.169.254/latest/meta-data", false),
            ("main.metakocka.si", false),
        ] {
            assert_eq!(hosts.allow(url), allowed, "{url}");
        }
        for bad in ["", " , ", "http://main.metakocka.si", "https://main.metakocka.si/path", "ftp://main.metakocka.si"]
        {
            assert_eq!(AllowedHosts::parse(bad), None, "{bad}");
        }
    }
}
