//! The queue in Amazon SQS: a standard queue whose message groups are the tenants, so that one busy tenant does not keep the others waiting.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::{
    Client,
    types::{MessageAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry},
};
use std::{collections::HashMap, time::Duration};

use super::{Queue, check_delay};
use crate::{
    aws::{cause, may_pass},
    error::QueueError,
    work::WorkMessage,
};

/// How many messages one call takes.
const BATCH: usize = 10;

/// An SQS queue.
pub struct SqsQueue {
    client: Client,
    url: String,
}

macro_rules! refusal {
    ($error:expr) => {{
        let error = $error;
        if may_pass(&error) { QueueError::Unavailable(cause(error)) } else { QueueError::Refused(cause(error)) }
    }};
}

impl SqsQueue {
    /// The queue at `url`.
    #[expect(clippy::disallowed_methods, reason = "the one client of the queue")]
    pub fn new(config: &SdkConfig, url: impl Into<String>) -> Self {
        Self { client: Client::new(config), url: url.into() }
    }

    /// Open the connection before it is needed.
    pub async fn warm(&self) {
        // Only the connection is wanted; a refusal opens it just as well.
        let _ = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await;
    }
}

/// The kind of work, so that a person who looks at the queue sees what waits.
fn attributes(message: &WorkMessage) -> HashMap<String, MessageAttributeValue> {
    let kind = MessageAttributeValue::builder().data_type("String").string_value(message.work.kind()).build();
    kind.into_iter().map(|k| ("kind".to_owned(), k)).collect()
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, message: &WorkMessage, delay: Duration) -> Result<(), QueueError> {
        check_delay(delay)?;
        let seconds = i32::try_from(delay.as_secs()).map_err(|_| QueueError::DelayTooLong)?;
        let sent = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_body(message.encode())
            .message_group_id(message.tenant.as_str())
            .set_message_attributes(Some(attributes(message)))
            .set_delay_seconds((seconds > 0).then_some(seconds))
            .send()
            .await;
        sent.map(|_| ()).map_err(|e| refusal!(e))
    }

    async fn send_all(&self, messages: &[WorkMessage]) -> Result<(), QueueError> {
        for chunk in messages.chunks(BATCH) {
            let mut entries = Vec::with_capacity(chunk.len());
            for (n, message) in chunk.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(n.to_string())
                    .message_body(message.encode())
                    .message_group_id(message.tenant.as_str())
                    .set_message_attributes(Some(attributes(message)))
                    .build();
                entries.push(entry.map_err(|e| QueueError::Refused(e.into()))?);
            }
            let sent = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
            let answer = sent.map_err(|e| refusal!(e))?;
            if let Some(failed) = answer.failed().first() {
                let cause =
                    format!("{} of {} messages were not taken: {}", answer.failed().len(), chunk.len(), failed.code())
                        .into();
                return Err(if failed.sender_fault() {
                    QueueError::Refused(cause)
                } else {
                    QueueError::Unavailable(cause)
                });
            }
        }
        Ok(())
    }
}
