//! A customer with both systems, a worker that runs when told, and a clock that moves when told.

use std::cell::Cell;

use connector::{
    Deployment, Kept, Needs, Run, Stage,
    clocks::Clocks,
    connect,
    memory::{ManualClock, MemoryLedger, MemoryQueue, MemoryVault},
    poll,
    ports::{Clock, Key, Ledger, Wake},
    post,
};
use e2e::{
    demo,
    documents::{Document, Random},
    twins::{
        acumatica::{self, AcumaticaTwin},
        concur::{self, ConcurTwin},
    },
};
use jiff::{SignedDuration, Timestamp};
use posting::{ConnectionId, DocumentId, Record};
use serde_json::{Value, json};

/// Most rounds of poll and post a story needs to come to rest.
const ROUNDS_MAX: usize = 40;

/// Everything a story happens in, over a ledger of its choice.
pub(crate) struct World<L = MemoryLedger> {
    pub(crate) concur: ConcurTwin,
    pub(crate) acumatica: AcumaticaTwin,
    pub(crate) needs: Needs<L, MemoryQueue, MemoryVault, ManualClock>,
    runs: Cell<u32>,
}

/// What a story changes before it begins.
#[derive(Default)]
pub(crate) struct Setting {
    pub(crate) concur: concur::Options,
    pub(crate) acumatica: acumatica::Options,
    /// Changes to the demo's connection: JSON pointer and value.
    pub(crate) rules: Vec<(&'static str, Value)>,
}

impl World {
    /// The demo's customer, connected, with nothing offered yet.
    pub(crate) async fn new() -> Self {
        Self::with(Setting::default()).await
    }

    /// The same after a first report: the tenant's master data is known, as on every day but the first.
    pub(crate) async fn warm() -> Self {
        let world = Self::new().await;
        world.offer(&super::main_job::report("First", 100, &mut Random::new(1)));
        world.settle().await;
        world
    }

    /// The same with changes.
    pub(crate) async fn with(setting: Setting) -> Self {
        Self::over(MemoryLedger::default(), setting).await
    }
}

impl<L: Ledger> World<L> {
    /// The same over another ledger.
    pub(crate) async fn over(ledger: L, setting: Setting) -> Self {
        let world = Self::bare(ledger, setting.concur, setting.acumatica).await;
        let mut connection = demo::connection(world.concur.token_url(), &world.acumatica.url());
        for (pointer, value) in setting.rules {
            *connection
                .pointer_mut(pointer)
                .unwrap_or_else(|| panic!("{pointer}")) = value;
        }
        let applied = world
            .connect(json!({"action": "apply", "connection": connection}))
            .await;
        assert_eq!(applied["applied"], true, "{applied:#}");
        world
    }

    /// Both systems and the secrets, but no connection.
    pub(crate) async fn bare(
        ledger: L,
        concur: concur::Options,
        acumatica: acumatica::Options,
    ) -> Self {
        let acumatica = acumatica::Options {
            seed: demo::acumatica_seed(),
            ..acumatica
        };
        let concur = ConcurTwin::start(concur).await.expect("a free port");
        let acumatica = AcumaticaTwin::start(acumatica).await.expect("a free port");
        let clocks = Clocks::default();
        let http = aws::Http::new(clocks.connect, Stage::Local).expect("an HTTP client");
        let needs = Needs {
            ledger,
            queue: MemoryQueue::default(),
            vault: MemoryVault::default(),
            clock: ManualClock::at(Timestamp::now()),
            concur: http.concur(),
            acumatica: http.acumatica(),
            deployment: Deployment {
                stack: "stack".to_owned(),
                stage: Stage::Local,
                clocks,
                poll_margin: SignedDuration::from_secs(60),
            },
            kept: Kept::default(),
        };
        let world = Self {
            concur,
            acumatica,
            needs,
            runs: Cell::new(0),
        };
        world.put_secrets();
        world
    }

    fn put_secrets(&self) {
        let (concur, acumatica) = (self.concur.options(), self.acumatica.options());
        let secret = concur.secret();
        self.needs
            .vault
            .put(&connection(), "concur", &secret.to_string());
        let secret = acumatica.secret();
        self.needs
            .vault
            .put(&connection(), "acumatica", &secret.to_string());
    }

    /// A new invocation with five minutes.
    pub(crate) fn run(&self) -> Run {
        self.runs.set(self.runs.get() + 1);
        let deadline = self
            .needs
            .clock
            .now()
            .checked_add(SignedDuration::from_secs(300))
            .expect("a time");
        Run {
            worker: format!("run-{}", self.runs.get()),
            deadline,
        }
    }

    /// Invokes `connect`.
    pub(crate) async fn connect(&self, event: Value) -> Value {
        let request = serde_json::from_value(event).expect("an event");
        let answer = connect::connect(&self.needs, &self.run(), request)
            .await
            .expect("an answer");
        serde_json::to_value(answer).expect("JSON")
    }

    /// Offers a document in Concur.
    pub(crate) fn offer(&self, document: &Document) -> DocumentId {
        let id = self
            .concur
            .offer(document.kind.as_str(), document.body.clone());
        DocumentId::new(id).expect("a document id")
    }

    /// Runs `poll` as the schedule does.
    pub(crate) async fn poll(&self) -> Value {
        self.poll_for(json!({})).await
    }

    /// Runs `poll` as a person does.
    pub(crate) async fn poll_for(&self, event: Value) -> Value {
        let request: poll::Request = serde_json::from_value(event).expect("an event");
        let answer = poll::poll(&self.needs, &self.run(), &request)
            .await
            .expect("poll answers");
        serde_json::to_value(answer).expect("JSON")
    }

