//! What is known beside the document: duplicates, reversed documents, the unit of a purchase order, and header amounts that the
//! lines share.

use serde_json::{Value, json};

use super::super::{Duplicate, Planning, likeness, plan};
use super::support::{DOCUMENT, dec, invoice, jotted, plan_with, report, rules, told};
use crate::document::{Invoice, LineItem};
use crate::plan::PurchaseOrder;
use crate::{BusinessId, Code, Currency, Document, DocumentId};

#[test]
fn a_plan_stored_before_reads_as_it_was() {
    let document = Document::Invoice(invoice("7", &[("50", "63000")]));
    let plan = plan_with(&document, &rules(&json!({}))).unwrap();
    let stored = serde_json::to_string(&plan).unwrap();
    for added in ["taxes", "purchase_order"] {
        assert!(!stored.contains(added), "{added}");
    }
    assert_eq!(serde_json::from_str::<crate::Plan>(&stored).unwrap(), plan);
}

fn duplicate() -> Duplicate {
    Duplicate {
        document: DocumentId::new(DOCUMENT).unwrap(),
        business: BusinessId::new("Q-0").unwrap(),
    }
}

#[test]
fn a_possible_duplicate_holds_or_warns() {
    let document = Document::Invoice(invoice("INV-7", &[("50", "63000")]));
    let found = [duplicate()];
    let planned = |changes: &Value| {
        let rules = rules(changes);
        plan(&Planning {
            duplicates: &found,
            ..Planning::new(&document, &rules, 1)
        })
    };
    let reasons = planned(&json!({})).unwrap_err();
    assert_eq!(
        told(&reasons[0]),
        "possible_duplicate requestHeader.vendorInvoiceNumber [INV-7] -"
    );
    let warn = json!({"rules": {"invoice": {"possible_duplicate": "warn"}}});
    assert_eq!(
        planned(&warn).unwrap().notes,
        ["possible duplicate: Q-0 has the same vendor, date, amount and all but the same number"]
    );
}

#[test]
fn numbers_are_alike_without_punctuation_case_and_leading_zeros() {
    let like = |number: &str| likeness(&Document::Invoice(invoice(number, &[("50.0", "63000")])));
    let wanted = like("inv7");
    assert!(wanted.is_some());
    for number in ["INV-7", " 00INV 7", "Inv/7", "0-i.n.v#7"] {
        assert_eq!(like(number), wanted, "{number}");
    }
    for number in ["INV-70", "7", "INV-07-1"] {
        assert_ne!(like(number), wanted, "{number}");
    }
    assert_eq!(like("000"), like("0"));
    assert_ne!(like("--"), like("-"));
    let other = |change: fn(&mut Invoice)| {
        let mut document = invoice("INV-7", &[("50", "63000")]);
        change(&mut document);
        likeness(&Document::Invoice(document))
    };
    assert_eq!(other(|_| {}), wanted);
    assert_ne!(other(|document| document.total = dec("50.01")), wanted);
    assert_ne!(
        other(|document| document.vendor.code = Some("V8".to_owned())),
        wanted
    );
    assert_eq!(other(|document| document.date = None), None);
    assert_eq!(likeness(&Document::Expense(report(Vec::new()))), None);
}

#[test]
fn references_of_a_document_that_was_reversed_before_say_so() {
    let reference = |document: &Document, changes: &Value, reversed_before| {
        let rules = rules(changes);
        let planned = plan(&Planning {
            reversed_before,
            ..Planning::new(document, &rules, 1)
        });
        let postings = planned.unwrap().postings;
        let references = postings.into_iter().filter_map(|posting| posting.reference);
        references.collect::<Vec<_>>().join(" ")
    };
    let bill = Document::Invoice(invoice("7", &[("50", "63000")]));
    let none = json!({});
    assert_eq!(reference(&bill, &none, 0), "7");
    assert_eq!(reference(&bill, &none, 1), "7-R2");
    assert_eq!(reference(&bill, &none, 2), "7-R3");
    let memo = Document::Invoice(invoice("7", &[("-50", "63000"), ("9", "63000")]));
    let changes = json!({"rules": {"mixed_signs": "split", "invoice": {"credit_suffix": true}}});
    assert_eq!(reference(&memo, &changes, 1), "7-CR-R2 7-CR-2-R2");
    let long = Document::Invoice(invoice(&"9".repeat(40), &[("50", "63000")]));
    let found = reference(&long, &none, 1);
    assert!(found.ends_with("-R2") && found.len() == 40, "{found}");
}

fn with_order(order: &str, line: Option<&str>, quantity: Option<&str>) -> Invoice {
    let mut document = invoice("7", &[("50", "63000")]);
    let item = &mut document.lines[0];
    item.purchase_order = Some(order.to_owned());
    item.purchase_order_line = line.map(str::to_owned);
    item.quantity = quantity.map(dec);
    item.unit_price = Some(dec("10"));
    document
}

fn link() -> Value {
    json!({"rules": {"invoice": {"po": "link", "po_unit": "EA"}}})
}

#[test]
fn a_line_is_linked_to_its_purchase_order_and_sends_no_account() {
    let document = Document::Invoice(with_order("PO4711", Some("3"), Some("5")));
    let plan = plan_with(&document, &rules(&link())).unwrap();
    let line = &plan.postings[0].lines[0];
    assert_eq!(line.account, "");
    assert_eq!(
        line.purchase_order,
        Some(PurchaseOrder {
            number: "PO4711".to_owned(),
            line: 3,
            quantity: dec("5"),
            unit_price: dec("10"),
            unit: Some("EA".to_owned()),
        })
    );
    assert_eq!(plan.notes, [""; 0]);
    let plan = plan_with(&document, &rules(&json!({}))).unwrap();
    assert_eq!(plan.postings[0].lines[0].purchase_order, None);
    assert_eq!(plan.postings[0].lines[0].account, "63000");
}

