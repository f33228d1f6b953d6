//! Fetching files from addresses that the ERP named.
//!
//! Decides which addresses are gone to, how long and how large an answer may be,
//! and that a file is what it says. The ERP repeats addresses that its users and
//! its other partners entered, so none is trusted: https only, hosts that the
//! caller knows to be named on the document, names that lead to addresses of the
//! public internet, and no redirects, because where they lead nobody has named.

mod address;
pub(crate) mod resolver;

pub use address::closed;

use domain::file::{FileKind, FileRefusal, MAX_FILE_BYTES, judge};
use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE},
};
use std::{collections::BTreeSet, net::IpAddr, time::Duration};
use thiserror::Error;

use resolver::Names;

/// For the whole file. 25 MiB in this time is 7 Mbit/s.
const WHOLE: Duration = Duration::from_secs(30);
/// The longest address that is gone to.
const LONGEST: usize = 4_096;

/// Why a file was not fetched.
#[derive(Debug, Error)]
pub enum DownloadError {
    /// It is one that is not kept.
    #[error(transparent)]
    Refused(#[from] FileRefusal),
    /// It could not be fetched now; later it may be.
    #[error("the file could not be fetched: {0}")]
    Unavailable(&'static str),
}

/// A file as it was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// What it is, by its bytes.
    pub kind: FileKind,
    /// What the server calls it. Not cleaned.
    pub name: Option<String>,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Fetches files. Cheap to clone.
#[derive(Clone)]
pub struct Downloader {
    client: reqwest::Client,
    on_this_machine: BTreeSet<String>,
    limit: usize,
}

impl std::fmt::Debug for Downloader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Downloader").field("on_this_machine", &self.on_this_machine).finish_non_exhaustive()
    }
}

impl Downloader {
    /// One that goes to the public internet by https, and to those of `origins` that are of this machine
    /// (`http://127.0.0.1:8081`): the simulator's, where the configuration allows it as an ERP.
    pub fn new<'a>(origins: impl IntoIterator<Item = &'a str>) -> Result<Self, crate::client::ConfigError> {
        Self::with(origins, Names::System, WHOLE)
    }

    fn with<'a>(
        origins: impl IntoIterator<Item = &'a str>,
        names: Names,
        whole: Duration,
    ) -> Result<Self, crate::client::ConfigError> {
        let client = resolver::client(names, whole).map_err(crate::client::ConfigError::Tls)?;
        let on_this_machine = origins.into_iter().filter_map(origin_of_this_machine).collect();
        Ok(Self { client, on_this_machine, limit: MAX_FILE_BYTES })
    }

    /// Fetches a file from an address on one of `hosts`: those that the document names, in lower case.
    pub async fn fetch(&self, address: &str, hosts: &BTreeSet<String>) -> Result<Downloaded, DownloadError> {
        let url = self.allowed(address, hosts).ok_or(FileRefusal::Address)?;
        // What is compressed on its way could be larger than it seems.
        let request = self.client.get(url).header(ACCEPT_ENCODING, "identity");
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        check_status(response.status())?;
        let declared = response.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > self.limit) {
            return Err(FileRefusal::TooLarge.into());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if bytes.len() + chunk.len() > self.limit {
                return Err(FileRefusal::TooLarge.into());
            }
            bytes.extend_from_slice(&chunk);
        }
        let kind = judge(header(&response, CONTENT_TYPE.as_str()), &bytes)?;
        let name = header(&response, CONTENT_DISPOSITION.as_str()).and_then(name_in);
        Ok(Downloaded { kind, name, bytes })
    }

    /// The address as it is gone to, if it may be.
    fn allowed(&self, address: &str, hosts: &BTreeSet<String>) -> Option<Url> {
        let url = Some(address).filter(|a| a.len() <= LONGEST).and_then(|a| Url::parse(a).ok())?;
        let host = url.host_str()?;
        if !url.username().is_empty() || url.password().is_some() || !hosts.contains(host) {
            return None;
        }
        if self.on_this_machine.contains(&url.origin().ascii_serialization()) {
            return Some(url);
        }
        let is_open = match literal(host) {
            Some(ip) => closed(ip).is_none(),
            // A name is resolved, and what it leads to is checked, when the connection is made.
            None => is_a_name(host),
        };
        (url.scheme() == "https" && url.port().is_none() && is_open).then_some(url)
    }
}

