//! What a record is after something happened to it. Every happening that has no place in the present state is an
//! [`IllegalMove`]; a test lists them all.

use jiff::{SignedDuration, Timestamp};

use super::{
    AcknowledgeCode, ConfirmCode, Earlier, Outcome, Receipt, State, Write,
    answer::{Acknowledged, Confirmed},
};
use crate::{
    Code, Plan, Reason, Record,
    reason::{Blame, blame},
    record::Claim,
};

/// Something that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A worker claims the record before it acts outside. A lapsed claim of an earlier worker makes its open writes unknown.
    Claimed(Claim),
    /// Concur answered an acknowledgement. `again` is when to ask again if the answer says so.
    Acknowledged {
        /// The answer.
        answer: AcknowledgeCode,
        /// Whether an earlier acknowledgement was sent.
        earlier: Earlier,
        /// When to ask again.
        again: Timestamp,
    },
    /// A plan was made and is stored, but nothing can begin now (no seat, an earlier document, little time).
    Planned {
        /// Number of the plan.
        plan: u32,
    },
    /// Plan, intent and claim are stored in one write.
    Began {
        /// Number of the plan.
        plan: u32,
        /// One for each posting.
        writes: Vec<Write>,
        /// The claim under which everything is written.
        claim: Claim,
    },
    /// The plan has no postings: Concur is told so as success.
    NothingToPost {
        /// Number of the plan.
        plan: u32,
    },
    /// A document or a write was refused and nothing of it stands in Acumatica.
    Refused {
        /// Why, at least one.
        reasons: Vec<Reason>,
        /// What the rules do with each kind of fault.
        policy: OnRefusal,
    },
    /// A posting was found or written.
    Written(Receipt),
    /// The answer to a write was lost.
    AnswerLost {
        /// Number of the posting.
        n: u32,
        /// When.
        at: Timestamp,
    },
    /// A search after the proof wait did not find these postings: they may be written again.
    ProvedAbsent {
        /// Numbers of the postings.
        numbers: Vec<u32>,
    },
    /// Concur answered a posting confirmation. `again` is when to repeat it if the answer says so.
    Confirmed {
        /// The answer.
        answer: ConfirmCode,
        /// When to repeat.
        again: Timestamp,
    },
    /// A step failed in passing; it is tried again at `due`. The attempt counts against the budget.
    Failed {
        /// What failed, for the trail and for the reason if the budget ends.
        reason: Reason,
        /// When to try again.
        due: Timestamp,
        /// Attempts a step may fail before the record is held.
        attempts_max: u32,
    },
    /// Nothing failed, but it cannot go on now; no attempt is used up.
    Parked {
        /// Why, one phrase for the trail.
        why: String,
        /// When to look again.
        due: Timestamp,
    },
    /// A person must look.
    Held {
        /// Why, at least one.
        reasons: Vec<Reason>,
    },
    /// A person lets a held record go on where it was.
    Resumed {
        /// Who.
        by: String,
        /// Why.
        note: String,
    },
    /// A person ends a held record without a word to Concur.
    Closed {
        /// Who.
        by: String,
        /// Why.
        note: String,
    },
}

/// What a refusal does, by blame (`posting.on_refusal`). Unknown faults always hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnRefusal {
    /// For faults of the document.
    pub document: RefusalAction,
    /// For faults of the set-up.
    pub setup: RefusalAction,
}

impl Default for OnRefusal {
    fn default() -> Self {
        Self {
            document: RefusalAction::Return,
            setup: RefusalAction::Hold,
        }
    }
}

/// Send it back to Concur's processor, or keep it for a person here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalAction {
    /// Concur is told "error".
    Return,
    /// Held here.
    Hold,
}

