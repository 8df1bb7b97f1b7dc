//! The demo's world: both vendors, the local stack, and the wait until every
//! document has settled.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use e2e::demo::{self, Offered};
use e2e::stack::{self, FUNCTIONS, Place, Stack};
use e2e::twins::acumatica::{self, AcumaticaTwin};
use e2e::twins::concur::{self, ConcurTwin};
use serde_json::{Value, json};

use crate::say;

/// The stack's name.
const STACK: &str = "demo";
/// The connection's id, as in [`demo::connection`].
const CONNECTION: &str = "demo";
/// Longest wait until every document has settled.
const SETTLE_LIMIT: Duration = Duration::from_secs(150);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// Looks without a change after which poll runs again, as the schedule would in time.
const LOOKS_UNTIL_POLL: u32 = 8;
/// Log lines of each function shown when something went wrong.
const LOG_LINES: usize = 12;

/// The connector's records by document id.
pub(crate) type Records = BTreeMap<String, Value>;

/// Everything that runs during the demo.
pub(crate) struct World {
    pub(crate) stack: Stack,
    pub(crate) concur: ConcurTwin,
    pub(crate) acumatica: AcumaticaTwin,
    pub(crate) offered: Vec<Offered>,
}

impl World {
    /// Starts both vendors and the local stack.
    pub(crate) async fn start() -> Result<Self, String> {
        let vendors = demo::start(concur::Options::default(), acumatica::Options::default());
        let (concur, acumatica, offered) = vendors
            .await
            .map_err(|error| format!("the simulated vendors cannot start: {error}"))?;
        let waiting = offered.len();
        let tokens = concur.token_url();
        step(
            "Concur",
            &format!("{tokens} (simulated), {waiting} approved documents wait"),
        );
        step(
            "Acumatica",
            &format!("{} (simulated), no documents", acumatica.url()),
        );
        let began = Instant::now();
        let parameters = [("BatchWindow", "1")];
        let stack = Stack::start(&Place::new(STACK), &parameters)
            .await
            .map_err(sentence)?;
        let seconds = began.elapsed().as_secs();
        let address = stack.endpoint();
        step(
            "AWS",
            &format!("{address} (local), stack created from infra/template.yaml in {seconds} s"),
        );
        Ok(Self {
            stack,
            concur,
            acumatica,
            offered,
        })
    }

    /// Stores the two secrets and applies the connection through the deployed function.
    pub(crate) async fn connect(&self) -> Result<(), String> {
        let concur = self.concur.options();
        let secret = concur.secret();
        self.put_secret("concur", &secret).await?;
        let acumatica = self.acumatica.options();
        let secret = acumatica.secret();
        self.put_secret("acumatica", &secret).await?;
        let connection = demo::connection(self.concur.token_url(), &self.acumatica.url());
        let event = json!({"action": "apply", "connection": connection});
        let answer = self.invoke("connect", &event).await?;
        if answer.get("applied") == Some(&Value::Bool(false)) {
            return Err(format!("the connection was refused: {answer:#}"));
        }
        step(
            "Connection",
            &format!(
                "{CONNECTION}, applied through {}",
                self.stack.function("connect")
            ),
        );
        Ok(())
    }

