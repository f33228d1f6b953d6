//! What the first sync brought: the numbers of both sides, as a table or as the one line of JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::Object;
use serde::Serialize;

use crate::api::RunCounts;

/// The numbers of one object type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    pub(crate) read: u64,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) parked: u64,
    /// Counted from the table.
    pub(crate) table: u64,
    /// Counted by the simulator; not known of a real ERP.
    pub(crate) erp: Option<u64>,
}

/// One tenant's numbers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TenantReport {
    pub(crate) tenant: String,
    pub(crate) company_id: String,
    pub(crate) objects: BTreeMap<&'static str, Line>,
    #[serde(skip)]
    pub(crate) error: Option<domain::RunError>,
}

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) ok: bool,
    pub(crate) tenants: Vec<TenantReport>,
}

impl Report {
    pub(crate) fn of(tenants: Vec<TenantReport>) -> Self {
        let equal = |t: &TenantReport| t.objects.values().all(|l| l.erp.is_none_or(|erp| erp == l.table));
        Self { ok: tenants.iter().all(|t| t.error.is_none() && equal(t)), tenants }
    }

    /// The exit code: 0 equal, 1 different, 3 the ERP refused or could not be reached.
    pub(crate) fn exit_code(&self) -> u8 {
        let erp = self.tenants.iter().filter_map(|t| t.error.as_ref()).any(|e| crate::api::is_erp_code(&e.code));
        match (self.ok, erp) {
            (true, _) => 0,
            (false, true) => 3,
            (false, false) => 1,
        }
    }

    /// A table for people.
    pub(crate) fn table(&self) -> String {
        let mut out = String::new();
        for tenant in &self.tenants {
            let _ = writeln!(out, "\n{}  company {}", tenant.tenant, tenant.company_id);
            let _ = writeln!(
                out,
                "  {:<14}{:>8}{:>9}{:>9}{:>11}{:>8}{:>9}{:>9}",
                "", "read", "created", "updated", "unchanged", "parked", "table", "erp"
            );
            for (name, l) in &tenant.objects {
                let erp = l.erp.map_or_else(|| "-".to_owned(), |n| n.to_string());
                let differs = if l.erp.is_some_and(|n| n != l.table) { "  differs" } else { "" };
                let _ = writeln!(
                    out,
                    "  {name:<14}{:>8}{:>9}{:>9}{:>11}{:>8}{:>9}{erp:>9}{differs}",
                    l.read, l.created, l.updated, l.unchanged, l.parked, l.table
                );
            }
            if let Some(error) = &tenant.error {
                let _ = writeln!(out, "  failed: {} ({})", error.message, error.code);
            }
        }
        out
    }
}

/// A line from what a run counted and what both sides have.
pub(crate) fn line(object: Object, counts: &RunCounts, table: u64, erp: Option<u64>) -> Line {
    let c = counts.get(&object).copied().unwrap_or_default();
    Line { read: c.read, created: c.created, updated: c.updated, unchanged: c.unchanged, parked: c.parked, table, erp }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(table: u64, erp: Option<u64>, code: Option<&str>) -> Report {
        let line = Line { table, erp, ..Line::default() };
        let error =
            code.map(|c| domain::RunError { code: c.into(), message: "m".into(), object: None, retryable: true });
        Report::of(vec![TenantReport {
            tenant: "t".into(),
            company_id: "1".into(),
            objects: [("orders", line)].into(),
            error,
        }])
    }

    #[test]
    fn the_exit_code_tells_equal_from_different_from_refused() {
        assert_eq!(report(3, Some(3), None).exit_code(), 0);
        assert_eq!(report(3, None, None).exit_code(), 0);
        assert_eq!(report(3, Some(4), None).exit_code(), 1);
        assert_eq!(report(3, Some(3), Some("moving_set")).exit_code(), 1);
        assert_eq!(report(0, Some(3), Some("erp_unavailable")).exit_code(), 3);
    }

    #[test]
    fn the_json_line_has_exactly_the_promised_keys() {
        let text = serde_json::to_string(&report(3, None, None)).expect("serialises");
        assert_eq!(
            text,
            r#"{"ok":true,"tenants":[{"tenant":"t","company_id":"1","objects":{"orders":{"read":0,"created":0,"updated":0,"unchanged":0,"parked":0,"table":3,"erp":null}}}]}"#
        );
    }
}
