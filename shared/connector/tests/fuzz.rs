//! Documents that are broken in every way JSON can be: cut off, null, of other types, out of range, far too long. Each is
//! read or refused with a reason; nothing panics, and nothing that was read is planned wrongly.
#![cfg(test)]

use connector::connection::Connection;
use connector::ports::Source;
use connector::translate::{self, Reading};
use connector::{Deployment, Stage, clocks::Clocks};
use posting::planning::{Planning, plan};
use posting::{Code, DocumentId, DocumentKind, Plan, Reason};
use serde_json::{Value, json};

/// A person in every document; no reason may tell the name.
const PERSON: &str = "Zebedee";

fn connection() -> Connection {
    let deployment = Deployment {
        stack: "stack".to_owned(),
        stage: Stage::Production,
        clocks: Clocks::default(),
        poll_margin: jiff::SignedDuration::from_mins(1),
    };
    let written = include_str!("../src/published/connection.json");
    Connection::read(written, 1, &deployment).unwrap()
}

fn expense(entries: usize) -> Value {
    let entry = |at: usize| {
        json!({
            "entryId": format!("E{at}"), "entryDate": "2026-03-30T00:00:00.000Z", "entryApprovedAmount": 20.00,
            "entryIsPersonal": "N", "expensePayIndicator": "N", "reportEntryPatKey": "CASH", "cardProgramTypeCode": null,
            "cardTransactionID": null, "clearingAccountCode": "199999", "expenseTypeCode": "TAXI ", "expenseTypeName": "Taxi",
            "entryVendorDescription": "Taxi", "entryDescription": null, "entryCustom1Code": "1",
            "allocation": [{"allocationId": "A1", "allocationCustom1Code": "100", "journal": [{
                "journalAccountCode": "474230", "journalPayer": "COMP", "journalPayee": "EMPL", "cardTransactionReferenceNumber": null,
                "amountGross": 20.00, "amountNetOfTax": 18.00, "amountNetOfReclaim": 19.00, "taxGuid": ["T1"]
            }], "tax": [{"taxGuid": "T1", "taxAuthorityLabel": "DEVAT", "taxCode": null, "taxReclaimCode": "VA",
                "locationCountryCode": "DE", "amountTax": 2.00, "amountReclaim": 1.00}]}]
        })
    };
    json!({
        "employee": {"employeeId": "E7", "employeeFirstName": PERSON, "employeeLastName": PERSON},
        "report": {
            "reportId": "2519BED4A22B43C4B8E7", "reportName": "Trip", "employeeCurrencyAlphaCode": "USD",
            "totalApprovedAmount": 20 * entries, "cashAdvanceReturnsAmount": 0, "payrollPayIndicator": "N",
            "reportSubmitDate": "2026-03-30T07:30:00.000Z", "reportPaymentProcessingDate": "2026-03-31T07:30:00.000Z",
            "revisionNumber": "1", "isTest": "N", "ledgerCode": "DEFAULT", "reportOrgUnit2Code": "0021"
        },
        "expenseEntry": (0..entries).map(entry).collect::<Vec<_>>(),
        "cashAdvanceApplication": [{
            "cashAdvanceId": "2E6DA12BB8B87D468BD666383E44033D", "cashAdvanceApplicationAmount": -5.00,
            "cashAdvanceClearingAccountCode": "CADV", "cashAdvanceTransactionType": "2"
        }]
    })
}

