use rust_decimal::Decimal;
use serde_json::json;

use super::super::balance::{Expected, prove};
use super::support::{application, card, dec, entry, plan_with, report, rules};
use crate::plan::{PostingKind, Role};
use crate::{Code, Document, Plan};

/// A bill that meets a journal, another journal with a counter side, and a skipped party.
fn sound() -> (Document, Plan, Expected) {
    let mut expense = report(vec![
        entry("e1", &[("EMPL", "315", "474230")]),
        card("e2", "1000", "", &[("CBCP", "20", "474230")]),
        card("e3", "1003", "", &[("IBCP", "7", "474230")]),
    ]);
    expense.applications = vec![application("-300")];
    let mut expected = Expected::of_expense(&expense).unwrap();
    expected.advance("EMPL", dec("-300")).unwrap();
    let document = Document::Expense(expense);
    let rules = rules(&json!({"rules": {"parties": {"IBCP": {"as": "skip"}}}}));
    let plan = plan_with(&document, &rules).unwrap();
    (document, plan, expected)
}

fn broken(change: impl FnOnce(&mut Plan)) -> Vec<String> {
    let (document, mut plan, expected) = sound();
    change(&mut plan);
    let reasons = prove(&plan, &expected, &document);
    for reason in &reasons {
        assert_eq!(reason.code, Code::PlanUnproved);
    }
    reasons.into_iter().map(|reason| reason.field).collect()
}

#[test]
fn a_sound_plan_is_proved() {
    assert_eq!(broken(|_| {}), [""; 0]);
}

#[test]
fn every_tampering_is_found() {
    let cent = dec("0.01");
    assert_eq!(
        broken(|plan| plan.postings[1].lines[0].debit += cent),
        ["plan.postings[1]", "plan.cost"]
    );
    assert_eq!(broken(|plan| plan.postings[2].n = 2), ["plan.postings"]);
    assert_eq!(
        broken(|plan| {
            plan.postings.pop();
        }),
        ["plan.cost", "plan.CBCP"]
    );
    assert_eq!(
        broken(|plan| plan.skipped.clear()),
        ["plan.cost", "plan.IBCP"]
    );
    assert_eq!(
        broken(|plan| plan.gross += cent),
        ["plan.cost", "plan.gross"]
    );
    assert_eq!(
        broken(|plan| {
            let bill = &mut plan.postings[0];
            bill.total += cent;
            bill.lines[0].debit += cent;
        }),
        ["plan.EMPL", "plan.EMPL"]
    );
    assert_eq!(
        broken(|plan| plan.postings[0].kind = PostingKind::DebitAdj),
        ["plan.postings[0]", "plan.EMPL"]
    );
}

#[test]
fn a_line_has_exactly_one_positive_side() {
    let both = broken(|plan| {
        let line = &mut plan.postings[2].lines[0];
        line.debit += Decimal::ONE;
        line.credit += Decimal::ONE;
    });
    assert!(both.contains(&"plan.postings[2]".to_owned()), "{both:?}");
    let none = broken(|plan| {
        let mut line = plan.postings[2].lines[0].clone();
        line.debit = Decimal::ZERO;
        line.role = Role::Clearing;
        plan.postings[2].lines.push(line);
    });
    assert_eq!(none, ["plan.postings[2]"]);
}
