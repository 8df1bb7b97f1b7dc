use serde_json::{Value, json};

use super::support::{dec, entry, family, jotted, personal, plan_with, report, rules};
use crate::Document;
use crate::document::{Expense, Tax};

fn check(expense: Expense, changes: &Value, wanted: &[&str]) {
    assert_eq!(jotted(&Document::Expense(expense), changes), wanted);
}

fn none() -> Value {
    json!({})
}

#[test]
fn cash_becomes_a_bill_to_the_employee_one_line_for_each_journal() {
    check(
        report(vec![
            entry("e1", &[("EMPL", "10.50", "474230"), ("EMPL", "2", "62000")]),
            entry("e2", &[("EMPL", "7", "474230")]),
        ]),
        &none(),
        &[
            "1 Bill EMPL E7 R-1 19.50",
            "  +10.5 61000 cost e1",
            "  +2 62000 cost e1",
            "  +7 61000 cost e2",
        ],
    );
}

#[test]
fn the_lines_take_the_dimensions_of_their_allocation() {
    let document = Document::Expense(report(vec![entry("e1", &[("EMPL", "10", "474230")])]));
    let plan = plan_with(&document, &rules(&none())).unwrap();
    let posting = &plan.postings[0];
    let line = &posting.lines[0];
    assert_eq!(posting.branch.as_deref(), Some("MAIN"));
    assert_eq!(line.branch.as_deref(), Some("MAIN"));
    assert_eq!(line.subaccount.as_deref(), Some("000100"));
    assert_eq!(line.project.as_deref(), Some("P1"));
    assert_eq!(line.tax_category.as_deref(), Some("EXEMPT"));
    assert_eq!(line.text, "E7 2026-10-12 Taxi Taxi ride");
    assert_eq!(
        line.because,
        "EMPL: account 474230 by rules.line.account; dimensions by rules.line"
    );
    assert_eq!(
        posting.description,
        "R-1 Ann Lee Trip CNQR:de2c2b936bc44114aa487fdab9f7bf61/1.1"
    );
    assert_eq!(posting.date.to_string(), "2026-10-31");
    assert_eq!((posting.hold, posting.terms.clone()), (false, None));
}

#[test]
fn a_credit_alone_is_a_debit_adj() {
    check(
        report(vec![entry("e1", &[("EMPL", "-50", "474230")])]),
        &none(),
        &["1 Debit Adj. EMPL E7 R-1 50", "  -50 61000 cost e1"],
    );
}

#[test]
fn mixed_signs_meet_on_the_clearing_account() {
    check(
        report(vec![
            entry("e1", &[("EMPL", "80", "474230")]),
            entry("e2", &[("EMPL", "-30", "474230")]),
        ]),
        &none(),
        &[
            "1 Bill EMPL E7 R-1 50",
            "  +50 21999 net -",
            "2 GL EMPL - - 110",
            "  +80 61000 cost e1",
            "  -30 61000 cost e2",
            "  -80 21999 clearing e1",
            "  +30 21999 clearing e2",
        ],
    );
}

#[test]
fn mixed_signs_without_account_are_a_reason() {
    check(
        report(vec![
            entry("e1", &[("EMPL", "80", "474230")]),
            entry("e2", &[("EMPL", "-30", "474230")]),
        ]),
        &json!({"rules": {"mixed_signs_account": null}}),
        &["mixed_signs rules.mixed_signs_account [] -"],
    );
}

#[test]
fn a_net_of_zero_reaches_the_ledger_by_journal_only() {
    check(
        report(vec![
            entry("e1", &[("EMPL", "30", "474230")]),
            entry("e2", &[("EMPL", "-30", "62000")]),
        ]),
        &none(),
        &[
            "1 GL EMPL - - 30",
            "  +30 61000 cost e1",
            "  -30 62000 cost e2",
        ],
    );
}

#[test]
fn an_employee_who_owes_can_be_a_receivable() {
    let changes = json!({"rules": {"employee_owes": {"as": "journal", "account": "11500"}}});
    check(
        report(vec![entry("e1", &[("EMPL", "-50", "474230")])]),
        &changes,
        &[
            "1 GL EMPL - - 50",
            "  -50 61000 cost e1",
            "  +50 11500 counter e1",
        ],
    );
}

#[test]
fn only_zero_lines_and_pairs_of_one_entry_are_dropped() {
    check(
        report(vec![
            entry(
                "e1",
                &[
                    ("EMPL", "0", "474230"),
                    ("EMPL", "5", "474230"),
                    ("EMPL", "-5", "474230"),
                    ("EMPL", "9", "474230"),
                ],
            ),
            entry("e2", &[("EMPL", "9", "474230")]),
        ]),
        &none(),
        &[
            "1 Bill EMPL E7 R-1 18",
            "  +9 61000 cost e1",
            "  +9 61000 cost e2",
        ],
    );
}

