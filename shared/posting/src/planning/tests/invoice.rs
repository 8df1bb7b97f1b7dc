use serde_json::{Value, json};

use super::super::{KeyFields, Planning, plan};
use super::support::{dec, family, invoice, jotted, plan_with, rules, told};
use crate::document::{Discount, Invoice};
use crate::{Currency, Document};

fn check(document: Invoice, changes: &Value, wanted: &[&str]) {
    assert_eq!(jotted(&Document::Invoice(document), changes), wanted);
}

fn none() -> Value {
    json!({})
}

#[test]
fn an_invoice_is_a_bill_with_the_vendors_own_number() {
    let document = Document::Invoice(invoice("25688", &[("40", "63000"), ("10", "63001")]));
    let plan = plan_with(&document, &rules(&none())).unwrap();
    let posting = &plan.postings[0];
    assert_eq!(posting.vendor.as_deref(), Some("V7"));
    assert_eq!(posting.reference.as_deref(), Some("25688"));
    assert_eq!(posting.total, dec("50"));
    assert_eq!(posting.date.to_string(), "2026-10-05");
    assert_eq!((posting.due_date, posting.location.clone()), (None, None));
    assert!(posting.hold);
    assert_eq!(posting.lines[1].text, "Goods 2");
    assert!(posting.description.starts_with("Q-1 Trip CNQR:"));
}

#[test]
fn header_amounts_that_no_line_has_take_lines_of_their_own() {
    let with = |total: &str, shipping: &str, tax: &str| Invoice {
        total: dec(total),
        shipping: dec(shipping),
        tax: dec(tax),
        ..invoice("7", &[("50", "63000")])
    };
    let bill = |total: &str, lines: &[&str]| {
        let mut wanted = vec![
            format!("1 Bill vendor V7 7 {total}"),
            "  +50 63000 cost 1".to_owned(),
        ];
        wanted.extend(lines.iter().map(|line| (*line).to_owned()));
        wanted
    };
    for (document, wanted) in [
        (with("50", "5", "4"), bill("50", &[])),
        (with("55", "5", "4"), bill("55", &["  +5 63100 cost -"])),
        (with("54", "5", "4"), bill("54", &["  +4 63200 cost -"])),
        (
            with("59", "5", "4"),
            bill("59", &["  +5 63100 cost -", "  +4 63200 cost -"]),
        ),
    ] {
        assert_eq!(jotted(&Document::Invoice(document), &none()), wanted);
    }
    let told = ["invoice_sum requestHeader.requestTotal [55] -"];
    check(with("55", "5", "5"), &none(), &told);
    check(with("55", "1", "1"), &none(), &told);
    check(
        with("55", "5", "0"),
        &json!({"rules": {"invoice": {"header_amounts": {"shipping": null}}}}),
        &["account_missing rules.invoice.header_amounts.shipping [5] -"],
    );
}

#[test]
fn a_cent_a_line_goes_to_the_rounding_account_where_there_is_one() {
    let document = |total: &str| Invoice {
        total: dec(total),
        ..invoice("7", &[("50", "63000")])
    };
    let changes = json!({"rules": {"invoice": {"rounding_account": "63900"}}});
    check(
        document("50.01"),
        &changes,
        &[
            "1 Bill vendor V7 7 50.01",
            "  +50 63000 cost 1",
            "  +0.01 63900 cost -",
        ],
    );
    check(
        document("50.02"),
        &changes,
        &["invoice_sum requestHeader.requestTotal [50.02] -"],
    );
    check(
        document("50.01"),
        &none(),
        &["invoice_sum requestHeader.requestTotal [50.01] -"],
    );
}

#[test]
fn a_credit_invoice_is_a_debit_adj_and_a_zero_one_a_journal() {
    let credit = invoice("7", &[("-50", "63000")]);
    check(
        credit.clone(),
        &none(),
        &["1 Debit Adj. vendor V7 7 50", "  -50 63000 cost 1"],
    );
    check(
        credit,
        &json!({"rules": {"invoice": {"credit_suffix": true}}}),
        &["1 Debit Adj. vendor V7 7-CR 50", "  -50 63000 cost 1"],
    );
    check(
        invoice("7", &[("50", "63000"), ("-50", "63001")]),
        &none(),
        &[
            "1 GL vendor - - 50",
            "  +50 63000 cost 1",
            "  -50 63001 cost 2",
        ],
    );
    check(
        invoice("7", &[("-50", "63000"), ("20", "63001")]),
        &none(),
        &[
            "1 Debit Adj. vendor V7 7 30",
            "  -30 21999 net -",
            "2 GL vendor - - 70",
            "  -50 63000 cost 1",
            "  +20 63001 cost 2",
            "  +50 21999 clearing 1",
            "  -20 21999 clearing 2",
        ],
    );
}

