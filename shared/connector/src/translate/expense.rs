//! An expense report.

use concur::documents::expense as wire;
use concur::documents::{ExpenseDocument, expense};
use concur::value::Part;
use posting::document::{Allocation, Application, Document, Entry, Expense, Journal, Tax};
use rust_decimal::Decimal;

use super::Place;
use super::fields::{At, Faults, coded, employee, family, header, owned, yes};

/// Reads a report and its payee, the employee's id.
pub(super) fn read(
    wire: &ExpenseDocument,
    place: Place<'_>,
    faults: &Faults,
) -> (Document, Option<String>) {
    let absent = expense::Report::default();
    let report = wire.report.get().unwrap_or(&absent);
    let root = At {
        path: String::new(),
        line: None,
        faults,
    };
    let at = At {
        path: "report".to_owned(),
        ..root.clone()
    };
    let business = at.business("reportId", &report.id, place.id);
    let currency = at.currency("employeeCurrencyAlphaCode", &report.currency);
    let mut header = header(place, business, currency);
    header.name = owned(&report.name);
    header.ledger = owned(&report.ledger_code);
    header.org = family(&report.org_units);
    header.custom = family(&report.custom);
    header.test = yes(&report.is_test);
    header.revision = revision(&report.revision_number);
    if let Part::Read(person) = &wire.employee {
        header.employee = employee(&person.id, &person.first_name, &person.last_name);
    }
    if wire.entries.is_empty() {
        root.missing("expenseEntry");
    }
    let payee = header.employee.id.clone();
    let expense = Expense {
        header,
        approved_total: report.total_approved_amount.get(),
        returns: report.cash_advance_returns_amount.get().unwrap_or_default(),
        payroll: yes(&report.payroll_pay_indicator),
        payroll_clearing_account: owned(&report.payroll_clearing_account),
        submitted: at.instant("reportSubmitDate", &report.submit_date),
        processed: at.instant(
            "reportPaymentProcessingDate",
            &report.payment_processing_date,
        ),
        entries: wire
            .entries
            .iter()
            .map(|(index, row)| entry(row, &root.child("expenseEntry", index)))
            .collect(),
        applications: wire
            .cash_advances
            .iter()
            .map(|(index, row)| application(row, &root.child("cashAdvanceApplication", index)))
            .collect(),
    };
    (Document::Expense(expense), payee)
}

pub(super) fn revision(text: &concur::value::Text) -> u32 {
    text.get().and_then(super::fields::whole).unwrap_or(1)
}

fn entry(row: &wire::Entry, at: &At<'_>) -> Entry {
    let at = At {
        line: owned(&row.id),
        ..at.clone()
    };
    if row.allocations.is_empty() {
        at.missing("allocation");
    }
    Entry {
        id: at.text("entryId", &row.id),
        date: at.date("entryDate", &row.date),
        vendor: owned(&row.vendor_description).or_else(|| owned(&row.vendor_code)),
        description: owned(&row.description),
        approved: row.approved_amount.get(),
        personal: yes(&row.is_personal),
        expense_pay: yes(&row.expense_pay_indicator),
        payment_type: owned(&row.pat_key),
        card_program: owned(&row.card_program_type_code),
        card_transaction: owned(&row.card_transaction_id),
        clearing_account: owned(&row.clearing_account),
        liability_account: owned(&row.liability_account),
        expense_type: coded(&row.expense_type_code, &row.expense_type_name),
        org: family(&row.org_units),
        custom: family(&row.custom),
        allocations: row
            .allocations
            .iter()
            .map(|(index, row)| allocation(row, &at.child("allocation", index)))
            .collect(),
    }
}

fn allocation(row: &wire::Allocation, at: &At<'_>) -> Allocation {
    if row.journals.is_empty() {
        at.missing("journal");
    }
    Allocation {
        id: owned(&row.id),
        custom: family(&row.custom),
        journals: row
            .journals
            .iter()
            .map(|(index, row)| journal(row, &at.child("journal", index)))
            .collect(),
        taxes: row
            .taxes
            .iter()
            .map(|(index, row)| tax(row, &at.child("tax", index)))
            .collect(),
    }
}

fn journal(row: &wire::Journal, at: &At<'_>) -> Journal {
    let gross = at.amount("amountGross", &row.amount_gross);
    Journal {
        account: owned(&row.account),
        payer: at.text("journalPayer", &row.payer),
        payee: at.text("journalPayee", &row.payee),
        gross,
        net_of_tax: row.amount_net_of_tax.get().unwrap_or(gross),
        net_of_reclaim: row.amount_net_of_reclaim.get().unwrap_or(gross),
        card_reference: owned(&row.card_reference),
        taxes: row.tax_guids.iter().map(str::to_owned).collect(),
    }
}

fn tax(row: &wire::Tax, at: &At<'_>) -> Tax {
    Tax {
        guid: owned(&row.guid),
        authority: owned(&row.authority),
        code: owned(&row.code),
        reclaim_code: owned(&row.reclaim_code),
        country: owned(&row.country),
        amount: at.amount("amountTax", &row.amount_tax),
        reclaim: row.amount_reclaim.get().unwrap_or(Decimal::ZERO),
    }
}

fn application(row: &wire::CashAdvanceApplication, at: &At<'_>) -> Application {
    Application {
        advance: owned(&row.id),
        amount: at.amount("cashAdvanceApplicationAmount", &row.amount),
        clearing_account: owned(&row.clearing_account),
        transaction_type: at.count("cashAdvanceTransactionType", &row.transaction_type),
    }
}
