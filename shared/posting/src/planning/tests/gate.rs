use rust_decimal::Decimal;

use super::super::gate::gate;
use super::support::{application, dec, entry, invoice, jotted, journal, report};
use crate::document::{Expense, Tax};
use crate::{Code, Currency, Document};

type Fault = (Code, String, String, Option<String>);

fn faults(expense: &Expense) -> Vec<Fault> {
    gate(expense)
        .into_iter()
        .map(|reason| (reason.code, reason.field, reason.value, reason.line))
        .collect()
}

fn fault(code: Code, field: &str, value: &str, line: Option<&str>) -> Fault {
    (
        code,
        field.to_owned(),
        value.to_owned(),
        line.map(str::to_owned),
    )
}

fn sound() -> Expense {
    report(vec![
        entry("e1", &[("EMPL", "10.00", "61000")]),
        entry("e2", &[("COPD", "20", "61000"), ("EMPL", "-5", "61000")]),
    ])
}

fn tax(guid: &str, amount: &str, reclaim: &str) -> Tax {
    Tax {
        guid: Some(guid.to_owned()),
        authority: None,
        code: None,
        reclaim_code: None,
        country: None,
        amount: dec(amount),
        reclaim: dec(reclaim),
    }
}

#[test]
fn a_sound_report_passes_also_without_a_total() {
    assert_eq!(faults(&sound()), []);
    let mut without = sound();
    without.approved_total = None;
    assert_eq!(faults(&without), []);
}

#[test]
fn parties_and_signs_are_checked_per_journal() {
    let mut expense = sound();
    expense.entries[0].allocations[0].journals[0].payee = "COMP".to_owned();
    expense.entries[1].allocations[0].journals[0].payer = "IBCP".to_owned();
    let mut wrong_sign = journal("EMPL", "5", "61000");
    std::mem::swap(&mut wrong_sign.payer, &mut wrong_sign.payee);
    expense.entries[0].allocations[0].journals.push(wrong_sign);
    expense.entries[0].approved = Some(dec("15"));
    expense.approved_total = Some(dec("30"));
    let path = |entry, journal, field: &str| {
        format!("expenseEntry[{entry}].allocation[0].journal[{journal}].{field}")
    };
    assert_eq!(
        faults(&expense),
        [
            fault(
                Code::PartyInvalid,
                &path(0, 0, "journalPayee"),
                "COMP -> COMP",
                Some("e1")
            ),
            fault(
                Code::JournalSign,
                &path(0, 1, "amountGross"),
                "5",
                Some("e1")
            ),
            fault(
                Code::PartyInvalid,
                &path(1, 0, "journalPayee"),
                "IBCP -> COPD",
                Some("e2")
            ),
        ]
    );
}

#[test]
fn one_cent_anywhere_is_a_fault_tied_to_its_entry() {
    let cent = dec("0.01");
    let mut expense = sound();
    expense.entries[0].allocations[0].journals[0].gross += cent;
    let codes: Vec<Code> = faults(&expense).into_iter().map(|fault| fault.0).collect();
    // The journal alone moved: its entry, and both taxes that should explain the cent.
    assert_eq!(codes, [Code::TaxSum, Code::TaxSum, Code::EntrySum]);

    let mut expense = sound();
    expense.entries[1].approved = Some(dec("15.01"));
    assert_eq!(
        faults(&expense),
        [
            fault(
                Code::EntrySum,
                "expenseEntry[1].entryApprovedAmount",
                "15.01",
                Some("e2")
            ),
            fault(Code::ReportSum, "report.totalApprovedAmount", "25.00", None),
        ]
    );
}

#[test]
fn an_entry_without_approved_amount_is_named() {
    let mut expense = sound();
    expense.entries[0].approved = None;
    assert_eq!(
        faults(&expense),
        [fault(
            Code::FieldMissing,
            "expenseEntry[0].entryApprovedAmount",
            "",
            Some("e1")
        )]
    );
}

#[test]
fn tax_records_explain_gross_less_net_and_are_named_by_journals() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "100", "61000")])]);
    let allocation = &mut expense.entries[0].allocations[0];
    allocation.journals[0].net_of_tax = dec("88.50");
    allocation.journals[0].net_of_reclaim = dec("96.46");
    allocation.journals[0].taxes = vec!["g1".to_owned(), "g2".to_owned()];
    allocation.taxes = vec![tax("g1", "4.42", "0"), tax("g2", "7.08", "3.54")];
    assert_eq!(faults(&expense), []);

    let allocation = &mut expense.entries[0].allocations[0];
    allocation.taxes[1].reclaim = dec("3.55");
    allocation.taxes[0].guid = Some("g9".to_owned());
    let path = "expenseEntry[0].allocation[0].tax[]";
    assert_eq!(
        faults(&expense),
        [
            fault(
                Code::TaxSum,
                &format!("{path}.amountReclaim"),
                "3.55",
                Some("e1")
            ),
            fault(
                Code::TaxReference,
                &format!("{path}.taxGuid"),
                "g1, g9",
                Some("e1")
            ),
        ]
    );
}

#[test]
fn an_id_that_stands_twice_is_named() {
    let twice = |second: &str, third: &str| {
        let made = |id| entry(id, &[("EMPL", "10", "61000")]);
        faults(&report(vec![made("e1"), made(second), made(third)]))
    };
    let fault = |at: usize, id: &str| {
        let path = format!("expenseEntry[{at}].entryId");
        fault(Code::LineTwice, &path, id, Some(id))
    };
    for (second, third, wanted) in [
        ("e2", "e3", vec![]),
        ("e1", "e3", vec![fault(1, "e1")]),
        ("e1", "e1", vec![fault(1, "e1"), fault(2, "e1")]),
        ("e2", "e2", vec![fault(2, "e2")]),
    ] {
        assert_eq!(twice(second, third), wanted, "{second} {third}");
    }
    let mut invoice = invoice("7", &[("1", "63000"), ("-1", "63000")]);
    invoice.lines[1].id = "1".to_owned();
    assert_eq!(
        jotted(&Document::Invoice(invoice), &serde_json::json!({})),
        ["line_twice lineItem[1].lineItemSequenceOrder [1] 1"]
    );
}

#[test]
fn decimals_the_currency_lacks_are_faults_never_rounded() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "10.50", "61000")])]);
    expense.header.currency = Currency::new("JPY").unwrap();
    expense.returns = dec("0.5");
    expense.applications = vec![application("-1.25")];
    let fields: Vec<String> = faults(&expense)
        .into_iter()
        .filter(|fault| fault.0 == Code::AmountPrecision)
        .map(|fault| fault.1)
        .collect();
    assert_eq!(
        fields,
        [
            "expenseEntry[0].allocation[0].journal[0].amountGross",
            "report.cashAdvanceReturnsAmount",
            "cashAdvanceApplication[0].cashAdvanceApplicationAmount",
        ]
    );
}

#[test]
fn sums_out_of_range_are_a_reason() {
    let mut expense = sound();
    expense.entries[0].approved = Some(Decimal::MAX);
    expense.entries[1].approved = Some(Decimal::MAX);
    assert!(
        faults(&expense)
            .iter()
            .any(|fault| fault.0 == Code::PlanTooLarge)
    );
}
