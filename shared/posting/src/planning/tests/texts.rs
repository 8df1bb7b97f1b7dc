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
fn a_fault_of_project_task_or_cost_code_names_its_line() {
    let long = "P".repeat(31);
    for key in ["project", "task", "cost_code"] {
        let mut faulty = entry("e2", &[("EMPL", "5", "61000")]);
        faulty.allocations[0].custom = family(&[(2, "0021"), (4, "100"), (9, &long)]);
        let expense = report(vec![entry("e1", &[("EMPL", "10", "61000")]), faulty]);
        let rule = "{{ allocation.custom[9].code | default('X') }}";
        let wanted = format!("code_too_long rules.line.{key} [{long}] e2");
        assert_eq!(
            jotted(
                &Document::Expense(expense),
                &json!({"rules": {"line": {(key): rule}}})
            ),
            [wanted]
        );
    }
}

#[test]
fn a_code_that_is_too_long_is_refused_and_never_cut() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "10", "61000.12345")])]);
    expense.entries[0].allocations[0].custom =
        family(&[(2, "0021"), (4, "100"), (5, &"🚕".repeat(16))]);
    let wide = format!("code_too_long rules.line.project [{}] e1", "🚕".repeat(16));
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

#[test]
fn a_subaccount_is_refused_where_its_parts_do_not_fit() {
    let segments = |value: &str, length: u32| {
        json!({"rules": {"line": {"subaccount": [
            {"value": value, "length": length}, {"value": "{{ allocation.custom[6].code }}", "length": 20, "default": "0".repeat(20)}
        ]}}})
    };
    let expense = || Document::Expense(report(vec![entry("e1", &[("EMPL", "10", "474230")])]));
    assert_eq!(
        jotted(&expense(), &segments("1234567", 6)),
        ["code_too_long rules.line.subaccount[0].value [1234567] e1"]
    );
    let wide = "1".repeat(11);
    assert_eq!(
        jotted(&expense(), &segments(&wide, 11)),
        [format!(
            "code_too_long rules.line.subaccount [{wide}{}] e1",
            "0".repeat(20)
        )]
    );
}

#[test]
fn a_template_that_fails_on_a_value_is_told_once_with_its_place() {
    let template = "{{ allocation.custom[5].code | date }}";
    let changes = json!({"rules": {"line": {"project": template}, "text": {"header": "{{ document.name | date }}"}}});
    let entries = vec![
        entry("e1", &[("EMPL", "10", "474230")]),
        entry("e2", &[("EMPL", "10", "474230")]),
    ];
    assert_eq!(
        jotted(&Document::Expense(report(entries)), &changes),
        [
            format!("template_failed rules.line.project [{template}] e1"),
            "template_failed rules.text.header [{{ document.name | date }}] -".to_owned(),
        ]
    );
}

#[test]
fn amounts_out_of_range_are_a_reason_wherever_they_meet() {
    let most = rust_decimal::Decimal::MAX;
    let mut expense = report(vec![
        entry("e1", &[("EMPL", "1", "474230")]),
        entry("e2", &[("EMPL", "1", "474230")]),
        super::support::card("e3", "1000", "", &[("CBCP", "1", "474230")]),
    ]);
    for entry in &mut expense.entries {
        entry.approved = Some(most);
        entry.allocations[0].journals[0].gross = most;
        entry.allocations[0].journals[0].net_of_tax = most;
        entry.allocations[0].journals[0].net_of_reclaim = most;
    }
    let told = jotted(&Document::Expense(expense), &json!({}));
    assert!(
        told.iter()
            .any(|told| told.starts_with("plan_too_large report ")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|told| told.starts_with("plan_too_large amounts ")),
        "{told:?}"
    );
    let mut document = invoice("7", &[("50", "63000"), ("50", "63000")]);
    for line in &mut document.lines {
        line.allocations[0].gross = most;
    }
    let told = jotted(&Document::Invoice(document), &json!({}));
    assert!(
        told.iter().all(|told| told.starts_with("plan_too_large ")),
        "{told:?}"
    );
}