/// A happening that has no place in the present state: a bug of the caller, or a record changed by somebody else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{happened}` cannot happen to a document that is {state}")]
pub struct IllegalMove {
    /// State the record is in.
    pub state: &'static str,
    /// What was said to have happened.
    pub happened: &'static str,
}

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
    let illegal = IllegalMove {
        state: record.state.word(),
        happened: happened.word(),
    };
    match happened {
        Happened::Claimed(claim) => claimed(&mut next, claim, now).ok_or(illegal)?,
        Happened::Acknowledged {
            answer,
            earlier,
            again,
        } => {
            acknowledged(&mut next, answer, (*earlier, *again), now).ok_or(illegal)?;
        }
        Happened::Planned { plan } => {
            only(matches!(record.state, State::Acknowledged), illegal)?;
            enter(&mut next, State::Planned { plan: *plan }, now);
            next.plans = *plan;
        }
        Happened::Began {
            plan,
            writes,
            claim,
        } => {
            only(
                matches!(record.state, State::Acknowledged | State::Planned { .. }),
                illegal,
            )?;
            began(&mut next, (*plan, writes), claim, now);
        }
        Happened::NothingToPost { plan } => {
            only(
                matches!(record.state, State::Acknowledged | State::Planned { .. }),
                illegal,
            )?;
            next.plans = *plan;
            next.note(now, "nothing_to_post", &format!("plan {plan}"));
            enter(
                &mut next,
                State::Posted {
                    plan: *plan,
                    receipts: Vec::new(),
                },
                now,
            );
        }
        Happened::Refused { reasons, policy } => {
            refused(&mut next, reasons, *policy, now).ok_or(illegal)?
        }
        Happened::Written(receipt) => written(&mut next, receipt, now).ok_or(illegal)?,
        Happened::AnswerLost { n, at } => {
            let write = open_write(&mut next, *n).ok_or(illegal)?;
            write.outcome = Outcome::Unknown { since: *at };
            next.note(now, "answer_lost", &format!("posting {n}"));
        }
        Happened::ProvedAbsent { numbers } => {
            for n in numbers {
                open_write(&mut next, *n)
                    .ok_or_else(|| illegal.clone())?
                    .outcome = Outcome::Open;
            }
            next.note(now, "proved_absent", &format!("postings {numbers:?}"));
        }
        Happened::Confirmed { answer, again } => {
            confirmed(&mut next, answer, *again, now).ok_or(illegal)?
        }
        Happened::Failed {
            reason,
            due,
            attempts_max,
        } => {
            only(is_open(record), illegal)?;
            failed(&mut next, reason, (*due, *attempts_max), now);
        }
        Happened::Parked { why, due } => {
            only(is_open(record), illegal)?;
            next.note(now, "parked", why);
            next.due = *due;
            next.claim = None;
            next.claims = 0;
        }
        Happened::Held { reasons } => {
            only(is_open(record), illegal)?;
            hold(&mut next, reasons.clone(), now);
        }
        Happened::Resumed { by, note } => {
            let State::Held { resume, .. } = &record.state else {
                return Err(illegal);
            };
            next.note(now, "resumed", &format!("{by}: {note}"));
            enter(&mut next, (**resume).clone(), now);
        }
        Happened::Closed { by, note } => {
            only(matches!(record.state, State::Held { .. }), illegal)?;
            enter(
                &mut next,
                State::Closed {
                    by: by.clone(),
                    note: note.clone(),
                },
                now,
            );
        }
    }
    Ok(next)
}

