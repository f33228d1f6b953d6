//! Injected faults: which call is hit by what, decided by a seeded generator.
//!
//! It only chooses; what a fault does to a connection or an answer is done by the
//! gate. A fault never changes a company's data by itself.

use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// The socket is closed without an answer, before anything happens.
    ConnectionReset,
    /// No answer ever, before anything happens.
    TimeoutBefore,
    /// Everything happens, then the socket is closed, or with `hang` never answered.
    CommitThenLoseAnswer,
    /// The answer takes `ms` longer.
    Slow,
    /// The answer comes in small pieces, `ms` apart.
    SlowDrip,
    /// `status` with an HTML page (502 when none is given).
    HttpStatus,
    /// 200 with an HTML page: `page` is `login` or `maintenance`.
    #[serde(rename = "html_200")]
    Html200,
    /// The answer ends in the middle.
    TruncatedJson,
    /// The answer holds bytes that are no UTF-8.
    NotUtf8,
    /// 200 with nothing.
    EmptyBody,
    /// Where a file is the answer, a web page under the file's content type.
    PageAsFile,
    /// `opr_code` 1 with the text of a NullPointerException.
    #[serde(rename = "opr_code_1")]
    OprCode1,
    /// `opr_code` 5.
    Quota,
    /// A search that finds nothing although there is something.
    SearchEmpty,
    /// `rows` rows are missing in the middle of a page; the total stays.
    ShortPage,
    /// The answer comes from another company's data.
    WrongCompany,
    /// `opr_code` 3.
    Auth,
    /// `opr_code` 4.
    Ip,
    /// Every call fails from `from` to `to` by the clock; webhooks pause.
    Maintenance,
}

impl FaultKind {
    /// All kinds.
    pub(crate) const ALL: &[Self] = &[
        Self::ConnectionReset,
        Self::TimeoutBefore,
        Self::CommitThenLoseAnswer,
        Self::Slow,
        Self::SlowDrip,
        Self::HttpStatus,
        Self::Html200,
        Self::TruncatedJson,
        Self::NotUtf8,
        Self::EmptyBody,
        Self::PageAsFile,
        Self::OprCode1,
        Self::Quota,
        Self::SearchEmpty,
        Self::ShortPage,
        Self::WrongCompany,
        Self::Auth,
        Self::Ip,
        Self::Maintenance,
    ];

    /// The wire name.
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

fn any() -> String {
    "*".to_owned()
}

fn certain() -> f64 {
    1.0
}

/// A fault as the control plane takes and shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Given by the simulator.
    #[serde(default)]
    pub(crate) id: u64,
    pub(crate) kind: FaultKind,
    /// An endpoint's name (`search`, `put_document`) or `*`.
    #[serde(default = "any")]
    pub(crate) endpoint: String,
    /// A company's id or `*`.
    #[serde(default = "any")]
    pub(crate) company: String,
    /// Only calls with this `doc_type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) doc_type: Option<String>,
    /// From 0 to 1.
    #[serde(default = "certain")]
    pub(crate) probability: f64,
    /// How many more times; without it, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) remaining: Option<u32>,
    /// How many matching calls pass unharmed first.
    #[serde(default)]
    pub(crate) skip: u32,
    /// Milliseconds of `slow` and between pieces of `slow_drip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ms: Option<u64>,
    /// The status of `http_status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// The page of `html_200`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<String>,
    /// How many rows `short_page` drops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<usize>,
    /// `commit_then_lose_answer` never answers instead of closing.
    #[serde(default)]
    pub(crate) hang: bool,
    /// The company whose data `wrong_company` shows; another one when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) as_company: Option<String>,
    /// Begin of `maintenance`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Timestamp>,
    /// End of `maintenance`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Timestamp>,
    /// How often it has hit.
    #[serde(default)]
    pub(crate) hits: u64,
}

