//! The tick of the schedule and the `fetch` queue: which connections are due, who polls each, and when it is next. Where a
//! schedule stands is written on the version read, so that of two ticks, or of two deliveries of one message, one does the
//! work; and one connection is polled by one worker at a time, whatever it offers or fails at.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;

use super::answer::{Answer, ConnectionAnswer};
use super::request::{Asked, Request};
use super::{CONNECTIONS_AT_A_TIME, Poll, Trigger};
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Fetch, Ledger, Polling, PortError, Queue, SaveError, Vault};
use crate::schedule::Schedule;

/// Connections a tick polls itself, side by side; the others go to the `fetch` queue, where as many go to one worker.
const SHARE_MAX: usize = CONNECTIONS_AT_A_TIME;
/// Schedules noted at a time, and messages sent together: what a tick that is killed delays.
const SENDS_AT_A_TIME: usize = 50;
/// So long a message for a connection may be under way before the schedule counts it as lost.
const FETCH_LOST_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// A connection that fails for so long is told by an alarm.
const UNREACHED_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// What became of a batch of the `fetch` queue.
#[derive(Debug)]
pub struct Fetched {
    /// Messages to deliver again: only where the platform failed before the connection could be looked at.
    pub again: Vec<String>,
    /// What the run did.
    pub answer: Answer,
}

/// Finds what is due, hands out what is more than this worker's share, and polls the share.
pub(super) async fn tick<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
) -> Result<Answer, PortError> {
    let now = needs.now();
    let mut due = needs.ledger.pollings().await?;
    due.retain(|polling| polling.due <= now);
    due.sort_by(|one, other| (one.due, &one.connection).cmp(&(other.due, &other.connection)));
    let others = due.split_off(due.len().min(SHARE_MAX));
    let sent = hand_out(needs, run, others).await;
    let request = Request::default();
    let poll = Poll::new(needs, run, &request, Trigger::Schedule);
    let turns = due.into_iter().map(|polling| poll.turn(polling));
    let answers = join_all(turns).await.into_iter().flatten().collect();
    Ok(Answer {
        sent,
        ..Answer::of(answers)
    })
}

/// Polls what a batch of messages asks for. Connections run side by side, those of one connection one after another. May be
/// repeated: a doubled message finds its work done or under way.
pub async fn fetch<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    asked: Vec<Asked>,
) -> Fetched {
    let mut connections: BTreeMap<ConnectionId, Vec<Asked>> = BTreeMap::new();
    for one in asked {
        let id = one.fetch.connection.clone();
        connections.entry(id).or_default().push(one);
    }
    let runs = connections
        .into_iter()
        .map(|(id, asked)| one_connection(needs, run, id, asked));
    let (mut again, mut answers) = (Vec::new(), Vec::new());
    for (messages, answer) in join_all(runs).await {
        again.extend(messages);
        answers.extend(answer);
    }
    Fetched {
        again,
        answer: Answer::of(answers),
    }
}

/// The messages to deliver again, and what was done.
async fn one_connection<L: Ledger, Q: Queue, V: Vault, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    id: ConnectionId,
    asked: Vec<Asked>,
) -> (Vec<String>, Vec<ConnectionAnswer>) {
    let (whole, parts): (Vec<_>, Vec<_>) = asked.into_iter().partition(|one| one.fetch.is_whole());
    let everything = Request::default();
    let poll = Poll::new(needs, run, &everything, Trigger::Schedule);
    let mut answers = Vec::new();
    if !whole.is_empty() {
        match needs.ledger.polling(&id).await {
            Ok(Some(polling)) if is_open(&polling, &whole, needs.now()) => {
                answers.extend(poll.turn(polling).await);
            }
            // Somebody is at it, or was since; or the connection is none of this stack.
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(connection = %id, %error, "schedule not read");
                return (all_of(whole, parts), answers);
            }
        }
    }
    let mut left = parts.into_iter();
    while let Some(part) = left.next() {
        if answers.iter().any(|answer| answer.silent) {
            // What is ready stays on Concur's list, where the next poll finds it.
            break;
        }
        let request = Request::of(&part.fetch);
        let poll = Poll::new(needs, run, &request, Trigger::Schedule);
        match poll.named(&id).await {
            Ok(answer) => answers.extend(answer),
            Err(error) => {
                tracing::warn!(connection = %id, %error, "connection not read");
                return (all_of(vec![part], left.collect()), answers);
            }
        }
    }
    (Vec::new(), answers)
}

fn all_of(some: Vec<Asked>, others: Vec<Asked>) -> Vec<String> {
    let all = some.into_iter().chain(others);
    all.map(|one| one.message).collect()
}

