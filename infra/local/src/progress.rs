//! Progress bars of the first sync, one an object type and tenant. They go to stderr and vanish when that is no terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Object;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::api::{Api, Refusal, RunCounts, RunView};

/// How often a run is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Follows a run to its end.
pub(crate) async fn follow(api: &Api, run: RunView, bars: &Bars) -> Result<RunView, Refusal> {
    let mut run = run;
    while !run.is_over() {
        tokio::time::sleep(LOOK_EVERY).await;
        run = api.run(&run.id).await?;
        bars.show(&run.counts);
    }
    bars.finish();
    Ok(run)
}

/// The bars of one tenant.
pub(crate) struct Bars {
    bars: BTreeMap<Object, ProgressBar>,
}

impl Bars {
    /// Bars for a company, among those of others.
    pub(crate) fn new(all: &MultiProgress, company: &str) -> Self {
        let style =
            ProgressStyle::with_template("{prefix:20} {bar:30} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = |object: Object| {
            // A bar of length nought would look done before it began.
            let bar = all.add(ProgressBar::new(1)).with_style(style.clone());
            bar.set_prefix(format!("{company} {object}"));
            (object, bar)
        };
        Self { bars: Object::ALL.into_iter().map(bar).collect() }
    }

    fn show(&self, counts: &RunCounts) {
        for (object, count) in counts {
            if let Some(bar) = self.bars.get(object) {
                let total = count.total.unwrap_or(count.read).max(count.read);
                if total == 0 {
                    continue;
                }
                bar.set_length(total);
                bar.set_position(count.read);
                let parked = if count.parked > 0 { format!(", {} parked", count.parked) } else { String::new() };
                bar.set_message(format!("{} of {total}{parked}", count.read));
            }
        }
    }

    fn finish(&self) {
        for bar in self.bars.values() {
            bar.finish_and_clear();
        }
    }
}
