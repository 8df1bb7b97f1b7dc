//! Many customers in one deployment: each is polled in its time, and none waits for another's outage, flood or bad rules.

mod backlog;
mod large;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

use connector::{
    poll::{self, Asked, Fetched, Only},
    ports::{Clock, Fetch, Ledger, Polling, Standing, StoredConnection, Vault},
};
use e2e::demo;
use e2e::documents::Random;
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    main_job::report,
    world::{Setting, World, connection, wake},
};

/// Connections to one worker, as the template sets the batch of the queue.
const BATCH: usize = 10;

fn id(n: usize) -> ConnectionId {
    ConnectionId::new(format!("customer-{n}")).expect("an id")
}

/// The demo's customer, connected, taking reports only; and `others` of the same company, with the same tokens.
async fn with_others(others: usize) -> World {
    let world = World::with(Setting {
        rules: vec![("/documents", json!(["expense"]))],
        ..Setting::default()
    })
    .await;
    world.poll().await;
    for n in 0..others {
        apply(&world, (&id(n), 1), &text(&world, &id(n), json!({}))).await;
        share_secrets(&world, &id(n)).await;
    }
    world
}

/// The demo's secrets as they are now, for another connection too.
async fn share_secrets(world: &World, id: &ConnectionId) {
    for name in ["concur", "concur-tokens", "acumatica"] {
        let secret = world.needs.vault.secret(&connection(), name).await;
        let secret = secret.expect("a vault").expect("a secret");
        world.needs.vault.put(id, name, secret.expose_secret());
    }
}

fn text(world: &World, id: &ConnectionId, schedule: Value) -> String {
    let mut text = demo::connection(world.concur.token_url(), &world.acumatica.url());
    text["id"] = json!(id);
    text["documents"] = json!(["expense"]);
    text["concur"]["system_id"] = json!("stack-demo");
    text["schedule"] = schedule;
    text.to_string()
}

async fn apply(world: &World, (id, version): (&ConnectionId, u64), text: &str) {
    let stored = StoredConnection {
        id: id.clone(),
        version,
        applied: world.needs.clock.now(),
        by: String::new(),
        note: String::new(),
        standing: Standing::Applied,
        text: text.to_owned(),
    };
    let put = world.needs.ledger.put_connection(&stored).await;
    put.expect("a version");
}

/// What the schedule sends each minute.
async fn tick(world: &World) -> Value {
    let request = poll::Request {
        only: Some(Only::Due),
        ..poll::Request::default()
    };
    let answer = poll::poll(&world.needs, &world.run(), &request).await;
    serde_json::to_value(answer.expect("an answer")).expect("JSON")
}

/// One worker with some messages.
async fn fetch(world: &World, fetches: &[Fetch]) -> Fetched {
    let asked = fetches.iter().enumerate().map(|(n, fetch)| Asked {
        message: n.to_string(),
        fetch: fetch.clone(),
        sent: Some(world.needs.clock.now()),
    });
    poll::fetch(&world.needs, &world.run(), asked.collect()).await
}

/// Everything on the queue, worker after worker; how many messages there were.
async fn drain(world: &World) -> usize {
    let mut messages = 0;
    loop {
        let fetches = world.needs.queue.take_fetches();
        if fetches.is_empty() {
            return messages;
        }
        messages += fetches.len();
        for batch in fetches.chunks(BATCH) {
            assert!(fetch(world, batch).await.again.is_empty());
        }
    }
}

async fn polling(world: &World, id: &ConnectionId) -> Polling {
    let found = world.needs.ledger.polling(id).await.expect("a ledger");
    found.expect("a schedule")
}

