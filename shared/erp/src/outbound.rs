//! Sending to addresses that a tenant named: events to its own systems.
//!
//! Decides which addresses may be named and are gone to, and how long a send may take: https only, names of the public
//! internet, what they lead to checked in the resolver of the connection, no redirects. What is answered is read to a
//! cap and dropped; only its status counts.

use reqwest::{
    Url,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use std::time::Duration;
use thiserror::Error;

use crate::client::ConfigError;
use crate::download::{
    is_a_name, literal,
    resolver::{self, Names},
};

/// For the whole send.
pub const SEND_WITHIN: Duration = Duration::from_secs(15);
/// The longest address.
const LONGEST: usize = 2_048;
/// As much of an answer is read, so that a server that writes one is not cut off.
const MOST_READ: usize = 16 * 1024;

/// Which addresses are gone to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public internet.
    Public,
    /// Those, and this machine's by its number (`http://127.0.0.1:9000/`): for a runner on a developer's machine.
    ThisMachineToo,
}

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct AddressRefused(&'static str);

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its status.
    pub status: u16,
    /// Its `Retry-After`, as it came.
    pub retry_after: Option<String>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// The address, or what its name leads to, is not gone to.
    #[error("the address is not one of the public internet")]
    Refused,
    /// It took too long.
    #[error("no answer came in time")]
    Timeout,
    /// The connection was not made, or broke.
    #[error("the connection failed")]
    Connection,
}

impl SendError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused => "address_refused",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
        }
    }
}

/// Sends. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: reqwest::Client,
    reach: Reach,
}

impl Outbound {
    /// One that goes where `reach` says.
    pub fn new(reach: Reach) -> Result<Self, ConfigError> {
        Self::with(reach, Names::System, SEND_WITHIN)
    }

    fn with(reach: Reach, names: Names, within: Duration) -> Result<Self, ConfigError> {
        let client = resolver::client(names, within).map_err(ConfigError::Tls)?;
        Ok(Self { client, reach })
    }

    /// Whether an address may be named.
    pub fn allows(&self, address: &str) -> Result<(), AddressRefused> {
        self.allowed(address).map(drop)
    }

    fn allowed(&self, address: &str) -> Result<Url, AddressRefused> {
        let refused = |why| Err(AddressRefused(why));
        if address.len() > LONGEST {
            return refused("it is longer than 2048 bytes");
        }
        let Ok(url) = Url::parse(address) else { return refused("it is not an address") };
        let Some(host) = url.host_str() else { return refused("it names no host") };
        if !url.username().is_empty() || url.password().is_some() {
            return refused("it holds a user or a password");
        }
        if url.fragment().is_some() {
            return refused("it has a fragment, which is never sent");
        }
        let number = literal(host);
        if self.reach == Reach::ThisMachineToo && number.is_some_and(|ip| ip.is_loopback()) {
            return if matches!(url.scheme(), "http" | "https") { Ok(url) } else { refused("it is not https") };
        }
        match (url.scheme(), url.port(), number, is_a_name(host)) {
            ("https", None, None, true) => Ok(url),
            ("https", None, None, false) => refused("its host is not a name of the public internet"),
            ("https", None, Some(_), _) => refused("its host is a number; name the host"),
            ("https", Some(_), ..) => refused("it names a port; https has one"),
            _ => refused("it is not https"),
        }
    }

    /// Posts JSON with these headers, once.
    pub async fn post(
        &self,
        address: &str,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<Sent, SendError> {
        let url = self.allowed(address).map_err(|_| SendError::Refused)?;
        let mut request = self.client.post(url).header(CONTENT_TYPE, "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let sent = Sent { status: response.status().as_u16(), retry_after };
        let mut read = 0;
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > MOST_READ {
                break;
            }
        }
        Ok(sent)
    }
}

fn failed(error: &reqwest::Error) -> SendError {
    if resolver::is_refused(error) {
        return SendError::Refused;
    }
    if error.is_timeout() { SendError::Timeout } else { SendError::Connection }
}

#[cfg(test)]
mod tests;
