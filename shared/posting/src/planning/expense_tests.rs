use serde_json::{Value, json};

use super::support::{
    application, card, dec, entry, family, jotted, personal, plan_with, report, rules,
};
use crate::Document;
use crate::document::{Entry, Expense, Tax};
use crate::plan::PostingKind;

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
fn personal_spend_on_a_company_card_keeps_both_sides() {
    // Published example 6.2.4: the card is owed the whole, the employee owes the personal part.
    let mut snack = personal("e2", &[("CBCP", "14", "199999"), ("EMPL", "-14", "199999")]);
    snack.payment_type = Some("1000".to_owned());
    check(
        report(vec![
            card("e1", "1000", "199999", &[("CBCP", "125", "474230")]),
            snack,
            entry("e3", &[("EMPL", "35", "474230")]),
        ]),
        &none(),
        &[
            "1 Bill EMPL E7 R-1 21",
            "  +21 21999 net -",
            "2 GL EMPL - - 49",
            "  -14 199999 cost e2",
            "  +35 61000 cost e3",
            "  +14 21999 clearing e2",
            "  -35 21999 clearing e3",
            "3 GL CBCP - - 139",
            "  +125 61000 cost e1",
            "  +14 199999 cost e2",
            "  -125 21500 counter e1",
            "  -14 21500 counter e2",
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
fn journals_carry_the_card_reference_on_one_counter_line_for_each_entry() {
    let mut hotel = card(
        "e1",
        "1000",
        "199999",
        &[("COPD", "250", "474230"), ("COPD", "50", "62000")],
    );
    hotel.card_transaction = Some("24015165172000123456789".to_owned());
    let document = Document::Expense(report(vec![hotel]));
    let plan = plan_with(&document, &rules(&none())).unwrap();
    let [posting] = plan.postings.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!(posting.kind, PostingKind::Journal);
    assert_eq!(posting.lines.len(), 3);
    assert_eq!(posting.lines[2].account, "21590");
    assert_eq!(posting.lines[2].credit, dec("300"));
    assert_eq!(
        posting.lines[2].reference.as_deref(),
        Some("172000123456789")
    );
    assert_eq!(posting.lines[0].tax_category, None);
    assert!(
        posting
            .description
            .starts_with("CNQR:de2c2b936bc44114aa487fdab9f7bf61/1.1 Ann")
    );
}

#[test]
fn payables_come_first_in_the_order_of_the_parties_then_journals() {
    check(
        report(vec![
            card("e1", "1000", "", &[("COPD", "4", "62000")]),
            card("e2", "1003", "", &[("IBCP", "3", "62000")]),
            card("e3", "1000", "", &[("IBCP", "2", "62000")]),
            card("e4", "1003", "", &[("IBCP", "-1", "62000")]),
            entry("e5", &[("EMPL", "1", "62000")]),
        ]),
        &none(),
        &[
            "1 Bill EMPL E7 R-1 1",
            "  +1 62000 cost e5",
            "2 Bill IBCP VISA R-1-2 2",
            "  +2 21999 net -",
            "3 Bill IBCP AMEX R-1-3 2",
            "  +2 62000 cost e3",
            "4 GL IBCP - - 4",
            "  +3 62000 cost e2",
            "  -1 62000 cost e4",
            "  -3 21999 clearing e2",
            "  +1 21999 clearing e4",
            "5 GL COPD - - 4",
            "  +4 62000 cost e1",
            "  -4 21590 counter e1",
        ],
    );
}

#[test]
fn a_card_without_vendor_is_held_and_never_the_employees_bill() {
    check(
        report(vec![card("e1", "9", "199999", &[("IBCP", "3", "62000")])]),
        &none(),
        &["card_without_vendor tables.cards [IBCP/9] e1"],
    );
}

#[test]
fn the_offset_of_personal_spend_takes_the_one_card_of_its_party() {
    // Published example 6.1.7 with offsetting: a cash entry is owed to the card.
    let offset = || entry("e2", &[("IBCP", "5", "62000")]);
    check(
        report(vec![
            card("e1", "1003", "199999", &[("IBCP", "125", "474230")]),
            offset(),
        ]),
        &none(),
        &[
            "1 Bill IBCP VISA R-1 130",
            "  +125 61000 cost e1",
            "  +5 62000 cost e2",
        ],
    );
    check(
        report(vec![
            card("e1", "1003", "199999", &[("IBCP", "125", "474230")]),
            offset(),
            card("e3", "1000", "199999", &[("IBCP", "1", "474230")]),
        ]),
        &none(),
        &["card_ambiguous tables.cards [IBCP/CASH] e2"],
    );
}

#[test]
fn what_others_reimburse_is_a_party_of_its_own() {
    let paid = Entry {
        expense_pay: true,
        liability_account: Some("22000".to_owned()),
        ..entry("e1", &[("EMPL", "10", "474230")])
    };
    let expense = report(vec![paid, entry("e2", &[("EMPL", "7", "474230")])]);
    check(
        expense.clone(),
        &none(),
        &[
            "1 Bill EMPL E7 R-1 7",
            "  +7 61000 cost e2",
            "2 GL EMPL.expense_pay - - 10",
            "  +10 61000 cost e1",
            "  -10 22000 counter e1",
        ],
    );
    let mut payroll = expense.clone();
    payroll.payroll = true;
    payroll.payroll_clearing_account = Some("176882".to_owned());
    check(
        payroll.clone(),
        &none(),
        &[
            "1 GL EMPL.payroll - - 17",
            "  +10 61000 cost e1",
            "  +7 61000 cost e2",
            "  -10 176882 counter e1",
            "  -7 176882 counter e2",
        ],
    );
    payroll.payroll_clearing_account = None;
    let reasons = jotted(&Document::Expense(payroll), &none());
    assert!(
        reasons
            .iter()
            .all(|reason| reason.starts_with("account_missing rules.parties")),
        "{reasons:?}"
    );
}

#[test]
fn a_party_without_rule_is_named_once() {
    check(
        report(vec![
            entry("e1", &[("XCRD", "10", "474230")]),
            entry("e2", &[("XCRD", "10", "474230")]),
        ]),
        &none(),
        &["party_without_rule rules.parties.XCRD [XCRD] e1"],
    );
}

#[test]
fn a_skipped_party_is_noted_and_counts_for_the_gross() {
    let changes = json!({"rules": {"parties": {"COPD": {"as": "skip", "account": null}}}});
    let mut changes = changes;
    changes["rules"]["parties"]["COPD"]
        .as_object_mut()
        .unwrap()
        .remove("account");
    check(
        report(vec![
            entry("e1", &[("EMPL", "10", "474230")]),
            entry("e2", &[("COPD", "4", "474230")]),
        ]),
        &changes,
        &[
            "1 Bill EMPL E7 R-1 10",
            "  +10 61000 cost e1",
            "skipped COPD 4",
        ],
    );
}

#[test]
fn advances_are_held_against_the_employee() {
    // Published example 5.2.1.
    let mut expense = report(vec![entry("e1", &[("EMPL", "315", "474230")])]);
    expense.applications = vec![application("-245"), application("-55")];
    check(
        expense,
        &none(),
        &[
            "1 Bill EMPL E7 R-1 15",
            "  +15 21999 net -",
            "2 GL EMPL - - 615",
            "  +315 61000 cost e1",
            "  -245 12500 advance ADV-1",
            "  -55 12500 advance ADV-1",
            "  -315 21999 clearing e1",
            "  +300 21999 clearing ADV-1",
        ],
    );
}

#[test]
fn returned_cash_is_debited_once_and_not_charged_to_the_employee() {
    // Published example 5.2.2: 400 advanced, 315 spent, 85 handed back.
    let mut expense = report(vec![entry("e1", &[("EMPL", "315", "474230")])]);
    expense.applications = vec![application("-400")];
    expense.returns = dec("-85");
    check(
        expense.clone(),
        &none(),
        &["advance_return report.cashAdvanceReturnsAmount [-85] -"],
    );
    check(
        expense.clone(),
        &json!({"rules": {"cash_advance": {"return_account": "10200"}}}),
        &[
            "1 GL EMPL - - 400",
            "  +315 61000 cost e1",
            "  -400 12500 advance ADV-1",
            "  +85 10200 advance -",
        ],
    );
    check(
        expense.clone(),
        &json!({"rules": {"cash_advance": {"return_account": "employee"}}}),
        &[
            "1 Debit Adj. EMPL E7 R-1 85",
            "  -85 21999 net -",
            "2 GL EMPL - - 715",
            "  +315 61000 cost e1",
            "  -400 12500 advance ADV-1",
            "  -315 21999 clearing e1",
            "  +400 21999 clearing ADV-1",
        ],
    );
    expense.returns = dec("401");
    check(
        expense,
        &json!({"rules": {"cash_advance": {"return_account": "10200"}}}),
        &["advance_return report.cashAdvanceReturnsAmount [401] -"],
    );
}

#[test]
fn an_advance_waits_when_it_is_not_clear_what_it_is_or_whom_it_is_held_against() {
    let paid = Entry {
        expense_pay: true,
        liability_account: Some("22000".to_owned()),
        ..entry("e1", &[("EMPL", "10", "474230")])
    };
    let mut expense = report(vec![paid, entry("e2", &[("EMPL", "7", "474230")])]);
    expense.applications = vec![application("-5")];
    check(
        expense.clone(),
        &none(),
        &["advance_on_mixed_payment cashAdvanceApplication [EMPL, EMPL.expense_pay] -"],
    );
    expense.entries.truncate(1);
    expense.approved_total = Some(dec("10"));
    check(
        expense.clone(),
        &none(),
        &[
            "1 GL EMPL.expense_pay - - 15",
            "  +10 61000 cost e1",
            "  -5 12500 advance ADV-1",
            "  -10 22000 counter e1",
            "  +5 22000 counter ADV-1",
        ],
    );
    expense.applications[0].transaction_type = Some(3);
    check(
        expense,
        &none(),
        &["advance_type cashAdvanceApplication[0].cashAdvanceTransactionType [3] ADV-1"],
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
