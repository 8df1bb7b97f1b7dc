//! A morning's backlog, all of it at once: it is worked off by as many workers as there are, nothing of it is woken, claimed
//! or asked for more often than it must be, and what waits only gets less.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use e2e::documents::{Party, Random};
use e2e::twins::acumatica::{self, Preference};
use e2e::twins::concur::Status;
use jiff::Timestamp;
use posting::Record;
use posting::record::List;
use serde_json::json;
use tokio::task::LocalSet;

use crate::chaos::{Chaos, Rates};
use crate::judge;
use crate::offers;
use crate::queue::BATCH;
use crate::simulate::post;
use crate::worker::Process;
use crate::world::{Setting, World};

/// Documents approved over a weekend.
const BACKLOG: u64 = 10_000;
/// Workers the queue starts: three for each seat, so that most of them find none.
const WORKERS: usize = 6;
/// Seats of the tenant.
const SEATS: usize = 2;
/// Requests a minute of its licence.
const PER_MINUTE: usize = 600;
/// Seed of documents and jitter.
const SEED: u64 = 10_000;
/// Longest round trip of a call, in milliseconds.
const SLOW_MS: u64 = 300;
/// From one look at what is under way to the next.
const ROUND: Duration = Duration::from_secs(1);
/// How often the connection is polled when it has nothing more to offer.
const SCHEDULE: Duration = Duration::from_mins(15);
/// Messages that may be sent for a document on average: one, and one for each time it found no seat or no request left.
const SENT_EACH_MAX: u64 = 12;
/// Open documents that one run of `poll` wakes once more, in case their own messages are lost.
const SWEPT: usize = 500;
/// The backlog takes so much longer at most, in percent, than the licence alone lets it.
const LONGER_PERCENT_MAX: u64 = 150;
/// Rounds until it must be over.
const ROUNDS_MAX: u64 = 6 * 3_600;

/// What is under way in a world.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    open: BTreeSet<String>,
    /// Claims by document, and until when.
    claims: BTreeMap<String, Timestamp>,
    received: u64,
    most_claimed: usize,
}

impl Flow {
    /// The ledger stored this record.
    pub(crate) fn stored(&mut self, record: &Record, now: Timestamp) {
        let document = record.document.to_string();
        match &record.claim {
            Some(claim) => {
                self.claims.insert(document.clone(), claim.until);
                self.claims.retain(|_, until| *until > now);
                self.most_claimed = self.most_claimed.max(self.claims.len());
            }
            None => {
                self.claims.remove(&document);
            }
        }
        if record.list() == List::Open {
            self.open.insert(document);
        } else {
            self.open.remove(&document);
        }
    }

    /// The ledger stored its first record of a document.
    pub(crate) fn created(&mut self, record: &Record) {
        self.received += 1;
        self.open.insert(record.document.to_string());
    }
}

/// Lets the backlog drain. Returns whether all was well.
pub(crate) fn all() -> bool {
    fastrand::seed(SEED);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let begun = Instant::now();
    let seen = LocalSet::new().block_on(&runtime, drain());
    for sentence in &seen.wrong {
        println!("WRONG backlog: {sentence}");
    }
    println!(
        "backlog: {BACKLOG} documents at once, {WORKERS} workers on {SEATS} seats, drained in {} min where the licence alone takes {}; \
         {} messages, {} waiting at most, {} more than documents at most; {} claimed at most; {} requests in a minute at most; {} violations  {} s",
        seen.minutes,
        seen.licence_minutes,
        seen.sent,
        seen.most_waiting,
        seen.over,
        seen.most_claimed,
        seen.most_a_minute,
        seen.wrong.len(),
        begun.elapsed().as_secs()
    );
    seen.wrong.is_empty()
}

/// What was seen while it drained.
#[derive(Default)]
struct Seen {
    minutes: u64,
    licence_minutes: u64,
    sent: u64,
    most_waiting: usize,
    /// The most messages that waited beside one for each open document.
    over: usize,
    most_claimed: usize,
    most_a_minute: usize,
    wrong: Vec<String>,
}

async fn drain() -> Seen {
    let world = world().await;
    let random = &mut Random::new(SEED);
    for _ in 0..BACKLOG {
        let report = offers::report(random, &[Party::Employee]);
        let _id = world.air.concur.offer(report.kind.as_str(), report.body);
    }
    let over = Rc::default();
    for n in 0..WORKERS {
        let _poster = tokio::task::spawn_local(post(Rc::clone(&world), n, Rc::clone(&over)));
    }
    let _polls = tokio::task::spawn_local(polls(Rc::clone(&world)));
    let mut seen = Seen::default();
    let rounds = watch(&world, &mut seen).await;
    over.set(true);
    sum_up(&world, &mut seen, rounds).await;
    seen
}

