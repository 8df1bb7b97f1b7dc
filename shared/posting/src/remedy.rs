//! What a person may do with a held document: which ways out its reasons permit, and which of them its state allows.

use serde::{Deserialize, Serialize};

use crate::record::List;
use crate::state::{Outcome, State};
use crate::{Code, Reason};

/// A way out of Held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Do {
    /// Go on where it stopped, by the plan it has.
    Resume,
    /// Forget the plan and make the next one from the newest rules.
    Replan,
    /// End the record without a word to Concur.
    Close,
}

impl Do {
    /// Every way, in the order they are listed.
    pub const ALL: &[Self] = &[Self::Resume, Self::Replan, Self::Close];

    /// The word in events and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::Replan => "replan",
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
            | Self::PlanUnproved => &[Do::Replan, Do::Close],
            // The plan is not what is wrong.
            Self::DocumentUnreadable
            | Self::OutcomeUnproven
            | Self::AmountDiffers
            | Self::ReleaseFailed
            | Self::SystemMismatch
            | Self::TakenElsewhere
            | Self::ConcurRefused
            | Self::ConnectionMoved => &[Do::Resume, Do::Close],
            // Nothing the connector does can undo it.
            Self::AlreadyPostedReport | Self::VerdictDiffers | Self::Recalled => &[Do::Close],
            // Another plan may help, or the same one once the cause is gone; the state decides whether it is safe.
            _ => Do::ALL,
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
    /// It stopped before or after planning, where another plan has no place.
    #[error("it was {0} when it stopped, so there is no plan to make anew")]
    NoPlan(&'static str),
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
                Do::Replan => replannable(state),
            };
        }
        _ => return Err(NotPermitted::NotHeld(state.word())),
    };
    let against = |reason: &&Reason| !reason.code.permits().contains(&way);
    if let Some(reason) = reasons.iter().find(against) {
        return Err(NotPermitted::Reason { code: reason.code });
    }
    match way {
        Do::Resume | Do::Close => Ok(()),
        Do::Replan => replannable(resume),
    }
}

/// The ways out of this state, for the rows people read.
#[must_use]
pub fn ways(state: &State) -> Vec<Do> {
    let open = |way: &Do| permitted(state, *way).is_ok();
    Do::ALL.iter().copied().filter(open).collect()
}

/// Whether nothing of the plan of a stopped document is live or unknown in Acumatica.
pub(crate) fn replannable(stopped: &State) -> Result<(), NotPermitted> {
    match stopped {
        State::Acknowledged | State::Planned { .. } => Ok(()),
        State::Posting { writes, .. } => writes.iter().try_for_each(|write| match &write.outcome {
            Outcome::Open => Ok(()),
            Outcome::Unknown { .. } => Err(NotPermitted::Unknown { n: write.n }),
            Outcome::Done { receipt } => Err(NotPermitted::Live {
                label: receipt.label(),
            }),
        }),
        State::Posted { receipts, .. } => match receipts.first() {
            Some(receipt) => Err(NotPermitted::Live {
                label: receipt.label(),
            }),
            None => Err(NotPermitted::NoPlan(stopped.word())),
        },
        other => Err(NotPermitted::NoPlan(other.word())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the ways in a sentence.
    fn named(sentence: &str) -> Vec<&str> {
        sentence
            .split(|letter: char| !letter.is_ascii_alphabetic())
            .filter(|word| Do::ALL.iter().any(|way| way.as_str() == *word))
            .collect()
    }

    #[test]
    fn every_cure_names_only_ways_its_code_permits() {
        for code in Code::ALL {
            assert!(code.permits().contains(&Do::Close), "{code}");
            for word in named(code.cure()) {
                let permits = code.permits().iter().any(|way| way.as_str() == word);
                assert!(permits, "{code} does not permit {word}: {}", code.cure());
            }
            for later in ["adopt", "absent", "allow", "return "] {
                assert!(
                    !code.cure().contains(later),
                    "{code} promises {later}: {}",
                    code.cure()
                );
            }
        }
    }

    fn held(codes: &[Code], stopped: State) -> State {
        State::Held {
            reasons: codes.iter().map(|code| Reason::new(*code, "no")).collect(),
            resume: Box::new(stopped),
        }
    }

    #[test]
    fn every_reason_must_permit_it() {
        let both = held(
            &[Code::AcumaticaRefused, Code::OutcomeUnproven],
            State::Acknowledged,
        );
        assert_eq!(ways(&both), [Do::Resume, Do::Close]);
        assert_eq!(
            permitted(&both, Do::Replan).unwrap_err().to_string(),
            "its reason outcome_unproven permits resume, close"
        );
        assert_eq!(
            ways(&held(&[Code::CodeMissing], State::Acknowledged)),
            [Do::Replan, Do::Close]
        );
        assert_eq!(ways(&State::Acknowledged), []);
    }

    #[test]
    fn a_plan_is_replaced_only_while_nothing_of_it_is_live_or_unknown() {
        use crate::plan::PostingKind;
        use crate::state::{Receipt, Write};
        let receipt = Receipt {
            n: 1,
            kind: PostingKind::Bill,
            number: "004512".to_owned(),
            amount: rust_decimal::Decimal::ONE,
            status: "Balanced".to_owned(),
            period: String::new(),
            date: None,
            branch: String::new(),
            release: crate::state::Release::NotWanted,
        };
        let posting = |outcomes: Vec<Outcome>| State::Posting {
            plan: 1,
            writes: (1..)
                .zip(outcomes)
                .map(|(n, outcome)| Write {
                    n,
                    kind: PostingKind::Bill,
                    outcome,
                })
                .collect(),
        };
        let done = Outcome::Done {
            receipt: receipt.clone(),
        };
        let unknown = Outcome::Unknown {
            since: jiff::Timestamp::UNIX_EPOCH,
        };
        let posted = State::Posted {
            plan: 1,
            receipts: vec![receipt],
        };
        for (stopped, against) in [
            (State::Received, "received"),
            (State::Acknowledged, ""),
            (State::Planned { plan: 1 }, ""),
            (posting(vec![Outcome::Open, Outcome::Open]), ""),
            (posting(vec![Outcome::Open, unknown]), "posting 2"),
            (posting(vec![done, Outcome::Open]), "Bill 004512"),
            (posted, "Bill 004512"),
            (State::Refused { reasons: vec![] }, "refused"),
        ] {
            let held = held(&[Code::AcumaticaRefused], stopped);
            let said = permitted(&held, Do::Replan)
                .err()
                .map_or(String::new(), |error| error.to_string());
            assert_eq!(said.is_empty(), against.is_empty(), "{held:?}: {said}");
            assert!(said.contains(against), "{held:?}: {said}");
        }
    }
}
