//! What a person may do with a held document: which ways out its reasons permit, and which of them its state allows.

use serde::{Deserialize, Serialize};

use crate::record::List;
use crate::state::{Outcome, Receipt, State, Write};
use crate::{Code, Reason};

/// A way out of Held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Do {
    /// Go on where it stopped, by the plan it has.
    Resume,
    /// Forget the plan and make the next one from the newest rules.
    Replan,
    /// Tell Concur "error": the processor corrects it and it comes again.
    Return,
    /// Take what stands in Acumatica instead of posting.
    Adopt,
    /// What was lost did not arrive: a person looked.
    Absent,
    /// Post in spite of a possible duplicate, or take an amount that differs; once.
    Allow,
    /// Take back what was written, then tell Concur.
    Withdraw,
    /// End the record without a word to Concur.
    Close,
}

impl Do {
    /// Every way, in the order they are listed.
    pub const ALL: &[Self] = &[
        Self::Resume,
        Self::Replan,
        Self::Return,
        Self::Adopt,
        Self::Absent,
        Self::Allow,
        Self::Withdraw,
        Self::Close,
    ];

    /// The word in events and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::Replan => "replan",
            Self::Return => "return",
            Self::Adopt => "adopt",
            Self::Absent => "absent",
            Self::Allow => "allow",
            Self::Withdraw => "withdraw",
            Self::Close => "close",
        }
    }
}

impl Code {
    /// The ways out this reason permits; at least [`Do::Close`].
    #[must_use]
    pub fn permits(self) -> &'static [Do] {
        match self {
            // The plan could not be made, so there is nothing to go on with: only another plan can help.
            Self::FieldMissing
            | Self::FieldOdd
            | Self::AmountPrecision
            | Self::PartyInvalid
            | Self::JournalSign
            | Self::EntrySum
            | Self::ReportSum
            | Self::TaxSum
            | Self::TaxReference
            | Self::LineTwice
            | Self::InvoiceSum
            | Self::TemplateFailed
            | Self::CodeMissing
            | Self::CodeTooLong
            | Self::AccountMissing
            | Self::ControlAccount
            | Self::PartyWithoutRule
            | Self::ReimbursedElsewhere
            | Self::CardWithoutVendor
            | Self::CardAmbiguous
            | Self::MixedSigns
            | Self::PaymentMixed
            | Self::AdvanceReturn
            | Self::AdvanceType
            | Self::AdvanceCurrency
            | Self::ReclaimWithoutMapping
            | Self::PaidByConcur
            | Self::RemitToUnmapped
            | Self::ReferenceTooLong
            | Self::DateMissing
            | Self::PlanTooLarge
            | Self::PlanUnproved => &[Do::Replan, Do::Return, Do::Close],
            Self::PossibleDuplicate => &[Do::Replan, Do::Return, Do::Adopt, Do::Allow, Do::Close],
            // The plan is not what is wrong.
            Self::DocumentUnreadable => &[Do::Resume, Do::Return, Do::Close],
            Self::OutcomeUnproven => &[Do::Resume, Do::Adopt, Do::Absent, Do::Close],
            Self::EarlierPosting => &[Do::Resume, Do::Adopt, Do::Withdraw, Do::Close],
            Self::AmountDiffers => &[Do::Adopt, Do::Allow, Do::Withdraw, Do::Close],
            Self::SystemMismatch | Self::TakenElsewhere | Self::ConnectionMoved => {
                &[Do::Resume, Do::Close]
            }
            // What stands goes on or is taken back. What is being taken back is neither planned anew nor told before nothing of it
            // stands, and going on is taking it back.
            Self::ReleaseFailed
            | Self::ConcurRefused
            | Self::WithdrawalApproval
            | Self::WithdrawalPaid
            | Self::WithdrawalOrder
            | Self::WithdrawalEdited
            | Self::WithdrawalStatus
            | Self::WithdrawalOpen
            | Self::WithdrawalRefused
            | Self::WithdrawalIncomplete => &[Do::Resume, Do::Withdraw, Do::Close],
            // An earlier approval stands, and is nobody's to adopt twice.
            Self::AlreadyPostedReport => &[Do::Return, Do::Close],
            // Going on with it cannot be right.
            Self::VerdictDiffers | Self::Recalled => &[Do::Withdraw, Do::Close],
            // Another plan may help, or the same one once the cause is gone, or somebody posted it by hand; the state decides
            // what is safe.
            _ => &[
                Do::Resume,
                Do::Replan,
                Do::Return,
                Do::Adopt,
                Do::Withdraw,
                Do::Close,
            ],
        }
    }
}

