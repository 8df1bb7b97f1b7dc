//! What a person makes of a held record.

use jiff::Timestamp;

use super::{State, advance::enter, release};
use crate::{Record, record::List, remedy::replannable};

pub(super) fn resumed(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    let state = match &record.state {
        State::Held { resume, .. } => (**resume).clone(),
        confirmed @ State::Confirmed { .. } if record.list() == List::Held => confirmed.clone(),
        _ => return None,
    };
    record.note(now, "resumed", &signed(by, note));
    record.due = now;
    enter(record, release::wanted_again(state), now);
    Some(())
}

/// Back to where a plan is made. The count of plans stays, so the next plan is another one and so are its stamps.
pub(super) fn replanned(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    let State::Held { resume, .. } = &record.state else {
        return None;
    };
    replannable(resume).ok()?;
    record.note(now, "replanned", &signed(by, note));
    record.due = now;
    enter(record, State::Acknowledged, now);
    Some(())
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
        _ => State::Closed {
            by: by.to_owned(),
            note: note.to_owned(),
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