#[test]
fn personal_lines_take_the_balance_dimensions_and_any_account_there_is() {
    let mut snack = personal("e1", &[("EMPL", "-14", "")]);
    snack.clearing_account = Some("199999".to_owned());
    let document = Document::Expense(report(vec![snack.clone()]));
    let plan = plan_with(&document, &rules(&none())).unwrap();
    let line = &plan.postings[0].lines[0];
    assert_eq!(line.account, "199999");
    assert_eq!(line.subaccount.as_deref(), Some("000000"));
    assert_eq!(line.project.as_deref(), Some("X"));
    snack.clearing_account = None;
    check(
        report(vec![snack]),
        &none(),
        &["account_missing expenseEntry[0].allocation[0].journal[0].journalAccountCode [] e1"],
    );
}

#[test]
fn reclaimable_tax_is_not_given_up_silently() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "10", "474230")])]);
    let allocation = &mut expense.entries[0].allocations[0];
    allocation.journals[0].net_of_tax = dec("8.40");
    allocation.journals[0].net_of_reclaim = dec("8.40");
    allocation.journals[0].taxes = vec!["g1".to_owned()];
    allocation.taxes = vec![Tax {
        guid: Some("g1".to_owned()),
        authority: None,
        code: None,
        reclaim_code: None,
        country: None,
        amount: dec("1.60"),
        reclaim: dec("1.60"),
    }];
    check(
        expense.clone(),
        &none(),
        &["reclaim_without_mapping expenseEntry[0].allocation[0].tax[0].amountReclaim [1.60] e1"],
    );
    check(
        expense,
        &json!({"rules": {"tax": {"reclaimable_as_cost": true}}}),
        &["1 Bill EMPL E7 R-1 10", "  +10 61000 cost e1"],
    );
}

#[test]
fn every_reason_is_told_at_once() {
    let mut first = entry("e1", &[("EMPL", "10", "20000")]);
    first.allocations[0].custom = family(&[(2, "9999"), (5, &"P".repeat(31))]);
    let mut expense = report(vec![first, entry("e2", &[("EMPL", "5", "61000.1234")])]);
    expense.entries[1].approved = Some(dec("5.01"));
    expense.header.employee.id = None;
    expense.submitted = None;
    expense.processed = None;
    let codes: Vec<String> = jotted(&Document::Expense(expense), &none())
        .iter()
        .map(|told| told.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        codes,
        [
            "entry_sum expenseEntry[1].entryApprovedAmount",
            "report_sum report.totalApprovedAmount",
            "code_missing rules.vendor.employee",
            "control_account rules.line.account",
            "code_missing rules.line.subaccount[0].value",
            "code_missing rules.branch.line",
            "code_too_long rules.line.project",
            "date_missing report.reportPaymentProcessingDate",
        ]
    );
}

#[test]
fn a_report_with_nothing_to_post_is_a_plan_without_postings() {
    check(report(Vec::new()), &none(), &[]);
    check(
        report(vec![entry("e1", &[("EMPL", "0", "474230")])]),
        &none(),
        &[],
    );
}

#[test]
fn reasons_are_bounded_and_say_how_many_more_there_are() {
    let entries = (0..300).map(|at| entry(&format!("e{at}"), &[("EMPL", "1", "20000")]));
    let document = Document::Expense(report(entries.collect()));
    let reasons = plan_with(&document, &rules(&none())).unwrap_err();
    assert_eq!(reasons.len(), 200);
    assert!(reasons[199].message.ends_with("(and 100 more reasons)"));
}

#[test]
fn an_employees_id_is_in_no_reason() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "10", "474230")])]);
    expense.header.employee.id = Some("E".repeat(31));
    check(
        expense,
        &none(),
        &["code_too_long rules.vendor.employee [31 characters] -"],
    );
}

#[test]
fn a_code_that_a_table_lacks_is_the_value_of_the_reason() {
    let mut taxi = entry("e1", &[("EMPL", "10", "474230")]);
    taxi.allocations[0].custom = family(&[(2, "9999")]);
    check(
        report(vec![taxi]),
        &none(),
        &[
            "code_missing rules.line.subaccount[0].value [{{ tables.subaccounts[allocation.custom[4].code] }}] e1",
            "code_missing rules.branch.line [9999] e1",
        ],
    );
}
