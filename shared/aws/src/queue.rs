//! The queues on SQS: standard ones, whose message groups keep one customer's flood from delaying the others.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html>

mod dead;

use aws_config::SdkConfig;
use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use connector::ports::{Fetch, PortError, Queue, WAKE_DELAY_MAX, Wake};
use jiff::SignedDuration;
use posting::ConnectionId;
use serde::Serialize;

use crate::{
    Settings,
    fault::{self, SQS},
};

/// Messages SQS takes in one call.
const BATCH_MAX: usize = 10;

/// Their names in answers.
const WORK: &str = "work";
const FETCH: &str = "fetch";

/// The queues that wake `post` and `poll`.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    work: String,
    fetch: String,
    /// Dead-letter queues: name in answers, and address.
    dead: [(&'static str, String); 2],
}

impl SqsQueue {
    /// The queues the settings name.
    #[must_use]
    pub fn new(sdk: &SdkConfig, settings: &Settings) -> Self {
        Self {
            client: Client::new(sdk),
            work: settings.work_queue_url.clone(),
            fetch: settings.fetch_queue_url.clone(),
            dead: [
                (WORK, settings.work_dead_letter_url.clone()),
                (FETCH, settings.fetch_dead_letter_url.clone()),
            ],
        }
    }
}

impl SqsQueue {
    async fn send(
        &self,
        queue: &str,
        bodies: impl Iterator<Item = Result<Body, PortError>>,
    ) -> Result<(), PortError> {
        let bodies = bodies.collect::<Result<Vec<_>, _>>()?;
        for batch in bodies.chunks(BATCH_MAX) {
            let entries = batch
                .iter()
                .enumerate()
                .map(|(index, body)| entry(index, body))
                .collect::<Result<Vec<_>, _>>()?;
            let answer = self
                .client
                .send_message_batch()
                .queue_url(queue)
                .set_entries(Some(entries))
                .send()
                .await
                .map_err(|error| fault::port(SQS, &error))?;
            if let Some(first) = answer.failed.first() {
                let detail = format!(
                    "{} of {} wakes not taken: {}",
                    answer.failed.len(),
                    batch.len(),
                    first.code
                );
                let refused = first.sender_fault && !fault::is_passing(&first.code);
                return Err(if refused {
                    fault::refused(SQS, detail)
                } else {
                    fault::unavailable(SQS, detail)
                });
            }
        }
        Ok(())
    }
}

impl Queue for SqsQueue {
    async fn wake(&self, wakes: &[(Wake, SignedDuration)]) -> Result<(), PortError> {
        let bodies = wakes
            .iter()
            .map(|(wake, delay)| Body::of(wake, &wake.connection, seconds(*delay)));
        self.send(&self.work, bodies).await
    }

    async fn fetch(&self, fetches: &[Fetch]) -> Result<(), PortError> {
        let bodies = fetches
            .iter()
            .map(|fetch| Body::of(fetch, &fetch.connection, 0));
        self.send(&self.fetch, bodies).await
    }
}

/// One message to send.
struct Body {
    text: String,
    group: String,
    delay: i32,
}

impl Body {
    fn of(
        message: &impl Serialize,
        connection: &ConnectionId,
        delay: i32,
    ) -> Result<Self, PortError> {
        let text = serde_json::to_string(message);
        Ok(Self {
            text: text.map_err(|error| fault::refused(SQS, error.to_string()))?,
            group: connection.to_string(),
            delay,
        })
    }
}

fn entry(index: usize, body: &Body) -> Result<SendMessageBatchRequestEntry, PortError> {
    SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(&body.text)
        .message_group_id(&body.group)
        .delay_seconds(body.delay)
        .build()
        .map_err(|error| fault::refused(SQS, error.to_string()))
}

/// Whole seconds, rounded up: a wake must not come before its time.
fn seconds(delay: SignedDuration) -> i32 {
    let delay = delay.clamp(SignedDuration::ZERO, WAKE_DELAY_MAX);
    let up = i64::from(delay.subsec_nanos() > 0);
    i32::try_from(delay.as_secs().saturating_add(up)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_whole_seconds_and_bounded() {
        assert_eq!(seconds(SignedDuration::from_secs(-5)), 0);
        assert_eq!(seconds(SignedDuration::from_millis(1)), 1);
        assert_eq!(seconds(SignedDuration::from_secs(899)), 899);
        assert_eq!(seconds(SignedDuration::from_hours(5)), 900);
    }
}
