//! One seed, one world: people, workers and weather, until nothing is open any more.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use e2e::documents::Random;
use e2e::twins::acumatica::{self, Preference};
use e2e::twins::concur::{self, Rotation, Status};
use e2e::twins::faults::Fault;
use posting::record::List;
use serde_json::json;
use tokio::task::LocalSet;

use crate::air::Lie;
use crate::chaos::{Chaos, Rates};
use crate::history::Keep;
use crate::judge::{self, Verdict};
use crate::offers;
use crate::totals::Totals;
use crate::worker::Process;
use crate::world::{Setting, World};

/// Documents of one world; small, because the vendors look through all they hold.
const DOCUMENTS: u64 = 120;
/// How long documents are offered and things go wrong.
const WINDOW_S: u64 = 4 * 3_600;
/// How often the schedule wakes `poll`.
const SCHEDULE: Duration = Duration::from_mins(15);
/// Workers of `post` at a time.
const POSTERS: usize = 4;
/// Polls after the weather has calmed down, until the last document must have come to an end.
const CALM_POLLS_MAX: usize = 200;

/// What came of a seed.
pub(crate) struct Outcome {
    pub(crate) trace: u64,
    pub(crate) verdict: Verdict,
    pub(crate) totals: Totals,
    pub(crate) events: Vec<String>,
}

/// Runs a seed. The same seed gives the same events.
pub(crate) fn simulate(seed: u64, lie: Lie, keep: Keep) -> Outcome {
    fastrand::seed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    LocalSet::new().block_on(&runtime, live(seed, lie, keep))
}

async fn live(seed: u64, lie: Lie, keep: Keep) -> Outcome {
    let mut random = Random::new(seed);
    let rates = Rates::of(&mut random);
    let chaos = Chaos::drawn(random.bits(), rates);
    let world = Rc::new(
        World::new(Setting {
            lie,
            keep,
            ..setting(chaos, &mut random)
        })
        .await,
    );
    world.air.event(format_args!("weather {rates:?}"));
    if lie == Lie::NoBackOff {
        // Something to be impatient about.
        for _ in 0..500 {
            world.air.acumatica.next("put", Fault::Status(429));
        }
    }
    let over = Rc::new(Cell::new(false));
    let posters: Vec<_> = (0..POSTERS)
        .map(|n| tokio::task::spawn_local(post(Rc::clone(&world), n, Rc::clone(&over))))
        .collect();
    people(&world, &mut random).await;
    world.air.chaos().calm_down();
    calm(&world).await;
    over.set(true);
    for poster in posters {
        poster.abort();
    }
    let verdict = judge::judge(&world).await;
    let totals = Totals::of(&world, &verdict);
    let mut history = world.air.history();
    Outcome {
        trace: history.trace(),
        events: std::mem::take(&mut history.events),
        verdict,
        totals,
    }
}

/// The tenants and companies differ, too.
fn setting(chaos: Chaos, random: &mut Random) -> Setting {
    let on = |random: &mut Random, n| {
        if random.one_in(n) {
            Preference::On
        } else {
            Preference::Off
        }
    };
    let per_minute = *random.pick(&600, &[60, 120, 300]);
    let seats = *random.pick(&2, &[1, 3]);
    let minutes = u64::try_from(random.between(10, 60)).unwrap_or(60);
    let released = random.one_in(3);
    let told = if released && random.one_in(2) {
        "released"
    } else {
        "created"
    };
    let rules = vec![
        ("/acumatica/requests_per_minute", json!(per_minute)),
        ("/acumatica/seats", json!(seats)),
        ("/posting/expense/release", json!(released)),
        ("/posting/invoice/release", json!(released)),
        ("/posting/invoice/hold", json!(!released)),
        ("/posting/cashadvance/release", json!(released)),
        ("/posting/confirm_after", json!(told)),
        ("/posting/on_recall", json!("hold")),
    ];
    Setting {
        concur: concur::Options {
            access_life: Duration::from_secs(minutes * 60),
            // Where the old token dies at once, one lost answer needs a new request token from a person.
            rotation: *random.pick(&Rotation::Never, &[Rotation::OnFirstUse]),
            ..concur::Options::default()
        },
        acumatica: acumatica::Options {
            seats,
            // Clocks differ, and what nobody waits for any more comes on top; `minute` is strict about the rest.
            requests_per_minute: Some(per_minute + per_minute / 2 + 10),
            raise_on_duplicate_ref: on(random, 2),
            hold_bills_on_entry: on(random, 6),
            hold_journals_on_entry: on(random, 6),
            action_answers_202: u32::try_from(random.below(3)).unwrap_or(0),
            ..acumatica::Options::default()
        },
        rules,
        ..Setting::new(chaos)
    }
}

/// One worker of `post`, as the queue drives it.
async fn post(world: Rc<World>, number: usize, over: Rc<Cell<bool>>) {
    let mut process = Process::start(&world.shared, &format!("post{number}"));
    while !over.get() {
        let batch = world.shared.messages.receive().await;
        process.post(&batch).await;
    }
}

