//! The workers: processes that are invoked, end at any await, and are started anew.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use connector::clocks::Clocks;
use connector::{Deployment, Kept, Needs, Run, Stage, connect, poll, post, replay};
use jiff::SignedDuration;

use crate::air::Life;
use crate::mutants;
use crate::network;
use crate::ports::{Platform, Shared};
use crate::queue::Message;

/// Longest run of one invocation.
const INVOCATION: Duration = Duration::from_mins(5);
/// Clocks of two workers differ by at most twice this, which the claims allow for.
const SKEW_MS_MAX: u64 = 4_000;

type Everything = Needs<Platform, Platform, Platform, Platform>;

/// One process: it lives over many invocations, until it ends in the middle of one.
pub(crate) struct Process {
    shared: Rc<Shared>,
    name: String,
    number: Cell<u32>,
    runs: Cell<u32>,
    needs: Everything,
    life: Arc<Life>,
}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum End<T> {
    /// With an answer.
    Answered(T),
    /// In the middle: the process is another one now.
    Died,
}

impl Process {
    pub(crate) fn start(shared: &Rc<Shared>, name: &str) -> Self {
        let (needs, life) = begin(shared, name.to_owned());
        Self {
            shared: Rc::clone(shared),
            name: name.to_owned(),
            number: Cell::new(1),
            runs: Cell::new(0),
            needs,
            life,
        }
    }

    fn run(&self) -> Run {
        self.runs.set(self.runs.get() + 1);
        let deadline = self
            .shared
            .now()
            .checked_add(SignedDuration::try_from(INVOCATION).unwrap_or_default());
        Run {
            worker: format!("{}-{}-{}", self.name, self.number.get(), self.runs.get()),
            deadline: deadline.unwrap_or_default(),
        }
    }

    /// Invokes `poll`.
    pub(crate) async fn poll(&mut self) -> bool {
        let run = self.run();
        let request = poll::Request::default();
        let ended = {
            let answer = Box::pin(poll::poll(&self.needs, &run, &request));
            ends(&self.shared, &self.life, answer).await
        };
        match ended {
            End::Answered(_) => true,
            End::Died => {
                self.again();
                false
            }
        }
    }

    /// Invokes `post` for some messages; those that are done leave the queue.
    pub(crate) async fn post(&mut self, batch: &[Message]) -> bool {
        let run = self.run();
        let wakes = batch
            .iter()
            .map(|message| (message.id.to_string(), message.wake.clone()))
            .collect();
        let ended = {
            let answer = Box::pin(post::post(&self.needs, &run, wakes));
            ends(&self.shared, &self.life, answer).await
        };
        match ended {
            End::Answered(outcome) => {
                let done: Vec<u64> = batch
                    .iter()
                    .map(|message| message.id)
                    .filter(|id| !outcome.again.contains(&id.to_string()))
                    .collect();
                self.shared.messages.done(&done);
                true
            }
            End::Died => {
                self.again();
                false
            }
        }
    }

    /// Invokes `connect`; whether it answered what was wanted is seen in the ledger.
    pub(crate) async fn connect(&mut self, event: serde_json::Value) -> Option<serde_json::Value> {
        let run = self.run();
        let request = serde_json::from_value(event).ok()?;
        let ended = {
            let answer = Box::pin(connect::connect(&self.needs, &run, request));
            ends(&self.shared, &self.life, answer).await
        };
        match ended {
            End::Answered(Ok(answer)) => serde_json::to_value(answer).ok(),
            End::Answered(Err(error)) => {
                self.shared
                    .air
                    .event(format_args!("connect failed: {error:?}"));
                None
            }
            End::Died => {
                self.again();
                None
            }
        }
    }

    /// Invokes `replay`.
    pub(crate) async fn replay(&mut self, event: serde_json::Value) -> Option<serde_json::Value> {
        let run = self.run();
        let request = serde_json::from_value(event).ok()?;
        let ended = {
            let answer = Box::pin(replay::replay(&self.needs, &run, &request));
            ends(&self.shared, &self.life, answer).await
        };
        match ended {
            End::Answered(answer) => serde_json::to_value(answer.ok()?).ok(),
            End::Died => {
                self.again();
                None
            }
        }
    }

    /// Invokes `replay` for a dry run, which must not change anything.
    pub(crate) async fn only_look(
        &mut self,
        event: serde_json::Value,
    ) -> Option<serde_json::Value> {
        self.life.look_only(true);
        let answer = self
            .replay(mutants::looked_at(&self.shared.air, event))
            .await;
        self.life.look_only(false);
        answer
    }

    /// Another process takes its place: nothing it kept is left.
    fn again(&mut self) {
        self.number.set(self.number.get() + 1);
        let name = format!("{}.{}", self.name, self.number.get());
        self.shared.air.event(format_args!("{name} starts"));
        let (needs, life) = begin(&self.shared, name);
        self.needs = needs;
        self.life = life;
    }
}

fn begin(shared: &Rc<Shared>, name: String) -> (Everything, Arc<Life>) {
    let life = Life::new(name);
    let skew = shared.air.chaos().skew(SKEW_MS_MAX);
    let (concur, acumatica) = network::ways(&shared.air, &life, skew);
    let platform = Platform {
        shared: Rc::clone(shared),
        life: Arc::clone(&life),
        skew: SignedDuration::from_millis(skew),
    };
    let needs = Needs {
        ledger: platform.clone(),
        queue: platform.clone(),
        vault: platform.clone(),
        clock: platform,
        concur,
        acumatica,
        deployment: Deployment {
            stack: "sim".to_owned(),
            stage: Stage::Local,
            clocks: Clocks::default(),
            poll_margin: SignedDuration::from_secs(60),
        },
        kept: Kept::default(),
    };
    (needs, life)
}

/// Runs an invocation to its end, its death, or the platform's limit.
async fn ends<T>(shared: &Shared, life: &Life, answer: impl Future<Output = T>) -> End<T> {
    tokio::select! {
        biased;
        () = life.over() => {}
        answer = answer => return End::Answered(answer),
        () = tokio::time::sleep(INVOCATION) => shared.air.chaos().note("invocation over its time"),
    }
    shared.air.event(format_args!("{} ends", life.name));
    End::Died
}
