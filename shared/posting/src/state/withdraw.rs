//! Taking back what was written: how far each posting is, and where the document goes when nothing of it stands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    OnRecall, Outcome, Receipt, RefusalAction, Release, State, advance::enter, person::signed,
};
use crate::{Code, Reason, Record};

/// Audit entry of a deletion about to be sent; the document as it stood is kept from then on.
pub const DELETING: &str = "deleting";

/// Why what was written is taken back, and so where the document goes when nothing of it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// A posting was refused after others were written, or a person wants none of it.
    Refused {
        /// What is wrong.
        reasons: Vec<Reason>,
        /// Whether Concur is told then, or a person looks.
        then: RefusalAction,
    },
    /// Concur recalled the document.
    Recalled,
}

/// One posting that is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// What was written.
    #[serde(rename = "written")]
    pub receipt: Receipt,
    /// How far its undoing is.
    #[serde(flatten)]
    pub step: Undoing,
}

/// How far the undoing of one posting is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "undo", rename_all = "snake_case")]
pub enum Undoing {
    /// How it stands decides what undoes it; nothing was sent.
    Undecided,
    /// It is deleted.
    Delete {
        /// The later of "answer lost" and "claim ended" of a deletion that may have arrived; none was sent before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// What Acumatica said when it did not delete it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<String>,
    },
    /// The opposite document is written.
    Reverse {
        /// Its financial period; `None` leaves it to Acumatica.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<String>,
        /// What became of it.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// Nothing of it counts any more.
    Gone {
        /// How that came.
        how: Gone,
    },
}

/// How a posting came to count no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// It was not there when it was looked for.
    Absent,
    /// The connector deleted it.
    Deleted,
    /// A person voided or rejected it.
    Voided,
    /// It and its opposite document are both in the ledger; an AP document and its opposite are both closed.
    Reversed,
}

impl Undoing {
    /// Whether nothing of the posting counts any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone { .. })
    }

    /// Since when something sent may have arrived.
    pub(super) fn unknown(&self) -> Option<Timestamp> {
        match self {
            Self::Delete {
                since: Some(since), ..
            }
            | Self::Reverse {
                outcome: Outcome::Unknown { since },
                ..
            } => Some(*since),
            _ => None,
        }
    }

    /// A claim ended by its time: what was about to be sent may have been.
    pub(super) fn lapse(&mut self, until: Timestamp) {
        match self {
            Self::Delete {
                since: since @ None,
                ..
            } => *since = Some(until),
            Self::Reverse { outcome, .. } if *outcome == Outcome::Open => {
                *outcome = Outcome::Unknown { since: until };
            }
            _ => {}
        }
    }

    /// Whether this can follow. A reversal that may stand is never forgotten, and what is gone stays gone.
    fn leads_to(&self, next: &Self) -> bool {
        match self {
            Self::Undecided => !matches!(next, Self::Undecided) && next.is_unwritten(),
            Self::Delete { .. } => next.is_unwritten(),
            Self::Reverse { outcome, .. } => match outcome {
                Outcome::Open => !matches!(next, Self::Delete { .. }),
                Outcome::Unknown { .. } => matches!(next, Self::Reverse { .. }),
                Outcome::Part { .. } | Outcome::Done { .. } => matches!(
                    next,
                    Self::Gone { .. }
                        | Self::Reverse {
                            outcome: Outcome::Done { .. },
                            ..
                        }
                ),
            },
            Self::Gone { .. } => false,
        }
    }

    /// Whether no reversal was sent.
    fn is_unwritten(&self) -> bool {
        match self {
            Self::Reverse { outcome, .. } => *outcome == Outcome::Open,
            Self::Undecided | Self::Delete { .. } | Self::Gone { .. } => true,
        }
    }
}

impl Undo {
    /// A receipt nothing was done about.
    fn of(receipt: &Receipt) -> Self {
        Self {
            receipt: receipt.clone(),
            step: Undoing::Undecided,
        }
    }
}

/// The state that takes these postings back.
pub(super) fn withdrawing(receipts: &[Receipt], plan: u32, why: Why) -> State {
    let undo = receipts.iter().map(Undo::of).collect();
    State::Withdrawing { plan, why, undo }
}

fn ended(why: Why) -> State {
    match why {
        Why::Recalled => State::Recalled,
        Why::Refused {
            reasons,
            then: RefusalAction::Return,
        } => State::Refused { reasons },
        // Another plan may be made, for nothing of the old one stands.
        Why::Refused {
            reasons,
            then: RefusalAction::Hold,
        } => State::Held {
            reasons,
            resume: Box::new(State::Acknowledged),
        },
    }
}

/// Where a posted document goes that Concur recalled; `None` where a person must look: the rules say so, or a person named
/// some of it, and that is never taken back.
pub(super) fn recalled(state: &State, on_recall: OnRecall) -> Option<State> {
    let State::Posted { plan, receipts } = state else {
        return None;
    };
    let is_adopted = receipts.iter().any(|receipt| receipt.adopted);
    match on_recall {
        _ if receipts.is_empty() => Some(State::Recalled),
        OnRecall::Withdraw if !is_adopted => Some(withdrawing(receipts, *plan, Why::Recalled)),
        _ => None,
    }
}

