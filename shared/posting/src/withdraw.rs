//! What undoes a posting, judged by how it stands in Acumatica at this moment: nothing that is not there, a deletion of what is
//! not released, the opposite document of what is, and a person where money moved or somebody changed it.

mod judge;
mod opposite;

pub use judge::{Deletion, Pair, Verdict, half, judge, pair, quiet_at};
pub use opposite::{opposite, period_for, stamp};

use jiff::civil::Date;
use rust_decimal::Decimal;

/// Where an Acumatica document stands, as far as undoing it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It can be changed, deleted and taken off hold.
    OnHold,
    /// It can be changed, deleted and released.
    Balanced,
    /// An approver decides.
    Waiting,
    /// In the ledger; of an AP document something is still open.
    Released,
    /// In the ledger, and nothing of the AP document is open.
    Closed,
    /// Voided or rejected.
    Dead,
    /// Anything else.
    Odd,
}

impl Stage {
    fn is_editable(self) -> bool {
        matches!(self, Self::OnHold | Self::Balanced)
    }

    /// Whether it is in the ledger.
    #[must_use]
    pub fn is_released(self) -> bool {
        matches!(self, Self::Released | Self::Closed)
    }
}

/// An Acumatica document as it stands. A field that was not returned is no sign of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it stands.
    pub stage: Stage,
    /// The same in Acumatica's word.
    pub status: String,
    /// Of an AP document its amount, of a journal the sum of its debits.
    pub amount: Decimal,
    /// What is still owed of an AP document.
    pub balance: Option<Decimal>,
    /// Vendor of an AP document.
    pub vendor: Option<String>,
    /// `VendorRef` of an AP document.
    pub reference: Option<String>,
    /// Document date.
    pub date: Option<Date>,
    /// Posting period `MMYYYY`.
    pub period: Option<String>,
    /// Its lines.
    pub lines: Vec<FoundLine>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLine {
    /// GL account.
    pub account: Option<String>,
    /// Subaccount.
    pub subaccount: Option<String>,
    /// Branch.
    pub branch: Option<String>,
    /// Project.
    pub project: Option<String>,
    /// Project task.
    pub task: Option<String>,
    /// Cost code.
    pub cost_code: Option<String>,
    /// Debit less credit, as in [`crate::plan::Line::signed`].
    pub signed: Decimal,
    /// Purchase order it bills.
    pub order: Option<String>,
}

#[cfg(test)]
mod tests;
