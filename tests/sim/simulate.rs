//! One seed, one world: people, workers and weather, until nothing is open any more.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use connector::ports::Wake;
use e2e::documents::Random;
use e2e::twins::acumatica::{self, Preference};
use e2e::twins::concur::{self, Rotation, Status};
use e2e::twins::faults::Fault;
use jiff::SignedDuration;
use posting::DocumentId;
use posting::record::List;
use serde_json::json;
use tokio::task::LocalSet;

use crate::air::Lie;
use crate::chaos::{Chaos, Rates};
use crate::history::Keep;
use crate::judge::{self, Verdict};
use crate::offers;
use crate::person::{Beside, Person};
use crate::totals::Totals;
use crate::worker::Process;
use crate::world::{Setting, World, connection};

/// Documents of one world; small, because the vendors look through all they hold.
const DOCUMENTS: u64 = 120;
/// How long documents are offered and things go wrong.
const WINDOW_S: u64 = 4 * 3_600;
/// How often the schedule wakes `poll`.
const SCHEDULE: Duration = Duration::from_mins(15);
/// What the processes of people who bring on what is held are called by.
pub(crate) const PERSON: &str = "kim";
/// People who look at what is held, not knowing of each other.
const PEOPLE: usize = 2;
/// Longest time between two looks of one of them.
const LOOK_S: u64 = 3_600;
/// Looks in good weather, with nothing else going on.
const LAST_LOOKS: usize = 2;
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
    let mut person = Person::new(&world, PERSON, random.bits());
    for _ in 0..LAST_LOOKS {
        person.look(&world, Beside::Nothing).await;
        person.redrive(&world).await;
        calm(&world).await;
    }
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
    let on_recall = if seats == 3 { "withdraw" } else { "hold" };
    let rules = vec![
        ("/acumatica/requests_per_minute", json!(per_minute)),
        ("/acumatica/seats", json!(seats)),
        ("/posting/expense/release", json!(released)),
        ("/posting/invoice/release", json!(released)),
        ("/posting/invoice/hold", json!(!released)),
        ("/posting/cashadvance/release", json!(released)),
        ("/posting/confirm_after", json!(told)),
        ("/posting/on_recall", json!(on_recall)),
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
pub(crate) async fn post(world: Rc<World>, number: usize, over: Rc<Cell<bool>>) {
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
    let mut beside = vec![tokio::task::spawn_local(schedule(Rc::clone(world)))];
    for n in 0..PEOPLE {
        let person = Person::new(world, &format!("{PERSON}{n}"), random.bits());
        beside.push(tokio::task::spawn_local(looks(Rc::clone(world), person)));
    }
    let mut operator = Process::start(&world.shared, "operator");
    let mut offered: Vec<String> = Vec::new();
    let mut changed = world.connection.clone();
    let mut now = 0;
    for (at, happening) in happenings {
        tokio::time::sleep(Duration::from_millis(at - now)).await;
        now = at;
        happen(world, &mut offered, happening, random);
        if happening == Happening::Resubmit {
            resubmit(world, &mut offered, random).await;
        }
        if happening == Happening::Rules {
            let text = format!("{{{{ report.name }}}} {at}");
            if let Some(header) = changed.pointer_mut("/rules/text/header") {
                *header = json!({"expense": text});
            }
            world.apply(&mut operator, &changed).await;
        }
    }
    for task in beside {
        task.abort();
    }
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
    /// A processor approves something anew that was taken back, and of which nothing is under way any more.
    Resubmit,
    /// Somebody keyed an invoice by hand before Concur offers it, over its amount or not.
    Keyed(u64),
    /// An invoice was entered twice.
    Twice(u64),
    /// Somebody sends a wake by hand, of whatever document.
    Wake,
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
    some(6, Happening::Resubmit);
    some(8, Happening::Wake);
    for happening in [Happening::Keyed, Happening::Twice] {
        for _ in 0..random.below(3) {
            serial += 1;
            happenings.push((random.below(window * 9 / 10), happening(serial)));
        }
    }
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
                world.air.history().approved_anew(&id, &again);
                offered.push(again);
            }
        }
        Happening::RecallWhenListed => concur.recall_when_listed(&one),
        Happening::RecallLate => {
            let under_way = concur.documents().into_iter();
            let under_way = under_way.filter(|held| held.status == Status::Acknowledged);
            let all: Vec<String> = under_way.map(|held| held.id).collect();
            if !all.is_empty() {
                let id = random.pick(&all[0], &all[1..]);
                world.air.history().recalled_late.insert(id.clone());
                concur.set_status(id, Status::Recalled);
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
        Happening::Keyed(serial) => {
            let (bill, number) = (format!("9{serial:05}"), format!("BY-HAND-{serial}"));
            let dollars = *random.pick(&250, &[251]);
            acumatica.plant("Bill", &offers::keyed_bill_as(&bill, &number, dollars));
            let document = offers::keyed_as(&number, random);
            let id = concur.offer(document.kind.as_str(), document.body);
            let mut history = world.air.history();
            history.keyed.insert(id, format!("Bill {bill}"));
        }
        Happening::Twice(serial) => {
            for document in offers::twice(random, serial) {
                let id = concur.offer(document.kind.as_str(), document.body);
                world.air.history().doubled.insert(id);
            }
        }
        Happening::Wake => wake(world, &one),
        Happening::Rules | Happening::Resubmit => {}
    }
}

/// A wake that nobody of the connector sent.
fn wake(world: &World, document: &str) {
    if let Ok(document) = DocumentId::new(document) {
        let connection = connection();
        let wake = Wake {
            connection,
            document,
        };
        let now = SignedDuration::ZERO;
        world.shared.messages.send(&world.air, &wake, now);
    }
}

/// Something that was taken back is approved anew; its processor waits until nothing of it is under way.
async fn resubmit(world: &World, offered: &mut Vec<String>, random: &mut Random) {
    let all = world.air.concur.documents();
    let is_gone = |held: &&concur::Held| {
        let mut approvals = all
            .iter()
            .filter(|other| other.business_id == held.business_id);
        approvals.all(|other| other.status == Status::Recalled)
    };
    let ids: Vec<String> = all
        .iter()
        .filter(is_gone)
        .map(|held| held.id.clone())
        .collect();
    let Some(first) = ids.first() else {
        return;
    };
    let id = random.pick(first, &ids[1..]).clone();
    let record = world.record(&id).await;
    let is_over = record.is_none_or(|record| record.list() == List::Done);
    if is_over && let Ok(again) = world.air.concur.resubmit(&id, None) {
        world.air.history().approved_anew(&id, &again);
        offered.push(again);
    }
}

/// A person looks at what is held now and then, and at dead letters less often.
async fn looks(world: Rc<World>, mut person: Person) {
    loop {
        let pause = world.air.chaos().below(LOOK_S);
        tokio::time::sleep(Duration::from_secs(pause)).await;
        person.look(&world, Beside::Others).await;
        if world.air.chaos().coin() {
            person.redrive(&world).await;
        }
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