/// Why a way out is closed to a document; `Display` says it in a phrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPermitted {
    /// It waits for nobody.
    #[error("it is {0}, not held")]
    NotHeld(&'static str),
    /// One of its reasons needs another way.
    #[error("its reason {code} permits {}", words(code.permits()))]
    Reason {
        /// The reason's code.
        code: Code,
    },
    /// It stopped where this has no place.
    #[error("it was {0} when it stopped, where that has no place")]
    NoPlace(&'static str),
    /// Everything of its plan is known already, or nothing was ever sent.
    #[error("none of its postings is missing in acumatica")]
    NothingOpen,
    /// Nothing of it stands in Acumatica that the connector wrote.
    #[error("the connector wrote nothing of it that stands in acumatica")]
    NothingOurs,
    /// A posting of its plan stands in Acumatica.
    #[error("{label} of its plan stands in acumatica")]
    Live {
        /// Kind and number.
        label: String,
    },
    /// A write of its plan may have arrived.
    #[error("whether posting {n} of its plan reached acumatica is not proved yet")]
    Unknown {
        /// Number of the posting.
        n: u32,
    },
}

fn words(ways: &[Do]) -> String {
    let words: Vec<_> = ways.iter().map(|way| way.as_str()).collect();
    words.join(", ")
}

/// Whether a document in this state may be brought on this way: all its reasons must permit it, and a new plan is made
/// only while every write of the old one is known not to stand in Acumatica.
///
/// # Errors
/// [`NotPermitted`], naming what is in the way.
pub fn permitted(state: &State, way: Do) -> Result<(), NotPermitted> {
    let (reasons, resume) = match state {
        State::Held { reasons, resume } => (reasons, resume),
        // A confirmed document waits for a person while a release failed: it is tried again, or left to that person.
        State::Confirmed { .. } if state.list() == List::Held => {
            return match way {
                Do::Resume | Do::Close => Ok(()),
                Do::Replan | Do::Return => gone(state),
                _ => Err(NotPermitted::NoPlace(state.word())),
            };
        }
        _ => return Err(NotPermitted::NotHeld(state.word())),
    };
    let against = |reason: &&Reason| !reason.code.permits().contains(&way);
    if let Some(reason) = reasons.iter().find(against) {
        return Err(NotPermitted::Reason { code: reason.code });
    }
    match way {
        Do::Replan | Do::Return => gone(resume),
        Do::Adopt => adoptable(resume),
        // What is taken back is looked at again; where no search can prove that it is gone, a person's word ends it.
        Do::Absent if matches!(**resume, State::Withdrawing { .. }) => Ok(()),
        Do::Absent => missing(resume),
        Do::Allow if has(reasons, Code::PossibleDuplicate) => gone(resume),
        Do::Resume | Do::Close | Do::Allow => Ok(()),
        Do::Withdraw => withdrawable(resume),
    }
}

fn has(reasons: &[Reason], code: Code) -> bool {
    reasons.iter().any(|reason| reason.code == code)
}

/// The ways out of this state, for the rows people read.
#[must_use]
pub fn ways(state: &State) -> Vec<Do> {
    let open = |way: &Do| permitted(state, *way).is_ok();
    Do::ALL.iter().copied().filter(open).collect()
}

/// Whether nothing of the plan of a stopped document is live or unknown in Acumatica.
pub(crate) fn gone(stopped: &State) -> Result<(), NotPermitted> {
    match stopped {
        State::Acknowledged | State::Planned { .. } => Ok(()),
        State::Posting { writes, .. } => writes.iter().try_for_each(|write| match &write.outcome {
            Outcome::Open => Ok(()),
            Outcome::Unknown { .. } => Err(NotPermitted::Unknown { n: write.n }),
            Outcome::Part { receipt } | Outcome::Done { receipt } => Err(NotPermitted::Live {
                label: receipt.label(),
            }),
        }),
        State::Posted { receipts, .. } => match receipts.first() {
            Some(receipt) => Err(NotPermitted::Live {
                label: receipt.label(),
            }),
            None => Err(NotPermitted::NoPlace(stopped.word())),
        },
        State::Confirmed { receipts, .. } if !receipts.is_empty() => Err(NotPermitted::Live {
            label: receipts.first().map(Receipt::label).unwrap_or_default(),
        }),
        other => Err(NotPermitted::NoPlace(other.word())),
    }
}

/// Whether something that stands in Acumatica can take the place of a posting: not all of them are there already.
pub(crate) fn adoptable(stopped: &State) -> Result<(), NotPermitted> {
    match stopped {
        State::Acknowledged | State::Planned { .. } => Ok(()),
        // What was adopted may be named anew: a number is easily mistyped.
        State::Posting { .. } | State::Posted { .. }
            if stopped.receipts().iter().any(|receipt| receipt.adopted) =>
        {
            Ok(())
        }
        State::Posting { .. } => missing(stopped),
        other => Err(NotPermitted::NoPlace(other.word())),
    }
}

/// Whether a posting that was begun may be missing in Acumatica; what stands in part is not.
fn missing(stopped: &State) -> Result<(), NotPermitted> {
    let State::Posting { writes, .. } = stopped else {
        return Err(NotPermitted::NoPlace(stopped.word()));
    };
    if writes.iter().all(|write| write.outcome.receipt().is_some()) {
        return Err(NotPermitted::NothingOpen);
    }
    Ok(())
}

/// Whether there is something of ours to take back, and nothing that may still arrive.
fn withdrawable(stopped: &State) -> Result<(), NotPermitted> {
    if let State::Posting { writes, .. } = stopped {
        let lost = |write: &&Write| matches!(write.outcome, Outcome::Unknown { .. });
        if let Some(write) = writes.iter().find(lost) {
            return Err(NotPermitted::Unknown { n: write.n });
        }
    }
    if stopped.receipts().iter().any(|receipt| !receipt.adopted) {
        Ok(())
    } else {
        Err(NotPermitted::NothingOurs)
    }
}

#[cfg(test)]
mod tests;
