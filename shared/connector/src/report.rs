//! What people read in an answer: rows of documents, reasons with their owner, failures with their cure. Amounts are texts,
//! because a console would round a number.

mod plan;
mod totals;

use std::error::Error;

use jiff::Timestamp;
use posting::reason::Owner;
use posting::remedy::{Do, ways};
use posting::state::{Receipt, Release, State};
use posting::{Code, Reason, Record};
use serde::Serialize;

pub use plan::{LineRow, PlanRow, PlannedRow, plan};
pub use totals::{AccountRow, PartyRow, Totals};

/// One document as a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentRow {
    /// FIS id.
    pub document: String,
    /// `expense`, `invoice` or `cashadvance`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The id that stays over re-approvals.
    pub business_id: String,
    /// Vendor code or employee id.
    pub payee: Option<String>,
    /// ISO code.
    pub currency: Option<String>,
    /// Gross, with the currency's decimals.
    pub amount: Option<String>,
    /// The word of the state.
    pub state: &'static str,
    /// When it is looked at next; of an ended one when it ended.
    pub due: Timestamp,
    /// What stands in Acumatica.
    pub postings: Vec<PostingRow>,
    /// What Concur was told, if anything.
    pub told: Option<&'static str>,
    /// What its plan noted for people although it could be made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why it was refused or is held.
    pub reasons: Vec<ReasonRow>,
    /// Why an open one does not go on now: what it waits for, or what failed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One Acumatica document of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostingRow {
    /// `Bill`, `Debit Adj.`, `Credit Adj.` or `GL`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Acumatica's number.
    pub number: String,
    /// Amount as Acumatica returned it.
    pub amount: String,
    /// Status as last read.
    pub status: String,
    /// Whether the connector released it.
    pub released: bool,
    /// Whether a person named it instead of a write.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
}

/// One reason of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonRow {
    /// Stable code.
    pub code: &'static str,
    /// Place in document, rules or tables.
    pub field: String,
    /// What stood there.
    pub value: String,
    /// The sentence, with the cure.
    pub message: String,
    /// Who must act.
    pub owner: Owner,
    /// Entry or line.
    pub line: Option<String>,
    /// What `replay` may do with the held document; empty when it is not held.
    pub permits: Vec<Do>,
}

/// Something that did not work, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What was tried.
    pub step: String,
    /// What happened, with its causes.
    pub message: String,
    /// What to do.
    pub cure: String,
}

impl Failure {
    /// A failure told by an error.
    #[must_use]
    pub fn new(step: impl Into<String>, error: &dyn Error, cure: impl Into<String>) -> Self {
        Self {
            step: step.into(),
            message: chain(error),
            cure: cure.into(),
        }
    }
}

/// An error with its causes in one sentence.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// The row of a record.
#[must_use]
pub fn row(record: &Record) -> DocumentRow {
    let shown = |amount| match record.currency {
        Some(currency) => currency.format(amount),
        None => amount.to_string(),
    };
    let posting = |receipt: &Receipt| PostingRow {
        kind: receipt.kind.label(),
        number: receipt.number.clone(),
        amount: shown(receipt.amount),
        status: receipt.status.clone(),
        released: receipt.release == Release::Done,
        adopted: receipt.adopted,
    };
    DocumentRow {
        document: record.document.to_string(),
        kind: record.kind.as_str(),
        business_id: record.business.to_string(),
        payee: record.payee.clone(),
        currency: record.currency.map(|currency| currency.to_string()),
        amount: record.amount.map(shown),
        state: record.state.word(),
        due: record.due,
        postings: record.state.receipts().into_iter().map(posting).collect(),
        told: told(&record.state),
        notes: record.notes.iter().map(|note| note.text.clone()).collect(),
        reasons: reasons(&record.state),
        note: record.waits.clone(),
    }
}

/// What Concur holds of our verdict.
fn told(state: &State) -> Option<&'static str> {
    match state {
        State::Confirmed { .. } => Some("success"),
        State::Returned { .. } => Some("error"),
        State::Held { resume, .. } => told(resume),
        _ => None,
    }
}

/// What the state says, and the releases that failed where it says nothing of them; each with the ways out that are open to
/// the document.
fn reasons(state: &State) -> Vec<ReasonRow> {
    let mut reasons = state.reasons().to_vec();
    if !matches!(state, State::Held { .. }) {
        for receipt in state.receipts() {
            if let Release::Failed { message } = &receipt.release {
                let failed = Reason::new(Code::ReleaseFailed, message.clone());
                reasons.push(failed.at("release", receipt.label()));
            }
        }
    }
    let open = ways(state);
    let row = |of: &Reason| ReasonRow {
        permits: open.clone(),
        ..reason(of)
    };
    reasons.iter().map(row).collect()
}

/// A reason with what to do and who.
#[must_use]
pub fn reason(reason: &Reason) -> ReasonRow {
    ReasonRow {
        code: reason.code.as_str(),
        field: reason.field.clone(),
        value: reason.value.clone(),
        message: format!(
            "{}. {}",
            reason.message.trim_end_matches('.'),
            reason.code.cure()
        ),
        owner: reason.code.owner(),
        line: reason.line.clone(),
        permits: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
