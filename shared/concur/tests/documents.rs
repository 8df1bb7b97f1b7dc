//! Reading the three kinds of documents: all of their fields, and everything that can be odd about them.
#![cfg(test)]

use concur::DocumentType;
use concur::documents::cash_advance::CashAdvanceDocument;
use concur::documents::expense::ExpenseDocument;
use concur::documents::invoice::InvoiceDocument;
use concur::documents::{ReadError, WireDocument, read};
use concur::value::{Amount, Rows, Text};
use proptest::prelude::*;

const EXPENSE: &str = include_str!("fixtures/expense.json");
const INVOICE: &str = include_str!("fixtures/invoice.json");
const CASH_ADVANCE: &str = include_str!("fixtures/cash-advance.json");

fn expense(text: &str) -> Box<ExpenseDocument> {
    let WireDocument::Expense(document) = read(DocumentType::Expense, text).unwrap() else {
        panic!("an expense report")
    };
    document
}

fn invoice(text: &str) -> Box<InvoiceDocument> {
    let WireDocument::Invoice(document) = read(DocumentType::Invoice, text).unwrap() else {
        panic!("an invoice")
    };
    document
}

fn cash_advance(text: &str) -> Box<CashAdvanceDocument> {
    let WireDocument::CashAdvance(document) = read(DocumentType::CashAdvance, text).unwrap() else {
        panic!("an advance")
    };
    document
}

fn row<T>(rows: &Rows<T>, place: usize) -> &T {
    rows.iter().find(|(at, _)| *at == place).unwrap().1
}

#[track_caller]
fn is(text: &Text, expected: &str) {
    assert_eq!(text.get(), Some(expected));
}

#[track_caller]
fn amounts(amount: &Amount, expected: &str) {
    assert_eq!(amount.get(), Some(expected.parse().unwrap()));
}

fn oddities(document_type: DocumentType, text: &str) -> Vec<(String, String)> {
    let found = read(document_type, text).unwrap().oddities();
    found
        .into_iter()
        .map(|oddity| (oddity.path, oddity.found.to_string()))
        .collect()
}

#[test]
fn an_expense_report_is_read() {
    let document = expense(EXPENSE);
    is(&document.employee.get().unwrap().id, "E100");
    let report = document.report.get().unwrap();
    is(&report.id, "1B25850DD8B94D5F8B2D");
    amounts(&report.total_approved_amount, "100");
    amounts(&report.cash_advance_returns_amount, "0");
    is(&report.revision_number, "1");
    assert_eq!(report.payroll_clearing_account, Text::Missing);
    let custom: Vec<_> = report
        .custom
        .iter()
        .map(|(n, member)| (n, member.code.get(), member.value.get()))
        .collect();
    assert_eq!(
        custom,
        [(13, Some("305.00"), None), (20, None, Some("twenty"))]
    );
    is(&report.org_units.get(1).unwrap().value, "Organisation");
    assert!(report.org_units.get(3).is_none());

    let entry = row(&document.entries, 0);
    is(&entry.expense_type_code, "LODNG");
    is(&entry.pat_key, "1000");
    is(&entry.custom.get(40).unwrap().code, "0E-8");
    is(&entry.org_units.get(6).unwrap().code, "six");
    let [(0, business), (1, personal)] = entry.allocations.iter().collect::<Vec<_>>()[..] else {
        panic!("two allocations")
    };
    let journal = row(&business.journals, 0);
    amounts(&journal.amount_net_of_tax, "50.42");
    is(&journal.card_reference, "777");
    assert_eq!(journal.tax_guids.iter().collect::<Vec<_>>(), ["T1", "T2"]);
    amounts(&row(&business.taxes, 0).amount_reclaim, "9.58");
    assert_eq!(
        business.custom.iter().count(),
        1,
        "blank members take no place"
    );

    assert_eq!(personal.id, Text::Missing);
    assert!(personal.taxes.is_empty());
    let journal = row(&personal.journals, 0);
    amounts(&journal.amount_gross, "-40");
    assert_eq!(
        (&journal.account, &journal.amount_net_of_tax),
        (&Text::Missing, &Amount::Missing)
    );
    assert_eq!(journal.tax_guids.iter().collect::<Vec<_>>(), ["T9"]);

    let advance = row(&document.cash_advances, 0);
    amounts(&advance.amount, "-245");
    is(&advance.transaction_type, "2");
    assert_eq!(oddities(DocumentType::Expense, EXPENSE), []);
}

#[test]
fn an_invoice_is_read() {
    let document = invoice(INVOICE);
    let header = document.header.get().unwrap();
    is(&header.vendor_invoice_number, "25688");
    amounts(&header.amount_shipping, "0");
    assert_eq!(header.amount_tax, Amount::Missing);
    is(&header.net_payment_term_days, "30");
    is(&header.custom.get(10).unwrap().code, "Default");
    is(&document.vendor.get().unwrap().remit_to, "333");
    let line = row(&document.line_items, 0);
    is(&line.expense_type_code, "2000");
    is(&line.po_line_number, "3");
    assert_eq!(line.quantity.get(), Some(1.into()));
    is(&line.custom.get(2).unwrap().code, "X");
    let allocation = row(&line.allocations, 0);
    is(&allocation.key, "158");
    let journal = row(&allocation.journals, 0);
    is(&journal.account, "61000");
    is(&row(&journal.taxes, 0).code, "V1");
    assert_eq!(oddities(DocumentType::Invoice, INVOICE), []);
}