/// The host of an address, as [`Downloader::fetch`] compares it.
pub fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

/// The last part of an address's path, decoded: often the file's name. Not cleaned.
pub fn name_in_path(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let last = url.path_segments()?.next_back()?.to_owned();
    // A path without an ending is an id, not a name.
    last.contains('.').then(|| decoded(&last))
}

/// An address without what a signature adds to it: the same file has another signature each time.
pub fn unsigned(address: &str) -> String {
    const SIGNATURE: [&str; 5] = ["expires", "signature", "key-pair-id", "policy", "awsaccesskeyid"];
    let Ok(mut url) = Url::parse(address) else { return address.to_owned() };
    let is_kept = |name: &str| {
        let name = name.to_ascii_lowercase();
        !SIGNATURE.contains(&name.as_str()) && !name.starts_with("x-amz-") && !name.starts_with("x-goog-")
    };
    let kept: Vec<(String, String)> =
        url.query_pairs().filter(|(name, _)| is_kept(name)).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    url.set_fragment(None);
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    url.into()
}

fn origin_of_this_machine(origin: &str) -> Option<String> {
    let url = Url::parse(origin).ok()?;
    let host = url.host_str()?;
    let is_here = host == "localhost" || literal(host).is_some_and(|ip| ip.is_loopback());
    is_here.then(|| url.origin().ascii_serialization())
}

/// The address that a host is, if it is one and not a name. URLs have one spelling of each: `0x7f.1` is `127.0.0.1` here.
pub(crate) fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Names that only a network of its own resolves are none of the internet, and those that documentation is written
/// with are nobody's.
pub(crate) fn is_a_name(host: &str) -> bool {
    const INNER: [&str; 11] =
        ["localhost", "local", "internal", "intranet", "lan", "home", "arpa", "onion", "test", "example", "invalid"];
    const WRITTEN: [&str; 3] = ["example.com", "example.net", "example.org"];
    let host = host.trim_end_matches('.');
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_below =
        |domain: &&str| host.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    host.contains('.') && !INNER.contains(&last) && !WRITTEN.iter().any(is_below)
}

fn check_status(status: StatusCode) -> Result<(), DownloadError> {
    match status {
        StatusCode::OK => Ok(()),
        status if status.is_redirection() => Err(FileRefusal::Address.into()),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Err(DownloadError::Unavailable("it is busy")),
        status if status.is_client_error() => Err(FileRefusal::Gone.into()),
        _ => Err(DownloadError::Unavailable("its server fails")),
    }
}

/// What became of a request without an answer. An address that the resolver refused is told apart.
fn failed(error: &reqwest::Error) -> DownloadError {
    if resolver::is_refused(error) {
        return FileRefusal::Address.into();
    }
    DownloadError::Unavailable(if error.is_timeout() { "it took too long" } else { "the connection failed" })
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// The name in a `Content-Disposition`, in its extended form if it has one.
fn name_in(disposition: &str) -> Option<String> {
    let parts = || disposition.split(';').map(str::trim);
    let value = |name: &str| {
        parts().find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = value("filename*").and_then(|v| v.split('\'').next_back().map(decoded));
    extended.or_else(|| value("filename")).filter(|name| !name.is_empty())
}

/// Percent-encoded text, decoded as UTF-8.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(|h| u8::from_str_radix(h, 16).ok());
        out.push(hex.unwrap_or(byte));
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
