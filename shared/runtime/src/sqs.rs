//! Batches of the work queue.
//!
//! Decides what becomes of each message: done and rejected ones are deleted,
//! the others stay and come again until they are dead letters. A body that is
//! no work message is logged and left to become one: somebody has to see it.

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use cloud::{Clock, Disposition, WorkMessage};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use tracing::Instrument;

use crate::failure::Failure;

/// A message and how it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// What is asked for. Its tenant is a claim until `auth::verify_envelope` has checked it.
    pub message: WorkMessage,
    /// The message's id in the queue.
    pub message_id: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When the invocation ends, done or not.
    pub deadline: Timestamp,
}

/// Serve the work queue as a Lambda function.
pub async fn serve_batches<H, F>(clock: Clock, handler: H) -> Result<(), lambda_runtime::Error>
where
    H: Fn(Received) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let (clock, handler) = (&clock, &handler);
    lambda_runtime::run(service_fn(async move |event: LambdaEvent<SqsEvent>| {
        let deadline = i64::try_from(event.context.deadline).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        Ok::<_, lambda_runtime::Error>(
            handle_batch(event.payload, deadline.unwrap_or_else(|| clock.now()), handler).await,
        )
    }))
    .await
}

/// Handle a batch, one message after the other; the answer names those that have to come again.
pub async fn handle_batch<H, F>(event: SqsEvent, deadline: Timestamp, handler: &H) -> SqsBatchResponse
where
    H: Fn(Received) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let mut again = Vec::new();
    for record in event.records {
        let id = record.message_id.clone().unwrap_or_default();
        let span = tracing::info_span!("message", message_id = id);
        if !handle(record, deadline, handler).instrument(span).await {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            again.push(failure);
        }
    }
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = again;
    response
}

/// Whether the message is done with.
async fn handle<H, F>(record: SqsMessage, deadline: Timestamp, handler: &H) -> bool
where
    H: Fn(Received) -> F,
    F: Future<Output = Result<(), Failure>>,
{
    let message = match WorkMessage::decode(record.body.as_deref().unwrap_or_default()) {
        Ok(message) => message,
        Err(error) => {
            tracing::error!(code = error.code(), error = %error, "a message that is no work message");
            return false;
        }
    };
    let tenant = message.tenant.clone();
    let kind = message.work.kind();
    let receive_count = record.attributes.get("ApproximateReceiveCount").and_then(|n| n.parse().ok()).unwrap_or(1);
    let received = Received { message, message_id: record.message_id.unwrap_or_default(), receive_count, deadline };
    let Err(failure) = handler(received).await else { return true };
    let code = failure.code.as_str();
    let error = failure.message.as_str();
    match failure.disposition {
        Disposition::Retry => tracing::warn!(%tenant, kind, code, error, receive_count, "work failed and comes again"),
        Disposition::Reject => tracing::warn!(%tenant, kind, code, error, "work was given up: it can never succeed"),
        Disposition::Bug => {
            tracing::error!(%tenant, kind, code, error, receive_count, "work failed through our fault and comes again");
        }
    }
    failure.disposition == Disposition::Reject
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloud::Work;
    use serde_json::json;
    use std::sync::Mutex;

    const TENANT: &str = "t_00000000000000000001";

    fn batch(bodies: &[&str]) -> SqsEvent {
        let records: Vec<_> = bodies
            .iter()
            .enumerate()
            .map(|(n, body)| json!({ "messageId": n.to_string(), "body": body, "attributes": { "ApproximateReceiveCount": "3" } }))
            .collect();
        serde_json::from_value(json!({ "Records": records })).expect("an SQS event")
    }

    fn failed(disposition: Disposition) -> Failure {
        Failure { code: "x".to_owned(), disposition, message: "x".to_owned() }
    }

    #[tokio::test]
    async fn only_what_may_still_succeed_or_has_to_be_seen_comes_again() {
        let message =
            |key: &str| WorkMessage::new(TENANT.parse().expect("a tenant id"), Work::Inbox(key.to_owned())).encode();
        let bodies = [message("done"), message("retry"), "not ours".to_owned(), message("reject"), message("bug")];
        let seen = Mutex::new(Vec::new());
        let handler = async |received: Received| {
            assert_eq!((received.receive_count, received.deadline), (3, Timestamp::UNIX_EPOCH));
            let Work::Inbox(key) = received.message.work else { panic!("not sent") };
            seen.lock().expect("no panic").push(key.clone());
            match key.as_str() {
                "done" => Ok(()),
                "retry" => Err(failed(Disposition::Retry)),
                "reject" => Err(failed(Disposition::Reject)),
                _ => Err(failed(Disposition::Bug)),
            }
        };
        let event = batch(&bodies.iter().map(String::as_str).collect::<Vec<_>>());
        let response = handle_batch(event, Timestamp::UNIX_EPOCH, &handler).await;
        let again: Vec<_> = response.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
        assert_eq!(again, ["1", "2", "4"]);
        assert_eq!(*seen.lock().expect("no panic"), ["done", "retry", "reject", "bug"]);
    }

    #[tokio::test]
    async fn an_empty_batch_and_one_without_bodies_are_no_panic() {
        let handler = async |_: Received| Ok(());
        assert!(handle_batch(batch(&[]), Timestamp::UNIX_EPOCH, &handler).await.batch_item_failures.is_empty());
        let event: SqsEvent =
            serde_json::from_value(json!({ "Records": [{ "messageId": "7" }] })).expect("an SQS event");
        let response = handle_batch(event, Timestamp::UNIX_EPOCH, &handler).await;
        assert_eq!(response.batch_item_failures[0].item_identifier, "7");
    }
}
