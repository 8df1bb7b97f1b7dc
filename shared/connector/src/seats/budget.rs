//! The requests of a minute, which all seats of a connection share. Whoever holds a seat takes a block of them, sends them
//! without asking again, and says when it sent which. What nobody accounted for counts as sent at the end of its block.
//!
//! Why no minute sees more than is allowed: of all requests that arrive within one, take the block that was handed out
//! last. When that was, every other of them stood in the budget, at its arrival or later, and none was older than a minute.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The licence counts requests by the minute.
const WINDOW_S: i64 = 60;
/// Clocks of two workers differ by less, as much as seconds are rounded.
const LATE_S: i64 = 2;
/// What is too old to count stays as long, for a worker whose clock is behind.
const KEPT_S: i64 = WINDOW_S + LATE_S + 10;
/// One in so many requests of the configured number is left to the site: for what is counted there and not here.
const RESERVE: u32 = 20;
/// Requests worth going on with: with fewer, hardly a document gets from search to receipt.
const BLOCK_MIN: u32 = 4;
/// A block where few are allowed: what a batch of ten documents needs.
const BLOCK: u32 = 16;
/// Where more are allowed, a block is this part of them.
const PARTS: u32 = 10;
/// How long a block is good for.
const VALID_S: i64 = 60;
/// The longest way to the site: nothing is sent later than this before the end of its block.
const WAY_S: i64 = 5;

/// Requests a minute of a connection: a little less than is configured, so that the site never has to refuse.
pub(super) fn allowed(requests_per_minute: u32) -> u32 {
    let reserve = requests_per_minute.div_ceil(RESERVE);
    requests_per_minute.saturating_sub(reserve).max(1)
}

/// Requests a seat may send, and those it sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    until: i64,
    count: u32,
    /// Second and count.
    sent: BTreeMap<i64, u32>,
}

impl Block {
    /// Requests it still holds at `now`.
    pub(super) fn left(&self, now: Timestamp) -> u32 {
        if now.as_second().saturating_add(WAY_S) > self.until {
            return 0;
        }
        self.count.saturating_sub(self.sent.values().sum())
    }

    /// A request leaves.
    pub(super) fn send(&mut self, now: Timestamp) {
        add(&mut self.sent, now.as_second(), 1);
    }

    /// The last request that left is answered or given up: it arrived by now, nobody knows when.
    pub(super) fn arrive(&mut self, now: Timestamp) {
        if let Some(mut last) = self.sent.last_entry() {
            *last.get_mut() = last.get().saturating_sub(1);
            if *last.get() == 0 {
                last.remove();
            }
            self.send(now);
        }
    }

    /// Whether there is nothing to account for.
    pub(super) fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

/// What the last minute saw of all seats, and what is handed out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Budget {
    sent: BTreeMap<i64, u32>,
    out: Vec<Out>,
}

/// A block handed out and not accounted for: all of it counts as sent at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Out {
    seat: u32,
    until: i64,
    count: u32,
}

/// [`Budget`] as the table keeps it, short: seconds count from `from`.
#[derive(Default, Serialize, Deserialize)]
struct Stored {
    from: i64,
    /// Who wrote it, so that two writers never write the same.
    by: String,
    sent: Vec<(i64, u32)>,
    /// Seat, second and count.
    out: Vec<(u32, i64, u32)>,
}

impl Budget {
    /// An odd text is an empty budget.
    pub(super) fn read(text: &str) -> Self {
        let stored: Stored = serde_json::from_str(text).unwrap_or_default();
        let at = |second: i64| stored.from.saturating_add(second);
        let out = stored.out.iter().map(|(seat, second, count)| Out {
            seat: *seat,
            until: at(*second),
            count: *count,
        });
        Self {
            sent: stored.sent.iter().map(|(s, n)| (at(*s), *n)).collect(),
            out: out.collect(),
        }
    }

    /// The text as `by` writes it, a name that no other holder of a seat has, without what is too old to count for anybody.
    pub(super) fn write(&self, by: &str, now: Timestamp) -> String {
        let oldest = now.as_second().saturating_sub(KEPT_S);
        let offset = |second: i64| second.saturating_sub(oldest);
        let sent = self.sent.range(oldest..);
        let out = self.out.iter().filter(|out| out.until >= oldest);
        let stored = Stored {
            from: oldest,
            by: by.to_owned(),
            sent: sent
                .map(|(second, count)| (offset(*second), *count))
                .collect(),
            out: out
                .map(|out| (out.seat, offset(out.until), out.count))
                .collect(),
        };
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Requests nobody has at `now`, of so many a minute.
    pub(super) fn left(&self, now: Timestamp, allowed: u32) -> u32 {
        let oldest = now.as_second().saturating_sub(WINDOW_S + LATE_S);
        let sent: u32 = self.sent.range(oldest..).map(|(_, count)| count).sum();
        let out = self.out.iter().filter(|out| out.until >= oldest);
        let out: u32 = out.map(|out| out.count).sum();
        allowed.saturating_sub(sent).saturating_sub(out)
    }

    /// A seat accounts for its block: what it did not send is there for others.
    pub(super) fn settle(&mut self, seat: u32, block: &Block) {
        let its = Out {
            seat,
            until: block.until,
            count: block.count,
        };
        if let Some(at) = self.out.iter().position(|out| *out == its) {
            self.out.remove(at);
        }
        for (second, count) in &block.sent {
            add(&mut self.sent, *second, *count);
        }
    }

    /// Hands out a block: a fair part of what is left where others have one, `None` where that is not worth going on with.
    pub(super) fn take(&mut self, seat: u32, now: Timestamp, allowed: u32) -> Option<Block> {
        let left = self.left(now, allowed);
        let least = BLOCK_MIN.min(allowed);
        if left < least {
            return None;
        }
        let second = now.as_second();
        let holders = self.out.iter().filter(|out| out.until >= second);
        let holders: BTreeSet<u32> = holders.map(|out| out.seat).chain([seat]).collect();
        let sharers = u32::try_from(holders.len()).unwrap_or(u32::MAX).max(1);
        let most = (allowed / PARTS).max(BLOCK);
        let count = (left / sharers).clamp(least, most);
        let until = second.saturating_add(VALID_S);
        self.out.push(Out { seat, until, count });
        Some(Block {
            until,
            count,
            sent: BTreeMap::new(),
        })
    }
}

fn add(sent: &mut BTreeMap<i64, u32>, second: i64, count: u32) {
    let known = sent.entry(second).or_default();
    *known = known.saturating_add(count);
}

#[cfg(test)]
mod tests;