impl Fault {
    fn holds(&self, company: &str, now: Timestamp) -> bool {
        self.kind == FaultKind::Maintenance
            && (self.company == "*" || self.company == company)
            && self.from.is_none_or(|from| from <= now)
            && self.to.is_none_or(|to| now < to)
    }
}

/// The faults that are switched on.
#[derive(Debug)]
pub(crate) struct Faults {
    list: Vec<Fault>,
    next_id: u64,
    rng: ChaCha8Rng,
}

impl Faults {
    /// None yet.
    pub(crate) fn new(seed: u64) -> Self {
        Self { list: Vec::new(), next_id: 1, rng: ChaCha8Rng::seed_from_u64(seed ^ 0x00fa_0175) }
    }

    /// Switches one on and gives its id.
    pub(crate) fn add(&mut self, mut fault: Fault) -> u64 {
        fault.id = self.next_id;
        fault.hits = 0;
        self.next_id += 1;
        self.list.push(fault);
        self.next_id - 1
    }

    /// Those that are on.
    pub(crate) fn list(&self) -> &[Fault] {
        &self.list
    }

    /// Switches one off, or all.
    pub(crate) fn remove(&mut self, id: Option<u64>) -> usize {
        let before = self.list.len();
        self.list.retain(|fault| id.is_some_and(|id| id != fault.id));
        before - self.list.len()
    }

    /// The maintenance window that holds a company at an instant.
    pub(crate) fn maintenance(&mut self, company: &str, now: Timestamp) -> bool {
        if let Some(fault) = self.list.iter_mut().find(|fault| fault.holds(company, now)) {
            fault.hits += 1;
            return true;
        }
        false
    }

    /// The same question without counting a hit.
    pub(crate) fn in_maintenance(&self, company: &str, now: Timestamp) -> bool {
        self.list.iter().any(|fault| fault.holds(company, now))
    }

    /// What hits this call: the first that matches and whose dice fall.
    pub(crate) fn pick(&mut self, company: &str, endpoint: &str, doc_type: Option<&str>) -> Option<Fault> {
        for fault in &mut self.list {
            let matches = fault.kind != FaultKind::Maintenance
                && fault.remaining != Some(0)
                && (fault.endpoint == "*" || fault.endpoint == endpoint)
                && (fault.company == "*" || fault.company == company)
                && fault.doc_type.as_deref().is_none_or(|wanted| Some(wanted) == doc_type);
            if !matches {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if fault.probability < 1.0 && !self.rng.random_bool(fault.probability.clamp(0.0, 1.0)) {
                continue;
            }
            if let Some(remaining) = &mut fault.remaining {
                *remaining -= 1;
            }
            fault.hits += 1;
            return Some(fault.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(json: &str) -> Fault {
        serde_json::from_str(json).expect("a fault")
    }

    #[test]
    fn a_counted_fault_hits_as_often_as_it_was_told_after_its_skips() {
        let mut faults = Faults::new(1);
        faults.add(fault(r#"{"kind":"quota","endpoint":"search","remaining":2,"skip":1}"#));
        let hits: Vec<bool> = (0..5).map(|_| faults.pick("1", "search", None).is_some()).collect();
        assert_eq!(hits, [false, true, true, false, false]);
        assert!(faults.pick("1", "get_document", None).is_none());
    }

    #[test]
    fn the_same_seed_falls_the_same_way() {
        let run = |seed| {
            let mut faults = Faults::new(seed);
            faults.add(fault(r#"{"kind":"slow","probability":0.5}"#));
            (0..64).map(|_| faults.pick("1", "search", None).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert!(run(7).contains(&true) && run(7).contains(&false));
    }

    #[test]
    fn every_kind_has_a_name_that_reads_back() {
        for kind in FaultKind::ALL {
            let read: FaultKind = serde_json::from_value(serde_json::Value::String(kind.name())).expect("a known kind");
            assert_eq!(read, *kind);
        }
    }
}
