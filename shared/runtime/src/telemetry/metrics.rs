//! Metrics in CloudWatch's embedded format: one line an invocation.
//!
//! Decides the dimensions: service and function, nothing else, since each value
//! of a dimension is a metric that costs. A tenant is at most a property, as its tag.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The namespace of all metrics of the product.
const NAMESPACE: &str = "CrmErp";

/// CloudWatch takes at most this many values of a metric in a line.
const MAX_VALUES: usize = 100;

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Milliseconds.
    Milliseconds,
    /// Bytes.
    Bytes,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
            Self::Bytes => "Bytes",
        }
    }
}

/// The metrics of one invocation.
#[derive(Clone, Debug)]
pub struct Metrics {
    service: &'static str,
    function: String,
    values: BTreeMap<&'static str, (Unit, Vec<u64>)>,
    properties: BTreeMap<&'static str, String>,
}

impl Metrics {
    /// No metrics yet.
    pub fn new(service: &'static str, function: impl Into<String>) -> Self {
        Self { service, function: function.into(), values: BTreeMap::new(), properties: BTreeMap::new() }
    }

    /// `n` more of `name`.
    pub fn count(&mut self, name: &'static str, n: u64) {
        let (_, values) = self.values.entry(name).or_insert((Unit::Count, vec![0]));
        if let Some(sum) = values.first_mut() {
            *sum = sum.saturating_add(n);
        }
    }

    /// One more measurement of `name`; those beyond a hundred are dropped.
    pub fn measure(&mut self, name: &'static str, unit: Unit, value: u64) {
        let (_, values) = self.values.entry(name).or_insert((unit, Vec::new()));
        if values.len() < MAX_VALUES {
            values.push(value);
        }
    }

    /// A word to search for, not a dimension. Never a tenant's id: its tag.
    pub fn property(&mut self, name: &'static str, value: impl Into<String>) {
        self.properties.insert(name, value.into());
    }

    /// The line, unless nothing was counted.
    pub fn line(&self, now: Timestamp) -> Option<String> {
        if self.values.is_empty() {
            return None;
        }
        let metrics: Vec<_> =
            self.values.iter().map(|(name, (unit, _))| json!({ "Name": name, "Unit": unit.name() })).collect();
        let mut line: Map<String, Value> =
            self.properties.iter().map(|(k, v)| ((*k).to_owned(), v.as_str().into())).collect();
        for (name, (_, values)) in &self.values {
            let value = if let [one] = values.as_slice() { (*one).into() } else { values.clone().into() };
            line.insert((*name).to_owned(), value);
        }
        line.insert("service".to_owned(), self.service.into());
        line.insert("function".to_owned(), self.function.as_str().into());
        let head = json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["service", "function"]], "Metrics": metrics }],
        });
        line.insert("_aws".to_owned(), head);
        Some(Value::Object(line).to_string())
    }

    /// Write the line and begin anew.
    pub fn emit(&mut self, now: Timestamp) {
        if let Some(line) = self.line(now) {
            super::write_line(&line);
        }
        self.values.clear();
        self.properties.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_declares_each_metric_once_with_its_unit_and_values() {
        let mut metrics = Metrics::new("webhook", "crm-webhook");
        assert_eq!(metrics.line(Timestamp::UNIX_EPOCH), None);
        metrics.count("accepted", 1);
        metrics.count("accepted", 2);
        metrics.measure("verify", Unit::Milliseconds, 3);
        metrics.measure("verify", Unit::Milliseconds, 4);
        metrics.property("tenant", "a1b2c3");
        let line: Value = serde_json::from_str(&metrics.line(Timestamp::UNIX_EPOCH).expect("a line")).expect("JSON");
        let expected = json!({
            "_aws": {
                "Timestamp": 0,
                "CloudWatchMetrics": [{
                    "Namespace": "CrmErp",
                    "Dimensions": [["service", "function"]],
                    "Metrics": [{ "Name": "accepted", "Unit": "Count" }, { "Name": "verify", "Unit": "Milliseconds" }],
                }],
            },
            "service": "webhook", "function": "crm-webhook", "accepted": 3, "verify": [3, 4], "tenant": "a1b2c3",
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn a_line_never_holds_more_values_than_cloudwatch_takes() {
        let mut metrics = Metrics::new("sync", "f");
        (0..500).for_each(|n| metrics.measure("page", Unit::Bytes, n));
        let line: Value = serde_json::from_str(&metrics.line(Timestamp::UNIX_EPOCH).expect("a line")).expect("JSON");
        assert_eq!(line["page"].as_array().map(Vec::len), Some(MAX_VALUES));
    }
}
