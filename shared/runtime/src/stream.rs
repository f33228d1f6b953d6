//! What wakes the function that sends events: a tick each minute, or the table's stream of new changes.
//!
//! Decides which of both came, and takes nothing from the stream but whose changes are new.

use cloud::Clock;
use domain::TenantId;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Deserialize;
use std::collections::BTreeSet;

use crate::failure::Failure;

/// Why the function was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wake {
    /// A minute has passed: every tenant with endpoints is looked at.
    Tick,
    /// These tenants have new changes.
    Changed(BTreeSet<TenantId>),
}

/// A call: why, and when it has to be over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Why.
    pub wake: Wake,
    /// The function is stopped at this time.
    pub deadline: Timestamp,
}

/// An event of DynamoDB's stream or of the scheduler. Members that we do not need are passed over.
#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Option<Vec<Record>>,
}

#[derive(Debug, Deserialize)]
struct Record {
    dynamodb: Option<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "Keys")]
    keys: Option<Keys>,
}

#[derive(Debug, Deserialize)]
struct Keys {
    pk: Option<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    #[serde(rename = "S")]
    text: Option<String>,
}

impl Event {
    fn wake(self) -> Wake {
        let Some(records) = self.records else { return Wake::Tick };
        let keys = records.into_iter().filter_map(|r| r.dynamodb?.keys?.pk?.text);
        Wake::Changed(keys.filter_map(|pk| tenant_of(&pk)).collect())
    }
}

/// The tenant of a change's key.
fn tenant_of(pk: &str) -> Option<TenantId> {
    pk.strip_prefix("T#")?.strip_suffix("#CHG")?.parse().ok()
}

/// Serve both as a Lambda function. A failed call is not repeated: the next tick catches up.
pub async fn serve_wakes<H, F>(clock: Clock, handler: H) -> Result<(), lambda_runtime::Error>
where
    H: Fn(Call) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let (clock, handler) = (&clock, &handler);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<Event>| {
        let millis = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
        let deadline = Timestamp::from_millisecond(millis).unwrap_or(clock.now());
        let call = Call { wake: event.payload.wake(), deadline };
        handler(call).await.map_err(|failure| {
            tracing::error!(code = failure.code, error = failure.message, "events were not sent");
            Diagnostic { error_type: failure.code, error_message: failure.message }
        })
    }))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_changes_wake_their_tenants_and_all_else_is_a_tick() {
        let tenant = |n: u8| -> TenantId { format!("t_{n:020}").parse().expect("a tenant id") };
        let record = |pk: &str| {
            format!(r#"{{"eventName":"INSERT","dynamodb":{{"Keys":{{"pk":{{"S":"{pk}"}},"sk":{{"S":"1"}}}}}}}}"#)
        };
        let records = [
            record(&format!("T#{}#CHG", tenant(1))),
            record(&format!("T#{}#CHG", tenant(1))),
            record(&format!("T#{}#CHG", tenant(2))),
            record(&format!("T#{}#RUN", tenant(3))),
            record("SYS#TICK"),
            record("T#x#CHG"),
            r#"{"eventName":"REMOVE"}"#.to_owned(),
        ];
        let read = |text: &str| serde_json::from_str::<Event>(text).expect("an event").wake();
        let batch = format!(r#"{{"Records":[{}]}}"#, records.join(","));
        assert_eq!(read(&batch), Wake::Changed([tenant(1), tenant(2)].into()));
        assert_eq!(read(r#"{"Records":[]}"#), Wake::Changed(BTreeSet::new()));
        let tick =
            r#"{"version":"0","detail-type":"Scheduled Event","source":"aws.scheduler","time":"2026-11-24T08:15:00Z"}"#;
        assert_eq!(read(tick), Wake::Tick);
    }
}
