//! What the queue sends to `post`.

use serde_json::{Value, json};

/// The event of a queue with these messages.
pub(crate) fn batch(bodies: &[String]) -> Value {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| {
            json!({
                "messageId": format!("00000000-0000-4000-8000-{index:012}"),
                "receiptHandle": format!("handle-{index}"),
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1795500000000",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1795500000010",
                },
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:bench-work",
                "awsRegion": "us-east-1",
            })
        })
        .collect();
    json!({"Records": records})
}
