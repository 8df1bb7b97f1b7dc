//! The life of a document: where it stands, what comes next, and what every happening does to it. Two pure functions:
//! [`next`] says what a worker is to do with a record, [`advance`] what the record is after it happened.
//!
//! ```text
//! Received -> Acknowledged -> Planned -> Posting -> Posted -> Confirmed
//!     |            |             |          |          |
//!     Recalled     Refused ------+----------+          |   Held (a person must look; any open state)
//!                  Refused -> Returned      |          |
//!                                          Withdrawing-+ -> Refused | Recalled | Held
//! Held -> where it was (resumed) | Acknowledged (planned anew) | Refused (returned) | Posted (adopted) | Closed
//! ```

mod advance;
mod answer;
mod happened;
mod next;
mod person;
mod release;
#[cfg(test)]
mod tests;
mod withdraw;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use advance::{DELAY_MAX, advance, intents};
pub use answer::{AcknowledgeCode, ConfirmCode, Earlier};
pub use happened::{Happened, IllegalMove, OnRecall, OnRefusal, RefusalAction};
pub(crate) use next::provable_at;
pub use next::{Step, next};
pub use release::{ConfirmAfter, Release};
pub use withdraw::{DELETING, Gone, Undo, Undoing, Why};

use crate::{plan::PostingKind, reason::Reason, record::List};

/// Where a document stands, with what that state knows. The stored form is tagged by `state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Stored, not yet acknowledged in Concur.
    Received,
    /// Acknowledged: recall is blocked, nothing planned.
    Acknowledged,
    /// Planned, nothing begun.
    Planned {
        /// Number of the plan.
        plan: u32,
    },
    /// Intent is stored; Acumatica is searched and written.
    Posting {
        /// Number of the plan.
        plan: u32,
        /// One for each posting of the plan, by n.
        writes: Vec<Write>,
    },
    /// Every posting stands in Acumatica; Concur is to be told "success".
    Posted {
        /// Number of the plan.
        plan: u32,
        /// One for each posting; empty when there was nothing to post.
        receipts: Vec<Receipt>,
    },
    /// What was written is taken back in Acumatica.
    Withdrawing {
        /// Number of the plan.
        plan: u32,
        /// Why, and so what follows.
        #[serde(flatten)]
        why: Why,
        /// One for each posting that was written.
        undo: Vec<Undo>,
    },
    /// End: Concur holds our "success".
    Confirmed {
        /// Number of the plan.
        plan: u32,
        /// One for each posting.
        receipts: Vec<Receipt>,
    },
    /// Nothing stands in Acumatica; Concur is to be told "error".
    Refused {
        /// Why.
        reasons: Vec<Reason>,
    },
    /// End: Concur holds our "error"; a corrected document comes with a new id.
    Returned {
        /// Why.
        reasons: Vec<Reason>,
    },
    /// End: recalled in Concur before anything was posted.
    Recalled,
    /// A person must look.
    Held {
        /// Why.
        reasons: Vec<Reason>,
        /// Where it goes on when resumed.
        resume: Box<State>,
    },
    /// End: closed by a person without a word to Concur.
    Closed {
        /// Who.
        by: String,
        /// Why.
        note: String,
        /// What of it stands in Acumatica, for the next approval of its business object.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        receipts: Vec<Receipt>,
        /// Numbers of postings that may stand there: nobody proved what became of their writes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unproved: Vec<u32>,
    },
}

/// The write of one posting: its intent and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Write {
    /// Number of the posting in the plan.
    pub n: u32,
    /// Kind of Acumatica document.
    pub kind: PostingKind,
    /// How far it is.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What is known of a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Not sent by anybody: the intent is new, or absence was proved.
    Open,
    /// Sent, or perhaps sent, without an answer: only a search after the proof wait can tell.
    Unknown {
        /// The later of "answer lost" and "claim ended".
        since: Timestamp,
    },
    /// Its first lines stand, in a document on hold; nothing sent for it may still arrive.
    Part {
        /// Acumatica's number for it.
        receipt: Receipt,
    },
    /// It stands in Acumatica.
    Done {
        /// Acumatica's number for it.
        receipt: Receipt,
    },
}

