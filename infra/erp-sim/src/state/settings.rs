//! The switches of a company: where the real ERP is undocumented or configurable, a switch decides.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How lists of one element are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Collapse {
    /// As the documentation shows it per endpoint.
    #[default]
    Documented,
    /// Every list.
    Always,
    /// No list.
    Never,
}

/// Whether a second document with the same `buyer_order` is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UniqueBuyerOrder {
    /// Not checked, as a new company is.
    #[default]
    Off,
    /// Checked always.
    On,
    /// Checked for partners of these countries (ISO-2).
    Countries(Vec<String>),
}

/// How a partner that comes as data only is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartnerMatch {
    /// By tax number, else by name with street and post number; created when none fits.
    #[default]
    MatchOrCreate,
    /// Always created.
    AlwaysCreate,
}

/// How the webhooks of a company misbehave; probabilities from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HookFaults {
    pub(crate) duplicate: f64,
    pub(crate) reorder: f64,
    pub(crate) lose: f64,
    pub(crate) wrong_signature: f64,
    /// The longest delay in seconds (the ERP shows 0 to 25).
    pub(crate) delay_max_seconds: u32,
}

/// All switches of one company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch")]
pub(crate) struct Settings {
    pub(crate) collapse: Collapse,
    /// `opr_code` on the answers of the partner calls.
    pub(crate) partner_opr_code: bool,
    pub(crate) unique_buyer_order: UniqueBuyerOrder,
    /// A second document of a kind with the same number is refused.
    pub(crate) unique_count_code: bool,
    pub(crate) partner_match: PartnerMatch,
    /// How many search locks beyond the first (`searchGroup` 1..n).
    pub(crate) search_groups: u32,
    /// product_list, warehouse_stock and their kind wait in the search lock too.
    pub(crate) slow_class_in_lock: bool,
    /// Addresses that may call; empty means all.
    pub(crate) ip_allow: Vec<String>,
    /// 0 is no latency, 1 the latency of the documentation's samples, 0.1 a tenth of it.
    pub(crate) latency_scale: f64,
    /// The company uses reservations: stock rows carry `reserved_amount` and `free_amount`.
    pub(crate) reservations: bool,
    /// The company has the blacklist; without it a search of it fails as an internal error.
    pub(crate) blacklist: bool,
    /// A changed reservation fires the stock webhook as a changed amount does.
    pub(crate) webhook_on_reservation: bool,
    /// Statuses are accepted by label as well as by key.
    pub(crate) accept_status_labels: bool,
    /// Search filters beyond the documented ones, by document type.
    pub(crate) extra_filters: BTreeMap<String, Vec<String>>,
    /// Seconds an async report takes.
    pub(crate) report_seconds: u32,
    /// Seconds that the address of an attached file holds; 0 for ever.
    pub(crate) attachment_seconds: u32,
    /// Seconds an accounting export takes.
    pub(crate) export_seconds: u32,
    /// The text of the maintenance page.
    pub(crate) maintenance_page: String,
    pub(crate) webhook_faults: HookFaults,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            collapse: Collapse::default(),
            partner_opr_code: false,
            unique_buyer_order: UniqueBuyerOrder::default(),
            unique_count_code: false,
            partner_match: PartnerMatch::default(),
            search_groups: 0,
            slow_class_in_lock: true,
            ip_allow: Vec::new(),
            latency_scale: 0.0,
            reservations: true,
            blacklist: true,
            webhook_on_reservation: true,
            accept_status_labels: false,
            extra_filters: BTreeMap::new(),
            report_seconds: 5,
            attachment_seconds: 0,
            export_seconds: 20,
            maintenance_page: "MetaKocka se nadgrajuje. Poskusite znova čez nekaj minut.".to_owned(),
            webhook_faults: HookFaults::default(),
        }
    }
}
