//! Every journey, stopped and disturbed at every step: it is run once and its effects are counted; then again for every
//! effect, with the worker ending before and after it, and with every call to a vendor going wrong in every way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use e2e::documents::{Document, Party, Random};
use e2e::twins::acumatica;
use e2e::twins::concur::Status;
use posting::record::List;
use posting::remedy::Do;
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::air::Lie;
use crate::chaos::{CallFault, Chaos, Fate};
use crate::history::Keep;
use crate::judge::{self, Verdict};
use crate::offers;
use crate::totals::Totals;
use crate::worker::Process;
use crate::world::{Setting, World};

/// Samples of two faults in one run, for each journey.
const PAIRS: u64 = 400;
/// Rounds of poll and post until a journey must have come to its end.
const ROUNDS_MAX: usize = 60;
/// Time between two rounds.
const ROUND: Duration = Duration::from_mins(20);
/// Violations shown.
const SHOWN_MAX: usize = 10;

/// One story, and how it must end where nothing worse than one dead worker happens.
#[derive(Clone, Copy)]
pub(crate) struct Journey {
    pub(crate) name: &'static str,
    pub(crate) end: &'static str,
    document: fn(&mut Random) -> Document,
    rules: fn() -> Vec<(&'static str, Value)>,
    recall: Recall,
    person: Person,
}

/// What people do in Acumatica and with the connector.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Person {
    Nothing,
    /// Keys the invoice by hand before Concur offers it, and then has its number adopted.
    Adopts,
    /// Closes an account that the day's lists know as open.
    Closes,
}

/// When the document is taken back in Concur.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recall {
    Never,
    /// Between list and acknowledgement.
    WhenListed,
    /// As soon as something of it stands in Acumatica.
    WhenPosted,
}

const PLAIN: Journey = Journey {
    name: "happy",
    end: "confirmed",
    document: |random| offers::report(random, &[Party::Employee]),
    rules: Vec::new,
    recall: Recall::Never,
    person: Person::Nothing,
};

/// Every story.
pub(crate) const JOURNEYS: [Journey; 11] = [
    PLAIN,
    Journey {
        name: "refused",
        end: "returned",
        document: offers::broken,
        ..PLAIN
    },
    Journey {
        name: "two postings",
        document: |random| offers::report(random, &[Party::Ibcp, Party::Employee]),
        ..PLAIN
    },
    Journey {
        name: "journal",
        document: offers::journal,
        ..PLAIN
    },
    Journey {
        name: "portions",
        document: offers::long,
        rules: || vec![("/posting/lines_per_request", json!(2))],
        ..PLAIN
    },
    Journey {
        name: "refused portion",
        end: "returned",
        document: offers::long_on_closed,
        rules: || {
            vec![
                ("/posting/lines_per_request", json!(2)),
                ("/posting/on_refusal/setup", json!("return")),
            ]
        },
        person: Person::Closes,
        ..PLAIN
    },
    Journey {
        name: "adopt",
        document: offers::keyed,
        person: Person::Adopts,
        ..PLAIN
    },
    Journey {
        name: "release",
        rules: || {
            vec![
                ("/posting/expense/release", json!(true)),
                ("/posting/confirm_after", json!("released")),
                ("/posting/invoice/release", json!(true)),
                ("/posting/invoice/hold", json!(false)),
                ("/posting/cashadvance/release", json!(true)),
            ]
        },
        ..PLAIN
    },
    Journey {
        name: "recalled",
        end: "recalled",
        recall: Recall::WhenListed,
        ..PLAIN
    },
    Journey {
        name: "late recall",
        end: "held recalled",
        rules: || vec![("/posting/on_recall", json!("hold"))],
        recall: Recall::WhenPosted,
        ..PLAIN
    },
    WITHDRAWAL,
];

/// What was posted is taken back when Concur says that it was recalled.
pub(crate) const WITHDRAWAL: Journey = Journey {
    name: "withdrawal",
    end: "recalled",
    document: |random| offers::report(random, &[Party::Ibcp, Party::Employee]),
    rules: || vec![("/posting/on_recall", json!("withdraw"))],
    recall: Recall::WhenPosted,
    ..PLAIN
};