#[tokio::test]
async fn a_thousand_connections_are_polled_within_their_interval() {
    const MINUTES: u64 = 30;
    let world = with_others(999).await;
    let before = world.concur_calls("list");
    let mut fullest = 0;
    for minute in 0..=MINUTES {
        let answer = tick(&world).await;
        let own = answer["connections"].as_array().expect("a list").len();
        assert!(own <= BATCH, "{own}");
        let sent = usize::try_from(answer["sent"].as_u64().expect("a count")).expect("a count");
        assert_eq!(drain(&world).await, sent);
        if minute == 0 {
            assert_eq!((own, own + sent), (BATCH, 1_000));
        } else {
            fullest = fullest.max(own + sent);
        }
        let now = world.needs.clock.now();
        for polling in world.needs.ledger.pollings().await.expect("a ledger") {
            let since = polling.polled.map(|polled| now.duration_since(polled));
            let late = SignedDuration::from_mins(16);
            assert!(since.is_some_and(|since| since < late), "{polling:?}");
        }
        world.pass(60);
    }
    // Once when applied, and once in each of two quarters of an hour: never more often.
    assert_eq!(world.concur_calls("list") - before, 3 * 1_000);
    // Of 67 a minute on average.
    assert!(fullest < 110, "{fullest}");
}

#[tokio::test]
async fn two_ticks_and_a_doubled_message_do_the_work_once() {
    let world = with_others(24).await;
    let before = world.concur_calls("list");
    tokio::join!(tick(&world), tick(&world));
    let fetches = world.needs.queue.take_fetches();
    for batch in fetches.chunks(BATCH) {
        tokio::join!(fetch(&world, batch), fetch(&world, batch));
    }
    assert_eq!(world.concur_calls("list") - before, 25);
    // Delivered once more, later: it was sent before the poll it asked for.
    let sent = Some(world.needs.clock.now());
    let late = fetches.iter().map(|fetch| Asked {
        message: "late".to_owned(),
        fetch: fetch.clone(),
        sent,
    });
    world.pass(30);
    poll::fetch(&world.needs, &world.run(), late.collect()).await;
    assert_eq!(world.concur_calls("list") - before, 25);
}

#[tokio::test]
async fn a_message_that_is_lost_delays_by_minutes_and_a_killed_worker_by_its_time() {
    let world = with_others(24).await;
    let before = world.concur_calls("list");
    // The tick is killed at the first answer of Concur; its messages get lost.
    let death = Duration::from_millis(50);
    world
        .concur
        .next("list", e2e::twins::faults::Fault::Delay(death * 10));
    let killed = tokio::time::timeout(death, tick(&world)).await;
    assert!(killed.is_err());
    drop(world.needs.queue.take_fetches());
    let held = polls(&world).await;
    for _ in 0..11 {
        world.pass(60);
        tick(&world).await;
        drain(&world).await;
    }
    let after = polls(&world).await;
    let missed = after.iter().filter(|(_, polled)| polled.is_none());
    assert_eq!(missed.count(), 0, "{held:?}");
    assert!(world.concur_calls("list") - before >= 25);
}

async fn polls(world: &World) -> BTreeMap<ConnectionId, Option<Timestamp>> {
    let all = world.needs.ledger.pollings().await.expect("a ledger");
    all.into_iter()
        .map(|polling| (polling.connection, polling.polled))
        .collect()
}

/// A place that takes connections and never answers.
struct Silence(TcpListener);

impl Silence {
    fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").expect("a free port"))
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }
}

#[tokio::test]
async fn a_concur_that_never_answers_delays_nobody() {
    let mut world = with_others(9).await;
    let silence = Silence::new();
    let tokens = world.needs.vault.secret(&id(0), "concur-tokens").await;
    let tokens = tokens.expect("a vault").expect("a secret");
    let mut tokens: Value = serde_json::from_str(tokens.expose_secret()).expect("JSON");
    tokens["geolocation"] = json!(silence.url());
    world
        .needs
        .vault
        .put(&id(0), "concur-tokens", &tokens.to_string());
    world.needs.deployment.clocks.concur_answer = SignedDuration::from_secs(1);
    let watch = async {
        // Shorter than the one answer that is waited for.
        tokio::time::sleep(Duration::from_millis(700)).await;
        let done = polls(&world).await;
        let waiting: Vec<_> = done.iter().filter(|(_, polled)| polled.is_none()).collect();
        assert_eq!(waiting, [(&id(0), &None)]);
    };
    let (answer, ()) = tokio::join!(tick(&world), watch);
    let told = answer["connections"].as_array().expect("a list");
    let failed: Vec<_> = told
        .iter()
        .filter(|one| one["errors"] != json!([]))
        .map(|one| &one["connection"])
        .collect();
    assert_eq!(failed, ["customer-0"]);
    // It is asked again in its own time, as the others are, and not before.
    let dead = polling(&world, &id(0)).await;
    let now = world.needs.clock.now();
    assert!(dead.due.duration_since(now) <= SignedDuration::from_mins(15));
    assert_eq!(dead.failing, dead.polled);
    assert!(world.needs.queue.take_fetches().is_empty());
}

