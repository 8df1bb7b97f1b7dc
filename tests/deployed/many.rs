//! A thousand connections in one deployment: a tick hands them out, the event source of the `fetch` queue brings each to a
//! worker, and each is asked for at Concur within its interval, while some of them have more to take than a page.

use std::time::{Duration, Instant};

use connector::schedule::Schedule;
use e2e::{
    demo,
    documents::{Entry, Person, Place as Where, Random, Report},
    stack::{Place, Stack},
    twins::{
        acumatica::{self, AcumaticaTwin},
        concur::{self, ConcurTwin},
    },
};
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use serde_json::{Value, json};

use crate::{ONE_AT_A_TIME, workers};

const STACK: &str = "many";
/// Connections that are due together.
const COUNT: usize = 1_000;
/// Those with documents, each of a company of its own; the others have none, and share a company and its tokens.
const BUSY: usize = 5;
/// Documents of each of them: two pages.
const DOCUMENTS: usize = 30;
/// `every_minutes` of each.
const EVERY: SignedDuration = SignedDuration::from_mins(5);
/// No connection has its place in the interval earlier than this, so that none is due again while the test runs.
const PLACE_MIN: SignedDuration = SignedDuration::from_mins(4);
/// Connections set up at a time.
const SET_UPS_AT_A_TIME: usize = 12;
/// Those a tick polls itself.
const OWN: usize = 10;
/// `acumatica.seats` of each: no worker waits for one here.
const SEATS: usize = 10;
/// Longest time until the documents are posted and confirmed, from the tick on.
const CONFIRMED_MAX: Duration = Duration::from_mins(5);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

struct World {
    stack: Stack,
    quiet: ConcurTwin,
    busy: Vec<ConcurTwin>,
    acumatica: AcumaticaTwin,
    schedule: Schedule,
    began: Timestamp,
}

impl World {
    async fn start() -> Self {
        let twin = || async {
            let twin = ConcurTwin::start(concur::Options::default()).await;
            twin.expect("a free port")
        };
        let mut busy = Vec::new();
        for _ in 0..BUSY {
            busy.push(twin().await);
        }
        let acumatica = acumatica::Options {
            seed: demo::acumatica_seed(),
            seats: SEATS * BUSY,
            ..acumatica::Options::default()
        };
        // The tick comes from here alone.
        let parameters = [("ScheduleExpression", "rate(1 day)"), ("BatchWindow", "1")];
        let stack = Stack::start(&Place::new(STACK), &parameters).await;
        Self {
            stack: stack.expect("a stack"),
            quiet: twin().await,
            busy,
            acumatica: AcumaticaTwin::start(acumatica).await.expect("a free port"),
            schedule: Schedule {
                every: EVERY,
                ..Schedule::default()
            },
            began: Timestamp::now(),
        }
    }

    /// So many ids whose places in the interval are late enough.
    fn ids(&self, name: &'static str) -> impl Iterator<Item = ConnectionId> {
        let ids = (0..).map(move |n| ConnectionId::new(format!("{name}-{n}")).expect("an id"));
        ids.filter(|id| {
            let next = self.schedule.next(id, self.began);
            next.duration_since(self.began) >= PLACE_MIN
        })
    }

    async fn invoke(&self, function: &str, event: &Value) -> Value {
        let answer = self.stack.invoke(function, event).await;
        answer.expect("an answer")
    }

    /// Stores the secrets of a connection and applies it, as its operator does.
    async fn set_up(&self, id: &ConnectionId, twin: &ConcurTwin, tokens: Option<&Value>) {
        let put = async |name: &str, secret: &Value| {
            let name = format!("{id}/{name}");
            let put = self.stack.put_secret(&name, secret).await;
            put.expect("a secret");
        };
        let options = twin.options();
        let secret = options.secret();
        put("concur", &secret).await;
        if let Some(tokens) = tokens {
            put("concur-tokens", tokens).await;
        }
        let options = self.acumatica.options();
        let secret = options.secret();
        put("acumatica", &secret).await;
        let mut connection = demo::connection(twin.token_url(), &self.acumatica.url());
        connection["id"] = json!(id);
        connection["documents"] = json!(["expense"]);
        connection["schedule"] = json!({"every_minutes": EVERY.as_mins()});
        connection["acumatica"]["seats"] = json!(SEATS);
        connection["acumatica"]["requests_per_minute"] = json!(6_000);
        let event = json!({"action": "apply", "connection": connection});
        let answer = self.invoke("connect", &event).await;
        assert_eq!(answer["applied"], true, "{answer:#}");
    }