fn invoice() -> Value {
    json!({
        "requestHeader": {
            "requestId": "R1", "requestTitle": "Paper", "currencyAlphaCode": "EUR", "requestTotal": 55.00,
            "amountShippingTotal": 5.00, "amountTax": 0, "invoiceDate": "03/31/2026", "postingDate": "2026/04/01",
            "paymentDueDate": "2026-04-30T00:00:00.000Z", "netPaymentTermDays": "30", "invoicePayIndicator": "N",
            "vendorInvoiceNumber": "INV-7", "poNumber": "PO-1", "isTest": "N", "requestOrgUnit2Code": "0021"
        },
        "ownerEmployee": {"employeeId": "E2", "employeeFirstName": PERSON, "employeeLastName": PERSON},
        "vendor": {"vendorCode": "V1", "vendorName": "Paper Ltd", "vendorRemitToAddressCode": "R1"},
        "lineItem": [{
            "lineItemSequenceOrder": 1, "lineItemDescription": "Paper", "expenseTypeCode": "2000   ",
            "lineItemQuantity": 2, "lineItemUnitPrice": 25.00, "lineItemPurchaseOrderNumber": null, "poLineNumber": null,
            "allocation": [{"allocationAccountCode": "61000", "allocationCustom1Code": "100",
                "journal": {"accountCode": "", "amountGross": 50.00, "tax": null}}]
        }]
    })
}

fn cash_advance() -> Value {
    json!({
        "employeeData": {"employeeId": "E7", "employeeFirstName": PERSON, "employeeLastName": PERSON, "employeeOrgUnit2Code": "30"},
        "cashAdvanceData": {
            "cashAdvanceId": "2E6DA12BB8B87D468BD666383E44033D", "name": "Trip", "currencyAlphaCode": "USD",
            "employeeCurrencyAlphaCode": "USD", "exchangeRate": 1.0, "issuedDate": "2026-03-06T03:54:36.993Z",
            "requestDate": "2026-03-03T02:16:51.363Z", "expensePayIndicator": "N", "paymentMethod": "0",
            "transactionType": "1", "cardTransactionID": null, "isTest": "N"
        },
        "journalData": [{"accountCode": "CADV", "amount": 150.00, "debitOrCredit": "DR", "paymentCode": "Cash"}]
    })
}

fn samples() -> [(DocumentKind, Value); 3] {
    [
        (DocumentKind::Expense, expense(2)),
        (DocumentKind::Invoice, invoice()),
        (DocumentKind::CashAdvance, cash_advance()),
    ]
}

/// What stands where a value should: every type, and texts and numbers nobody expects.
const OTHERS: [&str; 24] = [
    "null",
    "true",
    "[]",
    "{}",
    "[null]",
    "[{}]",
    "[[[[]]]]",
    "{\"value\":1}",
    "\"\"",
    "\"   \"",
    "\"Y\"",
    "\"12.50\"",
    "\"\\u0000\\ud83d\\ude95 \\\"{{ x }}\\\"\"",
    "0",
    "-1",
    "0.001",
    "0E-8",
    "1e30",
    "1E400",
    "-1e-400",
    "79228162514264337593543950335",
    "99999999999999999999999999999999999999999999999999.99",
    "20.000000000000000000000000000000000001",
    "9007199254740993",
];

fn read(kind: DocumentKind, text: String) -> Reading {
    let id = DocumentId::new("de2c2b936bc44114aa487fdab9f7bf61").unwrap();
    let source = Source { text, entity: None };
    translate::read(kind, &id, &source)
}

/// Reads and plans; whatever is wrong is told, and never as a fault of ours.
fn outcome(connection: &Connection, kind: DocumentKind, text: String) -> Result<Plan, Vec<Reason>> {
    let reading = read(kind, text);
    let planned = reading
        .document
        .and_then(|document| plan(&Planning::new(&document, &connection.rules, 1)));
    if let Err(reasons) = &planned {
        assert!(!reasons.is_empty());
        for reason in reasons {
            assert_ne!(reason.code, Code::PlanUnproved, "{reason:?}");
            assert!(!format!("{reason:?}").contains(PERSON), "{reason:?}");
        }
    }
    planned
}

/// Pointers to every value of a document, the root excepted.
fn pointers(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, child)| (key.clone(), child))
            .collect(),
        Value::Array(array) => (0..).map(|at: usize| at.to_string()).zip(array).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for (key, child) in children {
        found.push(format!("/{key}"));
        found.extend(
            pointers(child)
                .into_iter()
                .map(|below| format!("/{key}{below}")),
        );
    }
    found
}

