//! Vendor bills and adjustments (form AP301000).

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::custom::{Custom, CustomField};
use crate::entity::{Document, Entity};
use crate::label::labels;
use crate::period::Period;

labels! {
    /// The kind of an AP document. The kind carries the sign; amounts stay positive.
    BillType {
        /// Raises what is owed to the vendor.
        Bill = "Bill",
        /// Raises it too: a correction of a debit adjustment.
        CreditAdj = "Credit Adj.",
        /// Lowers it: a vendor's credit memo.
        DebitAdj = "Debit Adj.",
        /// A request to pay in advance.
        Prepayment = "Prepayment",
    }
}

labels! {
    /// Where an AP document stands.
    BillStatus {
        /// Editable, not yet ready.
        OnHold = "On Hold",
        /// Ready to be released.
        Balanced = "Balanced",
        /// Waits for an approver.
        PendingApproval = "Pending Approval",
        /// An approver said no.
        Rejected = "Rejected",
        /// Released, not fully paid.
        Open = "Open",
        /// Released, nothing left to pay.
        Closed = "Closed",
        /// A template of recurring documents.
        Scheduled = "Scheduled",
        /// Taken back.
        Voided = "Voided",
        /// Released to the ledger only.
        PreReleased = "Pre-Released",
        /// Being moved to other accounts.
        UnderReclassification = "Under Reclassification",
        /// Set apart.
        Reserved = "Reserved",
    }
}

/// A vendor bill or adjustment. `None` is not sent, and is what an empty field reads as.
///
/// Source: Default endpoint, entity Bill; Integration Development Guide, "Create a Bill".
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Bill {
    /// The record's GUID, stable across sessions. Absent on a new bill.
    #[serde(rename = "id", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `Bill` when left out.
    #[serde(rename = "Type")]
    pub kind: Option<BillType>,
    /// Assigned by the numbering sequence. Absent on a new bill.
    pub reference_nbr: Option<String>,
    /// Read-only.
    pub status: Option<BillStatus>,
    /// Whether it stays on hold; preferences and approval maps can override what is sent.
    pub hold: Option<bool>,
    /// Vendor id.
    pub vendor: Option<String>,
    /// Location of the vendor; its default location when left out.
    #[serde(rename = "LocationID")]
    pub location_id: Option<String>,
    /// The vendor's own number, at most 40 characters.
    pub vendor_ref: Option<String>,
    /// The document's date.
    #[serde(with = "crate::date")]
    pub date: Option<Date>,
    /// From `date` when left out.
    pub post_period: Option<Period>,
    /// From `terms` when left out.
    #[serde(with = "crate::date")]
    pub due_date: Option<Date>,
    /// Credit terms, at most 10 characters; the vendor's when left out.
    pub terms: Option<String>,
    /// ISO code.
    #[serde(rename = "CurrencyID")]
    pub currency_id: Option<String>,
    /// Document total after tax. Always send it: some tenants demand that it matches.
    #[serde(with = "crate::decimal")]
    pub amount: Option<Decimal>,
    /// What is still owed. Read-only.
    #[serde(with = "crate::decimal")]
    pub balance: Option<Decimal>,
    /// Read-only.
    #[serde(with = "crate::decimal")]
    pub tax_total: Option<Decimal>,
    /// Branch id that owes the document.
    #[serde(rename = "BranchID")]
    pub branch_id: Option<String>,
    /// At most 512 characters.
    pub description: Option<String>,
    /// Takes `tax_details` as sent, in an external tax zone; in an internal one only taxes that the system computes too.
    /// Without it the system recalculates. Not in contract 22.200.001.
    pub is_tax_valid: Option<bool>,
    /// The lines.
    pub details: Vec<BillDetail>,
    /// One row per tax.
    pub tax_details: Vec<BillTaxDetail>,
    /// Fields outside the contract.
    #[serde(rename = "custom")]
    pub custom: Custom,
}

/// A line of a bill.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BillDetail {
    /// Branch id that bears the cost; the header's when left out.
    pub branch: Option<String>,
    /// The line's text, at most 256 characters.
    pub transaction_description: Option<String>,
    /// Quantity.
    #[serde(with = "crate::decimal")]
    pub qty: Option<Decimal>,
    /// Unit, at most 6 characters; wants a quantity.
    #[serde(rename = "UOM")]
    pub uom: Option<String>,
    /// Price of one unit.
    #[serde(with = "crate::decimal")]
    pub unit_cost: Option<Decimal>,
    /// Quantity times price; on a line without quantity the amount itself.
    #[serde(with = "crate::decimal")]
    pub extended_cost: Option<Decimal>,
    /// After discount. Read-only for our purposes: computed from `extended_cost`.
    #[serde(with = "crate::decimal")]
    pub amount: Option<Decimal>,
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
    /// At most 15 characters.
    pub tax_category: Option<String>,
    /// Label of the purchase order's type. With an order's line the server takes the account from it.
    #[serde(rename = "POOrderType")]
    pub po_order_type: Option<String>,
    /// Number of the purchase order, at most 15 characters.
    #[serde(rename = "POOrderNbr")]
    pub po_order_nbr: Option<String>,
    /// Line of the purchase order.
    #[serde(rename = "POLine")]
    pub po_line: Option<i32>,
    /// Fields outside the contract.
    #[serde(rename = "custom")]
    pub custom: Custom,
}

