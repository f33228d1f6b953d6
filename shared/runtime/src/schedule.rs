//! Ticks of the schedule.
//!
//! Decides which time a tick stands for: the one it was planned for, so that a
//! late or repeated tick asks for the same work.

use cloud::Clock;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Deserialize;

use crate::failure::Failure;

/// A tick, as EventBridge or its scheduler sends it. Members that we do not need are passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Tick {
    /// When it was planned.
    #[serde(default)]
    pub time: Option<Timestamp>,
}

impl Tick {
    /// The time that the tick stands for: never later than now.
    pub fn at(self, now: Timestamp) -> Timestamp {
        self.time.map_or(now, |planned| planned.min(now))
    }
}

/// Serve a schedule as a Lambda function. A failed tick is tried again by Lambda.
pub async fn serve_ticks<H, F>(clock: Clock, handler: H) -> Result<(), lambda_runtime::Error>
where
    H: Fn(Timestamp) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let (clock, handler) = (&clock, &handler);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Tick>| {
        handle_tick(event.payload, clock, handler).await
    }))
    .await
}

/// Handle one tick.
async fn handle_tick<H, F>(tick: Tick, clock: &Clock, handler: &H) -> Result<(), Diagnostic>
where
    H: Fn(Timestamp) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let result = handler(tick.at(clock.now())).await;
    result.map_err(|failure| {
        tracing::error!(code = failure.code, error = failure.message, "a tick failed");
        Diagnostic { error_type: failure.code, error_message: failure.message }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_tick_stands_for_the_time_it_was_planned_for() {
        let event = r#"{"version":"0","id":"1","detail-type":"Scheduled Event","source":"aws.scheduler",
            "account":"1","time":"2026-11-24T08:15:00Z","region":"eu-central-1","resources":[],"detail":"{}"}"#;
        let tick: Tick = serde_json::from_str(event).expect("an event");
        assert_eq!(tick.at(at("2026-11-24T08:15:07Z")), at("2026-11-24T08:15:00Z"));
        assert_eq!(tick.at(at("2026-11-24T08:14:59Z")), at("2026-11-24T08:14:59Z"), "a tick from the future is now");
        let empty: Tick = serde_json::from_str("{}").expect("an event");
        assert_eq!(empty.at(at("2026-11-24T08:15:07Z")), at("2026-11-24T08:15:07Z"));
    }

    #[tokio::test]
    async fn a_failed_tick_names_its_code_to_lambda() {
        let clock = Clock::from_fn(|| Timestamp::UNIX_EPOCH);
        let failure = Failure {
            code: "queue_unavailable".to_owned(),
            disposition: cloud::Disposition::Retry,
            message: "m".to_owned(),
        };
        let handler = async |_| Err(failure.clone());
        let diagnostic = handle_tick(Tick::default(), &clock, &handler).await.expect_err("failed");
        assert_eq!(diagnostic.error_type, "queue_unavailable");
        assert_eq!(handle_tick(Tick::default(), &clock, &async |_| Ok(())).await, Ok(()));
    }
}
