//! What can happen to a record, and what does not fit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    AcknowledgeCode, ConfirmAfter, ConfirmCode, Earlier, Receipt, Release, Undoing, Write,
};
use crate::{Reason, record::Claim};

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
        /// When Concur may be told "success".
        confirm_after: ConfirmAfter,
    },
    /// What became of the release of a posting: asked for, done or failed.
    Release {
        /// Number of the posting.
        n: u32,
        /// How far it is.
        release: Release,
        /// Its status in Acumatica, where it was read.
        status: Option<String>,
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
    /// The first lines of a posting stand, on hold; it was left there, and nothing sent for it may still arrive.
    Part {
        /// Under which number, and how many they are.
        receipt: Receipt,
        /// Lines it has when it is whole.
        of: usize,
    },
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
        /// What a recall does that shows itself now.
        on_recall: OnRecall,
    },
    /// A person has everything taken back that stands of a held document; nothing of it may be unknown.
    WithdrawAsked {
        /// Who.
        by: String,
        /// Why.
        note: String,
    },
    /// What becomes of one posting that is taken back: decided, sent, lost, written or gone.
    Undo {
        /// Number of the posting.
        n: u32,
        /// How far it is.
        step: Undoing,
    },
    /// Nothing of the document counts in Acumatica any more, as a search proved.
    Withdrawn,
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
    /// A person lets a held record be planned anew; nothing of its old plan may stand in Acumatica.
    Replanned {
        /// Who.
        by: String,
        /// Why.
        note: String,
    },
    /// A person has a held record, nothing of which stands in Acumatica, told to Concur as "error".
    Returned {
        /// Who.
        by: String,
        /// Why.
        note: String,
    },
    /// A person names what stands in Acumatica instead of a posting; Concur is told its number as success.
    Adopted {
        /// Number of the plan it was held against.
        plan: u32,
        /// One for each posting of the plan, those that were named with their receipts.
        writes: Vec<Write>,
        /// When Concur may be told "success".
        confirm_after: ConfirmAfter,
        /// Who.
        by: String,
        /// Why.
        note: String,
    },
    /// A person looked into Acumatica: what was lost did not arrive.
    FoundAbsent {
        /// Answers lost later than this are not proved by looking: they may still arrive.
        before: Timestamp,
        /// Who.
        by: String,
        /// Why.
        note: String,
    },
    /// A person permits once what the connector held: a possible duplicate, or an amount that differs.
    Allowed {
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

/// What a recall does that shows itself only when Concur is told of success (`posting.on_recall`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnRecall {
    /// What was posted is taken back.
    #[default]
    Withdraw,
    /// A person looks.
    Hold,
}

/// Send it back to Concur's processor, or keep it for a person here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Happened {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Claimed(_) => "claimed",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Planned { .. } => "planned",
            Self::Began { .. } => "began",
            Self::Release { .. } => "release",
            Self::NothingToPost { .. } => "nothing_to_post",
            Self::Refused { .. } => "refused",
            Self::Written(_) => "written",
            Self::Part { .. } => "part",
            Self::AnswerLost { .. } => "answer_lost",
            Self::ProvedAbsent { .. } => "proved_absent",
            Self::Confirmed { .. } => "confirmed",
            Self::WithdrawAsked { .. } => "withdraw_asked",
            Self::Undo { .. } => "undo",
            Self::Withdrawn => "withdrawn",
            Self::Failed { .. } => "failed",
            Self::Parked { .. } => "parked",
            Self::Held { .. } => "held",
            Self::Resumed { .. } => "resumed",
            Self::Replanned { .. } => "replanned",
            Self::Returned { .. } => "returned",
            Self::Adopted { .. } => "adopted",
            Self::FoundAbsent { .. } => "found_absent",
            Self::Allowed { .. } => "allowed",
            Self::Closed { .. } => "closed",
        }
    }
}
