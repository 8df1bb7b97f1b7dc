//! Journal transactions, called batches (form GL301000).

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::custom::Custom;
use crate::entity::{Document, Entity};
use crate::label::labels;
use crate::period::Period;

labels! {
    /// Where a batch stands.
    JournalStatus {
        /// Editable, may be out of balance.
        OnHold = "On Hold",
        /// Ready to be released.
        Balanced = "Balanced",
        /// Waits for an approver.
        PendingApproval = "Pending Approval",
        /// An approver said no.
        Rejected = "Rejected",
        /// Released; posted when somebody runs the posting.
        Unposted = "Unposted",
        /// Released and in the ledger.
        Posted = "Posted",
        /// A template of recurring batches.
        Scheduled = "Scheduled",
        /// Taken back.
        Void = "Void",
    }
}

/// A journal transaction. `None` is not sent, and is what an empty field reads as.
///
/// Source: Default endpoint, entity `JournalTransaction`; Integration Development Guide, "Create a GL Transaction".
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct JournalTransaction {
    /// The record's GUID, stable across sessions. Absent on a new batch.
    #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `GL`: the only module whose batches can be created.
    pub module: Option<String>,
    /// Assigned by the numbering sequence. Absent on a new batch.
    pub batch_nbr: Option<String>,
    /// Read-only.
    pub status: Option<JournalStatus>,
    /// Whether it stays on hold; preferences and approval maps can override what is sent.
    pub hold: Option<bool>,
    /// Date of the batch and of all its lines.
    #[serde(with = "crate::date")]
    pub transaction_date: Option<Date>,
    /// From the date when left out.
    pub post_period: Option<Period>,
    /// The branch's posting ledger when left out.
    #[serde(rename = "LedgerID")]
    pub ledger_id: Option<String>,
    /// Branch id.
    #[serde(rename = "BranchID")]
    pub branch_id: Option<String>,
    /// ISO code, one per batch.
    #[serde(rename = "CurrencyID")]
    pub currency_id: Option<String>,
    /// At most 512 characters.
    pub description: Option<String>,
    /// The lines; debits equal credits unless the batch is on hold.
    pub details: Vec<JournalTransactionDetail>,
    /// Fields outside the contract.
    #[serde(rename = "custom")]
    pub custom: Custom,
}

/// A line of a journal transaction: exactly one of debit and credit, positive.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct JournalTransactionDetail {
    /// Assigned by the server; sending it would address an existing line.
    pub line_nbr: Option<i32>,
    /// Branch id; the header's when left out.
    #[serde(rename = "BranchID")]
    pub branch_id: Option<String>,
    /// Account code, without separators.
    pub account: Option<String>,
    /// Subaccount code, without separators.
    pub subaccount: Option<String>,
    /// Project code, or the tenant's non-project code.
    pub project: Option<String>,
    /// Task of the project.
    pub project_task: Option<String>,
    /// Cost code, without separators.
    pub cost_code: Option<String>,
    /// Free reference, at most 15 characters.
    pub reference_nbr: Option<String>,
    /// Quantity.
    #[serde(with = "crate::decimal")]
    pub qty: Option<Decimal>,
    /// Unit, at most 6 characters.
    #[serde(rename = "UOM")]
    pub uom: Option<String>,
    /// In the batch's currency.
    #[serde(with = "crate::decimal")]
    pub debit_amount: Option<Decimal>,
    /// In the batch's currency.
    #[serde(with = "crate::decimal")]
    pub credit_amount: Option<Decimal>,
    /// The line's text, at most 512 characters.
    pub transaction_description: Option<String>,
    /// Fields outside the contract.
    #[serde(rename = "custom")]
    pub custom: Custom,
}

impl Entity for JournalTransaction {
    const NAME: &'static str = "JournalTransaction";

    fn outline() -> Self {
        Self {
            details: vec![JournalTransactionDetail::default()],
            ..Self::default()
        }
    }
}

impl Document for JournalTransaction {
    fn identity(&self) -> (Option<&str>, Option<&str>) {
        (self.id.as_deref(), self.batch_nbr.as_deref())
    }

    fn custom(&self) -> &Custom {
        &self.custom
    }

    fn row_custom(&self) -> Vec<(&'static str, &Custom)> {
        let lines = self.details.iter();
        lines.map(|line| ("Details", &line.custom)).collect()
    }
}

/// Codes and numbers only: texts and fields outside the contract can hold names of people.
impl fmt::Debug for JournalTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalTransaction")
            .field("module", &self.module)
            .field("batch_nbr", &self.batch_nbr)
            .field("status", &self.status)
            .field("transaction_date", &self.transaction_date)
            .field("post_period", &self.post_period)
            .field("currency_id", &self.currency_id)
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}

/// Codes and numbers only: texts and fields outside the contract can hold names of people.
impl fmt::Debug for JournalTransactionDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalTransactionDetail")
            .field("line_nbr", &self.line_nbr)
            .field("account", &self.account)
            .field("subaccount", &self.subaccount)
            .field("debit_amount", &self.debit_amount)
            .field("credit_amount", &self.credit_amount)
            .finish_non_exhaustive()
    }
}
