//! The real binaries killed at random while they work: afterwards table, Concur and Acumatica agree on every document.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a story that goes wrong fails its test by panicking, and tells what it came to"
)]

use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    time::{Duration, Instant},
};

use e2e::{
    demo,
    documents::{Entry, Person, Place as Where, Random, Report},
    stack::{Place, Stack},
    twins::{
        acumatica::{self, AcumaticaTwin},
        concur::{self, ConcurTwin},
    },
};
use serde_json::{Value, json};

/// Documents of the run.
const DOCUMENTS: usize = 300;
/// Processes killed.
const KILLS: usize = 20;
/// Longest pause between two of them, in milliseconds.
const PAUSE_MS: u64 = 900;
/// Longest time until everything has come to rest.
const REST_MAX: Duration = Duration::from_mins(4);
/// As short as they can be: a killed worker's claim ends with the time its function had, and then the proof wait begins.
const CLOCKS: [(&str, &str); 15] = [
    ("BatchWindow", "1"),
    ("ScheduleExpression", "rate(1 day)"),
    ("ConnectTimeout", "1"),
    ("ConcurTimeout", "5"),
    ("AcumaticaTimeout", "5"),
    ("WriteMargin", "6"),
    ("BeginMargin", "7"),
    ("PollMargin", "3"),
    ("PollTimeout", "15"),
    ("PostTimeout", "15"),
    ("ClaimMargin", "1"),
    ("ProofWait", "6"),
    ("WakeLost", "20"),
    ("WorkVisibility", "90"),
    ("OldestMessageAge", "600"),
];
const STACK: &str = "killed";
/// More than are ever closed at once: a killed worker leaves its seat closed for a minute, and who finds none looks ever less often.
const SEATS: usize = 20;

struct World {
    stack: Stack,
    concur: ConcurTwin,
    acumatica: AcumaticaTwin,
}

impl World {
    async fn start() -> Self {
        let concur = ConcurTwin::start(concur::Options::default())
            .await
            .expect("a free port");
        let acumatica = acumatica::Options {
            seed: demo::acumatica_seed(),
            seats: SEATS,
            ..acumatica::Options::default()
        };
        let acumatica = AcumaticaTwin::start(acumatica).await.expect("a free port");
        let stack = Stack::start(&Place::new(STACK), &CLOCKS)
            .await
            .expect("a stack");
        let world = Self {
            stack,
            concur,
            acumatica,
        };
        world.connect().await;
        world
    }

    async fn connect(&self) {
        let (concur, acumatica) = (self.concur.options(), self.acumatica.options());
        let secret = concur.secret();
        let put = self.stack.put_secret("demo/concur", &secret).await;
        put.expect("a secret");
        let secret = acumatica.secret();
        let put = self.stack.put_secret("demo/acumatica", &secret).await;
        put.expect("a secret");
        let mut connection = demo::connection(self.concur.token_url(), &self.acumatica.url());
        connection["acumatica"]["seats"] = json!(SEATS);
        connection["acumatica"]["requests_per_minute"] = json!(6_000);
        let event = json!({"action": "apply", "connection": connection});
        let applied = self.stack.invoke("connect", &event).await;
        assert_eq!(applied.expect("an answer")["applied"], true);
    }

    /// Offers simple reports of three employees; returns their ids.
    fn offer(&self, random: &mut Random) -> Vec<String> {
        let people = [
            ("E00101", "Ada", "Archer"),
            ("E00102", "Ben", "Brook"),
            ("E00103", "Chloe", "Carter"),
        ];
        let report = |n: usize| {
            let (id, first, last) = people[n % people.len()];
            let cents = random.between(100, 90_000);
            let entry = Entry::new(e2e::amounts::cents(cents), random).described("Taxi");
            let place = Where::new("0021", "410");
            let report = Report::new("Travel", Person::new(id, first, last), place, random);
            let document = report.entry(entry).document(random);
            self.concur.offer("expense", document.body)
        };
        (0..DOCUMENTS).map(report).collect()
    }