impl Happened {
    fn word(&self) -> &'static str {
        match self {
            Self::Claimed(_) => "claimed",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Planned { .. } => "planned",
            Self::Began { .. } => "began",
            Self::NothingToPost { .. } => "nothing_to_post",
            Self::Refused { .. } => "refused",
            Self::Written(_) => "written",
            Self::AnswerLost { .. } => "answer_lost",
            Self::ProvedAbsent { .. } => "proved_absent",
            Self::Confirmed { .. } => "confirmed",
            Self::Failed { .. } => "failed",
            Self::Parked { .. } => "parked",
            Self::Held { .. } => "held",
            Self::Resumed { .. } => "resumed",
            Self::Closed { .. } => "closed",
        }
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

fn only(allowed: bool, illegal: IllegalMove) -> Result<(), IllegalMove> {
    if allowed { Ok(()) } else { Err(illegal) }
}

fn is_open(record: &Record) -> bool {
    record.state.list() == crate::record::List::Open
}

/// A result: the state changes, the attempt count starts anew, nobody holds the record but a claim under way.
fn enter(record: &mut Record, state: State, now: Timestamp) {
    record.note(now, state.word(), &detail(&state));
    record.attempt = 0;
    record.claims = 0;
    if state.list() != crate::record::List::Open {
        record.claim = None;
        record.due = now;
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
        State::Posted { receipts, .. } | State::Confirmed { receipts, .. } => labels(receipts),
        State::Refused { reasons } | State::Returned { reasons } | State::Held { reasons, .. } => {
            reasons
                .iter()
                .map(|reason| reason.code.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        }
        State::Closed { by, note } => format!("{by}: {note}"),
        State::Received | State::Acknowledged | State::Recalled => String::new(),
    }
}

fn hold(record: &mut Record, reasons: Vec<Reason>, now: Timestamp) {
    let resume = Box::new(record.state.clone());
    enter(record, State::Held { reasons, resume }, now);
}

fn claimed(record: &mut Record, claim: &Claim, now: Timestamp) -> Option<()> {
    if !is_open(record) || record.is_claimed(now) {
        return None;
    }
    if let Some(lapsed) = record.claim.take() {
        record.note(now, "claim_lapsed", &lapsed.worker);
        if let State::Posting { writes, .. } = &mut record.state {
            for write in writes
                .iter_mut()
                .filter(|write| write.outcome == Outcome::Open)
            {
                write.outcome = Outcome::Unknown {
                    since: lapsed.until,
                };
            }
        }
    }
    record.claim = Some(claim.clone());
    record.claims = record.claims.saturating_add(1);
    Some(())
}

fn acknowledged(
    record: &mut Record,
    answer: &AcknowledgeCode,
    (earlier, again): (Earlier, Timestamp),
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
            record.attempt = record.attempt.saturating_add(1);
            record.due = again;
            record.claim = None;
            record.claims = 0;
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

fn began(record: &mut Record, (plan, writes): (u32, &[Write]), claim: &Claim, now: Timestamp) {
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
}

/// A refusal ends a document only when nothing of it stands or may stand in Acumatica; otherwise a person must look.
fn refused(
    record: &mut Record,
    reasons: &[Reason],
    policy: OnRefusal,
    now: Timestamp,
) -> Option<()> {
    let clear = match &record.state {
        State::Acknowledged | State::Planned { .. } => true,
        State::Posting { writes, .. } => writes.iter().all(|write| write.outcome == Outcome::Open),
        _ => return None,
    };
    let action = match blame(reasons)? {
        Blame::Document => policy.document,
        Blame::Setup => policy.setup,
        Blame::Unknown => RefusalAction::Hold,
    };
    if clear && action == RefusalAction::Return {
        enter(
            record,
            State::Refused {
                reasons: reasons.to_vec(),
            },
            now,
        );
    } else {
        hold(record, reasons.to_vec(), now);
    }
    Some(())
}

fn open_write(record: &mut Record, n: u32) -> Option<&mut Write> {
    let State::Posting { writes, .. } = &mut record.state else {
        return None;
    };
    writes
        .iter_mut()
        .find(|write| write.n == n && !matches!(write.outcome, Outcome::Done { .. }))
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
    let State::Posting { plan, writes } = &record.state else {
        return None;
    };
    let (plan, wanted) = (*plan, writes.len());
    let receipts: Vec<Receipt> = record.state.receipts().into_iter().cloned().collect();
    if receipts.len() == wanted {
        enter(record, State::Posted { plan, receipts }, now);
    }
    Some(())
}

fn confirmed(
    record: &mut Record,
    answer: &ConfirmCode,
    again: Timestamp,
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
        Confirmed::Recalled if success => {
            hold(
                record,
                reason(
                    Code::Recalled,
                    "Concur recalled the document after it was posted",
                ),
                now,
            );
        }
        Confirmed::Recalled => enter(record, State::Recalled, now),
        Confirmed::Again | Confirmed::Unacknowledged => {
            record.note(now, "confirm_again", &format!("code {}", answer.code));
            record.attempt = record.attempt.saturating_add(1);
            record.due = again;
            record.claim = None;
            record.claims = 0;
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

fn failed(
    record: &mut Record,
    reason: &Reason,
    (due, attempts_max): (Timestamp, u32),
    now: Timestamp,
) {
    record.attempt = record.attempt.saturating_add(1);
    record.claim = None;
    record.claims = 0;
    record.note(
        now,
        "failed",
        &format!("attempt {}: {}", record.attempt, reason.message),
    );
    record.due = due;
    if record.attempt >= attempts_max {
        let spent = Reason::new(
            Code::AttemptsSpent,
            format!("{} attempts failed", record.attempt),
        );
        hold(record, vec![spent, reason.clone()], now);
    }
}

/// Longest wait between two attempts.
pub const DELAY_MAX: SignedDuration = SignedDuration::from_hours(1);
