//! The forms of single values: all are strings, so that no client rounds an amount or an id.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// The schema of a text that is one of some names.
pub(super) fn named(description: &str, names: impl IntoIterator<Item = &'static str>) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(Type::String).description(Some(description)).enum_values(Some(names));
    RefOr::T(schema.into())
}

/// A decimal number as text, without trailing zeros: amounts, prices, quantities, percentages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
pub struct Decimal(pub String);

/// A day: `2026-11-24`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(format = "date")]
pub struct Date(pub String);

/// A moment, in UTC: `2026-11-24T08:15:00Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(format = "date-time")]
pub struct Timestamp(pub String);

/// An id of the ERP (`mk_id`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^[0-9]{1,19}$")]
pub struct ErpId(pub String);

/// An id of a record: its type's prefix and 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^[a-z]{3}_[0-9a-f]{32}$")]
pub struct RecordId(pub String);

/// An id of a run. Ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(pattern = "^run_[0-9a-f]{32}$")]
pub struct RunId(pub String);
