//! The dead-letter queues: what crashed its workers too often, as SQS lays it aside.

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, QueueAttributeName};
use connector::ports::{Dead, DeadLetter, DeadLetters, PortError};

use super::{BATCH_MAX, FETCH, SqsQueue};
use crate::fault::{self, SQS};

/// Seconds a receive waits for a message: without a wait SQS asks only some of its servers and may answer empty.
const WAIT_S: i32 = 1;
/// Seconds a received message stays hidden, which is time enough to wake and delete ten.
const HIDDEN_S: i32 = 60;
/// Messages of one receive.
const RECEIVED_MAX: i32 = 10;

impl DeadLetters for SqsQueue {
    async fn dead(&self) -> Result<Vec<(&'static str, usize)>, PortError> {
        let mut counts = Vec::new();
        for (name, url) in &self.dead {
            let wanted = QueueAttributeName::ApproximateNumberOfMessages;
            let answer = self
                .client
                .get_queue_attributes()
                .queue_url(url)
                .attribute_names(wanted.clone())
                .send()
                .await
                .map_err(|error| fault::port(SQS, &error))?;
            let count = answer.attributes.and_then(|mut all| all.remove(&wanted));
            let count = count.and_then(|text| text.parse().ok());
            counts.push((*name, count.unwrap_or(0)));
        }
        Ok(counts)
    }

    async fn dead_letters(&self) -> Result<Vec<DeadLetter>, PortError> {
        for (name, url) in &self.dead {
            let answer = self
                .client
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(RECEIVED_MAX)
                .wait_time_seconds(WAIT_S)
                .visibility_timeout(HIDDEN_S)
                .send()
                .await
                .map_err(|error| fault::port(SQS, &error))?;
            let messages = answer.messages.unwrap_or_default();
            if !messages.is_empty() {
                let letters = messages.into_iter();
                return Ok(letters.filter_map(|one| letter(name, one)).collect());
            }
        }
        Ok(Vec::new())
    }

    async fn bury(&self, letters: &[DeadLetter]) -> Result<(), PortError> {
        for (name, url) in &self.dead {
            let own: Vec<_> = letters.iter().filter(|one| one.queue == *name).collect();
            for batch in own.chunks(BATCH_MAX) {
                let entries = batch
                    .iter()
                    .enumerate()
                    .map(|(index, letter)| {
                        DeleteMessageBatchRequestEntry::builder()
                            .id(index.to_string())
                            .receipt_handle(&letter.handle)
                            .build()
                            .map_err(|error| fault::refused(SQS, error.to_string()))
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                let answer = self
                    .client
                    .delete_message_batch()
                    .queue_url(url)
                    .set_entries(Some(entries))
                    .send()
                    .await
                    .map_err(|error| fault::port(SQS, &error))?;
                if let Some(first) = answer.failed.first() {
                    let detail = format!("{} not deleted: {}", answer.failed.len(), first.code);
                    return Err(fault::unavailable(SQS, detail));
                }
            }
        }
        Ok(())
    }
}

/// One message; its own text can be anything, so it is never shown.
fn letter(queue: &'static str, message: Message) -> Option<DeadLetter> {
    let body = message.body.unwrap_or_default();
    let wake = match queue {
        FETCH => serde_json::from_str(&body).ok().map(Dead::Fetch),
        _ => serde_json::from_str(&body).ok().map(Dead::Work),
    };
    Some(DeadLetter {
        queue,
        wake,
        handle: message.receipt_handle?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_no_wake_is_a_letter_too() {
        let message = |body: &str| Message::builder().body(body).receipt_handle("h").build();
        let wake = r#"{"connection":"acme","document":"de2c2b936bc44114aa487fdab9f7bf61"}"#;
        assert!(letter("work", message(wake)).unwrap().wake.is_some());
        assert!(letter("work", message("hello")).unwrap().wake.is_none());
        assert!(letter(FETCH, message(wake)).unwrap().wake.is_none());
        let fetch = letter(FETCH, message(r#"{"connection":"acme","type":"expense"}"#));
        assert!(matches!(fetch.unwrap().wake, Some(Dead::Fetch(_))));
        assert!(letter("work", Message::builder().body(wake).build()).is_none());
    }
}