    /// Runs poll until every document is at an end or Held.
    pub(crate) async fn settle(&self) -> Result<(), String> {
        let began = Instant::now();
        let mut line = Progress::new();
        let (mut polls, mut unchanged) = (1, 0);
        self.invoke("poll", &json!({})).await?;
        loop {
            let records = self.records().await?;
            let seconds = began.elapsed().as_secs();
            let changed = line.show(&summary(&records), seconds);
            let settled = self
                .offered
                .iter()
                .filter(|offer| is_settled(&records, &offer.id))
                .count();
            if settled == self.offered.len() {
                line.end();
                step(
                    "Settled",
                    &format!("{settled} documents in {seconds} s, poll ran {polls} times"),
                );
                return Ok(());
            }
            if began.elapsed() > SETTLE_LIMIT {
                line.end();
                self.logs().await;
                let open = self.offered.len() - settled;
                return Err(format!(
                    "{open} documents have not settled after {seconds} s"
                ));
            }
            unchanged = if changed { 0 } else { unchanged + 1 };
            if unchanged == LOOKS_UNTIL_POLL {
                (polls, unchanged) = (polls + 1, 0);
                self.invoke("poll", &json!({})).await?;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The connector's records by document id, each with its whole trail.
    pub(crate) async fn records(&self) -> Result<Records, String> {
        let mut items = self.stack.all_items().await.map_err(sentence)?;
        items.sort_by_cached_key(|item| {
            (text(item, "/pk").to_owned(), text(item, "/sk").to_owned())
        });
        let mut records = Records::new();
        for item in items.iter().filter(|item| text(item, "/sk") == "record") {
            let mut record = json_text(item, "/body")?;
            let mut trail = Vec::new();
            let of_record = |other: &&Value| text(other, "/pk") == text(item, "/pk");
            for audit in items
                .iter()
                .filter(of_record)
                .filter(|item| item.get("events").is_some())
            {
                trail.extend(events(&json_text(audit, "/events")?));
            }
            trail.extend(record.get("trail").map(events).unwrap_or_default());
            if let Some(fields) = record.as_object_mut() {
                fields.insert("trail".to_owned(), Value::Array(trail));
            }
            records.insert(text(&record, "/document").to_lowercase(), record);
        }
        Ok(records)
    }

    /// Prints the last log lines of every function.
    pub(crate) async fn logs(&self) {
        for function in FUNCTIONS {
            let lines = self
                .stack
                .logs(function, LOG_LINES)
                .await
                .unwrap_or_default();
            say(&format!(
                "\nLast lines of {function}:\n  {}",
                lines.join("\n  ")
            ));
        }
    }

    async fn put_secret(&self, name: &str, value: &Value) -> Result<(), String> {
        let name = format!("{CONNECTION}/{name}");
        self.stack.put_secret(&name, value).await.map_err(sentence)
    }

    async fn invoke(&self, function: &str, event: &Value) -> Result<Value, String> {
        let answer = self.stack.invoke(function, event).await;
        if answer.is_err() {
            self.logs().await;
        }
        answer.map_err(sentence)
    }
}

/// A text inside JSON, empty when it is not there.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn json_text(item: &Value, pointer: &str) -> Result<Value, String> {
    let stored = text(item, pointer);
    serde_json::from_str(stored)
        .map_err(|error| format!("{} is not JSON: {error}", text(item, "/pk")))
}

fn events(list: &Value) -> Vec<Value> {
    list.as_array().cloned().unwrap_or_default()
}

fn is_settled(records: &Records, id: &str) -> bool {
    const ENDS: [&str; 6] = [
        "confirmed",
        "paid",
        "returned",
        "recalled",
        "closed",
        "held",
    ];
    records
        .get(id)
        .is_some_and(|record| ENDS.contains(&text(record, "/state")))
}

/// `confirmed 15, held 1`, in the order of a document's life.
fn summary(records: &Records) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for record in records.values() {
        *counts.entry(text(record, "/state")).or_default() += 1;
    }
    let words: Vec<String> = counts
        .iter()
        .map(|(state, count)| format!("{state} {count}"))
        .collect();
    if words.is_empty() {
        "nothing received yet".to_owned()
    } else {
        words.join(", ")
    }
}

fn step(name: &str, text: &str) {
    say(&format!("{name:<12}{text}"));
}

/// One line that is written over on a terminal, and written anew when it changes elsewhere.
struct Progress {
    terminal: bool,
    last: String,
}

impl Progress {
    fn new() -> Self {
        Self {
            terminal: io::stdout().is_terminal(),
            last: String::new(),
        }
    }

    /// Shows the state of affairs; says whether it changed.
    fn show(&mut self, summary: &str, seconds: u64) -> bool {
        let changed = self.last != summary;
        if self.terminal {
            let mut out = io::stdout();
            let _ = write!(out, "\r\x1b[K{:<12}{summary}  ({seconds} s)", "Working");
            let _ = out.flush();
        } else if changed {
            step("Working", &format!("{summary}  ({seconds} s)"));
        }
        if changed {
            summary.clone_into(&mut self.last);
        }
        changed
    }

    fn end(&self) {
        if self.terminal {
            let _ = write!(io::stdout(), "\r\x1b[K");
        }
    }
}

/// An error with its causes, once.
#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn sentence(error: stack::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let _ = write!(text, ": {next}");
        cause = next.source();
    }
    text
}
