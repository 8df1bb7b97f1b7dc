//! A cash advance.

use concur::documents::CashAdvanceDocument;
use concur::documents::cash_advance as wire;
use posting::document::{AdvanceJournal, CashAdvance, Document};

use super::Place;
use super::fields::{At, Faults, employee, family, header, owned, yes};

/// Reads an advance and its payee, the employee's id.
pub(super) fn read(
    wire: &CashAdvanceDocument,
    place: Place<'_>,
    faults: &Faults,
) -> (Document, Option<String>) {
    let absent = wire::Advance::default();
    let advance = wire.advance.get().unwrap_or(&absent);
    let root = At {
        path: String::new(),
        line: None,
        faults,
    };
    let at = At {
        path: "cashAdvanceData".to_owned(),
        ..root.clone()
    };
    let business = at.business("cashAdvanceId", &advance.id, place.id);
    let employee_currency = at.currency("employeeCurrencyAlphaCode", &advance.employee_currency);
    let mut header = header(place, business, employee_currency);
    header.name = owned(&advance.name);
    header.test = yes(&advance.is_test);
    if let Some(person) = wire.employee.get() {
        header.employee = employee(&person.id, &person.first_name, &person.last_name);
        header.org = family(&person.org_units);
        header.custom = family(&person.custom);
    }
    if wire.journals.is_empty() {
        root.missing("journalData");
    }
    let payee = header.employee.id.clone();
    let document = CashAdvance {
        header,
        currency: at.currency("currencyAlphaCode", &advance.currency),
        rate: advance.exchange_rate.get(),
        issued: at.instant("issuedDate", &advance.issued_date),
        requested: at.instant("requestDate", &advance.request_date),
        expense_pay: yes(&advance.expense_pay_indicator)
            || advance.payment_method.get() == Some("1"),
        transaction_type: at.count("transactionType", &advance.transaction_type),
        card_transaction: owned(&advance.card_transaction_id),
        journals: wire
            .journals
            .iter()
            .map(|(index, row)| journal(row, &root.child("journalData", index)))
            .collect(),
    };
    (Document::CashAdvance(document), payee)
}

fn journal(row: &wire::Journal, at: &At<'_>) -> AdvanceJournal {
    AdvanceJournal {
        account: owned(&row.account),
        amount: at.amount("amount", &row.amount),
        credit: row
            .debit_or_credit
            .get()
            .is_some_and(|word| word.eq_ignore_ascii_case("cr")),
        payment_code: owned(&row.payment_code),
    }
}
