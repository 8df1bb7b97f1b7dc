use serde_json::{Value, json};

use super::support::{application, card, dec, entry, jotted, personal, plan_with, report, rules};
use crate::Document;
use crate::document::{Entry, Expense};
use crate::plan::PostingKind;

fn check(expense: Expense, changes: &Value, wanted: &[&str]) {
    assert_eq!(jotted(&Document::Expense(expense), changes), wanted);
}

fn none() -> Value {
    json!({})
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
    // A journal of nothing pays nobody.
    let mut nothing = expense.clone();
    nothing.entries[0].approved = Some(dec("0"));
    let journal = &mut nothing.entries[0].allocations[0].journals[0];
    (journal.gross, journal.net_of_tax, journal.net_of_reclaim) = Default::default();
    nothing.approved_total = Some(dec("7"));
    let wanted = [
        "1 Bill EMPL E7 R-1 2",
        "  +2 21999 net -",
        "2 GL EMPL - - 12",
        "  +7 61000 cost e2",
        "  -5 12500 advance ADV-1",
        "  -7 21999 clearing e2",
        "  +5 21999 clearing ADV-1",
    ];
    check(nothing, &none(), &wanted);
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
        &["advance_type cashAdvanceApplication[0].cashAdvanceTransactionType [3] -"],
    );
}

#[test]
fn a_card_that_no_table_knows_is_cleared_where_concur_says_and_nowhere_else() {
    check(
        report(vec![card("e1", "77", "199999", &[("CBCP", "3", "62000")])]),
        &none(),
        &[
            "1 GL CBCP - - 3",
            "  +3 62000 cost e1",
            "  -3 199999 counter e1",
        ],
    );
    check(
        report(vec![card("e1", "77", "", &[("CBCP", "3", "62000")])]),
        &none(),
        &["account_missing rules.parties.CBCP.account [{{ card.account }}] e1"],
    );
    check(
        report(vec![card("e1", "77", "20000", &[("CBCP", "3", "62000")])]),
        &none(),
        &["control_account rules.parties.CBCP.account [20000] e1"],
    );
    check(
        report(vec![card("e1", "77", "ap100", &[("CBCP", "3", "62000")])]),
        &json!({"rules": {"control_accounts": ["AP100"]}}),
        &["control_account rules.parties.CBCP.account [ap100] e1"],
    );
}

#[test]
fn a_journal_without_party_is_one_reason() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "10", "474230")])]);
    expense.entries[0].allocations[0].journals[0].payer = "EMPL".to_owned();
    check(
        expense,
        &none(),
        &["party_invalid expenseEntry[0].allocation[0].journal[0].journalPayee [EMPL -> EMPL] e1"],
    );
}

#[test]
fn a_skipped_employee_takes_the_applied_advances_along() {
    let mut expense = report(vec![
        entry("e1", &[("EMPL", "10", "474230")]),
        entry("e2", &[("COPD", "4", "474230")]),
    ]);
    expense.applications = vec![application("-4")];
    check(
        expense,
        &json!({"rules": {"parties": {"EMPL": {"as": "skip"}}}}),
        &[
            "1 GL COPD - - 4",
            "  +4 61000 cost e2",
            "  -4 21590 counter e2",
            "skipped EMPL 6",
        ],
    );
}

#[test]
fn an_advance_applied_without_other_spend_is_held_against_the_employee() {
    let mut expense = report(Vec::new());
    expense.applications = vec![application("-40")];
    check(
        expense,
        &none(),
        &["1 Debit Adj. EMPL E7 R-1 40", "  -40 12500 advance ADV-1"],
    );
}

#[test]
fn a_party_is_asked_for_each_allocation_its_rule_reads() {
    let split = |party: &str, codes: [&str; 2]| {
        let mut one = card("e1", "1000", "", &[(party, "30", "474230")]);
        let second = entry("e1", &[(party, "12", "474230")]);
        one.approved = Some(super::support::dec("42"));
        one.allocations.extend(second.allocations);
        for (allocation, code) in one.allocations.iter_mut().zip(codes) {
            allocation.custom = super::support::family(&[(2, "0021"), (4, "100"), (7, code)]);
        }
        report(vec![one])
    };
    let by = "{{ allocation.custom[7].code }}";
    let journal = json!({"rules": {"parties": {"CBCP": {"as": "journal", "account": by}}}});
    let employee = json!({"rules": {"vendor": {"employee": {"expense": by, "cashadvance": "E7"}}}});
    let bill = json!({"rules": {"parties": {"IBCP": {"as": "bill", "vendor": by}}}});
    let lines = ["  +30 61000 cost e1", "  +12 61000 cost e1"];
    let counter = |first: &'static str, rest: &[&'static str]| {
        let mut all = vec!["1 GL CBCP - - 42", lines[0], lines[1], first];
        all.extend(rest);
        all
    };
    let bills = |heads: [&'static str; 2]| vec![heads[0], lines[0], heads[1], lines[1]];
    for (party, codes, changes, wanted) in [
        (
            "CBCP",
            ["21", "22"],
            &journal,
            counter("  -30 21 counter e1", &["  -12 22 counter e1"]),
        ),
        (
            "CBCP",
            ["21", "21"],
            &journal,
            counter("  -42 21 counter e1", &[]),
        ),
        (
            "CBCP",
            ["21", ""],
            &journal,
            vec!["account_missing rules.parties.CBCP.account [{{ allocation.custom[7].code }}] e1"],
        ),
        (
            "CBCP",
            ["1", "2"],
            &none(),
            counter("  -42 21500 counter e1", &[]),
        ),
        (
            "EMPL",
            ["E1", "E2"],
            &employee,
            bills(["1 Bill EMPL E1 R-1 30", "2 Bill EMPL E2 R-1-2 12"]),
        ),
        (
            "IBCP",
            ["V1", "V2"],
            &bill,
            bills(["1 Bill IBCP V1 R-1 30", "2 Bill IBCP V2 R-1-2 12"]),
        ),
    ] {
        check(split(party, codes), changes, &wanted);
    }
}