/// Whether a message still has something to do: nobody polls the connection, and nobody did since the message was sent.
fn is_open(polling: &Polling, asked: &[Asked], now: Timestamp) -> bool {
    let done = |one: &Asked| {
        one.sent
            .zip(polling.polled)
            .is_some_and(|(sent, polled)| polled >= sent)
    };
    !polling.is_held(now) && !asked.iter().all(done)
}

/// Notes that a message for each is under way and sends it; how many were sent.
async fn hand_out<L: Ledger, Q: Queue, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    due: Vec<Polling>,
) -> usize {
    let mut sent = 0_usize;
    for some in due.chunks(SENDS_AT_A_TIME) {
        let now = needs.now();
        // What is due and not handed out is due at the next tick.
        if run.left(now) < needs.deployment.poll_margin {
            break;
        }
        let lost = now.checked_add(FETCH_LOST_AFTER).unwrap_or(Timestamp::MAX);
        let notes = some.iter().map(|polling| async move {
            let under_way = Polling {
                due: lost,
                holder: None,
                ..polling.clone()
            };
            let noted = needs.ledger.put_polling(&under_way).await;
            if let Err(SaveError::Port(error)) = &noted {
                tracing::warn!(connection = %polling.connection, %error, "schedule not noted");
            }
            noted.is_ok().then(|| Fetch::all(&polling.connection))
        });
        let fetches: Vec<_> = join_all(notes).await.into_iter().flatten().collect();
        match needs.queue.fetch(&fetches).await {
            Ok(()) => sent = sent.saturating_add(fetches.len()),
            Err(error) => {
                tracing::warn!(%error, "connections not handed out; they are due again in some minutes");
            }
        }
    }
    sent
}

impl<L: Ledger, Q: Queue, V: Vault, C: Clock> Poll<'_, L, Q, V, C> {
    /// Polls a connection for its schedule; `None` when another worker does.
    async fn turn(&self, polling: Polling) -> Option<ConnectionAnswer> {
        let began = self.needs.now();
        let margin = self.needs.deployment.clocks.claim_margin;
        let held = Polling {
            due: self
                .run
                .deadline
                .checked_add(margin)
                .unwrap_or(Timestamp::MAX),
            holder: Some(self.run.worker.clone()),
            ..polling
        };
        if let Err(error) = self.needs.ledger.put_polling(&held).await {
            if let SaveError::Port(error) = error {
                tracing::warn!(connection = %held.connection, %error, "schedule not noted");
            }
            return None;
        }
        self.learn(&held.connection, &held.limits);
        let mut answer = self.named(&held.connection).await.unwrap_or_else(|error| {
            let mut answer = ConnectionAnswer::new(&held.connection);
            answer.fail("read the connection", &error, "The next run does it.");
            Some(answer)
        })?;
        self.end(&held, &mut answer, began).await;
        Some(answer)
    }

    /// Notes when the connection is next; at once, at the back of the queue, when it has more than one run's work.
    async fn end(&self, held: &Polling, answer: &mut ConnectionAnswer, began: Timestamp) {
        let now = self.needs.now();
        let goes_on = !answer.left.is_empty() && answer.took_any() && !answer.silent;
        let due = if goes_on {
            now.checked_add(FETCH_LOST_AFTER).unwrap_or(Timestamp::MAX)
        } else {
            answer.next.unwrap_or_else(|| {
                // Its rules cannot be read, so its schedule cannot either.
                Schedule::default().next(&held.connection, now)
            })
        };
        let failing = match (answer.errors.is_empty(), held.failing) {
            (true, _) => None,
            (false, since) => Some(since.unwrap_or(began)),
        };
        answer.unreached =
            failing.is_some_and(|since| now.duration_since(since) >= UNREACHED_AFTER);
        let next = Polling {
            connection: held.connection.clone(),
            version: held.version.saturating_add(1),
            due,
            holder: None,
            polled: Some(began),
            failing,
            limits: self.learned(&held.connection),
        };
        match self.needs.ledger.put_polling(&next).await {
            Ok(()) if goes_on => {
                let more = Fetch::all(&held.connection);
                if let Err(error) = self.needs.queue.fetch(&[more]).await {
                    tracing::warn!(connection = %held.connection, %error, "the rest is taken in some minutes");
                }
            }
            // A new version of the connection was applied meanwhile, and is due.
            Ok(()) | Err(SaveError::Conflict | SaveError::Taken { .. }) => {}
            Err(SaveError::Port(error)) => {
                tracing::warn!(connection = %held.connection, %error, "schedule not noted; it is due when this run is over");
            }
        }
    }
}
