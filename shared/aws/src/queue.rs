//! The `work` queue on SQS: a standard queue, whose message group keeps one customer's flood from delaying the others.

mod dead;

use aws_config::SdkConfig;
use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use connector::ports::{PortError, Queue, WAKE_DELAY_MAX, Wake};
use jiff::SignedDuration;

use crate::{
    Settings,
    fault::{self, SQS},
};

/// Messages SQS takes in one call.
const BATCH_MAX: usize = 10;

/// The queue that wakes `post`.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
    /// Dead-letter queues: name in answers, and address.
    dead: [(&'static str, String); 1],
}

impl SqsQueue {
    /// The queue the settings name.
    #[must_use]
    pub fn new(sdk: &SdkConfig, settings: &Settings) -> Self {
        Self {
            client: Client::new(sdk),
            url: settings.work_queue_url.clone(),
            dead: [("work", settings.work_dead_letter_url.clone())],
        }
    }
}

impl Queue for SqsQueue {
    async fn wake(&self, wakes: &[(Wake, SignedDuration)]) -> Result<(), PortError> {
        for batch in wakes.chunks(BATCH_MAX) {
            let entries = batch
                .iter()
                .enumerate()
                .map(|(index, (wake, delay))| entry(index, wake, *delay))
                .collect::<Result<Vec<_>, _>>()?;
            let answer = self
                .client
                .send_message_batch()
                .queue_url(&self.url)
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

fn entry(
    index: usize,
    wake: &Wake,
    delay: SignedDuration,
) -> Result<SendMessageBatchRequestEntry, PortError> {
    let body =
        serde_json::to_string(wake).map_err(|error| fault::refused(SQS, error.to_string()))?;
    SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(body)
        .message_group_id(wake.connection.as_str())
        .delay_seconds(seconds(delay))
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