/// One tax of a bill.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BillTaxDetail {
    /// At most 60 characters.
    #[serde(rename = "TaxID")]
    pub tax_id: Option<String>,
    /// Per cent.
    #[serde(with = "crate::decimal")]
    pub tax_rate: Option<Decimal>,
    /// What the tax was computed from.
    #[serde(with = "crate::decimal")]
    pub taxable_amount: Option<Decimal>,
    /// The tax, without the part that cannot be reclaimed.
    #[serde(with = "crate::decimal")]
    pub tax_amount: Option<Decimal>,
    /// Fields outside the contract.
    #[serde(rename = "custom")]
    pub custom: Custom,
}

impl Entity for Bill {
    const NAME: &'static str = "Bill";

    fn outline() -> Self {
        Self {
            details: vec![BillDetail::default()],
            tax_details: vec![BillTaxDetail::default()],
            ..Self::default()
        }
    }
}

impl Document for Bill {
    fn identity(&self) -> (Option<&str>, Option<&str>) {
        (self.id.as_deref(), self.reference_nbr.as_deref())
    }

    fn custom(&self) -> &Custom {
        &self.custom
    }

    fn row_custom(&self) -> Vec<(&'static str, &Custom)> {
        let lines = self.details.iter().map(|line| ("Details", &line.custom));
        let taxes = self
            .tax_details
            .iter()
            .map(|tax| ("TaxDetails", &tax.custom));
        lines.chain(taxes).collect()
    }
}

impl Bill {
    /// Sets the discount for early payment, in the bill's currency, and the last day it is granted. It leaves the total
    /// alone. Outside the contract: `Document.CuryOrigDiscAmt`, `Document.DiscDate`.
    pub fn set_discount(&mut self, amount: Decimal, until: Option<Date>) {
        self.custom.set_decimal(&discount_amount(), amount);
        if let Some(until) = until {
            self.custom.set_date(&discount_date(), until);
        }
    }

    /// The discount, where it was asked for and is set.
    #[must_use]
    pub fn discount(&self) -> Option<Decimal> {
        self.custom.decimal(&discount_amount())
    }
}

impl BillDetail {
    /// Sets the box of form 1099. Outside the contract: `Transactions.Box1099`.
    pub fn set_box_1099(&mut self, number: i16) {
        self.custom.set_short(&box_1099(), number);
    }
}

impl BillTaxDetail {
    /// Sets the part of the tax that cannot be reclaimed; Acumatica adds it to `tax_amount`. Outside the contract:
    /// `Taxes.CuryExpenseAmt`.
    pub fn set_expense_amount(&mut self, amount: Decimal) {
        self.custom.set_decimal(&expense_amount(), amount);
    }

    /// That part, where it was asked for and is set.
    #[must_use]
    pub fn expense_amount(&self) -> Option<Decimal> {
        self.custom.decimal(&expense_amount())
    }
}

fn discount_amount() -> CustomField {
    CustomField::known("Document", "CuryOrigDiscAmt")
}

fn discount_date() -> CustomField {
    CustomField::known("Document", "DiscDate")
}

fn box_1099() -> CustomField {
    CustomField::known("Transactions", "Box1099")
}

fn expense_amount() -> CustomField {
    CustomField::known("Taxes", "CuryExpenseAmt")
}

/// Codes and numbers only: texts and fields outside the contract can hold names of people.
impl fmt::Debug for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bill")
            .field("kind", &self.kind)
            .field("reference_nbr", &self.reference_nbr)
            .field("status", &self.status)
            .field("vendor", &self.vendor)
            .field("vendor_ref", &self.vendor_ref)
            .field("date", &self.date)
            .field("post_period", &self.post_period)
            .field("currency_id", &self.currency_id)
            .field("amount", &self.amount)
            .field("details", &self.details)
            .finish_non_exhaustive()
    }
}

/// Codes and numbers only: texts and fields outside the contract can hold names of people.
impl fmt::Debug for BillDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BillDetail")
            .field("account", &self.account)
            .field("subaccount", &self.subaccount)
            .field("extended_cost", &self.extended_cost)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}
