//! Logs and metrics: one JSON object a line on standard output, which is what Lambda collects.
//!
//! Decides what must never be in a line: secrets, tokens, webhook addresses,
//! personal data, and tenants in clear (a keyed tag stands for them). Our own
//! crates log at the level that is configured; libraries only warnings, since
//! below that some of them print whole requests.

mod lines;
mod metrics;
mod redaction;

pub use lines::JsonLines;
pub use metrics::{Metrics, Unit};
pub use redaction::Redaction;

use cloud::Clock;
use std::io::{self, Write};
use tracing::Level;
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::key::SigningKey;

/// The crates of the product, by the beginnings of their names.
const OURS: [&str; 9] = ["app", "cloud", "erp", "fn_", "local", "runtime", "store", "sync", "insight"];

/// What is logged, and as what.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// The function's role: `webhook`, `sync`.
    pub service: &'static str,
    /// The deployed function's name.
    pub function: String,
    /// The level of our own crates.
    pub level: Level,
    /// The clock whose time is on the lines.
    pub clock: Clock,
    /// The key for the tags of tenants. Without one they are left out.
    pub key: Option<SigningKey>,
}

impl Telemetry {
    /// Log to standard output from now on. Only the first call of a process counts.
    pub fn start(self) {
        let filter = self.filter();
        let layer = JsonLines::new(self, Box::new(|line: &str| write_line(line))).with_filter(filter);
        // In tests of a binary another subscriber may be there already: then that one stays.
        let _ = tracing_subscriber::registry().with(layer).try_init();
    }

    pub(crate) fn filter(&self) -> Targets {
        OURS.iter()
            .fold(Targets::new().with_default(Level::WARN), |targets, name| targets.with_target(*name, self.level))
    }
}

/// A line and its end in one write, so that lines of several threads do not mix.
fn write_line(line: &str) {
    let mut text = String::with_capacity(line.len() + 1);
    text.push_str(line);
    text.push('\n');
    // Nothing can be logged about a log that cannot be written.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}
