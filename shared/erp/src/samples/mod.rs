//! The check that the decoders lose nothing, for payloads kept as files.
//!
//! Decides which typed decoder belongs to an endpoint and whether everything in
//! a payload came through it, typed or kept. The comparison reads both texts
//! with another JSON reader than the decoders, so that a fault of ours cannot
//! hide itself. Does no input or output and is no part of the client.

mod loss;
mod registry;

use std::{fmt, str::FromStr};
use thiserror::Error;

use crate::{
    convert::Refusal,
    json::{Malformed, Reader, Writer},
    wire::{Fields, Rows, SearchAnswer, Value},
};

/// Which side a payload comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sent to Metakocka.
    Request,
    /// Its answer.
    Response,
    /// Sent by Metakocka.
    Webhook,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Webhook => "webhook",
        })
    }
}

impl FromStr for Kind {
    type Err = DecodeError;
    fn from_str(s: &str) -> Result<Self, DecodeError> {
        match s {
            "request" => Ok(Self::Request),
            "response" => Ok(Self::Response),
            "webhook" => Ok(Self::Webhook),
            _ => Err(DecodeError::UnknownKind),
        }
    }
}

/// Why a payload has no typed value.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// No decoder is registered for the endpoint.
    #[error("no typed decoder for this endpoint")]
    UnknownEndpoint,
    /// The kind is none of request, response and webhook.
    #[error("the kind is none of request, response, webhook")]
    UnknownKind,
    /// Not JSON.
    #[error(transparent)]
    Malformed(#[from] Box<Malformed>),
    /// A string that is no text: half a character, or NUL.
    #[error("{path}: half a character or a NUL in the text")]
    BadText {
        /// Where.
        path: String,
    },
}

impl DecodeError {
    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownEndpoint => "unknown_endpoint",
            Self::UnknownKind => "unknown_kind",
            Self::Malformed(malformed) => malformed.code(),
            Self::BadText { .. } => "bad_text",
        }
    }
}

/// What became of a payload.
#[derive(Debug)]
pub struct Decoded {
    /// The name of the typed decoder.
    pub decoder: &'static str,
    /// Values that typed fields hold.
    pub typed: usize,
    /// Values kept as they were, because no field takes them.
    pub kept: usize,
    /// Paths of values that are missing from the decoded payload, or that it invented; empty when nothing was lost.
    pub lost: Vec<String>,
    /// Records that were made into the product's own types.
    pub converted: usize,
    /// Records that could not be, with the reason. In a fragment that is no fault.
    pub refused: Vec<String>,
}

/// What the conversions of a payload say.
type Conversions = Vec<Result<(), Refusal>>;

/// Decodes a payload with the typed decoder of its endpoint and checks that nothing was lost.
pub fn decode(endpoint: &str, kind: Kind, bytes: &[u8]) -> Result<Decoded, DecodeError> {
    registry::decoder(endpoint, kind).ok_or(DecodeError::UnknownEndpoint)?(bytes)
}

/// Decodes a page of a search and says how many rows it has: what a measurement of the decoder runs.
pub fn read_search_page(bytes: &[u8]) -> Result<usize, DecodeError> {
    let mut reader = Reader::new(bytes)?;
    let root = Rows::<'_, SearchAnswer<'_>>::read(&mut reader)?;
    reader.finish()?;
    Ok(root.objects().map(|page| page.result.items().len()).sum())
}

/// Compares what was decoded with its source.
fn report<'a, T: Fields<'a>>(
    source: &[u8],
    root: &Rows<'a, T>,
    convert: impl Fn(&T) -> Conversions,
) -> Result<Decoded, DecodeError> {
    let mut out = Writer::default();
    root.write(&mut out);
    let (typed, kept) = out.counts();
    let lost = loss::differences(source, out.finish().as_bytes())?;
    let results: Vec<_> = root.objects().flat_map(convert).collect();
    let (converted, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    Ok(Decoded {
        decoder: T::NAME,
        typed,
        kept,
        lost,
        converted: converted.len(),
        refused: refused.into_iter().filter_map(Result::err).map(|refusal| refusal.to_string()).collect(),
    })
}

#[cfg(test)]
mod tests;
