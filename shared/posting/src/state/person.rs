//! What a person makes of a held record.

use jiff::Timestamp;

use super::{Outcome, State, Undoing, Write, advance::enter, release};
use crate::{
    Code, Reason, Record,
    record::{List, Once, Permitted},
    remedy::{adoptable, gone},
};

pub(super) fn resumed(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    let state = match &record.state {
        State::Held { resume, .. } => (**resume).clone(),
        confirmed @ State::Confirmed { .. } if record.list() == List::Held => confirmed.clone(),
        _ => return None,
    };
    let earlier = |reason: &Reason| reason.code == Code::EarlierPosting;
    let is_earlier = record.state.reasons().iter().any(earlier);
    record.note(now, "resumed", &signed(by, note));
    if is_earlier && matches!(state, State::Acknowledged | State::Planned { .. }) {
        go_on(record, state, Permitted::Earlier, (by, note), now);
        return Some(());
    }
    record.due = now;
    enter(record, release::wanted_again(state), now);
    Some(())
}

/// Back to where a plan is made. The count of plans stays, so the next plan is another one and so are its stamps.
pub(super) fn replanned(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    let State::Held { resume, .. } = &record.state else {
        return None;
    };
    gone(resume).ok()?;
    record.note(now, "replanned", &signed(by, note));
    record.notes.clear();
    record.due = now;
    enter(record, State::Acknowledged, now);
    Some(())
}

/// Concur is told "error" with the reasons it was held for.
pub(super) fn returned(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    let State::Held { reasons, resume } = &record.state else {
        return None;
    };
    gone(resume).ok()?;
    let reasons = reasons.clone();
    record.note(now, "returned_by", &signed(by, note));
    record.due = now;
    enter(record, State::Refused { reasons }, now);
    Some(())
}

/// What a person named stands for the postings; those nobody named are searched and written as before.
pub(super) fn adopted(
    record: &mut Record,
    (plan, writes): (u32, &[Write]),
    signed: &str,
    now: Timestamp,
) -> Option<()> {
    let State::Held { resume, .. } = &record.state else {
        return None;
    };
    adoptable(resume).ok()?;
    let posting = State::Posting {
        plan,
        writes: writes.to_vec(),
    };
    let receipts: Vec<_> = posting.receipts().into_iter().cloned().collect();
    let named = receipts.iter().filter(|receipt| receipt.adopted);
    let labels: Vec<_> = named.map(super::Receipt::label).collect();
    if labels.is_empty() {
        return None;
    }
    record.note(now, "adopted", &format!("{} {signed}", labels.join(", ")));
    record.plans = record.plans.max(plan);
    record.due = now;
    let state = if writes.iter().all(|write| write.outcome.is_done()) {
        State::Posted { plan, receipts }
    } else {
        posting
    };
    enter(record, state, now);
    Some(())
}

/// A lost write did not arrive, says a person who looked after it could not arrive any more; so it may be written again,
/// even where the search proves nothing. The same of what is taken back: nothing is left but what the search finds.
pub(super) fn found_absent(
    record: &mut Record,
    before: Timestamp,
    (by, note): (&str, &str),
    now: Timestamp,
) -> Option<()> {
    let State::Held { resume, .. } = &record.state else {
        return None;
    };
    let mut state = (**resume).clone();
    let outcomes: Vec<&mut Outcome> = match &mut state {
        State::Posting { writes, .. } => {
            let outcomes = writes.iter_mut().map(|write| &mut write.outcome);
            outcomes.collect()
        }
        State::Withdrawing { undo, .. } => {
            let steps = undo.iter_mut().map(|one| &mut one.step);
            let reversals = steps.filter_map(|step| match step {
                Undoing::Reverse { outcome, .. } => Some(outcome),
                _ => None,
            });
            reversals.collect()
        }
        _ => return None,
    };
    for outcome in outcomes {
        match outcome {
            Outcome::Unknown { since } if *since > before => return None,
            Outcome::Unknown { .. } => *outcome = Outcome::Open,
            Outcome::Open | Outcome::Part { .. } | Outcome::Done { .. } => {}
        }
    }
    record.note(now, "found_absent", &signed(by, note));
    go_on(record, state, Permitted::Write, (by, note), now);
    Some(())
}

/// A possible duplicate is planned anew without being compared; an amount that differs is taken as it stands.
pub(super) fn allowed(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    let State::Held { reasons, resume } = &record.state else {
        return None;
    };
    let stopped = (**resume).clone();
    let is = |code| reasons.iter().any(|reason| reason.code == code);
    let (duplicate, differs) = (is(Code::PossibleDuplicate), is(Code::AmountDiffers));
    record.note(now, "allowed", &signed(by, note));
    if duplicate {
        gone(&stopped).ok()?;
        go_on(
            record,
            State::Acknowledged,
            Permitted::Duplicate,
            (by, note),
            now,
        );
    } else if differs {
        record.due = now;
        enter(record, stopped, now);
    } else {
        return None;
    }
    Some(())
}

/// The document goes on with what a person permitted.
fn go_on(
    record: &mut Record,
    state: State,
    what: Permitted,
    (by, note): (&str, &str),
    now: Timestamp,
) {
    record.due = now;
    enter(record, state, now);
    record.once = Some(Once {
        what,
        by: by.to_owned(),
        note: note.to_owned(),
    });
}

/// Ends a held record. A confirmed one stays confirmed: what is closed is the wish to release the rest.
pub(super) fn closed(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    if record.state.list() != List::Held {
        return None;
    }
    let state = match &record.state {
        State::Confirmed { .. } => {
            record.note(now, "closed", &signed(by, note));
            release::left_to_a_person(record.state.clone())
        }
        // What it leaves is the next one's to know, if its business object comes again.
        _ => State::Closed {
            by: by.to_owned(),
            note: note.to_owned(),
            receipts: release::left(record.state.receipts()),
            unproved: record.state.unproved(),
        },
    };
    enter(record, state, now);
    Some(())
}

/// Who and why, as far as they were given.
pub(super) fn signed(by: &str, note: &str) -> String {
    if by.is_empty() || note.is_empty() {
        format!("{by}{note}")
    } else {
        format!("{by}: {note}")
    }
}
