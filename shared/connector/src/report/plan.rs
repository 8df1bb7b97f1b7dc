//! A plan as people read it, with the exact requests it stands for.

use posting::Plan;
use posting::plan::{Line, Posting, Role};
use serde::Serialize;
use serde_json::Value;

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
    /// Vendor of an AP document.
    pub vendor: Option<String>,
    /// Header branch.
    pub branch: Option<String>,
    /// Date.
    pub date: String,
    /// Period, where it is sent.
    pub period: Option<String>,
    /// ISO code.
    pub currency: String,
    /// Total.
    pub total: String,
    /// `VendorRef`.
    pub reference: Option<String>,
    /// Header text.
    pub description: String,
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
    /// Debit.
    pub debit: String,
    /// Credit.
    pub credit: String,
    /// What it is in the plan.
    pub role: Role,
    /// Text.
    pub text: String,
    /// Why it stands there.
    pub because: String,
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
        vendor: posting.vendor.clone(),
        branch: posting.branch.clone(),
        date: posting.date.to_string(),
        period: posting.period.clone(),
        currency: posting.currency.to_string(),
        total: posting.currency.format(posting.total),
        reference: posting.reference.clone(),
        description: posting.description.clone(),
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
        debit: posting.currency.format(line.debit),
        credit: posting.currency.format(line.credit),
        role: line.role,
        text: line.text.clone(),
        because: line.because.clone(),
    }
}
