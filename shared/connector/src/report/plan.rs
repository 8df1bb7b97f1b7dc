//! A plan as people read it, with the exact requests it stands for.

use posting::Plan;
use posting::plan::{Line, Posting, PurchaseOrder, Release, Role, TaxRow};
use serde::Serialize;
use serde_json::Value;

use super::totals::{Totals, totals};
use crate::translate::bodies::request;

/// A plan.
#[derive(Debug, Serialize)]
pub struct PlanRow {
    /// FIS id of the document.
    pub document: String,
    /// Number of the plan.
    pub number: u32,
    /// Version of the connection whose rules made it.
    pub rules_version: u64,
    /// ISO code.
    pub currency: String,
    /// Gross of the document.
    pub gross: String,
    /// What the plan comes to.
    pub totals: Totals,
    /// Where the values come from that all postings share; only in plans that are explained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
    /// What is written.
    pub postings: Vec<PlannedRow>,
    /// What the rules leave out, and what an administrator should know.
    pub notes: Vec<String>,
}

/// One posting of a plan.
#[derive(Debug, Serialize)]
pub struct PlannedRow {
    /// Number in the plan.
    pub n: u32,
    /// Acumatica's word.
    pub kind: &'static str,
    /// Party whose side it posts (`EMPL`, `IBCP` …), or `vendor`.
    pub party: String,
    /// Vendor of an AP document.
    pub vendor: Option<String>,
    /// Vendor location; absent leaves it to Acumatica.
    pub location: Option<String>,
    /// Header branch.
    pub branch: Option<String>,
    /// Date.
    pub date: String,
    /// Period, where it is sent.
    pub period: Option<String>,
    /// Due date, where Concur's is sent.
    pub due_date: Option<String>,
    /// Credit terms, where a table names them.
    pub terms: Option<String>,
    /// Discount for early payment, where the rules send Concur's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<String>,
    /// Whether it is created On Hold.
    pub hold: bool,
    /// Whether it is released once everything stands.
    pub release: Release,
    /// ISO code.
    pub currency: String,
    /// Total.
    pub total: String,
    /// `VendorRef`.
    pub reference: Option<String>,
    /// Header text.
    pub description: String,
    /// User-defined field that carries the stamp instead of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_field: Option<String>,
    /// Taxes that Acumatica takes as sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxRow>,
    /// Lines.
    pub lines: Vec<LineRow>,
    /// The exact request.
    pub body: Value,
}

/// One line of a posting.
#[derive(Debug, Serialize)]
pub struct LineRow {
    /// Account.
    pub account: String,
    /// Subaccount.
    pub subaccount: Option<String>,
    /// Branch.
    pub branch: Option<String>,
    /// Project.
    pub project: Option<String>,
    /// Task.
    pub task: Option<String>,
    /// Cost code.
    pub cost_code: Option<String>,
    /// Tax category of a bill line.
    pub tax_category: Option<String>,
    /// Box of form 1099, where a rule names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub box_1099: Option<i16>,
    /// Line of a purchase order it is linked to; Acumatica takes the order's account then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<PurchaseOrder>,
    /// Debit.
    pub debit: String,
    /// Credit.
    pub credit: String,
    /// What it is in the plan.
    pub role: Role,
    /// Reference of a journal line.
    pub reference: Option<String>,
    /// Text.
    pub text: String,
    /// Why it stands there, and in plans that are explained where each value comes from.
    pub because: Vec<String>,
    /// Entry or line of the document.
    pub source: Option<String>,
}

/// The row of a plan.
#[must_use]
pub fn plan(plan: &Plan) -> PlanRow {
    let skipped = plan.skipped.iter().map(|skipped| {
        let amount = plan.currency.format(skipped.amount);
        format!(
            "{} {amount} is not posted: {}",
            skipped.party, skipped.because
        )
    });
    PlanRow {
        document: plan.document.to_string(),
        number: plan.number,
        rules_version: plan.rules_version,
        currency: plan.currency.to_string(),
        gross: plan.currency.format(plan.gross),
        totals: totals(plan),
        because: plan.because.clone(),
        postings: plan
            .postings
            .iter()
            .map(|posting| planned(plan, posting))
            .collect(),
        notes: skipped.chain(plan.notes.iter().cloned()).collect(),
    }
}

fn planned(plan: &Plan, posting: &Posting) -> PlannedRow {
    PlannedRow {
        n: posting.n,
        kind: posting.kind.label(),
        party: posting.party.clone(),
        vendor: posting.vendor.clone(),
        location: posting.location.clone(),
        branch: posting.branch.clone(),
        date: posting.date.to_string(),
        period: posting.period.clone(),
        due_date: posting.due_date.map(|date| date.to_string()),
        terms: posting.terms.clone(),
        discount: posting.discount.map(|discount| {
            let amount = posting.currency.format(discount.amount);
            format!("{amount} until {}", discount.until)
        }),
        hold: posting.hold,
        release: posting.release,
        currency: posting.currency.to_string(),
        total: posting.currency.format(posting.total),
        reference: posting.reference.clone(),
        description: posting.description.clone(),
        key_field: posting.key_field.clone(),
        taxes: posting.taxes.clone(),
        lines: posting
            .lines
            .iter()
            .map(|each| line(posting, each))
            .collect(),
        body: request(plan, posting),
    }
}

fn line(posting: &Posting, line: &Line) -> LineRow {
    LineRow {
        account: line.account.clone(),
        subaccount: line.subaccount.clone(),
        branch: line.branch.clone(),
        project: line.project.clone(),
        task: line.task.clone(),
        cost_code: line.cost_code.clone(),
        tax_category: line.tax_category.clone(),
        box_1099: line.box_1099,
        purchase_order: line.purchase_order.clone(),
        debit: posting.currency.format(line.debit),
        credit: posting.currency.format(line.credit),
        role: line.role,
        reference: line.reference.clone(),
        text: line.text.clone(),
        because: line.because.lines().map(str::to_owned).collect(),
        source: line.source.clone(),
    }
}