#[tokio::test]
async fn a_flood_goes_back_to_the_end_of_the_queue() {
    let world = with_others(1).await;
    let random = &mut Random::new(80);
    let flood = 300;
    for n in 0..flood {
        world.offer(&report("Flood", 1_000 + n, random));
    }
    apply_paused(&world, &id(0), 2).await;
    // The run's time is over in the middle of the list.
    let over = async {
        while world.concur_calls("acknowledge") < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        world.pass(241);
    };
    tokio::join!(tick(&world), over);
    let taken = world.concur_calls("acknowledge");
    assert!((2..12).contains(&taken), "{taken}");
    let rest = world.needs.queue.take_fetches();
    assert_eq!(rest, [Fetch::all(&connection())]);
    let before = polling(&world, &connection()).await;
    assert_eq!(before.holder, None);
    // Nobody else takes it up meanwhile: its message is under way.
    world.pass(60);
    tick(&world).await;
    assert!(world.needs.queue.take_fetches().is_empty());
    assert_eq!(world.concur_calls("acknowledge"), taken);
    fetch(&world, &rest).await;
    let wakes = world.needs.queue.take();
    assert!(wakes.len() >= 300, "{}", wakes.len());
    let due = polling(&world, &connection()).await.due;
    let now = world.needs.clock.now();
    assert!(due > now && due.duration_since(now) <= SignedDuration::from_mins(15));
}

async fn apply_paused(world: &World, id: &ConnectionId, version: u64) {
    let paused = text(world, id, json!({"paused": true}));
    apply(world, (id, version), &paused).await;
}

#[tokio::test]
async fn a_pause_takes_nothing_new_and_finishes_what_is_acknowledged() {
    let world = with_others(0).await;
    let random = &mut Random::new(81);
    let first = world.offer(&report("Taxi", 1_000, random));
    tick(&world).await;
    assert_eq!(world.state(&first).await, "acknowledged");
    apply_paused(&world, &connection(), 2).await;
    let second = world.offer(&report("Taxi", 1_001, random));
    let lists = world.concur_calls("list");
    world.pass(900);
    // Its wake got lost; the sweep of a paused connection finds it.
    drop(world.needs.queue.take());
    let answer = tick(&world).await;
    let told = &answer["connections"][0];
    assert_eq!(
        (&told["resting"], &told["swept"]),
        (&json!("paused"), &json!(1))
    );
    // A person does not overrule a pause, nor does a message.
    assert_eq!(world.poll().await["connections"][0]["resting"], "paused");
    fetch(&world, &[Fetch::all(&connection())]).await;
    world.post().await;
    assert_eq!(world.state(&first).await, "confirmed");
    assert_eq!(world.concur_calls("list"), lists);
    // Applied without it, it is due at once.
    let on = text(&world, &connection(), json!({}));
    apply(&world, (&connection(), 3), &on).await;
    tick(&world).await;
    world.post().await;
    assert_eq!(world.state(&second).await, "confirmed");
}

#[tokio::test]
async fn outside_its_hours_only_a_person_has_documents_taken() {
    let world = with_others(0).await;
    let zone = jiff::tz::TimeZone::get("America/Los_Angeles").expect("a zone");
    let local = zone.to_datetime(world.needs.clock.now());
    // An hour that is over by now, or comes tomorrow.
    let hour = (local.hour() + 12) % 24;
    let hours = json!({"hours": {
        "from": format!("{hour:02}:00"), "to": format!("{hour:02}:59"),
        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    }});
    let text = text(&world, &connection(), hours);
    apply(&world, (&connection(), 2), &text).await;
    let id = world.offer(&report("Taxi", 1_000, &mut Random::new(82)));
    let lists = world.concur_calls("list");
    let answer = tick(&world).await;
    assert_eq!(answer["connections"][0]["resting"], "outside_hours");
    assert_eq!(world.concur_calls("list"), lists);
    world.poll().await;
    assert_eq!(world.state(&id).await, "acknowledged");
}

