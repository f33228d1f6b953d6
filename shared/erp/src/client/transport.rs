//! Bytes there and back: connections, time limits, sizes, and whether it was the API that answered.

use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE},
    redirect::Policy,
};
use std::net::IpAddr;

use super::{
    ConfigError, ErpError, Timeouts,
    answer::{Answer, classify},
    call::{Call, Class},
};
use crate::{
    json::Reader,
    wire::{Fields, Item, Rows, Value},
};

/// The most bytes of an answer that are read. A full page of products with prices has a few megabytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Sends requests.
#[derive(Clone)]
pub(super) struct Transport {
    base_url: Url,
    reads: reqwest::Client,
    writes: reqwest::Client,
    timeouts: Timeouts,
}

impl Transport {
    /// Connections to `base_url`.
    pub(super) fn new(base_url: &str, timeouts: Timeouts) -> Result<Self, ConfigError> {
        let base_url = Url::parse(base_url.trim()).map_err(|_| ConfigError::NotAUrl)?;
        let bare = base_url.path() == "/"
            && base_url.query().is_none()
            && base_url.fragment().is_none()
            && base_url.username().is_empty()
            && base_url.password().is_none();
        if !bare {
            return Err(ConfigError::NotAHost);
        }
        let encrypted = match base_url.scheme() {
            "https" => true,
            "http" if is_this_machine(&base_url) => false,
            "http" => return Err(ConfigError::Unencrypted),
            _ => return Err(ConfigError::NotAUrl),
        };
        #[expect(clippy::disallowed_methods, reason = "this is where the client of the ERP is built")]
        let builder = || {
            reqwest::Client::builder()
                .https_only(encrypted)
                .redirect(Policy::none())
                // The environment is not ours to read.
                .no_proxy()
                .retry(reqwest::retry::never())
                .connect_timeout(timeouts.connect)
        };
        // A pooled connection may be dead already. A write must not find that out half-way: it would not be known
        // whether the ERP took it.
        let writes = builder().pool_max_idle_per_host(0).build().map_err(ConfigError::Tls)?;
        Ok(Self { base_url, reads: builder().build().map_err(ConfigError::Tls)?, writes, timeouts })
    }

    /// Where the ERP is.
    pub(super) const fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// Sends a request and reads the answer, once.
    pub(super) async fn send(&self, call: &'static Call, body: String) -> Result<Vec<u8>, ErpError> {
        let mut url = self.base_url.clone();
        url.set_path(call.path());
        let (client, timeout) = match call.class() {
            Class::Read => (&self.reads, self.timeouts.read),
            Class::Write => (&self.writes, self.timeouts.write),
        };
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json; charset=utf-8")
            .header(ACCEPT, "*/*")
            .timeout(timeout)
            .body(body);
        let failed = |error: reqwest::Error| ErpError::Transport {
            call: call.name(),
            sent: !(error.is_connect() || error.is_builder()),
            source: error.without_url(),
        };
        let mut response = request.send().await.map_err(failed)?;
        check_head(call, &response)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(ErpError::TooLarge { call: call.name(), limit: MAX_ANSWER_BYTES });
            }
            bytes.extend_from_slice(&chunk);
        }
        tracing::debug!(call = call.name(), bytes = bytes.len(), "the ERP answered");
        if call.is_file() && is_json(&response) {
            // Where a file is the answer, JSON is an error, whatever it says.
            read_answer::<crate::wire::Envelope<'_>>(call, &bytes)?;
            return Err(ErpError::Inconsistent { call: call.name(), what: "neither a file nor an error" });
        }
        Ok(bytes)
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn content_type(response: &Response) -> Option<&str> {
    response.headers().get(CONTENT_TYPE)?.to_str().ok()
}

fn is_json(response: &Response) -> bool {
    content_type(response).is_some_and(|kind| kind.contains("json"))
}

/// Whether it is the API that answers. Application errors come with 200, so any other status is from elsewhere.
fn check_head(call: &Call, response: &Response) -> Result<(), ErpError> {
    let status = response.status();
    let unavailable = |what| Err(ErpError::Unavailable { call: call.name(), status: status.as_u16(), what });
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            return Err(ErpError::Quota { call: call.name(), text: "HTTP 429".to_owned() });
        }
        StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::MOVED_PERMANENTLY
        | StatusCode::PERMANENT_REDIRECT
            if !is_json(response) =>
        {
            return Err(ErpError::Misconfigured { call: call.name(), status: status.as_u16() });
        }
        status if status.is_success() => {}
        _ => return unavailable("an error of the gateway"),
    }
    match content_type(response) {
        Some(kind) if kind.contains("text/html") => unavailable("a web page instead of an answer"),
        Some(kind) if !call.is_file() && !kind.contains("json") => unavailable("not JSON"),
        _ => Ok(()),
    }
}

/// Whether the answer can be JSON, whatever its head says.
pub(super) fn check_first_byte(call: &Call, bytes: &[u8]) -> Result<(), ErpError> {
    let what = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => return Ok(()),
        Some(b'<') => "a web page instead of an answer",
        Some(_) => "not JSON",
        None => "an empty answer",
    };
    Err(ErpError::Unavailable { call: call.name(), status: 200, what })
}

/// Reads an answer that is one object; one that reports an error is that error.
pub(super) fn read_answer<'a, T: Fields<'a> + Answer<'a>>(
    call: &'static Call,
    bytes: &'a [u8],
) -> Result<Box<T>, ErpError> {
    let read = || {
        let mut reader = Reader::new(bytes)?;
        let root = Rows::<'a, T>::read(&mut reader)?;
        reader.finish()?;
        Ok(root)
    };
    let root = read().map_err(|source| ErpError::Malformed { call: call.name(), source })?;
    let Rows::One(Item::Object(answer)) = root else {
        return Err(ErpError::Inconsistent { call: call.name(), what: "it is not an object" });
    };
    classify(call, answer.as_ref())?;
    Ok(answer)
}
