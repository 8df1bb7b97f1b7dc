use serde_json::{Value, json};

use super::support::{application, entry, invoice, jotted, plan_with, report, rules};
use crate::Document;
use crate::document::Expense;
use crate::plan::{PostingKind, Release};

/// A report of two entries whose amounts have both signs.
fn mixed(first: &str, second: &str) -> Expense {
    report(vec![
        entry("e1", &[("EMPL", first, "474230")]),
        entry("e2", &[("EMPL", second, "474230")]),
    ])
}

fn with(mixed_signs: &str, receivable: bool) -> Value {
    let owes = if receivable {
        json!({"as": "journal", "account": "11500"})
    } else {
        json!({"as": "debit_adj"})
    };
    json!({"rules": {"mixed_signs": mixed_signs, "employee_owes": owes}})
}

/// A posting with both lines.
fn one(head: &str, first: &str, second: &str) -> Vec<String> {
    vec![
        head.to_owned(),
        format!("  {first} 61000 cost e1"),
        format!("  {second} 61000 cost e2"),
    ]
}

/// A Bill with the first line and a Debit Adj. with the second.
fn split(bill: &str, adjustment: &str) -> Vec<String> {
    vec![
        format!("1 Bill EMPL E7 R-1 {bill}"),
        format!("  +{bill} 61000 cost e1"),
        format!("2 Debit Adj. EMPL E7 R-1-2 {adjustment}"),
        format!("  -{adjustment} 61000 cost e2"),
    ]
}

#[test]
fn every_rule_of_mixed_signs_with_every_net() {
    let bill = || one("1 Bill EMPL E7 R-1 50", "+80", "-30");
    let adjustment = || one("1 Debit Adj. EMPL E7 R-1 50", "+30", "-80");
    let zero = || one("1 GL EMPL - - 30", "+30", "-30");
    for (rule, owed, amounts, wanted) in [
        ("one_bill", false, ("80", "-30"), bill()),
        ("one_bill", false, ("30", "-80"), adjustment()),
        ("one_bill", false, ("30", "-30"), zero()),
        ("split", false, ("80", "-30"), split("80", "30")),
        ("split", false, ("30", "-80"), split("30", "80")),
        ("split", false, ("30", "-30"), zero()),
        ("one_bill", true, ("80", "-30"), bill()),
        ("split", true, ("80", "-30"), split("80", "30")),
    ] {
        let document = Document::Expense(mixed(amounts.0, amounts.1));
        let found = jotted(&document, &with(rule, owed));
        assert_eq!(found, wanted, "{rule} {amounts:?}");
    }
}

#[test]
fn an_employee_who_owes_is_a_receivable_under_every_rule_of_mixed_signs() {
    let mut wanted = one("1 GL EMPL - - 80", "+30", "-50");
    wanted.extend(["  -30 11500 counter e1", "  +50 11500 counter e2"].map(str::to_owned));
    for rule in ["clearing", "one_bill", "split"] {
        let document = Document::Expense(mixed("30", "-50"));
        assert_eq!(jotted(&document, &with(rule, true)), wanted, "{rule}");
    }
}

#[test]
fn both_halves_of_a_split_wait_on_hold_and_the_plan_says_why() {
    let released = json!({
        "rules": {"mixed_signs": "split"}, "posting": {"expense": {"release": true}}
    });
    let document = Document::Expense(mixed("80", "-30"));
    let plan = plan_with(&document, &rules(&released)).unwrap();
    assert_eq!(plan.postings.len(), 2);
    for posting in &plan.postings {
        assert!(posting.hold && posting.release == Release::NotWanted);
    }
    assert_eq!(
        plan.notes,
        ["EMPL: apply the Debit Adj. to the Bill before it is paid, both are on hold until then"]
    );
}

#[test]
fn invoices_follow_the_same_rule_after_the_sign_flip() {
    let document = || Document::Invoice(invoice("7", &[("-50", "63000"), ("20", "63001")]));
    let changes = json!({"rules": {"mixed_signs": "one_bill"}});
    assert_eq!(
        jotted(&document(), &changes),
        [
            "1 Debit Adj. vendor V7 7 30",
            "  -50 63000 cost 1",
            "  +20 63001 cost 2"
        ]
    );
    let changes = json!({"rules": {"mixed_signs": "split"}});
    assert_eq!(
        jotted(&document(), &changes),
        [
            "1 Bill vendor V7 7 20",
            "  +20 63001 cost 2",
            "2 Debit Adj. vendor V7 7-2 50",
            "  -50 63000 cost 1",
        ]
    );
}

#[test]
fn an_advance_that_is_more_than_was_spent_is_owed() {
    let mut expense = report(vec![entry("e1", &[("EMPL", "100", "474230")])]);
    expense.applications = vec![application("-160")];
    let document = Document::Expense(expense);
    let changes = json!({"rules": {"mixed_signs": "one_bill"}});
    assert_eq!(
        jotted(&document, &changes),
        [
            "1 Debit Adj. EMPL E7 R-1 60",
            "  +100 61000 cost e1",
            "  -160 12500 advance ADV-1"
        ]
    );
    let changes = json!({"rules": {"employee_owes": {"account": "11500"}}});
    assert_eq!(
        jotted(&document, &changes),
        [
            "1 GL EMPL - - 260",
            "  +100 61000 cost e1",
            "  -160 12500 advance ADV-1",
            "  -100 11500 counter e1",
            "  +160 11500 counter ADV-1",
        ]
    );
}

