//! What crashed its workers is woken again: received from the dead-letter queue, woken, deleted, in that order, so that a
//! message is at worst woken twice. The records themselves wait for nothing of it: the sweep finds them without.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Serialize;

use super::{Answer, MARGIN, ReplayError, Request};
use crate::needs::{Needs, Run};
use crate::ports::{Clock, Dead, DeadLetter, DeadLetters, PortError, Queue};
use crate::report::Failure;

/// Messages one call wakes.
const REDRIVEN_MAX: usize = 1_000;

/// What became of one dead-letter queue.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redriven {
    /// Messages that waited, as the queue counts them: about.
    pub waiting: usize,
    /// Woken and deleted.
    pub woken: usize,
    /// Deleted, because they are no wakes.
    pub unreadable: usize,
}

/// Redrives every dead-letter queue; a dry run counts.
pub(super) async fn redrive<L, Q: Queue + DeadLetters, V, C: Clock>(
    needs: &Needs<L, Q, V, C>,
    run: &Run,
    request: &Request,
) -> Result<Answer, ReplayError> {
    let mut answer = Answer::new(request);
    let mut queues: BTreeMap<&'static str, Redriven> = BTreeMap::new();
    for (name, waiting) in needs.queue.dead().await? {
        queues.entry(name).or_default().waiting = waiting;
    }
    let mut handled = 0_usize;
    while request.applies() && handled < REDRIVEN_MAX && run.left(needs.clock.now()) >= MARGIN {
        let letters = needs.queue.dead_letters().await?;
        if letters.is_empty() {
            break;
        }
        if let Err(error) = wake_again(&needs.queue, &letters).await {
            let cure = "Nothing is lost: what was not deleted stays in the queue; ask again.";
            answer.errors.push(Failure::new("wake", &error, cure));
            break;
        }
        for letter in &letters {
            let queue = queues.entry(letter.queue).or_default();
            match &letter.wake {
                Some(_) => queue.woken = queue.woken.saturating_add(1),
                None => queue.unreadable = queue.unreadable.saturating_add(1),
            }
        }
        handled = handled.saturating_add(letters.len());
    }
    tracing::info!(handled, "dead letters redriven");
    answer.redriven = queues;
    Ok(answer)
}

async fn wake_again<Q: Queue + DeadLetters>(
    queue: &Q,
    letters: &[DeadLetter],
) -> Result<(), PortError> {
    let mut wakes = Vec::new();
    let mut fetches = Vec::new();
    for letter in letters {
        match &letter.wake {
            Some(Dead::Work(wake)) => wakes.push((wake.clone(), SignedDuration::ZERO)),
            Some(Dead::Fetch(fetch)) => fetches.push(fetch.clone()),
            None => {}
        }
    }
    if !wakes.is_empty() {
        queue.wake(&wakes).await?;
    }
    if !fetches.is_empty() {
        queue.fetch(&fetches).await?;
    }
    queue.bury(letters).await
}
