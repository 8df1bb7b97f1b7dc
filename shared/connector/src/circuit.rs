//! A circuit for each connection and side: a side that does not answer is left alone after a few calls, for a minute first
//! and longer each time; then one worker at a time tries it, and its first answer lets everybody go on. Waiting for it uses
//! no attempt of a document.
//!
//! What a process hears of a side is kept in it. The table learns of failures, and of the first answer after them; a healthy
//! side costs one read now and then and no write.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::{SignedDuration, Timestamp};
use posting::ConnectionId;
use serde::{Deserialize, Serialize};

use crate::needs::{Needs, Run};
use crate::ports::{Clock, Lease, Ledger};
use crate::retry::{self, Class};

/// Calls in a row without an answer after which a side is left alone.
const FAILED_MAX: u32 = 3;
/// How long it is left alone first, and at most.
const OPEN_MIN: Duration = Duration::from_mins(1);
const OPEN_MAX: Duration = Duration::from_mins(15);
/// How long a process believes what it read of a closed circuit.
const SEEN_LIFE: SignedDuration = SignedDuration::from_secs(30);
/// How long a worker waits for another one's try.
const PROBE_WAIT: SignedDuration = SignedDuration::from_secs(30);

/// A system the connector calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Concur,
    Acumatica,
}

impl Side {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Concur => "concur",
            Self::Acumatica => "acumatica",
        }
    }
}

/// Whether a side may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gate {
    /// It answered last, as far as anybody knows.
    Go,
    /// It did not for a while: this worker tries it, nobody else does meanwhile.
    Probe(Lease),
    /// Not before this time.
    Wait(Timestamp),
}

/// What the lease of a circuit carries; empty while the side answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Memo {
    /// Calls in a row without an answer.
    failed: u32,
    /// Times in a row that it was opened.
    opened: u32,
    /// Until when nobody calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

impl Memo {
    fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    fn write(&self) -> String {
        if *self == Self::default() {
            return String::new();
        }
        serde_json::to_string(self).unwrap_or_default()
    }

    /// After what was heard: an answer closes it, failures in a row open it.
    fn after(&self, heard: Heard, now: Timestamp) -> Self {
        let before = if heard.answered {
            Self::default()
        } else {
            self.clone()
        };
        let failed = before.failed.saturating_add(heard.failed);
        if heard.failed == 0 || failed < FAILED_MAX {
            return Self { failed, ..before };
        }
        let opened = before.opened.saturating_add(1);
        Self {
            failed,
            opened,
            until: Some(now.checked_add(open_for(opened)).unwrap_or(Timestamp::MAX)),
        }
    }
}

/// How long it stays open the n-th time in a row.
fn open_for(opened: u32) -> SignedDuration {
    let steps = ExponentialBuilder::new()
        .with_min_delay(OPEN_MIN)
        .with_max_delay(OPEN_MAX)
        .without_max_times()
        .build();
    let nth = usize::try_from(opened.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = steps.into_iter().take(8).nth(nth).unwrap_or(OPEN_MAX);
    SignedDuration::try_from(wait.min(OPEN_MAX)).unwrap_or(PROBE_WAIT)
}

/// What a process heard of a side since it last told the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Heard {
    /// Whether there was any answer.
    answered: bool,
    /// Calls since the last answer that brought none.
    failed: u32,
}

/// A side as a process knows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Circuit {
    heard: Heard,
    /// What the table said, and when.
    seen: Option<(Timestamp, Memo)>,
}

fn name(id: &ConnectionId, side: Side) -> String {
    format!("circuit#{id}#{}", side.as_str())
}

impl<L: Ledger, Q, V, C: Clock> Needs<L, Q, V, C> {
    /// Notes how a call to a side ended; `None` is a success. What was thrown back for its number says nothing.
    pub(crate) fn heard(&self, id: &ConnectionId, side: Side, class: Option<Class>) {
        let mut circuits = self.kept.circuits.borrow_mut();
        let heard = &mut circuits.entry((id.clone(), side)).or_default().heard;
        match class {
            None | Some(Class::Permanent) => {
                *heard = Heard {
                    answered: true,
                    failed: 0,
                };
            }
            Some(Class::Transient | Class::Unknown) => {
                heard.failed = heard.failed.saturating_add(1);
            }
            Some(Class::Throttled) => {}
        }
    }

    /// Whether the side was heard of since the table was last told, and only failing.
    pub(crate) fn is_silent(&self, id: &ConnectionId, side: Side) -> bool {
        let circuits = self.kept.circuits.borrow();
        let circuit = circuits.get(&(id.clone(), side));
        circuit.is_some_and(|circuit| circuit.heard.failed >= FAILED_MAX)
    }

    /// Whether the side answered since the table was last told.
    pub(crate) fn answers(&self, id: &ConnectionId, side: Side) -> bool {
        let circuits = self.kept.circuits.borrow();
        let circuit = circuits.get(&(id.clone(), side));
        circuit.is_some_and(|circuit| circuit.heard.answered && circuit.heard.failed == 0)
    }