#[tokio::test]
async fn bad_rules_stop_their_own_connection_only_and_are_told_after_an_hour() {
    let world = with_others(1).await;
    apply(&world, (&id(0), 2), "{\"id\": \"customer-0\"}").await;
    let taxi = world.offer(&report("Taxi", 1_000, &mut Random::new(83)));
    let request = poll::Request {
        only: Some(Only::Due),
        ..poll::Request::default()
    };
    let mut unreached = Vec::new();
    for _ in 0..6 {
        let answer = poll::poll(&world.needs, &world.run(), &request).await;
        unreached.push(answer.expect("an answer").unreached());
        world.post().await;
        world.pass(900);
    }
    assert_eq!(unreached.first(), Some(&0));
    assert_eq!(unreached.last(), Some(&1), "{unreached:?}");
    assert_eq!(world.state(&taxi).await, "confirmed");
    let good = text(&world, &id(0), json!({}));
    share_secrets(&world, &id(0)).await;
    apply(&world, (&id(0), 3), &good).await;
    tick(&world).await;
    assert_eq!(polling(&world, &id(0)).await.failing, None);
}

#[tokio::test]
async fn an_acumatica_that_never_answers_delays_no_other_connection_of_the_batch() {
    let mut world = with_others(1).await;
    let silence = Silence::new();
    let random = &mut Random::new(84);
    // The tenant of the demo is known before.
    world.offer(&report("First", 900, random));
    world.settle().await;
    let mut dead: Value = serde_json::from_str(&text(&world, &id(0), json!({}))).expect("JSON");
    dead["acumatica"]["url"] = json!(silence.url());
    apply(&world, (&id(0), 2), &dead.to_string()).await;
    let theirs = world.offer(&report("Theirs", 1_000, random));
    poll_one(&world, &id(0)).await;
    let ours = world.offer(&report("Ours", 1_001, random));
    poll_one(&world, &connection()).await;
    let mut wakes: Vec<_> = world
        .needs
        .queue
        .take()
        .into_iter()
        .map(|(wake, _)| wake)
        .collect();
    assert_eq!(wakes.len(), 2);
    wakes.reverse();
    world.needs.deployment.clocks.acumatica_answer = SignedDuration::from_secs(3);
    let watch = async {
        let mut waited = Duration::ZERO;
        while world.state(&ours).await != "confirmed" {
            let pause = Duration::from_millis(20);
            tokio::time::sleep(pause).await;
            waited += pause;
            assert!(waited < Duration::from_secs(2), "ours waits for theirs");
        }
    };
    tokio::join!(world.post_batch(&wakes), watch);
    assert_eq!(world.state(&ours).await, "confirmed");
    assert_eq!(wake(&theirs).document, theirs);
}

async fn poll_one(world: &World, id: &ConnectionId) {
    let request = poll::Request {
        connection: Some(id.clone()),
        ..poll::Request::default()
    };
    let answer = poll::poll(&world.needs, &world.run(), &request).await;
    answer.expect("an answer");
}

#[tokio::test]
async fn a_message_reads_and_changes_its_own_connection_only() {
    let world = with_others(2).await;
    let before = polls(&world).await;
    let stranger = ConnectionId::new("stranger").expect("an id");
    fetch(&world, &[Fetch::all(&stranger), Fetch::all(&id(1))]).await;
    let after = polls(&world).await;
    let changed: Vec<_> = after
        .iter()
        .filter(|(id, at)| before.get(id) != Some(at))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(changed, [&id(1)]);
    // A document of one connection is no document of another, even with its very id.
    let taxi = world.offer(&report("Taxi", 1_000, &mut Random::new(85)));
    poll_one(&world, &connection()).await;
    let forged = connector::ports::Wake {
        connection: id(1),
        document: taxi.clone(),
    };
    world.post_batch(&[forged]).await;
    assert_eq!(world.state(&taxi).await, "acknowledged");
    assert_eq!(world.acumatica_calls("put"), 0);
}
