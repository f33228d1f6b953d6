//! Files: what they are, what they are called, and which are not taken.
//!
//! Decides by a file's bytes what it is; what a sender says about it must agree.
//! Nothing here opens a file: that what is inside is harmless is never claimed.

mod kind;
mod name;

pub use kind::FileKind;
pub use name::{clean_name, name_for};

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// The most bytes of a file: 25 MiB.
pub const MAX_FILE_BYTES: usize = 25 * 1024 * 1024;

/// The BLAKE3 hash of a file's bytes: its identity within its tenant. As text 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BlobHash([u8; 32]);

impl BlobHash {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// From the text that it is; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_hex.then(|| blake3::Hash::from_hex(text).ok()).flatten().map(|hash| Self(*hash.as_bytes()))
    }
}

impl fmt::Display for BlobHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl From<BlobHash> for String {
    fn from(hash: BlobHash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for BlobHash {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("64 hexadecimal digits")
    }
}

/// Why a file is not kept. Its code stands in the catalogue of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum FileRefusal {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It has more bytes than are taken.
    #[error("the file is larger than is taken")]
    TooLarge,
    /// It is of no type that is taken, or not what its sender says.
    #[error("the file is not of a type that is taken, or is not what it says")]
    Type,
    /// Its address is not one that we go to.
    #[error("the file's address is not one that is gone to")]
    Address,
    /// Its address leads nowhere, or no longer.
    #[error("the file's address leads to no file")]
    Gone,
}

impl FileRefusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::TooLarge => "file_too_large",
            Self::Type => "file_type_refused",
            Self::Address => "file_address_refused",
            Self::Gone => "file_gone",
        }
    }
}

/// What a file is, if it may be kept: by its bytes, and by what its sender says of it if it says anything.
pub fn judge(said: Option<&str>, bytes: &[u8]) -> Result<FileKind, FileRefusal> {
    if bytes.is_empty() {
        return Err(FileRefusal::Empty);
    }
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileRefusal::TooLarge);
    }
    kind::judge(said, bytes).ok_or(FileRefusal::Type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_back_from_its_text_and_from_no_other() {
        let hash = BlobHash::of(b"abc");
        let text = hash.to_string();
        assert_eq!(text, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
        assert_eq!(BlobHash::parse(&text), Some(hash));
        for bad in ["", &text[..63], &text.to_uppercase(), &format!("{text}0"), &text.replace('6', "g")] {
            assert_eq!(BlobHash::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_empty_file_and_one_that_is_too_large_are_refused_for_that() {
        assert_eq!(judge(Some("application/pdf"), b""), Err(FileRefusal::Empty));
        let mut large = b"%PDF-1.4\n".to_vec();
        large.resize(MAX_FILE_BYTES, b' ');
        assert_eq!(judge(None, &large), Ok(FileKind::Pdf));
        large.push(b' ');
        assert_eq!(judge(None, &large), Err(FileRefusal::TooLarge));
    }
}