#[test]
fn what_invoice_pay_pays_is_never_a_bill() {
    let document = || Invoice {
        paid_by_concur: true,
        ..invoice("7", &[("50", "63000")])
    };
    check(
        document(),
        &none(),
        &["paid_by_concur requestHeader.invoicePayIndicator [Y] -"],
    );
    let journal = json!({"as": "journal", "account": "22100"});
    check(
        document(),
        &json!({"rules": {"invoice": {"paid_by_concur": journal}}}),
        &[
            "1 GL vendor - - 50",
            "  +50 63000 cost 1",
            "  -50 22100 counter 1",
        ],
    );
    check(
        document(),
        &json!({"rules": {"invoice": {"paid_by_concur": {"as": "skip"}}}}),
        &["skipped vendor 50"],
    );
}

#[test]
fn an_unknown_remit_to_code_waits() {
    let location = |remit_to: &str, changes: &Value| {
        let mut document = invoice("7", &[("50", "63000")]);
        document.vendor.remit_to = Some(remit_to.to_owned());
        plan_with(&Document::Invoice(document), &rules(changes))
            .map(|plan| plan.postings[0].location.clone())
            .map_err(|reasons| super::support::told(&reasons[0]))
    };
    assert_eq!(location("R1", &none()), Ok(Some("REMIT1".to_owned())));
    assert_eq!(
        location("R9", &none()),
        Err("remit_to_unmapped vendor.vendorRemitToAddressCode [R9] -".to_owned())
    );
    let default = json!({"rules": {"unmapped_remit_to": "default"}});
    assert_eq!(location("R9", &default), Ok(None));
}

#[test]
fn due_date_and_terms_are_a_bills_only() {
    let changes = json!({"rules": {"invoice": {"due_date": "concur", "terms": {"30": "N30"}}}});
    for (gross, due) in [("50", Some("2026-11-04")), ("-50", None)] {
        let document = Document::Invoice(invoice("7", &[(gross, "63000")]));
        let plan = plan_with(&document, &rules(&changes)).unwrap();
        let posting = &plan.postings[0];
        assert_eq!(
            posting.due_date.map(|date| date.to_string()).as_deref(),
            due
        );
        assert_eq!(posting.terms.is_some(), due.is_some());
    }
}

