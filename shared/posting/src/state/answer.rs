//! What Concur's numeric codes mean for a document. The numbers are FIS service codes (v4, "Service codes").

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    OnRecall, State,
    advance::{again, enter, hold},
    withdraw,
};
use crate::{Code, Reason, Record};

/// Concur's answer to an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeCode {
    /// The numeric code of the item.
    pub code: i64,
    /// The system id that holds the acknowledgement, as answered.
    pub system: Option<String>,
}

/// Whether this record had sent an acknowledgement before the one just answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// The answer is to the first acknowledgement ever sent for the record.
    First,
    /// An earlier one was sent, or was about to be, when its worker ended.
    Sent,
}

/// What an acknowledgement answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acknowledged {
    Ours,
    Again,
    Recalled,
    Elsewhere,
    SystemDiffers,
    Refused,
}

impl AcknowledgeCode {
    fn meaning(&self, system_id: &str, earlier: Earlier) -> Acknowledged {
        match self.code {
            0 => Acknowledged::Ours,
            101 if earlier == Earlier::Sent && self.system.as_deref() == Some(system_id) => {
                Acknowledged::Ours
            }
            101 => Acknowledged::Elsewhere,
            103 | 199 => Acknowledged::Again,
            102 | 104 => Acknowledged::Recalled,
            99 => Acknowledged::SystemDiffers,
            _ => Acknowledged::Refused,
        }
    }
}

/// Concur's answer to a posting confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmCode {
    /// The numeric code of the item.
    pub code: i64,
    /// After code 113: whether the status Concur holds equals our verdict, read by business id; `None` while not read.
    pub verdict_equal: Option<bool>,
}

/// What a confirmation answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Confirmed {
    Holds,
    Differs,
    Again,
    Unacknowledged,
    Recalled,
    SystemDiffers,
    Refused,
}

impl ConfirmCode {
    fn meaning(&self) -> Confirmed {
        match (self.code, self.verdict_equal) {
            (0, _) | (113, Some(true)) => Confirmed::Holds,
            (113, Some(false)) => Confirmed::Differs,
            (113, None) | (199, _) => Confirmed::Again,
            (111, _) => Confirmed::Unacknowledged,
            (112, _) => Confirmed::Recalled,
            (99, _) => Confirmed::SystemDiffers,
            _ => Confirmed::Refused,
        }
    }
}

pub(super) fn acknowledged(
    record: &mut Record,
    answer: &AcknowledgeCode,
    (earlier, due): (Earlier, Timestamp),
    now: Timestamp,
) -> Option<()> {
    if record.state != State::Received {
        return None;
    }
    let reason = |code, message: &str| {
        let system = answer.system.as_deref().unwrap_or("null");
        vec![Reason::new(code, message).at(
            "acknowledgement",
            format!("code {}, system {system}", answer.code),
        )]
    };
    match answer.meaning(&record.system_id, earlier) {
        Acknowledged::Ours => enter(record, State::Acknowledged, now),
        Acknowledged::Recalled => enter(record, State::Recalled, now),
        Acknowledged::Again => {
            record.note(now, "acknowledge_again", &format!("code {}", answer.code));
            again(record, due);
        }
        Acknowledged::Elsewhere => hold(
            record,
            reason(
                Code::TakenElsewhere,
                "Concur says another system acknowledged this document",
            ),
            now,
        ),
        Acknowledged::SystemDiffers => {
            hold(
                record,
                reason(
                    Code::SystemMismatch,
                    "Concur knows the document under another system id",
                ),
                now,
            );
        }
        Acknowledged::Refused => {
            hold(
                record,
                reason(
                    Code::ConcurRefused,
                    "Concur refuses to acknowledge the document",
                ),
                now,
            );
        }
    }
    Some(())
}

pub(super) fn confirmed(
    record: &mut Record,
    answer: &ConfirmCode,
    (due, on_recall): (Timestamp, OnRecall),
    now: Timestamp,
) -> Option<()> {
    let success = match &record.state {
        State::Posted { .. } => true,
        State::Refused { .. } => false,
        _ => return None,
    };
    let reason = |code, message: &str| {
        vec![Reason::new(code, message).at("posting confirmation", format!("code {}", answer.code))]
    };
    match answer.meaning() {
        Confirmed::Holds => end(record, now),
        Confirmed::Recalled if success => match withdraw::recalled(&record.state, on_recall) {
            Some(state) => {
                enter(record, state, now);
                // The next run takes it back: this one is past its writes.
                record.claim = None;
                record.due = now;
            }
            None => hold(
                record,
                reason(
                    Code::Recalled,
                    "Concur recalled the document after it was posted",
                ),
                now,
            ),
        },
        Confirmed::Recalled => enter(record, State::Recalled, now),
        Confirmed::Again | Confirmed::Unacknowledged => {
            record.note(now, "confirm_again", &format!("code {}", answer.code));
            again(record, due);
        }
        Confirmed::Differs => {
            hold(
                record,
                reason(
                    Code::VerdictDiffers,
                    "Concur holds another verdict than ours",
                ),
                now,
            );
        }
        Confirmed::SystemDiffers => {
            hold(
                record,
                reason(
                    Code::SystemMismatch,
                    "Concur knows the document under another system id",
                ),
                now,
            );
        }
        Confirmed::Refused => hold(
            record,
            reason(Code::ConcurRefused, "Concur refuses the confirmation"),
            now,
        ),
    }
    Some(())
}

fn end(record: &mut Record, now: Timestamp) {
    let state = match &record.state {
        State::Posted { plan, receipts } => State::Confirmed {
            plan: *plan,
            receipts: receipts.clone(),
        },
        State::Refused { reasons } => State::Returned {
            reasons: reasons.clone(),
        },
        other => other.clone(),
    };
    enter(record, state, now);
}
