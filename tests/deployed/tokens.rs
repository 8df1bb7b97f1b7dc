//! Tokens on the deployed stack: many real processes that need one at once, through the lease in the table and the secret,
//! cause one grant.

use std::{cell::Cell, time::Duration};

use e2e::{
    demo,
    stack::{Place, Stack},
    twins::{
        acumatica,
        concur::{ConcurTwin, Options},
        faults::Fault,
    },
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{ONE_AT_A_TIME, workers};

const STACK: &str = "tokens";
const CONNECTION: &str = "demo";
/// Another one of the same company, whose tokens it takes over: no process has seen them as its own.
const BEFORE: &str = "before";
/// Workers that need a token at once: each is asked in a process of its own, as all are asked before one can answer.
const WORKERS: usize = 50;
/// Of those, `connect`, which reads the tokens and asks Concur for no documents.
const KEEPERS: usize = 10;
/// Of those, how many must at least have been at it before the first one had its answer. A slow machine starts the last ones
/// after the grant; on two idle cores it is all of them.
const AT_ONCE_MIN: usize = 25;
/// How long Concur takes for a grant: half of the time that the others wait for one.
const GRANT_TIME: Duration = Duration::from_millis(2_500);
/// Pause between two looks at the processes.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

struct World {
    stack: Stack,
    concur: ConcurTwin,
}

/// What became of many that needed a token at once.
struct Race {
    /// Processes at work before the first had its answer.
    at_once: usize,
    /// Those that gave their work back, because the token was not there in time.
    given_back: usize,
}

impl World {
    /// A connection whose access token has ended, and no process that knows a better one.
    async fn idle() -> Self {
        let concur = ConcurTwin::start(Options::default()).await;
        let parameters = [("ScheduleExpression", "rate(1 day)")];
        let stack = Stack::start(&Place::new(STACK), &parameters).await;
        let world = Self {
            concur: concur.expect("a free port"),
            stack: stack.expect("a stack"),
        };
        world.apply(BEFORE).await;
        let kept = world.invoke("connect", &keep(BEFORE)).await;
        assert_eq!(kept["connections"][0]["ok"], true, "{kept:#}");
        world.apply(CONNECTION).await;
        let mut tokens = world.tokens(BEFORE).await;
        tokens["ends"] = json!(Timestamp::now() - SignedDuration::from_mins(1));
        world.put(CONNECTION, "concur-tokens", &tokens).await;
        world
    }

    async fn apply(&self, id: &str) {
        let options = self.concur.options();
        let secret = options.secret();
        self.put(id, "concur", &secret).await;
        let options = acumatica::Options::default();
        let secret = options.secret();
        self.put(id, "acumatica", &secret).await;
        let mut connection = demo::connection(self.concur.token_url(), "http://127.0.0.1:9");
        connection["id"] = json!(id);
        connection["documents"] = json!(["expense"]);
        let apply = json!({"action": "apply", "connection": connection});
        let applied = self.invoke("connect", &apply).await;
        assert_eq!(applied["applied"], true, "{applied:#}");
    }

    async fn put(&self, id: &str, name: &str, secret: &Value) {
        let name = format!("{id}/{name}");
        let put = self.stack.put_secret(&name, secret).await;
        put.expect("a secret");
    }

    async fn tokens(&self, id: &str) -> Value {
        let name = format!("{id}/concur-tokens");
        let tokens = self.stack.secret(&name).await.expect("an answer");
        tokens.expect("tokens")
    }

    async fn invoke(&self, function: &str, event: &Value) -> Value {
        let answer = self.stack.invoke(function, event).await;
        answer.expect("an answer")
    }

    fn calls(&self, kind: &str) -> usize {
        let calls = self.concur.calls();
        usize::try_from(calls.get(kind).copied().unwrap_or_default()).expect("a count")
    }

    /// So many of `connect`, the others of `poll`, all at once while a grant takes its time.
    async fn race(&self, keepers: usize) -> Race {
        self.concur.next("token.refresh", Fault::Delay(GRANT_TIME));
        let answered = Cell::new(0_usize);
        let ask = async |n: usize| {
            let answer = if n < keepers {
                self.invoke("connect", &keep(CONNECTION)).await
            } else {
                let everything = json!({"connection": CONNECTION});
                self.invoke("poll", &everything).await
            };
            answered.set(answered.get() + 1);
            answer
        };
        let calls = (0..WORKERS).map(ask);
        let watch = async {
            let mut at_once = 0;
            while answered.get() < WORKERS {
                let running = workers(STACK, "poll") + workers(STACK, "connect");
                // Until here each has one invocation, and none has ended.
                if answered.get() == 0 {
                    at_once = running;
                }
                tokio::time::sleep(LOOK_PAUSE).await;
            }
            at_once
        };
        let (answers, at_once) = tokio::join!(join_all(calls), watch);
        let given_back = answers.iter().filter(|answer| !succeeded(answer)).count();
        Race {
            at_once,
            given_back,
        }
    }

    /// How often tokens were stored.
    async fn writes(&self) -> usize {
        let tokens = self.tokens(CONNECTION).await;
        tokens["writes"].as_array().expect("times").len()
    }
}

fn keep(id: &str) -> Value {
    json!({"action": "keep", "connection": id})
}

/// Whether a worker had its token and did its work; the only other answer is that another one is at it, which is no failure.
fn succeeded(answer: &Value) -> bool {
    let is_busy = answer.to_string().contains("is refreshing the token");
    let is_done = answer["connections"]
        .as_array()
        .expect("connections")
        .iter()
        .all(|one| one["errors"] == json!([]) || one["ok"] == json!(true));
    assert!(is_done != is_busy, "{answer:#}");
    is_done
}

#[tokio::test]
async fn fifty_processes_that_need_a_token_at_once_cause_one_grant() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let world = World::idle().await;

    // Its time is over, and every process finds that out in the secret.
    let race = world.race(KEEPERS).await;
    assert_eq!(world.calls("token.refresh"), 1);
    assert_eq!(world.writes().await, 2);
    println!(
        "token ended: {WORKERS} workers, {} processes at once, 1 grant, {} gave their work back",
        race.at_once, race.given_back
    );
    assert!(race.at_once >= AT_ONCE_MIN);

    // Concur refuses it in mid-call: each process has it, finds out by itself, and repeats its call once.
    let listed = world.calls("list");
    world.concur.expire_access_tokens();
    let race = world.race(0).await;
    assert_eq!(world.calls("token.refresh"), 2);
    assert_eq!(world.writes().await, 3);
    let refused = world.calls("list") - listed - (WORKERS - race.given_back);
    println!(
        "token refused: {WORKERS} workers, {refused} of them refused, 1 grant, {} gave their work back",
        race.given_back
    );
    assert!((AT_ONCE_MIN..=WORKERS).contains(&refused));

    // What was given back is done when it is asked for again, with the token that is there.
    let again = json!({"connection": CONNECTION});
    assert!(succeeded(&world.invoke("poll", &again).await));
    assert_eq!(world.calls("token.password"), 1);
    assert_eq!(world.calls("token.refresh"), 2);
}
