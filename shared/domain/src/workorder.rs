//! How a work order makes its products: what goes into each, and the work on it.
//!
//! Decides what is known of it. Only the ERP plans and reports it: it is read,
//! never written.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{ErpId, Text};

/// How the product of a line is made. Lines of other documents have nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// How much was made so far, in the line's unit.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub done: Option<Decimal>,
    /// What goes into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<Input>,
    /// The work on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub work: Vec<Input>,
}

impl Making {
    /// Nothing is known.
    pub const fn is_empty(&self) -> bool {
        self.done.is_none() && self.materials.is_empty() && self.work.is_empty()
    }
}

/// A material, or a kind of work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Row id in the ERP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_id: Option<ErpId>,
    /// The product's id in the ERP; work is a product too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ErpId>,
    /// The product's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Text>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// How much is planned; nothing when it was used without a plan.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub planned: Option<Decimal>,
    /// How much was used or done so far.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub done: Option<Decimal>,
    /// What one unit costs, net, in the document's currency: as planned, or as used where no cost was planned.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::value::decimal_text_option")]
    pub cost: Option<Decimal>,
}