async fn world() -> Rc<World> {
    let late = Rates {
        slow_ms: SLOW_MS,
        ..Rates::default()
    };
    let setting = Setting {
        acumatica: acumatica::Options {
            seats: SEATS,
            requests_per_minute: Some(PER_MINUTE),
            // Of so many bills each would be compared with all before it.
            raise_on_duplicate_ref: Preference::Off,
            ..acumatica::Options::default()
        },
        rules: vec![
            ("/acumatica/requests_per_minute", json!(PER_MINUTE)),
            ("/acumatica/seats", json!(SEATS)),
        ],
        ..Setting::new(Chaos::drawn(SEED, late))
    };
    Rc::new(World::new(setting).await)
}

/// `poll` at once as long as Concur offers more than one run takes, then on its schedule.
async fn polls(world: Rc<World>) {
    let mut process = Process::start(&world.shared, "poll");
    loop {
        process.poll().await;
        if !world.air.concur.is_any(Status::Ready) {
            tokio::time::sleep(SCHEDULE).await;
        }
    }
}

/// Looks at what is under way, round after round, until nothing is; how many rounds that took.
async fn watch(world: &World, seen: &mut Seen) -> u64 {
    let mut before = usize::MAX;
    for round in 1..=ROUNDS_MAX {
        tokio::time::sleep(ROUND).await;
        let waiting = world.shared.messages.waiting();
        let flow = world.shared.flow.borrow();
        let open = flow.open.len();
        seen.most_waiting = seen.most_waiting.max(waiting);
        seen.over = seen.over.max(waiting.saturating_sub(open));
        if flow.received == BACKLOG && open > before {
            seen.wrong
                .push(format!("second {round}: {open} open after {before}"));
        }
        before = if flow.received == BACKLOG {
            open
        } else {
            before
        };
        if flow.received == BACKLOG && open == 0 {
            return round;
        }
    }
    seen.wrong
        .push(format!("still open after {ROUNDS_MAX} seconds"));
    ROUNDS_MAX
}

/// Holds what was seen, and where everything ended, against what must be.
async fn sum_up(world: &World, seen: &mut Seen, rounds: u64) {
    let licence = world.air.acumatica.licence();
    let calls: u64 = world.air.acumatica.calls().values().sum();
    seen.minutes = rounds.div_ceil(60);
    seen.licence_minutes = calls.div_ceil(u64::try_from(PER_MINUTE).unwrap_or(1));
    seen.sent = world.shared.messages.sent();
    seen.most_claimed = world.shared.flow.borrow().most_claimed;
    seen.most_a_minute = licence.a_minute;
    let verdict = judge::judge(world).await;
    let documents = world.air.concur.documents();
    let told_once = documents.iter().filter(|held| {
        let confirmed = held
            .audit
            .iter()
            .filter(|said| said.starts_with("confirmed"));
        confirmed.count() == 1
    });
    let bounds = [
        (
            "messages more than open documents",
            count(seen.over),
            count(SWEPT),
        ),
        ("messages sent", seen.sent, SENT_EACH_MAX * BACKLOG),
        (
            "documents claimed at once",
            count(seen.most_claimed),
            count(WORKERS * BATCH),
        ),
        (
            "requests in a minute",
            count(licence.a_minute),
            count(PER_MINUTE),
        ),
        ("requests refused", licence.refused, 0),
        ("sessions at once", count(licence.sessions), count(SEATS)),
        (
            "minutes",
            seen.minutes,
            seen.licence_minutes * LONGER_PERCENT_MAX / 100,
        ),
    ];
    for (what, was, most) in bounds {
        if was > most {
            seen.wrong.push(format!("{was} {what}, at most {most}"));
        }
    }
    let ends = [
        (
            "confirmed",
            verdict.ends.get("confirmed").copied().unwrap_or(0),
        ),
        ("postings", verdict.postings),
        ("told once", count(told_once.count())),
    ];
    for (what, was) in ends {
        if was != BACKLOG {
            seen.wrong.push(format!("{was} {what}, not {BACKLOG}"));
        }
    }
    seen.wrong.extend(verdict.violations);
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
