//! What a person makes of a held record.

use jiff::Timestamp;

use super::{State, advance::enter};
use crate::{Record, record::List, remedy::replannable};

pub(super) fn resumed(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    let State::Held { resume, .. } = &record.state else {
        return None;
    };
    let state = (**resume).clone();
    record.note(now, "resumed", &signed(by, note));
    record.due = now;
    enter(record, state, now);
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

pub(super) fn closed(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    if record.state.list() != List::Held {
        return None;
    }
    enter(
        record,
        State::Closed {
            by: by.to_owned(),
            note: note.to_owned(),
        },
        now,
    );
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