#[test]
fn the_discount_is_concurs_where_the_rules_say_so_and_no_part_of_the_total() {
    let concur = json!({"rules": {"invoice": {"discount": "concur"}}});
    let with = |percent: &str, days: Option<u32>, gross: &str, changes: &Value| {
        let mut document = invoice("7", &[(gross, "63000")]);
        document.discount = Discount {
            percent: Some(dec(percent)),
            days,
        };
        plan_with(&Document::Invoice(document), &rules(changes))
    };
    let granted = |percent: &str, days, gross: &str, changes: &Value| {
        let plan = with(percent, days, gross, changes).unwrap();
        let posting = &plan.postings[0];
        assert_eq!(posting.total, dec(gross).abs());
        let discount = posting
            .discount
            .map(|discount| format!("{} {}", discount.amount, discount.until));
        (discount, plan.notes)
    };
    let none = |notes: &[&str]| {
        (
            None,
            notes
                .iter()
                .map(|note| (*note).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let some = |discount: &str| (Some(discount.to_owned()), Vec::new());
    assert_eq!(granted("2", Some(10), "50", &json!({})), none(&[]));
    assert_eq!(granted("2", Some(10), "50", &concur), some("1 2026-10-15"));
    // Half a cent is a cent.
    assert_eq!(
        granted("2.5", Some(0), "0.60", &concur),
        some("0.02 2026-10-05")
    );
    assert_eq!(granted("0.00000000", Some(10), "50", &concur), none(&[]));
    assert_eq!(granted("1", Some(10), "0.01", &concur), none(&[]));
    // A Debit Adj. is not paid.
    assert_eq!(granted("2", Some(10), "-50", &concur), none(&[]));
    let no_days = "the discount of 2 % is not sent: the invoice does not say for how many days";
    assert_eq!(granted("2.0", None, "50", &concur), none(&[no_days]));
    for (percent, days, wanted) in [
        (
            "101",
            Some(10),
            "field_odd requestHeader.discountPercentage [101] -",
        ),
        (
            "-1",
            Some(10),
            "field_odd requestHeader.discountPercentage [-1] -",
        ),
        (
            "2",
            Some(u32::MAX),
            "field_odd requestHeader.discountTermsDays [4294967295] -",
        ),
    ] {
        assert_eq!(
            told(&with(percent, days, "50", &concur).unwrap_err()[0]),
            wanted
        );
    }
}

#[test]
fn a_rule_names_the_box_of_form_1099_of_each_line() {
    let changes = |rule: &str| json!({"rules": {"invoice": {"box_1099": rule}}});
    let boxes = |document: &Invoice, changes: &Value| {
        let plan = plan_with(&Document::Invoice(document.clone()), &rules(changes))?;
        let lines = plan.postings.iter().flat_map(|posting| &posting.lines);
        Ok(lines.map(|line| line.box_1099).collect::<Vec<_>>())
    };
    let mut document = invoice("7", &[("40", "63000"), ("10", "63001")]);
    document.lines[0].custom = family(&[(3, "7")]);
    let rule = changes("{{ line.custom[3].code }}");
    assert_eq!(boxes(&document, &none()), Ok(vec![None, None]));
    assert_eq!(boxes(&document, &rule), Ok(vec![Some(7), None]));
    assert_eq!(boxes(&document, &changes("1")), Ok(vec![Some(1), Some(1)]));
    // A credit lowers its box; a journal has none.
    let credit = invoice("7", &[("-40", "63000")]);
    assert_eq!(boxes(&credit, &changes("1")), Ok(vec![Some(1)]));
    let nothing = invoice("7", &[("40", "63000"), ("-40", "63001")]);
    assert_eq!(boxes(&nothing, &changes("1")), Ok(vec![None, None]));
    document.lines[0].custom = family(&[(3, "NEC")]);
    let reasons: Result<_, Vec<crate::Reason>> = boxes(&document, &rule);
    assert_eq!(
        told(&reasons.unwrap_err()[0]),
        "template_failed rules.invoice.box_1099 [NEC] 1"
    );
}

#[test]
fn the_purchase_order_stands_in_the_line_text() {
    let mut document = invoice("7", &[("50", "63000")]);
    document.lines[0].purchase_order = Some("4711".to_owned());
    document.lines[0].description = Some("é".repeat(300));
    let plan = plan_with(&Document::Invoice(document), &rules(&none())).unwrap();
    let text = &plan.postings[0].lines[0].text;
    assert!(text.starts_with("PO 4711 éé"));
    assert_eq!(text.chars().count(), 256);
}

#[test]
fn a_long_number_is_shortened_or_waits() {
    let number = "9".repeat(50);
    let document = || invoice(&number, &[("50", "63000")]);
    let plan = plan_with(&Document::Invoice(document()), &rules(&none())).unwrap();
    let posting = &plan.postings[0];
    assert_eq!(posting.reference.as_ref().unwrap().len(), 40);
    assert!(
        posting
            .description
            .starts_with(&format!("Q-1 {number} Trip CNQR:"))
    );
    check(
        document(),
        &json!({"rules": {"invoice": {"reference_too_long": "hold"}}}),
        &[&format!(
            "reference_too_long requestHeader.vendorInvoiceNumber [{number}] -"
        )],
    );
}

#[test]
fn a_blank_number_gives_way_to_the_request_id() {
    let mut document = invoice("7", &[("50", "63000")]);
    document.number = None;
    check(
        document,
        &none(),
        &["1 Bill vendor V7 Q-1 50", "  +50 63000 cost 1"],
    );
}

#[test]
fn with_a_key_field_the_stamp_lives_only_there() {
    let document = Document::Invoice(invoice("7", &[("50", "63000"), ("-9", "63001")]));
    let rules = rules(&none());
    let plan = plan(&Planning {
        number: 2,
        key_fields: KeyFields {
            bill: Some("CurrentDocument.UsrKey"),
            journal: None,
        },
        ..Planning::new(&document, &rules, 1)
    })
    .unwrap();
    let [bill, journal] = plan.postings.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!(bill.key_field.as_deref(), Some("CurrentDocument.UsrKey"));
    assert_eq!(bill.description, "Q-1 Trip");
    assert_eq!(journal.key_field, None);
    assert!(
        journal
            .description
            .starts_with(&format!("{} ", plan.stamp(2)))
    );
}

#[test]
fn nothing_is_rounded_to_the_currency() {
    let mut document = invoice("7", &[("50.5", "63000")]);
    document.header.currency = Currency::new("JPY").unwrap();
    check(
        document,
        &none(),
        &[
            "amount_precision requestHeader.requestTotal [50.5] -",
            "amount_precision lineItem[0].allocation[0].journal.amountGross [50.5] 1",
        ],
    );
    let mut dinar = invoice("7", &[("50.505", "63000")]);
    dinar.header.currency = Currency::new("KWD").unwrap();
    check(
        dinar,
        &none(),
        &["1 Bill vendor V7 7 50.505", "  +50.505 63000 cost 1"],
    );
}