/// What came of one run of a journey.
pub(crate) struct Run {
    pub(crate) effects: u64,
    calls: Vec<u64>,
    pub(crate) verdict: Verdict,
    totals: Totals,
    end: String,
}

/// Runs a journey under a script. The tenant holds a posting of each kind already, as on every day but the first.
pub(crate) fn run(journey: &Journey, script: BTreeMap<u64, Fate>, lie: Lie) -> Run {
    fastrand::seed(1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    LocalSet::new().block_on(&runtime, story(journey, script, lie))
}

async fn story(journey: &Journey, script: BTreeMap<u64, Fate>, lie: Lie) -> Run {
    let random = &mut Random::new(7);
    let setting = Setting {
        acumatica: acumatica::Options {
            action_answers_202: 1,
            ..acumatica::Options::default()
        },
        rules: (journey.rules)(),
        ..Setting::new(Chaos::scripted(BTreeMap::new()))
    };
    let world = World::new(Setting {
        lie,
        keep: Keep::Nothing,
        ..setting
    })
    .await;
    let mut workers = Workers::start(&world);
    for known in [
        offers::report(random, &[Party::Employee]),
        offers::journal(random),
    ] {
        let _known = world.air.concur.offer(known.kind.as_str(), known.body);
    }
    workers.settle(&world).await;
    world.air.chaos().script(script);
    if journey.person == Person::Adopts {
        world.air.acumatica.plant("Bill", &offers::keyed_bill());
    }
    if journey.person == Person::Closes {
        let inactive = ("Active", json!(false));
        let account = [offers::CLOSED.1];
        world.air.acumatica.edit("Account", &account, inactive);
    }
    let document = (journey.document)(random);
    let id = world
        .air
        .concur
        .offer(document.kind.as_str(), document.body);
    match journey.recall {
        Recall::Never => {}
        Recall::WhenListed => world.air.concur.recall_when_listed(&id),
        Recall::WhenPosted => world.air.history().recall_when_posted = Some(id.clone()),
    }
    workers.settle(&world).await;
    if journey.person == Person::Adopts {
        adopt(&world, &id).await;
        workers.settle(&world).await;
    }
    let verdict = judge::judge(&world).await;
    let end = verdict.end_of.get(&id).cloned().unwrap_or_default();
    let totals = Totals::of(&world, &verdict);
    let chaos = world.air.chaos();
    Run {
        effects: chaos.effects,
        calls: chaos.calls.clone(),
        end,
        totals,
        verdict,
    }
}

/// Has the bill that was keyed by hand adopted; asked again until it is told that it is done, or may not be, and later where a
/// write of the document's own may still arrive.
async fn adopt(world: &World, id: &str) {
    let mut operator = Process::start(&world.shared, "operator");
    let wish = json!({
        "connection": "demo", "documents": [id], "do": "adopt", "numbers": {"1": "Bill 000777"},
        "by": "kim", "note": "keyed by hand", "apply": true,
    });
    world.air.history().meant_by_a_person(id, Do::Adopt);
    for _ in 0..ROUNDS_MAX {
        let answer = operator.replay(wish.clone()).await.unwrap_or_default();
        world.air.event(format_args!("adopt: {answer}"));
        let row = &answer["documents"][0];
        let verdict = row["verdict"].as_str();
        let is_early = row["says"].to_string().contains("may still arrive");
        if matches!(verdict, Some("done" | "already" | "refused")) && !is_early {
            return;
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// One worker of each kind, in turns.
struct Workers {
    poll: Process,
    post: Process,
}

impl Workers {
    fn start(world: &World) -> Self {
        Self {
            poll: Process::start(&world.shared, "poll"),
            post: Process::start(&world.shared, "post"),
        }
    }

    /// Turns until nothing is open.
    async fn settle(&mut self, world: &World) {
        for _ in 0..ROUNDS_MAX {
            self.poll.poll().await;
            // What is sent with a delay waits for a later round.
            tokio::time::sleep(Duration::from_secs(5)).await;
            for _ in 0..ROUNDS_MAX {
                let batch = world.shared.messages.take_now();
                if batch.is_empty() {
                    break;
                }
                self.post.post(&batch).await;
            }
            let ready = world.air.concur.is_any(Status::Ready);
            if !ready && world.listed(List::Open).await.is_empty() {
                return;
            }
            tokio::time::sleep(ROUND).await;
        }
    }
}

/// What all threads add to.
#[derive(Default)]
struct Sum {
    totals: Totals,
    wrong: Vec<String>,
    ends: BTreeMap<&'static str, BTreeMap<String, u64>>,
}

/// Every journey under every script. Returns whether all was well.
pub(crate) fn all() -> bool {
    let begun = Instant::now();
    let sum = Mutex::new(Sum::default());
    let next = AtomicUsize::new(0);
    let jobs = jobs();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some((journey, script)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = run(journey, script.clone(), Lie::None);
                    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                    note(&mut sum, journey, script, &run);
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    for sentence in sum.wrong.iter().take(SHOWN_MAX) {
        println!("WRONG {sentence}");
    }
    for (journey, ends) in &sum.ends {
        let parts: Vec<String> = ends
            .iter()
            .map(|(end, count)| format!("{end} {count}"))
            .collect();
        println!("  {journey}: {}", parts.join(", "));
    }
    println!("steps: {}  {} s", sum.totals, begun.elapsed().as_secs());
    sum.wrong.is_empty()
}

fn note(sum: &mut Sum, journey: &Journey, script: &BTreeMap<u64, Fate>, run: &Run) {
    sum.totals.add(&run.totals);
    *sum.ends
        .entry(journey.name)
        .or_default()
        .entry(run.end.clone())
        .or_default() += 1;
    if run.end.starts_with("held") && !is_end(journey, &run.end) {
        println!(
            "  {} {script:?}: {}",
            journey.name,
            run.verdict.held.join("; ")
        );
    }
    for sentence in &run.verdict.violations {
        sum.wrong
            .push(format!("{} {script:?}: {sentence}", journey.name));
    }
    // A dead worker alone never makes work for a person.
    let only_deaths = script
        .values()
        .all(|fate| matches!(fate, Fate::DeathBefore | Fate::DeathAfter));
    if only_deaths && !is_end(journey, &run.end) {
        let sentence = format!(
            "{} {script:?}: ends {}, not {}",
            journey.name, run.end, journey.end
        );
        sum.wrong.push(sentence);
    }
}

/// A recall may come before anything was stored.
fn is_end(journey: &Journey, end: &str) -> bool {
    end == journey.end || journey.recall == Recall::WhenListed && end == "not taken, RECALLED"
}

/// What is run: every journey undisturbed, every single fate of every effect, and pairs of them.
fn jobs() -> Vec<(Journey, BTreeMap<u64, Fate>)> {
    let mut jobs = Vec::new();
    for journey in JOURNEYS {
        let plain = run(&journey, BTreeMap::new(), Lie::None);
        let mut fates: Vec<(u64, Fate)> = Vec::new();
        for n in 1..=plain.effects {
            fates.extend([(n, Fate::DeathBefore), (n, Fate::DeathAfter)]);
            if !plain.calls.contains(&n) {
                // The platform does nothing, or does it and does not answer.
                let faults = [CallFault::Throttled, CallFault::TimeoutAfterCommit];
                fates.extend(faults.map(|fault| (n, Fate::Fails(fault))));
            }
        }
        for n in &plain.calls {
            fates.extend(CallFault::ALL.map(|fault| (*n, Fate::Fails(fault))));
        }
        jobs.push((journey, BTreeMap::new()));
        jobs.extend(fates.iter().map(|fate| (journey, BTreeMap::from([*fate]))));
        let random = &mut Random::new(PAIRS);
        for _ in 0..PAIRS {
            let pair = [(); 2].map(|()| *random.pick(&fates[0], &fates[1..]));
            jobs.push((journey, BTreeMap::from(pair)));
        }
    }
    jobs
}
