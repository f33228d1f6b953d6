//! Files of documents.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Origin, Timestamp};

/// An id of a file of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^fil_[0-9a-f]{32}$")]
pub struct FileId(pub String);

/// The bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(format = "binary")]
pub struct Bytes(pub String);

/// Files attached to a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachments {
    /// The files, the first seen first.
    pub data: Vec<Attachment>,
    /// The last look at the ERP.
    pub look: AttachmentsLook,
}

/// A look at the files that the ERP has attached to a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttachmentsLook {
    /// Whether one is going on.
    pub pending: bool,
    /// When the last one was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<Timestamp>,
    /// Why it did not see everything: a code. Look again later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// An attached file. The same bytes attached twice are one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// Its id.
    pub id: FileId,
    /// Its name. A text: escape it as any.
    pub name: String,
    /// Whose it was first.
    pub source: Origin,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Whether the last look at the ERP showed it; left out before one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_erp: Option<bool>,
    /// Whether its bytes can be had.
    pub state: FileState,
    /// Why they cannot: a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it is, by its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How many bytes it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Their BLAKE3 hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blake3: Option<String>,
}

/// Whether a file is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Its bytes can be had.
    Kept,
    /// It is not kept.
    Refused,
}

/// A printed form that is being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Making {
    /// Seconds after which to ask again.
    pub retry_after: u32,
}

/// The language of a printed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrintLanguage {
    /// Slovenian.
    Sl,
    /// English.
    En,
}

/// The ids of the ERP's reports that print a kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reports {
    /// In Slovenian; 38 is the usual one.
    #[schema(minimum = 1)]
    pub sl: u32,
    /// In English; 42 is the usual one.
    #[schema(minimum = 1)]
    pub en: u32,
}
