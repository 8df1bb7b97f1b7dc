//! Texts and codes at the limits of their fields, which Acumatica counts in UTF-16 units.

use serde_json::json;

use super::support::{entry, family, invoice, jotted, plan_with, report, rules};
use crate::{Document, Stamp};

fn width(text: &str) -> usize {
    text.encode_utf16().count()
}

#[test]
fn any_writing_fits_its_field_and_keeps_the_stamp() {
    for text in [
        "Müller & Söhne \"Reise\" <b>'x'</b>",
        "東京出張費",
        "רכבת תל אביב",
        "👩‍👩‍👧‍👦",
        "🇩🇪",
        "e\u{301}",
        "\u{202e}abc",
        "a\u{0}b\u{7}c",
    ] {
        let long = format!("{text} ").repeat(300);
        let solid = text.repeat(300);
        for name in [long.trim(), &solid] {
            let mut expense = report(vec![entry("e1", &[("EMPL", "10", "474230")])]);
            expense.header.name = Some(name.to_owned());
            expense.entries[0].vendor = Some(name.to_owned());
            let plan = plan_with(&Document::Expense(expense), &rules(&json!({}))).unwrap();
            let posting = &plan.postings[0];
            assert!(width(&posting.description) <= 512, "{text}");
            assert!(posting.description.starts_with("R-1 Ann Lee "), "{text}");
            assert!(
                posting
                    .description
                    .ends_with(&format!(" {}", plan.stamp(1))),
                "{text}"
            );
            assert_eq!(Stamp::find(&posting.description), Some(plan.stamp(1)));
            assert!(width(&posting.lines[0].text) <= 256, "{text}");
            assert!(
                posting.lines[0].text.starts_with("E7 2026-10-12 "),
                "{text}"
            );
            assert!(!posting.description.contains(char::is_control), "{text}");
        }
    }
}

#[test]
fn an_emoji_is_never_cut_in_two_nor_left_joined_to_nothing() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "10", "474230")])]);
    expense.entries[0].vendor = Some("👩‍👧".repeat(120));
    let plan = plan_with(&Document::Expense(expense), &rules(&json!({}))).unwrap();
    let text = &plan.postings[0].lines[0].text;
    assert!(text.ends_with(['👩', '👧']), "{text}");
}

#[test]
fn a_foreign_stamp_in_a_name_is_no_stamp() {
    let mut document = invoice("7", &[("50", "63000")]);
    let foreign = "CNQR:00000000000000000000000000000000/1.1";
    document.header.name = Some(format!("Trip {foreign} home"));
    let plan = plan_with(&Document::Invoice(document), &rules(&json!({}))).unwrap();
    let text = &plan.postings[0].description;
    assert_eq!(Stamp::find(text), Some(plan.stamp(1)));
    assert!(text.starts_with("Q-1 Trip home CNQR:"));
}

#[test]
fn a_code_that_is_too_long_is_refused_and_never_cut() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "10", "61000.12345")])]);
    expense.entries[0].allocations[0].custom =
        family(&[(2, "0021"), (4, "100"), (5, &"🚕".repeat(16))]);
    let wide = format!("code_too_long rules.line.project [{}] -", "🚕".repeat(16));
    assert_eq!(
        jotted(&Document::Expense(expense), &json!({})),
        ["code_too_long rules.line.account [61000.12345] e1", &wide]
    );
    let mut document = invoice("7", &[("50", "63000")]);
    document.vendor.code = Some("V".repeat(31));
    document.vendor.remit_to = Some("R1".to_owned());
    let changes = json!({
        "tables": {"locations": {"R1": "L".repeat(31)}},
        "rules": {"tax": {"category": "C".repeat(16)}, "invoice": {"terms": {"30": "T".repeat(11)}}}
    });
    let told: Vec<String> = jotted(&Document::Invoice(document), &changes)
        .iter()
        .map(|told| told.split(" [").next().unwrap().to_owned())
        .collect();
    assert_eq!(
        told,
        [
            "code_too_long rules.vendor.invoice",
            "code_too_long rules.location",
            "code_too_long rules.tax.category",
            "code_too_long rules.invoice.terms",
        ]
    );
}
