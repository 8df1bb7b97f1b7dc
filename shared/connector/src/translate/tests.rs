use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;
use crate::samples::ID;

fn read_json(kind: DocumentKind, document: &Value) -> Reading {
    let source = Source {
        text: document.to_string(),
        entity: Some(" p0085104gigw ".to_owned()),
    };
    read(kind, &DocumentId::new(ID).unwrap(), &source)
}

fn expense() -> Value {
    json!({
        "employee": {"employeeId": "E1", "employeeFirstName": "Ann", "employeeLastName": "Ott"},
        "report": {
            "reportId": "2519BED4A22B43C4B8E7", "reportName": "Trip", "employeeCurrencyAlphaCode": "USD",
            "totalApprovedAmount": 20.00, "revisionNumber": "2", "isTest": "N", "ledgerCode": "DEFAULT",
            "reportPaymentProcessingDate": "2026-03-31T07:30:00.000Z", "reportOrgUnit2Code": "0021", "reportCustom13Code": ""
        },
        "expenseEntry": [{
            "entryId": "ENTRY1", "entryDate": "2026-03-30T00:00:00.000Z", "entryApprovedAmount": 20, "expenseTypeCode": "TAXI ",
            "allocation": [{"allocationId": "A1", "allocationCustom1Code": "100", "journal": [{
                "journalAccountCode": "474230", "journalPayer": "COMP", "journalPayee": "EMPL",
                "amountGross": 20.00, "amountNetOfTax": 20.00, "amountNetOfReclaim": 20.00, "taxGuid": []
            }], "tax": []}]
        }],
        "cashAdvanceApplication": []
    })
}

fn invoice() -> Value {
    json!({
        "requestHeader": {
            "requestId": "R1", "requestTitle": "Paper", "currencyAlphaCode": "EUR", "requestTotal": 50.00, "amountShippingTotal": 0E-8,
            "invoiceDate": "03/31/2026", "postingDate": "2026/04/01", "paymentDueDate": "2026-04-30T00:00:00.000Z", "netPaymentTermDays": "30",
            "vendorInvoiceNumber": "INV-7", "poNumber": "PO-1"
        },
        "ownerEmployee": {"employeeId": "E2"},
        "vendor": {"vendorCode": "V1", "vendorName": "Paper Ltd"},
        "lineItem": [{"lineItemDescription": "Paper", "expenseTypeCode": "2000   ", "allocation": [
            {"allocationAccountCode": "61000", "journal": {"accountCode": "", "amountGross": 50.00, "tax": null}}]}]
    })
}

#[test]
fn a_report_is_read_to_the_last_field() {
    let reading = read_json(DocumentKind::Expense, &expense());
    let Ok(Document::Expense(report)) = &reading.document else {
        panic!("{reading:?}");
    };
    assert_eq!(reading.payee.as_deref(), Some("E1"));
    assert_eq!(report.header.entity.as_deref(), Some("p0085104gigw"));
    assert_eq!(report.header.employee.name.as_deref(), Some("Ann Ott"));
    assert_eq!((report.header.revision, report.header.test), (2, false));
    assert_eq!(report.header.org[&2].code.as_deref(), Some("0021"));
    assert!(!report.header.custom.contains_key(&13));
    let entry = &report.entries[0];
    assert_eq!(entry.date, Some(jiff::civil::date(2026, 3, 30)));
    assert_eq!(entry.expense_type.code.as_deref(), Some("TAXI"));
    assert_eq!(entry.allocations[0].journals[0].gross.to_string(), "20");
}

#[test]
fn an_invoice_is_read_with_its_three_shapes_of_dates() {
    let reading = read_json(DocumentKind::Invoice, &invoice());
    let Ok(Document::Invoice(invoice)) = &reading.document else {
        panic!("{reading:?}");
    };
    assert_eq!(invoice.date, Some(jiff::civil::date(2026, 3, 31)));
    assert_eq!(invoice.posting_date, Some(jiff::civil::date(2026, 4, 1)));
    assert_eq!(invoice.due_date, Some(jiff::civil::date(2026, 4, 30)));
    assert_eq!(invoice.term_days, Some(30));
    let line = &invoice.lines[0];
    assert_eq!(
        (line.id.as_str(), line.purchase_order.as_deref()),
        ("1", Some("PO-1"))
    );
    assert_eq!(line.allocations[0].account.as_deref(), Some("61000"));
    assert_eq!(reading.payee.as_deref(), Some("V1"));
}

