//! The functions as this program's own processes, between the simulated vendors and the emulated AWS.

use std::collections::BTreeMap;
use std::env::consts;
use std::path::{Path, PathBuf};

use e2e::demo;
use e2e::documents::{Document, Kind, Person, Place as Department, Random, large_report};
use e2e::stack::{Place, Stack};
use e2e::twins::acumatica::{self, AcumaticaTwin};
use e2e::twins::concur::{self, ConcurTwin};
use serde_json::{Value, json};

use crate::cloud::{Cloud, Usage};
use crate::function::{Function, Variable};
use crate::queue::batch;

/// Name of the stack and of its folder under `.local`.
const STACK: &str = "bench";
/// The connection's id, as in [`demo::connection`].
const CONNECTION: &str = "demo";
/// Seed of the documents.
const SEED: u64 = 20_261_124;
/// Most messages the queue gives to one call of `post`.
const BATCH_MAX: usize = 10;
/// Calls of `post` after which a document should have settled, wakes it sends itself included.
const CALLS_MAX: usize = 20;

/// Everything that runs during the measurement.
pub(crate) struct World {
    repository: PathBuf,
    log: PathBuf,
    environment: Vec<Variable>,
    cloud: Cloud,
    concur: ConcurTwin,
    acumatica: AcumaticaTwin,
    random: Random,
    // Last, so that the functions have ended before it does.
    stack: Stack,
}

/// The two functions a document passes.
pub(crate) struct Pair {
    pub(crate) poll: Function,
    pub(crate) post: Function,
}

/// What a number of documents took from `poll` to the confirmation.
pub(crate) struct Round {
    /// How many documents.
    pub(crate) documents: u64,
    /// Calls to Concur by kind.
    pub(crate) concur: BTreeMap<String, u64>,
    /// Calls to Acumatica by kind.
    pub(crate) acumatica: BTreeMap<String, u64>,
    /// `DynamoDB` in `poll`.
    pub(crate) poll: Usage,
    /// `DynamoDB` in `post`.
    pub(crate) post: Usage,
    /// Length of all documents, in bytes.
    pub(crate) bytes: u64,
}

impl World {
    /// Starts the vendors and the stack, stores the secrets and applies the connection.
    pub(crate) async fn start(repository: &Path) -> Result<Self, String> {
        let place = Place::new(STACK);
        // The deployed functions stay asleep: the measured processes are this program's own.
        let stack = Stack::start(&place, &[("ScheduleExpression", "rate(1 day)")])
            .await
            .map_err(|error| error.to_string())?;
        let cloud = Cloud::start(stack.endpoint()).await?;
        let mut environment = environment(&stack).await?;
        environment.push(("AWS_ENDPOINT_URL".to_owned(), cloud.url()));
        let concur = ConcurTwin::start(concur::Options::default()).await;
        let acumatica = AcumaticaTwin::start(acumatica::Options {
            seed: demo::acumatica_seed(),
            ..acumatica::Options::default()
        });
        let (Ok(concur), Ok(acumatica)) = (concur, acumatica.await) else {
            return Err("the simulated vendors cannot start".to_owned());
        };
        let world = Self {
            repository: repository.to_owned(),
            log: place.folder().join("functions.log"),
            environment,
            cloud,
            concur,
            acumatica,
            random: Random::new(SEED),
            stack,
        };
        world.connect().await?;
        Ok(world)
    }

    /// The environment the template gives the functions.
    pub(crate) fn environment(&self) -> &[Variable] {
        &self.environment
    }

    /// Where the functions' output goes.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The release binary of a function, as `make build` leaves it.
    pub(crate) fn binary(&self, function: &str) -> PathBuf {
        let machine = format!("target/{}-unknown-linux-gnu/release", consts::ARCH);
        self.repository.join(machine).join(function)
    }

    async fn function(&self, name: &str) -> Result<Function, String> {
        Function::start(&self.binary(name), &self.environment, &self.log).await
    }

