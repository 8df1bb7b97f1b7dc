//! `post`: carries documents on from whatever state they are in. Read, plan, store plan, intent and claim in one write,
//! search, write, store the receipt, confirm. The record is the truth: a wake only says that looking is worth while.
//!
//! The steps in their order: [`load`], `acknowledge`, `turn`, `plan`, `check`, `begin`, `settle` (with `search`, `judge` and
//! `write`), `withdraw`, `release`, `confirm`; `job` is one document on its way, `outside` every write to the other systems.

mod acknowledge;
pub(crate) mod anchor;
mod begin;
mod check;
mod confirm;
mod dead;
mod job;
mod judge;
mod load;
mod number;
mod outside;
mod place;
mod plan;
mod portions;
mod refusal;
mod release;
pub(crate) mod search;
mod settle;
mod setup;
mod turn;
mod withdraw;
mod write;

use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use posting::{ConnectionId, DocumentId};

use crate::connection::Connection;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Ledger, Queue, Vault, WAKE_DELAY_MAX, Wake};
pub(crate) use begin::confirm_after;
pub(crate) use begin::normalised;
use dead::Gates;
use job::Job;
pub(crate) use number::{kept, stands_for_other};
pub(crate) use release::is_released;

/// What a run of `post` did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Messages to deliver again: only where the platform failed before anything could be noted in the record.
    pub again: Vec<String>,
    /// Documents that wait for a person since this run.
    pub held: usize,
    /// Sides of connections that do not answer and are left alone for a while.
    pub silent: usize,
}

/// One connection's documents in one run. They share a token, a seat, a search for each entity and a confirmation for each
/// kind of document.
struct Batch<'a, L, Q, V, C> {
    needs: &'a Needs<L, Q, V, C>,
    run: &'a Run,
    connection: Rc<Connection>,
    /// Whether each side may be called, once it was asked.
    gates: Gates,
}

/// Runs `post` for some wakes, each with the id of its message. Connections run side by side, and no document can hurt
/// another.
pub async fn post<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    wakes: Vec<(String, Wake)>,
) -> Outcome {
    let mut connections: BTreeMap<ConnectionId, Woken> = BTreeMap::new();
    for (message, wake) in wakes {
        let woken = connections.entry(wake.connection).or_default();
        woken.entry(wake.document).or_default().push(message);
    }
    let runs = connections
        .into_iter()
        .map(|(id, woken)| one_connection(needs, run, id, woken));
    let mut outcome = Outcome::default();
    for part in join_all(runs).await {
        outcome.again.extend(part.again);
        outcome.held = outcome.held.saturating_add(part.held);
        outcome.silent = outcome.silent.saturating_add(part.silent);
    }
    outcome
}

/// Documents with the messages that woke them.
type Woken = BTreeMap<DocumentId, Vec<String>>;

async fn one_connection<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    id: ConnectionId,
    woken: Woken,
) -> Outcome {
    let mut silent = 0;
    let mut jobs = match load::connection(needs, &id).await {
        load::Found::Usable(connection) => {
            let batch = Batch {
                needs,
                run,
                connection,
                gates: Gates::default(),
            };
            let mut jobs = batch.load(woken).await;
            jobs.all = batch.carry_on(jobs.all).await;
            silent = batch.tell_circuits().await;
            jobs
        }
        load::Found::Unusable(reason) => load::fail_all(needs, (&id, run), woken, &reason).await,
        load::Found::Unavailable => load::Jobs {
            unread: woken.into_values().flatten().collect(),
            ..load::Jobs::default()
        },
    };
    wake_again(needs, &jobs.all).await;
    let mut again = jobs.unread;
    again.extend(jobs.all.iter_mut().flat_map(Job::take_messages));
    Outcome {
        again,
        held: jobs.all.iter().filter(|job| job.was_held()).count(),
        silent,
    }
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Batch<'_, L, Q, V, C> {
    /// All documents together; those that ended a worker before run alone, last, so that they take no other with them.
    async fn carry_on(&self, jobs: Vec<Job>) -> Vec<Job> {
        let (alone, mut together): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(Job::ended_workers);
        self.steps(&mut together).await;
        for job in alone {
            let mut one = vec![job];
            self.steps(&mut one).await;
            together.append(&mut one);
        }
        together
    }

    async fn steps(&self, jobs: &mut [Job]) {
        if jobs.is_empty() {
            return;
        }
        // Each step is a deep future of its own; boxed, the run's stays small.
        Box::pin(self.acknowledge(jobs)).await;
        self.turns(jobs).await;
        let mut known = Box::pin(self.know(jobs)).await;
        Box::pin(self.plan(jobs, &mut known)).await;
        Box::pin(self.check(jobs, &mut known)).await;
        Box::pin(self.ask_before_withdrawing(jobs)).await;
        Box::pin(self.settle_all(jobs)).await;
        self.learn_refusals(jobs, &mut known);
        self.needs.keep(known).await;
        Box::pin(self.confirm(jobs)).await;
    }
}

/// A parked record that is due within the queue's longest delay gets a wake of its own; the sweep finds the others.
async fn wake_again<L: Ledger, Q: Queue, V, C: Clock>(needs: &Needs<L, Q, V, C>, jobs: &[Job]) {
    let now = needs.now();
    let wakes: Vec<_> = jobs
        .iter()
        .filter(|job| job.was_parked())
        .map(|job| (job.wake(), job.record.due.duration_since(now)))
        .filter(|(_, delay)| *delay <= WAKE_DELAY_MAX)
        .map(|(wake, delay)| (wake, delay.max(SignedDuration::from_secs(1))))
        .collect();
    if !wakes.is_empty()
        && let Err(error) = needs.queue.wake(&wakes).await
    {
        tracing::warn!(%error, "wakes not sent; the sweep finds the records");
    }
}
