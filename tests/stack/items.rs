//! What the functions left behind: items of the table and wakes in the queues.

use serde_json::{Map, Value, json};

use super::{Error, Service, Stack};

/// Most pages read of one query; a page holds up to 1 MB.
const PAGE_LIMIT: usize = 100;

/// How many messages stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wakes {
    /// Ready to be taken.
    pub waiting: u64,
    /// Taken by a worker.
    pub in_flight: u64,
    /// Not yet due.
    pub delayed: u64,
    /// In the dead-letter queue.
    pub dead: u64,
}

impl Stack {
    /// The items of one partition as plain JSON, in the order of `sk`.
    ///
    /// # Errors
    /// When the emulator refuses the query.
    pub async fn items(&self, pk: &str) -> Result<Vec<Value>, Error> {
        let body = json!({
            "TableName": self.output("TableName")?,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ConsistentRead": true,
        });
        self.pages("Query", body).await
    }

    /// The items of one work list, the earliest due first.
    ///
    /// # Errors
    /// When the emulator refuses the query.
    pub async fn work_list(&self, list: &str) -> Result<Vec<Value>, Error> {
        let body = json!({
            "TableName": self.output("TableName")?,
            "IndexName": "work-list",
            "KeyConditionExpression": "list_pk = :list",
            "ExpressionAttributeValues": {":list": {"S": list}},
        });
        self.pages("Query", body).await
    }

    /// Every item of the table as plain JSON.
    ///
    /// # Errors
    /// When the emulator refuses the scan.
    pub async fn all_items(&self) -> Result<Vec<Value>, Error> {
        let body = json!({"TableName": self.output("TableName")?, "ConsistentRead": true});
        self.pages("Scan", body).await
    }

    /// How many wakes stand where.
    ///
    /// # Errors
    /// When the emulator refuses the question.
    pub async fn wakes(&self) -> Result<Wakes, Error> {
        let work = self.counts(self.output("WorkQueueUrl")?).await?;
        let dead = self.counts(self.output("DeadLetterQueueUrl")?).await?;
        Ok(Wakes {
            dead: dead.waiting,
            ..work
        })
    }

    /// Lays messages with these texts into the dead-letter queue of the wakes.
    ///
    /// # Errors
    /// When the emulator does not take one.
    pub async fn lay_aside(&self, texts: &[String]) -> Result<(), Error> {
        let queue = self.output("DeadLetterQueueUrl")?;
        for text in texts {
            let body = json!({"QueueUrl": queue, "MessageBody": text});
            self.wire
                .call(Service::Queues, "SendMessage", &body)
                .await?;
        }
        Ok(())
    }

    async fn counts(&self, queue: &str) -> Result<Wakes, Error> {
        let body = json!({"QueueUrl": queue, "AttributeNames": ["All"]});
        let answer = self
            .wire
            .call(Service::Queues, "GetQueueAttributes", &body)
            .await?;
        let count = |name: &str| {
            let text = answer
                .pointer(&format!("/Attributes/{name}"))
                .and_then(Value::as_str);
            text.and_then(|text| text.parse().ok()).unwrap_or_default()
        };
        Ok(Wakes {
            waiting: count("ApproximateNumberOfMessages"),
            in_flight: count("ApproximateNumberOfMessagesNotVisible"),
            delayed: count("ApproximateNumberOfMessagesDelayed"),
            dead: 0,
        })
    }

    async fn pages(&self, operation: &str, mut body: Value) -> Result<Vec<Value>, Error> {
        let mut items = Vec::new();
        for _ in 0..PAGE_LIMIT {
            let mut answer = self.wire.call(Service::Table, operation, &body).await?;
            if let Some(Value::Array(page)) = answer.pointer_mut("/Items").map(Value::take) {
                items.extend(page.into_iter().map(item));
            }
            match (
                answer.pointer_mut("/LastEvaluatedKey").map(Value::take),
                &mut body,
            ) {
                (Some(key), Value::Object(fields)) => {
                    fields.insert("ExclusiveStartKey".to_owned(), key);
                }
                _ => break,
            }
        }
        Ok(items)
    }
}

/// An item without the type letters of the wire; a number keeps its digits and
/// bytes stay in base64.
fn item(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, plain(value)))
                .collect(),
        ),
        other => other,
    }
}

fn plain(value: Value) -> Value {
    let Value::Object(typed) = value else {
        return value;
    };
    let Some((letter, value)) = typed.into_iter().next() else {
        return Value::Object(Map::new());
    };
    match (letter.as_str(), value) {
        ("M", map) => item(map),
        ("L", Value::Array(list)) => Value::Array(list.into_iter().map(plain).collect()),
        ("N", Value::String(digits)) => {
            serde_json::from_str(&digits).unwrap_or(Value::String(digits))
        }
        ("NULL", _) => Value::Null,
        (_, other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::item;
    use serde_json::json;

    #[test]
    fn an_item_loses_its_type_letters_and_keeps_its_digits() {
        let wire = json!({"pk": {"S": "acme"}, "n": {"N": "10.50"}, "none": {"NULL": true},
            "list": {"L": [{"M": {"yes": {"BOOL": true}}}]}});
        let plain = json!({"pk": "acme", "n": 0, "none": null, "list": [{"yes": true}]});
        let read = item(wire);
        assert_eq!(read["n"].to_string(), "10.50");
        assert_eq!(
            (&read["pk"], &read["none"], &read["list"]),
            (&plain["pk"], &plain["none"], &plain["list"])
        );
    }
}
