//! AWS on one address: `DynamoDB` by the emulator behind, which speaks the true wire; SQS and Secrets Manager by the few
//! operations we use. It counts, loses answers and refuses on demand, and takes only what the functions' policy allows.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What the policy of the functions allows on the table.
const TABLE_ACTIONS: [&str; 6] = [
    "BatchGetItem",
    "GetItem",
    "PutItem",
    "Query",
    "TransactWriteItems",
    "UpdateItem",
];

/// One answered request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) operation: String,
    /// Units the table says it used; whole for writes.
    pub(crate) units: u32,
    pub(crate) body: Value,
}

/// What to do with the next requests.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// Carry the request out, then answer 500.
    LoseAnswer,
    /// Refuse with this code.
    Refuse(&'static str),
    /// Of a batch, read only the first key.
    LeaveOut,
}

/// What the stub has seen and holds.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) calls: Vec<Call>,
    /// How many more requests meet which trouble.
    pub(crate) trouble: Option<(usize, Trouble)>,
    pub(crate) secrets: BTreeMap<String, Value>,
    /// Whether all secrets are marked for deletion.
    pub(crate) deleting: bool,
    /// Entries of batches sent to the queue of `post`, by call.
    pub(crate) sent: Vec<Vec<Value>>,
    /// The same of the queue of `poll`.
    pub(crate) fetches: Vec<Vec<Value>>,
    /// Code by which SQS refuses the last entry of each batch.
    pub(crate) refuse_entry: Option<&'static str>,
}

#[derive(Clone)]
struct Stub {
    table: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

/// Starts the emulator and the stub, each on a thread that ends with the process; the stub's address.
pub(crate) fn start(database: dynoxide::Database, seen: Arc<Mutex<Seen>>) -> SocketAddr {
    let table = serve(move |listener| dynoxide::server::serve_on(listener, database));
    let stub = Stub { table, seen };
    serve(move |listener| async move {
        let router = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::max(16 * 1024 * 1024))
            .with_state(stub);
        axum::serve(listener, router).await.unwrap();
    })
}

fn serve<F: Future<Output = ()>>(
    server: impl FnOnce(tokio::net::TcpListener) -> F + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            server(tokio::net::TcpListener::from_std(listener).unwrap()).await;
        });
    });
    address
}

async fn answer(State(stub): State<Stub>, headers: HeaderMap, body: String) -> Response {
    let target = headers["x-amz-target"].to_str().unwrap().to_owned();
    let (service, operation) = target.split_once('.').unwrap();
    let mut body: Value = serde_json::from_str(&body).unwrap();
    let trouble = stub.seen.lock().unwrap().next_trouble();
    if let Some(Trouble::Refuse(code)) = trouble {
        return fault(code).into_response();
    }
    let left = match &trouble {
        Some(Trouble::LeaveOut) => leave_out(&mut body),
        _ => None,
    };
    let (status, mut answer) = match service {
        "DynamoDB_20120810" => stub.table(&headers, operation, body.clone()),
        "AmazonSQS" => stub.seen.lock().unwrap().queue(operation, &body),
        "secretsmanager" => stub.seen.lock().unwrap().secret(operation, &body),
        other => panic!("{other} is not played here"),
    };
    let call = Call {
        operation: operation.to_owned(),
        units: units(&answer["ConsumedCapacity"]),
        body,
    };
    stub.seen.lock().unwrap().calls.push(call);
    if let Some(left) = left {
        answer["UnprocessedKeys"] = left;
    } else if trouble.is_some() {
        return (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response();
    }
    (status, answer.to_string()).into_response()
}

/// Takes all keys but the first out of a request and gives them back as a request of their own.
fn leave_out(body: &mut Value) -> Option<Value> {
    let mut left = body["RequestItems"].clone();
    let keys = body["RequestItems"]["table"]["Keys"].as_array_mut()?;
    left["table"]["Keys"] = keys.drain(1..).collect();
    Some(left)
}

fn fault(code: &str) -> (StatusCode, String) {
    let body = json!({"__type": format!("com.amazonaws#{code}"), "message": "refused by the stub"});
    (StatusCode::BAD_REQUEST, body.to_string())
}

fn refuse(code: &str) -> (StatusCode, Value) {
    let (status, body) = fault(code);
    (status, serde_json::from_str(&body).unwrap())
}

/// Sums the units of one table or several; halves of a read count as one.
fn units(capacity: &Value) -> u32 {
    match capacity {
        Value::Array(tables) => tables.iter().map(units).sum(),
        Value::Object(table) => {
            let text = table["CapacityUnits"].to_string();
            let (whole, rest) = text.split_once('.').unwrap_or((&text, "0"));
            let part = u32::from(rest.bytes().any(|digit| digit != b'0'));
            whole.parse::<u32>().unwrap() + part
        }
        _ => 0,
    }
}

impl Stub {
    fn table(&self, headers: &HeaderMap, operation: &str, mut body: Value) -> (StatusCode, Value) {
        if !TABLE_ACTIONS.contains(&operation) {
            return refuse("AccessDeniedException");
        }
        body["ReturnConsumedCapacity"] = json!("TOTAL");
        let body = body.to_string();
        let mut request = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.table,
            body.len()
        );
        for name in [
            "authorization",
            "content-type",
            "x-amz-date",
            "x-amz-target",
        ] {
            let value = headers[name].to_str().unwrap();
            request.push_str(&[name, ": ", value, "\r\n"].concat());
        }
        let mut stream = TcpStream::connect(self.table).unwrap();
        stream
            .write_all(format!("{request}\r\n{body}").as_bytes())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse::<u16>().unwrap();
        let body = serde_json::from_str(body).unwrap();
        (StatusCode::from_u16(status).unwrap(), body)
    }
}