#[test]
fn the_samples_are_planned() {
    let connection = connection();
    for (kind, document) in samples() {
        let plan = outcome(&connection, kind, document.to_string());
        assert!(plan.is_ok(), "{plan:?}");
    }
}

#[test]
fn a_document_cut_off_anywhere_is_unreadable() {
    for (kind, document) in samples() {
        let text = document.to_string();
        for (end, _) in text.char_indices() {
            let reasons = read(kind, text[..end].to_owned()).document.unwrap_err();
            assert_eq!(reasons[0].code, Code::DocumentUnreadable);
        }
    }
    for text in [
        "null",
        "[]",
        "1",
        "\"{}\"",
        "{}{}",
        "{\"a\":}",
        "\u{feff}{}",
    ] {
        let read = read(DocumentKind::Expense, text.to_owned());
        assert_eq!(
            read.document.unwrap_err()[0].code,
            Code::DocumentUnreadable,
            "{text}"
        );
    }
}

#[test]
fn a_document_nested_without_end_is_unreadable() {
    for open in ["[", "{\"a\":", "{\"report\":["] {
        let read = read(DocumentKind::Expense, open.repeat(100_000));
        assert_eq!(read.document.unwrap_err()[0].code, Code::DocumentUnreadable);
    }
}

#[test]
fn any_value_in_any_place_is_read_or_refused() {
    let connection = connection();
    for (kind, document) in samples() {
        for pointer in pointers(&document) {
            for other in OTHERS {
                let mut broken = document.clone();
                *broken.pointer_mut(&pointer).unwrap() = serde_json::from_str(other).unwrap();
                let _ = outcome(&connection, kind, broken.to_string());
            }
        }
    }
}

#[test]
fn the_same_value_in_every_place_is_read_or_refused() {
    let connection = connection();
    for (kind, document) in samples() {
        let leaves: Vec<String> = pointers(&document)
            .into_iter()
            .filter(|pointer| {
                !document
                    .pointer(pointer)
                    .is_some_and(|at| at.is_object() || at.is_array())
            })
            .collect();
        for other in OTHERS {
            let mut broken = document.clone();
            for pointer in &leaves {
                *broken.pointer_mut(pointer).unwrap() = serde_json::from_str(other).unwrap();
            }
            let told = outcome(&connection, kind, broken.to_string());
            assert!(told.is_err(), "{kind} of {other}");
        }
    }
}

#[test]
fn anything_can_be_missing() {
    let connection = connection();
    for (kind, document) in samples() {
        for pointer in pointers(&document) {
            let mut broken = document.clone();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            match broken.pointer_mut(parent).unwrap() {
                Value::Object(object) => {
                    object.remove(key);
                }
                Value::Array(array) => {
                    array.remove(key.parse().unwrap());
                }
                _ => unreachable!("only these have children"),
            }
            let _ = outcome(&connection, kind, broken.to_string());
        }
        let nothing = outcome(&connection, kind, "{}".to_owned());
        assert!(nothing.is_err(), "{kind}");
    }
}

#[test]
fn ten_thousand_entries_are_planned() {
    let connection = connection();
    let plan = outcome(
        &connection,
        DocumentKind::Expense,
        expense(10_000).to_string(),
    )
    .unwrap();
    assert_eq!(plan.gross, 200_000.into());
    let lines = plan.postings.iter().map(|posting| posting.lines.len());
    assert!(lines.sum::<usize>() >= 10_000);
    // All of them at fault: told as far as a person reads.
    let mut broken = expense(10_000);
    for entry in broken["expenseEntry"].as_array_mut().unwrap() {
        entry["entryApprovedAmount"] = json!("twenty");
    }
    let reasons = outcome(&connection, DocumentKind::Expense, broken.to_string()).unwrap_err();
    assert!(reasons.len() <= 200, "{}", reasons.len());
}