impl Outcome {
    /// What is known to stand of it.
    pub(crate) fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::Part { receipt } | Self::Done { receipt } => Some(receipt),
            Self::Open | Self::Unknown { .. } => None,
        }
    }

    /// Whether all of it stands.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }
}

/// Acumatica's answer to a written posting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Number of the posting in its plan.
    pub n: u32,
    /// Kind of document.
    pub kind: PostingKind,
    /// `ReferenceNbr` or `BatchNbr`.
    pub number: String,
    /// Amount as Acumatica returned it.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// Status label as returned, e.g. `On Hold`.
    pub status: String,
    /// Posting period `MMYYYY` as returned.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub period: String,
    /// Document date as returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<jiff::civil::Date>,
    /// Header branch as returned.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// How far its release is.
    #[serde(default, skip_serializing_if = "Release::is_not_wanted")]
    pub release: Release,
    /// Whether it is somebody else's document that a person named instead of a write: the connector never releases, deletes
    /// or reverses it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub adopted: bool,
    /// How many of its lines are in it, where it is built in portions and was left before it was whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Receipt {
    /// Type and number, because sequences overlap: `Bill 004512`, `GL 000877`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.kind.label(), self.number)
    }
}

impl State {
    /// The word of this state in answers and logs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Acknowledged => "acknowledged",
            Self::Planned { .. } => "planned",
            Self::Posting { .. } => "posting",
            Self::Posted { .. } => "posted",
            Self::Withdrawing { .. } => "withdrawing",
            Self::Confirmed { .. } => "confirmed",
            Self::Refused { .. } => "refused",
            Self::Returned { .. } => "returned",
            Self::Recalled => "recalled",
            Self::Held { .. } => "held",
            Self::Closed { .. } => "closed",
        }
    }

    /// Which work list it belongs to. A confirmed document is worked on while a release is pending, and waits for a person
    /// when one failed.
    #[must_use]
    pub fn list(&self) -> List {
        match self {
            Self::Held { .. } => List::Held,
            Self::Confirmed { receipts, .. } if release::is_pending(receipts) => List::Open,
            Self::Confirmed { receipts, .. } if release::has_failed(receipts) => List::Held,
            Self::Confirmed { .. }
            | Self::Returned { .. }
            | Self::Recalled
            | Self::Closed { .. } => List::Done,
            _ => List::Open,
        }
    }

    /// Receipts of what stands in Acumatica, also while the state is held.
    #[must_use]
    pub fn receipts(&self) -> Vec<&Receipt> {
        match self {
            Self::Posting { writes, .. } => writes
                .iter()
                .filter_map(|write| write.outcome.receipt())
                .collect(),
            Self::Posted { receipts, .. }
            | Self::Confirmed { receipts, .. }
            | Self::Closed { receipts, .. } => receipts.iter().collect(),
            Self::Withdrawing { undo, .. } => undo
                .iter()
                .filter(|one| !one.step.is_gone())
                .map(|one| &one.receipt)
                .collect(),
            Self::Held { resume, .. } => resume.receipts(),
            _ => Vec::new(),
        }
    }

    /// Numbers of the postings whose writes may have arrived without an answer, also while the state is held.
    #[must_use]
    pub fn unproved(&self) -> Vec<u32> {
        match self {
            Self::Posting { writes, .. } => {
                let lost = |write: &&Write| matches!(write.outcome, Outcome::Unknown { .. });
                writes.iter().filter(lost).map(|write| write.n).collect()
            }
            Self::Held { resume, .. } => resume.unproved(),
            Self::Closed { unproved, .. } => unproved.clone(),
            _ => Vec::new(),
        }
    }

    /// Reasons the state carries.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Refused { reasons }
            | Self::Returned { reasons }
            | Self::Held { reasons, .. }
            | Self::Withdrawing {
                why: Why::Refused { reasons, .. },
                ..
            } => reasons,
            _ => &[],
        }
    }

    /// Number of the plan it works by, if any.
    #[must_use]
    pub fn plan(&self) -> Option<u32> {
        match self {
            Self::Planned { plan }
            | Self::Posting { plan, .. }
            | Self::Posted { plan, .. }
            | Self::Withdrawing { plan, .. }
            | Self::Confirmed { plan, .. } => Some(*plan),
            Self::Held { resume, .. } => resume.plan(),
            _ => None,
        }
    }
}
