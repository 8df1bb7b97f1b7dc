//! A function binary as a process of its own, fed by a Runtime API that this program plays.
//!
//! Contract: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use e2e::twins::wire::{Call, Reply, Server, Service};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Time a call has, as the template gives it to `poll` and `post`.
const CALL_LIMIT: Duration = Duration::from_mins(5);
/// How often a call without an answer is looked after.
const LOOK: Duration = Duration::from_millis(500);
/// Version in every address of the Runtime API.
const VERSION: &str = "2018-06-01";

/// A name and a value of a process's environment.
pub(crate) type Variable = (String, String);

/// How a call ended, and when the answer arrived.
struct Answer {
    at: Instant,
    result: Result<Value, String>,
}

/// A running function. It is killed when this is dropped.
pub(crate) struct Function {
    child: Child,
    started: Instant,
    events: UnboundedSender<Value>,
    answers: UnboundedReceiver<Answer>,
    _server: Server,
}

impl Function {
    /// Starts the binary; its output is added to `log`.
    pub(crate) async fn start(
        binary: &Path,
        environment: &[Variable],
        log: &Path,
    ) -> Result<Self, String> {
        let (events, waiting) = unbounded_channel();
        let (answered, answers) = unbounded_channel();
        let api = Api {
            waiting: Mutex::new(waiting),
            answered,
        };
        let server = Server::start(0, Arc::new(api))
            .await
            .map_err(|error| format!("the Runtime API cannot listen: {error}"))?;
        let output = || -> std::io::Result<File> {
            fs::OpenOptions::new().create(true).append(true).open(log)
        };
        let (out, err) = (output(), output());
        let (Ok(out), Ok(err)) = (out, err) else {
            return Err(format!("cannot write {}", log.display()));
        };
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .env(
                "AWS_LAMBDA_RUNTIME_API",
                server.url().trim_start_matches("http://"),
            )
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        let started = Instant::now();
        let child = command
            .spawn()
            .map_err(|error| format!("cannot run {}: {error}", binary.display()))?;
        Ok(Self {
            child,
            started,
            events,
            answers,
            _server: server,
        })
    }

    /// Calls it and waits for its answer.
    pub(crate) async fn call(&mut self, event: Value) -> Result<Value, String> {
        self.answer(event).await?.result
    }

    /// Calls it; returns the time from the start of the process to this answer.
    pub(crate) async fn first_answer(&mut self, event: Value) -> Result<Duration, String> {
        let answer = self.answer(event).await?;
        answer.result?;
        Ok(answer.at.duration_since(self.started))
    }

    async fn answer(&mut self, event: Value) -> Result<Answer, String> {
        self.events
            .send(event)
            .map_err(|_| "the Runtime API is gone".to_owned())?;
        let limit = Instant::now() + CALL_LIMIT;
        while Instant::now() < limit {
            match tokio::time::timeout(LOOK, self.answers.recv()).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => break,
                Err(_) => {
                    if let Ok(Some(status)) = self.child.try_wait() {
                        return Err(format!("the function ended without an answer, {status}"));
                    }
                }
            }
        }
        Err("the function did not answer in time".to_owned())
    }

    /// Its memory now.
    pub(crate) fn memory(&self) -> Result<Memory, String> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let kilobytes = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name))
                .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
                .ok_or_else(|| format!("{path} has no {name}"))
        };
        Ok(Memory {
            resident_kb: kilobytes("VmRSS:")?,
            highest_kb: kilobytes("VmHWM:")?,
        })
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // A process that has already ended needs neither.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process, in KB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) resident_kb: u64,
    /// The most since its start.
    pub(crate) highest_kb: u64,
}

/// The Runtime API of one function.
struct Api {
    waiting: Mutex<UnboundedReceiver<Value>>,
    answered: UnboundedSender<Answer>,
}

impl Service for Api {
    async fn answer(self: Arc<Self>, call: Call) -> Reply {
        match (call.method.as_str(), call.path().as_slice()) {
            ("GET", [VERSION, "runtime", "invocation", "next"]) => self.next().await,
            ("POST", [VERSION, "runtime", "invocation", _, "response"]) => {
                let answer = call
                    .json()
                    .ok_or_else(|| "the answer is not JSON".to_owned());
                self.note(answer)
            }
            ("POST", [VERSION, "runtime", .., "error"]) => {
                self.note(Err(String::from_utf8_lossy(&call.body).into_owned()))
            }
            _ => Reply::json(404, &json!({"errorMessage": "no such resource"})),
        }
    }
}

impl Api {
    /// The next event, whenever it comes.
    async fn next(&self) -> Reply {
        let event = self.waiting.lock().await.recv().await;
        let deadline = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .saturating_add(CALL_LIMIT);
        Reply::json(200, &event.unwrap_or_default())
            .with_header(
                "lambda-runtime-aws-request-id",
                "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
            )
            .with_header(
                "lambda-runtime-deadline-ms",
                deadline.as_millis().to_string(),
            )
            .with_header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:000000000000:function:bench".to_owned(),
            )
    }

    fn note(&self, result: Result<Value, String>) -> Reply {
        let answer = Answer {
            at: Instant::now(),
            result,
        };
        // Nobody waits any more when the function is being killed.
        let _ = self.answered.send(answer);
        Reply::json(202, &json!({"status": "OK"}))
    }
}