    /// A schedule that never sleeps; a poll that is killed fails, and nothing else is allowed to.
    async fn poll(&self) {
        let answer = self.stack.invoke("poll", &json!({})).await;
        if let Err(error) = answer {
            assert!(
                matches!(error, e2e::stack::Error::Function { .. }),
                "{error}"
            );
        }
    }

    /// States of the documents, by their ids.
    async fn states(&self) -> BTreeMap<String, String> {
        let items = self.stack.all_items().await.expect("items");
        let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let records = items.iter().filter(|item| text(item, "sk") == "record");
        let state = |item: &Value| {
            let body: Value = serde_json::from_str(&text(item, "body")).expect("a record");
            (text(&body, "document"), text(&body, "state"))
        };
        records.map(state).collect()
    }

    /// Numbers of the bills with the stamp of this document.
    fn standing(&self, id: &str) -> Vec<String> {
        let stamp = format!("CNQR:{id}/");
        let bills = self.acumatica.bills().into_iter();
        let ours = bills.filter(|bill| bill.to_string().contains(&stamp));
        let number = |bill: Value| format!("Bill {}", bill["ReferenceNbr"].as_str().unwrap_or("?"));
        ours.map(number).collect()
    }
}

/// Processes of the stack's functions `poll` and `post`.
fn workers() -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        let names = |wanted: &str| {
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == wanted.as_bytes())
        };
        let is_function = String::from_utf8_lossy(&command).contains("bootstrap");
        let is_ours = ["poll", "post"]
            .iter()
            .any(|function| names(&format!("AWS_LAMBDA_FUNCTION_NAME={STACK}-{function}")));
        if is_function && is_ours {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

/// Kills some of the workers, one after another; returns how many.
async fn kill(random: &mut Random) -> usize {
    let mut killed = 0;
    let began = Instant::now();
    while killed < KILLS && began.elapsed() < REST_MAX / 2 {
        let pause = u64::try_from(random.between(50, PAUSE_MS.cast_signed())).unwrap_or(PAUSE_MS);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let workers = workers();
        let Some((first, others)) = workers.split_first() else {
            continue;
        };
        let victim = random.pick(first, others);
        let sent = Command::new("kill").args(["-KILL", victim]).status();
        killed += usize::from(sent.expect("kill").success());
    }
    killed
}

#[tokio::test]
async fn workers_killed_at_random_lose_and_double_nothing() {
    let world = World::start().await;
    let random = &mut Random::new(9);
    let ids = world.offer(random);
    let began = Instant::now();
    let polls = async {
        while began.elapsed() < REST_MAX {
            world.poll().await;
            let states = world.states().await;
            if states
                .values()
                .filter(|state| *state == "confirmed")
                .count()
                == DOCUMENTS
            {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let (killed, ()) = tokio::join!(kill(random), polls);
    let states = world.states().await;
    let mut wrong = Vec::new();
    for id in &ids {
        let state = states.get(id).map_or("not received", String::as_str);
        let told = world.concur.told(id);
        let told: Vec<String> = told
            .iter()
            .flat_map(|told| &told.posting_docs)
            .map(|posting| posting["documentNumber"].as_str().unwrap_or("?").to_owned())
            .collect();
        let standing = world.standing(id);
        if state != "confirmed" || standing.len() != 1 || told != standing {
            wrong.push(format!("{id}: {state}, stand {standing:?}, told {told:?}"));
        }
    }
    let seconds = began.elapsed().as_secs();
    println!(
        "{DOCUMENTS} documents, {killed} workers killed, settled in {seconds} s, {} wrong",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.acumatica.bills().len(), DOCUMENTS);
    // Whoever died on a seat, in mid-grant too: nobody took one too many.
    assert_eq!(world.acumatica.licence().refused, 0);
    assert!(killed >= KILLS / 2, "only {killed} workers were killed");
}
