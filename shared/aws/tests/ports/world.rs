//! AWS for one test, and the adapters on it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use aws::{DynamoLedger, Http, SecretsVault, Settings, SqsQueue, SystemClock, sdk_config};
use aws_config::SdkConfig;
use connector::ports::{Fetch, Wake};
use connector::{Kept, Needs};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::wire::{self, Seen, Trouble};

pub(crate) struct World {
    endpoint: SocketAddr,
    database: dynoxide::Database,
    seen: Arc<Mutex<Seen>>,
}

impl World {
    /// An empty table, an empty queue, no secrets.
    pub(crate) fn start() -> Self {
        let database = dynoxide::Database::memory().unwrap();
        let keys = ["pk", "sk", "list_pk", "due"]
            .map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
        let table = json!({
            "TableName": "table",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": keys,
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "work-list",
                "KeySchema": [
                    {"AttributeName": "list_pk", "KeyType": "HASH"},
                    {"AttributeName": "due", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }],
        });
        database
            .create_table(serde_json::from_value(table).unwrap())
            .unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let endpoint = wire::start(database.clone(), Arc::clone(&seen));
        Self {
            endpoint,
            database,
            seen,
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// The next `count` requests meet this trouble.
    pub(crate) fn trouble(&self, count: usize, trouble: Trouble) {
        self.seen().trouble = Some((count, trouble));
    }

    /// Takes the wakes sent to the queue, with their delays.
    pub(crate) fn sent(&self) -> Vec<(Wake, SignedDuration)> {
        let sent = std::mem::take(&mut self.seen().sent);
        let wake = |entry: Value| {
            let wake = serde_json::from_str(entry["MessageBody"].as_str().unwrap()).unwrap();
            let delay = entry["DelaySeconds"].as_i64().unwrap();
            (wake, SignedDuration::from_secs(delay))
        };
        sent.into_iter().flatten().map(wake).collect()
    }

    /// Takes the wakes of `poll` sent to its queue; each stands in the message group of its connection.
    pub(crate) fn sent_fetches(&self) -> Vec<Fetch> {
        let sent = std::mem::take(&mut self.seen().fetches);
        let fetch = |entry: Value| {
            let text = entry["MessageBody"].as_str().unwrap();
            let fetch: Fetch = serde_json::from_str(text).unwrap();
            assert_eq!(entry["MessageGroupId"], fetch.connection.as_str());
            fetch
        };
        sent.into_iter().flatten().map(fetch).collect()
    }

    /// Stores the item of this request again, past its life.
    pub(crate) fn expire(&self, request: &Value) {
        let mut request = request.clone();
        request["Item"]["expires"]["N"] = json!("1700000000");
        self.database
            .put_item(serde_json::from_value(request).unwrap())
            .unwrap();
    }

    /// Damages what is stored of a connection that was just applied.
    pub(crate) fn damage(&self, id: &str) {
        self.damage_item("connections", id);
    }

    /// The same of any item that a transaction wrote.
    pub(crate) fn damage_item(&self, pk: &str, sk: &str) {
        let calls = self.seen().calls.clone();
        let items = calls.iter().flat_map(|call| {
            let items = call.body["TransactItems"].as_array();
            items.into_iter().flatten()
        });
        let mut puts = items.map(|item| &item["Put"]);
        let found = puts.find(|put| put["Item"]["pk"]["S"] == pk && put["Item"]["sk"]["S"] == sk);
        let mut item = found.unwrap()["Item"].clone();
        item["z"] = json!({"B": "AAAA"});
        let request = json!({"TableName": "table", "Item": item});
        self.database
            .put_item(serde_json::from_value(request).unwrap())
            .unwrap();
    }

    pub(crate) fn ledger(&self) -> DynamoLedger {
        let settings = self.settings();
        DynamoLedger::new(&sdk(&settings), &settings)
    }

    pub(crate) fn queue(&self) -> SqsQueue {
        let settings = self.settings();
        SqsQueue::new(&sdk(&settings), &settings)
    }

    pub(crate) fn vault(&self) -> SecretsVault {
        let settings = self.settings();
        SecretsVault::new(&sdk(&settings), &settings)
    }

    /// Everything a use case needs, on this AWS.
    pub(crate) fn needs(&self) -> Needs<DynamoLedger, SqsQueue, SecretsVault, SystemClock> {
        let settings = self.settings();
        let deployment = settings.deployment;
        let http = Http::new(deployment.clocks.connect, deployment.stage).unwrap();
        Needs {
            ledger: self.ledger(),
            queue: self.queue(),
            vault: self.vault(),
            clock: SystemClock,
            concur: http.concur(),
            acumatica: http.acumatica(),
            deployment,
            kept: Kept::default(),
        }
    }

    fn settings(&self) -> Settings {
        let settings = Settings::read(|name| {
            let value = match name {
                "TABLE_NAME" => "table",
                "INDEX_NAME" => "work-list",
                "WORK_QUEUE_URL" => "https://sqs.example/1/work",
                "WORK_DEAD_LETTER_URL" => "https://sqs.example/1/work-dead",
                "FETCH_QUEUE_URL" => "https://sqs.example/1/fetch",
                "FETCH_DEAD_LETTER_URL" => "https://sqs.example/1/fetch-dead",
                "STAGE" => "local",
                "AWS_ENDPOINT_URL" => return Some(format!("http://{}", self.endpoint)),
                "AWS_REGION" => "us-east-1",
                "CONNECT_TIMEOUT_S" => "5",
                "CONCUR_TIMEOUT_S" => "30",
                "ACUMATICA_TIMEOUT_S" => "110",
                "POST_TIMEOUT_S" | "POLL_TIMEOUT_S" | "WAKE_LOST_S" => "300",
                "WORK_VISIBILITY_S" => "1800",
                "BEGIN_MARGIN_S" => "150",
                "WRITE_MARGIN_S" => "120",
                "POLL_MARGIN_S" => "60",
                "CLAIM_MARGIN_S" => "10",
                "PROOF_WAIT_S" => "900",
                "SOURCE_LIFE_DAYS" => "400",
                "SECRET_KEY_ARN" => "arn:key",
                "STACK_NAME" | "METRICS_NAMESPACE" => "stack",
                "AWS_SESSION_TOKEN" => return None,
                _ => "info",
            };
            Some(value.to_owned())
        });
        settings.unwrap()
    }
}

fn sdk(settings: &Settings) -> SdkConfig {
    sdk_config(
        settings,
        &Http::new(
            settings.deployment.clocks.connect,
            settings.deployment.stage,
        )
        .unwrap(),
    )
}
