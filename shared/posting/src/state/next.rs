//! What a worker is to do with a record now.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Record,
    state::{ConfirmAfter, Outcome, Receipt, State, Undo, Write, release},
};

/// The next step of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Acknowledge it in Concur.
    Acknowledge,
    /// Make the next plan from source and rules.
    Plan,
    /// Store intent with the claim, then go on as [`Step::Settle`].
    Begin {
        /// Number of the plan.
        plan: u32,
    },
    /// Search Acumatica for every posting that has no receipt; write those that are known not to be there.
    Settle {
        /// Number of the plan.
        plan: u32,
        /// Postings that may be written when the search does not find them.
        writable: Vec<u32>,
        /// Postings that must be found, or proved absent, before anything is written.
        unproven: Vec<u32>,
    },
    /// Take back what was written.
    Withdraw {
        /// Number of the plan.
        plan: u32,
        /// Postings of which something sent may still arrive: it is looked for, and not sent again.
        unproven: Vec<u32>,
    },
    /// Release postings, or read what became of it; journals first.
    Release {
        /// Numbers of the postings, in the order to do it.
        numbers: Vec<u32>,
    },
    /// Tell Concur "success".
    ConfirmSuccess,
    /// Tell Concur "error" with the record's reasons.
    ConfirmError,
    /// Nothing before this time: not due, or claimed by somebody else.
    Wait {
        /// When to look again.
        until: Timestamp,
    },
    /// Nothing by itself: ended, or a person must look.
    Rest,
}

/// Says what comes next for this worker; a live claim of another makes it wait. Pure; `proof_wait` is how long after a lost
/// answer a search counts as proof of absence.
#[must_use]
pub fn next(record: &Record, worker: &str, now: Timestamp, proof_wait: SignedDuration) -> Step {
    if let Some(claim) = record
        .claim
        .as_ref()
        .filter(|claim| claim.until > now && claim.worker != worker)
    {
        return Step::Wait { until: claim.until };
    }
    match &record.state {
        State::Received => Step::Acknowledge,
        State::Acknowledged => Step::Plan,
        State::Planned { plan } => Step::Begin { plan: *plan },
        State::Posting { plan, writes } => settle(*plan, writes, now, proof_wait),
        State::Posted { receipts, .. } => posted(record, receipts, now),
        State::Withdrawing { plan, undo, .. } => Step::Withdraw {
            plan: *plan,
            unproven: unproven(undo, now, proof_wait),
        },
        State::Confirmed { receipts, .. } => confirmed(receipts, now),
        State::Refused { .. } => Step::ConfirmError,
        State::Returned { .. } | State::Recalled | State::Held { .. } | State::Closed { .. } => {
            Step::Rest
        }
    }
}

/// Everything is released that can be at once; what takes longer delays the confirmation only where the rules say so.
fn posted(record: &Record, receipts: &[Receipt], now: Timestamp) -> Step {
    let numbers = release::due(receipts, now);
    if !numbers.is_empty() {
        return Step::Release { numbers };
    }
    match (record.confirm_after, release::again(receipts, now)) {
        (ConfirmAfter::Released, Some(until)) => Step::Wait { until },
        _ => Step::ConfirmSuccess,
    }
}

fn confirmed(receipts: &[Receipt], now: Timestamp) -> Step {
    let numbers = release::due(receipts, now);
    match release::again(receipts, now) {
        Some(_) if !numbers.is_empty() => Step::Release { numbers },
        Some(until) => Step::Wait { until },
        None => Step::Rest,
    }
}

fn unproven(undo: &[Undo], now: Timestamp, proof_wait: SignedDuration) -> Vec<u32> {
    let is_unproven = |one: &&Undo| {
        let since = one.step.unknown();
        since.is_some_and(|since| provable_at(since, proof_wait) > now)
    };
    undo.iter()
        .filter(is_unproven)
        .map(|one| one.receipt.n)
        .collect()
}

fn settle(plan: u32, writes: &[Write], now: Timestamp, proof_wait: SignedDuration) -> Step {
    let mut writable = Vec::new();
    let mut unproven = Vec::new();
    for write in writes {
        match write.outcome {
            Outcome::Open | Outcome::Part { .. } => writable.push(write.n),
            Outcome::Unknown { since } if provable_at(since, proof_wait) <= now => {
                writable.push(write.n);
            }
            Outcome::Unknown { .. } => unproven.push(write.n),
            Outcome::Done { .. } => {}
        }
    }
    Step::Settle {
        plan,
        writable,
        unproven,
    }
}

/// When a search begins to count as proof that a write of unknown outcome did not arrive.
#[must_use]
pub(crate) fn provable_at(since: Timestamp, proof_wait: SignedDuration) -> Timestamp {
    since.checked_add(proof_wait).unwrap_or(Timestamp::MAX)
}
