//! What stands between the functions and the emulated AWS: it counts the requests, asks for their capacity units, and
//! keeps the wakes to itself, so that a batch is as large as the measurement wants it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use e2e::twins::wire::{Call, Reply, Server, Service};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Requests of `DynamoDB` and what they cost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    /// Requests by operation.
    pub(crate) requests: BTreeMap<String, u64>,
    /// Write units, indexes included.
    pub(crate) write_units: Decimal,
    /// Read units.
    pub(crate) read_units: Decimal,
    /// Bodies of the requests, in bytes.
    pub(crate) bytes: u64,
}

/// The counting address; it stops when this is dropped.
pub(crate) struct Cloud {
    desk: Arc<Desk>,
    server: Server,
}

struct Desk {
    client: reqwest::Client,
    endpoint: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    usage: Usage,
    wakes: Vec<String>,
}

impl Cloud {
    /// Listens in front of the emulator at `endpoint`.
    pub(crate) async fn start(endpoint: &str) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(|error| format!("no HTTP client: {error}"))?;
        let desk = Arc::new(Desk {
            client,
            endpoint: endpoint.to_owned(),
            state: Mutex::default(),
        });
        let server = Server::start(0, Arc::clone(&desk))
            .await
            .map_err(|error| format!("the counting address cannot listen: {error}"))?;
        Ok(Self { desk, server })
    }

    /// For `AWS_ENDPOINT_URL`.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    /// The usage since the last look.
    pub(crate) fn take_usage(&self) -> Usage {
        std::mem::take(&mut self.desk.state().usage)
    }

    /// The bodies of the wakes sent since the last look, oldest first.
    pub(crate) fn take_wakes(&self) -> Vec<String> {
        std::mem::take(&mut self.desk.state().wakes)
    }
}

impl Service for Desk {
    async fn answer(self: Arc<Self>, call: Call) -> Reply {
        let target = call.header("x-amz-target").unwrap_or_default().to_owned();
        match target.split_once('.') {
            Some(("AmazonSQS", "SendMessage")) => {
                let message = call.json().unwrap_or_default();
                self.keep(&message);
                Reply::json(200, &json!({"MessageId": "kept"}))
            }
            Some(("AmazonSQS", "SendMessageBatch")) => {
                let batch = call.json().unwrap_or_default();
                let entries = batch.pointer("/Entries").and_then(Value::as_array);
                let sent: Vec<Value> = entries
                    .into_iter()
                    .flatten()
                    .map(|entry| {
                        self.keep(entry);
                        json!({"Id": entry.pointer("/Id"), "MessageId": "kept"})
                    })
                    .collect();
                Reply::json(200, &json!({"Successful": sent, "Failed": []}))
            }
            Some(("DynamoDB_20120810", operation)) => self.count(operation, &call).await,
            _ => self.pass_on(&call, call.body.clone()).await.0,
        }
    }
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, message: &Value) {
        if let Some(body) = message.pointer("/MessageBody").and_then(Value::as_str) {
            self.state().wakes.push(body.to_owned());
        }
    }

    async fn count(&self, operation: &str, call: &Call) -> Reply {
        let mut request = call.json().unwrap_or_default();
        if let Value::Object(members) = &mut request {
            members.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
        }
        let (reply, answer) = self.pass_on(call, request.to_string().into_bytes()).await;
        let units = answer
            .pointer("/ConsumedCapacity")
            .map_or(Decimal::ZERO, units);
        let mut state = self.state();
        let usage = &mut state.usage;
        *usage.requests.entry(operation.to_owned()).or_default() += 1;
        usage.bytes += u64::try_from(call.body.len()).unwrap_or_default();
        if operation.contains("Get") || matches!(operation, "Query" | "Scan") {
            usage.read_units += units;
        } else {
            usage.write_units += units;
        }
        reply
    }

    /// Hands a call to the emulator; the answer as reply and as JSON.
    async fn pass_on(&self, call: &Call, body: Vec<u8>) -> (Reply, Value) {
        let mut request = self.client.post(&self.endpoint).body(body);
        for name in ["authorization", "content-type", "x-amz-target"] {
            if let Some(value) = call.header(name) {
                request = request.header(name, value);
            }
        }
        let answer = async {
            let answer = request.send().await?;
            Ok::<_, reqwest::Error>((answer.status().as_u16(), answer.bytes().await?))
        };
        match answer.await {
            Ok((status, bytes)) => {
                let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
                (Reply::json(status, &answer), answer)
            }
            Err(error) => {
                let answer = json!({"message": error.to_string()});
                (Reply::json(503, &answer), answer)
            }
        }
    }
}

/// The sum of one consumption or a list of them.
fn units(consumed: &Value) -> Decimal {
    match consumed {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => table
            .pointer("/CapacityUnits")
            .and_then(|number| number.to_string().parse().ok())
            .unwrap_or_default(),
    }
}
