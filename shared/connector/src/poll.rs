//! `poll`: fetches what Concur offers, stores it durably, acknowledges it page by page and wakes `post`; then wakes what is
//! due. A connection that fails never stops the others. When which connection is asked, and by whom, is [`due`]'s part.

mod answer;
mod business;
mod dry;
mod due;
mod limit;
mod page;
mod request;
mod take;

use std::rc::Rc;

use futures_util::StreamExt;
use posting::{ConnectionId, record::List};

use crate::connection::Connection;
use crate::explain::ANSWER_BYTES_MAX;
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Key, Ledger, PortError, Queue, Standing, StoredConnection, Vault, Wake};
use crate::report::{self, Failure};
use crate::schedule::Resting;
use crate::tokens::ConcurError;
pub use answer::{Answer, ConnectionAnswer};
pub use due::{Fetched, fetch};
use page::RoundError;
pub use request::{Asked, BUSINESS_IDS_MAX, Only, Request};

/// Connections worked on at a time: side by side, so that one that is slow delays none of them.
const CONNECTIONS_AT_A_TIME: usize = 10;
/// Records one run wakes for one connection; the next run wakes the next.
const SWEEP_MAX: usize = 500;
/// Held documents shown for one connection, and in a whole answer: one of a function may have 6 MB.
const HELD_MAX: usize = 100;
const HELD_OF_ALL_MAX: usize = 2_000;

/// Why a connection is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A person wants it now, whatever the hour.
    Person,
    /// Its schedule, or a message.
    Schedule,
}

/// One run of `poll`.
pub(crate) struct Poll<'a, L, Q, V, C> {
    needs: &'a Needs<L, Q, V, C>,
    run: &'a Run,
    request: &'a Request,
    trigger: Trigger,
    /// Bytes of plans that each connection may show in a dry run.
    room: usize,
    /// Held documents that each connection shows at most.
    held: usize,
}

/// Runs `poll`. May be repeated at any time: what is stored is found again, what is acknowledged stays so.
///
/// # Errors
/// [`PortError`] when not even the connections can be read; everything else is told per connection in the answer.
pub async fn poll<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    request: &Request,
) -> Result<Answer, PortError> {
    if request.is_tick() {
        return Box::pin(due::tick(needs, run)).await;
    }
    let mut poll = Poll::new(needs, run, request, Trigger::Person);
    if let Some(id) = &request.connection {
        let answer = poll.named(id).await?;
        let answer = answer.unwrap_or_else(|| ConnectionAnswer::missing(id));
        return Ok(Answer::of(vec![answer]));
    }
    let wanted = needs.ledger.connections().await?;
    poll.room = ANSWER_BYTES_MAX.checked_div(wanted.len()).unwrap_or(0);
    poll.held = held_of(wanted.len());
    let answers = futures_util::stream::iter(&wanted)
        .map(|stored| poll.connection(stored))
        .buffer_unordered(CONNECTIONS_AT_A_TIME)
        .collect()
        .await;
    Ok(Answer::of(answers))
}

impl<'a, L: Ledger, Q: Queue, V: Vault, C: Clock> Poll<'a, L, Q, V, C> {
    fn new(
        needs: &'a Needs<L, Q, V, C>,
        run: &'a Run,
        request: &'a Request,
        trigger: Trigger,
    ) -> Self {
        Self {
            needs,
            run,
            request,
            trigger,
            room: ANSWER_BYTES_MAX,
            held: HELD_MAX,
        }
    }

    /// One connection by its id; `None` when it is not in force.
    async fn named(&self, id: &ConnectionId) -> Result<Option<ConnectionAnswer>, PortError> {
        let stored = self.needs.ledger.connection(id).await?;
        match stored.filter(|stored| stored.standing == Standing::Applied) {
            Some(stored) => Ok(Some(self.connection(&stored).await)),
            None => Ok(None),
        }
    }