    /// Delivers everything on the queue to one worker, ten at a time, whatever its delay.
    pub(crate) async fn post(&self) {
        let wakes: Vec<Wake> = self
            .needs
            .queue
            .take()
            .into_iter()
            .map(|(wake, _)| wake)
            .collect();
        for batch in wakes.chunks(10) {
            self.post_batch(batch).await;
        }
    }

    /// One batch to one worker.
    pub(crate) async fn post_batch(&self, wakes: &[Wake]) {
        self.post_within(300, wakes).await;
    }

    /// One batch to a worker that has so many seconds; what it made of it.
    pub(crate) async fn post_within(&self, seconds: i64, wakes: &[Wake]) -> post::Outcome {
        let messages = wakes
            .iter()
            .enumerate()
            .map(|(n, wake)| (n.to_string(), wake.clone()))
            .collect();
        let left = SignedDuration::from_secs(seconds);
        let now = self.needs.clock.now();
        let run = Run {
            deadline: now.checked_add(left).expect("a time"),
            ..self.run()
        };
        post::post(&self.needs, &run, messages).await
    }

    /// A poll and all that follows at once.
    pub(crate) async fn turn(&self) {
        self.poll().await;
        self.post().await;
    }

    /// Time passes.
    pub(crate) fn pass(&self, seconds: i64) {
        self.needs.clock.pass(SignedDuration::from_secs(seconds));
    }

    /// Turns until nothing is open, moving the clock by 20 minutes between them.
    pub(crate) async fn settle(&self) {
        for _ in 0..ROUNDS_MAX {
            self.turn().await;
            if self.open().await.is_empty() {
                return;
            }
            self.pass(1_200);
        }
        panic!("still open: {:?}", self.open().await);
    }

    /// Documents still worked on.
    pub(crate) async fn open(&self) -> Vec<DocumentId> {
        let open = posting::record::List::Open;
        let listed = self
            .needs
            .ledger
            .work(&connection(), open, None, 1_000)
            .await
            .expect("a work list");
        listed.into_iter().map(|(document, _)| document).collect()
    }

    /// The record of a document.
    pub(crate) async fn record(&self, document: &DocumentId) -> Record {
        let key = Key {
            connection: connection(),
            document: document.clone(),
        };
        self.needs
            .ledger
            .load(&key)
            .await
            .expect("a ledger")
            .unwrap_or_else(|| panic!("no record of {document}"))
            .record
    }

    /// The plan a document works by.
    pub(crate) async fn plan(&self, document: &DocumentId) -> posting::Plan {
        let key = Key {
            connection: connection(),
            document: document.clone(),
        };
        let number = self.record(document).await.state.plan().expect("a plan");
        let plan = self.needs.ledger.plan(&key, number).await;
        plan.expect("a ledger").expect("a stored plan")
    }

    /// The whole trail of a document, from its first entry.
    pub(crate) async fn story(&self, document: &DocumentId) -> Vec<posting::record::Event> {
        let key = Key {
            connection: connection(),
            document: document.clone(),
        };
        let mut events = self.needs.ledger.audit(&key).await.expect("a ledger");
        events.extend(self.record(document).await.trail);
        events
    }

    /// What was kept of postings that were deleted.
    pub(crate) async fn deleted(&self, document: &DocumentId) -> Vec<connector::ports::Removed> {
        let key = Key {
            connection: connection(),
            document: document.clone(),
        };
        self.needs.ledger.deleted(&key).await.expect("a ledger")
    }

    /// The state a document is in.
    pub(crate) async fn state(&self, document: &DocumentId) -> &'static str {
        self.record(document).await.state.word()
    }

    /// Codes of the reasons a document carries.
    pub(crate) async fn reasons(&self, document: &DocumentId) -> Vec<&'static str> {
        self.record(document)
            .await
            .state
            .reasons()
            .iter()
            .map(|reason| reason.code.as_str())
            .collect()
    }

    /// Everything in Acumatica that carries the document's stamp.
    pub(crate) fn postings(&self, document: &DocumentId) -> Vec<Value> {
        let stamp = posting::Stamp::prefix(document);
        let all = self
            .acumatica
            .bills()
            .into_iter()
            .chain(self.acumatica.journals());
        all.filter(|posting| posting.to_string().contains(&stamp))
            .collect()
    }

    /// The verdicts Concur was told, by the status it holds.
    pub(crate) fn status(&self, document: &DocumentId) -> String {
        let held = self
            .concur
            .document(document.as_str())
            .unwrap_or_else(|| panic!("no {document} in Concur"));
        held.status.as_str().to_owned()
    }

    /// Calls of a kind to Acumatica so far. An inquiry is a read, although its verb is PUT.
    pub(crate) fn acumatica_calls(&self, kind: &str) -> u64 {
        self.acumatica
            .calls()
            .iter()
            .filter(|(name, _)| name.starts_with(kind) && !name.ends_with("CompaniesStructure"))
            .map(|(_, count)| count)
            .sum()
    }

    /// Calls of a kind to Concur so far.
    pub(crate) fn concur_calls(&self, kind: &str) -> u64 {
        self.concur
            .calls()
            .iter()
            .filter(|(name, _)| name.starts_with(kind))
            .map(|(_, count)| count)
            .sum()
    }
}

/// The demo's connection.
pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new("demo").expect("an id")
}

/// The wake of a document.
pub(crate) fn wake(document: &DocumentId) -> Wake {
    Wake {
        connection: connection(),
        document: document.clone(),
    }
}
