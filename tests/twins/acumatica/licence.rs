//! What a licence allows beside sessions: requests of a minute, requests served at a time, and a queue before them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit};

use super::{Core, Options};

/// The window of the requests-per-minute limit.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Requests that may wait; one more is declined.
const QUEUE_MAX: usize = 20;
/// How long one waits before it is declined.
const QUEUE_WAIT_MAX: Duration = Duration::from_mins(10);

/// What a site counts for its licence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Licence {
    /// The most sessions that were ever open together.
    pub sessions: usize,
    /// The most requests of one session that were ever under way together; more than one waits in the queue.
    pub at_once: usize,
    /// The most requests of any minute.
    pub a_minute: usize,
    /// Requests held back, because half of a minute's were used up.
    pub delayed: usize,
    /// The most requests that ever waited together.
    pub waiting: usize,
    /// Requests and sign-ins refused.
    pub refused: u64,
}

/// Whether answers are delayed from half of the minute's limit on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delays {
    /// They are not.
    Off,
    /// As the licence says, but so many times shorter: a story need not wait.
    OneIn(u32),
}

/// The requests of the last minute.
#[derive(Debug, Default)]
pub(super) struct Minute {
    requests: VecDeque<Timestamp>,
    pub(super) most: usize,
    pub(super) delayed: usize,
}

impl Minute {
    /// Counts a request; how long it is held back, or none when it is one too many.
    pub(super) fn count(&mut self, now: Timestamp, options: &Options) -> Option<Duration> {
        let is_old = |first: &Timestamp| now.duration_since(*first) > MINUTE;
        while self.requests.front().is_some_and(is_old) {
            self.requests.pop_front();
        }
        let limit = options.requests_per_minute;
        if limit.is_some_and(|limit| self.requests.len() >= limit) {
            return None;
        }
        let delay = limit.map_or(Duration::ZERO, |limit| {
            self.delay(now, limit, options.delays)
        });
        self.delayed += usize::from(delay > Duration::ZERO);
        self.requests.push_back(now);
        self.most = self.most.max(self.requests.len());
        Some(delay)
    }

    /// What is left of the minute, over the requests that are left in it.
    fn delay(&self, now: Timestamp, limit: usize, delays: Delays) -> Duration {
        let used = self.requests.len();
        let (Delays::OneIn(times), Some(first)) = (delays, self.requests.front()) else {
            return Duration::ZERO;
        };
        if used * 2 < limit {
            return Duration::ZERO;
        }
        let left = Duration::try_from(MINUTE - now.duration_since(*first)).unwrap_or_default();
        let rest = u32::try_from(limit - used).unwrap_or(u32::MAX);
        left / rest.saturating_mul(times).max(1)
    }
}

/// How many requests wait now, and the most that ever did.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    now: usize,
    pub(super) most: usize,
}

impl Waiting {
    fn enter(&mut self) -> bool {
        if self.now >= QUEUE_MAX {
            return false;
        }
        self.now += 1;
        self.most = self.most.max(self.now);
        true
    }
}

/// A request that waits; no longer when it is served or given up.
struct Place<'a>(&'a Core);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.state().seats.waiting.now -= 1;
    }
}

/// A request that is served: alone in its session, and one of those the licence serves at a time.
pub(super) type Turn = (OwnedMutexGuard<()>, OwnedSemaphorePermit);

impl Core {
    /// Waits until a request is served; none when the licence declines it.
    pub(super) async fn turn(&self, session: Arc<Mutex<()>>) -> Option<Turn> {
        let at_once = Arc::clone(&self.at_once);
        let free = Arc::clone(&session).try_lock_owned().ok();
        if let Some(turn) = free.zip(Arc::clone(&at_once).try_acquire_owned().ok()) {
            return Some(turn);
        }
        if !self.state().seats.waiting.enter() {
            return None;
        }
        let _place = Place(self);
        let served = async { (session.lock_owned().await, at_once.acquire_owned().await) };
        match tokio::time::timeout(QUEUE_WAIT_MAX, served).await {
            Ok((session, Ok(one))) => Some((session, one)),
            _ => None,
        }
    }
}