#[test]
fn a_cash_advance_is_read() {
    let document = cash_advance(CASH_ADVANCE);
    let advance = document.advance.get().unwrap();
    assert_eq!(
        advance.exchange_rate.get(),
        Some("0.78123456789012".parse().unwrap())
    );
    is(&advance.payment_method, "0");
    is(&advance.transaction_type, "1");
    let employee = document.employee.get().unwrap();
    is(&employee.custom.get(21).unwrap().code, "UK");
    is(&employee.org_units.get(2).unwrap().value, "Engineering");
    amounts(&row(&document.journals, 0).amount, "234.37");
    assert_eq!(oddities(DocumentType::CashAdvance, CASH_ADVANCE), []);
}

#[test]
fn every_oddity_is_listed_with_its_path() {
    let text = r#"{
        "employee": ["x"], "report": 12.50,
        "expenseEntry": [
            {"entryId": {"a": 1}, "entryApprovedAmount": "1,5", "entryCustom3Code": [1],
             "allocation": [{"journal": [{"amountGross": 0.123456789}, "odd", 7, null, true, [1]], "tax": false}]},
            "text"
        ],
        "cashAdvanceApplication": "none"
    }"#;
    let expected = [
        ("employee", "an array"),
        ("report", "12.50"),
        ("expenseEntry[0].entryId", "an object"),
        ("expenseEntry[0].entryApprovedAmount", "1,5"),
        (
            "expenseEntry[0].allocation[0].journal[0].amountGross",
            "0.123456789",
        ),
        ("expenseEntry[0].allocation[0].journal[1]", "odd"),
        ("expenseEntry[0].allocation[0].journal[2]", "7"),
        ("expenseEntry[0].allocation[0].journal[3]", "null"),
        ("expenseEntry[0].allocation[0].journal[4]", "true"),
        ("expenseEntry[0].allocation[0].journal[5]", "an array"),
        ("expenseEntry[0].allocation[0].tax[0]", "false"),
        ("expenseEntry[0].entryCustom3Code", "an array"),
        ("expenseEntry[1]", "text"),
        ("cashAdvanceApplication[0]", "none"),
    ];
    let expected = expected.map(|(path, found)| (path.to_owned(), found.to_owned()));
    assert_eq!(oddities(DocumentType::Expense, text), expected);
}

#[test]
fn only_what_is_no_object_is_not_read() {
    for text in [
        "",
        "{",
        r#"{"report": {"reportId": "1"#,
        "<html>",
        r#"{"a": 1} x"#,
        "{'a': 1}",
    ] {
        assert!(
            matches!(
                read(DocumentType::Expense, text),
                Err(ReadError::NotJson(_))
            ),
            "{text}"
        );
    }
    for (text, what) in [
        ("null", "null"),
        ("[]", "an array"),
        ("\"x\"", "a scalar"),
        ("1.0", "a scalar"),
        ("true", "a scalar"),
    ] {
        let Err(ReadError::NotAnObject { found }) = read(DocumentType::Invoice, text) else {
            panic!("{text}")
        };
        assert_eq!(found, what);
    }
    for document_type in DocumentType::ALL {
        assert_eq!(oddities(document_type, "{}"), []);
    }
}

#[test]
fn nulls_everywhere_are_missing_everywhere() {
    let text = r#"{"employee": null, "report": null, "expenseEntry": null, "cashAdvanceApplication": null}"#;
    assert_eq!(*expense(text), ExpenseDocument::default());
    let text = r#"{"requestHeader": null, "lineItem": [], "vendor": null, "ownerEmployee": null}"#;
    assert_eq!(*invoice(text), InvoiceDocument::default());
}

#[test]
fn debug_shows_no_person() {
    let shown = format!(
        "{:?} {:?} {:?}",
        expense(EXPENSE),
        invoice(INVOICE),
        cash_advance(CASH_ADVANCE)
    );
    for personal in ["Ada", "Example", "E100", "Hotel"] {
        assert!(!shown.contains(personal), "{personal}");
    }
    let odd = read(DocumentType::Expense, r#"{"employee": "Ada"}"#).unwrap();
    assert!(!format!("{odd:?} {:?}", odd.oddities()).contains("Ada"));
}

/// Any JSON, as text.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,10})?([eE][+-]?[0-9]{1,2})?",
        "[a-z0-9 .,-]{0,8}".prop_map(|text| format!("\"{text}\"")),
    ];
    let keys = prop::sample::select(vec![
        "expenseEntry",
        "allocation",
        "journal",
        "amountGross",
        "taxGuid",
        "report",
        "reportCustom1Code",
        "other",
    ]);
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((keys.clone(), inner), 0..5).prop_map(|fields| {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_object_is_read(entries in any_json(), report in any_json()) {
        let text = format!(r#"{{"expenseEntry":{entries},"report":{report}}}"#);
        prop_assert!(read(DocumentType::Expense, &text).is_ok());
    }
}