/// What people do in the window, with `poll` on its schedule beside them.
async fn people(world: &Rc<World>, random: &mut Random) {
    let mut happenings = script(random);
    happenings.sort_by_key(|(at, _)| *at);
    let polls = tokio::task::spawn_local(schedule(Rc::clone(world)));
    let mut operator = Process::start(&world.shared, "operator");
    let mut offered: Vec<String> = Vec::new();
    let mut changed = world.connection.clone();
    let mut now = 0;
    for (at, happening) in happenings {
        tokio::time::sleep(Duration::from_millis(at - now)).await;
        now = at;
        happen(world, &mut offered, happening, random);
        if happening == Happening::Rules {
            let text = format!("{{{{ report.name }}}} {at}");
            if let Some(header) = changed.pointer_mut("/rules/text/header") {
                *header = json!({"expense": text});
            }
            world.apply(&mut operator, &changed).await;
        }
    }
    polls.abort();
}

/// What may happen in a customer's afternoon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    Offer(u64),
    /// A processor takes something back, and may approve it anew.
    Recall,
    /// The same between list and acknowledgement.
    RecallWhenListed,
    /// Concur's back office takes back what was acknowledged.
    RecallLate,
    /// The operator applies new rules.
    Rules,
    /// The accountant closes the month.
    Close,
    /// Every token of Concur is void.
    Tokens,
    /// The queue is purged.
    Purge,
}

/// Happenings with their time in ms.
fn script(random: &mut Random) -> Vec<(u64, Happening)> {
    let mut happenings = Vec::new();
    let window = WINDOW_S * 1_000;
    let mut serial = 0;
    while serial < DOCUMENTS {
        // Approvals come in bursts.
        let at = random.below(window * 9 / 10);
        for _ in 0..=random.below(25) {
            happenings.push((at + random.below(90_000), Happening::Offer(serial)));
            serial += 1;
        }
    }
    let mut some = |most: u64, happening| {
        for _ in 0..random.below(most) {
            happenings.push((random.below(window), happening));
        }
    };
    some(8, Happening::Recall);
    some(5, Happening::RecallWhenListed);
    some(3, Happening::RecallLate);
    some(4, Happening::Rules);
    some(4, Happening::Tokens);
    some(2, Happening::Purge);
    if random.one_in(6) {
        happenings.push((random.below(window), Happening::Close));
    }
    happenings
}

fn happen(world: &World, offered: &mut Vec<String>, happening: Happening, random: &mut Random) {
    let (concur, acumatica) = (&world.air.concur, &world.air.acumatica);
    world.air.event(format_args!("{happening:?}"));
    let first = String::new();
    let one = random.pick(&first, offered).clone();
    match happening {
        Happening::Offer(serial) => {
            let document = offers::any(random, serial);
            offered.push(concur.offer(document.kind.as_str(), document.body));
        }
        Happening::Recall => {
            // Only what is ready or was returned; a recalled one may be approved anew.
            let recallable = concur.documents().into_iter().filter(|held| {
                matches!(held.status, Status::Ready | Status::PostingConfirmedFailure)
            });
            let all: Vec<String> = recallable.map(|held| held.id).collect();
            let id = random.pick(&first, &all).clone();
            if concur.recall(&id).is_ok()
                && random.one_in(2)
                && let Ok(again) = concur.resubmit(&id, None)
            {
                offered.push(again);
            }
        }
        Happening::RecallWhenListed => concur.recall_when_listed(&one),
        Happening::RecallLate => {
            let acknowledged = concur
                .document(&one)
                .is_some_and(|held| held.status == Status::Acknowledged);
            if acknowledged {
                world.air.history().recalled_late.insert(one.clone());
                concur.set_status(&one, Status::Recalled);
            }
        }
        Happening::Close => {
            world.air.history().closed = true;
            acumatica.close_period("112026");
        }
        Happening::Tokens => {
            world.air.history().tokens_refused += 1;
            concur.expire_access_tokens();
        }
        Happening::Purge => world.shared.messages.purge(),
        Happening::Rules => {}
    }
}

/// `poll` on its schedule; runs may overlap.
async fn schedule(world: Rc<World>) {
    let mut processes: Vec<_> = (0..2)
        .map(|n| Process::start(&world.shared, &format!("poll{n}")))
        .collect();
    loop {
        for process in &mut processes {
            let pause = world.air.chaos().below(120);
            tokio::time::sleep(SCHEDULE + Duration::from_secs(pause)).await;
            process.poll().await;
        }
    }
}

/// Polls in good weather until nothing is open.
async fn calm(world: &World) {
    let mut process = Process::start(&world.shared, "calm");
    for _ in 0..CALM_POLLS_MAX {
        process.poll().await;
        tokio::time::sleep(SCHEDULE).await;
        let ready = world.air.concur.is_any(Status::Ready);
        if !ready && world.listed(List::Open).await.is_empty() {
            return;
        }
    }
}
