//! From a planned posting to the exact Acumatica request.

use acumatica::{
    Bill, BillDetail, BillType, Custom, CustomField, Document as _, JournalTransaction,
    JournalTransactionDetail, Period,
};
use posting::plan::{Line, Plan, Posting, PostingKind};
use rust_decimal::Decimal;
use serde_json::Value;

/// One new Acumatica document.
#[derive(Debug)]
pub enum Body {
    /// An AP document.
    Bill(Box<Bill>),
    /// A journal.
    Journal(Box<JournalTransaction>),
}

/// Acumatica's word for the kind of an AP document; `None` for a journal.
#[must_use]
pub fn bill_type(kind: PostingKind) -> Option<BillType> {
    match kind {
        PostingKind::Bill => Some(BillType::Bill),
        PostingKind::DebitAdj => Some(BillType::DebitAdj),
        PostingKind::CreditAdj => Some(BillType::CreditAdj),
        PostingKind::Journal => None,
    }
}

/// The document to insert for posting `posting` of `plan`. A period or key field that cannot be written is left out and
/// found again when the answer is compared: plans hold only what was proved when the connection was applied.
#[must_use]
pub fn body(plan: &Plan, posting: &Posting) -> Body {
    match bill_type(posting.kind) {
        Some(kind) => Body::Bill(Box::new(bill(plan, posting, kind))),
        None => Body::Journal(Box::new(journal(plan, posting))),
    }
}

/// The JSON of the request, as it is sent.
#[must_use]
pub fn request(plan: &Plan, posting: &Posting) -> Value {
    let body = match body(plan, posting) {
        Body::Bill(bill) => bill.to_body(),
        Body::Journal(journal) => journal.to_body(),
    };
    body.unwrap_or(Value::Null)
}

fn bill(plan: &Plan, posting: &Posting, kind: BillType) -> Bill {
    let lowers = kind == BillType::DebitAdj;
    Bill {
        kind: Some(kind),
        hold: Some(posting.hold),
        vendor: posting.vendor.clone(),
        location_id: posting.location.clone(),
        vendor_ref: posting.reference.clone(),
        date: Some(posting.date),
        post_period: period(posting),
        due_date: posting.due_date,
        terms: posting.terms.clone(),
        currency_id: Some(posting.currency.as_str().to_owned()),
        amount: Some(posting.total),
        branch_id: posting.branch.clone(),
        description: text(&posting.description),
        details: posting
            .lines
            .iter()
            .map(|line| bill_line(line, lowers))
            .collect(),
        custom: stamp(plan, posting),
        ..Bill::default()
    }
}

/// A Debit Adj. lowers what is owed, so its lines carry the opposite sign.
fn bill_line(line: &Line, lowers: bool) -> BillDetail {
    let amount = if lowers {
        -line.signed()
    } else {
        line.signed()
    };
    BillDetail {
        branch: line.branch.clone(),
        transaction_description: text(&line.text),
        extended_cost: Some(amount),
        account: Some(line.account.clone()),
        subaccount: line.subaccount.clone(),
        project: line.project.clone(),
        project_task: line.task.clone(),
        cost_code: line.cost_code.clone(),
        tax_category: line.tax_category.clone(),
        ..BillDetail::default()
    }
}

fn journal(plan: &Plan, posting: &Posting) -> JournalTransaction {
    JournalTransaction {
        module: Some("GL".to_owned()),
        hold: Some(posting.hold),
        transaction_date: Some(posting.date),
        post_period: period(posting),
        branch_id: posting.branch.clone(),
        currency_id: Some(posting.currency.as_str().to_owned()),
        description: text(&posting.description),
        details: posting.lines.iter().map(journal_line).collect(),
        custom: stamp(plan, posting),
        ..JournalTransaction::default()
    }
}

fn journal_line(line: &Line) -> JournalTransactionDetail {
    let side = |amount: Decimal| (!amount.is_zero()).then_some(amount);
    JournalTransactionDetail {
        branch_id: line.branch.clone(),
        account: Some(line.account.clone()),
        subaccount: line.subaccount.clone(),
        project: line.project.clone(),
        project_task: line.task.clone(),
        cost_code: line.cost_code.clone(),
        reference_nbr: line.reference.clone(),
        debit_amount: side(line.debit),
        credit_amount: side(line.credit),
        transaction_description: text(&line.text),
        ..JournalTransactionDetail::default()
    }
}

fn period(posting: &Posting) -> Option<Period> {
    posting.period.as_deref().and_then(|text| text.parse().ok())
}

fn stamp(plan: &Plan, posting: &Posting) -> Custom {
    let mut custom = Custom::default();
    let field: Option<CustomField> = posting
        .key_field
        .as_deref()
        .and_then(|key| key.parse().ok());
    if let Some(field) = field {
        custom.set_text(&field, &plan.stamp(posting.n).to_string());
    }
    custom
}

fn text(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}