#[test]
fn postings_are_released_as_their_kind_says() {
    let released = |changes: &Value, document: &Document| -> Vec<(PostingKind, bool, bool)> {
        let plan = plan_with(document, &rules(changes)).unwrap();
        let phases = |posting: &crate::plan::Posting| {
            let wanted = posting.release == Release::Wanted;
            (posting.kind, posting.hold, wanted)
        };
        plan.postings.iter().map(phases).collect()
    };
    let alone = Document::Expense(report(vec![
        entry("e1", &[("EMPL", "10", "474230")]),
        super::support::card("e2", "1000", "", &[("CBCP", "20", "474230")]),
    ]));
    let tied = Document::Expense(mixed("80", "-30"));
    let (bill, journal) = (PostingKind::Bill, PostingKind::Journal);
    let none = json!({});
    let bills = json!({"posting": {"expense": {"release": true}}});
    let kept = json!({
        "rules": {"parties": {"EMPL.expense_pay": null}},
        "posting": {"expense": {"release": true}, "journal": {"hold": true}}
    });
    for (changes, document, wanted) in [
        (
            &none,
            &alone,
            [(bill, false, false), (journal, false, true)],
        ),
        (
            &bills,
            &alone,
            [(bill, false, true), (journal, false, true)],
        ),
        (&kept, &alone, [(bill, false, true), (journal, true, false)]),
        // A journal that meets an AP document is released with it, or neither is.
        (
            &none,
            &tied,
            [(bill, false, false), (journal, false, false)],
        ),
        (&bills, &tied, [(bill, false, true), (journal, false, true)]),
        (&kept, &tied, [(bill, false, false), (journal, true, false)]),
    ] {
        assert_eq!(released(changes, document), wanted, "{changes}");
    }
    let invoice = Document::Invoice(invoice("7", &[("50", "63000")]));
    let stated = json!({"posting": {"invoice": {"release": true}}});
    assert_eq!(released(&none, &invoice), [(bill, true, false)]);
    assert_eq!(released(&stated, &invoice), [(bill, false, true)]);
}

#[test]
fn what_expense_pay_pays_is_confirmed_only_after_the_release() {
    let mut paid = entry("e1", &[("EMPL", "10", "474230")]);
    paid.expense_pay = true;
    paid.liability_account = Some("22000".to_owned());
    let document = |entry| Document::Expense(report(vec![entry]));
    let plan = |entry| plan_with(&document(entry), &rules(&json!({}))).unwrap();
    assert!(plan(paid).pays_on_success());
    assert!(!plan(entry("e1", &[("EMPL", "10", "474230")])).pays_on_success());
}

#[test]
fn what_meets_on_the_clearing_account_and_is_left_to_a_person_is_noted() {
    let pair = |party: &str, journal: u32, kind: &str, n: u32| {
        format!(
            "{party}: release the journal of posting {journal} together with the {kind} of posting {n}, by hand: they meet on the account of rules.mixed_signs_account"
        )
    };
    let bill = || vec![pair("EMPL", 2, "Bill", 1)];
    let owed = vec![pair("EMPL", 2, "Debit Adj.", 1)];
    let released = |bills: bool, journals: bool| {
        json!({
            "rules": {"parties": {"EMPL.expense_pay": null}},
            "posting": {"expense": {"release": bills}, "journal": {"release": journals}}
        })
    };
    for (amounts, changes, wanted) in [
        (("80", "-30"), json!({}), bill()),
        (("30", "-80"), json!({}), owed),
        (("80", "-30"), released(true, false), bill()),
        (("80", "-30"), released(false, false), bill()),
        (("80", "-30"), released(true, true), Vec::new()),
        (("80", "30"), json!({}), Vec::new()),
        (("30", "-30"), json!({}), Vec::new()),
    ] {
        let document = Document::Expense(mixed(amounts.0, amounts.1));
        let plan = plan_with(&document, &rules(&changes)).unwrap();
        assert_eq!(plan.notes, wanted, "{amounts:?} {changes}");
    }
    let card = |id, pat, amount| super::support::card(id, pat, "", &[("IBCP", amount, "474230")]);
    let document = Document::Expense(report(vec![
        card("e1", "1003", "9"),
        card("e2", "1000", "7"),
        card("e3", "1000", "-2"),
        card("e4", "1003", "-1"),
    ]));
    let plan = plan_with(&document, &rules(&json!({}))).unwrap();
    let payees: Vec<_> = plan.postings.iter().map(|each| each.total).collect();
    assert_eq!(payees, ["8", "5", "10", "9"].map(super::support::dec));
    assert_eq!(
        plan.notes,
        [pair("IBCP", 3, "Bill", 1), pair("IBCP", 4, "Bill", 2)]
    );
}