/// What the connector wrote of a plan that was refused half-way; `None` when nothing stands, something may stand unseen, or
/// a person named some of it: that is never taken back.
pub(super) fn ours(state: &State) -> Option<Vec<Receipt>> {
    let State::Posting { writes, .. } = state else {
        return None;
    };
    let is_unknown = writes
        .iter()
        .any(|write| matches!(write.outcome, Outcome::Unknown { .. }));
    let receipts: Vec<Receipt> = state.receipts().into_iter().cloned().collect();
    let is_adopted = receipts.iter().any(|receipt| receipt.adopted);
    (!receipts.is_empty() && !is_unknown && !is_adopted).then_some(receipts)
}

/// Notes what becomes of one posting.
pub(super) fn undo(record: &mut Record, n: u32, step: &Undoing, now: Timestamp) -> Option<()> {
    let State::Withdrawing { undo, .. } = &mut record.state else {
        return None;
    };
    let one = undo.iter_mut().find(|one| one.receipt.n == n)?;
    if !one.step.leads_to(step) {
        return None;
    }
    let is_new = one.step != *step;
    one.step = step.clone();
    let label = one.receipt.label();
    if is_new {
        let (what, detail) = told(step, &label);
        record.note(now, what, &detail);
    }
    // An intent, or an answer that was lost, is no result.
    if is_result(step) {
        record.claims = 0;
        record.attempt = 0;
        record.waits = None;
    }
    Some(())
}

fn is_result(step: &Undoing) -> bool {
    match step {
        Undoing::Gone { .. } => true,
        Undoing::Reverse { outcome, .. } => matches!(outcome, Outcome::Done { .. }),
        Undoing::Undecided | Undoing::Delete { .. } => false,
    }
}

fn told(step: &Undoing, label: &str) -> (&'static str, String) {
    let label = label.to_owned();
    match step {
        Undoing::Undecided => ("undo_undecided", label),
        Undoing::Delete { since: None, .. } => (DELETING, label),
        Undoing::Delete {
            said: Some(said), ..
        } => ("delete_lost", format!("{label}: {said}")),
        Undoing::Delete { .. } => ("delete_lost", label),
        Undoing::Reverse { period, outcome } => match outcome {
            Outcome::Open => {
                let period = period.as_deref().unwrap_or("its date's");
                ("reversing", format!("{label} in period {period}"))
            }
            Outcome::Unknown { .. } => ("reversal_lost", label),
            Outcome::Part { receipt } | Outcome::Done { receipt } => {
                let what = match receipt.release {
                    Release::NotWanted => "reversal_written",
                    _ => "reversal_release",
                };
                (what, format!("{label} by {}", receipt.label()))
            }
        },
        Undoing::Gone { how } => {
            let what = match how {
                Gone::Absent => "gone_absent",
                Gone::Deleted => "gone_deleted",
                Gone::Voided => "gone_voided",
                Gone::Reversed => "gone_reversed",
            };
            (what, label)
        }
    }
}

/// Ends a withdrawal of which nothing stands. References of what was reversed stay taken in Acumatica, which the next plan
/// of the business object must know.
pub(super) fn withdrawn(record: &mut Record, now: Timestamp) -> Option<()> {
    let State::Withdrawing { why, undo, .. } = &record.state else {
        return None;
    };
    if !undo.iter().all(|one| one.step.is_gone()) {
        return None;
    }
    let reversed = Undoing::Gone {
        how: Gone::Reversed,
    };
    if undo
        .iter()
        .any(|one| one.receipt.kind.is_payable() && one.step == reversed)
    {
        record.reversed = record.reversed.saturating_add(1);
    }
    let state = ended(why.clone());
    record.note(now, "withdrawn", "");
    enter(record, state, now);
    Some(())
}

/// A person has what stands of a held document taken back.
pub(super) fn asked(record: &mut Record, by: &str, note: &str, now: Timestamp) -> Option<()> {
    let State::Held { reasons, resume } = &record.state else {
        return None;
    };
    let (state, reasons) = ((**resume).clone(), reasons.clone());
    let state = match state {
        State::Posting { plan, writes } => {
            let is_unknown = |outcome: &Outcome| matches!(outcome, Outcome::Unknown { .. });
            if writes.iter().any(|write| is_unknown(&write.outcome)) {
                return None;
            }
            from(record, plan, reasons)
        }
        State::Posted { plan, .. } => from(record, plan, reasons),
        State::Withdrawing { .. } => Some(state),
        _ => None,
    }?;
    record.note(now, "withdraw_asked", &signed(by, note));
    record.due = now;
    enter(record, state, now);
    Some(())
}

/// Where a held document goes of which the connector wrote something. What Concur recalled is told nothing any more.
fn from(record: &Record, plan: u32, reasons: Vec<Reason>) -> Option<State> {
    let receipts = record.state.receipts().into_iter();
    // What a person named stays: it is not the connector's to take back.
    let receipts: Vec<Receipt> = receipts.filter(|one| !one.adopted).cloned().collect();
    let is_recalled = reasons.iter().any(|reason| reason.code == Code::Recalled);
    let why = if is_recalled {
        Why::Recalled
    } else {
        let then = RefusalAction::Return;
        Why::Refused { reasons, then }
    };
    (!receipts.is_empty()).then(|| withdrawing(&receipts, plan, why))
}
