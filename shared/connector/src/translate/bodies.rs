//! From a planned posting to the exact Acumatica request.

use acumatica::{
    Bill, BillDetail, BillTaxDetail, BillType, Custom, CustomField, Document as _,
    JournalTransaction, JournalTransactionDetail, Period,
};
use posting::plan::{Line, Plan, Posting, PostingKind, TaxRow};
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

/// The document to insert that takes posting `other.n` of `plan` back; `other` is its opposite. Where stamps have a field of
/// their own it carries the reversal's.
#[must_use]
pub fn reversal(plan: &Plan, other: &Posting) -> Body {
    let mark = posting::withdraw::stamp(plan, other.n);
    let custom = marked(other, &mark);
    match body(plan, other) {
        Body::Bill(bill) => Body::Bill(Box::new(Bill { custom, ..*bill })),
        Body::Journal(journal) => {
            Body::Journal(Box::new(JournalTransaction { custom, ..*journal }))
        }
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
    let mut bill = Bill {
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
        // Only with taxes: a contract that lacks the flag is refused when mode `acumatica` is applied.
        is_tax_valid: (!posting.taxes.is_empty()).then_some(true),
        tax_details: posting.taxes.iter().map(tax).collect(),
        custom: stamp(plan, posting),
        ..Bill::default()
    };
    if let Some(discount) = posting.discount {
        bill.set_discount(discount.amount, Some(discount.until));
    }
    bill
}

/// The part that cannot be reclaimed goes beside the tax amount, not in it: Acumatica adds `CuryTaxAmt` and `CuryExpenseAmt`
/// to the tax total.
fn tax(row: &TaxRow) -> BillTaxDetail {
    let mut detail = BillTaxDetail {
        tax_id: Some(row.tax_id.clone()),
        taxable_amount: Some(row.taxable),
        tax_amount: Some(row.amount - row.non_deductible),
        ..BillTaxDetail::default()
    };
    if !row.non_deductible.is_zero() {
        detail.set_expense_amount(row.non_deductible);
    }
    detail
}

/// The only type of purchase order Concur's orders can be (PO301000).
const ORDER_TYPE: &str = "Normal";

/// A Debit Adj. lowers what is owed, so its lines carry the opposite sign. The account of a line with a purchase order is the
/// order's.
fn bill_line(line: &Line, lowers: bool) -> BillDetail {
    let amount = if lowers {
        -line.signed()
    } else {
        line.signed()
    };
    let order = line.purchase_order.as_ref();
    let mut detail = BillDetail {
        branch: line.branch.clone(),
        transaction_description: text(&line.text),
        qty: order.map(|order| order.quantity),
        uom: order.and_then(|order| order.unit.clone()),
        unit_cost: order.map(|order| order.unit_price),
        extended_cost: Some(amount),
        account: text(&line.account),
        po_order_type: order.map(|_| ORDER_TYPE.to_owned()),
        po_order_nbr: order.map(|order| order.number.clone()),
        po_line: order.map(|order| order.line),
        subaccount: line.subaccount.clone(),
        project: line.project.clone(),
        project_task: line.task.clone(),
        cost_code: line.cost_code.clone(),
        tax_category: line.tax_category.clone(),
        ..BillDetail::default()
    };
    if let Some(number) = line.box_1099 {
        detail.set_box_1099(number);
    }
    detail
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
    marked(posting, &plan.stamp(posting.n).to_string())
}

fn marked(posting: &Posting, mark: &str) -> Custom {
    let mut custom = Custom::default();
    let field: Option<CustomField> = posting
        .key_field
        .as_deref()
        .and_then(|key| key.parse().ok());
    if let Some(field) = field {
        custom.set_text(&field, mark);
    }
    custom
}

fn text(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use posting::plan::{Discount, PurchaseOrder};
    use serde_json::json;

    use super::*;
    use crate::samples::{amount, plan, posting};

    fn sent(posting: &Posting) -> Value {
        request(&plan(vec![posting.clone()]), posting)
    }

    #[test]
    fn taxes_are_sent_as_planned_and_taken_as_sent() {
        let mut bill = posting(1, PostingKind::Bill);
        assert_eq!(sent(&bill).get("IsTaxValid"), None);
        let row = |id: &str, non_deductible: &str| TaxRow {
            tax_id: id.to_owned(),
            taxable: amount("40.00"),
            amount: amount("2.50"),
            non_deductible: amount(non_deductible),
        };
        bill.taxes = vec![row("VAT", "1.00"), row("CITY", "0")];
        let sent = sent(&bill);
        assert_eq!(sent["IsTaxValid"]["value"], json!(true));
        let rows = &sent["TaxDetails"];
        assert_eq!(rows[0]["TaxID"]["value"], json!("VAT"));
        assert_eq!(rows[0]["TaxableAmount"]["value"].to_string(), "40.00");
        assert_eq!(rows[0]["TaxAmount"]["value"].to_string(), "1.50");
        let part = &rows[0]["custom"]["Taxes"]["CuryExpenseAmt"]["value"];
        assert_eq!(part.to_string(), "1.00");
        assert_eq!(rows[1]["TaxAmount"]["value"].to_string(), "2.50");
        assert_eq!(rows[1].get("custom"), None);
    }

    #[test]
    fn a_box_of_form_1099_goes_beside_the_contract() {
        let mut bill = posting(1, PostingKind::Bill);
        assert_eq!(sent(&bill)["Details"][0].get("custom"), None);
        bill.lines[0].box_1099 = Some(7);
        assert_eq!(
            sent(&bill)["Details"][0]["custom"],
            json!({"Transactions": {"Box1099": {"type": "CustomShortField", "value": 7}}})
        );
    }

    #[test]
    fn a_discount_goes_beside_the_contract_and_leaves_the_total_alone() {
        let mut bill = posting(1, PostingKind::Bill);
        let total = sent(&bill)["Amount"].clone();
        bill.discount = Some(Discount {
            amount: amount("0.85"),
            until: jiff::civil::date(2026, 4, 10),
        });
        let sent = sent(&bill);
        assert_eq!(sent["Amount"], total);
        let custom = &sent["custom"]["Document"];
        assert_eq!(custom["CuryOrigDiscAmt"]["value"].to_string(), "0.85");
        assert_eq!(custom["DiscDate"]["value"], json!("2026-04-10T00:00:00"));
    }

    #[test]
    fn a_line_of_a_purchase_order_sends_the_order_and_no_account() {
        let mut bill = posting(1, PostingKind::Bill);
        bill.lines[0].account = String::new();
        bill.lines[0].purchase_order = Some(PurchaseOrder {
            number: "PO0007".to_owned(),
            line: 2,
            quantity: amount("2"),
            unit_price: amount("21.25"),
            unit: Some("EA".to_owned()),
        });
        let line = &sent(&bill)["Details"][0];
        for (name, value) in [
            ("POOrderType", json!("Normal")),
            ("POOrderNbr", json!("PO0007")),
            ("POLine", json!(2)),
            ("UOM", json!("EA")),
        ] {
            assert_eq!(line[name]["value"], value, "{name} in {line}");
        }
        assert_eq!(line["Qty"]["value"].to_string(), "2");
        assert_eq!(line["UnitCost"]["value"].to_string(), "21.25");
        assert_eq!(line.get("Account"), None);
    }

    #[test]
    fn a_reversal_carries_its_own_stamp_where_stamps_have_a_field() {
        let mut bill = posting(1, PostingKind::Bill);
        bill.key_field = Some("Document.AttributeCNQR".to_owned());
        let plan = plan(vec![bill.clone()]);
        let receipt = crate::samples::receipt(PostingKind::Bill, "004512", "Open");
        let other = posting::withdraw::opposite(&plan, &bill, &receipt, None);
        let Body::Bill(sent) = reversal(&plan, &other) else {
            panic!("no bill");
        };
        let field: CustomField = "Document.AttributeCNQR".parse().unwrap();
        let mark = format!("{}R", plan.stamp(1));
        assert_eq!(sent.custom.text(&field), Some(mark.as_str()));
        assert_eq!(sent.kind, Some(BillType::DebitAdj));
        let text = sent.description.unwrap_or_default();
        assert!(!text.contains("CNQR"), "{text}");
        // The opposite type carries the sign: amounts stay positive.
        assert_eq!(sent.details[0].extended_cost, Some(amount("42.50")));
    }
}
