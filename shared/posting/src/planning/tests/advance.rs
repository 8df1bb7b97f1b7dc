use serde_json::{Value, json};

use super::support::{advance, jotted};
use crate::document::CashAdvance;
use crate::{Currency, Document};

fn check(document: CashAdvance, changes: &Value, wanted: &[&str]) {
    assert_eq!(jotted(&Document::CashAdvance(document), changes), wanted);
}

#[test]
fn an_issue_is_a_bill_to_the_employee() {
    check(
        advance(&[("300", "CADV")]),
        &json!({}),
        &["1 Bill EMPL E7 ADV-1 300", "  +300 12500 advance ADV-1"],
    );
}

#[test]
fn an_issue_somebody_paid_is_a_journal_and_never_a_bill() {
    let journal = json!({"rules": {"cash_advance": {"as": "journal", "credit_account": "10100"}}});
    let wanted = |party: &str| {
        vec![
            format!("1 GL {party} - - 300"),
            "  +300 12500 advance ADV-1".to_owned(),
            "  -300 10100 counter ADV-1".to_owned(),
        ]
    };
    let mut document = advance(&[("300", "CADV")]);
    let jot =
        |document: &CashAdvance, changes| jotted(&Document::CashAdvance(document.clone()), changes);
    assert_eq!(jot(&document, &journal), wanted("EMPL"));
    document.expense_pay = true;
    assert_eq!(jot(&document, &journal), wanted("EMPL.expense_pay"));
    check(
        document.clone(),
        &json!({}),
        &["reimbursed_elsewhere cashAdvanceData.expensePayIndicator [Y] -"],
    );
    document.expense_pay = false;
    document.card_transaction = Some("TX-1".to_owned());
    check(
        document,
        &json!({}),
        &["reimbursed_elsewhere cashAdvanceData.cardTransactionID [TX-1] -"],
    );
}

#[test]
fn an_issue_keyed_by_hand_is_skipped() {
    check(
        advance(&[("300", "CADV")]),
        &json!({"rules": {"cash_advance": {"as": "skip"}}}),
        &["skipped EMPL 300"],
    );
}

#[test]
fn what_posts_nothing_needs_no_branch() {
    let mut changes = json!({"rules": {"branch": {"header": "{{ document.org[6].code }}"}}});
    check(
        advance(&[("300", "CADV")]),
        &changes,
        &["code_missing rules.branch.header [{{ document.org[6].code }}] -"],
    );
    changes["rules"]["cash_advance"] = json!({"as": "skip"});
    check(advance(&[("300", "CADV")]), &changes, &["skipped EMPL 300"]);
}

#[test]
fn returned_cash_needs_a_place_to_go() {
    let document = || advance(&[("-85", "CADV")]);
    check(
        document(),
        &json!({}),
        &["advance_return journalData[0].amount [-85] -"],
    );
    check(
        document(),
        &json!({"rules": {"cash_advance": {"return_account": "10200"}}}),
        &[
            "1 GL EMPL - - 85",
            "  -85 12500 advance ADV-1",
            "  +85 10200 counter ADV-1",
        ],
    );
    check(
        document(),
        &json!({"rules": {"cash_advance": {"return_account": "employee"}}}),
        &["1 Debit Adj. EMPL E7 ADV-1 85", "  -85 12500 advance ADV-1"],
    );
    let mut odd = document();
    odd.journals[0].credit = false;
    check(
        odd,
        &json!({"rules": {"cash_advance": {"return_account": "10200"}}}),
        &["advance_type journalData[0].amount [-85] -"],
    );
}

#[test]
fn two_currencies_with_rate_one_cannot_be_right() {
    // Published example 5.2.1.
    let mut document = advance(&[("300", "CADV")]);
    document.header.currency = Currency::new("GBP").unwrap();
    check(
        document.clone(),
        &json!({}),
        &["advance_currency cashAdvanceData.exchangeRate [1] -"],
    );
    document.rate = Some("0.8".parse().unwrap());
    check(
        document,
        &json!({}),
        &["1 Bill EMPL E7 ADV-1 300", "  +300 12500 advance ADV-1"],
    );
}

#[test]
fn only_issues_are_posted() {
    for kind in [Some(2), Some(3), None] {
        let mut document = advance(&[("300", "CADV")]);
        document.transaction_type = kind;
        let told = jotted(&Document::CashAdvance(document), &json!({}));
        assert!(
            told[0].starts_with("advance_type cashAdvanceData.transactionType"),
            "{told:?}"
        );
    }
}