    async fn connection(&self, stored: &StoredConnection) -> ConnectionAnswer {
        let mut answer = ConnectionAnswer::new(&stored.id);
        if self.run.left(self.needs.now()) < self.needs.deployment.poll_margin {
            answer.left.push("everything: no time was left".to_owned());
            return answer;
        }
        match self.needs.compiled(stored) {
            Ok(connection) => self.take_new(&connection, &mut answer).await,
            Err(error) => answer.errors.push(Failure::new(
                "read the connection",
                &error,
                "Apply the connection again; the faults name its fields.",
            )),
        }
        if !self.request.dry_run
            && let Err(error) = self.sweep(&stored.id, &mut answer).await
        {
            answer.errors.push(Failure::new(
                "wake what is due",
                &error,
                "The next run does it.",
            ));
        }
        if let Err(error) = self.held(&stored.id, &mut answer).await {
            answer
                .errors
                .push(Failure::new("list what is held", &error, "Ask again."));
        }
        for failure in &answer.errors {
            tracing::warn!(connection = %stored.id, step = failure.step, message = failure.message, "poll failed in part");
        }
        answer
    }

    /// New documents, unless the schedule lets them wait with Concur.
    async fn take_new(&self, connection: &Rc<Connection>, answer: &mut ConnectionAnswer) {
        let now = self.needs.now();
        let schedule = &connection.schedule;
        answer.resting = schedule
            .resting(now, &connection.rules.time_zone)
            .filter(|resting| self.heeds(*resting));
        if answer.resting.is_none() {
            self.kinds(connection, answer).await;
        }
        answer.next = Some(schedule.next(&connection.id, self.needs.now()));
    }

    /// A pause holds for everybody, the hours for the schedule; a dry run takes nothing, so nothing keeps it.
    fn heeds(&self, resting: Resting) -> bool {
        let wants_now = resting == Resting::OutsideHours && self.trigger == Trigger::Person;
        !self.request.dry_run && !wants_now
    }

    async fn kinds(&self, connection: &Rc<Connection>, answer: &mut ConnectionAnswer) {
        for kind in self.in_turn(connection) {
            let done = if self.is_named() {
                self.by_business_ids(connection, kind, answer).await
            } else {
                self.round(connection, kind, answer).await
            };
            if let Err(error) = done {
                let cure = error.cure();
                answer
                    .errors
                    .push(Failure::new(format!("fetch {kind}"), &error, cure));
                if error.is_silence() {
                    // Every further call could cost as long, and the worker has other connections.
                    if !self.is_named() {
                        self.went_silent(&connection.id, kind, &error);
                    }
                    answer.silent = true;
                    return;
                }
                if matches!(error, RoundError::Concur(ConcurError::Token(_))) {
                    // Without a token no other kind can be fetched, and asking again could look like an attack.
                    return;
                }
            }
        }
    }

    /// Wakes every open record that is due, whatever became of its own wake.
    async fn sweep(
        &self,
        id: &ConnectionId,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), PortError> {
        let now = self.needs.now();
        let ledger = &self.needs.ledger;
        let due = ledger.work(id, List::Open, Some(now), SWEEP_MAX).await?;
        let wakes: Vec<_> = due
            .into_iter()
            .map(|(document, _)| Wake {
                connection: id.clone(),
                document,
            })
            .map(|wake| (wake, jiff::SignedDuration::ZERO))
            .collect();
        if !wakes.is_empty() {
            self.needs.queue.wake(&wakes).await?;
        }
        answer.swept = wakes.len();
        Ok(())
    }

    async fn held(
        &self,
        id: &ConnectionId,
        answer: &mut ConnectionAnswer,
    ) -> Result<(), PortError> {
        let ledger = &self.needs.ledger;
        let listed = ledger.work(id, List::Held, None, self.held).await?;
        let keys: Vec<_> = listed
            .into_iter()
            .map(|(document, _)| Key {
                connection: id.clone(),
                document,
            })
            .collect();
        if keys.is_empty() {
            return Ok(());
        }
        let records = ledger.records(&keys).await?;
        let held = records.iter().filter(|record| record.list() == List::Held);
        answer.held = held.map(report::row).collect();
        Ok(())
    }
}

/// Held documents each of so many connections shows; one of each at least, as the alarm counts them.
fn held_of(connections: usize) -> usize {
    let share = HELD_OF_ALL_MAX.checked_div(connections);
    share.unwrap_or(HELD_MAX).clamp(1, HELD_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_about_a_thousand_connections_stays_small() {
        assert_eq!(
            [0, 1, 20, 100, 1_000, 5_000].map(held_of),
            [100, 100, 100, 20, 2, 1]
        );
    }
}
