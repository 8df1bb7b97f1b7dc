//! What a record is after something happened to it. Every happening that has no place in the present state is an
//! [`IllegalMove`]; a test lists them all.

use jiff::{SignedDuration, Timestamp};

use super::{
    Happened, IllegalMove, OnRefusal, Outcome, Receipt, RefusalAction, State, Why, Write,
    answer::{acknowledged, confirmed},
    person::{self, closed, replanned, resumed, signed},
    release, withdraw,
};
use crate::{
    Code, Plan, Reason, Record,
    reason::{Blame, blame},
    record::{Claim, List},
};

/// The record after something happened at `now`. The input is left as it is; the version is the caller's to keep.
///
/// # Errors
/// [`IllegalMove`] when the happening has no place in the record's state.
pub fn advance(
    record: &Record,
    happened: &Happened,
    now: Timestamp,
) -> Result<Record, IllegalMove> {
    let mut next = record.clone();
    lapse(&mut next, now);
    let moved = match happened {
        Happened::Claimed(claim) => claimed(&mut next, claim, now),
        Happened::Acknowledged {
            answer,
            earlier,
            again,
        } => acknowledged(&mut next, answer, (*earlier, *again), now),
        Happened::Planned { plan } => planned(&mut next, *plan, now),
        Happened::Began {
            plan,
            writes,
            claim,
            confirm_after,
        } => {
            next.confirm_after = *confirm_after;
            began(&mut next, (*plan, writes), claim, now)
        }
        Happened::Release { n, release, status } => {
            release::released(&mut next, *n, (release, status.as_deref()), now)
        }
        Happened::NothingToPost { plan } => nothing_to_post(&mut next, *plan, now),
        Happened::Refused { reasons, policy } => refused(&mut next, reasons, *policy, now),
        Happened::Written(receipt) => written(&mut next, receipt, now),
        Happened::Part { receipt, of } => in_part(&mut next, (receipt, *of), now),
        Happened::AnswerLost { n, at } => answer_lost(&mut next, *n, *at, now),
        Happened::ProvedAbsent { numbers } => proved_absent(&mut next, numbers, now),
        Happened::Confirmed {
            answer,
            again,
            on_recall,
        } => confirmed(&mut next, answer, (*again, *on_recall), now),
        Happened::Undo { n, step } => withdraw::undo(&mut next, *n, step, now),
        Happened::Withdrawn => withdraw::withdrawn(&mut next, now),
        Happened::Failed {
            reason,
            due,
            attempts_max,
        } => failed(&mut next, reason, (*due, *attempts_max), now),
        Happened::Parked { why, due } => parked(&mut next, why, *due, now),
        Happened::Held { reasons } => open(record).map(|()| hold(&mut next, reasons.clone(), now)),
        _ => by_a_person(&mut next, happened, now),
    };
    match moved {
        Some(()) => Ok(next),
        None => Err(IllegalMove {
            state: record.state.word(),
            happened: happened.word(),
        }),
    }
}

/// What a person makes of a held record.
fn by_a_person(record: &mut Record, happened: &Happened, now: Timestamp) -> Option<()> {
    match happened {
        Happened::Resumed { by, note } => resumed(record, by, note, now),
        Happened::Replanned { by, note } => replanned(record, by, note, now),
        Happened::Returned { by, note } => person::returned(record, by, note, now),
        Happened::Adopted {
            plan,
            writes,
            confirm_after,
            by,
            note,
        } => {
            record.confirm_after = *confirm_after;
            person::adopted(record, (*plan, writes), &signed(by, note), now)
        }
        Happened::FoundAbsent { before, by, note } => {
            person::found_absent(record, *before, (by, note), now)
        }
        Happened::Allowed { by, note } => person::allowed(record, by, note, now),
        Happened::Closed { by, note } => closed(record, by, note, now),
        Happened::WithdrawAsked { by, note } => withdraw::asked(record, by, note, now),
        _ => None,
    }
}

/// Intents of a plan's postings, none sent yet.
#[must_use]
pub fn intents(plan: &Plan) -> Vec<Write> {
    let intent = |posting: &crate::plan::Posting| Write {
        n: posting.n,
        kind: posting.kind,
        outcome: Outcome::Open,
    };
    plan.postings.iter().map(intent).collect()
}

/// Whether a plan may still begin: nothing of the document was ever sent to Acumatica.
fn before_posting(record: &Record) -> Option<()> {
    matches!(record.state, State::Acknowledged | State::Planned { .. }).then_some(())
}

