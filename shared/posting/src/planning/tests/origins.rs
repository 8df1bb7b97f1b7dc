//! Where values come from: told when asked for, and never a change of the plan.

use serde_json::{Value, json};

use super::super::{Detail, Planning, plan};
use super::support::{advance, entry, invoice, report, rules};
use crate::{Document, Plan};

fn explained(document: &Document, changes: &Value) -> Plan {
    let rules = rules(changes);
    let planning = Planning::new(document, &rules, 1);
    let short = plan(&planning).unwrap();
    let mut told = plan(&Planning {
        detail: Detail::Values,
        ..planning
    })
    .unwrap();
    let mut bare = told.clone();
    bare.because.clear();
    let mut shorter = short.clone();
    for (line, short) in lines(&mut bare).zip(lines(&mut shorter)) {
        assert!(line.because.starts_with(&short.because));
        line.because.clone_from(&short.because);
    }
    assert_eq!(bare, short, "words alone differ");
    assert_eq!(short.because, [""; 0]);
    told.because.sort();
    told
}

fn lines(plan: &mut Plan) -> impl Iterator<Item = &mut crate::plan::Line> {
    plan.postings
        .iter_mut()
        .flat_map(|posting| &mut posting.lines)
}

/// All that is said of a plan, for searching.
fn all(plan: &Plan) -> String {
    let lines = plan.postings.iter().flat_map(|posting| &posting.lines);
    let lines = lines.map(|line| line.because.as_str());
    let header = plan.because.iter().map(String::as_str);
    header.chain(lines).collect::<Vec<_>>().join("\n")
}

fn says(plan: &Plan, sentences: &[&str]) {
    let all = all(plan);
    for sentence in sentences {
        assert!(all.contains(sentence), "`{sentence}` is not in\n{all}");
    }
}

#[test]
fn a_report_names_rule_field_and_table_of_each_code() {
    let document = Document::Expense(report(vec![entry("E1", &[("EMPL", "10", "474230")])]));
    let tables = json!({"tables": {"accounts": {"474230": "61000"}}});
    says(
        &explained(&document, &tables),
        &[
            "61000 by rules.line.account: tables.accounts[474230] = 61000; line.account = 474230 (journal[].journalAccountCode, if blank clearingAccountCode)",
            "E7 by rules.vendor.employee: tables.employees has no E7; employee.id = E7 (employee.employeeId)",
            "by rules.date.expense = approved: report.reportPaymentProcessingDate, else report.reportSubmitDate, in time_zone",
            "R-1, the id in Concur, is the reference",
            "the period is Acumatica's, that of the date",
        ],
    );
    let constant = json!({"rules": {"line": {"account": {"expense": "62000"}, "project": "{{ 'line.account' }}", "task": "{{ allocation.custom[6].code }}"}}});
    says(
        &explained(&document, &constant),
        &[
            "62000 stated by rules.line.account.expense",
            "line.account by rules.line.project",
            "nothing by rules.line.task: allocation.custom[6].code = nothing (allocationCustom6)",
        ],
    );
}

#[test]
fn invoices_and_advances_tell_their_dates_and_numbers() {
    let invoice = Document::Invoice(invoice("INV-7", &[("50", "63000")]));
    for (rule, told) in [
        (
            "invoice",
            "by rules.date.invoice = invoice: requestHeader.invoiceDate",
        ),
        (
            "posting",
            "by rules.date.invoice = posting: the posting date",
        ),
    ] {
        let plan = explained(&invoice, &json!({"rules": {"date": {"invoice": rule}}}));
        says(
            &plan,
            &[told, "INV-7, the vendor's number, is the reference"],
        );
    }
    let mut advance = advance(&[("100", "119900")]);
    advance.requested = advance.issued;
    let advance = Document::CashAdvance(advance);
    for (rule, told) in [
        ("issued", "cashadvance = issued: cashAdvanceData.issuedDate"),
        (
            "requested",
            "cashadvance = requested: cashAdvanceData.requestDate",
        ),
    ] {
        let plan = explained(&advance, &json!({"rules": {"date": {"cashadvance": rule}}}));
        says(&plan, &[told, "by rules.cash_advance.account"]);
    }
    let report = Document::Expense(report(vec![entry("E1", &[("EMPL", "10", "61000")])]));
    let submitted = json!({"rules": {"date": {"expense": "submitted"}}});
    says(
        &explained(&report, &submitted),
        &["by rules.date.expense = submitted: report.reportSubmitDate"],
    );
}

#[test]
fn each_line_tells_its_own_answers() {
    let two = Document::Invoice(invoice("INV-7", &[("50", "63000"), ("20", "63001")]));
    let mut plan = explained(&two, &json!({"rules": {"invoice": {"box_1099": "7"}}}));
    for line in lines(&mut plan) {
        let told = line.because.matches("7 stated by rules.invoice.box_1099");
        assert_eq!(told.count(), 1, "{}", line.because);
    }
    let taxed = Document::Expense(super::tax::half());
    says(
        &explained(&taxed, &super::tax::acumatica()),
        &[
            "CAGST stated by rules.tax.codes.GST.tax_id",
            "CAPST stated by rules.tax.codes.PST.tax_id",
        ],
    );
}