    /// Cash reports with this many entries each; every one becomes one bill.
    pub(crate) fn reports(&mut self, count: usize, entries: usize) -> Vec<Document> {
        let random = &mut self.random;
        (0..count)
            .map(|_| {
                let person = Person::new("E00101", "Ada", "Archer");
                large_report(entries, person, &Department::new("0021", "410"), random)
            })
            .collect()
    }

    /// Starts `poll` and `post`.
    pub(crate) async fn pair(&self) -> Result<Pair, String> {
        Ok(Pair {
            poll: self.function("poll").await?,
            post: self.function("post").await?,
        })
    }

    /// Offers documents, polls with this event, and posts until all are confirmed.
    pub(crate) async fn carry(
        &self,
        pair: &mut Pair,
        event: &Value,
        documents: &[Document],
    ) -> Result<Round, String> {
        let (concur, acumatica) = (self.concur.calls(), self.acumatica.calls());
        drop(self.cloud.take_usage());
        let mut ids = Vec::new();
        let mut bytes = 0;
        for Document { kind, body, .. } in documents {
            bytes += u64::try_from(body.to_string().len()).unwrap_or_default();
            ids.push(self.concur.offer(Kind::as_str(*kind), body.clone()));
        }
        pair.poll.call(event.clone()).await?;
        let poll = self.cloud.take_usage();
        let mut wakes = self.cloud.take_wakes();
        for _ in 0..CALLS_MAX {
            if wakes.is_empty() {
                break;
            }
            let rest = wakes.split_off(wakes.len().min(BATCH_MAX));
            let answer = pair.post.call(batch(&wakes)).await?;
            if answer.pointer("/batchItemFailures/0").is_some() {
                return Err(format!("post gave a message back: {answer}"));
            }
            wakes = rest;
            wakes.extend(self.cloud.take_wakes());
        }
        for id in &ids {
            let told = self.concur.told(id);
            if told.is_none_or(|told| told.verdict != "success") {
                return Err(format!("document {id} did not reach its end"));
            }
        }
        Ok(Round {
            documents: u64::try_from(ids.len()).unwrap_or_default(),
            concur: since(&concur, self.concur.calls()),
            acumatica: since(&acumatica, self.acumatica.calls()),
            poll,
            post: self.cloud.take_usage(),
            bytes,
        })
    }

    async fn connect(&self) -> Result<(), String> {
        let concur = self.concur.options();
        let concur = concur.secret();
        let acumatica = self.acumatica.options();
        let acumatica = acumatica.secret();
        for (name, secret) in [("concur", &concur), ("acumatica", &acumatica)] {
            let name = format!("{CONNECTION}/{name}");
            let stored = self.stack.put_secret(&name, secret).await;
            stored.map_err(|error| error.to_string())?;
        }
        let connection = demo::connection(self.concur.token_url(), &self.acumatica.url());
        let mut function = self.function("connect").await?;
        let event = json!({"action": "apply", "connection": connection});
        let answer = function.call(event).await?;
        if answer.get("applied") == Some(&Value::Bool(true)) {
            Ok(())
        } else {
            Err(format!("the connection was refused: {answer:#}"))
        }
    }
}

/// Calls made after the count `before`, without kinds that had none.
fn since(before: &BTreeMap<String, u64>, now: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    now.into_iter()
        .map(|(kind, count)| {
            let earlier = before.get(&kind).copied().unwrap_or_default();
            (kind, count.saturating_sub(earlier))
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// The environment of the deployed `post`, and the credentials Lambda adds to it.
async fn environment(stack: &Stack) -> Result<Vec<Variable>, String> {
    let address = format!(
        "{}/2015-03-31/functions/{}/configuration",
        stack.endpoint(),
        stack.function("post")
    );
    let client = reqwest::Client::builder().no_proxy().build();
    let answer = async { client?.get(&address).send().await?.text().await }.await;
    let answer = answer.map_err(|error| format!("no configuration of post: {error}"))?;
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    let variables = answer.pointer("/Environment/Variables");
    let variables = variables
        .and_then(Value::as_object)
        .ok_or_else(|| format!("post has no environment: {answer}"))?;
    let given = variables
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    let added = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    Ok(given
        .chain(added.map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect())
}