#[test]
fn the_discount_and_the_tax_of_an_invoice_are_read_in_every_shape() {
    let read = |tax: Value| {
        let mut document = invoice();
        document["requestHeader"]["discountPercentage"] = json!("2.00000000");
        document["requestHeader"]["discountTermsDays"] = json!(10);
        document["lineItem"][0]["allocation"][0]["journal"]["tax"] = tax;
        let reading = read_json(DocumentKind::Invoice, &document);
        match reading.document {
            Ok(Document::Invoice(invoice)) => Ok(invoice),
            Ok(other) => panic!("{other:?}"),
            Err(reasons) => Err(reasons[0].field.clone()),
        }
    };
    let row = || json!({"taxCode": "V1", "amountTax": 1.5, "taxField": "TAX1"});
    for (tax, wanted) in [
        (Value::Null, vec![]),
        (json!([]), vec![]),
        (row(), vec![(Some("V1"), Some("1.5"))]),
        (
            json!([row(), {"rate": 19}]),
            vec![(Some("V1"), Some("1.5")), (None, None)],
        ),
    ] {
        let invoice = read(tax).unwrap();
        let percent = invoice.discount.percent.map(|percent| percent.normalize());
        assert_eq!(
            (percent, invoice.discount.days),
            (Some(Decimal::TWO), Some(10))
        );
        let taxes = &invoice.lines[0].allocations[0].taxes;
        let found: Vec<_> = taxes
            .iter()
            .map(|tax| {
                (
                    tax.code.as_deref(),
                    tax.amount.map(|amount| amount.to_string()),
                )
            })
            .collect();
        let wanted: Vec<_> = wanted
            .into_iter()
            .map(|(code, amount)| (code, amount.map(str::to_owned)))
            .collect();
        assert_eq!(found, wanted);
    }
    let odd = read(json!("19 %")).unwrap_err();
    assert!(
        odd.starts_with("lineItem[0].allocation[0].journal"),
        "{odd}"
    );
}

#[test]
fn all_faults_are_told_with_path_value_and_line() {
    let mut document = expense();
    document["report"]["employeeCurrencyAlphaCode"] = json!("dollars");
    document["report"]["reportSubmitDate"] = json!("yesterday");
    document["expenseEntry"][0]["entryDate"] = json!("31.03.2026");
    let journal = &mut document["expenseEntry"][0]["allocation"][0]["journal"][0];
    journal["amountGross"] = json!("twenty");
    journal["journalPayee"] = json!("");
    let reading = read_json(DocumentKind::Expense, &document);
    let reasons = reading.document.unwrap_err();
    let told: Vec<_> = reasons
        .iter()
        .map(|reason| {
            (
                reason.code.as_str(),
                reason.field.as_str(),
                reason.value.as_str(),
            )
        })
        .collect();
    let at = "expenseEntry[0].allocation[0].journal[0]";
    for expected in [
        ("field_odd", "report.employeeCurrencyAlphaCode", "dollars"),
        ("field_odd", "report.reportSubmitDate", "yesterday"),
        ("field_odd", "expenseEntry[0].entryDate", "31.03.2026"),
        ("field_odd", &format!("{at}.amountGross"), "twenty"),
        ("field_missing", &format!("{at}.journalPayee"), ""),
    ] {
        assert!(told.contains(&expected), "{expected:?} in {told:?}");
    }
    let payee = reasons
        .iter()
        .find(|reason| reason.field.ends_with("journalPayee"));
    assert_eq!(payee.unwrap().line.as_deref(), Some("ENTRY1"));
    // What could be read still lists the document.
    assert_eq!(reading.header.business.as_str(), "2519BED4A22B43C4B8E7");
}

#[test]
fn what_is_no_document_still_has_a_header() {
    for (text, code) in [
        ("<html>", "document_unreadable"),
        ("[]", "document_unreadable"),
        ("{}", "field_missing"),
    ] {
        for kind in DocumentKind::ALL {
            let source = Source {
                text: text.to_owned(),
                entity: None,
            };
            let reading = read(kind, &DocumentId::new(ID).unwrap(), &source);
            assert_eq!(reading.header.business.as_str(), ID);
            assert_eq!(
                reading.document.unwrap_err()[0].code.as_str(),
                code,
                "{text}"
            );
        }
    }
}

#[test]
fn an_advance_is_read_with_the_employees_dimensions() {
    let document = json!({
        "employeeData": {"employeeId": "E1", "employeeOrgUnit1Code": "1", "employeeCustom21Code": "UK"},
        "cashAdvanceData": {
            "cashAdvanceId": "E2A086D30B88AE4683BC48ADE47B8116", "currencyAlphaCode": "USD", "employeeCurrencyAlphaCode": "USD",
            "exchangeRate": 1, "issuedDate": "2019-03-07T13:15:57.790Z", "transactionType": 1, "paymentMethod": 1
        },
        "journalData": [{"accountCode": "CASH", "amount": -7000.00, "debitOrCredit": "CR", "payer": "COMP", "payee": "EMPL"}]
    });
    let reading = read_json(DocumentKind::CashAdvance, &document);
    let Ok(Document::CashAdvance(advance)) = &reading.document else {
        panic!("{reading:?}");
    };
    assert_eq!(advance.header.custom[&21].code.as_deref(), Some("UK"));
    assert!(advance.expense_pay && advance.journals[0].credit);
    assert_eq!(advance.transaction_type, Some(1));
    assert_eq!(advance.journals[0].amount.to_string(), "-7000");
}

#[test]
fn more_faults_than_are_kept_are_said_to_be_more() {
    let faulty = |entries: usize| {
        let mut document = expense();
        document["expenseEntry"] = vec![json!({"entryId": "E"}); entries].into();
        read_json(DocumentKind::Expense, &document)
            .document
            .unwrap_err()
    };
    let is_cut = |reasons: &[Reason]| {
        let last = reasons.last().unwrap();
        (reasons.len(), last.message.ends_with(" (and more reasons)"))
    };
    assert_eq!(is_cut(&faulty(50)), (50, false));
    assert_eq!(is_cut(&faulty(51)), (50, true));
}