fn open(record: &Record) -> Option<()> {
    (record.state.list() == List::Open).then_some(())
}

/// A result: the state changes, the attempt count starts anew, nobody holds the record but a claim under way.
pub(super) fn enter(record: &mut Record, state: State, now: Timestamp) {
    record.note(now, state.word(), &detail(&state));
    record.attempt = 0;
    record.claims = 0;
    record.waits = None;
    // What a person permitted is for one try, which a stored plan is still before.
    if !matches!(state, State::Planned { .. }) {
        record.once = None;
    }
    if state.list() != List::Open {
        record.claim = None;
        record.due = now;
    }
    if let State::Confirmed { receipts, .. } = &state
        && let Some(again) = release::again(receipts, now)
    {
        record.claim = None;
        record.due = again;
    }
    record.state = state;
}

fn detail(state: &State) -> String {
    let labels = |receipts: &[Receipt]| {
        receipts
            .iter()
            .map(Receipt::label)
            .collect::<Vec<_>>()
            .join(", ")
    };
    match state {
        State::Planned { plan } => format!("plan {plan}"),
        State::Posting { plan, writes } => format!("plan {plan}, {} postings", writes.len()),
        State::Withdrawing { plan, undo, .. } => {
            format!("plan {plan}, {} postings", undo.len())
        }
        State::Posted { receipts, .. } | State::Confirmed { receipts, .. } => labels(receipts),
        State::Refused { reasons } | State::Returned { reasons } | State::Held { reasons, .. } => {
            reasons
                .iter()
                .map(|reason| reason.code.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        }
        State::Closed { by, note, .. } => signed(by, note),
        State::Received | State::Acknowledged | State::Recalled => String::new(),
    }
}

pub(super) fn hold(record: &mut Record, reasons: Vec<Reason>, now: Timestamp) {
    let resume = Box::new(record.state.clone());
    enter(record, State::Held { reasons, resume }, now);
}

/// A claim that ended by the record's own time is over, whatever happens next: its worker may have sent a write, so what
/// was open under it is unknown from then on.
fn lapse(record: &mut Record, now: Timestamp) {
    let Some(lapsed) = record.claim.take_if(|claim| claim.until <= now) else {
        return;
    };
    record.note(now, "claim_lapsed", &lapsed.worker);
    let since = lapsed.until;
    match &mut record.state {
        State::Posting { writes, .. } => {
            let may_be_sent =
                |write: &&mut Write| matches!(write.outcome, Outcome::Open | Outcome::Part { .. });
            for write in writes.iter_mut().filter(may_be_sent) {
                write.outcome = Outcome::Unknown { since };
            }
        }
        State::Withdrawing { undo, .. } => {
            for one in undo {
                one.step.lapse(since);
            }
        }
        _ => {}
    }
}

fn claimed(record: &mut Record, claim: &Claim, now: Timestamp) -> Option<()> {
    open(record)?;
    if record.is_claimed_by_other(&claim.worker, now) {
        return None;
    }
    record.claim = Some(claim.clone());
    record.claims = record.claims.saturating_add(1);
    Some(())
}

fn planned(record: &mut Record, plan: u32, now: Timestamp) -> Option<()> {
    if record.state != State::Acknowledged {
        return None;
    }
    record.plans = plan;
    enter(record, State::Planned { plan }, now);
    Some(())
}

fn began(
    record: &mut Record,
    (plan, writes): (u32, &[Write]),
    claim: &Claim,
    now: Timestamp,
) -> Option<()> {
    before_posting(record)?;
    if record.is_claimed_by_other(&claim.worker, now) {
        return None;
    }
    record.plans = plan;
    let claims = record.claims;
    enter(
        record,
        State::Posting {
            plan,
            writes: writes.to_vec(),
        },
        now,
    );
    record.claim = Some(claim.clone());
    record.claims = claims.saturating_add(1);
    Some(())
}

fn nothing_to_post(record: &mut Record, plan: u32, now: Timestamp) -> Option<()> {
    before_posting(record)?;
    record.plans = plan;
    record.note(now, "nothing_to_post", &format!("plan {plan}"));
    enter(
        record,
        State::Posted {
            plan,
            receipts: Vec::new(),
        },
        now,
    );
    Some(())
}

/// A refusal ends a document only when nothing of it stands or may stand in Acumatica. What stands is taken back first; what
/// may stand, or was written by others, is a person's business.
fn refused(
    record: &mut Record,
    reasons: &[Reason],
    policy: OnRefusal,
    now: Timestamp,
) -> Option<()> {
    let (plan, is_clear) = match &record.state {
        State::Acknowledged | State::Planned { .. } => (0, true),
        State::Posting { plan, writes } => (
            *plan,
            writes.iter().all(|write| write.outcome == Outcome::Open),
        ),
        _ => return None,
    };
    let action = match blame(reasons)? {
        Blame::Document => policy.document,
        Blame::Setup => policy.setup,
        Blame::Unknown => RefusalAction::Hold,
    };
    let reasons = reasons.to_vec();
    if is_clear && action == RefusalAction::Return {
        enter(record, State::Refused { reasons }, now);
    } else if let Some(written) = withdraw::ours(&record.state) {
        let why = Why::Refused {
            reasons,
            then: action,
        };
        enter(record, withdraw::withdrawing(&written, plan, why), now);
    } else {
        hold(record, reasons, now);
    }
    Some(())
}

fn open_write(record: &mut Record, n: u32) -> Option<&mut Write> {
    let State::Posting { writes, .. } = &mut record.state else {
        return None;
    };
    writes
        .iter_mut()
        .find(|write| write.n == n && !write.outcome.is_done())
}

fn answer_lost(record: &mut Record, n: u32, at: Timestamp, now: Timestamp) -> Option<()> {
    open_write(record, n)?.outcome = Outcome::Unknown { since: at };
    record.once = None;
    record.note(now, "answer_lost", &format!("posting {n}"));
    Some(())
}

fn proved_absent(record: &mut Record, numbers: &[u32], now: Timestamp) -> Option<()> {
    for n in numbers {
        let write = open_write(record, *n)?;
        // What stands in part was seen: that it is gone is a person's business.
        if matches!(write.outcome, Outcome::Part { .. }) {
            return None;
        }
        write.outcome = Outcome::Open;
    }
    record.note(now, "proved_absent", &format!("postings {numbers:?}"));
    Some(())
}

fn written(record: &mut Record, receipt: &Receipt, now: Timestamp) -> Option<()> {
    open_write(record, receipt.n)?.outcome = Outcome::Done {
        receipt: receipt.clone(),
    };
    record.note(
        now,
        "written",
        &format!("posting {} = {}", receipt.n, receipt.label()),
    );
    record.claims = 0;
    record.waits = None;
    let State::Posting { plan, writes } = &record.state else {
        return None;
    };
    let (plan, is_whole) = (*plan, writes.iter().all(|write| write.outcome.is_done()));
    if is_whole {
        let receipts = record.state.receipts().into_iter().cloned().collect();
        enter(record, State::Posted { plan, receipts }, now);
    }
    Some(())
}

/// How far a posting is that was left before it was whole.
fn in_part(record: &mut Record, (receipt, of): (&Receipt, usize), now: Timestamp) -> Option<()> {
    let lines = receipt.part?;
    open_write(record, receipt.n)?.outcome = Outcome::Part {
        receipt: receipt.clone(),
    };
    let (n, label) = (receipt.n, receipt.label());
    let detail = format!("posting {n}: {lines} of {of} lines are in {label}, on hold");
    record.note(now, "unfinished", &detail);
    record.once = None;
    Some(())
}

fn failed(
    record: &mut Record,
    reason: &Reason,
    (due, attempts_max): (Timestamp, u32),
    now: Timestamp,
) -> Option<()> {
    open(record)?;
    record.note(now, "failed", &reason.message);
    record.wait_for(&reason.message);
    again(record, due);
    if record.attempt >= attempts_max {
        let spent = Reason::new(
            Code::AttemptsSpent,
            format!("{} attempts failed", record.attempt),
        );
        hold(record, vec![spent, reason.clone()], now);
    }
    Some(())
}

fn parked(record: &mut Record, why: &str, due: Timestamp, now: Timestamp) -> Option<()> {
    open(record)?;
    // A document may wait for days, and each look adds nothing to its story.
    if record.wait_for(why) {
        record.note(now, "parked", why);
    }
    let attempt = record.attempt;
    again(record, due);
    record.attempt = attempt;
    Some(())
}

/// The record is given back until `due`, with one more attempt used up.
pub(super) fn again(record: &mut Record, due: Timestamp) {
    record.attempt = record.attempt.saturating_add(1);
    record.due = due;
    record.claim = None;
    record.claims = 0;
}

/// Longest wait between two attempts.
pub const DELAY_MAX: SignedDuration = SignedDuration::from_hours(1);