/// A line 2 without purchase order.
fn second(amount: &str) -> LineItem {
    let mut lines = invoice("7", &[("1", "63000"), (amount, "63001")]).lines;
    lines.remove(1)
}

#[test]
fn a_line_that_takes_the_account_of_its_order_needs_none_of_its_own() {
    let mut document = with_order("PO4711", Some("3"), Some("5"));
    document.lines[0].allocations[0].account = None;
    let planned = |document: &Invoice| {
        let planned = plan_with(&Document::Invoice(document.clone()), &rules(&link()));
        planned.map_err(|reasons| reasons.iter().map(super::support::told).collect::<Vec<_>>())
    };
    let plan = planned(&document).unwrap();
    assert!(plan.postings[0].lines[0].purchase_order.is_some());
    // With signs mixed the line stands on a journal.
    document.lines.push(second("-20"));
    document.total = dec("30");
    assert_eq!(
        planned(&document).unwrap_err(),
        ["account_missing rules.line.account [] 1"]
    );
}

#[test]
fn a_line_that_cannot_be_linked_keeps_the_text_and_says_so() {
    for (line, quantity, missing) in [
        (None, Some("5"), "no order line"),
        (Some("x"), Some("5"), "no order line"),
        (Some("3"), None, "no quantity"),
        (Some("3"), Some("0"), "no quantity"),
        (
            Some("3"),
            Some("4"),
            "a quantity and a unit price that do not make its amount",
        ),
    ] {
        let document = Document::Invoice(with_order("4711", line, quantity));
        let plan = plan_with(&document, &rules(&link())).unwrap();
        assert_eq!(plan.postings[0].lines[0].purchase_order, None);
        assert!(plan.postings[0].lines[0].text.starts_with("PO 4711 "));
        let note = format!("line 1 is not linked to PO 4711: it has {missing}");
        assert_eq!(plan.notes, [note]);
    }
    // What goes to a journal has an account and no order; what is too long is refused.
    for (amount, total, journal) in [("-50", "0", 0), ("-20", "30", 1)] {
        let mut mixed = with_order("4711", Some("3"), Some("5"));
        mixed.lines.push(second(amount));
        mixed.total = dec(total);
        let plan = plan_with(&Document::Invoice(mixed), &rules(&link())).unwrap();
        let line = &plan.postings[journal].lines[0];
        assert_eq!(
            (line.account.as_str(), &line.purchase_order),
            ("63000", &None)
        );
        assert_eq!(
            plan.notes[0],
            "not linked to their purchase orders, because they stand on no Bill: lines 1"
        );
    }
    let long = Document::Invoice(with_order(&"4".repeat(16), Some("3"), Some("5")));
    let reasons = plan_with(&long, &rules(&link())).unwrap_err();
    assert_eq!(reasons[0].code, Code::CodeTooLong);
    assert_eq!(reasons[0].field, "lineItem[0].lineItemPurchaseOrderNumber");
}

fn prorated(currency: &str, lines: &[(&str, &str)], [shipping, tax]: [&str; 2]) -> Vec<String> {
    let mut document = invoice("7", lines);
    document.header.currency = Currency::new(currency).unwrap();
    (document.shipping, document.tax) = (dec(shipping), dec(tax));
    document.total += document.shipping + document.tax;
    let changes = json!({"rules": {"invoice": {"header_amounts": "prorate"}}});
    jotted(&Document::Invoice(document), &changes)
}

#[test]
fn header_amounts_are_shared_by_largest_remainder() {
    let three = [("10", "63000"), ("10", "63001"), ("10", "63002")];
    assert_eq!(
        prorated("USD", &three, ["1.00", "0"]),
        [
            "1 Bill vendor V7 7 31.00",
            "  +10.34 63000 cost 1",
            "  +10.33 63001 cost 2",
            "  +10.33 63002 cost 3",
        ]
    );
    let two = [("1", "63000"), ("2", "63001")];
    assert_eq!(
        prorated("USD", &two, ["0.50", "0.01"]),
        [
            "1 Bill vendor V7 7 3.51",
            "  +1.17 63000 cost 1",
            "  +2.34 63001 cost 2",
        ]
    );
    assert_eq!(
        prorated("JPY", &two, ["1", "0"])[1..],
        ["  +1 63000 cost 1", "  +3 63001 cost 2"]
    );
    assert_eq!(
        prorated("KWD", &two, ["0.010", "0"])[1..],
        ["  +1.003 63000 cost 1", "  +2.007 63001 cost 2"]
    );
    assert_eq!(
        prorated("USD", &[("-10", "63000"), ("-20", "63001")], ["-1", "0"])[1..],
        ["  -10.33 63000 cost 1", "  -20.67 63001 cost 2"]
    );
    // Which of two equal amounts it is stays a guess.
    let mut guess = invoice("7", &two);
    guess.shipping = dec("1");
    guess.tax = dec("1");
    guess.total = dec("4");
    let changes = json!({"rules": {"invoice": {"header_amounts": "prorate"}}});
    assert_eq!(
        jotted(&Document::Invoice(guess), &changes),
        ["invoice_sum requestHeader.requestTotal [4] -"]
    );
}

#[test]
fn header_amounts_have_the_decimals_of_their_currency() {
    let told = prorated("USD", &[("1", "63000")], ["0.505", "0.005"]);
    assert_eq!(
        told,
        [
            "amount_precision requestHeader.amountShippingTotal [0.505] -",
            "plan_too_large requestHeader.requestTotal [] -",
            "amount_precision requestHeader.amountTax [0.005] -",
            "plan_too_large requestHeader.requestTotal [] -",
        ]
    );
}