    /// All of them: the first one's tokens are those of every quiet one, and the busy ones come somewhere among them.
    async fn set_up_all(&self) {
        let mut quiet = self.ids("quiet");
        let first = quiet.next().expect("an id");
        self.set_up(&first, &self.quiet, None).await;
        let connect = json!({"action": "connect", "connection": first});
        let connected = self.invoke("connect", &connect).await;
        assert_eq!(
            connected["said"][0]["message"], "connected",
            "{connected:#}"
        );
        let tokens = self.stack.secret(&format!("{first}/concur-tokens")).await;
        let tokens = tokens.expect("an answer").expect("tokens");
        let busy = self.ids("busy").zip(&self.busy);
        let busy = busy.map(|(id, twin)| (id, twin, None));
        let mut quiet = quiet
            .take(COUNT - BUSY - 1)
            .map(|id| (id, &self.quiet, Some(&tokens)));
        let before: Vec<_> = quiet.by_ref().take(COUNT / 10).collect();
        let set_ups = before.into_iter().chain(busy).chain(quiet);
        futures_util::stream::iter(set_ups)
            .for_each_concurrent(SET_UPS_AT_A_TIME, |(id, twin, tokens)| async move {
                self.set_up(&id, twin, tokens).await;
            })
            .await;
    }

    /// The ids of the documents each busy company offers.
    fn offer(&self) -> Vec<Vec<String>> {
        let random = &mut Random::new(5);
        let mut offered = Vec::new();
        for twin in &self.busy {
            let mut ids = Vec::new();
            for _ in 0..DOCUMENTS {
                let cents = random.between(100, 90_000);
                let entry = Entry::new(e2e::amounts::cents(cents), random).described("Taxi");
                let ada = Person::new("E00101", "Ada", "Archer");
                let report = Report::new("Travel", ada, Where::new("0021", "410"), random);
                let document = report.entry(entry).document(random);
                ids.push(twin.offer("expense", document.body));
            }
            offered.push(ids);
        }
        offered
    }

    /// What a tick polled itself, and what it sent to others.
    async fn tick(&self) -> (usize, usize) {
        let answer = self.invoke("poll", &json!({"only": "due"})).await;
        let own = answer["connections"].as_array().expect("a list").len();
        let sent = answer["sent"].as_u64().expect("a count");
        (own, usize::try_from(sent).expect("a count"))
    }

    /// Waits until every connection was polled once; returns the most workers seen.
    async fn all_polled(&self, due: Timestamp) -> usize {
        let mut most = 0;
        loop {
            most = most.max(workers(STACK, "poll"));
            let schedules = self.stack.items("schedule").await.expect("schedules");
            assert_eq!(schedules.len(), COUNT);
            let polled: Vec<Timestamp> = schedules
                .iter()
                .filter_map(|one| one["polled"].as_str()?.parse().ok())
                .collect();
            if polled.len() == COUNT {
                let last = polled.iter().max().expect("a time");
                assert!(last.duration_since(due) < EVERY, "{last}, due {due}");
                let failing = schedules.iter().filter(|one| one["failing"].is_string());
                assert_eq!(failing.collect::<Vec<_>>(), Vec::<&Value>::new());
                return most;
            }
            let waiting = COUNT - polled.len();
            assert!(
                Timestamp::now().duration_since(due) < EVERY,
                "{waiting} are not polled within their interval"
            );
            tokio::time::sleep(LOOK_PAUSE).await;
        }
    }

    /// How many of the documents Concur was told of.
    fn confirmed(&self, offered: &[Vec<String>]) -> usize {
        let of = |(twin, ids): (&ConcurTwin, &Vec<String>)| {
            ids.iter().filter(|id| twin.told(id).is_some()).count()
        };
        self.busy.iter().zip(offered).map(of).sum()
    }
}

fn calls(twin: &ConcurTwin, kind: &str) -> usize {
    let count = twin.calls().get(kind).copied().unwrap_or_default();
    usize::try_from(count).expect("a count")
}

#[tokio::test]
async fn a_thousand_connections_are_polled_within_their_interval() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let world = World::start().await;
    let began = Instant::now();
    world.set_up_all().await;
    let set_up = began.elapsed();
    let offered = world.offer();

    let (began, due) = (Instant::now(), Timestamp::now());
    assert_eq!(world.tick().await, (OWN, COUNT - OWN));
    // A second one finds nothing to do, though most messages are still under way.
    assert_eq!(world.tick().await, (0, 0));
    let workers = world.all_polled(due).await;
    let (polled, confirmed) = (began.elapsed(), world.confirmed(&offered));
    assert_eq!(world.tick().await, (0, 0));
    // Once each, and no connection needed a token of its own.
    assert_eq!(calls(&world.quiet, "list"), COUNT - BUSY);
    let grants = calls(&world.quiet, "token.password") + calls(&world.quiet, "token.refresh");
    assert_eq!(grants, 1);
    while world.confirmed(&offered) < BUSY * DOCUMENTS {
        assert!(began.elapsed() < CONFIRMED_MAX, "some are never confirmed");
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    assert_eq!(world.acumatica.bills().len(), BUSY * DOCUMENTS);

    let rate = u128::try_from(COUNT).expect("a count") * 1_000 / polled.as_millis();
    println!(
        "{COUNT} connections: set up in {:.1} s, all polled in {:.1} s by {workers} workers, {rate} a second; \
         of {} documents of {BUSY} of them {confirmed} were confirmed by then, all after {:.1} s",
        set_up.as_secs_f64(),
        polled.as_secs_f64(),
        BUSY * DOCUMENTS,
        began.elapsed().as_secs_f64()
    );
}
