//! Lists and the things that only lists show.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ErpId, ObjectName, Timestamp};

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Send it as `cursor` to get the next part; null at the end. It works for the same route and filter only.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// Whether there is a next part.
    pub has_more: bool,
}

/// An ERP record that could not be understood, set aside for a person. It is read again by every later run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Parked {
    /// Its object type.
    pub object: ObjectName,
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// Where in the ERP's record.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
    /// When it was first seen so.
    pub since: Timestamp,
}

/// A warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warehouse {
    /// Its id in the ERP.
    pub erp_id: ErpId,
    /// The code used in documents.
    pub mark: String,
    /// Name.
    pub name: String,
    /// In use.
    pub active: bool,
    /// The main one.
    pub main: bool,
}
