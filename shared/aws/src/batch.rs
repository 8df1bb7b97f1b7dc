//! The SQS event of a function and its partial answer: what failed comes back, the rest is done.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use connector::poll::Asked;
use connector::ports::Wake;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// An SQS event, read leniently: only what is used has to be there.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Batch {
    /// The messages, at most 10 as the template sets it.
    #[serde(rename = "Records", default)]
    pub messages: Vec<Message>,
}

/// One message of an event.
#[derive(Clone, Default, Deserialize)]
pub struct Message {
    /// The id a failure is reported by.
    #[serde(rename = "messageId", default)]
    pub id: String,
    /// The text that was sent.
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    attributes: Attributes,
}

/// What SQS says about a message.
#[derive(Clone, Default, Deserialize)]
struct Attributes {
    /// Milliseconds since 1970.
    #[serde(rename = "SentTimestamp", default)]
    sent: Option<String>,
}

impl std::fmt::Debug for Message {
    /// A body can be anything, so only its size shows.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({}, {} bytes)", self.id, self.body.len())
    }
}

impl Batch {
    /// The wakes of `post` in the batch with the ids of their messages, in order. A message that is none is logged and left
    /// out, so it counts as done: repeating it would not make it one, and the record it may have meant is found by the sweep.
    #[must_use]
    pub fn wakes(&self) -> Vec<(String, Wake)> {
        let wakes = self.messages.iter().filter_map(Message::read);
        wakes
            .map(|(message, wake)| (message.id.clone(), wake))
            .collect()
    }

    /// The wakes of `poll` in the batch, likewise; what a dropped one may have meant is found by the schedule.
    #[must_use]
    pub fn fetches(&self) -> Vec<Asked> {
        let fetches = self.messages.iter().filter_map(Message::read);
        let asked = |(message, fetch): (&Message, _)| Asked {
            message: message.id.clone(),
            fetch,
            sent: message.sent(),
        };
        fetches.map(asked).collect()
    }
}

impl Message {
    fn read<T: DeserializeOwned>(&self) -> Option<(&Self, T)> {
        match serde_json::from_str(&self.body) {
            Ok(wake) => Some((self, wake)),
            // The error's own text could quote the body.
            Err(error) => {
                tracing::warn!(
                    message.id = self.id,
                    message.bytes = self.body.len(),
                    fault = ?error.classify(),
                    "a message is no wake and is dropped"
                );
                None
            }
        }
    }

    /// When it was sent; `None` when the event does not say.
    fn sent(&self) -> Option<Timestamp> {
        let milliseconds = self.attributes.sent.as_deref()?.parse().ok()?;
        Timestamp::from_millisecond(milliseconds).ok()
    }
}

/// The answer to an SQS event. A message named here is delivered again; all others are deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAnswer {
    /// What did not succeed; empty when everything did.
    #[serde(rename = "batchItemFailures")]
    pub failures: Vec<BatchFailure>,
}

/// One failed message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFailure {
    /// Its `messageId`.
    #[serde(rename = "itemIdentifier")]
    pub id: String,
}

impl FromIterator<String> for BatchAnswer {
    /// The answer that fails the messages with these ids.
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> Self {
        Self {
            failures: ids.into_iter().map(|id| BatchFailure { id }).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_bodies_are_dropped_and_the_rest_goes_on() {
        let event = r#"{"Records":[
            {"messageId":"1","body":"{\"connection\":\"acme\",\"document\":\"de2c2b936bc44114aa487fdab9f7bf61\"}","eventSource":"aws:sqs"},
            {"messageId":"2","body":"hello"},
            {"messageId":"3","body":"{\"connection\":\"../x\",\"document\":\"1\"}"},
            {"messageId":"4"},
            {"messageId":"5","body":"{\"connection\":\"acme\",\"document\":\"de2c2b936bc44114aa487fdab9f7bf62\"}"}]}"#;
        let batch: Batch = serde_json::from_str(event).unwrap();
        let ids: Vec<_> = batch.wakes().into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["1", "5"]);
        assert!(!format!("{batch:?}").contains("hello"));
        assert!(
            serde_json::from_str::<Batch>("{}")
                .unwrap()
                .wakes()
                .is_empty()
        );
    }

    #[test]
    fn a_wake_of_poll_says_when_it_was_sent() {
        let event = r#"{"Records":[
            {"messageId":"1","body":"{\"connection\":\"acme\"}","attributes":{"SentTimestamp":"1545082649183","SenderId":"x"}},
            {"messageId":"2","body":"{\"connection\":\"acme\",\"type\":\"expense\",\"business_id\":\"2519BED4\"}"},
            {"messageId":"3","body":"{\"connection\":\"acme\",\"kind\":\"expense\"}"}]}"#;
        let batch: Batch = serde_json::from_str(event).unwrap();
        let asked = batch.fetches();
        assert_eq!(asked.len(), 2);
        assert!(asked[0].fetch.is_whole() && !asked[1].fetch.is_whole());
        assert_eq!(
            asked[0].sent.map(Timestamp::as_millisecond),
            Some(1_545_082_649_183)
        );
        assert_eq!(asked[1].sent, None);
    }

    #[test]
    fn the_answer_has_the_exact_key_names() {
        let answer = BatchAnswer::from_iter(["5".to_owned()]);
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(text, r#"{"batchItemFailures":[{"itemIdentifier":"5"}]}"#);
        assert_eq!(
            serde_json::to_string(&BatchAnswer::default()).unwrap(),
            r#"{"batchItemFailures":[]}"#
        );
    }
}