    /// Whether a side may be called in this run. Where the table cannot be read it may: the calls find out.
    pub(crate) async fn gate(&self, id: &ConnectionId, side: Side, run: &Run) -> Gate {
        let now = self.now();
        let Some(memo) = self.memo(id, side, now).await else {
            return Gate::Go;
        };
        match memo.until {
            None => Gate::Go,
            Some(until) if until > now => Gate::Wait(until),
            Some(_) => {
                let margin = self.deployment.clocks.claim_margin;
                let ends = run.claim(margin).until;
                let name = name(id, side);
                match self.ledger.take_lease(&name, &run.worker, now, ends).await {
                    Ok(Some(lease)) => self.probe(id, side, lease, now).await,
                    Ok(None) => {
                        let later = now.checked_add(PROBE_WAIT).unwrap_or(Timestamp::MAX);
                        Gate::Wait(later)
                    }
                    Err(error) => {
                        tracing::warn!(connection = %id, side = side.as_str(), %error, "circuit not taken");
                        Gate::Go
                    }
                }
            }
        }
    }

    /// The lease is ours; what it carries may be newer than what was read before.
    async fn probe(&self, id: &ConnectionId, side: Side, lease: Lease, now: Timestamp) -> Gate {
        let memo = Memo::read(&lease.memo);
        let until = memo.until;
        self.see(id, side, (now, memo));
        match until {
            Some(until) if until <= now => {
                tracing::info!(connection = %id, side = side.as_str(), "a side is tried again");
                Gate::Probe(lease)
            }
            Some(until) => {
                self.give_back(&lease).await;
                Gate::Wait(until)
            }
            None => {
                self.give_back(&lease).await;
                Gate::Go
            }
        }
    }

    async fn give_back(&self, lease: &Lease) {
        if let Err(error) = self.ledger.give_lease(lease).await {
            // It lapses by itself.
            tracing::warn!(name = lease.name, %error, "circuit not given back");
        }
    }

    fn see(&self, id: &ConnectionId, side: Side, seen: (Timestamp, Memo)) {
        let mut circuits = self.kept.circuits.borrow_mut();
        circuits.entry((id.clone(), side)).or_default().seen = Some(seen);
    }

    /// What the table says, read anew when it is old.
    async fn memo(&self, id: &ConnectionId, side: Side, now: Timestamp) -> Option<Memo> {
        let known = {
            let circuits = self.kept.circuits.borrow();
            circuits
                .get(&(id.clone(), side))
                .and_then(|of| of.seen.clone())
        };
        if let Some((read, memo)) = known
            && now.duration_since(read) < SEEN_LIFE
            && memo.until.is_none_or(|until| until > now)
        {
            return Some(memo);
        }
        match self.ledger.lease_memo(&name(id, side)).await {
            Ok(text) => {
                let memo = Memo::read(&text.unwrap_or_default());
                self.see(id, side, (now, memo.clone()));
                Some(memo)
            }
            Err(error) => {
                tracing::warn!(connection = %id, side = side.as_str(), %error, "circuit not read");
                None
            }
        }
    }

    /// Tells the table what was heard in a run, where that changes anything, and gives a probe back. Returns whether the side
    /// is left alone from now on.
    pub(crate) async fn tell(
        &self,
        (id, side): (&ConnectionId, Side),
        run: &Run,
        probe: Option<Lease>,
    ) -> bool {
        let now = self.now();
        let (heard, seen) = {
            let mut circuits = self.kept.circuits.borrow_mut();
            let circuit = circuits.entry((id.clone(), side)).or_default();
            let heard = std::mem::take(&mut circuit.heard);
            (
                heard,
                circuit.seen.clone().unwrap_or((now, Memo::default())).1,
            )
        };
        let is_news = heard.failed > 0 || (heard.answered && seen != Memo::default());
        let lease = match probe {
            Some(lease) => lease,
            None if !is_news => return false,
            None => {
                let ends = now.checked_add(PROBE_WAIT).unwrap_or(Timestamp::MAX);
                let name = name(id, side);
                match self.ledger.take_lease(&name, &run.worker, now, ends).await {
                    Ok(Some(lease)) => lease,
                    // Somebody tries the side, and tells more than this.
                    Ok(None) => return false,
                    Err(error) => {
                        tracing::warn!(connection = %id, side = side.as_str(), %error, "circuit not told");
                        return false;
                    }
                }
            }
        };
        let memo = Memo::read(&lease.memo).after(heard, now);
        self.give_back(&Lease {
            memo: memo.write(),
            ..lease
        })
        .await;
        let is_open = memo.until.is_some_and(|until| until > now);
        if is_open {
            tracing::error!(connection = %id, side = side.as_str(), failed = memo.failed, "a side does not answer and is left alone for a while");
        }
        self.see(id, side, (now, memo));
        is_open
    }
}

/// When a document looks again that waits for a side: not all of them in one moment.
pub(crate) fn due_after(until: Timestamp) -> Timestamp {
    until
        .checked_add(retry::spread(OPEN_MIN))
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