impl Seen {
    fn next_trouble(&mut self) -> Option<Trouble> {
        let (left, trouble) = self.trouble.as_mut()?;
        let trouble = trouble.clone();
        *left -= 1;
        if *left == 0 {
            self.trouble = None;
        }
        Some(trouble)
    }

    fn queue(&mut self, operation: &str, body: &Value) -> (StatusCode, Value) {
        assert_eq!(operation, "SendMessageBatch");
        let queue = body["QueueUrl"].as_str().unwrap();
        let queue = queue.strip_prefix("https://sqs.example/1/").unwrap();
        let mut taken = body["Entries"].as_array().unwrap().clone();
        assert!((1..=10).contains(&taken.len()));
        let failed: Vec<Value> = self
            .refuse_entry
            .and_then(|code| Some((taken.pop()?, code)))
            .map(|(entry, code)| {
                let sender = code != "ServiceUnavailable";
                json!({"Id": entry["Id"], "Code": code, "SenderFault": sender})
            })
            .into_iter()
            .collect();
        let done: Vec<Value> = taken
            .iter()
            .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"}))
            .collect();
        match queue {
            "work" => self.sent.push(taken),
            "fetch" => self.fetches.push(taken),
            other => panic!("no queue {other}"),
        }
        (
            StatusCode::OK,
            json!({"Successful": done, "Failed": failed}),
        )
    }

    fn secret(&mut self, operation: &str, body: &Value) -> (StatusCode, Value) {
        let name = body["SecretId"].as_str().or(body["Name"].as_str()).unwrap();
        let answer = json!({"Name": name, "ARN": format!("arn:{name}")});
        if self.deleting {
            let text = "You can't perform this operation on the secret because it was marked for deletion.";
            let body = json!({"__type": "InvalidRequestException", "Message": text});
            return (StatusCode::BAD_REQUEST, body);
        }
        match (operation, self.secrets.get(name)) {
            ("GetSecretValue", Some(secret)) => {
                let mut answer = answer;
                answer["SecretString"] = secret["SecretString"].clone();
                return (StatusCode::OK, answer);
            }
            ("CreateSecret", None) | ("PutSecretValue", Some(_)) => {}
            ("CreateSecret", Some(_)) => return refuse("ResourceExistsException"),
            ("GetSecretValue" | "PutSecretValue", None) => {
                return refuse("ResourceNotFoundException");
            }
            _ => return refuse("AccessDeniedException"),
        }
        assert!(body["ClientRequestToken"].is_string());
        self.secrets.insert(name.to_owned(), body.clone());
        (StatusCode::OK, answer)
    }
}
